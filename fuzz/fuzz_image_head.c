/* Heads of picture files: whatever the bytes are, a head that is accepted keeps the limits. */
#include "base/check.h"
#include "base/limits.h"
#include "wire/image_head.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image_head head;
	struct image_pnm pnm;
	struct image_bmp bmp;
	struct hilf_err err = {.text = ""};
	int rc = image_head_read(data, size, &head, &err);
	if (rc) {
		ASSERT(rc == (int)err.code && *err.text);
		ASSERT(rc == HILF_E_UNSUPPORTED || rc == HILF_E_CORRUPT || rc == HILF_E_LIMIT);
		return 0;
	}
	ASSERT(head.format == image_sniff(data, size) && *image_format_name(head.format));
	ASSERT(head.width >= 1 && head.width <= LIMIT_IMAGE_SIDE);
	ASSERT(head.height >= 1 && head.height <= LIMIT_IMAGE_SIDE);
	ASSERT((uint64_t)head.width * head.height <= LIMIT_JPEG_PIXELS);
	ASSERT(head.frame_count >= 1 && head.frame_count <= IMAGE_FRAMES_COUNTED);
	if (head.format == IMAGE_PNM) {
		ASSERT(image_pnm_read(data, size, &pnm, &err) == 0);
		ASSERT(pnm.depth >= 1 && pnm.depth <= 4 && pnm.maxval >= 1 &&
			pnm.data_index <= size);
	}
	if (head.format == IMAGE_BMP) {
		ASSERT(image_bmp_read(data, size, &bmp, &err) == 0);
		ASSERT(bmp.palette_count <= 256);
		ASSERT(!bmp.palette_count ||
			bmp.palette_index + bmp.palette_count * bmp.palette_step <= size);
	}
	return 0;
}
