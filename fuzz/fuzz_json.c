/* Whatever the reader of canonical JSON takes, the writer must give back byte for byte. */
#include "base/check.h"
#include "base/limits.h"
#include "wire/json.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void put_value(struct buf *buf, const struct json *value)
{
	const struct json *item = NULL;
	switch (value->is) {
	case JSON_IS_NULL:
		buf_text(buf, "null");
		return;
	case JSON_IS_BOOL:
		json_put_bool(buf, value->truth);
		return;
	case JSON_IS_INTEGER:
		json_put_integer(buf, value->integer);
		return;
	case JSON_IS_STRING:
		json_put_string(buf, value->text, value->size);
		return;
	default:
		break;
	}
	bool object = value->is == JSON_IS_OBJECT;
	uint32_t count = 0;
	buf_char(buf, object ? '{' : '[');
	for (item = value->first; item; item = item->next, count++) {
		json_put_item(buf);
		if (object) {
			json_put_string(buf, item->key, item->key_size);
			buf_char(buf, ':');
		}
		put_value(buf, item);
	}
	ASSERT(count == value->count);
	buf_char(buf, object ? '}' : ']');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct arena arena;
	struct json *value;
	struct hilf_err err = {.text = ""};
	arena_init(&arena, 0);
	int rc = json_parse_canonical(
		text, size, LIMIT_RECORD_SIZE, LIMIT_JSON_DEPTH, &arena, &value, &err);
	if (!rc) {
		struct buf again = BUF_INIT;
		put_value(&again, value);
		ASSERT(again.failed || (again.size == size && !memcmp(again.data, text, size)));
		buf_free(&again);
	} else {
		ASSERT(rc == (int)err.code && strlen(err.text) > 0);
	}
	arena_clear(&arena);
	return 0;
}
