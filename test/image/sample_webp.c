#include "test/image/sample.h"

#include <stdlib.h>
#include <string.h>

#include <webp/encode.h>
#include <webp/mux.h>

static bool take(uint8_t *bytes, size_t size, struct buf *file)
{
	if (size)
		buf_add(file, bytes, size);
	WebPFree(bytes);
	return size && !file->failed;
}

static bool lossless(struct picture *picture, struct buf *file)
{
	uint8_t *bytes = NULL;
	size_t size = WebPEncodeLosslessRGBA(picture->rgba, (int)picture->width,
		(int)picture->height, (int)picture->width * 4, &bytes);
	return take(bytes, size, file);
}

static bool lossless_alpha(struct picture *picture, struct buf *file)
{
	picture_fade(picture);
	return lossless(picture, file);
}

static bool lossy(struct picture *picture, struct buf *file)
{
	uint8_t *bytes = NULL;
	size_t size = WebPEncodeRGBA(picture->rgba, (int)picture->width, (int)picture->height,
		(int)picture->width * 4, 95, &bytes);
	return take(bytes, size, file);
}

static bool lossy_alpha(struct picture *picture, struct buf *file)
{
	picture_fade(picture);
	return lossy(picture, file);
}

static bool add_frame(WebPAnimEncoder *encoder, const struct picture *picture, int time_ms)
{
	WebPConfig config;
	WebPPicture frame;
	if (!WebPConfigInit(&config) || !WebPPictureInit(&frame))
		return false;
	config.lossless = 1;
	frame.use_argb = 1;
	frame.width = (int)picture->width;
	frame.height = (int)picture->height;
	bool added = WebPPictureImportRGBA(&frame, picture->rgba, (int)picture->width * 4) &&
		     WebPAnimEncoderAdd(encoder, &frame, time_ms, &config);
	WebPPictureFree(&frame);
	return added;
}

/* The picture, then another one. */
static bool animated(struct picture *picture, struct buf *file)
{
	struct picture other;
	WebPAnimEncoderOptions options;
	WebPData data = {NULL, 0};
	if (!WebPAnimEncoderOptionsInit(&options))
		return false;
	picture_draw(&other, picture->width, picture->height, 9);
	WebPAnimEncoder *encoder =
		WebPAnimEncoderNew((int)picture->width, (int)picture->height, &options);
	bool made = encoder && add_frame(encoder, picture, 0) && add_frame(encoder, &other, 100) &&
		    WebPAnimEncoderAdd(encoder, NULL, 200, NULL) &&
		    WebPAnimEncoderAssemble(encoder, &data);
	if (made)
		buf_add(file, data.bytes, data.size);
	WebPDataClear(&data);
	WebPAnimEncoderDelete(encoder);
	picture_free(&other);
	return made && !file->failed;
}

const struct sample samples_webp[] = {
	{"webp lossless", "webp", lossless, 0, false},
	{"webp lossless alpha", "webp", lossless_alpha, 0, false},
	{"webp lossy", "webp", lossy, 10, false},
	{"webp lossy alpha", "webp", lossy_alpha, 10, false},
	{"webp animated", "webp", animated, 0, false},
	{NULL, NULL, NULL, 0, false},
};
