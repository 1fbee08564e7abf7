/* A copy of the database while others read and write it: SQLite's online backup (sqlite.org/backup.html), which takes the
 * pages of one committed state. In WAL mode that state is held by a read transaction, so no writer waits and the copy does
 * not begin anew whenever somebody commits; the log grows for as long as it takes. */
#include "store/db.h"

#include "base/err.h"
#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define STEP_PAGES 2048

static int write_error(const char *path, int code, int sys, struct hilf_err *err)
{
	if ((code & 0xff) == SQLITE_NOMEM)
		return err_no_memory(err);
	if ((code & 0xff) == SQLITE_FULL)
		sys = ENOSPC;
	return err_sys(err, HILF_E_IO, sys ? sys : EIO, "cannot write the copy '%s'", path);
}

static int copy_pages(
	struct store *store, struct conn *from, sqlite3 *to, const char *path, struct hilf_err *err)
{
	int code = sqlite3_exec(
		to, "PRAGMA journal_mode = OFF; PRAGMA synchronous = FULL", NULL, NULL, NULL);
	sqlite3_backup *backup = NULL;
	if (code == SQLITE_OK && !(backup = sqlite3_backup_init(to, "main", from->db, "main")))
		code = sqlite3_extended_errcode(to);
	while (backup && (code = sqlite3_backup_step(backup, STEP_PAGES)) == SQLITE_OK)
		;
	int finished = sqlite3_backup_finish(backup);
	if (code == SQLITE_DONE && finished == SQLITE_OK)
		return 0;
	if (code == SQLITE_DONE)
		code = finished;
	/* Whose failure it is SQLite does not say; what cannot be read is told by reading it. */
	if ((code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB ||
		code == SQLITE_IOERR_READ || code == SQLITE_IOERR_SHORT_READ)
		return db_error(store, from, code, "copy", err);
	return write_error(path, code, sqlite3_system_errno(to), err);
}

static int sync_file(const char *path, struct hilf_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	int failed = fd < 0 || fsync(fd) != 0 ? errno : 0;
	if (fd >= 0)
		close(fd);
	return failed ? write_error(path, SQLITE_IOERR, failed, err) : 0;
}

static int copy_to(struct store *store, struct conn *from, const char *path, struct hilf_err *err)
{
	sqlite3 *to = NULL;
	int code = sqlite3_open_v2(path, &to,
		SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_READWRITE, NULL);
	int rc = code == SQLITE_OK
			 ? copy_pages(store, from, to, path, err)
			 : write_error(path, code, to ? sqlite3_system_errno(to) : 0, err);
	sqlite3_close(to);
	return rc ? rc : sync_file(path, err);
}

int store_copy(struct store *store, const char *path, struct hilf_err *err)
{
	struct conn *from;
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return write_error(path, SQLITE_CANTOPEN, errno, err);
	close(fd);
	int rc = conn_open(store, CONN_READ, &from, err);
	if (!rc) {
		rc = db_script(store, from, "BEGIN; SELECT count(*) FROM sqlite_master", err);
		if (!rc)
			rc = copy_to(store, from, path, err);
		conn_close(from);
	}
	if (rc)
		unlink(path);
	return rc;
}
