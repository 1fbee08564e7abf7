/* Entries as rows of text, in the forms that import.h reads and as JSON, a row for each signal. The class, the ground, the
 * expiry and which signals belong together go along as labels of our own (import_own.h). No I/O here.
 *
 * CSV wants every label key in its header, so all entries are shown to export_look first. */
#ifndef WIRE_EXPORT_H
#define WIRE_EXPORT_H

#include "base/buf.h"
#include "wire/csv.h"

enum export_form { EXPORT_LINES, EXPORT_CSV, EXPORT_JSON };

struct export_writer {
	enum export_form form;
	int64_t now_ms; /* an expiry that is near is written to the second */
	size_t key_count;
	bool too_many; /* keys for columns */
	char keys[CSV_COLUMNS_MAX][LIMIT_LABEL_KEY + 1];
};

/* Of CSV: notes the keys of an entry's labels; then writes the header. Other forms have none. */
void export_look(struct export_writer *writer, const struct hilf_entry *entry);
void export_header(struct export_writer *writer, struct buf *buf);
/* Appends an entry's rows. */
void export_entry(
	const struct export_writer *writer, const struct hilf_entry *entry, struct buf *buf);

#endif
