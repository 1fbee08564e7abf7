/* Backup and restore. A backup is a folder:
 *
 *   hilf.db         the store at one moment, by SQLite's online backup: whoever writes goes on
 *   key/node.key    the key that speaks for the member, where this node has one; 0600, like all of it
 *   manifest.json   what belongs to it, with sizes and SHA-256, written last
 *
 * It is made aside, checked as hilf fsck would check it, and only then gets its name; a restore checks all of it again
 * before the first file is where data belongs. Snapshots of the index are no part of it: they are made anew. */
#include "base/check.h"
#include "base/err.h"
#include "base/hex.h"
#include "engine/engine.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/lock.h"
#include "signal/digest.h"
#include "wire/json.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DB           "hilf.db"
#define KEY_DIR      "key"
#define KEY          "key/node.key"
#define MANIFEST     "manifest.json"
#define MANIFEST_MAX 65536u
#define CHUNK        (1u << 20)
#define FILES_MAX    2
#define LOCK_WAIT_MS LIMIT_WRITER_WAIT_MS

struct file {
	const char *name;
	uint64_t size;
	char sha256[2 * DIGEST_SHA256_SIZE + 1];
};

struct manifest {
	struct file files[FILES_MAX];
	size_t file_count;
	uint64_t seq;
	char member[UUID_TEXT_SIZE + 1]; /* "" */
};

/* ------------------------------------------------------------------------------------------ files */

static int copy_bytes(int from, int to, const char *path, struct digest *digest, uint64_t *ret_size,
	struct hilf_err *err)
{
	uint8_t *bytes = malloc(CHUNK);
	uint64_t size = 0;
	ssize_t got = 0;
	int rc = bytes ? 0 : err_no_memory(err);
	while (!rc && (got = file_read_all(from, bytes, CHUNK)) > 0) {
		size += (uint64_t)got;
		rc = digest_update(digest, bytes, (size_t)got, err);
		int failed = rc || to < 0 ? 0 : file_write_all(to, bytes, (size_t)got);
		if (failed)
			rc = err_sys(err, HILF_E_IO, failed, "cannot write '%s'", path);
	}
	if (!rc && got < 0)
		rc = err_sys(err, HILF_E_IO, (int)-got, "cannot read what belongs at '%s'", path);
	if (!rc && to >= 0 && fsync(to) != 0)
		rc = err_sys(err, HILF_E_IO, errno, "'%s' did not reach the disk", path);
	if (bytes)
		sodium_memzero(bytes, CHUNK); /* it may have been the key */
	free(bytes);
	*ret_size = size;
	return rc;
}

/* Digests the file, and copies it to `to` unless that is NULL; fills size and digest. */
static int take_file(const char *from, const char *to, struct file *file, struct hilf_err *err)
{
	struct digest *digest = NULL;
	uint8_t sha256[DIGEST_SHA256_SIZE], md5[DIGEST_MD5_SIZE];
	int in = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), out = -1;
	if (in < 0)
		return err_sys(err, errno == ENOENT ? HILF_E_NOT_FOUND : HILF_E_IO, errno,
			"cannot read '%s'", from);
	int rc = digest_new(&digest, err);
	if (!rc && to &&
		(out = open(to, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)) < 0)
		rc = err_sys(err, HILF_E_IO, errno, "cannot make '%s'", to);
	if (!rc)
		rc = copy_bytes(in, out, to ? to : from, digest, &file->size, err);
	if (!rc)
		rc = digest_finish(digest, sha256, md5, err);
	if (!rc)
		hex_encode(sha256, sizeof sha256, file->sha256);
	digest_free(digest);
	close(in);
	if (out >= 0)
		close(out);
	return rc;
}

static int take_from(
	const char *from_dir, const char *to_dir, struct file *file, struct hilf_err *err)
{
	char *from = file_join(from_dir, file->name),
	     *to = to_dir ? file_join(to_dir, file->name) : NULL;
	int rc = from && (to || !to_dir) ? take_file(from, to, file, err) : err_no_memory(err);
	free(from);
	free(to);
	return rc;
}

