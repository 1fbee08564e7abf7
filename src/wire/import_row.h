/* One row of an import, whichever way it was spelled: a signal and its labels. */
#ifndef WIRE_IMPORT_ROW_H
#define WIRE_IMPORT_ROW_H

#include "base/limits.h"
#include "hilf.h"

/* Labels with this prefix are hilf's own (docs/formats/import.md): an entry's class, ground and so on. They come beside as
 * many as an entry may have. */
#define IMPORT_OWN_PREFIX "hilf."
#define IMPORT_OWN_LABELS 5u
#define IMPORT_ROW_LABELS (LIMIT_LABELS + IMPORT_OWN_LABELS)

/* The labels point into text, so a row is not to be copied; it is filled anew for each line. Labels are in the order
 * of the line, their keys each once, and obey the rules of records. */
struct import_row {
	unsigned long line; /* where it begins, from 1 */
	struct hilf_signal signal;
	size_t label_count;
	size_t own_count; /* of them hilf's own */
	size_t text_size;
	struct hilf_label labels[IMPORT_ROW_LABELS];
	char text[IMPORT_ROW_LABELS * (LIMIT_LABEL_KEY + LIMIT_LABEL_VALUE + 2)];
};

void import_row_begin(struct import_row *row, unsigned long line);
/* Copies a label into the row, after checking it. */
int import_row_label(struct import_row *row, const char *key, size_t key_size, const char *value,
	size_t value_size, struct hilf_err *err);
/* Reads the signal's quality, 0 to 100. */
int import_row_quality(struct import_row *row, const char *text, size_t size, struct hilf_err *err);

#endif
