/* Signals from text: what is taken must print as it was. And PDQ: pictures of odd sizes, in odd portions, with too few
 * rows, must neither trip nor differ from the picture in one piece.
 *
 *   type '\n' value                     where the first byte is a letter
 *   0x00 width height portion format    otherwise: a byte each, then pixels, repeated as often as needed */
#include "base/check.h"
#include "signal/pdq.h"
#include "signal/signal.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_text(const char *data, size_t size)
{
	char *type = malloc(size + 2);
	ASSERT(type);
	memcpy(type, data, size);
	type[size] = type[size + 1] = '\0';
	char *end = strchr(type, '\n');
	const char *value = end ? end + 1 : type + size;
	if (end)
		*end = '\0';
	struct hilf_signal signal;
	struct hilf_err err;
	char text[HILF_SIGNAL_TEXT_MAX];
	int code = hilf_signal_parse(type, value, &signal, &err);
	if (code == HILF_OK) {
		ASSERT(hilf_signal_format(&signal, text) == strlen(value));
		ASSERT(strcmp(text, value) == 0);
		ASSERT(strcmp(hilf_signal_type_name(signal.type), type) == 0);
		signal_degenerate(&signal);
	} else {
		ASSERT(code == HILF_E_INVALID && err.code == code && err.text[0]);
	}
	free(type);
}

static unsigned distance(const uint8_t *a, const uint8_t *b)
{
	unsigned count = 0;
	for (unsigned i = 0; i < PDQ_SIZE; i++)
		count += (unsigned)__builtin_popcount((unsigned)(a[i] ^ b[i]));
	return count;
}

static void try_picture(const uint8_t *data, size_t size)
{
	static const enum pdq_format formats[] = {PDQ_GRAY8, PDQ_RGB8, PDQ_RGBX8};
	uint32_t width = 1u + data[0] * 3u, height = 1u + data[1] * 3u, portion = 1u + data[2];
	enum pdq_format format = formats[data[3] % 3];
	uint32_t given = data[3] & 128 ? height / 2 : height;
	size_t stride = (size_t)width * format, whole = stride * height;
	uint8_t *pixels = calloc(1, whole);
	struct pdq *pdq;
	struct pdq_result parts, picture;
	ASSERT(pixels && pdq_new(width, height, format, &pdq, NULL) == HILF_OK);
	for (size_t i = 0; i < given * stride; i++)
		pixels[i] = size > 4 ? data[4 + i % (size - 4)] : 0;
	for (uint32_t row = 0; row < given;) {
		uint32_t count = given - row < portion ? given - row : portion;
		pdq_rows(pdq, pixels + row * stride, stride, count);
		row += count;
	}
	pdq_finish(pdq, &parts);
	pdq_free(pdq);
	ASSERT(pdq_picture(pixels, width, height, stride, format, &picture, NULL) == HILF_OK);
	ASSERT(abs(parts.quality - picture.quality) <= 1);
	/* Near the median the order of float sums may tip a bit. */
	if (!picture.degenerate && picture.ties == 1)
		ASSERT(distance(parts.hash[0], picture.hash[0]) <= 2);
	free(pixels);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size >= 5 && data[0] == 0)
		try_picture(data + 1, size - 1);
	else
		try_text((const char *)data, size);
	return 0;
}
