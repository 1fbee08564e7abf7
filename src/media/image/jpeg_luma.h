/* A source for libjpeg that leaves out the scans of a JPEG which carry chroma alone, for a decoder that wants the luma.
 *
 *   file:  [head][DC of all][luma 1][blue 1][red 1][tables][luma 2][blue 2][red 2][end]
 *   given: [head][DC of all][luma 1]               [tables][luma 2]               [end]
 *
 * The luma comes out the same to the last bit. Progressive files have many such scans, and decoding them, not
 * transforming them, is what such files cost: 8 to 50 % of their bytes on photographs. */
#ifndef MEDIA_IMAGE_JPEG_LUMA_H
#define MEDIA_IMAGE_JPEG_LUMA_H

#include <stdint.h>
#include <stdio.h>

#include <jpeglib.h>

struct jpeg_luma {
	struct jpeg_source_mgr source; /* first: libjpeg hands it back */
	const uint8_t *data;
	size_t size;
	size_t index;      /* behind what was given */
	uint8_t chroma[2]; /* component ids */
};

/* Takes over from a memory source of data[size], after jpeg_read_header of a file of three components. */
void jpeg_luma_begin(struct jpeg_luma *luma, struct jpeg_decompress_struct *jpeg,
	const uint8_t *data, size_t size);

#endif
