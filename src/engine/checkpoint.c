/* Saving and loading what is known. The order makes it whole at any moment: the tables under a name of their own, then
 * the index, whose manifest is what counts, and only then is removed what nothing names. */
#include "engine/checkpoint.h"

#include "base/check.h"
#include "base/err.h"
#include "os/file.h"
#include "os/lock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KIND BLOCKS_KIND('K', 'N', 'W', 'N')
/* Raised when rows get another form, or the rule which values are kept out another meaning. */
#define VERSION      2u
#define NAME_ROOM    32u                /* for the name of a file in the folder */
#define CHECK_BUDGET ((size_t)64 << 20) /* read at once when all is read */

enum { PART_ENTRIES, PART_GROUPS };

/* The stamp of the tables' file. */
struct stamp {
	struct index_stamp of;
	uint32_t version;
	uint32_t entry_count, group_count;
	uint32_t refolds; /* of the store, when it was written: numbers of metas are of then */
	uint64_t degenerate_count;
};
_Static_assert(sizeof(struct stamp) == BLOCKS_STAMP_SIZE, "no room for padding");

struct places {
	char *dir, *lock, *index;
};

static void free_places(struct places *places)
{
	free(places->dir);
	free(places->lock);
	free(places->index);
}

static int make_places(const struct index_ops *ops, const char *data_dir, struct places *ret_places,
	struct hilf_err *err)
{
	struct places places = {.dir = file_join(data_dir, "index")};
	if (places.dir) {
		places.lock = file_join(places.dir, "lock");
		places.index = file_join(places.dir, ops->name);
	}
	if (!places.lock || !places.index) {
		free_places(&places);
		return err_no_memory(err);
	}
	*ret_places = places;
	return 0;
}

static char *tables_path(const struct places *places, uint64_t seq)
{
	char name[NAME_ROOM];
	snprintf(name, sizeof name, "known-%016" PRIx64, seq);
	return file_join(places->dir, name);
}

/* ------------------------------------------------------------------------------------------ loading */

/* Whether the store is the one, and went the way, that the stamp says. */
static int check_stamp(struct store *store, const struct index_stamp *stamp, struct hilf_err *err)
{
	uint8_t id[UUID_SIZE], record[UUID_SIZE];
	int rc = store_stamp(store, stamp->seq, id, record, err);
	if (rc == HILF_E_NOT_FOUND)
		return err_set(err, HILF_E_INVALID,
			"the snapshot is of the future: it knows %llu records, and the feed has "
			"fewer",
			(unsigned long long)stamp->seq);
	if (!rc && memcmp(record, stamp->record, UUID_SIZE) != 0)
		return err_set(err, HILF_E_INVALID,
			"the snapshot is of a copy of this store that went another way: record "
			"%llu is not "
			"the one it knows",
			(unsigned long long)stamp->seq);
	return rc;
}

static int reopen_table(struct table *table)
{
	size_t item_size = table->item_size;
	table_close(table);
	return table_open(table, item_size);
}

static int load_tables(struct known *known, const struct places *places,
	const struct index_stamp *of, struct hilf_err *err)
{
	struct stamp stamp;
	char *path = tables_path(places, of->seq);
	if (!path)
		return err_no_memory(err);
	int rc = blocks_open(&known->saved, path, KIND, err);
	if (rc == HILF_E_NOT_FOUND)
		rc = err_set(err, HILF_E_CORRUPT, "'%s' is missing", path);
	free(path);
	if (rc)
		return rc;
	memcpy(&stamp, known->saved->stamp, sizeof stamp);
	if (memcmp(&stamp.of, of, sizeof *of) != 0 || stamp.version != VERSION ||
		stamp.refolds != (uint32_t)known->refolds)
		return err_set(err, HILF_E_CORRUPT,
			"the tables of the snapshot do not belong to its index");
	if (reopen_table(&known->entries) != 0 || reopen_table(&known->groups) != 0)
		return err_no_memory(err);
	rc = table_load(&known->entries, stamp.entry_count, known->saved, PART_ENTRIES,
		&known->damage, err);
	if (!rc)
		rc = table_load(&known->groups, stamp.group_count, known->saved, PART_GROUPS,
			&known->damage, err);
	if (!rc && (!stamp.entry_count || !stamp.group_count))
		rc = err_set(err, HILF_E_CORRUPT, "the tables of the snapshot are empty");
	atomic_store(&known->degenerate_count, stamp.degenerate_count);
	return rc;
}

