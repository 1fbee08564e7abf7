/* RFC 4180: cells between commas; a cell in double quotes may hold commas, line ends and, doubled, double quotes.
 * Blanks around a bare cell are not part of it, as spreadsheets and people put them there. */
#include "wire/csv.h"

#include "base/check.h"
#include "base/err.h"
#include "base/utf8.h"
#include "wire/record.h"
#include "wire/signal_text.h"

#include <string.h>

/* Long enough for any cell that can be right: a value, a label, a header. */
#define CELL_MAX 128

struct cell {
	const char *text;
	size_t size;
	char unquoted[CELL_MAX];
};

struct cursor {
	const char *at, *end;
	size_t column; /* of the cell that was read last, from 1 */
	bool more;     /* another cell follows */
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static const char *skip_blanks(const char *at, const char *end)
{
	while (at < end && is_blank(*at))
		at++;
	return at;
}

/* The cursor stands after the opening quote. */
static int next_quoted(struct cursor *cursor, struct cell *ret_cell, struct hilf_err *err)
{
	const char *at = cursor->at;
	size_t size = 0;
	for (;; at++) {
		if (at == cursor->end)
			return err_set(err, HILF_E_INVALID,
				"column %zu: a quoted cell without its closing quote",
				cursor->column);
		if (*at == '"' && (at + 1 == cursor->end || at[1] != '"'))
			break;
		at += *at == '"';
		if (size == sizeof ret_cell->unquoted)
			return err_set(err, HILF_E_LIMIT,
				"column %zu: a cell of more than %d bytes", cursor->column,
				CELL_MAX);
		ret_cell->unquoted[size++] = *at;
	}
	at = skip_blanks(at + 1, cursor->end);
	if (at < cursor->end && *at != ',')
		return err_set(err, HILF_E_INVALID,
			"column %zu: text after the closing quote; a quote inside a cell is "
			"doubled",
			cursor->column);
	cursor->at = at;
	ret_cell->text = ret_cell->unquoted;
	ret_cell->size = size;
	return HILF_OK;
}

static int next_cell(struct cursor *cursor, struct cell *ret_cell, struct hilf_err *err)
{
	cursor->column++;
	cursor->at = skip_blanks(cursor->at, cursor->end);
	if (cursor->at < cursor->end && *cursor->at == '"') {
		cursor->at++;
		int rc = next_quoted(cursor, ret_cell, err);
		if (rc)
			return rc;
	} else {
		const char *comma = memchr(cursor->at, ',', (size_t)(cursor->end - cursor->at));
		const char *stop = comma ? comma : cursor->end;
		ret_cell->text = cursor->at;
		cursor->at = stop;
		while (stop > ret_cell->text && is_blank(stop[-1]))
			stop--;
		ret_cell->size = (size_t)(stop - ret_cell->text);
	}
	cursor->more = cursor->at < cursor->end;
	cursor->at += cursor->more; /* the comma */
	return HILF_OK;
}

/* -------------------------------------------------------------------------------------------- header */

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static enum csv_role role_of(const char *name)
{
	static const struct {
		const char *name;
		enum csv_role role;
	} roles[] = {
		{"type", CSV_TYPE},
		{"signal_type", CSV_TYPE},
		{"algorithm", CSV_TYPE},
		{"value", CSV_VALUE},
		{"signal", CSV_VALUE},
		{"hash", CSV_VALUE},
		{"hash_digest", CSV_VALUE},
		{"quality", CSV_QUALITY},
	};
	for (size_t i = 0; i < COUNT_OF(roles); i++)
		if (!strcmp(name, roles[i].name))
			return roles[i].role;
	return CSV_LABEL;
}

/* A header's name as a column; the rules of a label's key are asked with a value that is always good. */
static int add_column(struct csv_columns *columns, const struct cell *cell, struct hilf_err *err)
{
	size_t index = columns->count;
	if (index == CSV_COLUMNS_MAX)
		return err_set(
			err, HILF_E_LIMIT, "the header has more than %u columns", CSV_COLUMNS_MAX);
	char *key = columns->column[index].key;
	struct hilf_err inner;
	size_t size = cell->size <= LIMIT_LABEL_KEY ? cell->size : 0;
	for (size_t i = 0; i < size; i++)
		key[i] = lower(cell->text[i]);
	key[size] = '\0';
	if (signal_text_type(key, size))
		return err_set(err, HILF_E_INVALID,
			"this is no header; CSV begins with one that names its columns, such as "
			"type,value");
	enum csv_role role = role_of(key);
	if (role == CSV_LABEL && (cell->size != size || size == 0)) {
		char shown[48];
		utf8_printable(cell->text, cell->size, shown, sizeof shown);
		return err_set(err, HILF_E_INVALID,
			"column %zu of the header, '%s', must have a name of 1 to %u bytes; rename "
			"it or "
			"leave the column out",
			index + 1, shown, LIMIT_LABEL_KEY);
	}
	if (role == CSV_LABEL && record_check_label_text(key, size, "x", 1, &inner))
		return err_set(err, HILF_E_INVALID,
			"column %zu of the header: %s; rename it or leave the column out",
			index + 1, inner.text);
	for (size_t i = 0; i < index; i++)
		if (role == CSV_LABEL ? !strcmp(columns->column[i].key, key)
				      : columns->column[i].role == role)
			return err_set(err, HILF_E_INVALID,
				"the header has '%s' and '%s', which mean the same; leave one out",
				columns->column[i].key, key);
	columns->column[index].role = role;
	columns->count++;
	return HILF_OK;
}

static bool has_role(const struct csv_columns *columns, enum csv_role role)
{
	for (size_t i = 0; i < columns->count; i++)
		if (columns->column[i].role == role)
			return true;
	return false;
}

int csv_parse_header(
	const char *text, size_t size, struct csv_columns *ret_columns, struct hilf_err *err)
{
	struct cursor cursor = {.at = text, .end = text + size, .more = true};
	struct csv_columns columns = {.count = 0};
	while (cursor.more) {
		struct cell cell;
		int rc = next_cell(&cursor, &cell, err);
		if (!rc)
			rc = add_column(&columns, &cell, err);
		if (rc)
			return rc;
	}
	if (!has_role(&columns, CSV_TYPE))
		return err_set(err, HILF_E_INVALID,
			"the header has no column for the type; name one 'type' (or signal_type, "
			"algorithm)");
	if (!has_role(&columns, CSV_VALUE))
		return err_set(err, HILF_E_INVALID,
			"the header has no column for the value; name one 'value' (or signal, "
			"hash, "
			"hash_digest)");
	*ret_columns = columns;
	return HILF_OK;
}

/* ---------------------------------------------------------------------------------------------- rows */

/* Exchanges write PDQ, MD5, SHA256 and SHA-256. Unknown names stay as they are, for the message. */
static void plain_type(const struct cell *cell, char *ret_name, size_t room)
{
	size_t size = 0;
	for (size_t i = 0; i < cell->size && size + 1 < room; i++)
		ret_name[size++] = lower(cell->text[i]);
	ret_name[size] = '\0';
	if (!strcmp(ret_name, "sha-256"))
		memcpy(ret_name, "sha256", sizeof "sha256");
}

static int parse_signal(
	struct import_row *row, const char *type, const struct cell *value, struct hilf_err *err)
{
	if (value->size == 0)
		return err_set(err, HILF_E_INVALID, "the value is missing");
	int16_t quality = row->signal.quality;
	int rc = signal_text_parse(type, strlen(type), value->text, value->size, &row->signal, err);
	if (!rc)
		row->signal.quality = quality;
	return rc;
}

int csv_parse(const struct csv_columns *columns, const char *text, size_t size,
	struct import_row *row, struct hilf_err *err)
{
	struct cursor cursor = {.at = text, .end = text + size, .more = true};
	struct cell cell, value = {.size = 0};
	char type[48] = "";
	row->signal.quality = HILF_QUALITY_UNKNOWN;
	for (size_t i = 0; i < columns->count; i++) {
		if (!cursor.more)
			return err_set(err, HILF_E_INVALID, "only %zu of the header's %zu columns",
				i, columns->count);
		enum csv_role role = columns->column[i].role;
		int rc = next_cell(&cursor, role == CSV_VALUE ? &value : &cell, err);
		if (rc)
			return rc;
		if (role == CSV_TYPE)
			plain_type(&cell, type, sizeof type);
		else if (role == CSV_QUALITY && cell.size)
			rc = import_row_quality(row, cell.text, cell.size, err);
		else if (role == CSV_LABEL && cell.size)
			rc = import_row_label(row, columns->column[i].key,
				strlen(columns->column[i].key), cell.text, cell.size, err);
		if (rc)
			return rc;
	}
	if (cursor.more)
		return err_set(err, HILF_E_INVALID,
			"more columns than the %zu of the header; a cell "
			"that holds a comma is quoted",
			columns->count);
	return parse_signal(row, type, &value, err);
}