static int sync_in(const char *dir, const char *name, struct hilf_err *err)
{
	char *path = file_join(dir, name);
	int rc = path ? file_sync_dir(path, err) : err_no_memory(err);
	free(path);
	return rc;
}

static int make_in(const char *dir, const char *name, struct hilf_err *err)
{
	char *path = file_join(dir, name);
	int rc = path ? file_make_dir(path, err) : err_no_memory(err);
	free(path);
	return rc;
}

/* Removes what a backup or a restore that died left, or what checking left: files of ours by name, and the folder where that
 * empties it. */
static void remove_ours(const char *dir, bool all)
{
	static const char *const beside[] = {DB "-wal", DB "-shm", "hilf.lock", "hilf.turn"};
	static const char *const own[] = {DB, KEY, MANIFEST, MANIFEST ".new"};
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return;
	for (size_t i = 0; i < COUNT_OF(beside); i++)
		unlinkat(fd, beside[i], 0);
	for (size_t i = 0; i < COUNT_OF(own) && all; i++)
		unlinkat(fd, own[i], 0);
	if (all)
		unlinkat(fd, KEY_DIR, AT_REMOVEDIR);
	close(fd);
	if (all)
		rmdir(dir);
}

/* ------------------------------------------------------------------------------------------ checking */

static int take_problem(const char *level, const char *what, const char *text, void *ctx)
{
	char *first = ctx;
	if (!first[0] && strcmp(level, "problem") == 0)
		snprintf(first, HILF_REASON_MAX / 2, "%s: %s", what, text);
	return 0;
}

/* As hilf fsck --check, without the index; where the feed ends. */
static int check_store(const char *dir, uint64_t *ret_seq, struct hilf_err *err)
{
	const struct store_conf conf = {.dir = dir, .read_only = true, .activity = "backup"};
	char first[HILF_REASON_MAX / 2] = "";
	struct store *store;
	uint64_t problems = 0;
	int rc = store_open(&conf, &store, err);
	if (rc)
		return rc;
	rc = store_fsck(store, true, take_problem, first, &problems, err);
	if (!rc && problems)
		rc = err_set(err, HILF_E_CORRUPT, "the copy in '%s' is damaged: %s", dir, first);
	if (!rc)
		rc = store_head(store, ret_seq, NULL, err);
	store_close(store);
	remove_ours(dir, false);
	return rc;
}

/* ------------------------------------------------------------------------------------------ the manifest */

static void put_manifest(const struct manifest *manifest, struct buf *buf)
{
	buf_char(buf, '{');
	json_put_key(buf, "files");
	buf_char(buf, '[');
	for (size_t i = 0; i < manifest->file_count; i++) {
		const struct file *file = &manifest->files[i];
		json_put_item(buf);
		buf_char(buf, '{');
		json_put_key(buf, "name");
		json_put_text(buf, file->name);
		json_put_key(buf, "sha256");
		json_put_text(buf, file->sha256);
		json_put_key(buf, "size");
		json_put_integer(buf, (int64_t)file->size);
		buf_char(buf, '}');
	}
	buf_char(buf, ']');
	json_put_key(buf, "hilf");
	json_put_text(buf, HILF_VERSION);
	json_put_key(buf, "made_ms");
	json_put_integer(buf, clock_now_ms());
	json_put_key(buf, "member");
	json_put_text(buf, manifest->member);
	json_put_key(buf, "seq");
	json_put_integer(buf, (int64_t)manifest->seq);
	json_put_key(buf, "store");
	json_put_integer(buf, STORE_VERSION);
	json_put_key(buf, "v");
	json_put_integer(buf, 1);
	buf_char(buf, '}');
}

static int write_manifest(const char *dir, const struct manifest *manifest, struct hilf_err *err)
{
	struct buf buf = BUF_INIT;
	char *path = file_join(dir, MANIFEST);
	put_manifest(manifest, &buf);
	int rc = path && !buf.failed ? file_write(path, buf.data, buf.size, 0600, err)
				     : err_no_memory(err);
	buf_free(&buf);
	free(path);
	return rc;
}

