/* Words between blanks. A bank of a million lines is read like this, so a line without labels is parsed where it lies
 * and nothing is copied but the value. */
#include "wire/lines.h"

#include "base/check.h"
#include "base/err.h"
#include "base/utf8.h"
#include "wire/signal_text.h"

#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The next word; its size, 0 at the end. */
static size_t next_word(const char **at, const char *end, const char **ret_word)
{
	const char *word = *at;
	while (word < end && is_blank(*word))
		word++;
	const char *stop = word;
	while (stop < end && !is_blank(*stop))
		stop++;
	*ret_word = word;
	*at = stop;
	return (size_t)(stop - word);
}

static int parse_pair(struct import_row *row, const char *word, size_t size, bool *quality_seen,
	struct hilf_err *err)
{
	const char *equals = memchr(word, '=', size);
	if (!equals) {
		char shown[48];
		utf8_printable(word, size, shown, sizeof shown);
		return err_set(err, HILF_E_INVALID,
			"'%s' is no KEY=VALUE; a line is TYPE VALUE [KEY=VALUE ...]", shown);
	}
	size_t key_size = (size_t)(equals - word);
	size_t value_size = size - key_size - 1;
	if (key_size == 7 && !memcmp(word, "quality", 7)) {
		if (*quality_seen)
			return err_set(err, HILF_E_INVALID, "the quality is there twice");
		*quality_seen = true;
		return import_row_quality(row, equals + 1, value_size, err);
	}
	return import_row_label(row, word, key_size, equals + 1, value_size, err);
}

int lines_parse(const char *text, size_t size, struct import_row *row, struct hilf_err *err)
{
	const char *at = text, *end = text + size;
	const char *type, *value, *word;
	size_t type_size = next_word(&at, end, &type);
	size_t value_size = next_word(&at, end, &value);
	if (value_size == 0) {
		char shown[48];
		utf8_printable(type, type_size, shown, sizeof shown);
		return err_set(err, HILF_E_INVALID,
			"nothing comes after '%s'; a line is TYPE VALUE [KEY=VALUE ...]", shown);
	}
	int rc = signal_text_parse(type, type_size, value, value_size, &row->signal, err);
	bool quality_seen = false;
	while (!rc && at < end) {
		size_t word_size = next_word(&at, end, &word);
		if (word_size)
			rc = parse_pair(row, word, word_size, &quality_seen, err);
	}
	return rc;
}

void lines_write_entry(struct buf *buf, const struct hilf_signal *signal,
	const struct hilf_label *labels, size_t count)
{
	const char *name = signal_text_type_name(signal->type);
	ASSERT(name);
	buf_text(buf, name);
	buf_char(buf, ' ');
	buf_hex(buf, signal->value, signal->size);
	if (signal->quality != HILF_QUALITY_UNKNOWN)
		buf_format(buf, " quality=%d", signal->quality);
	for (size_t i = 0; i < count; i++) {
		buf_char(buf, ' ');
		buf_text(buf, labels[i].key);
		buf_char(buf, '=');
		buf_text(buf, labels[i].value);
	}
	buf_char(buf, '\n');
}
