/* Opening, locking and writing. A write is begin, any number of appends, commit: records go into the feed and are
 * folded in the same transaction, so that the derived tables are never ahead of it or behind. */
#include "store/store.h"

#include "base/check.h"
#include "base/err.h"
#include "os/file.h"
#include "os/lock.h"
#include "store/db.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Pages of the write-ahead log after which its content is moved into the database. */
#define CHECKPOINT_PAGES 4000
/* Bytes of pages that the writer keeps from one write to the next. */
#define CACHE_KEPT (4 << 20)

/* ------------------------------------------------------------------------------------------ opening */

static int name_files(struct store *store, const struct store_conf *conf, struct hilf_err *err)
{
	store->dir = strdup(conf->dir);
	store->path = file_join(conf->dir, "hilf.db");
	store->lock_path = file_join(conf->dir, "hilf.lock");
	store->turn_path = file_join(conf->dir, "hilf.turn");
	store->activity = strdup(conf->activity ? conf->activity : "writing");
	if (!store->dir || !store->path || !store->lock_path || !store->turn_path ||
		!store->activity)
		return err_no_memory(err);
	return 0;
}

/* Whether there is something in the database file; remembers which file it is. */
static int look(struct store *store, bool *ret_there, struct hilf_err *err)
{
	struct stat status;
	if (stat(store->path, &status) == 0) {
		*ret_there = status.st_size > 0;
		store->device = status.st_dev;
		store->inode = status.st_ino;
		return 0;
	}
	if (errno != ENOENT)
		return err_sys(err, HILF_E_IO, errno, "cannot look at '%s'", store->path);
	*ret_there = false;
	return 0;
}

static int open_lock(struct store *store, struct hilf_err *err)
{
	int rc = store->turn_fd >= 0 ? 0 : lock_open(store->turn_path, &store->turn_fd, err);
	if (rc || store->lock_fd >= 0)
		return rc;
	return lock_open(store->lock_path, &store->lock_fd, err);
}

static int take_lock(struct store *store, struct hilf_err *err)
{
	const struct lock lock = {store->lock_fd, store->turn_fd, store->lock_path};
	return lock_take_turn(&lock, store->activity, store->wait_ms, err);
}

/* An empty file that only its owner may read; SQLite gives the files beside it the same mode. */
static int make_file(const char *path, struct hilf_err *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return err_sys(err, HILF_E_IO, errno, "cannot create '%s'", path);
	close(fd);
	return 0;
}

/* A log without its database is what is left when somebody moved hilf.db away. A new database must not get it. */
static int check_no_log(const struct store *store, struct hilf_err *err)
{
	struct stat status;
	char *log = file_join(store->dir, "hilf.db-wal");
	if (!log)
		return err_no_memory(err);
	int rc = 0;
	if (stat(log, &status) == 0 && status.st_size > 0)
		rc = err_set(err, HILF_E_CORRUPT,
			"'%s' is missing, but its log '%s' is there; put it back beside the log, "
			"or "
			"move the log away to begin anew",
			store->path, log);
	free(log);
	return rc;
}

static int nothing_in_it(const struct store *store, struct hilf_err *err)
{
	return err_set(err, HILF_E_CORRUPT,
		"'%s' is there, but nothing of hilf's is in it; restore a backup, or remove that "
		"file to begin "
		"anew",
		store->path);
}

/* Never over a file that is there, whatever is or is not in it: that would lose a store without a word. */
static int put_in_place(const struct store *store, const char *aside, struct hilf_err *err)
{
	if (renameat2(AT_FDCWD, aside, AT_FDCWD, store->path, RENAME_NOREPLACE) == 0)
		return 0;
	/* Not every file system knows how to refuse; the writer's lock is held, so looking first will do there. */
	if (errno == EINVAL && access(store->path, F_OK) != 0 && rename(aside, store->path) == 0)
		return 0;
	if (errno == EEXIST || access(store->path, F_OK) == 0)
		return nothing_in_it(store, err);
	return err_sys(err, HILF_E_IO, errno, "cannot put '%s' in its place", store->path);
}

/* The database is made aside and put in its place whole, so that whoever finds one finds all of it. What a process
 * that died left aside is made again. */
static int create_aside(struct store *store, struct hilf_err *err)
{
	char *aside = file_join(store->dir, "hilf.db.new");
	char *journal = file_join(store->dir, "hilf.db.new-journal");
	int rc = aside && journal ? check_no_log(store, err) : err_no_memory(err);
	if (!rc) {
		unlink(journal);
		rc = make_file(aside, err);
	}
	if (!rc)
		rc = schema_create(store, aside, err);
	if (!rc)
		rc = put_in_place(store, aside, err);
	if (!rc)
		rc = file_sync_dir(store->dir, err);
	free(aside);
	free(journal);
	return rc;
}

