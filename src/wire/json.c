/* Canonical JSON (RFC 8259 and 8785), read by recursive descent that knows one spelling only. Keys
 * come in ascending order, so one comparison with the key before finds duplicates and disorder
 * alike, without a hash table. */
#include "wire/json.h"

#include "base/check.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/utf8.h"

#include <string.h>

/* --------------------------------------------------------------------------------------- writing */

/* What follows the backslash of a short escape; 'u' where only the long one exists; 0 for what
 * stays as it is. */
static const char escapes[256] = {'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'b', 't', 'n', 'u', 'f',
	'r', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u',
	'u', ['"'] = '"', ['\\'] = '\\'};

static const char hex_digits[] = "0123456789abcdef";

void json_put_item(struct buf *buf)
{
	char last = buf->size ? buf->data[buf->size - 1] : '[';
	if (last != '[' && last != '{' && last != ':')
		buf_char(buf, ',');
}

void json_put_key(struct buf *buf, const char *key)
{
	json_put_item(buf);
	buf_char(buf, '"');
	buf_text(buf, key);
	buf_add(buf, "\":", 2);
}

void json_put_string(struct buf *buf, const char *text, size_t size)
{
	size_t from = 0;
	buf_char(buf, '"');
	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)text[i];
		if (!escapes[c])
			continue;
		buf_add(buf, text + from, i - from);
		from = i + 1;
		if (escapes[c] == 'u') {
			char longer[6] = {
				'\\', 'u', '0', '0', hex_digits[c >> 4], hex_digits[c & 15]};
			buf_add(buf, longer, sizeof longer);
		} else {
			char shorter[2] = {'\\', escapes[c]};
			buf_add(buf, shorter, sizeof shorter);
		}
	}
	buf_add(buf, text + from, size - from);
	buf_char(buf, '"');
}

void json_put_text(struct buf *buf, const char *text)
{
	json_put_string(buf, text, strlen(text));
}

void json_put_integer(struct buf *buf, int64_t value)
{
	char digits[24];
	size_t at = sizeof digits;
	ASSERT(value <= LIMIT_JSON_INTEGER && value >= -LIMIT_JSON_INTEGER);
	if (value >= 0 && value < 10) {
		buf_char(buf, (char)('0' + value));
		return;
	}
	uint64_t rest = value < 0 ? (uint64_t)-value : (uint64_t)value;
	do {
		digits[--at] = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest);
	if (value < 0)
		digits[--at] = '-';
	buf_add(buf, digits + at, sizeof digits - at);
}

void json_put_bool(struct buf *buf, bool value)
{
	buf_text(buf, value ? "true" : "false");
}

size_t json_string_size(const char *text, size_t size)
{
	size_t total = size + 2;
	for (size_t i = 0; i < size; i++) {
		char escape = escapes[(unsigned char)text[i]];
		if (escape)
			total += escape == 'u' ? 5 : 1;
	}
	return total;
}

/* --------------------------------------------------------------------------------------- reading */

struct reader {
	const char *bytes;
	size_t size, at;
	unsigned depth, depth_max;
	struct arena *arena;
	struct hilf_err *err;
};

static int parse_value(struct reader *reader, struct json **ret_value);

static int refuse(struct reader *reader, size_t at, const char *what)
{
	return err_set(reader->err, HILF_E_INVALID, "not canonical JSON at byte %zu: %s", at, what);
}

static bool is_next(const struct reader *reader, char c)
{
	return reader->at < reader->size && reader->bytes[reader->at] == c;
}

/* Says what stands where `wanted` should. */
static int refuse_next(struct reader *reader, const char *wanted)
{
	if (reader->at == reader->size)
		return err_set(reader->err, HILF_E_INVALID,
			"not canonical JSON at byte %zu: %s was expected, but the text ends",
			reader->at, wanted);
	char c = reader->bytes[reader->at], shown[24];
	if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
		return refuse(reader, reader->at,
			"a blank or line end, which the canonical form does not have");
	uint32_t code;
	size_t step = utf8_next(reader->bytes + reader->at, reader->size - reader->at, &code);
	utf8_printable(reader->bytes + reader->at, step ? step : 1, shown, sizeof shown);
	return err_set(reader->err, HILF_E_INVALID,
		"not canonical JSON at byte %zu: %s was expected, not '%s'", reader->at, wanted,
		shown);
}

static struct json *value_new(struct reader *reader, enum json_is is)
{
	struct json *value = arena_alloc(reader->arena, sizeof *value);
	if (value) {
		value->is = is;
		value->at = (uint32_t)reader->at;
	} else {
		err_no_memory(reader->err);
	}
	return value;
}

