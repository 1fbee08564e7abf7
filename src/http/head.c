/* A request's head, to the letter of RFC 9112.
 *
 * Parsers are kind (a bare LF ends a line, a blank may stand before a colon, lines may be folded), and each such kindness is a
 * way to hide a request from whoever stands before us. Here the head is read whole, and lines must tile its bytes: each name
 * begins where the line before ended, a colon follows it at once, and the value is all between that and CR LF. What fits no
 * tile is refused. */
#include "base/bits.h"
#include "base/check.h"
#include "base/utf8.h"
#include "http/inside.h"
#include "wire/percent.h"

#include <string.h>
#include <strings.h>

#define FAULT(name_, status_, code_, message_, hint_)                                              \
	static const struct fault name_ = {status_, code_, message_, hint_, "protocol"}

FAULT(fault_line, 400, "bad_request", "the request line is not 'METHOD target HTTP/1.1'", NULL);
FAULT(fault_version, 505, "version_not_supported", "only HTTP/1.1 and HTTP/1.0 are spoken here",
	"HTTP/2 is for a proxy in front to speak");
FAULT(fault_method, 501, "method_not_known", "the request's method is not known", NULL);
FAULT(fault_connect, 501, "not_a_proxy", "this is not a proxy", NULL);
FAULT(fault_target, 400, "bad_target", "the request's target is not a path or an http address",
	NULL);
FAULT(fault_long, 414, "target_too_long", "the request's target is longer than 8 kB", NULL);
FAULT(fault_escape, 400, "bad_target", "the target has a '%' without two hexadecimal digits", NULL);
FAULT(fault_zero, 400, "bad_target", "the target has a zero byte", NULL);
FAULT(fault_slash, 400, "bad_target", "the path has an escaped '/'", NULL);
FAULT(fault_utf8, 400, "bad_target", "the target is not UTF-8", NULL);
FAULT(fault_queries, 400, "bad_target", "the query has more than 128 values", NULL);
FAULT(fault_header, 400, "bad_header",
	"a header line is not 'Name: value', or has control characters", NULL);
FAULT(fault_count, 431, "headers_too_large", "there are more than 100 headers", NULL);
FAULT(fault_host, 400, "bad_host", "there must be one Host header with a host's name", NULL);
FAULT(fault_twice, 400, "bad_header", "a header that may come once came twice", NULL);
FAULT(fault_length, 400, "bad_length", "Content-Length is not a number, or came twice", NULL);
FAULT(fault_coding, 400, "bad_coding", "Transfer-Encoding may be 'chunked' and nothing else", NULL);
FAULT(fault_both, 400, "bad_length", "Content-Length and Transfer-Encoding contradict each other",
	NULL);
FAULT(fault_expect, 417, "expectation_failed", "only 'Expect: 100-continue' can be met", NULL);
FAULT(fault_encoded, 415, "content_encoding",
	"the body is compressed, and bodies are read as they come",
	"send it as it is, without Content-Encoding");
FAULT(fault_upgrade, 501, "no_upgrade", "there is nothing to upgrade to here", NULL);
const struct fault fault_memory = {500, "no_memory", "there is not enough memory", NULL, "memory"};

