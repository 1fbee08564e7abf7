/* A level's tables, each a part of a file of blocks, as they are in memory. A file that was made up (its checksums are no
 * secret) may hold anything; so each block of buckets and starts is checked for numbers out of bounds when it is read,
 * and search.c checks places and ids as it follows them. */
#include "index/level_file.h"

#include "base/check.h"
#include "base/err.h"
#include "os/file.h"

#include <stdio.h>
#include <stdlib.h>

#define KIND BLOCKS_KIND('h', 'l', 'v', 'l')

struct form {
	uint32_t count;
	uint32_t parts;
	uint32_t key_bits;
	uint32_t line_count;
	uint32_t id_size;
	uint32_t zero;
};

void level_file_name(uint64_t file_sum, char *ret_name)
{
	snprintf(ret_name, LEVEL_FILE_NAME_ROOM, "level-%016llx", (unsigned long long)file_sum);
}

bool level_file_is_name(const char *name)
{
	return strncmp(name, "level-", 6) == 0 && strspn(name + 6, "0123456789abcdef") == 16 &&
	       name[22] == '\0';
}

static char *path_of(const char *dir, uint64_t file_sum)
{
	char name[LEVEL_FILE_NAME_ROOM];
	level_file_name(file_sum, name);
	return file_join(dir, name);
}

static void make_stamp(const uint8_t *store, uint8_t *ret_stamp)
{
	memset(ret_stamp, 0, BLOCKS_STAMP_SIZE);
	memcpy(ret_stamp, store, 16);
}

/* ---------------------------------------------------------------------------------------------- saving */

static int put_tables(struct blocks_writer *writer, const struct level *level, struct hilf_err *err)
{
	const struct form form = {
		level->count, level->parts, level->key_bits, level->line_count, level->id_size, 0};
	const struct {
		const void *bytes;
		uint64_t size;
	} tables[LEVEL_PARTS] = {
		[LEVEL_SLOTS] = {level->slots, level_slots_size(level)},
		[LEVEL_OVERFLOW] = {level->overflow, level->overflow_size},
		[LEVEL_STARTS] = {level->starts, level_starts_size(level)},
		[LEVEL_IDS] = {level->ids, level_ids_size(level)},
		[LEVEL_VALUES] = {level->values, (uint64_t)level->count * HAMMING_SIZE},
		[LEVEL_LINKS] = {level->links, level->count * sizeof *level->links},
		[LEVEL_FORM] = {&form, sizeof form},
	};
	int rc = HILF_OK;
	for (unsigned i = 0; i < LEVEL_PARTS && rc == HILF_OK; i++)
		rc = blocks_put(writer, i, tables[i].bytes, tables[i].size, err);
	return rc;
}

/* Writes it aside; the file's name follows from what was written. */
static int write_level(struct level *level, const char *dir, const char *aside,
	const uint8_t *store, struct hilf_err *err)
{
	struct blocks_writer *writer = NULL;
	uint8_t stamp[BLOCKS_STAMP_SIZE];
	uint64_t sum = 0;
	char *path = NULL;
	make_stamp(store, stamp);
	int rc = blocks_create(&writer, aside, KIND, stamp, err);
	if (rc == HILF_OK)
		rc = put_tables(writer, level, err);
	if (rc == HILF_OK)
		rc = blocks_seal(writer, &sum, err);
	if (rc == HILF_OK && !(path = path_of(dir, sum)))
		rc = err_no_memory(err);
	if (rc == HILF_OK)
		rc = blocks_place(writer, path, err);
	if (rc == HILF_OK)
		level->file_sum = sum;
	blocks_finish(writer);
	free(path);
	return rc;
}