/* Reads the escape at bytes[at], a backslash, that canonical text may hold; its size, 0 for any
 * other. */
static size_t read_escape(const struct reader *reader, size_t at, char *ret_char)
{
	const char *s = reader->bytes + at;
	size_t left = reader->size - at;
	if (left < 2)
		return 0;
	if (s[1] != 'u') {
		for (unsigned c = 0; c < 128; c++)
			if (s[1] && escapes[c] == s[1]) {
				*ret_char = (char)c;
				return 2;
			}
		return 0;
	}
	if (left < 6 || s[2] != '0' || s[3] != '0' || (s[4] != '0' && s[4] != '1') || !s[5])
		return 0;
	const char *digit = strchr(hex_digits, s[5]);
	if (!digit)
		return 0;
	unsigned code = (unsigned)(s[4] - '0') * 16 + (unsigned)(digit - hex_digits);
	if (!code || escapes[code] != 'u')
		return 0;
	*ret_char = (char)code;
	return 6;
}

static const char *unescape(struct reader *reader, size_t from, size_t to, size_t *ret_size)
{
	char *text = arena_alloc(reader->arena, to - from + 1);
	size_t size = 0;
	if (!text)
		return NULL;
	while (from < to) {
		char c = reader->bytes[from];
		from += c == '\\' ? read_escape(reader, from, &c) : 1;
		text[size++] = c;
	}
	*ret_size = size;
	return text;
}

/* The string that begins at the quote reader->at. */
static int parse_string(struct reader *reader, const char **ret_text, uint32_t *ret_size)
{
	size_t from = ++reader->at;
	bool escaped = false;
	for (;;) {
		if (reader->at == reader->size)
			return refuse(reader, from - 1, "a string without an end");
		unsigned char c = (unsigned char)reader->bytes[reader->at];
		if (c == '"')
			break;
		if (c < 0x20)
			return refuse(
				reader, reader->at, "a control character, which must be escaped");
		size_t step = 1;
		if (c == '\\') {
			char ignored;
			step = read_escape(reader, reader->at, &ignored);
			if (!step)
				return refuse(reader, reader->at,
					"an escape that the canonical form does not use");
			escaped = true;
		} else if (c >= 0x80) {
			uint32_t ignored;
			step = utf8_next(
				reader->bytes + reader->at, reader->size - reader->at, &ignored);
			if (!step)
				return refuse(reader, reader->at, "bytes that are not UTF-8");
		}
		reader->at += step;
	}
	const char *text = reader->bytes + from;
	size_t size = reader->at - from;
	if (escaped && !(text = unescape(reader, from, reader->at, &size)))
		return err_no_memory(reader->err);
	reader->at++;
	*ret_text = text;
	*ret_size = (uint32_t)size;
	return HILF_OK;
}

static int parse_integer(struct reader *reader, int64_t *ret_integer)
{
	size_t from = reader->at;
	bool minus = is_next(reader, '-');
	reader->at += minus;
	size_t first = reader->at;
	int64_t value = 0;
	while (reader->at < reader->size && reader->bytes[reader->at] >= '0' &&
		reader->bytes[reader->at] <= '9') {
		value = value * 10 + (reader->bytes[reader->at++] - '0');
		if (value > LIMIT_JSON_INTEGER)
			return refuse(reader, from, "a number beyond 2^53 - 1");
	}
	if (reader->at == first)
		return refuse_next(reader, "a digit");
	if (is_next(reader, '.') || is_next(reader, 'e') || is_next(reader, 'E'))
		return refuse(reader, from, "a number that is no integer");
	if (reader->bytes[first] == '0' && (minus || reader->at > first + 1))
		return refuse(reader, from, "a number with a needless zero or sign");
	*ret_integer = minus ? -value : value;
	return HILF_OK;
}

static int parse_word(struct reader *reader, const char *word)
{
	size_t size = strlen(word);
	if (reader->size - reader->at < size || memcmp(reader->bytes + reader->at, word, size) != 0)
		return refuse_next(reader, "a value");
	reader->at += size;
	return HILF_OK;
}

static int parse_items(struct reader *reader, struct json *array)
{
	struct json **link = &array->first;
	reader->at++;
	if (is_next(reader, ']')) {
		reader->at++;
		return HILF_OK;
	}
	for (;;) {
		int rc = parse_value(reader, link);
		if (rc)
			return rc;
		link = &(*link)->next;
		array->count++;
		if (is_next(reader, ']')) {
			reader->at++;
			return HILF_OK;
		}
		if (!is_next(reader, ','))
			return refuse_next(reader, "',' or ']'");
		reader->at++;
	}
}