static int load_at(
	struct known *known, struct store *store, const struct places *places, struct hilf_err *err)
{
	struct index_stamp expected = {.seq = 0}, stamp;
	struct index *index;
	int rc = store_stamp(store, 0, expected.store, expected.record, err);
	if (!rc)
		rc = known->index_ops->load(&index, places->index, &expected, &stamp, err);
	if (rc)
		return rc;
	known->index_ops->close(known->index);
	known->index = index;
	rc = check_stamp(store, &stamp, err);
	if (!rc)
		rc = known_apply_names(known, store, err);
	if (!rc)
		rc = load_tables(known, places, &stamp, err);
	if (rc)
		return rc;
	known->entry_next = table_count(&known->entries);
	atomic_store(&known->seq, stamp.seq);
	atomic_store(&known->saved_seq, stamp.seq);
	return 0;
}

int checkpoint_load(
	struct known *known, struct store *store, const char *data_dir, struct hilf_err *err)
{
	struct places places = {0};
	ASSERT(!known->saved && !atomic_load(&known->seq));
	if (!known->index_ops->load)
		return err_set(err, HILF_E_NOT_FOUND, "this kind of index has no snapshots");
	int rc = make_places(known->index_ops, data_dir, &places, err);
	if (rc)
		return rc;
	rc = load_at(known, store, &places, err);
	free_places(&places);
	return rc;
}

int checkpoint_check(struct store *store, const char *data_dir, struct hilf_err *err)
{
	struct known *known;
	size_t budget = SIZE_MAX;
	bool more = true;
	int rc = known_open(&known, err);
	if (rc)
		return rc;
	rc = checkpoint_load(known, store, data_dir, err);
	if (!rc)
		rc = blocks_warm(known->saved, &budget, &more, err);
	for (more = true; more && !rc && known->index_ops->warm;)
		rc = known->index_ops->warm(known->index, CHECK_BUDGET, &more, err);
	known_close(known);
	return rc;
}

/* ------------------------------------------------------------------------------------------ saving */

static int write_tables(const struct known *known, const struct stamp *stamp, const char *path,
	const char *aside, struct hilf_err *err)
{
	struct blocks_writer *writer;
	int rc = blocks_create(&writer, aside, KIND, (const uint8_t *)stamp, err);
	if (rc)
		return rc;
	rc = table_save(&known->entries, writer, PART_ENTRIES, err);
	if (!rc)
		rc = table_save(&known->groups, writer, PART_GROUPS, err);
	if (!rc)
		rc = blocks_seal(writer, NULL, err);
	if (!rc)
		rc = blocks_place(writer, path, err);
	blocks_finish(writer);
	return rc;
}

static int save_tables(const struct known *known, const struct places *places,
	const struct index_stamp *of, struct hilf_err *err)
{
	const struct stamp stamp = {.of = *of,
		.version = VERSION,
		.entry_count = table_count(&known->entries),
		.group_count = table_count(&known->groups),
		.refolds = (uint32_t)known->refolds,
		.degenerate_count = atomic_load(&known->degenerate_count)};
	char *path = tables_path(places, of->seq), *aside = file_join(places->dir, "known-aside");
	int rc = path && aside ? 0 : err_no_memory(err);
	if (!rc)
		rc = write_tables(known, &stamp, path, aside, err);
	if (!rc)
		rc = file_sync_dir(places->dir, err);
	free(path);
	free(aside);
	return rc;
}

/* Removes tables of other snapshots than this (0: of all), and what a writer that died left behind. */
static void remove_tables(const struct places *places, uint64_t seq)
{
	char *keep = seq ? tables_path(places, seq) : NULL;
	DIR *dir = opendir(places->dir);
	struct dirent *entry;
	while (dir && (!seq || keep) && (entry = readdir(dir))) {
		if (strncmp(entry->d_name, "known-", 6) != 0 ||
			(keep && strcmp(entry->d_name, strrchr(keep, '/') + 1) == 0))
			continue;
		unlinkat(dirfd(dir), entry->d_name, 0); /* what stays is in nobody's way */
	}
	if (dir)
		closedir(dir);
	free(keep);
}

static int take_lock(
	const struct places *places, uint32_t wait_ms, int *ret_lock, struct hilf_err *err)
{
	int rc = lock_open(places->lock, ret_lock, err);
	if (rc)
		return rc;
	rc = lock_take(*ret_lock, places->lock, "writing the index", wait_ms, err);
	if (rc)
		close(*ret_lock);
	return rc;
}

void checkpoint_unlock(int lock)
{
	if (lock < 0)
		return;
	lock_release(lock);
	close(lock);
}

