/* What hash, add and match have in common: every file of a walk, read and decoded by several threads, compared if wanted,
 * handed over in order. */
#ifndef CLI_SCAN_H
#define CLI_SCAN_H

#include "cli/cli.h"
#include "cli/options.h"
#include "cli/walk.h"

/* The rows of the option table that say where files come from. */
#define SCAN_OPTIONS                                                                               \
	{.name = "files-from",                                                                     \
		.value = "LIST",                                                                   \
		.completes = COMPLETES_FILE,                                                       \
		.summary = "read the paths from a file, a line each; '-' is standard input"},      \
	{                                                                                          \
		.name = "null", .letter = '0',                                                     \
		.summary = "paths in the list end with a zero byte, as 'find -print0' writes them" \
	}

struct scan_result {
	const char *path;
	bool met;  /* in a folder, not named itself */
	bool read; /* content is set; trouble is empty */
	struct hilf_content content;
	bool checked; /* check is set */
	struct hilf_check check;
	char trouble[512]; /* why the file was not read, without its path */
};

struct scan {
	struct cli *cli;
	const char *const *paths; /* as for walk_init */
	size_t count;
	const char *list;
	char delimiter;
	const struct hilf_query *query; /* NULL: do not compare */
	/* What is done with content that is no picture, such as "they were not added". */
	const char *others;
	/* Called in order. A return other than 0 ends the scan. */
	int (*result)(void *ctx, const struct scan_result *result);
	/* Called before a wait: print what is ready. May be NULL. */
	void (*idle)(void *ctx);
	void *ctx;
	/* Of the folder that was named and is now at its end. */
	uint64_t files; /* given so far */
	bool troubled;  /* a list could not be read, a folder had no pictures, ...: it was said */
};

/* Returns 0, STATUS_TROUBLE for what made it impossible to go on (it was said), or what result returned. */
int scan_run(struct scan *scan);

/* Whether a file that was met in a folder is content of another kind: nothing in its name or bytes says picture. It is
 * compared by its digests, and not finding it there is no trouble. */
bool scan_is_other(const struct scan_result *result);

/* Says why the file was not read or not decided, and what to do; false, and nothing said, where it was decided. */
bool scan_say_trouble(struct cli *cli, const struct scan_result *result);

/* Where the list of paths is, by the options of SCAN_OPTIONS: --files-from, or standard input where -0 was said and no
 * path; NULL: there is none. path_count: of the operands that are paths. */
const char *scan_list(const struct arguments *arguments, size_t path_count);

#endif
