/* Connections to SQLite, their statements, and what its codes mean for a person.
 *
 * Readers open the database read-only. In a folder that cannot be written SQLite can still read, as long as the
 * write-ahead log and its shared memory file exist or can be done without. They are kept when the last writer leaves
 * (SQLITE_FCNTL_PERSIST_WAL), which is what that switch is for. Where they are missing, as on a medium onto which only
 * hilf.db was copied, the database is complete by itself, and is read as immutable; a share of the writers' lock,
 * where there is one, keeps it so. */
#include "store/db.h"

#include "base/check.h"
#include "base/err.h"
#include "os/lock.h"
#include "store/local_db.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WAIT_BUSY_MS 5000
/* Kibibytes of pages a connection may keep; taken only as they are touched. The writer's are for one large write, and are
 * given back after it (store_commit): the system caches the file as well. */
#define CACHE_WRITE "-131072"
#define CACHE_READ  "-512"
/* What a write-ahead log that is kept may occupy on the disk when nobody writes. */
#define LOG_KEPT "67108864"
/* A record is 64 kB at most; nothing else that is stored comes near. */
#define VALUE_MAX (4 * 1024 * 1024)
#define POOL_MAX  16

/* ------------------------------------------------------------------------------------------ errors */

static bool is_failed_sync(int code)
{
	return code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC;
}

int db_damaged(struct store *store, const char *what, struct hilf_err *err)
{
	return err_set(err, HILF_E_CORRUPT,
		"%s in '%s' is damaged; 'hilf fsck' says how much and mends what the feed can "
		"restore",
		what, store->path);
}

static int io_error(struct store *store, int code, int sys, const char *doing, struct hilf_err *err)
{
	if (is_failed_sync(code)) {
		atomic_store(&store->broken, true);
		return err_sys(err, HILF_E_IO, sys ? sys : EIO,
			"cannot %s: '%s' did not reach the disk; no more "
			"is written through this handle; check the disk, then run 'hilf fsck'",
			doing, store->path);
	}
	if (sys == ENOSPC || sys == EDQUOT || sys == EFBIG)
		code = SQLITE_FULL;
	if (code == SQLITE_FULL)
		return err_set(err, HILF_E_IO,
			"cannot %s: the disk of '%s' is full; nothing was changed; make "
			"room and try again",
			doing, store->path);
	return err_sys(err, HILF_E_IO, sys ? sys : EIO, "cannot %s in '%s'", doing, store->path);
}

int db_error(
	struct store *store, struct conn *conn, int code, const char *doing, struct hilf_err *err)
{
	int sys = conn ? sqlite3_system_errno(conn->db) : 0;
	switch (code & 0xff) {
	case SQLITE_NOMEM:
		return err_no_memory(err);
	case SQLITE_IOERR:
		return code == SQLITE_IOERR_NOMEM ? err_no_memory(err)
						  : io_error(store, code, sys, doing, err);
	case SQLITE_FULL:
		return io_error(store, SQLITE_FULL, sys, doing, err);
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return err_set(err, HILF_E_CORRUPT,
			"'%s' is %s; 'hilf fsck' says how much; else restore a backup", store->path,
			(code & 0xff) == SQLITE_NOTADB ? "no database, or damaged" : "damaged");
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_PROTOCOL: /* too many came at once */
		return err_set(err, HILF_E_BUSY,
			"cannot %s: another program keeps '%s' locked; try again when it "
			"has finished",
			doing, store->path);
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return err_set(err, HILF_E_DENIED,
			"cannot %s: this user has no right to write to '%s'", doing, store->path);
	case SQLITE_CANTOPEN:
		return err_sys(err, HILF_E_IO, sys ? sys : EIO,
			"cannot %s: '%s' or the files beside it cannot be "
			"opened",
			doing, store->path);
	default:
		return err_set(err, HILF_E_CORRUPT, "cannot %s in '%s': %s", doing, store->path,
			conn ? sqlite3_errmsg(conn->db) : sqlite3_errstr(code));
	}
}

/* ------------------------------------------------------------------------------------------ statements */

/* The text with every "@" replaced by "schema."; sqlite3_free. NULL without memory. */
static char *with_schema(const char *text, const char *schema)
{
	sqlite3_str *str = sqlite3_str_new(NULL);
	for (const char *at; (at = strchr(text, '@')); text = at + 1) {
		sqlite3_str_append(str, text, (int)(at - text));
		sqlite3_str_appendf(str, "%s.", schema);
	}
	sqlite3_str_appendall(str, text);
	return sqlite3_str_finish(str);
}