int checkpoint_lock(const char *data_dir, uint32_t wait_ms)
{
	struct places places = {0};
	int lock = -1;
	if (make_places(&index_hamming, data_dir, &places, NULL) != 0)
		return -1;
	if (access(places.dir, F_OK) != 0 || take_lock(&places, wait_ms, &lock, NULL) != 0)
		lock = -1;
	free_places(&places);
	return lock;
}

int checkpoint_is_outdated(
	struct known *known, struct store *store, bool *ret_outdated, struct hilf_err *err)
{
	uint64_t refolds;
	int rc = store_refolds(store, &refolds, err);
	if (!rc)
		*ret_outdated = atomic_load(&known->outdated) || refolds != known->refolds;
	return rc;
}

static int save_at(
	struct known *known, struct store *store, const struct places *places, struct hilf_err *err)
{
	struct index_stamp stamp = {.seq = atomic_load(&known->seq)};
	int lock = -1;
	bool outdated = false;
	int rc = store_stamp(store, stamp.seq, stamp.store, stamp.record, err);
	if (!rc)
		rc = file_make_dir(places->index, err);
	if (!rc)
		rc = take_lock(places, 0, &lock, err);
	if (rc)
		return rc;
	/* An erasure removes snapshots under this lock, after it is durable; what comes later must know of it. */
	rc = checkpoint_is_outdated(known, store, &outdated, err);
	if (!rc && outdated)
		rc = err_set(err, HILF_E_BUSY,
			"something was erased while the snapshot was about to be written; try "
			"again");
	if (!rc)
		rc = save_tables(known, places, &stamp, err);
	if (!rc)
		rc = known->index_ops->save(known->index, places->index, &stamp, err);
	if (!rc) {
		remove_tables(places, stamp.seq);
		atomic_store(&known->saved_seq, stamp.seq);
	}
	checkpoint_unlock(lock);
	return rc;
}

int checkpoint_save(
	struct known *known, struct store *store, const char *data_dir, struct hilf_err *err)
{
	struct places places = {0};
	ASSERT(err);
	if (!known->index_ops->save)
		return err_set(err, HILF_E_UNSUPPORTED, "this kind of index has no snapshots");
	int rc = make_places(known->index_ops, data_dir, &places, err);
	if (rc)
		return rc;
	rc = save_at(known, store, &places, err);
	free_places(&places);
	/* What is read to be written again may turn out to be damaged, in the tables or in the index. */
	if (rc == HILF_E_CORRUPT && known->saved)
		damage_note(&known->damage, err);
	return rc;
}

/* ------------------------------------------------------------------------------------------ the rest */

int checkpoint_drop_locked(const struct index_ops *ops, const char *data_dir, struct hilf_err *err)
{
	struct places places = {0};
	int rc = make_places(ops, data_dir, &places, err);
	if (rc)
		return rc;
	if (ops->drop && access(places.index, F_OK) == 0)
		rc = ops->drop(places.index, err);
	if (!rc)
		remove_tables(&places, 0);
	free_places(&places);
	return rc;
}

int checkpoint_drop(const struct index_ops *ops, const char *data_dir, struct hilf_err *err)
{
	struct places places = {0};
	int lock = -1, rc = make_places(ops, data_dir, &places, err);
	if (rc)
		return rc;
	bool there = access(places.dir, F_OK) == 0;
	if (there)
		rc = take_lock(&places, 0, &lock, err);
	free_places(&places);
	if (rc || !there)
		return rc;
	rc = checkpoint_drop_locked(ops, data_dir, err);
	checkpoint_unlock(lock);
	return rc;
}

/* Adds up the files of a folder; notes the highest sequence of tables. */
static void look_into(const char *path, struct checkpoint_info *info)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	struct stat status;
	while (dir && (entry = readdir(dir))) {
		uint64_t seq;
		if (fstatat(dirfd(dir), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0 ||
			!S_ISREG(status.st_mode))
			continue;
		info->size += (uint64_t)status.st_size;
		if (sscanf(entry->d_name, "known-%16" SCNx64, &seq) == 1 && seq > info->seq)
			info->seq = seq;
	}
	if (dir)
		closedir(dir);
}

int checkpoint_look(const char *data_dir, struct checkpoint_info *ret_info, struct hilf_err *err)
{
	struct checkpoint_info info = {0};
	struct places places = {0};
	int rc = make_places(&index_hamming, data_dir, &places, err);
	if (rc)
		return rc;
	look_into(places.dir, &info);
	look_into(places.index, &info);
	free_places(&places);
	if (!info.seq)
		return err_set(
			err, HILF_E_NOT_FOUND, "'%s' has no snapshot of the index", data_dir);
	*ret_info = info;
	return 0;
}
