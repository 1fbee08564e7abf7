/* The manifest is a file of blocks like the levels', so there is one kind of file to verify. A save writes what is new,
 * syncs, changes one name, syncs, and only then removes: a process that dies between any two of these leaves nothing
 * worse than files that the next save takes away. */
#include "index/snapshot.h"

#include "base/check.h"
#include "base/err.h"
#include "base/hex.h"
#include "index/level_file.h"
#include "os/file.h"
#include "os/pages.h"

#include <stdlib.h>

#define KIND           BLOCKS_KIND('h', 'i', 'd', 'x')
#define MANIFEST       "manifest"
#define MANIFEST_ASIDE "manifest.new"
#define LEVELS_MAX     (2 * TIERS)

enum part { FORM, LEVELS, DELTA_VALUES_PART, DELTA_LINKS, REMOVED, PARTS };

struct form {
	uint32_t level_count;
	uint32_t delta_count;
	uint64_t removed_count; /* links */
	uint64_t removed_since; /* the last purge */
};

struct level_entry {
	uint64_t file_sum;
	uint32_t count; /* values */
	uint16_t tier;
	uint16_t is_incoming;
};

struct manifest {
	struct form form;
	struct level_entry levels[LEVELS_MAX];
};

static void make_stamp(const struct index_stamp *stamp, uint8_t *ret_bytes)
{
	memset(ret_bytes, 0, BLOCKS_STAMP_SIZE);
	memcpy(ret_bytes, stamp->store, sizeof stamp->store);
	memcpy(ret_bytes + 16, &stamp->seq, sizeof stamp->seq);
	memcpy(ret_bytes + 24, stamp->record, sizeof stamp->record);
}

static struct index_stamp read_stamp(const uint8_t *bytes)
{
	struct index_stamp stamp;
	memcpy(stamp.store, bytes, sizeof stamp.store);
	memcpy(&stamp.seq, bytes + 16, sizeof stamp.seq);
	memcpy(stamp.record, bytes + 24, sizeof stamp.record);
	return stamp;
}

/* ---------------------------------------------------------------------------------------------- saving */

static int save_level(struct manifest *manifest, struct level *level, unsigned tier,
	bool is_incoming, const char *dir, const uint8_t *store, struct hilf_err *err)
{
	if (!level)
		return HILF_OK;
	int rc = level_file_save(level, dir, store, err);
	if (rc < 0)
		return rc;
	manifest->levels[manifest->form.level_count++] =
		(struct level_entry){level->file_sum, level->count, (uint16_t)tier, is_incoming};
	return HILF_OK;
}

static int save_levels(struct manifest *manifest, const struct tiers *tiers, const char *dir,
	const uint8_t *store, struct hilf_err *err)
{
	int rc = HILF_OK;
	for (unsigned i = 0; i < TIERS && rc == HILF_OK; i++) {
		const struct tier *tier = &tiers->tiers[i];
		rc = save_level(manifest, tier->settled, i, false, dir, store, err);
		if (rc == HILF_OK)
			rc = save_level(manifest, tier->incoming, i, true, dir, store, err);
	}
	return rc;
}

/* The values and links of both deltas, the full one first. */
static int put_deltas(struct blocks_writer *writer, const struct tiers *tiers, struct hilf_err *err)
{
	const struct delta *deltas[] = {tiers->full, tiers->delta};
	int rc = HILF_OK;
	for (unsigned i = 0; i < 2 && rc == HILF_OK; i++)
		if (deltas[i])
			rc = blocks_put(writer, DELTA_VALUES_PART, deltas[i]->values,
				(uint64_t)tiers_delta_count(deltas[i]) * HAMMING_SIZE, err);
	for (unsigned i = 0; i < 2 && rc == HILF_OK; i++)
		if (deltas[i])
			rc = blocks_put(writer, DELTA_LINKS, deltas[i]->links,
				tiers_delta_count(deltas[i]) * sizeof(uint32_t), err);
	return rc;
}

static uint64_t count_removed(const struct links *removed)
{
	uint64_t count = 0;
	for (uint32_t link = 0; links_next(removed, &link); link++) {
		count++;
		if (link == UINT32_MAX)
			break;
	}
	return count;
}