/* RFC 9110: tchar. What it is in lower case; 0 for what is none. */
static const char tokens[256] = {
	['!'] = '!',
	['#'] = '#',
	['$'] = '$',
	['%'] = '%',
	['&'] = '&',
	['\''] = '\'',
	['*'] = '*',
	['+'] = '+',
	['-'] = '-',
	['.'] = '.',
	['^'] = '^',
	['_'] = '_',
	['`'] = '`',
	['|'] = '|',
	['~'] = '~',
	['0'] = '0',
	['1'] = '1',
	['2'] = '2',
	['3'] = '3',
	['4'] = '4',
	['5'] = '5',
	['6'] = '6',
	['7'] = '7',
	['8'] = '8',
	['9'] = '9',
	['A'] = 'a',
	['B'] = 'b',
	['C'] = 'c',
	['D'] = 'd',
	['E'] = 'e',
	['F'] = 'f',
	['G'] = 'g',
	['H'] = 'h',
	['I'] = 'i',
	['J'] = 'j',
	['K'] = 'k',
	['L'] = 'l',
	['M'] = 'm',
	['N'] = 'n',
	['O'] = 'o',
	['P'] = 'p',
	['Q'] = 'q',
	['R'] = 'r',
	['S'] = 's',
	['T'] = 't',
	['U'] = 'u',
	['V'] = 'v',
	['W'] = 'w',
	['X'] = 'x',
	['Y'] = 'y',
	['Z'] = 'z',
	['a'] = 'a',
	['b'] = 'b',
	['c'] = 'c',
	['d'] = 'd',
	['e'] = 'e',
	['f'] = 'f',
	['g'] = 'g',
	['h'] = 'h',
	['i'] = 'i',
	['j'] = 'j',
	['k'] = 'k',
	['l'] = 'l',
	['m'] = 'm',
	['n'] = 'n',
	['o'] = 'o',
	['p'] = 'p',
	['q'] = 'q',
	['r'] = 'r',
	['s'] = 's',
	['t'] = 't',
	['u'] = 'u',
	['v'] = 'v',
	['w'] = 'w',
	['x'] = 'x',
	['y'] = 'y',
	['z'] = 'z',
};

static bool is_token(unsigned char c)
{
	return tokens[c] != 0;
}

/* Whether there is a byte below `least`, or DEL; eight at a time. */
static bool has_below(const char *text, size_t size, unsigned char least)
{
	uint64_t found = 0, bytes;
	size_t at = 0;
	for (; size - at >= sizeof bytes; at += sizeof bytes) {
		memcpy(&bytes, text + at, sizeof bytes);
		found |= bits_any_below(bytes, least) | bits_any_equal(bytes, 0x7f);
	}
	for (; at < size; at++)
		found |= (unsigned char)text[at] < least || text[at] == 0x7f;
	return found;
}

static bool has_blank(const char *text, size_t size)
{
	return has_below(text, size, ' ' + 1);
}

/* But for tabs. */
static bool has_control(const char *text, size_t size)
{
	if (!has_below(text, size, ' '))
		return false;
	for (size_t i = 0; i < size; i++)
		if (text[i] != '\t' && has_below(text + i, 1, ' '))
			return true;
	return false;
}

int head_end(const char *bytes, size_t size, size_t *io_scanned, size_t *ret_size)
{
	size_t at = *io_scanned;
	/* What no request begins with is refused without waiting for more. */
	if (size && !is_token((unsigned char)bytes[0]))
		return -1;
	for (const char *lf; at < size && (lf = memchr(bytes + at, '\n', size - at));) {
		size_t i = (size_t)(lf - bytes);
		if (i == 0 || bytes[i - 1] != '\r')
			return -1;
		at = i + 1;
		if (i >= 3 && bytes[i - 2] == '\n') {
			*ret_size = at;
			return 1;
		}
	}
	*io_scanned = size;
	return 0;
}

/* ------------------------------------------------------------------------------- the target */

void path_collapse(char *path)
{
	char *to = path;
	for (const char *at = path; *at; at++)
		if (*at != '/' || to == path || to[-1] != '/')
			*to++ = *at;
	*to = '\0';
}

static const struct fault *fault_of(enum percent_fault fault)
{
	switch (fault) {
	case PERCENT_ESCAPE:
		return &fault_escape;
	case PERCENT_NUL:
		return &fault_zero;
	case PERCENT_SLASH:
		return &fault_slash;
	default:
		return &fault_utf8;
	}
}

