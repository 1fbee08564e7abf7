/* A signal as a JSON object on a line, as an export writes it; docs/formats/import.md.
 *
 *   {"type":"pdq","value":"f8f8...","quality":100,"labels":{"event":"paris"}}
 *
 * Members come in any order, each once; quality and labels may be null or not there. */
#ifndef WIRE_JSON_LINE_H
#define WIRE_JSON_LINE_H

#include "wire/import_row.h"

/* Reads one line, without its end, into a row that was begun. The text says what is wrong, and where in the line, without the
 * line's number. */
int json_line_parse(const char *text, size_t size, struct import_row *row, struct hilf_err *err);

#endif