static int put_removed(
	struct blocks_writer *writer, const struct links *removed, struct hilf_err *err)
{
	uint32_t some[1024];
	size_t count = 0;
	int rc = HILF_OK;
	for (uint32_t link = 0; rc == HILF_OK && links_next(removed, &link); link++) {
		some[count++] = link;
		if (count == COUNT_OF(some)) {
			rc = blocks_put(writer, REMOVED, some, sizeof some, err);
			count = 0;
		}
		if (link == UINT32_MAX)
			break;
	}
	return rc < 0 ? rc : blocks_put(writer, REMOVED, some, count * sizeof *some, err);
}

static int put_manifest(struct blocks_writer *writer, struct manifest *manifest,
	const struct tiers *tiers, struct hilf_err *err)
{
	manifest->form.delta_count =
		tiers_delta_count(tiers->full) + tiers_delta_count(tiers->delta);
	manifest->form.removed_count = count_removed(&tiers->removed);
	manifest->form.removed_since = tiers->removed_count;
	int rc = blocks_put(writer, FORM, &manifest->form, sizeof manifest->form, err);
	if (rc == HILF_OK)
		rc = blocks_put(writer, LEVELS, manifest->levels,
			manifest->form.level_count * sizeof *manifest->levels, err);
	if (rc == HILF_OK)
		rc = put_deltas(writer, tiers, err);
	if (rc == HILF_OK)
		rc = put_removed(writer, &tiers->removed, err);
	return rc;
}

static int write_manifest(struct manifest *manifest, const struct tiers *tiers, const char *dir,
	const struct index_stamp *stamp, struct hilf_err *err)
{
	struct blocks_writer *writer = NULL;
	uint8_t bytes[BLOCKS_STAMP_SIZE];
	char *path = file_join(dir, MANIFEST), *aside = file_join(dir, MANIFEST_ASIDE);
	make_stamp(stamp, bytes);
	int rc = path && aside ? blocks_create(&writer, aside, KIND, bytes, err)
			       : err_no_memory(err);
	if (rc == HILF_OK)
		rc = put_manifest(writer, manifest, tiers, err);
	if (rc == HILF_OK)
		rc = blocks_seal(writer, NULL, err);
	if (rc == HILF_OK)
		rc = blocks_place(writer, path, err);
	blocks_finish(writer);
	free(path);
	free(aside);
	return rc;
}

/* ------------------------------------------------------------------------------------------- removing */

struct removing {
	const char *dir;
	const struct manifest *manifest; /* NULL: nothing is named */
};

static bool is_named(const struct manifest *manifest, const char *name)
{
	char named[LEVEL_FILE_NAME_ROOM];
	for (uint32_t i = 0; manifest && i < manifest->form.level_count; i++) {
		level_file_name(manifest->levels[i].file_sum, named);
		if (strcmp(named, name) == 0)
			return true;
	}
	return false;
}

static int remove_unnamed(const char *name, void *ctx, struct hilf_err *err)
{
	const struct removing *removing = ctx;
	bool is_ours = level_file_is_name(name) || strcmp(name, LEVEL_FILE_ASIDE) == 0 ||
		       strcmp(name, MANIFEST_ASIDE) == 0;
	if (!is_ours || is_named(removing->manifest, name))
		return HILF_OK;
	char *path = file_join(removing->dir, name);
	int rc = path ? file_remove(path, err) : err_no_memory(err);
	free(path);
	return rc;
}

int snapshot_save(const struct tiers *tiers, const char *dir, const struct index_stamp *stamp,
	struct hilf_err *err)
{
	struct manifest manifest = {.form = {0}};
	int rc = save_levels(&manifest, tiers, dir, stamp->store, err);
	if (rc == HILF_OK)
		rc = file_sync_dir(dir, err);
	if (rc == HILF_OK)
		rc = write_manifest(&manifest, tiers, dir, stamp, err);
	if (rc == HILF_OK)
		rc = file_sync_dir(dir, err);
	if (rc < 0)
		return rc;
	struct removing removing = {dir, &manifest};
	/* The snapshot is whole; what could not be removed the next save removes. */
	file_each(dir, remove_unnamed, &removing, NULL);
	return HILF_OK;
}

int snapshot_drop(const char *dir, struct hilf_err *err)
{
	struct removing removing = {dir, NULL};
	char *path = file_join(dir, MANIFEST);
	int rc = path ? file_remove(path, err) : err_no_memory(err);
	free(path);
	return rc < 0 ? rc : file_each(dir, remove_unnamed, &removing, err);
}

