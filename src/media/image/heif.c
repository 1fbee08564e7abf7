/* HEIC and AVIF by libheif, with libde265 and dav1d behind it: the primary picture, turned as its own properties say,
 * because every reader of HEIF does so.
 *
 * No thread is started, so that the children's promise need not contain any: tiles are decoded in turn, dav1d finds a
 * single core (the sandbox does not tell it of others), and libde265's worker, which libheif asks for without a way to
 * say no, is answered below: its symbol is found here first, and a decoder without workers decodes where it is
 * called. */
#include "media/image/codecs.h"

#include <string.h>

#include <libheif/heif.h>

/* Not a promise of our own, so no header of ours names it. */
int de265_start_worker_threads(void *decoder, int count);
__attribute__((visibility("default"))) int de265_start_worker_threads(void *decoder, int count)
{
	(void)decoder;
	(void)count;
	return 0;
}

static int fail(struct image_job *job, struct heif_error error)
{
	enum hilf_code code = HILF_E_CORRUPT;
	if (error.code == heif_error_Memory_allocation_error)
		code = error.subcode == heif_suberror_Security_limit_exceeded ? HILF_E_LIMIT
									      : HILF_E_NO_MEMORY;
	else if (error.code == heif_error_Unsupported_feature ||
		 error.code == heif_error_Unsupported_filetype ||
		 error.code == heif_error_Color_profile_does_not_exist)
		code = HILF_E_UNSUPPORTED;
	else if (error.subcode == heif_suberror_Security_limit_exceeded)
		code = HILF_E_LIMIT;
	return image_fail(job, code, "HEIF: %s", error.message ? error.message : "broken");
}

static int put_pixels(struct image_job *job, const struct heif_image *image, bool alpha)
{
	int stride = 0, width = heif_image_get_width(image, heif_channel_interleaved);
	int height = heif_image_get_height(image, heif_channel_interleaved);
	const uint8_t *pixels =
		heif_image_get_plane_readonly(image, heif_channel_interleaved, &stride);
	if (!pixels || width <= 0 || height <= 0 || stride < width * (alpha ? 4 : 3))
		return image_fail(job, HILF_E_CORRUPT, "HEIF: the picture has no pixels");
	int rc = image_begin(
		job, (uint32_t)width, (uint32_t)height, alpha ? IMAGE_RGBA8 : IMAGE_RGB8);
	if (!rc)
		image_rows(job, pixels, (size_t)stride, (uint32_t)height);
	return rc;
}

static struct heif_error decode_pixels(
	const struct heif_image_handle *handle, bool alpha, struct heif_image **ret_image)
{
	static const struct heif_error no_memory = {
		heif_error_Memory_allocation_error, heif_suberror_Unspecified, "no memory"};
	struct heif_decoding_options *options = heif_decoding_options_alloc();
	if (!options)
		return no_memory;
	options->convert_hdr_to_8bit = 1;
	struct heif_error error = heif_decode_image(handle, ret_image, heif_colorspace_RGB,
		alpha ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB, options);
	heif_decoding_options_free(options);
	return error;
}

static int decode_primary(struct image_job *job, struct heif_context *context)
{
	struct heif_image_handle *handle = NULL;
	struct heif_image *image = NULL;
	struct heif_error error =
		heif_context_read_from_memory_without_copy(context, job->data, job->size, NULL);
	if (error.code == heif_error_Ok)
		error = heif_context_get_primary_image_handle(context, &handle);
	if (error.code != heif_error_Ok)
		return fail(job, error);
	struct image_head head = job->head;
	head.width = (uint32_t)heif_image_handle_get_width(handle);
	head.height = (uint32_t)heif_image_handle_get_height(handle);
	int rc = image_head_check(&head, job->size, job->err);
	if (!rc) {
		bool alpha = heif_image_handle_has_alpha_channel(handle) != 0;
		error = decode_pixels(handle, alpha, &image);
		rc = error.code == heif_error_Ok ? put_pixels(job, image, alpha) : fail(job, error);
		if (!rc && heif_image_get_decoding_warnings(image, 0, NULL, 0) > 0)
			rc = image_fail(
				job, HILF_E_CORRUPT, "HEIF: parts of the picture are broken");
	}
	heif_image_release(image);
	heif_image_handle_release(handle);
	return rc;
}

static int decode(struct image_job *job)
{
	struct heif_context *context = heif_context_alloc();
	if (!context)
		return image_no_memory(job);
	heif_context_set_max_decoding_threads(context, 0);
	int rc = decode_primary(job, context);
	heif_context_free(context);
	return rc;
}

static void prepare(void)
{
	heif_init(NULL);
}

const struct image_codec image_heif = {
	"libheif", 1u << IMAGE_HEIC | 1u << IMAGE_AVIF, NULL, prepare, decode};
