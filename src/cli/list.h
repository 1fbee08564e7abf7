/* A list on standard output: rows of a table, or with --json an object a line; and a word to people where there is nothing. */
#ifndef CLI_LIST_H
#define CLI_LIST_H

#include "cli/cli.h"

struct list {
	struct cli *cli;
	struct table table;
	unsigned count; /* of what was listed: whoever lists counts */
};

struct list_spec {
	const char *const *headings; /* table_init's, ended by NULL */
	/* Calls something for each item, with the list as its ctx. */
	int (*each)(struct list *list, struct hilf_err *err);
	const char *none; /* what is said where nothing was counted */
};
/* Opens the data folder for reading and lists; the command's status. */
int list_run(struct cli *cli, const struct list_spec *spec);

/* A cell of texts with commas; `none` where there are none. */
void list_texts(struct list *list, const char *const *items, size_t count, const char *none);
/* A cell with a day; empty for 0. */
void list_day(struct list *list, int64_t time_ms);

#endif