#define OPEN_EMPTY   1 /* nothing is in it yet, because whoever makes it has not finished, or died */
#define OPEN_EARLIER 2 /* it is of an earlier version */

/* The first connection tells what the database is. */
static int open_first(struct store *store, struct hilf_err *err)
{
	struct conn *conn;
	int64_t version = 0;
	bool there = false;
	int rc = look(store, &there, err);
	if (rc || !there)
		return rc ? rc : OPEN_EMPTY;
	rc = read_begin(store, false, &conn, err);
	if (rc)
		return rc;
	rc = schema_check(store, conn, &version, err);
	if (rc == 0 && (version != STORE_VERSION || store->early || store->unsaid))
		rc = OPEN_EARLIER;
	if (rc == 0)
		read_end(store, false, conn);
	else
		conn_close(conn); /* what it has open may be replaced */
	return rc;
}

static int create(struct store *store, struct hilf_err *err)
{
	int rc = file_make_dir(store->dir, err);
	if (!rc)
		rc = open_lock(store, err);
	if (!rc)
		rc = take_lock(store, err);
	if (rc)
		return rc;
	/* Somebody else may have made it while this one waited. */
	rc = open_first(store, err);
	if (rc == OPEN_EMPTY)
		rc = create_aside(store, err);
	lock_release(store->lock_fd);
	return rc;
}

/* Nothing beside the database, and no right to put anything there: it can only be read as it is. The share of the
 * lock is kept as long as the store is open, so that nobody who has the right begins to write meanwhile. */
