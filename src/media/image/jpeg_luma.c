/* The file is walked from marker to marker, as ITU T.81 lays it out: segments by their length, the data of a scan to the
 * next marker that is neither a stuffed byte nor a restart. Each piece up to a scan that is left out is given to libjpeg
 * in one go; nothing is copied. */
#include "media/image/jpeg_luma.h"

#include <stdbool.h>
#include <string.h>

#include <jerror.h>

#define MARKER_RST0 0xd0
#define MARKER_RST7 0xd7
#define MARKER_EOI  0xd9
#define MARKER_SOS  0xda

static const uint8_t fake_end[] = {0xff, MARKER_EOI};

/* The index of the next marker's 0xff at or after index, within the data of a scan or between segments; the size of
 * the file where there is none. */
static size_t next_marker(const struct jpeg_luma *luma, size_t index)
{
	while (index + 1 < luma->size) {
		const uint8_t *found = memchr(luma->data + index, 0xff, luma->size - index - 1);
		if (!found)
			break;
		index = (size_t)(found - luma->data);
		uint8_t marker = found[1];
		if (marker != 0 && marker != 0xff && (marker < MARKER_RST0 || marker > MARKER_RST7))
			return index;
		index += marker == 0xff ? 1 : 2;
	}
	return luma->size;
}

/* Behind the segment whose marker is at index. */
static size_t skip_segment(const struct jpeg_luma *luma, size_t index)
{
	if (luma->size - index < 4)
		return luma->size;
	size_t size = (size_t)luma->data[index + 2] << 8 | luma->data[index + 3];
	return size < 2 || size > luma->size - index - 2 ? luma->size : index + 2 + size;
}

/* Whether the scan whose marker is at index is of one chroma component. */
static bool chroma_alone(const struct jpeg_luma *luma, size_t index)
{
	const uint8_t *head = luma->data + index;
	return luma->size - index >= 10 && head[4] == 1 &&
	       (head[5] == luma->chroma[0] || head[5] == luma->chroma[1]);
}

/* Behind the scan whose marker is at index, its data included. */
static size_t skip_scan(const struct jpeg_luma *luma, size_t index)
{
	return next_marker(luma, skip_segment(luma, index));
}

/* The next piece; false at the end of the file. It begins where a piece may: at a marker, or, the first one, in the
 * data of the first scan. */
static bool next_piece(struct jpeg_luma *luma)
{
	size_t begin = luma->index;
	for (;;) {
		size_t index = next_marker(luma, luma->index);
		luma->index = index;
		if (index == luma->size)
			break;
		uint8_t marker = luma->data[index + 1];
		if (marker == MARKER_EOI) {
			luma->index = luma->size;
			break;
		}
		if (marker != MARKER_SOS) {
			luma->index = skip_segment(luma, index);
		} else if (!chroma_alone(luma, index)) {
			luma->index = skip_scan(luma, index);
		} else if (index > begin) {
			/* Next time it is what stands first, and is passed over. */
			luma->source.next_input_byte = luma->data + begin;
			luma->source.bytes_in_buffer = index - begin;
			return true;
		} else {
			begin = luma->index = skip_scan(luma, index);
		}
	}
	luma->source.next_input_byte = luma->data + begin;
	luma->source.bytes_in_buffer = luma->size - begin;
	return luma->size > begin;
}

static boolean fill(j_decompress_ptr jpeg)
{
	struct jpeg_luma *luma = (struct jpeg_luma *)jpeg->src;
	if (luma->index < luma->size && next_piece(luma))
		return TRUE;
	/* As libjpeg's own sources do where a file is cut short. */
	WARNMS(jpeg, JWRN_JPEG_EOF);
	luma->source.next_input_byte = fake_end;
	luma->source.bytes_in_buffer = sizeof fake_end;
	return TRUE;
}

static void skip(j_decompress_ptr jpeg, long count)
{
	struct jpeg_luma *luma = (struct jpeg_luma *)jpeg->src;
	while (count > 0 && (size_t)count > luma->source.bytes_in_buffer) {
		count -= (long)luma->source.bytes_in_buffer;
		fill(jpeg);
	}
	if (count > 0) {
		luma->source.next_input_byte += count;
		luma->source.bytes_in_buffer -= (size_t)count;
	}
}

static void do_nothing(j_decompress_ptr jpeg)
{
	(void)jpeg;
}

void jpeg_luma_begin(struct jpeg_luma *luma, struct jpeg_decompress_struct *jpeg,
	const uint8_t *data, size_t size)
{
	*luma = (struct jpeg_luma){.data = data, .size = size};
	luma->source = (struct jpeg_source_mgr){.init_source = do_nothing,
		.fill_input_buffer = fill,
		.skip_input_data = skip,
		.resync_to_restart = jpeg_resync_to_restart,
		.term_source = do_nothing};
	luma->index = size - jpeg->src->bytes_in_buffer;
	for (int i = 0; i < 2; i++)
		luma->chroma[i] = (uint8_t)jpeg->comp_info[i + 1].component_id;
	/* Ids that are the luma's too cannot tell scans apart: then none is left out. */
	for (int i = 0; i < 2; i++)
		if (luma->chroma[i] == jpeg->comp_info[0].component_id)
			luma->index = size;
	if (luma->index == size) {
		luma->source.next_input_byte = jpeg->src->next_input_byte;
		luma->source.bytes_in_buffer = jpeg->src->bytes_in_buffer;
	} else {
		next_piece(luma);
	}
	jpeg->src = &luma->source;
}