static const struct fault *query_read(struct http_request *request, char *query, size_t size)
{
	struct text_pair *pairs;
	size_t count = 1, at = 0;
	for (const char *c = query; (c = memchr(c, '&', (size_t)(query + size - c))); c++)
		count++;
	if (count > QUERY_COUNT_MAX)
		return &fault_queries;
	if (!(pairs = arena_array(&request->arena, count, sizeof *pairs)))
		return &fault_memory;
	request->queries = pairs;
	for (bool more = true; more;) {
		struct text_pair *pair = &pairs[request->query_count];
		enum percent_fault fault =
			percent_query_next(query, size, &at, &more, &pair->name, &pair->value);
		if (fault != PERCENT_OK)
			return fault_of(fault);
		request->query_count += more;
	}
	return NULL;
}

static const struct fault *host_read(const char *value)
{
	/* '#' begins a fragment, which nobody is asked for. */
	for (const char *c = value; *c; c++)
		if (*c == '#' || (!is_token((unsigned char)*c) && !strchr(":[](),;=", *c)))
			return &fault_host;
	return NULL;
}

/* Of "http://host:1/path": what stands for Host, and the path. */
static const struct fault *target_absolute(
	struct http_request *request, char **io_target, size_t *io_size)
{
	char *target = *io_target;
	size_t skip = strncasecmp(target, "http://", 7) == 0    ? 7
		      : strncasecmp(target, "https://", 8) == 0 ? 8
								: 0;
	if (!skip)
		return &fault_target;
	size_t size = strcspn(target + skip, "/?");
	char *authority = arena_text(&request->arena, target + skip, size);
	if (!authority)
		return &fault_memory;
	if (!size || host_read(authority))
		return &fault_target;
	request->authority = authority;
	*io_target += skip + size;
	*io_size -= skip + size;
	return NULL;
}

const struct fault *head_target(struct http_request *request, char *target, size_t size)
{
	const struct fault *bad;
	if (strcmp(target, "*") == 0) { /* of OPTIONS */
		request->path = target;
		return NULL;
	}
	if (target[0] != '/' && (bad = target_absolute(request, &target, &size)))
		return bad;
	if (memchr(target, '#', size))
		return &fault_target;
	char *query = memchr(target, '?', size);
	size_t path_size = query ? (size_t)(query - target) : size;
	if (!path_size) {
		request->path = "/"; /* of "http://host" */
	} else {
		enum percent_fault fault = percent_decode_path(target, path_size, &path_size);
		if (fault != PERCENT_OK)
			return fault_of(fault);
		target[path_size] = '\0';
		request->path = target;
	}
	return query ? query_read(request, query + 1, size - (size_t)(query + 1 - target)) : NULL;
}

/* ------------------------------------------------------------------------------- headers that decide */

enum {
	SEEN_HOST = 1 << 0,
	SEEN_LENGTH = 1 << 1,
	SEEN_CODING = 1 << 2,
	SEEN_TYPE = 1 << 3,
	SEEN_EXPECT = 1 << 4,
	SEEN_KEY = 1 << 5,
	SEEN_ORIGIN = 1 << 6,
};

struct tiling {
	struct http_request *request;
	char *at;  /* where the next line begins */
	char *end; /* of the head */
	size_t name_size;
	unsigned seen;
};

static const struct fault *length_read(struct http_request *request, const char *value)
{
	uint64_t length = 0;
	size_t digits = strspn(value, "0123456789");
	if (!digits || value[digits] || digits > 18)
		return &fault_length;
	for (const char *c = value; *c; c++)
		length = length * 10 + (uint64_t)(*c - '0');
	request->has_length = true;
	request->content_size = length;
	return NULL;
}

static void connection_read(struct http_request *request, const char *value)
{
	while (*value) {
		size_t skip = strspn(value, ", \t"), size = strcspn(value + skip, ", \t");
		if (size == 5 && strncasecmp(value + skip, "close", 5) == 0)
			request->keep_alive = false;
		value += skip + size;
	}
}

