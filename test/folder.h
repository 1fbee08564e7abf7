/* A data folder of a test's own, gone when the test is. */
#ifndef TEST_FOLDER_H
#define TEST_FOLDER_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Makes a fresh folder; the path is written into ret_path[room]. */
static inline void folder_make(char *ret_path, size_t room)
{
	const char *tmp = getenv("TMPDIR");
	snprintf(ret_path, room, "%s/hilf-test-XXXXXX", tmp && *tmp ? tmp : "/tmp");
	if (!mkdtemp(ret_path)) {
		perror(ret_path);
		abort();
	}
}

static inline int folder_remove_one(
	const char *path, const struct stat *status, int kind, struct FTW *where)
{
	(void)status;
	(void)kind;
	(void)where;
	return remove(path);
}

static inline void folder_remove(const char *path)
{
	nftw(path, folder_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Where the build has put the helper programs. */
static inline const char *folder_helpers(char *ret_path, size_t room)
{
	const char *build = getenv("HILF_BUILD");
	snprintf(ret_path, room, "%s/src/proc", build ? build : "build");
	return ret_path;
}

#endif
