/* Rows reach a terminal in blocks: the widths of a block's columns are its widest cells' or those of the blocks before,
 * so columns may widen once but never jump about. */
#include "cli/out.h"

#include "base/check.h"
#include "base/utf8.h"
#include "os/clock.h"
#include "os/file.h"

#include <errno.h>
#include <string.h>

#define BLOCK_ROWS 200
#define GAP        2 /* blanks between columns */
#define HOLD_US    (333 * 1000)

void out_flush(struct out *out)
{
	if (out->buf.failed && !out->sys)
		out->sys = ENOMEM;
	if (out->fd < 0)
		return;
	if (out->bar && out->buf.size)
		progress_hide(out->bar);
	if (!out->sys && out->buf.size)
		out->sys = file_write_all(out->fd, out->buf.data, out->buf.size);
	buf_clear(&out->buf);
}

void out_settle(struct out *out)
{
	if (out->buf.size >= OUT_SETTLE_SIZE || out->buf.failed)
		out_flush(out);
}

/* Plain ASCII, as nearly everything is, needs no look at each character. */
static bool is_plain(const char *text, size_t size)
{
	bool odd = false;
	for (size_t i = 0; i < size; i++)
		odd |= (unsigned char)(text[i] - 0x20) > 0x7e - 0x20;
	return !odd;
}

void out_printable(struct buf *buf, const char *text, size_t size)
{
	if (is_plain(text, size)) {
		buf_add(buf, text, size);
		return;
	}
	/* The longest form of a byte is \xHH. */
	if (size > SIZE_MAX / 8 || !buf_reserve(buf, 4 * size + 1)) {
		buf->failed = true;
		return;
	}
	buf->size += utf8_printable(text, size, buf->data + buf->size, 4 * size + 1);
}

void table_init(struct table *table, struct out *out, bool aligned, const char *const *headings,
	unsigned columns)
{
	ASSERT(columns > 0 && columns <= TABLE_COLUMNS_MAX);
	*table = (struct table){
		.out = out, .headings = headings, .columns = columns, .aligned = aligned};
}

/* Code points, which is what columns are for nearly every name. */
static unsigned width_of(const char *text)
{
	unsigned width = 0;
	for (; *text; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

static bool is_right(const struct table *table, unsigned column)
{
	return table->headings[column][0] == '>';
}

static const char *heading(const struct table *table, unsigned column)
{
	return table->headings[column] + is_right(table, column);
}

static void put(struct table *table, const char *text, size_t size, bool plain)
{
	struct buf *buf = table->aligned ? &table->cells : &table->out->buf;
	size_t before = buf->size;
	bool last = table->column + 1 == table->columns;
	if (!size && !(table->aligned && last))
		buf_char(buf, '-');
	else if (plain)
		buf_add(buf, text, size);
	else
		out_printable(buf, text, size);
	table->column = last ? 0 : table->column + 1;
	buf_char(buf, table->aligned ? '\0' : last ? '\n' : '\t');
	if (!table->aligned) {
		if (last)
			out_settle(table->out);
		return;
	}
	if (buf->failed) {
		table->out->buf.failed = true;
		return;
	}
	unsigned width = width_of(buf->data + before),
		 column = last ? table->columns - 1 : table->column - 1;
	if (width > table->widths[column])
		table->widths[column] = width;
	if (last && ++table->rows == 1)
		table->held_us = clock_monotonic_us();
	if (last && table->rows == BLOCK_ROWS)
		table_flush(table);
}

void table_bytes(struct table *table, const char *text, size_t size)
{
	put(table, text, size, false);
}

void table_plain(struct table *table, const char *text)
{
	put(table, text, strlen(text), true);
}

void table_text(struct table *table, const char *text)
{
	table_bytes(table, text, strlen(text));
}

/* The digits of number at the end of ret_digits; where they begin. */
static size_t write_digits(uint64_t number, char ret_digits[20])
{
	size_t at = 20;
	do
		ret_digits[--at] = (char)('0' + number % 10);
	while (number /= 10);
	return at;
}

void out_number(struct buf *buf, uint64_t number)
{
	char digits[20];
	size_t at = write_digits(number, digits);
	buf_add(buf, digits + at, sizeof digits - at);
}

void table_number(struct table *table, uint64_t number)
{
	char digits[20];
	size_t at = write_digits(number, digits);
	put(table, digits + at, sizeof digits - at, true);
}

static void blanks(struct buf *buf, unsigned count)
{
	while (count--)
		buf_char(buf, ' ');
}

static void put_cell(struct table *table, unsigned column, const char *text)
{
	struct buf *buf = &table->out->buf;
	unsigned width = width_of(text), room = table->widths[column];
	unsigned fill = room > width ? room - width : 0;
	bool last = column + 1 == table->columns;
	if (is_right(table, column))
		blanks(buf, fill);
	buf_text(buf, text);
	if (last) {
		/* No blanks before the end of a line. */
		while (buf->size && buf->data[buf->size - 1] == ' ')
			buf->size--;
		buf_char(buf, '\n');
		return;
	}
	if (!is_right(table, column))
		blanks(buf, fill);
	blanks(buf, GAP);
}

void table_flush(struct table *table)
{
	if (!table->aligned || !table->rows || table->cells.failed)
		return;
	if (!table->headed) {
		for (unsigned i = 0; i < table->columns; i++)
			if (width_of(heading(table, i)) > table->widths[i])
				table->widths[i] = width_of(heading(table, i));
		for (unsigned i = 0; i < table->columns; i++)
			put_cell(table, i, heading(table, i));
		table->headed = true;
	}
	const char *cell = table->cells.data;
	for (unsigned row = 0; row < table->rows; row++)
		for (unsigned i = 0; i < table->columns; i++, cell += strlen(cell) + 1)
			put_cell(table, i, cell);
	table->rows = 0;
	buf_clear(&table->cells);
	out_flush(table->out);
}

void table_idle(struct table *table)
{
	if (clock_monotonic_us() - table->held_us > HOLD_US)
		table_flush(table);
}

void table_end(struct table *table)
{
	table_flush(table);
	buf_free(&table->cells);
}