static bool is_text(const struct json *value, size_t size)
{
	return value && value->is == JSON_IS_STRING && value->size == size;
}

static bool is_number(const struct json *value)
{
	return value && value->is == JSON_IS_INTEGER && value->integer >= 0;
}

static bool read_file(const struct json *object, struct file *ret_file)
{
	static const char *const names[] = {DB, KEY};
	if (object->is != JSON_IS_OBJECT)
		return false;
	const struct json *name = json_member(object, "name"),
			  *sha256 = json_member(object, "sha256"),
			  *size = json_member(object, "size");
	if (!name || name->is != JSON_IS_STRING || !is_number(size) ||
		!is_text(sha256, sizeof ret_file->sha256 - 1))
		return false;
	memcpy(ret_file->sha256, sha256->text, sha256->size);
	ret_file->sha256[sha256->size] = '\0';
	ret_file->size = (uint64_t)size->integer;
	ret_file->name = NULL;
	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (name->size == strlen(names[i]) && memcmp(name->text, names[i], name->size) == 0)
			ret_file->name = names[i];
	return ret_file->name != NULL;
}

static bool read_fields(const struct json *object, struct manifest *ret_manifest)
{
	const struct json *files, *seq, *version;
	if (object->is != JSON_IS_OBJECT)
		return false;
	files = json_member(object, "files");
	seq = json_member(object, "seq");
	version = json_member(object, "v");
	if (!is_number(version) || version->integer != 1 || !is_number(seq) || !files ||
		files->is != JSON_IS_ARRAY || files->count < 1 || files->count > FILES_MAX)
		return false;
	ret_manifest->seq = (uint64_t)seq->integer;
	for (const struct json *item = files->first; item; item = item->next)
		if (!read_file(item, &ret_manifest->files[ret_manifest->file_count++]))
			return false;
	const struct file *listed = ret_manifest->files;
	return strcmp(listed[0].name, DB) == 0 &&
	       (ret_manifest->file_count == 1 || strcmp(listed[1].name, KEY) == 0);
}

static int read_manifest(const char *dir, struct manifest *ret_manifest, struct hilf_err *err)
{
	struct buf buf = BUF_INIT;
	struct arena arena;
	struct json *object = NULL;
	char *path = file_join(dir, MANIFEST);
	arena_init(&arena, 0);
	int rc = path ? file_read(path, MANIFEST_MAX, &buf, err) : err_no_memory(err);
	if (rc == HILF_E_NOT_FOUND)
		rc = err_set(err, rc,
			"'%s' is no backup that hilf made: there is no " MANIFEST " in it", dir);
	if (!rc)
		rc = json_parse_canonical(
			buf.data ? buf.data : "", buf.size, MANIFEST_MAX, 4, &arena, &object, NULL);
	if (rc == HILF_E_NO_MEMORY)
		err_no_memory(err);
	if (rc == HILF_E_INVALID || rc == HILF_E_LIMIT ||
		(!rc && !read_fields(object, ret_manifest)))
		rc = err_set(err, HILF_E_CORRUPT,
			"'%s' is no manifest that this hilf can read; take another backup", path);
	arena_clear(&arena);
	buf_free(&buf);
	free(path);
	return rc;
}

/* ------------------------------------------------------------------------------------------ backup */

/* The key is there unless nothing was ever written, or the node follows another. */
static int take_key(
	struct hilf *hilf, const char *aside, struct manifest *manifest, struct hilf_err *err)
{
	struct file *file = &manifest->files[manifest->file_count];
	struct hilf_err own;
	char text[8];
	file->name = KEY;
	int rc = take_from(hilf->data_dir, aside, file, &own);
	if (!rc) {
		manifest->file_count++;
		return 0;
	}
	bool needed = manifest->member[0] && store_setting_get(hilf->store, false, SETTING_REPLICA,
						     text, sizeof text, NULL) == HILF_E_NOT_FOUND;
	if (rc == HILF_E_NOT_FOUND && !needed)
		return 0;
	if (err)
		*err = own;
	return rc;
}

