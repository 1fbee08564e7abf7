/* Packets of fixed shape. Writing and reading walk the same fields in the same order; what reading adds is that it
 * believes none of them. */
#include "wire/fetch_msg.h"

#include "base/check.h"
#include "wire/place.h"

#include <string.h>
#include <strings.h>

#define MAGIC 0x31666868u /* "hhf1" */

static void put_bytes(struct place *place, struct fetch_text text)
{
	place_put(place, text.size, 4);
	if (place->bad || text.size > place->size - place->index) {
		place->bad = true;
		return;
	}
	if (text.size)
		memcpy(place->bytes + place->index, text.text, text.size);
	place->index += text.size;
}

static struct fetch_text take_bytes(struct place *place, size_t least, size_t most)
{
	struct fetch_text text = {0};
	size_t size = (size_t)place_take_within(place, 4, least, most);
	if (place->bad || size > place->size - place->index) {
		place->bad = true;
		return text;
	}
	text = (struct fetch_text){(const char *)place->read + place->index, size};
	place->index += size;
	return text;
}

static bool printable(char c)
{
	return c >= 0x20 && c < 0x7f;
}

/* Printable ASCII. */
static struct fetch_text take_printable(struct place *place, size_t least, size_t most)
{
	struct fetch_text text = take_bytes(place, least, most);
	for (size_t i = 0; i < text.size; i++)
		if (!printable(text.text[i]))
			place->bad = true;
	return text;
}

/* Lines of printable ASCII, each ended; returns how many in *ret_count. */
static struct fetch_text take_lines(struct place *place, size_t most, size_t *ret_count)
{
	struct fetch_text text = take_bytes(place, 0, most);
	*ret_count = 0;
	for (size_t i = 0; i < text.size; i++) {
		if (text.text[i] == '\n')
			++*ret_count;
		else if (!printable(text.text[i]))
			place->bad = true;
	}
	if (text.size && text.text[text.size - 1] != '\n')
		place->bad = true;
	return text;
}

static void put_text(struct place *place, const char *text, size_t most)
{
	size_t size = strnlen(text, most);
	place_put(place, size, 2);
	for (size_t i = 0; i < size; i++)
		place_put(place, printable(text[i]) ? (uint8_t)text[i] : '?', 1);
}

static void take_text(struct place *place, char *ret_text, size_t most)
{
	uint64_t size = place_take_within(place, 2, 0, most);
	for (uint64_t i = 0; !place->bad && i < size; i++)
		ret_text[i] = (char)place_take_within(place, 1, 0x20, 0x7e);
	if (!place->bad)
		ret_text[size] = '\0';
}

static void put_hello(struct place *place, const struct fetch_hello *hello)
{
	place_put(place, hello->version, 4);
	place_put(place, hello->walls, 4);
	place_put(place, hello->trusted_count, 4);
	place_put(place, (uint32_t)hello->failure, 4);
}

static void put_conf(struct place *place, const struct fetch_conf_msg *conf)
{
	place_put(place, conf->request_max, 4);
	place_put(place, conf->only_allowed, 1);
	put_bytes(place, conf->ca_file);
	place_put(place, conf->rule_count, 4);
	put_bytes(place, conf->rules);
}

static void put_request(struct place *place, const struct fetch_request_msg *request)
{
	place_put(place, request->size_max, 8);
	place_put(place, request->body_size, 8);
	place_put(place, request->timeout_ms, 4);
	place_put(place, request->no_redirects, 1);
	place_put(place, request->has_body, 1);
	put_bytes(place, request->method);
	put_bytes(place, request->url);
	put_bytes(place, request->headers);
}

size_t fetch_msg_write(const struct fetch_msg *msg, uint8_t *ret_bytes, size_t room)
{
	struct place place = {.bytes = ret_bytes, .size = room};
	place_put(&place, MAGIC, 4);
	place_put(&place, msg->kind, 2);
	place_put(&place, 0, 2);
	switch (msg->kind) {
	case FETCH_HELLO:
		put_hello(&place, &msg->hello);
		put_text(&place, msg->text, FETCH_TEXT_MAX);
		break;
	case FETCH_CONF:
		put_conf(&place, &msg->conf);
		break;
	case FETCH_START:
		place_put(&place, msg->start, 4);
		break;
	case FETCH_REQUEST:
		put_request(&place, &msg->request);
		break;
	case FETCH_DIAL:
		place_put(&place, msg->dial.timeout_ms, 4);
		place_put(&place, msg->dial.port, 2);
		put_bytes(&place, msg->dial.host);
		break;
	case FETCH_DIALLED:
		for (size_t i = 0; i < sizeof msg->dialled.bytes; i++)
			place_put(&place, msg->dialled.bytes[i], 1);
		break;
	case FETCH_HEAD:
		place_put(&place, msg->head, 2);
		put_text(&place, msg->text, FETCH_TYPE_MAX);
		break;
	case FETCH_BODY:
		put_bytes(&place, msg->body);
		break;
	case FETCH_END:
		place_put(&place, msg->end, 8);
		break;
	case FETCH_FAILURE:
		place_put(&place, (uint32_t)msg->failure, 4);
		put_text(&place, msg->text, FETCH_TEXT_MAX);
		break;
	case FETCH_REPORT:
		place_put(&place, msg->report.killed, 1);
		place_put(&place, msg->report.late, 1);
		place_put(&place, msg->report.number, 1);
		break;
	}
	return place.bad ? 0 : place.index;
}

/* A negative hilf_code, or where `or_none`, 0. */
static int32_t take_code(struct place *place, bool or_none)
{
	int32_t code = (int32_t)(uint32_t)place_take(place, 4);
	if (code > (or_none ? 0 : -1) || code < HILF_E_STOPPED)
		place->bad = true;
	return code;
}