static int compare_keys(const char *a, size_t a_size, const char *b, size_t b_size)
{
	int order = memcmp(a, b, a_size < b_size ? a_size : b_size);
	return order ? order : (a_size > b_size) - (a_size < b_size);
}

/* Reads a key with its colon, and holds it against the key before it. */
static int parse_key(
	struct reader *reader, const struct json *before, const char **ret_key, uint32_t *ret_size)
{
	size_t from = reader->at;
	if (!is_next(reader, '"'))
		return refuse_next(reader, "a key");
	int rc = parse_string(reader, ret_key, ret_size);
	if (rc)
		return rc;
	for (uint32_t i = 0; i < *ret_size; i++)
		if ((*ret_key)[i] & 0x80)
			return refuse(reader, from, "a key that is not ASCII");
	int order = before ? compare_keys(before->key, before->key_size, *ret_key, *ret_size) : -1;
	if (order == 0)
		return refuse(reader, from, "a key that is there twice");
	if (order > 0)
		return refuse(reader, from, "a key out of order; they are in ascending order");
	if (!is_next(reader, ':'))
		return refuse_next(reader, "':'");
	reader->at++;
	return HILF_OK;
}

static int parse_members(struct reader *reader, struct json *object)
{
	struct json **link = &object->first;
	const struct json *before = NULL;
	reader->at++;
	if (is_next(reader, '}')) {
		reader->at++;
		return HILF_OK;
	}
	for (;;) {
		const char *key;
		uint32_t key_size;
		int rc = parse_key(reader, before, &key, &key_size);
		if (!rc)
			rc = parse_value(reader, link);
		if (rc)
			return rc;
		(*link)->key = key;
		(*link)->key_size = key_size;
		before = *link;
		link = &(*link)->next;
		object->count++;
		if (is_next(reader, '}')) {
			reader->at++;
			return HILF_OK;
		}
		if (!is_next(reader, ','))
			return refuse_next(reader, "',' or '}'");
		reader->at++;
	}
}

static int parse_nested(struct reader *reader, struct json *value)
{
	if (reader->depth == reader->depth_max)
		return err_set(reader->err, HILF_E_LIMIT,
			"JSON nested deeper than %u levels at byte %zu", reader->depth_max,
			reader->at);
	reader->depth++;
	int rc = value->is == JSON_IS_ARRAY ? parse_items(reader, value)
					    : parse_members(reader, value);
	reader->depth--;
	return rc;
}

static int parse_value(struct reader *reader, struct json **ret_value)
{
	enum json_is is = JSON_IS_NULL;
	char c = reader->at < reader->size ? reader->bytes[reader->at] : '\0';
	if (c == '"')
		is = JSON_IS_STRING;
	else if (c == '[')
		is = JSON_IS_ARRAY;
	else if (c == '{')
		is = JSON_IS_OBJECT;
	else if (c == '-' || (c >= '0' && c <= '9'))
		is = JSON_IS_INTEGER;
	else if (c == 't' || c == 'f')
		is = JSON_IS_BOOL;
	else if (c != 'n')
		return refuse_next(reader, "a value");
	struct json *value = value_new(reader, is);
	if (!value)
		return HILF_E_NO_MEMORY;
	*ret_value = value;
	switch (is) {
	case JSON_IS_STRING:
		return parse_string(reader, &value->text, &value->size);
	case JSON_IS_INTEGER:
		return parse_integer(reader, &value->integer);
	case JSON_IS_BOOL:
		value->truth = c == 't';
		return parse_word(reader, value->truth ? "true" : "false");
	case JSON_IS_NULL:
		return parse_word(reader, "null");
	default:
		return parse_nested(reader, value);
	}
}

int json_parse_canonical(const char *bytes, size_t size, size_t size_max, unsigned depth_max,
	struct arena *arena, struct json **ret_value, struct hilf_err *err)
{
	struct reader reader = {
		.bytes = bytes, .size = size, .depth_max = depth_max, .arena = arena, .err = err};
	ASSERT(size_max <= UINT32_MAX);
	if (size > size_max)
		return err_set(err, HILF_E_LIMIT, "%zu bytes of JSON, of which %zu are allowed",
			size, size_max);
	struct json *value;
	int rc = parse_value(&reader, &value);
	if (rc)
		return rc;
	if (reader.at < size)
		return refuse(&reader, reader.at, "bytes after the end");
	*ret_value = value;
	return HILF_OK;
}

const struct json *json_member(const struct json *object, const char *key)
{
	size_t size = strlen(key);
	ASSERT(object->is == JSON_IS_OBJECT);
	for (const struct json *member = object->first; member; member = member->next)
		if (member->key_size == size && !memcmp(member->key, key, size))
			return member;
	return NULL;
}
