#include "test/image/sample.h"

#include <string.h>

#include <libheif/heif.h>

#ifdef HILF_SANITIZED
/* x265, which writes our samples and is in no helper's way, keeps a little of each. */
const char *__lsan_default_suppressions(void);
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void)
{
	return "leak:libx265";
}
#endif

static struct heif_error take(
	struct heif_context *context, const void *bytes, size_t size, void *file)
{
	static const struct heif_error none = {heif_error_Ok, heif_suberror_Unspecified, ""};
	(void)context;
	buf_add(file, bytes, size);
	return none;
}

static struct heif_image *image_of(const struct picture *picture, bool alpha)
{
	struct heif_image *image = NULL;
	int stride = 0, width = (int)picture->width, height = (int)picture->height;
	if (heif_image_create(width, height, heif_colorspace_RGB,
		    alpha ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB, &image)
			.code ||
		heif_image_add_plane(image, heif_channel_interleaved, width, height, 8).code)
		return NULL;
	uint8_t *to = heif_image_get_plane(image, heif_channel_interleaved, &stride);
	for (uint32_t y = 0; y < picture->height; y++)
		for (uint32_t x = 0; x < picture->width; x++)
			memcpy(to + (size_t)y * (size_t)stride + (size_t)x * (alpha ? 4 : 3),
				picture_pixel(picture, x, y), alpha ? 4 : 3);
	return image;
}

static bool make(const struct picture *picture, enum heif_compression_format format, bool alpha,
	struct buf *file)
{
	struct heif_context *context = heif_context_alloc();
	struct heif_encoder *encoder = NULL;
	struct heif_image_handle *handle = NULL;
	struct heif_writer writer = {1, take};
	bool made = false;
	if (!heif_context_get_encoder_for_format(context, format, &encoder).code) {
		struct heif_image *image = image_of(picture, alpha);
		heif_encoder_set_lossy_quality(encoder, 95);
		/* The fastest preset of whichever encoder it is; not knowing the word is no failure. */
		heif_encoder_set_parameter(encoder, "preset", "ultrafast");
		heif_encoder_set_parameter(encoder, "speed", "9");
		made = image &&
		       !heif_context_encode_image(context, image, encoder, NULL, &handle).code &&
		       !heif_context_write(context, &writer, file).code;
		heif_image_handle_release(handle);
		heif_image_release(image);
		heif_encoder_release(encoder);
	}
	heif_context_free(context);
	return made && !file->failed;
}

static bool heic(struct picture *picture, struct buf *file)
{
	return make(picture, heif_compression_HEVC, false, file);
}

static bool heic_alpha(struct picture *picture, struct buf *file)
{
	picture_fade(picture);
	return make(picture, heif_compression_HEVC, true, file);
}

static bool avif(struct picture *picture, struct buf *file)
{
	return make(picture, heif_compression_AV1, false, file);
}

static bool avif_alpha(struct picture *picture, struct buf *file)
{
	picture_fade(picture);
	return make(picture, heif_compression_AV1, true, file);
}

const struct sample samples_heif[] = {
	{"heic", "heic", heic, 10, true},
	{"heic alpha", "heic", heic_alpha, 10, true},
	{"avif", "avif", avif, 10, true},
	{"avif alpha", "avif", avif_alpha, 10, true},
	{NULL, NULL, NULL, 0, false},
};
