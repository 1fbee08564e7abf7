/* Appends and nothing else: memory that is lacking is found by whoever sends the buffer. */
#include "http/json_out.h"

#include "base/when.h"

#include <stdio.h>

void json_out_key_sized(struct buf *buf, const char *key, size_t size)
{
	bool first =
		!buf->size || buf->data[buf->size - 1] == '{' || buf->data[buf->size - 1] == '[';
	buf_add(buf, key + first, size - first);
}

void json_out_text(struct buf *buf, const char *key, const char *text)
{
	json_put_key(buf, key);
	if (text)
		json_put_text(buf, text);
	else
		buf_add(buf, "null", 4);
}

void json_out_integer(struct buf *buf, const char *key, int64_t value)
{
	json_put_key(buf, key);
	json_put_integer(buf, value);
}

void json_out_bool(struct buf *buf, const char *key, bool value)
{
	json_put_key(buf, key);
	json_put_bool(buf, value);
}

void json_out_time(struct buf *buf, const char *key, int64_t ms)
{
	char text[WHEN_TEXT_SIZE];
	json_put_key(buf, key);
	if (ms <= 0) {
		buf_add(buf, "null", 4);
		return;
	}
	when_format_ms(ms, text);
	buf_format(buf, "\"%s\"", text);
}

void json_out_took(struct buf *buf, const char *key, int64_t us)
{
	char digits[4] = {'.'};
	if (us < 0)
		us = 0;
	json_put_key(buf, key);
	json_put_integer(buf, us / 1000);
	for (int i = 3, rest = (int)(us % 1000); i; i--, rest /= 10)
		digits[i] = (char)('0' + rest % 10);
	buf_add(buf, digits, sizeof digits);
}

void json_out_labels(
	struct buf *buf, const char *key, const struct hilf_label *labels, size_t count)
{
	json_put_key(buf, key);
	buf_char(buf, '{');
	for (size_t i = 0; i < count; i++)
		json_out_text(buf, labels[i].key, labels[i].value);
	buf_char(buf, '}');
}

void json_out_signal(struct buf *buf, const struct hilf_signal *signal)
{
	json_put_item(buf);
	buf_char(buf, '{');
	json_out_text(buf, "type", hilf_signal_type_name(signal->type));
	json_out_key(buf, "value");
	buf_char(buf, '"');
	buf_hex(buf, signal->value, signal->size);
	buf_char(buf, '"');
	if (signal->quality != HILF_QUALITY_UNKNOWN)
		json_out_integer(buf, "quality", signal->quality);
	buf_char(buf, '}');
}

void json_out_texts(struct buf *buf, const char *key, const char *const *texts, size_t count)
{
	json_put_key(buf, key);
	if (!texts) {
		buf_add(buf, "null", 4);
		return;
	}
	buf_char(buf, '[');
	for (size_t i = 0; i < count; i++) {
		json_put_item(buf);
		json_put_text(buf, texts[i]);
	}
	buf_char(buf, ']');
}