static void take_hello(struct place *place, struct fetch_msg *msg)
{
	msg->hello.version = (uint32_t)place_take(place, 4);
	msg->hello.walls = (uint32_t)place_take(place, 4);
	msg->hello.trusted_count = (uint32_t)place_take(place, 4);
	msg->hello.failure = take_code(place, true);
	take_text(place, msg->text, FETCH_TEXT_MAX);
}

static void take_conf(struct place *place, struct fetch_conf_msg *conf)
{
	size_t count = 0;
	conf->request_max = (uint32_t)place_take(place, 4);
	conf->only_allowed = (uint8_t)place_take_within(place, 1, 0, 1);
	conf->ca_file = take_printable(place, 0, FETCH_PATH_MAX);
	conf->rule_count = (uint32_t)place_take_within(place, 4, 0, FETCH_RULES_MAX);
	conf->rules = take_lines(place, place->size, &count);
	if (count != conf->rule_count)
		place->bad = true;
}

static void take_request(struct place *place, struct fetch_request_msg *request)
{
	size_t count = 0;
	request->size_max = place_take(place, 8);
	request->body_size = place_take(place, 8);
	request->timeout_ms = (uint32_t)place_take(place, 4);
	request->no_redirects = (uint8_t)place_take_within(place, 1, 0, 1);
	request->has_body = (uint8_t)place_take_within(place, 1, 0, 1);
	request->method = take_bytes(place, 1, FETCH_METHOD_MAX);
	for (size_t i = 0; i < request->method.size; i++)
		if (request->method.text[i] < 'A' || request->method.text[i] > 'Z')
			place->bad = true;
	request->url = take_printable(place, 1, WEB_URL_MAX);
	request->headers = take_lines(place, FETCH_HEADERS_SIZE, &count);
	struct fetch_text rest = request->headers, line;
	while (!place->bad && fetch_next_line(&rest, &line))
		place->bad = !fetch_header_valid(line.text, line.size);
	if (count > FETCH_HEADERS_MAX || (request->body_size && !request->has_body))
		place->bad = true;
}

static void take_kind(struct place *place, struct fetch_msg *msg)
{
	switch (msg->kind) {
	case FETCH_HELLO:
		take_hello(place, msg);
		break;
	case FETCH_CONF:
		take_conf(place, &msg->conf);
		break;
	case FETCH_START:
		msg->start = (uint32_t)place_take(place, 4);
		break;
	case FETCH_REQUEST:
		take_request(place, &msg->request);
		break;
	case FETCH_DIAL:
		msg->dial.timeout_ms = (uint32_t)place_take(place, 4);
		msg->dial.port = (uint16_t)place_take_within(place, 2, 1, 65535);
		msg->dial.host = take_printable(place, 1, WEB_HOST_MAX);
		break;
	case FETCH_DIALLED:
		for (size_t i = 0; i < sizeof msg->dialled.bytes; i++)
			msg->dialled.bytes[i] = (uint8_t)place_take(place, 1);
		break;
	case FETCH_HEAD:
		msg->head = (uint16_t)place_take_within(place, 2, 200, 999);
		take_text(place, msg->text, FETCH_TYPE_MAX);
		break;
	case FETCH_BODY:
		msg->body = take_bytes(place, 1, FETCH_BODY_MAX);
		break;
	case FETCH_END:
		msg->end = place_take(place, 8);
		break;
	case FETCH_FAILURE:
		msg->failure = take_code(place, false);
		take_text(place, msg->text, FETCH_TEXT_MAX);
		break;
	case FETCH_REPORT:
		msg->report.killed = (uint8_t)place_take_within(place, 1, 0, 1);
		msg->report.late = (uint8_t)place_take_within(place, 1, 0, 1);
		msg->report.number = (uint8_t)place_take(place, 1);
		break;
	}
}

bool fetch_msg_read(const uint8_t *bytes, size_t size, struct fetch_msg *ret_msg)
{
	struct place place = {.read = bytes, .size = size};
	struct fetch_msg msg = {0};
	if (place_take(&place, 4) != MAGIC)
		return false;
	msg.kind = (enum fetch_kind)place_take_within(&place, 2, FETCH_HELLO, FETCH_REPORT);
	place_take_within(&place, 2, 0, 0);
	if (place.bad)
		return false;
	take_kind(&place, &msg);
	if (place.bad || place.index != size)
		return false;
	*ret_msg = msg;
	return true;
}

bool fetch_next_line(struct fetch_text *text, struct fetch_text *ret_line)
{
	const char *end = text->size ? memchr(text->text, '\n', text->size) : NULL;
	if (!end)
		return false;
	*ret_line = (struct fetch_text){text->text, (size_t)(end - text->text)};
	text->text = end + 1;
	text->size -= ret_line->size + 1;
	return true;
}

static bool is_token_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c && strchr("!#$%&'*+-.^_`|~", c));
}

bool fetch_header_valid(const char *text, size_t size)
{
	/* What frames the message, names its receiver or asks for what is not read. */
	static const char *const ours[] = {"Accept-Encoding", "Connection", "Content-Length",
		"Expect", "Host", "HTTP2-Settings", "Keep-Alive", "Proxy-Authorization",
		"Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade"};
	size_t name = 0;
	while (name < size && is_token_char(text[name]))
		name++;
	if (name == 0 || name + 2 >= size || text[name] != ':' || text[name + 1] != ' ')
		return false;
	for (size_t i = name; i < size; i++)
		if (!printable(text[i]))
			return false;
	for (size_t i = 0; i < COUNT_OF(ours); i++)
		if (strlen(ours[i]) == name && strncasecmp(text, ours[i], name) == 0)
			return false;
	return true;
}
