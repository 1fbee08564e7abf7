/* fts(3), which knows its way out of loops, deep trees and folders that vanish. */
#include "cli/walk.h"

#include "base/err.h"
#include "cli/cli.h"
#include "os/clock.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void walk_init(
	struct walk *walk, const char *const *paths, size_t count, const char *list, char delimiter)
{
	*walk = (struct walk){.paths = paths,
		.count = count,
		.list = list,
		.delimiter = delimiter,
		.reader = {.fd = -1}};
}

void walk_free(struct walk *walk)
{
	if (walk->fts)
		fts_close(walk->fts);
	free(walk->folder);
	if (walk->reading)
		reader_close(&walk->reader);
}

static int give(struct walk_item *ret_item, enum walk_kind kind, bool met, const char *path,
	const char *trouble, struct hilf_err *err)
{
	struct walk_item item = {kind, met, strdup(path), trouble ? strdup(trouble) : NULL};
	if (!item.path || (trouble && !item.trouble)) {
		free(item.path);
		free(item.trouble);
		return err_no_memory(err);
	}
	*ret_item = item;
	return 1;
}

const char *walk_why(int sys)
{
	switch (sys) {
	case ENOENT:
		return "there is no such file or folder";
	case EACCES:
	case EPERM:
		return "this user has no right to read it; run as one who has";
	case ELOOP:
		return "symbolic links lead in a circle";
	case EMFILE:
	case ENFILE:
		return "too many files are open; raise the limit ('ulimit -n')";
	default:
		return strerror(sys);
	}
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static FTS *open_folder(const char *path)
{
	char *const paths[] = {(char *)path, NULL};
	return fts_open(paths, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, by_name);
}

/* A link that was met counts as the file it leads to, if it leads to one. */
static bool is_file(const FTSENT *entry)
{
	struct stat status;
	if (entry->fts_info == FTS_F)
		return S_ISREG(entry->fts_statp->st_mode);
	return entry->fts_info == FTS_SL && stat(entry->fts_accpath, &status) == 0 &&
	       S_ISREG(status.st_mode);
}

/* The next item of the folder that is being walked; 0 when it is at its end, which was given too. */
static int next_in_folder(struct walk *walk, struct walk_item *ret_item, struct hilf_err *err)
{
	const FTSENT *entry;
	if (!walk->fts)
		return 0;
	while (errno = 0, (entry = fts_read(walk->fts))) {
		switch (entry->fts_info) {
		case FTS_F:
		case FTS_SL:
			if (is_file(entry))
				return give(ret_item, WALK_FILE, true, entry->fts_path, NULL, err);
			break;
		case FTS_DNR:
		case FTS_ERR:
		case FTS_NS:
			return give(ret_item, WALK_TROUBLE, true, entry->fts_path,
				walk_why(entry->fts_errno), err);
		case FTS_DC:
			return give(ret_item, WALK_TROUBLE, true, entry->fts_path,
				"this folder contains itself; it is not entered again", err);
		default:
			break;
		}
	}
	int sys = errno;
	char *folder = walk->folder;
	fts_close(walk->fts);
	walk->fts = NULL;
	walk->folder = NULL;
	int rc = sys ? give(ret_item, WALK_TROUBLE, false, folder, walk_why(sys), err)
		     : give(ret_item, WALK_FOLDER_END, false, folder, NULL, err);
	free(folder);
	return rc;
}

/* A path that was named, here or in a list. Returns 0 where it is a folder, which is then begun. */
static int begin_path(
	struct walk *walk, const char *path, struct walk_item *ret_item, struct hilf_err *err)
{
	struct stat status;
	if (stat(path, &status) != 0)
		return give(ret_item, WALK_TROUBLE, false, path, walk_why(errno), err);
	if (S_ISREG(status.st_mode))
		return give(ret_item, WALK_FILE, false, path, NULL, err);
	if (!S_ISDIR(status.st_mode))
		return give(ret_item, WALK_TROUBLE, false, path,
			"this is neither a file nor a folder; write it to a file first", err);
	walk->fts = open_folder(path);
	walk->folder = strdup(path);
	return walk->fts && walk->folder ? 0 : err_no_memory(err);
}

static int begin_list(struct walk *walk, const char *list, struct hilf_err *err)
{
	int rc = reader_open(&walk->reader, list, err);
	walk->reading = !rc;
	return rc;
}

/* The next path that was named: 1, or 0 when there are no more. */
static int next_path(struct walk *walk, const char **ret_path, struct hilf_err *err)
{
	for (;;) {
		int rc = 0;
		if (walk->reading) {
			char *text;
			size_t size;
			rc = reader_line(
				&walk->reader, walk->delimiter, PATH_MAX, &text, &size, err);
			if (rc > 0 && size) {
				*ret_path = text;
				return 1;
			}
			if (rc <= 0) {
				reader_close(&walk->reader);
				walk->reading = false;
			}
		} else if (walk->index < walk->count) {
			const char *path = walk->paths[walk->index++];
			if (strcmp(path, "-") != 0) {
				*ret_path = path;
				return 1;
			}
			rc = begin_list(walk, path, err);
		} else if (walk->list) {
			rc = begin_list(walk, walk->list, err);
			walk->list = NULL;
		} else {
			return 0;
		}
		if (rc < 0)
			return rc;
	}
}

int walk_next(struct walk *walk, struct walk_item *ret_item, struct hilf_err *err)
{
	for (;;) {
		const char *path;
		int rc = next_in_folder(walk, ret_item, err);
		if (!rc) {
			rc = next_path(walk, &path, err);
			if (rc <= 0)
				return rc;
			rc = begin_path(walk, path, ret_item, err);
		}
		if (rc)
			return rc;
	}
}

uint64_t walk_count(const char *const *paths, size_t count, int limit_ms)
{
	uint64_t files = 0;
	int64_t until = clock_monotonic_us() + (int64_t)limit_ms * 1000;
	for (size_t i = 0; i < count; i++) {
		struct stat status;
		if (!strcmp(paths[i], "-"))
			return 0;
		if (stat(paths[i], &status) != 0 || !S_ISDIR(status.st_mode)) {
			files++;
			continue;
		}
		const FTSENT *entry;
		FTS *fts = open_folder(paths[i]);
		bool late = false;
		while (fts && !late && (entry = fts_read(fts))) {
			files += is_file(entry);
			late = clock_monotonic_us() > until || cli_stopped();
		}
		if (fts)
			fts_close(fts);
		if (late)
			return 0;
	}
	return files;
}
