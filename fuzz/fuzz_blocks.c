/* Files of blocks: the first byte says whether the checksums are made true again, the rest is the file. What can be
 * touched can be read, and reading on to the end is ready exactly when nothing was refused. */
#include "base/check.h"
#include "fuzz/reseal.h"
#include "os/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define KIND BLOCKS_KIND('f', 'u', 'z', 'z')

static void read_all(struct blocks *blocks)
{
	unsigned refused = 0, sum = 0;
	bool more = true;
	ASSERT(blocks->part_count <= BLOCKS_PARTS_MAX);
	for (unsigned i = 0; i < blocks->part_count; i++) {
		const struct blocks_part *part = &blocks->parts[i];
		if (blocks_touch(blocks, i, 0, part->size, NULL) < 0) {
			refused++;
			continue;
		}
		for (uint64_t j = 0; j < part->size; j++)
			sum += part->bytes[j];
	}
	while (more) {
		size_t budget = 1;
		if (blocks_warm(blocks, &budget, &more, NULL) < 0)
			ASSERT(refused > 0);
	}
	ASSERT(blocks_ready(blocks) == (refused == 0));
	ASSERT(sum < UINT32_MAX);
}

static void try_file(uint8_t *bytes, size_t size, bool resealed)
{
	struct blocks *blocks = NULL;
	struct hilf_err err = {0};
	char path[64];
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	if (fd < 0)
		return;
	if (resealed)
		reseal(bytes, size);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (file_write_all(fd, bytes, size) == 0) {
		if (blocks_open(&blocks, path, KIND, &err) < 0)
			ASSERT(err.code < 0 && err.text[0] && !blocks);
		else
			read_all(blocks);
		blocks_close(blocks);
	}
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	uint8_t *bytes = malloc(size);
	if (bytes) {
		memcpy(bytes, data + 1, size - 1);
		try_file(bytes, size - 1, data[0] & 1);
	}
	free(bytes);
	return 0;
}