static int copy_store(
	struct hilf *hilf, const char *aside, struct manifest *manifest, struct hilf_err *err)
{
	char *path = file_join(aside, DB);
	manifest->files[0].name = DB;
	manifest->file_count = 1;
	int rc = path ? store_copy(hilf->store, path, err) : err_no_memory(err);
	free(path);
	if (!rc)
		rc = check_store(aside, &manifest->seq, err);
	return rc ? rc : take_from(aside, NULL, &manifest->files[0], err);
}

static int fill_backup(struct hilf *hilf, const char *aside, struct hilf_err *err)
{
	struct manifest manifest = {.file_count = 0};
	uint8_t member[UUID_SIZE];
	bool found = false;
	int rc = make_in(aside, KEY_DIR, err);
	if (!rc)
		rc = engine_member(hilf, member, &found, err);
	if (!rc && found)
		uuid_format(member, manifest.member);
	if (!rc)
		rc = copy_store(hilf, aside, &manifest, err);
	if (!rc)
		rc = take_key(hilf, aside, &manifest, err);
	if (!rc)
		rc = sync_in(aside, KEY_DIR, err);
	if (!rc)
		rc = write_manifest(aside, &manifest, err);
	return rc ? rc : file_sync_dir(aside, err);
}

/* Never over a folder that is there. */
static int give_name(const char *aside, const char *to, struct hilf_err *err)
{
	char *above = strdup(to);
	if (!above)
		return err_no_memory(err);
	char *slash = strrchr(above, '/');
	if (slash)
		slash[slash == above] = '\0';
	int rc = 0;
	bool placed = renameat2(AT_FDCWD, aside, AT_FDCWD, to, RENAME_NOREPLACE) == 0 ||
		      (errno == EINVAL && access(to, F_OK) != 0 && rename(aside, to) == 0);
	if (!placed)
		rc = err_sys(err, errno == EEXIST ? HILF_E_EXISTS : HILF_E_IO, errno,
			"cannot put the backup '%s' in its place", to);
	if (!rc)
		rc = file_sync_dir(slash ? above : ".", err);
	free(above);
	return rc;
}

/* The path without slashes at its end; NULL without memory. */
static char *trimmed(const char *path)
{
	char *copy = strdup(path);
	for (size_t size = copy ? strlen(copy) : 0; size > 1 && copy[size - 1] == '/';)
		copy[--size] = '\0';
	return copy;
}

int hilf_backup(struct hilf *hilf, const char *to, struct hilf_err *err)
{
	struct stat status;
	ASSERT(hilf && hilf->store && to);
	if (!*to)
		return err_set(err, HILF_E_INVALID, "no folder was given for the backup");
	if (lstat(to, &status) == 0)
		return err_set(err, HILF_E_EXISTS,
			"'%s' is there already; a backup is never written over anything", to);
	char *name = trimmed(to), *aside = NULL;
	if (name && (aside = malloc(strlen(name) + sizeof ".part")))
		strcat(strcpy(aside, name), ".part");
	int rc = aside ? 0 : err_no_memory(err);
	if (!rc) {
		remove_ours(aside, true);
		rc = file_make_dir(aside, err);
	}
	if (!rc)
		rc = fill_backup(hilf, aside, err);
	if (!rc)
		rc = give_name(aside, name, err);
	if (rc && aside)
		remove_ours(aside, true);
	free(aside);
	free(name);
	return rc;
}

/* ------------------------------------------------------------------------------------------ restore */

static int check_taken(
	const struct file *want, const struct file *have, const char *from, struct hilf_err *err)
{
	if (have->size == want->size && strcmp(have->sha256, want->sha256) == 0)
		return 0;
	return err_set(err, HILF_E_CORRUPT,
		"'%s/%s' is not what the manifest says; this backup is damaged, take another", from,
		want->name);
}

