/* JSON (RFC 8259) of one shape: an object of texts, a number, and an object of texts. So there is no tree and no memory to
 * ask for: a text is undone into a small array, and what needs more than that is too long for whatever it would be. */
#include "wire/json_line.h"

#include "base/err.h"
#include "base/utf8.h"
#include "wire/signal_text.h"

#include <string.h>

/* Over any name, value of a signal and label. */
#define TEXT_ROOM 256u

struct scan {
	const char *begin, *at, *end;
	struct hilf_err *err;
};

struct text {
	size_t size;
	char bytes[TEXT_ROOM];
};

enum { SEEN_TYPE = 1, SEEN_VALUE = 2, SEEN_QUALITY = 4, SEEN_LABELS = 8 };

struct line {
	unsigned seen;
	struct text type, value;
	const char *quality; /* in the line; NULL: none */
	size_t quality_size;
};

static int wrong(const struct scan *scan, const char *what)
{
	return err_set(scan->err, HILF_E_INVALID, "character %zu: %s",
		(size_t)(scan->at - scan->begin) + 1, what);
}

static void pass_blanks(struct scan *scan)
{
	while (scan->at < scan->end && (*scan->at == ' ' || *scan->at == '\t' || *scan->at == '\r'))
		scan->at++;
}

/* Whether this character comes next, blanks before it aside; then it is passed. */
static bool take(struct scan *scan, char c)
{
	pass_blanks(scan);
	if (scan->at == scan->end || *scan->at != c)
		return false;
	scan->at++;
	return true;
}

static bool take_word(struct scan *scan, const char *word)
{
	size_t size = strlen(word);
	pass_blanks(scan);
	if ((size_t)(scan->end - scan->at) < size || memcmp(scan->at, word, size) != 0)
		return false;
	scan->at += size;
	return true;
}