static bool is_immutable(struct store *store)
{
	struct stat status;
	char *log = file_join(store->dir, "hilf.db-wal");
	bool no_log = log && (stat(log, &status) != 0 || status.st_size == 0);
	free(log);
	if (!no_log || faccessat(AT_FDCWD, store->dir, W_OK, AT_EACCESS) == 0)
		return false;
	int fd = open(store->lock_path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return errno == ENOENT || errno == EACCES;
	store->lock_fd = fd;
	return lock_share(fd);
}

static int open_store(struct store *store, const struct store_conf *conf, struct hilf_err *err)
{
	int rc = open_first(store, err);
	if (rc < 0 && rc != HILF_E_VERSION && is_immutable(store)) {
		store->immutable = true;
		rc = open_first(store, err);
	}
	if (rc == OPEN_EMPTY && conf->create && !conf->read_only) {
		rc = create(store, err);
		if (!rc || rc == OPEN_EARLIER)
			rc = open_first(store, err);
	}
	if (rc == OPEN_EARLIER && !conf->read_only) {
		rc = store_upgrade(store, &store->upgraded_from, err);
		if (!rc)
			rc = open_first(store, err);
	}
	if (rc == OPEN_EARLIER)
		rc = err_set(err, HILF_E_VERSION,
			"'%s' is of an earlier hilf and must be upgraded before it can be read; "
			"'hilf "
			"fsck' does that, as does whatever else writes",
			store->path);
	if (rc == OPEN_EMPTY && access(store->path, F_OK) == 0)
		rc = nothing_in_it(store, err);
	if (rc == OPEN_EMPTY)
		rc = err_set(err, HILF_E_NOT_FOUND,
			"there is no hilf data in '%s'; 'hilf bank create NAME' makes "
			"it, '--data DIR' names another folder",
			store->dir);
	return rc;
}

int store_open(const struct store_conf *conf, struct store **ret_store, struct hilf_err *err)
{
	ASSERT(conf && conf->dir);
	struct store *store = calloc(1, sizeof *store);
	if (!store)
		return err_no_memory(err);
	store->lock_fd = store->turn_fd = -1;
	store->wait_ms = conf->wait_ms ? conf->wait_ms : LIMIT_WRITER_WAIT_MS;
	store->read_only = conf->read_only;
	store->fold.store = store;
	pthread_mutex_init(&store->pool_mutex, NULL);
	head_init(&store->head);
	int rc = name_files(store, conf, err);
	if (!rc)
		rc = open_store(store, conf, err);
	if (rc) {
		store_close(store);
		return rc;
	}
	*ret_store = store;
	return 0;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	if (store->in_write)
		store_rollback(store);
	while (store->pool) {
		struct conn *conn = store->pool;
		store->pool = conn->next;
		conn_close(conn);
	}
	conn_close(store->writer);
	head_free(&store->head);
	if (store->lock_fd >= 0)
		close(store->lock_fd);
	if (store->turn_fd >= 0)
		close(store->turn_fd);
	pthread_mutex_destroy(&store->pool_mutex);
	fold_free(&store->fold);
	free(store->dir);
	free(store->path);
	free(store->lock_path);
	free(store->turn_path);
	free(store->activity);
	free(store);
}

int64_t store_upgraded_from(const struct store *store)
{
	return store->upgraded_from;
}

/* ------------------------------------------------------------------------------------------ begin */

static int may_write(struct store *store, struct hilf_err *err)
{
	if (store->read_only)
		return err_set(err, HILF_E_DENIED, "'%s' was opened for reading only", store->dir);
	if (atomic_load(&store->broken))
		return err_set(err, HILF_E_IO,
			"an earlier write to '%s' did not reach the disk, so no more is "
			"written through this handle; check the disk, then run 'hilf fsck'",
			store->path);
	/* What is written into a file that has lost its name is lost. */
	struct stat status;
	if (stat(store->path, &status) != 0 || status.st_dev != store->device ||
		status.st_ino != store->inode)
		return err_set(err, HILF_E_CORRUPT,
			"'%s' was replaced or removed while it was open; start again to use what "
			"is there now",
			store->path);
	if (store->immutable || faccessat(AT_FDCWD, store->dir, W_OK, AT_EACCESS) != 0)
		return err_set(err, HILF_E_DENIED,
			"this user has no right to write to the folder '%s'; run as its "
			"owner, or choose another with --data",
			store->dir);
	return 0;
}

/* Whether an erasure did not come to its end, because its process died. */
static int ask_purge(struct store *store, struct hilf_err *err)
{
	sqlite3_stmt *statement = db_use(store->writer, SQL_SETTING_GET);
	sqlite3_bind_text(statement, 1, SETTING_PURGE, -1, SQLITE_STATIC);
	int rc = db_step(store, store->writer, statement, err);
	sqlite3_reset(statement);
	store->wants_purge = rc == 1;
	return rc < 0 ? rc : 0;
}

static int begin_transaction(struct store *store, struct hilf_err *err)
{
	bool first = !store->writer;
	int rc = first ? conn_open(store, CONN_WRITE, &store->writer, err) : 0;
	if (rc)
		return rc;
	store->fold.conn = store->writer;
	rc = db_run(store, store->writer, db_use(store->writer, SQL_BEGIN_WRITE), err);
	if (rc)
		return rc;
	rc = fold_begin(&store->fold, err);
	if (!rc && first)
		rc = ask_purge(store, err);
	if (rc)
		db_run(store, store->writer, db_use(store->writer, SQL_ROLLBACK), NULL);
	return rc;
}

int store_lock(struct store *store, struct hilf_err *err)
{
	int rc = may_write(store, err);
	if (!rc)
		rc = open_lock(store, err);
	return rc ? rc : take_lock(store, err);
}

int store_begin(struct store *store, struct hilf_err *err)
{
	ASSERT(!store->in_write);
	int rc = store_lock(store, err);
	if (rc)
		return rc;
	rc = begin_transaction(store, err);
	if (rc) {
		lock_release(store->lock_fd);
		return rc;
	}
	store->in_write = true;
	store->failed = false;
	store->write_number++;
	return 0;
}

/* ------------------------------------------------------------------------------------------ append */

static int is_new(struct store *store, const struct record *record, struct hilf_err *err)
{
	sqlite3_stmt *statement = db_use(store->writer, SQL_FEED_SEQ);
	sqlite3_bind_blob(statement, 1, record->id, UUID_SIZE, SQLITE_STATIC);
	int rc = db_step(store, store->writer, statement, err);
	sqlite3_reset(statement);
	if (rc == 1) {
		char text[UUID_TEXT_SIZE + 1];
		uuid_format(record->id, text);
		return err_set(err, HILF_E_EXISTS, "record %s is in the feed already", text);
	}
	return rc;
}

static int add_to_feed(struct store *store, const struct store_append *append, struct hilf_err *err)
{
	struct feed_row row = {
		.seq = store->fold.state.seq + 1,
		.received_ms = append->received_ms,
		.kind = append->record->kind,
		.bytes = append->bytes,
		.size = append->size,
		.erased = append->erased,
	};
	memcpy(row.id, append->record->id, sizeof row.id);
	memcpy(row.author, append->record->author, sizeof row.author);
	if (!append->erased)
		memcpy(row.salt, append->salt, sizeof row.salt);
	memcpy(row.signature, append->signature, sizeof row.signature);
	return save_feed(store, store->writer, &row, err);
}

int store_append(struct store *store, const struct store_append *append, uint64_t *ret_seq,
	bool *ret_effect, struct hilf_err *err)
{
	bool effect = false;
	ASSERT(store->in_write);
	ASSERT(append->size && append->size <= LIMIT_RECORD_SIZE);
	if (store->failed)
		return err_set(
			err, HILF_E_IO, "an earlier record of this write failed; roll it back");
	int rc = is_new(store, append->record, err);
	if (rc)
		return rc;
	rc = add_to_feed(store, append, err);
	if (!rc)
		rc = fold_apply(&store->fold, append->record, append->erased ? 0 : append->size,
			&effect, err);
	if (rc) {
		store->failed = true;
		return rc;
	}
	if (ret_seq)
		*ret_seq = store->fold.state.seq;
	if (ret_effect)
		*ret_effect = effect;
	return 0;
}

int store_mark(struct store *store, struct hilf_err *err)
{
	ASSERT(store->in_write);
	int rc = db_run(store, store->writer, db_use(store->writer, SQL_MARK), err);
	if (!rc)
		fold_mark(&store->fold);
	return rc;
}

int store_mark_keep(struct store *store, struct hilf_err *err)
{
	ASSERT(store->in_write);
	fold_mark_keep(&store->fold);
	int rc = db_run(store, store->writer, db_use(store->writer, SQL_MARK_KEEP), err);
	store->failed = store->failed || rc;
	return rc;
}

int store_mark_back(struct store *store, struct hilf_err *err)
{
	ASSERT(store->in_write);
	int rc = fold_mark_back(&store->fold, err);
	if (!rc)
		rc = db_run(store, store->writer, db_use(store->writer, SQL_MARK_BACK), err);
	if (!rc)
		rc = db_run(store, store->writer, db_use(store->writer, SQL_MARK_KEEP), err);
	store->failed = rc != 0;
	store->write_number++; /* what was read since may not be so any more */
	return rc;
}

uint64_t store_written_seq(const struct store *store)
{
	ASSERT(store->in_write);
	return store->fold.state.seq;
}

/* ------------------------------------------------------------------------------------------ commit */

/* Moves the log into the database when it has grown. What was committed is safe in the log, so a failure here fails
 * nothing but later writes, and those only when a sync failed: db_error breaks the store then. */
static void checkpoint(struct store *store)
{
	if (store->log_pages < CHECKPOINT_PAGES)
		return;
	int code = sqlite3_wal_checkpoint_v2(
		store->writer->db, "main", SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY)
		db_error(store, store->writer, code, "write", NULL);
}

/* A process that serves for months keeps no more pages than it needs between writes. */
static void trim_cache(struct store *store)
{
	sqlite3 *db = store->writer->db;
	int used = 0, most;
	if (sqlite3_db_status(db, SQLITE_DBSTATUS_CACHE_USED, &used, &most, 0) == SQLITE_OK &&
		used > CACHE_KEPT)
		sqlite3_db_release_memory(db);
}

int store_make_durable(struct store *store, struct hilf_err *err)
{
	ASSERT(store->in_write);
	int rc = 0;
	if (store->failed)
		rc = err_set(
			err, HILF_E_IO, "a record of this write failed; nothing of it was kept");
	if (!rc)
		rc = fold_end(&store->fold, err);
	if (!rc)
		rc = db_run(store, store->writer, db_use(store->writer, SQL_COMMIT), err);
	if (rc) {
		store_rollback(store);
		return rc;
	}
	atomic_store(&store->durable_by, pthread_self());
	return 0;
}

void store_leave(struct store *store)
{
	ASSERT(store->in_write && atomic_load(&store->durable_by) == pthread_self());
	atomic_store(&store->durable_by, 0);
	if (store->writer && store->wants_purge)
		purge(store);
	else if (store->writer)
		checkpoint(store);
	if (store->writer)
		trim_cache(store);
	store->in_write = false;
	lock_release(store->lock_fd);
}

int store_commit(struct store *store, struct hilf_err *err)
{
	int rc = store_make_durable(store, err);
	if (!rc)
		store_leave(store);
	return rc;
}

void store_rollback(struct store *store)
{
	if (!store->in_write)
		return;
	/* SQLite may have rolled back by itself when the write failed; then this one has nothing to do. */
	if (!sqlite3_get_autocommit(store->writer->db))
		db_run(store, store->writer, db_use(store->writer, SQL_ROLLBACK), NULL);
	pending_clear(&store->fold.pending);
	if (!sqlite3_get_autocommit(store->writer->db)) {
		conn_close(store->writer);
		store->writer = NULL;
	}
	store->in_write = false;
	lock_release(store->lock_fd);
}
