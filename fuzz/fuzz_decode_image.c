/* The picture codecs as they are linked, without the wall: the limits alone keep them in bounds. */
#include "base/check.h"
#include "media/image/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
	unsigned head_count, picture_count;
};

static int take_head(void *ctx, const struct image_head *head)
{
	struct seen *seen = ctx;
	ASSERT(head->width && head->height && !seen->picture_count);
	seen->head_count++;
	/* A fuzzer learns nothing more from large pictures. */
	return (uint64_t)head->width * head->height > 1 << 20;
}

static int take_picture(void *ctx, uint8_t variant, bool partial, const struct pdq_result *result)
{
	struct seen *seen = ctx;
	(void)partial;
	ASSERT(variant == seen->picture_count && result->quality <= 100);
	seen->picture_count++;
	return 0;
}

static int take_preview(void *ctx, const struct image_shown *shown)
{
	struct seen *seen = ctx;
	ASSERT(seen->picture_count && shown->size >= 4 && shown->size <= PREVIEW_SIZE_MAX);
	ASSERT(shown->width && shown->width <= PREVIEW_SIDE_MAX && shown->height &&
		shown->height <= PREVIEW_SIDE_MAX);
	ASSERT(shown->jpeg[0] == 0xff && shown->jpeg[1] == 0xd8 &&
		shown->jpeg[shown->size - 2] == 0xff && shown->jpeg[shown->size - 1] == 0xd9);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool prepared;
	struct seen seen = {0};
	const struct image_out out = {&seen, take_head, take_picture, take_preview};
	struct hilf_err err = {.text = ""};
	if (!prepared)
		image_prepare();
	prepared = true;
	int rc = image_decode(data, size, &out, &err);
	ASSERT(seen.head_count <= 1 && seen.picture_count <= HILF_PICTURE_MAX);
	if (rc)
		ASSERT(rc == HILF_E_STOPPED || (rc == (int)err.code && *err.text));
	else
		ASSERT(seen.picture_count == 1 || seen.picture_count == HILF_PICTURE_MAX);
	return 0;
}
