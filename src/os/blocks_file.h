/* The bytes of a file of blocks; for blocks*.c alone. docs/formats/index.md says the same in words. */
#ifndef OS_BLOCKS_FILE_H
#define OS_BLOCKS_FILE_H

#include "os/blocks.h"

#define BLOCKS_MAGIC       "hilfblk\n"
#define BLOCKS_VERSION     1u
#define BLOCKS_ALIGN       ((size_t)64)
#define BLOCKS_PAGE        ((size_t)4096)
#define BLOCKS_SEED_HEADER 1u
#define BLOCKS_SEED_SUMS   2u
#define BLOCKS_SEED_BLOCK  3u /* and the number of the block, from 0 */

struct blocks_header {
	char magic[8];
	uint32_t version;
	uint32_t kind;
	uint8_t stamp[BLOCKS_STAMP_SIZE];
	uint32_t part_count;
	uint32_t zero;
	uint64_t sums_sum;
	uint64_t part_sizes[BLOCKS_PARTS_MAX];
	uint8_t zeros[BLOCKS_PAGE - 360];
	uint64_t sum; /* of the header, with 0 here */
};

_Static_assert(sizeof(struct blocks_header) == BLOCKS_PAGE, "the header is a page");

/* What a part takes in the file: whole pages if it is of any size, so that its blocks begin at pages. */
static inline uint64_t blocks_padded(uint64_t part_size)
{
	uint64_t unit = part_size >= BLOCKS_SIZE ? BLOCKS_PAGE : BLOCKS_ALIGN;
	return (part_size + unit - 1) / unit * unit;
}

static inline uint64_t blocks_count(uint64_t padded_size)
{
	return (padded_size + BLOCKS_SIZE - 1) / BLOCKS_SIZE;
}

static inline uint64_t blocks_sums_size(uint64_t block_count)
{
	return blocks_padded(block_count * sizeof(uint64_t));
}

#endif