/* --------------------------------------------------------------------------------------------- loading */

static int impossible(const struct blocks *blocks, struct hilf_err *err)
{
	return err_set(
		err, HILF_E_CORRUPT, "'%s' is damaged: it names what cannot be", blocks->path);
}

static bool has_sizes(const struct blocks *blocks, const struct form *form)
{
	const struct blocks_part *parts = blocks->parts;
	return form->level_count <= LEVELS_MAX && form->delta_count <= 2 * DELTA_VALUES &&
	       parts[LEVELS].size == form->level_count * sizeof(struct level_entry) &&
	       parts[DELTA_VALUES_PART].size == (uint64_t)form->delta_count * HAMMING_SIZE &&
	       parts[DELTA_LINKS].size == form->delta_count * sizeof(uint32_t) &&
	       form->removed_count <= parts[REMOVED].size &&
	       parts[REMOVED].size == form->removed_count * sizeof(uint32_t);
}

/* Each tier has one settled level at most, and one that comes in; all of them together are not too many values. */
static bool has_places(const struct manifest *manifest)
{
	bool taken[TIERS][2] = {{false}};
	uint64_t count = manifest->form.delta_count;
	for (uint32_t i = 0; i < manifest->form.level_count; i++) {
		const struct level_entry *entry = &manifest->levels[i];
		if (entry->tier >= TIERS || entry->is_incoming > 1 ||
			taken[entry->tier][entry->is_incoming])
			return false;
		taken[entry->tier][entry->is_incoming] = true;
		count += entry->count;
	}
	return count <= LEVEL_MAX;
}

static int read_manifest(struct blocks *blocks, const struct index_stamp *expected,
	struct manifest *ret_manifest, struct hilf_err *err)
{
	struct index_stamp stamp = read_stamp(blocks->stamp);
	if (memcmp(stamp.store, expected->store, sizeof stamp.store) != 0) {
		char name[2 * sizeof stamp.store + 1];
		hex_encode(stamp.store, sizeof stamp.store, name);
		return err_set(err, HILF_E_INVALID, "'%s' is the index of another store (%s)",
			blocks->path, name);
	}
	for (unsigned i = 0; i < blocks->part_count; i++) {
		int rc = blocks_touch(blocks, i, 0, blocks->parts[i].size, err);
		if (rc < 0)
			return rc;
	}
	if (blocks->part_count != PARTS || blocks->parts[FORM].size != sizeof ret_manifest->form)
		return impossible(blocks, err);
	memcpy(&ret_manifest->form, blocks->parts[FORM].bytes, sizeof ret_manifest->form);
	if (!has_sizes(blocks, &ret_manifest->form))
		return impossible(blocks, err);
	if (ret_manifest->form.level_count > 0)
		memcpy(ret_manifest->levels, blocks->parts[LEVELS].bytes,
			ret_manifest->form.level_count * sizeof *ret_manifest->levels);
	return has_places(ret_manifest) ? HILF_OK : impossible(blocks, err);
}

static void free_levels(struct tiers *tiers)
{
	for (unsigned i = 0; i < TIERS; i++) {
		level_free(tiers->tiers[i].settled);
		level_free(tiers->tiers[i].incoming);
		tiers->tiers[i].settled = tiers->tiers[i].incoming = NULL;
	}
}

static int load_level(struct tiers *tiers, const struct level_entry *entry,
	const struct blocks *blocks, const char *dir, struct hilf_err *err)
{
	struct tier *tier = &tiers->tiers[entry->tier];
	struct level **place = entry->is_incoming ? &tier->incoming : &tier->settled;
	int rc = level_file_load(place, dir, entry->file_sum, blocks->stamp, err);
	return rc == HILF_OK && (*place)->count != entry->count ? impossible(blocks, err) : rc;
}