/* Whether the level's file is in the folder, from its header. */
static bool is_saved(const struct level *level, const char *path, const uint8_t *store)
{
	struct blocks *blocks = NULL;
	uint8_t stamp[BLOCKS_STAMP_SIZE];
	make_stamp(store, stamp);
	if (blocks_open(&blocks, path, KIND, NULL) < 0)
		return false;
	bool saved =
		blocks->sum == level->file_sum && memcmp(blocks->stamp, stamp, sizeof stamp) == 0;
	blocks_close(blocks);
	return saved;
}

static int read_whole(struct level *level, struct hilf_err *err)
{
	int rc = HILF_OK;
	for (unsigned i = 0; level->blocks && i < LEVEL_PARTS && rc == HILF_OK; i++)
		rc = blocks_touch(level->blocks, i, 0, level->blocks->parts[i].size, err);
	return rc;
}

int level_file_save(
	struct level *level, const char *dir, const uint8_t *store, struct hilf_err *err)
{
	if (level->file_sum) {
		char *path = path_of(dir, level->file_sum);
		if (!path)
			return err_no_memory(err);
		bool saved = is_saved(level, path, store);
		free(path);
		if (saved)
			return HILF_OK;
	}
	char *aside = file_join(dir, LEVEL_FILE_ASIDE);
	if (!aside)
		return err_no_memory(err);
	int rc = read_whole(level, err);
	if (rc == HILF_OK)
		rc = write_level(level, dir, aside, store, err);
	free(aside);
	return rc;
}

/* --------------------------------------------------------------------------------------------- loading */

static bool check_buckets(const struct level *level, uint64_t at, const uint8_t *bytes, size_t size)
{
	uint64_t bucket_size = level_lanes(level) * sizeof(uint16_t);
	uint64_t end = at + size < level_slots_size(level) ? at + size : level_slots_size(level);
	for (uint64_t i = (at + bucket_size - 1) / bucket_size * bucket_size; i < end;
		i += bucket_size) {
		uint16_t bucket[6];
		memcpy(bucket, bytes + (i - at), sizeof bucket);
		if (bucket[0] != HAMMING_OVERFLOW) {
			if (bucket[0] >= level_lanes(level))
				return false;
			continue;
		}
		struct level_overflow overflow = level_overflow(bucket);
		uint64_t from = (uint64_t)overflow.line * HAMMING_LANES;
		if ((from + overflow.count) * sizeof(uint16_t) > level->overflow_size)
			return false;
	}
	return true;
}

static bool check_starts(const struct level *level, uint64_t at, const uint8_t *bytes, size_t size)
{
	uint64_t end = at + size < level_starts_size(level) ? size : level_starts_size(level) - at;
	for (uint64_t i = 0; i < end; i += sizeof(uint32_t)) {
		uint32_t start;
		memcpy(&start, bytes + i, sizeof start);
		if (start > level->count)
			return false;
	}
	return true;
}

static bool check_block(unsigned part, uint64_t at, const uint8_t *bytes, size_t size, void *ctx)
{
	const struct level *level = ctx;
	if (part == LEVEL_SLOTS)
		return check_buckets(level, at, bytes, size);
	return part != LEVEL_STARTS || check_starts(level, at, bytes, size);
}

static bool has_form(const struct level *level)
{
	return level->count > 0 && level->count <= LEVEL_MAX &&
	       (level->parts == 16 || level->parts == 32) && level->key_bits >= 1 &&
	       level->key_bits <= HAMMING_SIZE * 8 / level->parts && level->line_count >= 1 &&
	       level->line_count <= LINES_MAX && level->id_size >= 2 && level->id_size <= 4 &&
	       (uint64_t)level->count <= (uint64_t)1 << 8 * level->id_size;
}

static bool has_sizes(const struct level *level, const struct blocks_part *parts)
{
	return parts[LEVEL_SLOTS].size == level_slots_size(level) &&
	       parts[LEVEL_OVERFLOW].size % (HAMMING_LANES * sizeof(uint16_t)) == 0 &&
	       parts[LEVEL_STARTS].size == level_starts_size(level) &&
	       parts[LEVEL_IDS].size == level_ids_size(level) &&
	       parts[LEVEL_VALUES].size == (uint64_t)level->count * HAMMING_SIZE &&
	       parts[LEVEL_LINKS].size == level->count * sizeof *level->links;
}

