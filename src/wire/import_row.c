/* Rows own the text of their labels in an array that is large enough for the most there can be. */
#include "wire/import_row.h"

#include "base/check.h"
#include "base/err.h"
#include "base/utf8.h"
#include "wire/record.h"

#include <string.h>

void import_row_begin(struct import_row *row, unsigned long line)
{
	row->line = line;
	row->label_count = row->own_count = 0;
	row->text_size = 0;
}

static const char *keep(struct import_row *row, const char *text, size_t size)
{
	char *copy = row->text + row->text_size;
	ASSERT(size + 1 <= sizeof row->text - row->text_size);
	memcpy(copy, text, size);
	copy[size] = '\0';
	row->text_size += size + 1;
	return copy;
}

int import_row_label(struct import_row *row, const char *key, size_t key_size, const char *value,
	size_t value_size, struct hilf_err *err)
{
	int rc = record_check_label_text(key, key_size, value, value_size, err);
	if (rc)
		return rc;
	const size_t prefix_size = sizeof IMPORT_OWN_PREFIX - 1;
	bool own = key_size > prefix_size && !memcmp(key, IMPORT_OWN_PREFIX, prefix_size);
	if (own && row->own_count == IMPORT_OWN_LABELS)
		return err_set(
			err, HILF_E_LIMIT, "more than %u labels of hilf's own", IMPORT_OWN_LABELS);
	if (!own && row->label_count - row->own_count == LIMIT_LABELS)
		return err_set(err, HILF_E_LIMIT, "more than %u labels", LIMIT_LABELS);
	for (size_t i = 0; i < row->label_count; i++)
		if (strlen(row->labels[i].key) == key_size &&
			!memcmp(row->labels[i].key, key, key_size))
			return err_set(err, HILF_E_INVALID, "the label '%s' is there twice",
				row->labels[i].key);
	struct hilf_label *label = &row->labels[row->label_count++];
	row->own_count += own;
	label->key = keep(row, key, key_size);
	label->value = keep(row, value, value_size);
	return HILF_OK;
}

int import_row_quality(struct import_row *row, const char *text, size_t size, struct hilf_err *err)
{
	unsigned quality = 0;
	bool good = size > 0 && size <= 3 && (size == 1 || text[0] != '0');
	for (size_t i = 0; good && i < size; i++) {
		good = text[i] >= '0' && text[i] <= '9';
		quality = quality * 10 + (unsigned)(text[i] - '0');
	}
	if (!good || quality > 100) {
		char shown[24];
		utf8_printable(text, size, shown, sizeof shown);
		return err_set(err, HILF_E_INVALID,
			"the quality is '%s'; it is an integer from 0 to 100", shown);
	}
	row->signal.quality = (int16_t)quality;
	return HILF_OK;
}
