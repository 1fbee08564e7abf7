/* Standard output: gathered and written in large pieces, with a failed write remembered instead of ignored; and tables,
 * which are aligned for a person at a terminal and tab-separated for a program. */
#ifndef CLI_OUT_H
#define CLI_OUT_H

#include "base/buf.h"
#include "cli/progress.h"

#include <stdbool.h>
#include <stdint.h>

struct out {
	struct buf buf;       /* append to it with buf_...; then call out_settle */
	int fd;               /* -1: nothing is written, all stays in buf */
	int sys;              /* the errno of the write that failed, ENOMEM where buf did; 0 */
	struct progress *bar; /* that is drawn where this writes, and has to go first; or NULL */
};

#define OUT_SETTLE_SIZE (32 * 1024)

/* Writes what was gathered. After a failure everything more is dropped. */
void out_flush(struct out *out);
/* The same once there is enough of it. */
void out_settle(struct out *out);

#define TABLE_COLUMNS_MAX 12

/* Rows of cells. A terminal gets headings and aligned columns, a block of rows at a time, so that a long list
 * appears as it grows; anything else gets a line per row with tabs between, without headings. A cell never holds a
 * tab, a line end or anything that steers a terminal. Empty cells come out as "-",
 * but for the last one of a row on a terminal. */
struct table {
	struct out *out;
	const char *const *headings;
	unsigned columns, column; /* column: the one that the next cell goes to */
	bool aligned, headed;
	struct buf cells; /* aligned: terminated texts, row after row */
	unsigned rows;    /* in cells */
	int64_t held_us;  /* when the first of them came */
	unsigned widths[TABLE_COLUMNS_MAX];
};

/* headings[columns] live longer than the table; those of numbers begin with '>' and are aligned to the right. */
void table_init(struct table *table, struct out *out, bool aligned, const char *const *headings,
	unsigned columns);
void table_text(struct table *table, const char *text);
void table_bytes(struct table *table, const char *text, size_t size);
/* The same for text that is known to be short, printable ASCII: identifiers, digits, names of ours. */
void table_plain(struct table *table, const char *text);
void table_number(struct table *table, uint64_t number);
/* Prints the rows that were held back. */
void table_flush(struct table *table);
/* The same if they were held back for a third of a second: what comes together stays in one block of widths. */
void table_idle(struct table *table);
/* The rest, and frees. */
void table_end(struct table *table);

/* Appends a number in decimal: the plain way is too slow for a million lines. */
void out_number(struct buf *buf, uint64_t number);
/* Appends text for a person's eyes (utf8_printable), whatever its size. */
void out_printable(struct buf *buf, const char *text, size_t size);

#endif