int level_file_impossible(const struct level *level, struct hilf_err *err)
{
	return err_set(err, HILF_E_CORRUPT, "'%s' is damaged: its tables do not fit together",
		level->blocks ? level->blocks->path : "memory");
}

/* Takes the tables of its blocks. */
static int take_tables(struct level *level, struct hilf_err *err)
{
	struct blocks *blocks = level->blocks;
	const struct blocks_part *parts = blocks->parts;
	struct form form;
	if (blocks->part_count != LEVEL_PARTS || parts[LEVEL_FORM].size != sizeof form)
		return level_file_impossible(level, err);
	int rc = blocks_touch(blocks, LEVEL_FORM, 0, sizeof form, err);
	if (rc < 0)
		return rc;
	memcpy(&form, parts[LEVEL_FORM].bytes, sizeof form);
	level->count = form.count;
	level->parts = form.parts;
	level->key_bits = form.key_bits;
	level->line_count = form.line_count;
	level->id_size = form.id_size;
	if (!has_form(level) || !has_sizes(level, parts))
		return level_file_impossible(level, err);
	level->slots = (uint16_t *)parts[LEVEL_SLOTS].bytes;
	level->overflow = (uint16_t *)parts[LEVEL_OVERFLOW].bytes;
	level->overflow_size = (size_t)parts[LEVEL_OVERFLOW].size;
	level->starts = (uint32_t *)parts[LEVEL_STARTS].bytes;
	level->ids = parts[LEVEL_IDS].bytes;
	level->values = parts[LEVEL_VALUES].bytes;
	level->links = (uint32_t *)parts[LEVEL_LINKS].bytes;
	level->values_room = level->count;
	level_make_flips(level);
	blocks_check_with(blocks, check_block, level);
	return HILF_OK;
}

static int open_level(struct level *level, const char *path, uint64_t file_sum,
	const uint8_t *store, struct hilf_err *err)
{
	uint8_t stamp[BLOCKS_STAMP_SIZE];
	make_stamp(store, stamp);
	int rc = blocks_open(&level->blocks, path, KIND, err);
	if (rc == HILF_E_INVALID)
		return err_set(
			err, HILF_E_CORRUPT, "'%s' is damaged: it is no level of an index", path);
	if (rc < 0)
		return rc;
	if (level->blocks->sum != file_sum ||
		memcmp(level->blocks->stamp, stamp, sizeof stamp) != 0)
		return err_set(
			err, HILF_E_CORRUPT, "'%s' is damaged: it is not what its name says", path);
	level->file_sum = file_sum;
	return take_tables(level, err);
}

int level_file_load(struct level **ret_level, const char *dir, uint64_t file_sum,
	const uint8_t *store, struct hilf_err *err)
{
	struct level *level = calloc(1, sizeof *level);
	char *path = path_of(dir, file_sum);
	int rc = level && path ? open_level(level, path, file_sum, store, err) : err_no_memory(err);
	free(path);
	if (rc == HILF_OK) {
		*ret_level = level;
		return HILF_OK;
	}
	if (level)
		blocks_close(level->blocks);
	free(level);
	return rc;
}

/* -------------------------------------------------------------------------------------------- touching */

static uint64_t offset_of(const struct level *level, enum level_part part, const void *at)
{
	return (uint64_t)((const uint8_t *)at - level->blocks->parts[part].bytes);
}

int level_file_touch(struct level *level, enum level_part part, const void *at, size_t size,
	struct hilf_err *err)
{
	return blocks_touch(level->blocks, part, offset_of(level, part, at), size, err);
}

void level_file_expect(struct level *level, enum level_part part, const void *at, size_t size)
{
	blocks_expect(level->blocks, part, offset_of(level, part, at), size);
}
