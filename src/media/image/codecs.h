/* The codecs, one file each. */
#ifndef MEDIA_IMAGE_CODECS_H
#define MEDIA_IMAGE_CODECS_H

#include "media/image/image.h"

extern const struct image_codec image_bmp_codec;
extern const struct image_codec image_gif;
extern const struct image_codec image_heif;
extern const struct image_codec image_jpeg;
extern const struct image_codec image_png;
extern const struct image_codec image_pnm_codec;
extern const struct image_codec image_tiff;
extern const struct image_codec image_webp;

#endif
