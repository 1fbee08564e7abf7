/* The codecs, in the order in which they are asked. */
#include "media/image/codecs.h"

const struct image_codec *const image_codecs[] = {
	&image_jpeg,
	&image_png,
	&image_webp,
	&image_gif,
	&image_tiff,
	&image_heif,
	&image_bmp_codec,
	&image_pnm_codec,
	NULL,
};
