/* PDQ, a perceptual hash of 256 bits for pictures, after its published description ("The TMK+PDQF Video-Hashing
 * Algorithm and the PDQ Image-Hashing Algorithm", Facebook, 2019).
 *
 * A picture is fed row by row, from the top, and never held: what is kept is a 64 x 64 picture in the making.
 *
 *   rows ──► luma, two box filters, 64 x 64 samples ──► 16 x 16 of the DCT ──► above the median? ──► 256 bits
 *            (together one banded matrix on each side, applied as the rows come)
 */
#ifndef SIGNAL_PDQ_H
#define SIGNAL_PDQ_H

#include "hilf.h"

/* The numbers are bytes a pixel; X is not looked at. */
enum pdq_format { PDQ_GRAY8 = 1, PDQ_RGB8 = 3, PDQ_RGBX8 = 4 };

#define PDQ_SIZE         32 /* bytes of a hash, as its hexadecimal text has them */
#define PDQ_SIDE_MIN     5  /* smaller pictures hash to nothing: quality 0 */
#define PDQ_QUALITY_MIN  50
#define PDQ_TIES_MAX     8 /* more coefficients this near the median: rounding noise */
#define PDQ_TIE_DISTANCE 1e-3f

struct pdq_result {
	uint8_t quality; /* 0 to 100 */
	bool degenerate; /* quality below PDQ_QUALITY_MIN or ties above PDQ_TIES_MAX: stands for nothing */
	uint16_t ties; /* coefficients within PDQ_TIE_DISTANCE of the median; it is one itself */
	/* hash[o] is that of the picture turned as o says: rotations are counter-clockwise, flipx turns it upside
	 * down, flipy mirrors left and right, flip_plus1 swaps x and y, flip_minus1 does so across the other diagonal. */
	uint8_t hash[HILF_ORIENTATION_COUNT][PDQ_SIZE];
};

struct pdq; /* one picture in the making; its kernels are those of simd_level() */

/* width, height in pixels, 1 to 65,535. Release with pdq_free. HILF_E_NO_MEMORY, HILF_E_INVALID. */
int pdq_new(uint32_t width, uint32_t height, enum pdq_format format, struct pdq **ret_pdq,
	struct hilf_err *err);
void pdq_free(struct pdq *pdq);
/* The next `count` rows; `stride` bytes from one to the next. Rows past the height are an assertion. Rows are added up
 * eight at a time where a call brings that many, which is three times as fast as one by one. */
void pdq_rows(struct pdq *pdq, const uint8_t *rows, size_t stride, uint32_t count);
/* After the last row. With fewer rows than promised the missing ones count as black. */
void pdq_finish(struct pdq *pdq, struct pdq_result *ret_result);

/* One call for a picture that is in memory anyway. */
int pdq_picture(const uint8_t *pixels, uint32_t width, uint32_t height, size_t stride,
	enum pdq_format format, struct pdq_result *ret_result, struct hilf_err *err);

/* Whether a bare value can be told to stand for nothing: far fewer or more bits set than any picture's hash has. */
bool pdq_value_degenerate(const uint8_t value[PDQ_SIZE]);

#endif
