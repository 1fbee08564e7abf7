/* Signals as CSV with a header (RFC 4180), the way exchanges and spreadsheets give them; docs/formats/import.md.
 *
 *   type,value,quality,event
 *   pdq,f8f8f0cce0f4e84d0e370a22028f67f0b36e2ed596623e1d33e6339c4e9c9b22,100,paris
 *
 * Type column:  type, signal_type, algorithm; its cells in any case, "SHA-256" too.
 * Value column: value, signal, hash, hash_digest. Optional: quality. Every other column is a label with its header,
 * in lower case, as key; an empty cell gives none. Header names may be written in any case. */
#ifndef WIRE_CSV_H
#define WIRE_CSV_H

#include "wire/import_row.h"

#define CSV_COLUMNS_MAX (IMPORT_ROW_LABELS + 3)

enum csv_role { CSV_LABEL, CSV_TYPE, CSV_VALUE, CSV_QUALITY };

struct csv_columns {
	size_t count;
	struct {
		enum csv_role role;
		char key[LIMIT_LABEL_KEY + 1];
	} column[CSV_COLUMNS_MAX];
};

/* Reads the header line. Size, here and below: LIMIT_LINE_SIZE at most. */
int csv_parse_header(
	const char *text, size_t size, struct csv_columns *ret_columns, struct hilf_err *err);

/* Reads a line of cells (which may hold line ends where they are quoted) into a row that was begun. The text says
 * what is wrong and in which column, without the line's number. */
int csv_parse(const struct csv_columns *columns, const char *text, size_t size,
	struct import_row *row, struct hilf_err *err);

#endif
