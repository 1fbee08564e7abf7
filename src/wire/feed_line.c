/* Written by hand, read with the canonical reader. A quote of a record takes two bytes in a text, hence the length. */
#include "wire/feed_line.h"

#include "base/err.h"
#include "base/hex.h"
#include "wire/json.h"

#include <string.h>

#define REPLICA_HEAD "{\"replica\":"

void feed_line_record(struct buf *buf, const struct hilf_record *record)
{
	buf_char(buf, '{');
	if (!record->size) {
		json_put_key(buf, "header");
		json_put_string(buf, record->header ? record->header : "", record->header_size);
	}
	json_put_key(buf, "received_ms");
	json_put_integer(buf, record->received_ms);
	json_put_key(buf, "record");
	if (record->size)
		json_put_string(buf, record->bytes, record->size);
	else
		buf_text(buf, "null");
	json_put_key(buf, "salt");
	buf_char(buf, '"');
	buf_hex(buf, record->salt, sizeof record->salt);
	buf_char(buf, '"');
	json_put_key(buf, "seq");
	json_put_integer(buf, (int64_t)record->seq);
	json_put_key(buf, "signature");
	buf_char(buf, '"');
	buf_hex(buf, record->signature, sizeof record->signature);
	buf_text(buf, "\"}\n");
}

void feed_line_replica(struct buf *buf, const char *text, size_t size)
{
	buf_text(buf, REPLICA_HEAD);
	buf_add(buf, text, size);
	buf_text(buf, "}\n");
}

void feed_line_head(struct buf *buf, uint64_t seq, uint64_t local)
{
	buf_text(buf, "{\"head\":{");
	json_put_key(buf, "local");
	json_put_integer(buf, (int64_t)local);
	json_put_key(buf, "seq");
	json_put_integer(buf, (int64_t)seq);
	buf_text(buf, "}}\n");
}

static bool read_hex(const struct json *value, uint8_t *ret_bytes, size_t size)
{
	return value && value->is == JSON_IS_STRING &&
	       hex_decode(value->text, value->size, ret_bytes, size);
}

static bool read_number(const struct json *value, uint64_t *ret_number)
{
	if (!value || value->is != JSON_IS_INTEGER || value->integer < 0)
		return false;
	*ret_number = (uint64_t)value->integer;
	return true;
}

static bool read_head(const struct json *object, struct feed_line *line)
{
	const struct json *head = json_member(object, "head");
	line->kind = FEED_LINE_HEAD;
	return object->count == 1 && head && head->is == JSON_IS_OBJECT && head->count == 2 &&
	       read_number(json_member(head, "local"), &line->local) &&
	       read_number(json_member(head, "seq"), &line->seq);
}

static bool read_record(const struct json *object, struct feed_line *line)
{
	const struct json *record = json_member(object, "record"),
			  *header = json_member(object, "header"),
			  *received = json_member(object, "received_ms");
	struct hilf_record *to = &line->record;
	uint64_t received_ms;
	line->kind = FEED_LINE_RECORD;
	if (object->count != 5u + (header != NULL) || !record ||
		!read_number(received, &received_ms) ||
		!read_number(json_member(object, "seq"), &to->seq) || !to->seq ||
		!read_hex(json_member(object, "salt"), to->salt, sizeof to->salt) ||
		!read_hex(json_member(object, "signature"), to->signature, sizeof to->signature))
		return false;
	to->received_ms = (int64_t)received_ms;
	if (record->is == JSON_IS_NULL) {
		to->header = header && header->is == JSON_IS_STRING ? header->text : NULL;
		to->header_size = to->header ? header->size : 0;
		return to->header_size > 0;
	}
	if (header)
		return false;
	to->bytes = record->text;
	to->size = record->size;
	return record->is == JSON_IS_STRING && to->size && to->size <= LIMIT_RECORD_SIZE;
}

int feed_line_read(const char *line, size_t size, struct arena *arena, struct feed_line *ret_line,
	struct hilf_err *err)
{
	struct feed_line read = {0};
	struct json *object;
	const size_t head_size = sizeof REPLICA_HEAD - 1;
	if (size > head_size + 1 && !memcmp(line, REPLICA_HEAD, head_size) &&
		line[size - 1] == '}') {
		read.kind = FEED_LINE_REPLICA;
		read.replica = line + head_size;
		read.replica_size = size - head_size - 1;
		*ret_line = read;
		return 0;
	}
	int rc = json_parse_canonical(line, size, FEED_LINE_MAX, 2, arena, &object, err);
	if (rc)
		return rc;
	if (object->is != JSON_IS_OBJECT ||
		!(json_member(object, "head") ? read_head(object, &read)
					      : read_record(object, &read)))
		return err_set(err, HILF_E_INVALID, "it is no line of a feed");
	*ret_line = read;
	return 0;
}
