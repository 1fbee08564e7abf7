/* Places: numbers within their bounds, written without a library's idea of a decimal point. */
#include "engine/places.h"

#include "base/check.h"
#include "base/err.h"
#include "base/utf8.h"
#include "wire/json.h"

#include <string.h>

static const char *const kinds[] = {"region", "time", "page", "text"};

int place_kind_parse(const char *name, enum place_kind *ret_kind, struct hilf_err *err)
{
	for (unsigned i = 0; i < COUNT_OF(kinds); i++) {
		if (strcmp(name, kinds[i]) == 0) {
			*ret_kind = (enum place_kind)i;
			return 0;
		}
	}
	return err_set(
		err, HILF_E_INVALID, "kind '%.40s' is none of region, time, page, text", name);
}

static int check_quote(const char *quote, struct hilf_err *err)
{
	size_t size = quote ? strnlen(quote, PLACE_QUOTE_MAX + 1) : 0;
	if (size > PLACE_QUOTE_MAX)
		return err_set(err, HILF_E_LIMIT, "quote is longer than %u bytes", PLACE_QUOTE_MAX);
	if (!size || !utf8_valid(quote, size))
		return err_set(err, HILF_E_INVALID, "quote is empty or not UTF-8");
	return 0;
}

int place_check(const struct content_place *place, struct hilf_err *err)
{
	ASSERT(place);
	switch (place->kind) {
	case PLACE_REGION:
		if (place->w && place->h && place->x <= PLACE_PARTS && place->y <= PLACE_PARTS &&
			place->w <= PLACE_PARTS - place->x && place->h <= PLACE_PARTS - place->y)
			return 0;
		return err_set(err, HILF_E_INVALID,
			"a region is x, y, w and h in parts of the picture, from 0 to 1, and "
			"within "
			"it");
	case PLACE_TIME:
		if (place->from_ms >= 0 && place->from_ms <= place->to_ms &&
			place->to_ms <= PLACE_TIME_MAX)
			return 0;
		return err_set(err, HILF_E_INVALID,
			"a time is from_s and to_s in seconds, the second not before the first");
	case PLACE_PAGE:
		if (place->page && place->page <= PLACE_PAGE_MAX)
			return 0;
		return err_set(
			err, HILF_E_INVALID, "a page is a number from 1 to %u", PLACE_PAGE_MAX);
	case PLACE_TEXT:
		return check_quote(place->quote, err);
	}
	return err_set(err, HILF_E_INVALID, "a place of no kind");
}

/* count of parts, without zeros at the end. */
static void put_decimal(struct buf *buf, const char *key, uint64_t count, uint64_t parts)
{
	json_put_key(buf, key);
	buf_format(buf, "%llu", (unsigned long long)(count / parts));
	uint64_t rest = count % parts;
	if (!rest)
		return;
	buf_char(buf, '.');
	while (rest) {
		rest *= 10;
		buf_char(buf, (char)('0' + rest / parts));
		rest %= parts;
	}
}

static void put_place(struct buf *buf, const struct content_place *place)
{
	json_put_item(buf);
	buf_char(buf, '{');
	json_put_key(buf, "kind");
	json_put_text(buf, kinds[place->kind]);
	switch (place->kind) {
	case PLACE_REGION:
		put_decimal(buf, "x", place->x, PLACE_PARTS);
		put_decimal(buf, "y", place->y, PLACE_PARTS);
		put_decimal(buf, "w", place->w, PLACE_PARTS);
		put_decimal(buf, "h", place->h, PLACE_PARTS);
		break;
	case PLACE_TIME:
		put_decimal(buf, "from_s", (uint64_t)place->from_ms, 1000);
		put_decimal(buf, "to_s", (uint64_t)place->to_ms, 1000);
		break;
	case PLACE_PAGE:
		json_put_key(buf, "page");
		json_put_integer(buf, place->page);
		break;
	case PLACE_TEXT:
		json_put_key(buf, "quote");
		json_put_text(buf, place->quote);
		break;
	}
	buf_char(buf, '}');
}

void places_write(const struct content_place *places, size_t count, struct buf *buf)
{
	buf_char(buf, '[');
	for (size_t i = 0; i < count; i++)
		put_place(buf, &places[i]);
	buf_char(buf, ']');
}