/* Everything beside its place, checked. */
static int fill_restored(
	const char *from, const char *aside, struct manifest *manifest, struct hilf_err *err)
{
	uint64_t seq = 0;
	int rc = make_in(aside, KEY_DIR, err);
	for (size_t i = 0; i < manifest->file_count && !rc; i++) {
		struct file have = {.name = manifest->files[i].name};
		rc = take_from(from, aside, &have, err);
		if (!rc)
			rc = check_taken(&manifest->files[i], &have, from, err);
	}
	if (!rc)
		rc = check_store(aside, &seq, err);
	if (!rc && seq != manifest->seq)
		rc = err_set(err, HILF_E_CORRUPT,
			"the feed in '%s' ends at %llu, and the manifest says %llu; take another "
			"backup",
			from, (unsigned long long)seq, (unsigned long long)manifest->seq);
	return rc;
}

static int place_file(const char *aside, const char *to, const char *name, struct hilf_err *err)
{
	char *here = file_join(aside, name), *there = file_join(to, name);
	int rc = here && there ? 0 : err_no_memory(err);
	if (!rc && rename(here, there) != 0)
		rc = err_sys(err, HILF_E_IO, errno, "cannot put '%s' in its place", there);
	free(here);
	free(there);
	return rc;
}

/* The database comes last: it is what makes the folder one with data. */
static int place_all(
	const char *aside, const char *to, const struct manifest *manifest, struct hilf_err *err)
{
	int rc = 0;
	if (manifest->file_count > 1) {
		rc = make_in(to, KEY_DIR, err);
		if (!rc)
			rc = place_file(aside, to, KEY, err);
		if (!rc)
			rc = sync_in(to, KEY_DIR, err);
	}
	if (!rc)
		rc = file_sync_dir(to, err);
	if (!rc)
		rc = place_file(aside, to, DB, err);
	return rc ? rc : file_sync_dir(to, err);
}

/* A key that is there already may be the only one of some member. That of this backup is there when a restore died. */
static int check_free(const char *to, const struct manifest *manifest, struct hilf_err *err)
{
	static const char *const data[] = {DB, DB "-wal"};
	struct file key = {.name = KEY};
	struct hilf_err own;
	struct stat status;
	for (size_t i = 0; i < COUNT_OF(data); i++) {
		char *path = file_join(to, data[i]);
		bool there = path && lstat(path, &status) == 0;
		free(path);
		if (there)
			return err_set(err, HILF_E_EXISTS,
				"there is data in '%s' already ('%s'); restore into another "
				"folder, or "
				"move it away",
				to, data[i]);
	}
	int rc = take_from(to, NULL, &key, &own);
	if (rc == HILF_E_NOT_FOUND)
		return 0;
	if (!rc && manifest->file_count > 1 && strcmp(key.sha256, manifest->files[1].sha256) == 0)
		return 0;
	return err_set(err, HILF_E_EXISTS,
		"there is another key in '%s/" KEY
		"'; restore into another folder, or move it away",
		to);
}

static int restore_locked(const char *from, const char *to, struct hilf_err *err)
{
	struct manifest manifest = {.file_count = 0};
	char *aside = file_join(to, "restore.part");
	int rc = aside ? read_manifest(from, &manifest, err) : err_no_memory(err);
	if (!rc)
		rc = check_free(to, &manifest, err);
	if (!rc) {
		remove_ours(aside, true);
		rc = file_make_dir(aside, err);
	}
	if (!rc)
		rc = fill_restored(from, aside, &manifest, err);
	if (!rc)
		rc = place_all(aside, to, &manifest, err);
	if (aside)
		remove_ours(aside, true);
	free(aside);
	return rc;
}

int hilf_restore(const char *from, const char *to, struct hilf_err *err)
{
	int lock = -1;
	ASSERT(from && to);
	int rc = file_make_dir(to, err);
	char *path = file_join(to, "hilf.lock");
	if (!rc)
		rc = path ? lock_open(path, &lock, err) : err_no_memory(err);
	if (!rc)
		rc = lock_take(lock, path, "restore", LOCK_WAIT_MS, err);
	if (!rc) {
		rc = restore_locked(from, to, err);
		lock_release(lock);
	}
	if (lock >= 0)
		close(lock);
	free(path);
	return rc;
}
