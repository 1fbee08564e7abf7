/* Whatever stands beside a content folds to UTF-8 that folds to itself; and places of whatever numbers are refused, or
 * written as a list that stays within its brackets. */
#include "base/buf.h"
#include "base/check.h"
#include "base/utf8.h"
#include "engine/caption.h"
#include "engine/places.h"

#include <stdlib.h>
#include <string.h>

#define PLACES 8u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_caption(const char *text, size_t size)
{
	struct buf once = BUF_INIT, twice = BUF_INIT;
	caption_fold(text, &once);
	if (!once.failed && once.size) {
		ASSERT(utf8_valid(once.data, once.size) && once.size <= 12 * size);
		ASSERT(once.data[0] != ' ' && once.data[once.size - 1] != ' ');
		caption_fold(once.data, &twice);
		ASSERT(twice.failed ||
			(twice.size == once.size && memcmp(twice.data, once.data, once.size) == 0));
	}
	buf_free(&once);
	buf_free(&twice);
}

/* Numbers from the bytes, quotes from the text. */
static void check_places(const uint8_t *data, size_t size, const char *text)
{
	struct content_place places[PLACES];
	struct buf buf = BUF_INIT;
	struct hilf_err err;
	size_t count = 0;
	for (size_t at = 0; at + 24 <= size && count < PLACES; at += 24) {
		uint32_t words[6];
		memcpy(words, data + at, sizeof words);
		places[count] = (struct content_place){.kind = (enum place_kind)(words[0] % 5),
			.x = words[1] % 20000,
			.y = words[2] % 20000,
			.w = words[3] % 20000,
			.h = words[4] % 20000,
			.from_ms = (int64_t)words[1] - 5,
			.to_ms = words[5],
			.page = words[1],
			.quote = words[2] % 2 ? text : NULL};
		count += place_check(&places[count], &err) == 0;
	}
	places_write(places, count, &buf);
	ASSERT(buf.failed || (buf.data[0] == '[' && buf.data[buf.size - 1] == ']' &&
				     utf8_valid(buf.data, buf.size)));
	buf_free(&buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	if (!text)
		return 0;
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	check_caption(text, strlen(text));
	check_places(data, size, text);
	free(text);
	return 0;
}
