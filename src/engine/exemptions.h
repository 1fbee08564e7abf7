/* Exemptions: this uploader, or what stands under this address, may show this item, for a purpose and for a time. They touch
 * no signal and no entry: the match is found and told as ever, with the exemption's id, and raises no verdict. The rows are
 * local; those in force are also in memory, where checks ask. */
#ifndef ENGINE_EXEMPTIONS_H
#define ENGINE_EXEMPTIONS_H

#include "engine/checks.h"
#include "engine/decide.h"

#define EXEMPTION_DAYS_MAX 366u
#define EXEMPTION_NOTE_MAX 2000u
#define EXEMPTIONS_MAX     100000u /* all in memory, 200 bytes each */

enum purpose {
	PURPOSE_JOURNALISM = 0,
	PURPOSE_RESEARCH,
	PURPOSE_REFUTATION,
	PURPOSE_ART,
	PURPOSE_COUNT
};
const char *purpose_name(enum purpose purpose);
int purpose_parse(const char *name, enum purpose *ret_purpose, struct hilf_err *err);

struct exemption_info {
	char id[DECISION_TEXT];
	const char *uploader_ref, *url; /* one of the two; the other "" */
	const char *entry;              /* global id */
	const char *bank;
	enum purpose purpose;
	int64_t created_ms, until_ms;
	const char *note; /* or "" */
};
/* entry: what an entry is named by, local or global. Made and removed only where the actor may change that entry's bank's
 * exemptions: the caller's to ask. */
int exemption_add(struct hilf *hilf, const struct actor *actor, const struct exemption_info *info,
	struct arena *arena, struct exemption_info *ret_info, struct hilf_err *err);
/* HILF_E_NOT_FOUND. It ends at once. */
int exemption_remove(struct hilf *hilf, const char *id, struct hilf_err *err);
int exemption_get(struct hilf *hilf, const char *id, struct arena *arena,
	struct exemption_info *ret_info, struct hilf_err *err);
/* Newest first; those that are over are gone. */
int exemption_page(struct hilf *hilf, uint64_t before, size_t limit,
	int (*fn)(const struct exemption_info *info, uint64_t number, void *ctx), void *ctx,
	struct hilf_err *err);

/* After a match, before its record and its answer: a match whose entry this content is exempt for keeps its place and gets
 * `exempt`, and the check's verdict is that of the others. Nothing but a look at a number where there is no exemption.
 * url: what the content was fetched from, or NULL; context's evidence_url is asked, too. */
void exemptions_apply(struct hilf *hilf, const struct check_context *context, const char *url,
	struct hilf_check *check);
/* The exemption in force by which whoever uploaded this may show this entry (node-local; 0: none), if there is one. Of the
 * context uploader_ref and evidence_url are asked: what a content was fetched from is not kept. */
bool exemption_of(struct hilf *hilf, uint64_t entry, const struct check_context *context,
	char ret_id[DECISION_TEXT]);
/* Whether there are any at all: a check without has nothing to ask. */
bool exemptions_any(struct hilf *hilf);
/* Reads them anew where another process changed them; keys_refresh does it, each 100 ms where the service runs. */
int exemptions_refresh(struct hilf *hilf, struct hilf_err *err);
/* Within a sweep: removes what is over. */
int exemptions_sweep(struct hilf *hilf, size_t limit, bool *ret_more, struct hilf_err *err);

#endif
