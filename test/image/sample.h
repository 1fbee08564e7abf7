/* Picture files of every kind, made here with the codecs' own writers (BMP and PNM by hand), and what each must show.
 *
 * A maker gets a picture, turns it into what its format can hold (fewer colours, no opacity, ...), and writes the file;
 * the picture is afterwards what a reader must see. */
#ifndef TEST_IMAGE_SAMPLE_H
#define TEST_IMAGE_SAMPLE_H

#include "base/buf.h"
#include "signal/pdq.h"

struct picture {
	uint32_t width, height;
	uint8_t *rgba;
};

struct sample {
	const char *name;
	const char *format; /* as content.format says */
	bool (*make)(struct picture *picture,
		struct buf *file); /* false: the library here cannot write it */
	int distance_max;          /* bits; for lossy ones, of pictures harder than photographs */
	bool even_sides;
};

extern const struct sample samples_png[], samples_jpeg[], samples_webp[], samples_gif[],
	samples_tiff[], samples_heif[], samples_plain[];

/* A picture with shapes of all sizes, so that its hash is a firm one. Opaque. */
void picture_draw(struct picture *picture, uint32_t width, uint32_t height, uint32_t seed);
void picture_free(struct picture *picture);
uint8_t *picture_pixel(const struct picture *picture, uint32_t x, uint32_t y);
void picture_grey(struct picture *picture);
void picture_threshold(struct picture *picture);
/* To the 216 colours of a 6 x 6 x 6 cube; an index for each pixel, and the cube as 3 bytes an entry. */
uint8_t *picture_cube(struct picture *picture, uint8_t colours[256][3]);
/* Opacity that falls from the left to the right. */
void picture_fade(struct picture *picture);
/* The hash of the picture as it is (0), on black (1), on white (2). */
void picture_hash(const struct picture *picture, unsigned variant, struct pdq_result *ret_result);
bool picture_opaque(const struct picture *picture);
int hash_distance(const uint8_t one[PDQ_SIZE], const uint8_t other[PDQ_SIZE]);

#endif