static int load_levels(struct tiers *tiers, const struct manifest *manifest,
	const struct blocks *blocks, const char *dir, bool *ret_missing, struct hilf_err *err)
{
	int rc = HILF_OK;
	for (uint32_t i = 0; i < manifest->form.level_count && rc == HILF_OK; i++) {
		const struct level_entry *entry = &manifest->levels[i];
		rc = load_level(tiers, entry, blocks, dir, err);
		*ret_missing = rc == HILF_E_NOT_FOUND;
		if (*ret_missing) {
			char name[LEVEL_FILE_NAME_ROOM];
			level_file_name(entry->file_sum, name);
			rc = err_set(err, HILF_E_CORRUPT, "'%s' names '%s', which is not there",
				blocks->path, name);
		}
	}
	return rc;
}

static void fill_delta(
	struct delta *delta, const struct blocks *blocks, uint32_t from, uint32_t count)
{
	const uint8_t *values = blocks->parts[DELTA_VALUES_PART].bytes;
	const uint8_t *links = blocks->parts[DELTA_LINKS].bytes;
	if (count == 0)
		return;
	memcpy(delta->values, values + (size_t)from * HAMMING_SIZE, (size_t)count * HAMMING_SIZE);
	memcpy(delta->links, links + from * sizeof *delta->links, count * sizeof *delta->links);
	atomic_store_explicit(&delta->count, count, memory_order_release);
}

static bool load_removed(struct links *removed, const struct blocks *blocks, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		uint32_t link;
		memcpy(&link, blocks->parts[REMOVED].bytes + i * sizeof link, sizeof link);
		if (!links_add(removed, link))
			return false;
	}
	return true;
}

/* What the manifest holds itself. Nobody reads the tiers yet. */
static int load_rest(struct tiers *tiers, const struct manifest *manifest,
	const struct blocks *blocks, struct hilf_err *err)
{
	uint32_t count = manifest->form.delta_count, full = count > DELTA_VALUES ? DELTA_VALUES : 0;
	if (!load_removed(&tiers->removed, blocks, manifest->form.removed_count))
		return err_no_memory(err);
	if (full > 0) {
		tiers->full = pages_alloc(sizeof *tiers->full);
		if (!tiers->full)
			return err_no_memory(err);
		fill_delta(tiers->full, blocks, 0, full);
	}
	fill_delta(tiers->delta, blocks, full, count - full);
	tiers->removed_count = manifest->form.removed_since;
	int rc = tiers_show(tiers, err);
	if (rc < 0) {
		pages_free(tiers->full, sizeof *tiers->full);
		tiers->full = NULL;
	}
	return rc;
}

static int load_from(struct tiers *tiers, struct blocks *blocks, const char *dir,
	const struct index_stamp *expected, bool *ret_missing, struct hilf_err *err)
{
	struct manifest manifest;
	int rc = read_manifest(blocks, expected, &manifest, err);
	if (rc == HILF_OK)
		rc = load_levels(tiers, &manifest, blocks, dir, ret_missing, err);
	if (rc == HILF_OK)
		rc = load_rest(tiers, &manifest, blocks, err);
	if (rc < 0)
		free_levels(tiers);
	return rc;
}

/* ret_sum: which manifest was read; ret_missing: whether a level that it names was not there. */
static int try_load(struct tiers *tiers, const char *dir, const struct index_stamp *expected,
	struct index_stamp *ret_stamp, uint64_t *ret_sum, bool *ret_missing, struct hilf_err *err)
{
	struct blocks *blocks = NULL;
	char *path = file_join(dir, MANIFEST);
	int rc = path ? blocks_open(&blocks, path, KIND, err) : err_no_memory(err);
	if (rc == HILF_E_INVALID)
		rc = err_set(err, HILF_E_CORRUPT, "'%s' is damaged: it is no manifest of an index",
			path);
	free(path);
	if (rc < 0)
		return rc;
	*ret_sum = blocks->sum;
	rc = load_from(tiers, blocks, dir, expected, ret_missing, err);
	if (rc == HILF_OK)
		*ret_stamp = read_stamp(blocks->stamp);
	blocks_close(blocks);
	return rc;
}

int snapshot_load(struct tiers *tiers, const char *dir, const struct index_stamp *expected,
	struct index_stamp *ret_stamp, struct hilf_err *err)
{
	uint64_t sum = 0, before;
	bool missing;
	int rc;
	/* Another process may have put a new manifest in its place and removed what the old one names. */
	do {
		before = sum;
		missing = false;
		rc = try_load(tiers, dir, expected, ret_stamp, &sum, &missing, err);
	} while (rc < 0 && missing && sum != before);
	return rc;
}
