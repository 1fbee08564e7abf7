/* A snapshot of an index that somebody wrote on purpose: its bytes are changed as the input says, and all checksums and
 * names made true again. It may be refused or give wrong answers; it must not be read out of bounds. A change is 8 bytes:
 * which file, how (set, add or flip), where (4 bytes), with what (2 bytes). */
#include "base/check.h"
#include "fuzz/reseal.h"
#include "index/index.h"
#include "os/file.h"
#include "test/folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FILE_ROOM  65536u
#define CHANGE     8u
#define VALUES     60u
#define REMOVED    9999u
#define VALUE_SIZE 32u

static const struct index_stamp stamp = {{1}, 1, {1}};
static char folder[200], level_path[300], manifest_path[300];
static uint8_t values[VALUES][VALUE_SIZE];
/* The files as they were written: the level and the manifest. */
static struct original {
	uint8_t bytes[FILE_ROOM];
	size_t size;
	uint64_t sum;
} originals[2];

static void read_original(const char *path, struct original *original)
{
	int fd = open(path, O_RDONLY);
	ssize_t size = file_read_all(fd, original->bytes, FILE_ROOM);
	close(fd);
	ASSERT(size > (ssize_t)sizeof(struct blocks_header) && size < (ssize_t)FILE_ROOM);
	original->size = (size_t)size;
	memcpy(&original->sum, original->bytes + offsetof(struct blocks_header, sum),
		sizeof original->sum);
}

static void remove_folder(void)
{
	folder_remove(folder);
}

static void find_files(void)
{
	DIR *handle = opendir(folder);
	ASSERT(handle);
	for (struct dirent *item; (item = readdir(handle));)
		if (item->d_name[0] == 'l')
			snprintf(level_path, sizeof level_path, "%s/%.80s", folder, item->d_name);
	closedir(handle);
	snprintf(manifest_path, sizeof manifest_path, "%s/manifest", folder);
	read_original(level_path, &originals[0]);
	read_original(manifest_path, &originals[1]);
}

/* A level of some sixty values of which most are alike (so that buckets overflow), and one value in the delta. */
static void make_originals(void)
{
	static uint8_t many[600][VALUE_SIZE];
	static uint32_t links[600];
	struct index *index = NULL;
	for (uint32_t i = 0; i < 600; i++) {
		for (size_t j = 0; j < VALUE_SIZE; j++)
			many[i][j] = (uint8_t)(i < 45 ? j : i * 37 + j * i);
		links[i] = i < VALUES - 1 ? i : REMOVED;
	}
	memcpy(values, many, sizeof values);
	folder_make(folder, sizeof folder);
	atexit(remove_folder);
	int rc = index_hamming.open(&index, NULL);
	rc = rc ? rc : index_hamming.remove(index, REMOVED, NULL);
	rc = rc ? rc : index_hamming.add(index, many[0], links, 600, NULL);
	rc = rc ? rc : index_hamming.add(index, values[VALUES - 1], links + 1, 1, NULL);
	rc = rc ? rc : index_hamming.save(index, folder, &stamp, NULL);
	ASSERT(rc == HILF_OK);
	index_hamming.close(index);
	find_files();
}

static void change(uint8_t files[2][FILE_ROOM], const uint8_t *data)
{
	unsigned which = data[0] & 1;
	uint32_t at;
	memcpy(&at, data + 2, sizeof at);
	at %= originals[which].size;
	uint8_t *byte = &files[which][at];
	for (unsigned i = 0; i < 2 && at + i < originals[which].size; i++) {
		if (data[1] % 3 == 0)
			byte[i] = data[6 + i];
		else if (data[1] % 3 == 1)
			byte[i] = (uint8_t)(byte[i] + data[6 + i]);
		else
			byte[i] ^= data[6 + i];
	}
}

static void write_file(const char *path, const uint8_t *bytes, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	ASSERT(fd >= 0 && file_write_all(fd, bytes, size) == 0);
	close(fd);
}

/* Writes both, the level under its new name, which the manifest then names. */
static void write_files(uint8_t files[2][FILE_ROOM])
{
	uint64_t sum = reseal(files[0], originals[0].size);
	for (size_t i = sizeof(struct blocks_header); i + 8 <= originals[1].size; i++)
		if (memcmp(files[1] + i, &originals[0].sum, sizeof sum) == 0)
			memcpy(files[1] + i, &sum, sizeof sum);
	reseal(files[1], originals[1].size);
	snprintf(
		level_path, sizeof level_path, "%s/level-%016llx", folder, (unsigned long long)sum);
	write_file(level_path, files[0], originals[0].size);
	write_file(manifest_path, files[1], originals[1].size);
}

static void use(struct index *index)
{
	struct index_hit hits[16];
	struct index_usage usage;
	uint32_t link = 77;
	bool more = true;
	int rc = HILF_OK;
	for (unsigned i = 0; i < VALUES; i += 7) {
		struct index_hits found = {hits, 16, 0, 0};
		rc = index_hamming.find(
			index, values[i], i % 2 ? 31 : 48, NULL, NULL, &found, NULL);
		ASSERT(rc == HILF_OK || (rc == HILF_E_CORRUPT && found.total == 0));
	}
	while (more && rc == HILF_OK)
		rc = index_hamming.warm(index, 1, &more, NULL);
	index_hamming.usage(index, &usage);
	for (unsigned i = 0; i < 40 && rc == HILF_OK; i++)
		rc = index_hamming.add(index, values[i % 40], &link, 1, NULL);
	more = true;
	while (more && rc == HILF_OK)
		rc = index_hamming.maintain(index, &more, NULL);
	ASSERT(rc == HILF_OK || rc == HILF_E_CORRUPT || rc == HILF_E_LIMIT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t files[2][FILE_ROOM];
	struct index *index = NULL;
	struct index_stamp loaded;
	if (!folder[0])
		make_originals();
	for (unsigned i = 0; i < 2; i++)
		memcpy(files[i], originals[i].bytes, originals[i].size);
	for (size_t at = 0; at + CHANGE <= size && at < 64 * CHANGE; at += CHANGE)
		change(files, data + at);
	write_files(files);
	int rc = index_hamming.load(&index, folder, &stamp, &loaded, NULL);
	if (rc == HILF_OK)
		use(index);
	ASSERT(size > 0 || rc == HILF_OK);
	index_hamming.close(index);
	file_remove(level_path, NULL);
	return 0;
}
