/* What is said of entries on the line: --label, --class, --ground, --expires, for add and import alike. */
#ifndef CLI_META_H
#define CLI_META_H

#include "base/buf.h"
#include "base/limits.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "hilf.h"
#include "wire/import_row.h"

#define META_PREFIX IMPORT_OWN_PREFIX

/* The rows of the option table that both commands have. */
#define META_OPTIONS                                                                               \
	{.name = "label",                                                                          \
		.letter = 'l',                                                                     \
		.value = "KEY=VALUE",                                                              \
		.repeats = true,                                                                   \
		.summary = "say something of the entries that matches will show, such as "         \
			   "event=paris; may be repeated"},                                        \
		{.name = "class",                                                                  \
			.value = "CLASS",                                                          \
			.completes = COMPLETES_CLASS,                                              \
			.summary = "the class of the content"},                                    \
		{.name = "ground",                                                                 \
			.value = "TEXT",                                                           \
			.summary = "the rule it falls under: a citation of law, article or "       \
				   "terms, no free text"},                                         \
	{                                                                                          \
		.name = "expires", .value = "DATE",                                                \
		.summary = "a day such as 2027-05-31 or a duration such as 90d; 24 months if not " \
			   "said, which is "                                                       \
			   "also the most"                                                         \
	}

struct meta {
	struct hilf_entry_meta meta; /* points into the others, into argv and into texts */
	struct hilf_label labels[LIMIT_LABELS];
	char *texts[LIMIT_LABELS];
};

/* Reads the options. Release with meta_free, whatever it returns. */
int meta_read(const struct arguments *arguments, const char *source, struct meta *ret_meta,
	struct hilf_err *err);
void meta_free(struct meta *meta);
/* The same without the expiry. */
int meta_read_said(const struct arguments *arguments, struct meta *ret_meta, struct hilf_err *err);
/* Says that what the line says of entries was not said of those that were there already, if it was meant to be. */
void meta_note_already(struct cli *cli, const struct meta *meta, uint64_t already_count);

#endif
