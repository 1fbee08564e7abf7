/* A small JPEG of a picture, for people: made from the rows that the hash sees, on their way (image.c calls it), or from
 * rows of a decode of its own where those lack colour. Nothing that goes wrong here is a failure of the picture: then
 * there is no preview.
 *
 *   rows ──► means over boxes ──► at most PREVIEW_SIDE_MAX a side ──► JPEG, ever lower quality until PREVIEW_SIZE_MAX
 *
 * What is transparent is shown on a middle grey, on which black and white writing can both be read. */
#ifndef MEDIA_IMAGE_PREVIEW_H
#define MEDIA_IMAGE_PREVIEW_H

#include "media/image/image.h"

struct image_preview;

/* NULL: no memory. */
struct image_preview *preview_new(void);
void preview_free(struct image_preview *preview);

/* Starts anew, for a picture of this size. */
void preview_begin(
	struct image_preview *preview, uint32_t width, uint32_t height, enum image_pixels pixels);
/* The next rows from the top, `stride` bytes apart; none past the height. */
void preview_rows(
	struct image_preview *preview, const uint8_t *rows, size_t stride, uint32_t count);
/* Once, at the end; rows that never came are grey. ret_shown's bytes live as long as the preview. false: there is none. */
bool preview_finish(struct image_preview *preview, struct image_shown *ret_shown);

#endif
