/* Levels in files. A level never changes, so its file is written once, and is called by what it holds. */
#ifndef INDEX_LEVEL_FILE_H
#define INDEX_LEVEL_FILE_H

#include "index/level.h"

#define LEVEL_FILE_NAME_ROOM 32u
#define LEVEL_FILE_ASIDE     "level.new"

/* The name of a level's file in its folder: "level-" and 16 hexadecimal digits. */
void level_file_name(uint64_t file_sum, char *ret_name);
bool level_file_is_name(const char *name);

/* Writes the level into the folder, if it is not there. store (16 bytes) is written beside it. The folder is not
 * synced. Of a level that was loaded it may fail with HILF_E_CORRUPT. */
int level_file_save(
	struct level *level, const char *dir, const uint8_t *store, struct hilf_err *err);
/* Opens the level as it was saved; its tables are read when they are touched. HILF_E_NOT_FOUND, HILF_E_CORRUPT. */
int level_file_load(struct level **ret_level, const char *dir, uint64_t file_sum,
	const uint8_t *store, struct hilf_err *err);

/* Makes size bytes at an address in a table of the level readable. HILF_E_CORRUPT. */
int level_file_touch(struct level *level, enum level_part part, const void *at, size_t size,
	struct hilf_err *err);
/* Says that it will be touched. */
void level_file_expect(struct level *level, enum level_part part, const void *at, size_t size);
/* For tables that pass their checksums and cannot be true nevertheless. */
int level_file_impossible(const struct level *level, struct hilf_err *err);

#endif
