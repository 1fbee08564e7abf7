/* By hand and byte by byte, but for texts, which are jumped over. */
#include "http/api/scan.h"

#include "base/hex.h"
#include "wire/signal_text.h"

#include <string.h>

/* Behind the text that begins at `from`, whose quote was passed; size where it does not end. */
static size_t skip_text(const char *text, size_t from, size_t size)
{
	for (;;) {
		const char *quote = memchr(text + from, '"', size - from);
		if (!quote)
			return size;
		size_t at = (size_t)(quote - text), escapes = 0;
		while (at - escapes > from && text[at - escapes - 1] == '\\')
			escapes++;
		if (escapes % 2 == 0)
			return at + 1;
		from = at + 1;
	}
}

bool scan_json(
	const char *text, size_t size, size_t depth_max, size_t nodes_max, const char **ret_what)
{
	size_t depth = 0, nodes = 1, i = 0;
	*ret_what = "nested deeper";
	while (i < size) {
		char c = text[i++];
		if (c == '"')
			i = skip_text(text, i, size);
		else if (c == '[' || c == '{')
			depth++;
		else if (c == ']' || c == '}')
			depth -= depth > 0;
		if (depth > depth_max)
			return false;
		nodes += c == ',' || c == '[' || c == '{';
	}
	*ret_what = "of more values";
	return nodes <= nodes_max;
}

struct scan {
	const char *at, *end;
};

static char skip_blanks(struct scan *scan)
{
	while (scan->at < scan->end &&
		(*scan->at == ' ' || *scan->at == '\n' || *scan->at == '\r' || *scan->at == '\t'))
		scan->at++;
	return scan->at < scan->end ? *scan->at : '\0';
}

static bool is_next(struct scan *scan, char wanted)
{
	if (skip_blanks(scan) != wanted)
		return false;
	scan->at++;
	return true;
}

/* "pdq": and the like; 0 for any other key. */
static uint8_t read_type(struct scan *scan)
{
	if (!is_next(scan, '"'))
		return 0;
	const char *name = scan->at, *quote = memchr(name, '"', (size_t)(scan->end - name));
	if (!quote)
		return 0;
	scan->at = quote + 1;
	uint8_t type = signal_text_type(name, (size_t)(quote - name));
	return is_next(scan, ':') ? type : 0;
}

/* The list of one type into signals[*io_count..room). */
static bool read_list(
	struct scan *scan, uint8_t type, struct hilf_signal *signals, size_t room, size_t *io_count)
{
	const size_t size = signal_text_value_size(type);
	if (!is_next(scan, '['))
		return false;
	do {
		struct hilf_signal *signal = &signals[*io_count];
		if (!is_next(scan, '"') || *io_count == room ||
			(size_t)(scan->end - scan->at) < 2 * size ||
			!hex_decode(scan->at, 2 * size, signal->value, size))
			return false;
		scan->at += 2 * size;
		/* The text ends here: no blanks before its quote. */
		if (scan->at == scan->end || *scan->at++ != '"')
			return false;
		signal->type = type;
		signal->size = (uint8_t)size;
		signal->quality = HILF_QUALITY_UNKNOWN;
		++*io_count;
	} while (is_next(scan, ','));
	return is_next(scan, ']');
}

bool scan_lists(
	const char *text, size_t size, struct hilf_signal *signals, size_t room, size_t *ret_count)
{
	struct scan scan = {text, text + size};
	uint8_t before = 0, type;
	size_t count = 0;
	if (!is_next(&scan, '{'))
		return false;
	do {
		type = read_type(&scan);
		if (type <= before || !read_list(&scan, type, signals, room, &count))
			return false;
		before = type;
	} while (is_next(&scan, ','));
	if (!is_next(&scan, '}') || skip_blanks(&scan) || scan.at != scan.end)
		return false;
	*ret_count = count;
	return true;
}
