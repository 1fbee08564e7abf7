/* CSV by itself, without the reader that tells it from lines: the first line is the header, each other a row. */
#include "base/check.h"
#include "wire/csv.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct import_row row;
	const char *at = (const char *)data, *end = at + size;
	struct csv_columns columns;
	struct hilf_err err = {.text = ""};
	const char *stop = size ? memchr(at, '\n', size) : NULL;
	size_t part = stop ? (size_t)(stop - at) : size;
	if (part > LIMIT_LINE_SIZE || csv_parse_header(at, part, &columns, &err))
		return 0;
	ASSERT(columns.count >= 2 && columns.count <= CSV_COLUMNS_MAX);
	for (unsigned long line = 2; stop; line++) {
		at = stop + 1;
		stop = memchr(at, '\n', (size_t)(end - at));
		part = stop ? (size_t)(stop - at) : (size_t)(end - at);
		if (part > LIMIT_LINE_SIZE)
			break;
		import_row_begin(&row, line);
		int rc = csv_parse(&columns, at, part, &row, &err);
		ASSERT(rc ? rc == (int)err.code && *err.text
			  : row.signal.size > 0 && row.label_count <= LIMIT_LABELS);
	}
	return 0;
}
