/* The files that a line names: files as they are, folders walked to their ends in the order of names, lists of paths
 * read from a file or from standard input.
 *
 * A symbolic link to a folder is followed where it was named, not where it is met. Only regular files are content:
 * whatever else is named is trouble, whatever else is met is passed over. */
#ifndef CLI_WALK_H
#define CLI_WALK_H

#include "cli/reader.h"

#include <fts.h>

enum walk_kind {
	WALK_FILE,
	WALK_TROUBLE,    /* cannot be looked at; see trouble */
	WALK_FOLDER_END, /* all of a folder that was named was given */
};

struct walk_item {
	enum walk_kind kind;
	bool met;      /* in a folder that was named (or trouble with it), not named itself */
	char *path;    /* the caller frees both */
	char *trouble; /* NULL but for WALK_TROUBLE; not with the path in it */
};

struct walk {
	const char *const *paths;
	size_t count, index;
	const char *list; /* a file with paths, "-" for standard input; NULL: none (more) */
	char delimiter;   /* of the list */
	struct reader reader;
	bool reading; /* the list is open */
	FTS *fts;     /* the folder that is walked now, or NULL */
	char *folder;
};

/* paths and list live as long as the walk; a path "-" stands for a list on standard input. Paths come before the
 * list. */
void walk_init(struct walk *walk, const char *const *paths, size_t count, const char *list,
	char delimiter);
void walk_free(struct walk *walk);
/* 1 and an item, 0 at the end, or a negative code: the list cannot be read, or no memory. */
int walk_next(struct walk *walk, struct walk_item *ret_item, struct hilf_err *err);
/* What errno means for a file that is to be read, for a person. */
const char *walk_why(int sys);
/* How many files the walk will give, if it can be said within limit_ms and without reading lists; else 0. */
uint64_t walk_count(const char *const *paths, size_t count, int limit_ms);

#endif
