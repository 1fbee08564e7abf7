/* Makes the checksums of a file of blocks true again after its bytes were changed, so that a fuzzer comes past them. */
#ifndef FUZZ_RESEAL_H
#define FUZZ_RESEAL_H

#include "os/blocks_file.h"

#include <string.h>

static inline void reseal_header(uint8_t *bytes, struct blocks_header *header)
{
	header->sum = 0;
	header->sum = blocks_sum(header, sizeof *header, BLOCKS_SEED_HEADER);
	memcpy(bytes, header, sizeof *header);
}

/* As far as the header's sizes are those of the file. Returns what blocks->sum will be. */
static inline uint64_t reseal(uint8_t *bytes, size_t size)
{
	struct blocks_header header;
	uint64_t at = sizeof header, count = 0;
	bool fits = true;
	if (size < sizeof header)
		return 0;
	memcpy(&header, bytes, sizeof header);
	for (unsigned i = 0; i < BLOCKS_PARTS_MAX && i < header.part_count; i++) {
		fits = fits && header.part_sizes[i] <= size;
		at += fits ? blocks_padded(header.part_sizes[i]) : 0;
		count += fits ? blocks_count(blocks_padded(header.part_sizes[i])) : 0;
	}
	uint64_t sums_size = blocks_sums_size(count), block = 0;
	if (fits && at + sums_size == size) {
		at = sizeof header;
		for (unsigned i = 0; i < BLOCKS_PARTS_MAX && i < header.part_count; i++) {
			uint64_t end = at + blocks_padded(header.part_sizes[i]);
			for (; at < end; at += BLOCKS_SIZE < end - at ? BLOCKS_SIZE : end - at) {
				size_t part = BLOCKS_SIZE < end - at ? BLOCKS_SIZE : end - at;
				uint64_t sum =
					blocks_sum(bytes + at, part, BLOCKS_SEED_BLOCK + block);
				memcpy(bytes + size - sums_size + block++ * sizeof sum, &sum,
					sizeof sum);
			}
		}
		header.sums_sum = blocks_sum(bytes + size - sums_size, sums_size, BLOCKS_SEED_SUMS);
	}
	reseal_header(bytes, &header);
	return header.sum;
}

#endif
