/* The plain form of signals in files and pipes, a line each; docs/formats/import.md.
 *
 *   TYPE VALUE [quality=N] [KEY=VALUE ...]
 *   pdq f8f8f0cce0f4e84d0e370a22028f67f0b36e2ed596623e1d33e6339c4e9c9b22 quality=100 event=paris */
#ifndef WIRE_LINES_H
#define WIRE_LINES_H

#include "base/buf.h"
#include "wire/import_row.h"

/* Reads one line, without its end, that is neither empty nor a comment, into a row that was begun. The text says
 * what is wrong, without the line's number. */
int lines_parse(const char *text, size_t size, struct import_row *row, struct hilf_err *err);

/* Appends a line with its end. What record_check_label allows needs no quoting here. */
void lines_write_entry(struct buf *buf, const struct hilf_signal *signal,
	const struct hilf_label *labels, size_t count);

#endif
