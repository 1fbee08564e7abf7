/* Whether anybody committed anything, without asking the database. A question to SQLite takes some ten microseconds, and a
 * query must not cost that when nothing changed, which is nearly always.
 *
 * The index of the write-ahead log (hilf.db-shm) is memory that all processes on the database share, and SQLite rewrites
 * the header at its beginning with every commit: that is how its own readers notice one. Its form is documented
 * (sqlite.org/walformat.html, 2.1): version, ..., change counter, ..., frames in the log, ..., salts of the log. A commit
 * puts frames behind those there are, and a log that begins anew has new salts; so as long as these words stand as they
 * stood before the last look, there is nothing new. What a writer left behind that was killed in the middle is SQLite's to
 * mend, as ever. Whatever is not as expected makes us ask the database.
 *
 * The address is SQLite's own mapping, handed out by the methods of its file (sqlite3_io_methods, xShmMap), and lives as
 * long as the connection. Opening the file ourselves will not do: closing it would drop SQLite's locks (fcntl (2)). */
#include "store/db.h"

#include "base/err.h"

#define INDEX_VERSION     3007000u /* of the log's index, the first word of it */
#define INDEX_REGION_SIZE 32768    /* what SQLite maps at once */

enum { WORD_VERSION = 0, WORD_CHANGE = 2, WORD_FRAMES = 4, WORD_SALT_1 = 8, WORD_SALT_2 = 9 };
static const int words[HEAD_WORDS] = {WORD_CHANGE, WORD_FRAMES, WORD_SALT_1, WORD_SALT_2};

void head_init(struct head *head)
{
	pthread_mutex_init(&head->mutex, NULL);
}

void head_free(struct head *head)
{
	conn_close(head->conn);
	pthread_mutex_destroy(&head->mutex);
}

int load_head(struct store *store, struct conn *conn, struct state *ret_state, uint64_t *ret_local,
	uint64_t *ret_refolds, struct hilf_err *err)
{
	sqlite3_stmt *statement = db_use(conn, SQL_HEAD);
	struct state state;
	int rc = db_step(store, conn, statement, err);
	if (rc == 1)
		rc = row_state(store, statement, &state, err);
	else if (rc == 0)
		rc = db_damaged(
			store, "the row that says where the tables stand, which is missing,", err);
	if (!rc) {
		*ret_local = column_u64(statement, sqlite3_column_count(statement) - 2);
		*ret_refolds = column_u64(statement, sqlite3_column_count(statement) - 1);
		*ret_state = state;
	}
	sqlite3_reset(statement);
	return rc;
}

static int look(struct store *store, uint64_t *ret_seq, uint64_t *ret_local, struct hilf_err *err)
{
	struct conn *conn;
	struct state state;
	uint64_t refolds;
	int rc = read_begin(store, false, &conn, err);
	if (rc)
		return rc;
	rc = load_head(store, conn, &state, ret_local, &refolds, err);
	read_end(store, false, conn);
	if (!rc)
		*ret_seq = state.seq;
	return rc;
}

/* Finds the log's index, by a connection that has used it. Without it every question goes to the database. */
static void find_shared(struct store *store)
{
	struct head *head = &store->head;
	void volatile *region = NULL;
	sqlite3_file *file = NULL;
	struct conn *conn;
	struct state state;
	if (head->tried)
		return;
	head->tried = true;
	if (store->immutable || conn_open(store, CONN_READ, &conn, NULL) != 0)
		return;
	if (load_state(store, conn, &state, NULL) == 0 &&
		sqlite3_file_control(conn->db, "main", SQLITE_FCNTL_FILE_POINTER, &file) ==
			SQLITE_OK &&
		file && file->pMethods && file->pMethods->iVersion >= 2 && file->pMethods->xShmMap)
		file->pMethods->xShmMap(file, 0, INDEX_REGION_SIZE, 0, &region);
	const _Atomic uint32_t *shared = (const _Atomic uint32_t *)(void *)(uintptr_t)region;
	if (!shared || atomic_load(&shared[WORD_VERSION]) != INDEX_VERSION) {
		conn_close(conn);
		return;
	}
	head->conn = conn;
	head->found = shared;
}

/* Whether the words stand as they stood before the last look. Each look writes its words last, and no commit leaves all of
 * them as they were, so words that are met here were written after what was read. */
static bool is_same(const struct head *head)
{
	const _Atomic uint32_t *shared = atomic_load_explicit(&head->shared, memory_order_acquire);
	if (!shared)
		return false;
	for (int i = 0; i < HEAD_WORDS; i++)
		if (atomic_load_explicit(&shared[words[i]], memory_order_acquire) !=
			atomic_load_explicit(&head->seen[i], memory_order_acquire))
			return false;
	return true;
}

/* Looks into the database and remembers what stood there, by the words from before the look. */
static int look_again(struct store *store, struct hilf_err *err)
{
	struct head *head = &store->head;
	uint32_t before[HEAD_WORDS];
	uint64_t seq, local;
	const _Atomic uint32_t *shared = head->found;
	for (int i = 0; i < HEAD_WORDS && shared; i++)
		before[i] = atomic_load(&shared[words[i]]);
	int rc = look(store, &seq, &local, err);
	if (rc)
		return rc;
	atomic_store(&head->seq, seq);
	atomic_store(&head->local, local);
	for (int i = 0; i < HEAD_WORDS && shared; i++)
		atomic_store(&head->seen[i], before[i]);
	atomic_store(&head->shared, shared);
	return 0;
}

int store_head(struct store *store, uint64_t *ret_seq, uint64_t *ret_local, struct hilf_err *err)
{
	struct head *head = &store->head;
	int rc = 0;
	if (!is_same(head)) {
		pthread_mutex_lock(&head->mutex);
		find_shared(store);
		if (!is_same(head)) /* somebody else may have looked meanwhile */
			rc = look_again(store, err);
		pthread_mutex_unlock(&head->mutex);
	}
	if (rc)
		return rc;
	*ret_seq = atomic_load_explicit(&head->seq, memory_order_acquire);
	if (ret_local)
		*ret_local = atomic_load_explicit(&head->local, memory_order_acquire);
	return 0;
}