static bool put(struct text *text, uint32_t c)
{
	char *to = text->bytes + text->size;
	if (text->size + 4 > TEXT_ROOM)
		return false;
	if (c < 0x80) {
		*to++ = (char)c;
	} else if (c < 0x800) {
		*to++ = (char)(0xc0 | c >> 6);
		*to++ = (char)(0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		*to++ = (char)(0xe0 | c >> 12);
		*to++ = (char)(0x80 | (c >> 6 & 0x3f));
		*to++ = (char)(0x80 | (c & 0x3f));
	} else {
		*to++ = (char)(0xf0 | c >> 18);
		*to++ = (char)(0x80 | (c >> 12 & 0x3f));
		*to++ = (char)(0x80 | (c >> 6 & 0x3f));
		*to++ = (char)(0x80 | (c & 0x3f));
	}
	text->size = (size_t)(to - text->bytes);
	return true;
}

static bool read_hex4(struct scan *scan, uint32_t *ret_unit)
{
	uint32_t unit = 0;
	if (scan->end - scan->at < 4)
		return false;
	for (unsigned i = 0; i < 4; i++) {
		static const char digits[] = "0123456789abcdef";
		char c = scan->at[i] >= 'A' && scan->at[i] <= 'F' ? (char)(scan->at[i] | 0x20)
								  : scan->at[i];
		const char *digit = c ? strchr(digits, c) : NULL;
		if (!digit)
			return false;
		unit = unit << 4 | (uint32_t)(digit - digits);
	}
	scan->at += 4;
	*ret_unit = unit;
	return true;
}

/* Behind "\u": one unit, or the two of a character beyond the first 65,536. */
static bool read_unit(struct scan *scan, uint32_t *ret_c)
{
	uint32_t low;
	if (!read_hex4(scan, ret_c) || *ret_c == 0)
		return false;
	if (*ret_c < 0xd800 || *ret_c > 0xdfff)
		return true;
	if (*ret_c > 0xdbff || scan->end - scan->at < 2 || memcmp(scan->at, "\\u", 2) != 0)
		return false;
	scan->at += 2;
	if (!read_hex4(scan, &low) || low < 0xdc00 || low > 0xdfff)
		return false;
	*ret_c = 0x10000 + ((*ret_c - 0xd800) << 10) + (low - 0xdc00);
	return true;
}

/* What is behind a '\'. */
static bool read_escape(struct scan *scan, uint32_t *ret_c)
{
	static const char names[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
	if (scan->at == scan->end)
		return false;
	char name = *scan->at++;
	if (name == 'u')
		return read_unit(scan, ret_c);
	const char *found = name ? strchr(names, name) : NULL;
	*ret_c = found ? (uint32_t)meant[found - names] : 0;
	return found != NULL;
}

static int read_text(struct scan *scan, struct text *ret_text)
{
	ret_text->size = 0;
	if (!take(scan, '"'))
		return wrong(scan, "a text in double quotes is wanted here");
	while (scan->at < scan->end && *scan->at != '"') {
		const char *begin = scan->at;
		uint32_t c;
		if (*begin == '\\') {
			scan->at++;
			if (!read_escape(scan, &c))
				return wrong(
					scan, "this escape is none of JSON's, or of a zero byte");
		} else {
			size_t size = utf8_next(begin, (size_t)(scan->end - begin), &c);
			if (!size || c < 0x20)
				return wrong(scan, size ? "a control character must be escaped"
							: "this is not UTF-8");
			scan->at += size;
		}
		if (!put(ret_text, c))
			return wrong(scan, "no text of a signal or label is as long as this");
	}
	return take(scan, '"') ? HILF_OK : wrong(scan, "the text has no closing quote");
}

static bool is(const struct text *text, const char *name)
{
	return text->size == strlen(name) && memcmp(text->bytes, name, text->size) == 0;
}

static int read_labels(struct scan *scan, struct import_row *row)
{
	struct text key, value;
	if (take_word(scan, "null"))
		return HILF_OK;
	if (!take(scan, '{'))
		return wrong(scan, "labels are an object of texts");
	if (take(scan, '}'))
		return HILF_OK;
	do {
		int rc = read_text(scan, &key);
		if (!rc && !take(scan, ':'))
			rc = wrong(scan, "a ':' is missing");
		if (!rc)
			rc = read_text(scan, &value);
		if (!rc)
			rc = import_row_label(
				row, key.bytes, key.size, value.bytes, value.size, scan->err);
		if (rc)
			return rc;
	} while (take(scan, ','));
	return take(scan, '}') ? HILF_OK : wrong(scan, "a ',' or '}' is missing");
}

static int read_quality(struct scan *scan, struct line *line)
{
	if (take_word(scan, "null"))
		return HILF_OK;
	pass_blanks(scan);
	line->quality = scan->at;
	while (scan->at < scan->end && !strchr(",} \t", *scan->at))
		scan->at++;
	line->quality_size = (size_t)(scan->at - line->quality);
	return HILF_OK;
}

static int read_member(struct scan *scan, struct line *line, struct import_row *row)
{
	struct text name;
	const char *begin = scan->at;
	int rc = read_text(scan, &name);
	if (rc)
		return rc;
	unsigned which = is(&name, "type")      ? SEEN_TYPE
			 : is(&name, "value")   ? SEEN_VALUE
			 : is(&name, "quality") ? SEEN_QUALITY
			 : is(&name, "labels")  ? SEEN_LABELS
						: 0;
	if (!which || line->seen & which) {
		char shown[48];
		utf8_printable(name.bytes, name.size, shown, sizeof shown);
		scan->at = begin;
		return which ? err_set(scan->err, HILF_E_INVALID, "'%s' is there twice", shown)
			     : err_set(scan->err, HILF_E_INVALID,
				       "there is no '%s' in a signal; type, value, quality and "
				       "labels are",
				       shown);
	}
	line->seen |= which;
	if (!take(scan, ':'))
		return wrong(scan, "a ':' is missing");
	switch (which) {
	case SEEN_TYPE:
		return read_text(scan, &line->type);
	case SEEN_VALUE:
		return read_text(scan, &line->value);
	case SEEN_QUALITY:
		return read_quality(scan, line);
	default:
		return read_labels(scan, row);
	}
}

int json_line_parse(const char *text, size_t size, struct import_row *row, struct hilf_err *err)
{
	struct scan scan = {.begin = text, .at = text, .end = text + size, .err = err};
	struct line line;
	line.seen = 0;
	line.quality = NULL;
	if (!take(&scan, '{'))
		return wrong(&scan, "a line is an object in braces");
	if (!take(&scan, '}')) {
		do {
			int rc = read_member(&scan, &line, row);
			if (rc)
				return rc;
		} while (take(&scan, ','));
		if (!take(&scan, '}'))
			return wrong(&scan, "a ',' or '}' is missing");
	}
	pass_blanks(&scan);
	if (scan.at < scan.end)
		return wrong(&scan, "something comes behind the object; one a line is read");
	if ((line.seen & (SEEN_TYPE | SEEN_VALUE)) != (SEEN_TYPE | SEEN_VALUE))
		return err_set(err, HILF_E_INVALID, "'%s' is missing",
			line.seen & SEEN_TYPE ? "value" : "type");
	int rc = signal_text_parse(line.type.bytes, line.type.size, line.value.bytes,
		line.value.size, &row->signal, err);
	if (!rc && line.quality)
		rc = import_row_quality(row, line.quality, line.quality_size, err);
	return rc;
}