sqlite3_stmt *db_use(struct conn *conn, enum sql which)
{
	sqlite3_stmt *statement = conn->statements[which];
	if (statement) {
		sqlite3_reset(statement);
		return statement;
	}
	char *text = with_schema(sql_texts[which], conn->schema);
	if (!text)
		return NULL;
	if (sqlite3_prepare_v3(conn->db, text, -1, SQLITE_PREPARE_PERSISTENT,
		    &conn->statements[which], NULL) != SQLITE_OK)
		conn->statements[which] = NULL;
	sqlite3_free(text);
	return conn->statements[which];
}

int db_step(struct store *store, struct conn *conn, sqlite3_stmt *statement, struct hilf_err *err)
{
	int code = statement ? sqlite3_step(statement) : sqlite3_extended_errcode(conn->db);
	if (code == SQLITE_ROW)
		return 1;
	if (code == SQLITE_DONE)
		return 0;
	if (!statement && code == SQLITE_OK)
		code = SQLITE_NOMEM;
	return db_error(store, conn, code,
		conn->db && sqlite3_db_readonly(conn->db, "main") == 0 ? "write" : "read", err);
}

int db_run(struct store *store, struct conn *conn, sqlite3_stmt *statement, struct hilf_err *err)
{
	int rc = db_step(store, conn, statement, err);
	sqlite3_reset(statement);
	return rc < 0 ? rc : 0;
}

int db_script(struct store *store, struct conn *conn, const char *text, struct hilf_err *err)
{
	char *whole = with_schema(text, conn->schema);
	if (!whole)
		return err_no_memory(err);
	int code = sqlite3_exec(conn->db, whole, NULL, NULL, NULL);
	sqlite3_free(whole);
	return code == SQLITE_OK ? 0 : db_error(store, conn, code, "work", err);
}

bool column_bytes(sqlite3_stmt *statement, int column, void *ret_bytes, size_t size)
{
	const void *bytes = sqlite3_column_blob(statement, column);
	if (!bytes || (size_t)sqlite3_column_bytes(statement, column) != size)
		return false;
	memcpy(ret_bytes, bytes, size);
	return true;
}

bool column_text(sqlite3_stmt *statement, int column, char *ret_text, size_t room)
{
	const char *text = (const char *)sqlite3_column_text(statement, column);
	size_t size = text ? (size_t)sqlite3_column_bytes(statement, column) : room;
	if (size >= room || memchr(text, '\0', size))
		return false;
	memcpy(ret_text, text, size);
	ret_text[size] = '\0';
	return true;
}

/* ------------------------------------------------------------------------------------------ connections */

static int remember_log_pages(void *ctx, sqlite3 *db, const char *schema, int pages)
{
	struct store *store = ctx;
	(void)db, (void)schema;
	store->log_pages = (size_t)pages;
	return SQLITE_OK;
}

/* trusted_schema off, defensive on: the file may come from somebody else. No automatic checkpoint: store_commit makes
 * them, because SQLite would pass over a failed sync in one. */
