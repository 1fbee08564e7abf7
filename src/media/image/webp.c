/* WebP by libwebp. Its incremental decoder takes the whole file at once and, where the file is cut short, still says
 * which rows it has. Of an animated one the first frame on its canvas counts (libwebpdemux). */
#include "media/image/codecs.h"

#include <stdlib.h>
#include <string.h>

#include <webp/decode.h>
#include <webp/demux.h>

static int fail(struct image_job *job, VP8StatusCode status)
{
	switch (status) {
	case VP8_STATUS_OUT_OF_MEMORY:
		return image_no_memory(job);
	case VP8_STATUS_UNSUPPORTED_FEATURE:
		return image_fail(
			job, HILF_E_UNSUPPORTED, "WebP: a feature that libwebp does not know");
	case VP8_STATUS_SUSPENDED:
	case VP8_STATUS_NOT_ENOUGH_DATA:
		return image_fail(job, HILF_E_CORRUPT, "WebP: the file is cut short");
	default:
		return image_fail(job, HILF_E_CORRUPT, "WebP: the picture's data is broken");
	}
}

static int decode_still(struct image_job *job, const WebPBitstreamFeatures *features)
{
	size_t step = features->has_alpha ? 4 : 3, stride = (size_t)features->width * step;
	WebPDecoderConfig config;
	int rc = image_begin(job, (uint32_t)features->width, (uint32_t)features->height,
		features->has_alpha ? IMAGE_RGBA8 : IMAGE_RGB8);
	if (rc)
		return rc;
	uint8_t *pixels = calloc((size_t)features->height, stride);
	if (!pixels || !WebPInitDecoderConfig(&config)) {
		free(pixels);
		return image_no_memory(job);
	}
	config.output.colorspace = features->has_alpha ? MODE_RGBA : MODE_RGB;
	config.output.is_external_memory = 1;
	config.output.u.RGBA.rgba = pixels;
	config.output.u.RGBA.stride = (int)stride;
	config.output.u.RGBA.size = stride * (size_t)features->height;
	WebPIDecoder *decoder = WebPIDecode(NULL, 0, &config);
	VP8StatusCode status =
		decoder ? WebPIUpdate(decoder, job->data, job->size) : VP8_STATUS_OUT_OF_MEMORY;
	int row_count = 0;
	if (status == VP8_STATUS_OK)
		row_count = features->height;
	else if (decoder && !WebPIDecGetRGB(decoder, &row_count, NULL, NULL, NULL))
		row_count = 0;
	if (row_count > 0)
		image_rows(job, pixels, stride, (uint32_t)row_count);
	WebPIDelete(decoder);
	free(pixels);
	return status == VP8_STATUS_OK ? 0 : fail(job, status);
}

static int decode_animated(struct image_job *job)
{
	const WebPData data = {job->data, job->size};
	WebPAnimDecoderOptions options;
	WebPAnimInfo info;
	uint8_t *canvas = NULL;
	int time = 0, rc = 0;
	if (!WebPAnimDecoderOptionsInit(&options))
		return image_fail(
			job, HILF_E_UNSUPPORTED, "WebP: libwebpdemux is of another version");
	options.color_mode = MODE_RGBA;
	/* It reads no pixel yet, but refuses what is cut short anywhere. */
	WebPAnimDecoder *decoder = WebPAnimDecoderNew(&data, &options);
	if (!decoder || !WebPAnimDecoderGetInfo(decoder, &info))
		rc = image_fail(job, HILF_E_CORRUPT, "WebP: the animation is broken or cut short");
	if (!rc)
		rc = image_begin(job, info.canvas_width, info.canvas_height, IMAGE_RGBA8);
	if (!rc && !WebPAnimDecoderGetNext(decoder, &canvas, &time))
		rc = image_fail(job, HILF_E_CORRUPT, "WebP: the animation's first frame is broken");
	if (!rc)
		image_rows(job, canvas, (size_t)info.canvas_width * 4, info.canvas_height);
	WebPAnimDecoderDelete(decoder);
	return rc;
}

static int decode(struct image_job *job)
{
	WebPBitstreamFeatures features;
	VP8StatusCode status = WebPGetFeatures(job->data, job->size, &features);
	if (status != VP8_STATUS_OK)
		return fail(job, status);
	return features.has_animation ? decode_animated(job) : decode_still(job, &features);
}

const struct image_codec image_webp = {"libwebp", 1u << IMAGE_WEBP, NULL, NULL, decode};