/* "Upgrade: h2c", which some clients send with whatever they ask, may be ignored (RFC 9110, 7.8). */
static const struct fault *upgrade_read(const char *value)
{
	return strncasecmp(value, "h2c", 3) == 0 && (!value[3] || strchr(", \t", value[3]))
		       ? NULL
		       : &fault_upgrade;
}

static const struct fault *type_read(struct http_request *request, const char *value)
{
	size_t size = strcspn(value, "; \t,");
	char *type = arena_text(&request->arena, value, size);
	if (!type)
		return &fault_memory;
	for (char *c = type; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c |= 0x20;
	request->media_type = type;
	return NULL;
}

static bool once(struct tiling *tiling, unsigned what)
{
	bool first = !(tiling->seen & what);
	tiling->seen |= what;
	return first;
}

/* What the server itself must know. name is lower case. */
static const struct fault *header_weigh(struct tiling *tiling, const char *name, const char *value)
{
	struct http_request *request = tiling->request;
	switch (tiling->name_size) {
	case 4:
		if (memcmp(name, "host", 4) == 0)
			return once(tiling, SEEN_HOST) ? host_read(value) : &fault_host;
		return NULL;
	case 6:
		if (memcmp(name, "expect", 6) == 0) {
			request->expects = strcasecmp(value, "100-continue") == 0;
			return once(tiling, SEEN_EXPECT) && request->expects ? NULL : &fault_expect;
		}
		return memcmp(name, "origin", 6) == 0 && !once(tiling, SEEN_ORIGIN) ? &fault_twice
										    : NULL;
	case 7:
		return memcmp(name, "upgrade", 7) == 0 ? upgrade_read(value) : NULL;
	case 10:
		if (memcmp(name, "connection", 10) == 0)
			connection_read(request, value);
		return NULL;
	case 12:
		if (memcmp(name, "content-type", 12) == 0)
			return once(tiling, SEEN_TYPE) ? type_read(request, value) : &fault_twice;
		return NULL;
	case 13:
		return memcmp(name, "authorization", 13) == 0 && !once(tiling, SEEN_KEY)
			       ? &fault_twice
			       : NULL;
	case 14:
		if (memcmp(name, "content-length", 14) == 0)
			return once(tiling, SEEN_LENGTH) ? length_read(request, value)
							 : &fault_length;
		return NULL;
	case 16:
		/* Read as it is, a compressed picture would be a broken one: undecided, with nobody the wiser. */
		if (memcmp(name, "content-encoding", 16) == 0)
			request->is_encoded = request->is_encoded ||
					      (*value && strcasecmp(value, "identity") != 0);
		return NULL;
	case 17:
		if (memcmp(name, "transfer-encoding", 17) == 0) {
			request->body.is_chunked = true;
			return once(tiling, SEEN_CODING) && strcasecmp(value, "chunked") == 0
				       ? NULL
				       : &fault_coding;
		}
		return NULL;
	default:
		return NULL;
	}
}

/* ------------------------------------------------------------------------------- the tiling */

/* One line; the head's end, an empty line, is not reached yet. */
static const struct fault *header_read(struct tiling *tiling)
{
	struct http_request *request = tiling->request;
	char *name = tiling->at, *colon = name, c;
	for (; (c = tokens[(unsigned char)*colon]); colon++)
		*colon = c;
	if (colon == name || *colon != ':')
		return &fault_header;
	char *value = colon + 1;
	char *cr = memchr(value, '\r', (size_t)(tiling->end - value));
	if (!cr || cr[1] != '\n' || cr[2] == ' ' || cr[2] == '\t')
		return &fault_header; /* the last two: it goes on in the next line, folded */
	while (value < cr && (*value == ' ' || *value == '\t'))
		value++;
	char *last = cr;
	while (last > value && (last[-1] == ' ' || last[-1] == '\t'))
		last--;
	if (has_control(value, (size_t)(last - value)))
		return &fault_header;
	if (request->header_count == HEAD_COUNT_MAX)
		return &fault_count;
	*colon = '\0';
	*last = '\0';
	request->list[request->header_count++] = (struct text_pair){name, value};
	tiling->name_size = (size_t)(colon - name);
	tiling->at = cr + 2;
	return header_weigh(tiling, name, value);
}

static const struct fault *headers_read(struct tiling *tiling)
{
	const struct fault *bad = NULL;
	/* head_end has seen to it that the head ends with an empty line, and that there is no other. */
	while (!bad && tiling->end - tiling->at > 2)
		bad = header_read(tiling);
	return !bad && tiling->end - tiling->at != 2 ? &fault_header : bad;
}

/* RFC 9110 and PATCH; other methods are for servers that have them. */
static const struct fault *method_check(const char *method)
{
	static const char *const known[] = {
		"GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"};
	for (size_t i = 0; i < COUNT_OF(known); i++)
		if (strcmp(method, known[i]) == 0)
			return NULL;
	return strcmp(method, "CONNECT") == 0 ? &fault_connect : &fault_method;
}

/* "METHOD target HTTP/1.x" and CR LF: the method and target are terminated afterwards. */
static const struct fault *line_read(struct http_request *request, char *line, char **ret_target,
	size_t *ret_size, char **ret_end)
{
	char *end = strchr(line, '\r'); /* head_end has seen to it that LF follows somewhere */
	char *target = strchr(line, ' ');
	if (!end || end[1] != '\n' || !target || target > end || target == line)
		return &fault_line;
	for (const char *c = line; c < target; c++)
		if (!is_token((unsigned char)*c))
			return &fault_line;
	target++;
	if (end - target > (ptrdiff_t)HEAD_TARGET_MAX + 9)
		return &fault_long;
	char *version = memchr(target, ' ', (size_t)(end - target));
	if (!version || version == target || end - version != 9 ||
		memcmp(version + 1, "HTTP/", 5) != 0)
		return &fault_line;
	if (has_blank(target, (size_t)(version - target)))
		return &fault_line;
	if (memcmp(version + 6, "1.1", 3) != 0 && memcmp(version + 6, "1.0", 3) != 0)
		return &fault_version;
	request->is_http10 = version[8] == '0';
	*ret_target = target;
	*ret_size = (size_t)(version - target);
	*ret_end = end + 2;
	return NULL;
}

/* What the headers say together. */
static const struct fault *head_weigh(struct http_request *request, const struct tiling *tiling)
{
	if (!(tiling->seen & SEEN_HOST) && !request->is_http10)
		return &fault_host;
	if (request->body.is_chunked && request->has_length)
		return &fault_both;
	if (request->body.is_chunked && request->is_http10)
		return &fault_coding;
	if (request->is_http10) {
		request->keep_alive = false;
		request->expects = false;
	}
	if (request->is_encoded && (request->body.is_chunked || request->content_size))
		return &fault_encoded;
	return NULL;
}

const struct fault *head_parse(struct http_request *request, const char *bytes, size_t size)
{
	const struct fault *bad;
	char *text = arena_text(&request->arena, bytes, size), *target, *headers;
	size_t target_size;
	if (!text)
		return &fault_memory;
	if (memchr(text, '\0', size))
		return &fault_header;
	request->keep_alive = true;
	request->media_type = "";
	if ((bad = line_read(request, text, &target, &target_size, &headers)))
		return bad;
	request->method = text;
	target[-1] = '\0';
	target[target_size] = '\0';
	request->is_head = strcmp(text, "HEAD") == 0;
	struct tiling tiling = {.request = request, .at = headers, .end = text + size};
	if ((bad = method_check(text)) || (bad = headers_read(&tiling)) ||
		(bad = head_weigh(request, &tiling)))
		return bad;
	if (target[0] == '*' && strcmp(text, "OPTIONS") != 0)
		return &fault_target;
	return head_target(request, target, target_size);
}