static int set_up(struct store *store, struct conn *conn, enum conn_kind kind, struct hilf_err *err)
{
	static const char common[] = "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;"
				     "PRAGMA foreign_keys = ON; PRAGMA temp_store = FILE;";
	static const char reading[] = "PRAGMA query_only = ON; PRAGMA cache_size = " CACHE_READ;
	static const char writing[] =
		"PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA cache_size "
		"= " CACHE_WRITE "; PRAGMA temp.cache_size = " CACHE_WRITE
		"; PRAGMA journal_size_limit = " LOG_KEPT;
	sqlite3_busy_timeout(conn->db, WAIT_BUSY_MS);
	sqlite3_limit(conn->db, SQLITE_LIMIT_LENGTH, VALUE_MAX);
	sqlite3_limit(conn->db, SQLITE_LIMIT_ATTACHED, 0);
	sqlite3_db_config(conn->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(conn->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	sqlite3_db_config(conn->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	static const char checking[] =
		"PRAGMA cache_size = " CACHE_WRITE "; PRAGMA temp.cache_size = " CACHE_WRITE;
	static const char making[] = "PRAGMA synchronous = FULL; PRAGMA journal_mode = DELETE";
	static const char *const own[] = {[CONN_READ] = reading,
		[CONN_WRITE] = writing,
		[CONN_CHECK] = checking,
		[CONN_MAKE] = making};
	int rc = db_script(store, conn, common, err);
	if (!rc)
		rc = db_script(store, conn, own[kind], err);
	if (!rc && (batch_register(conn) != SQLITE_OK || local_register(store, conn) != SQLITE_OK))
		rc = err_no_memory(err);
	if (!rc && kind == CONN_WRITE) {
		int persist = 1;
		sqlite3_wal_hook(conn->db, remember_log_pages, store);
		sqlite3_file_control(conn->db, "main", SQLITE_FCNTL_PERSIST_WAL, &persist);
	}
	return rc;
}

/* "file:" and the path with whatever has a meaning in a URI escaped; sqlite3_free. */
static char *uri_of(const char *path, bool immutable)
{
	sqlite3_str *str = sqlite3_str_new(NULL);
	/* An empty authority before an absolute path: two slashes at its beginning would be taken for one. */
	sqlite3_str_appendall(str, *path == '/' ? "file://" : "file:");
	for (; *path; path++) {
		if (strchr("?#%", *path))
			sqlite3_str_appendf(str, "%%%02x", (unsigned char)*path);
		else
			sqlite3_str_appendchar(str, 1, *path);
	}
	if (immutable)
		sqlite3_str_appendall(str, "?immutable=1");
	return sqlite3_str_finish(str);
}

int conn_open(
	struct store *store, enum conn_kind kind, struct conn **ret_conn, struct hilf_err *err)
{
	return conn_open_at(store, store->path, kind, ret_conn, err);
}

int conn_open_at(struct store *store, const char *path, enum conn_kind kind, struct conn **ret_conn,
	struct hilf_err *err)
{
	bool writes = kind == CONN_WRITE || kind == CONN_MAKE;
	int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_URI |
		    (writes ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY);
	struct conn *conn = calloc(1, sizeof *conn);
	char *uri = uri_of(path, store->immutable);
	if (!conn || !uri) {
		free(conn);
		sqlite3_free(uri);
		return err_no_memory(err);
	}
	conn->schema = "main";
	int code = sqlite3_open_v2(uri, &conn->db, flags, NULL);
	sqlite3_free(uri);
	int rc = code == SQLITE_OK
			 ? set_up(store, conn, kind, err)
			 : db_error(store, conn->db ? conn : NULL, code, "open the store", err);
	if (rc) {
		conn_close(conn);
		return rc;
	}
	*ret_conn = conn;
	return 0;
}

void conn_close(struct conn *conn)
{
	if (!conn)
		return;
	for (size_t i = 0; i < SQL_COUNT; i++)
		sqlite3_finalize(conn->statements[i]);
	local_finalize(conn);
	int code = sqlite3_close(conn->db);
	ASSERT(code == SQLITE_OK);
	free(conn);
}

/* ------------------------------------------------------------------------------------------ reading */

static int take_from_pool(struct store *store, struct conn **ret_conn, struct hilf_err *err)
{
	pthread_mutex_lock(&store->pool_mutex);
	struct conn *conn = store->pool;
	if (conn) {
		store->pool = conn->next;
		store->pool_count--;
	}
	pthread_mutex_unlock(&store->pool_mutex);
	if (!conn)
		return conn_open(store, CONN_READ, ret_conn, err);
	*ret_conn = conn;
	return 0;
}

static void give_to_pool(struct store *store, struct conn *conn)
{
	pthread_mutex_lock(&store->pool_mutex);
	bool keep = store->pool_count < POOL_MAX;
	if (keep) {
		conn->next = store->pool;
		store->pool = conn;
		store->pool_count++;
	}
	pthread_mutex_unlock(&store->pool_mutex);
	if (!keep)
		conn_close(conn);
}

/* Whether this thread has just written what is committed, and nobody can have written since: then the writer's connection
 * has in memory what another one would read anew. */
static bool has_just_written(struct store *store)
{
	return atomic_load_explicit(&store->durable_by, memory_order_relaxed) == pthread_self() &&
	       store->writer;
}

static int take_reader(struct store *store, struct conn **ret_conn, struct hilf_err *err)
{
	if (!has_just_written(store) || !sqlite3_get_autocommit(store->writer->db))
		return take_from_pool(store, ret_conn, err);
	*ret_conn = store->writer;
	return 0;
}

/* One that did not do as it should is not used again. */
static void drop_reader(struct store *store, struct conn *conn)
{
	if (has_just_written(store) && conn == store->writer)
		store->writer = NULL;
	conn_close(conn);
}

int read_begin(struct store *store, bool in_write, struct conn **ret_conn, struct hilf_err *err)
{
	struct conn *conn;
	ASSERT(store); /* NULL: a handle that was opened without a data folder */
	if (in_write) {
		ASSERT(store->in_write);
		*ret_conn = store->writer;
		return 0;
	}
	int rc = take_reader(store, &conn, err);
	if (rc)
		return rc;
	rc = db_run(store, conn, db_use(conn, SQL_BEGIN_READ), err);
	if (rc) {
		drop_reader(store, conn);
		return rc;
	}
	*ret_conn = conn;
	return 0;
}

void read_end(struct store *store, bool in_write, struct conn *conn)
{
	if (in_write)
		return;
	/* A statement that a failure left open would keep the old state in sight. */
	sqlite3_stmt *end = db_use(conn, SQL_COMMIT);
	if (!end || sqlite3_step(end) != SQLITE_DONE || sqlite3_reset(end) != SQLITE_OK)
		drop_reader(store, conn);
	else if (!has_just_written(store) || conn != store->writer)
		give_to_pool(store, conn);
}
