/* The vault: small previews, kept where the operator turned it on, so that a reviewer can put what came in beside what is
 * known. Off by default (setting `vault`): hilf stores no media then.
 *
 *   check with a content_id that matched ──► preview of what came in ──┐
 *   entry added by its file ─────────────► preview of the entry ──────┤
 *                                                                      ▼
 *        sealed with XChaCha20-Poly1305, the key in DATA/vault.key (mode 0600), which is in no database and no backup
 *                                                                      │
 *                        each view is durable (who, when, which case) ─┴─► image/jpeg, 32 kB at most
 *
 * A preview goes VAULT_DAYS after it was kept, VAULT_PRESERVE_DAYS where a decision preserves it, and at once when its
 * entry is withdrawn, expires or is erased; nothing of it is left in the store's log then. One that was sealed with a key
 * that is not here (after a restore, say) is locked: it is counted and told of, and never given as if there were none.
 *
 * "Within a job": between the begin and the commit of a local write (engine/local.h). Entries are node-local numbers. */
#ifndef ENGINE_VAULT_H
#define ENGINE_VAULT_H

#include "base/arena.h"
#include "base/uuid.h"
#include "engine/decode.h"
#include "hilf.h"

#define VAULT_ID_TEXT   (UUID_TEXT_SIZE + 1)
#define VAULT_VIEW_DAYS 400 /* as long as decisions are kept: who looked is told as long */
#define VAULT_OWNER_MAX 8u  /* previews of one entry or check */

/* What is shown: the picture or a page of it, a frame of what moves, a part of it. The numbers are in rows and on the wire. */
const char *preview_kind_name(enum preview_kind kind); /* "page", "frame", "region" */

/* Whose preview it is: an entry's, or that of what came in with a recorded check. An upload of a case knows its check, and
 * so do the cases that a block comes to later, as a sample or by an appeal. */
enum vault_owner { VAULT_ENTRY = 1, VAULT_CHECK = 2 };
struct vault_of {
	enum vault_owner owner;
	uint64_t
		entry; /* of a check: the entry that it matched, with which it is erased; 0: none */
	uint64_t check; /* 0: it is of an entry */
};

/* Whether previews are to be made and kept. Cheap. */
bool vault_is_on(struct hilf *hilf);

/* Within a job: seals previews and keeps them; those past VAULT_OWNER_MAX are left out, and what is kept of an entry already
 * is replaced. Where the vault is off, or there are none, or the key cannot be read or made, nothing is kept and nothing
 * fails: vault_state says why. */
int vault_keep(struct hilf *hilf, const struct vault_of *of, const struct previews *previews,
	struct hilf_err *err);
/* The same in a job of its own, where nothing is kept of it that can be seen: of content that comes again after the vault was
 * turned on, or after its preview went. */
int vault_keep_missing(struct hilf *hilf, const struct vault_of *of,
	const struct previews *previews, struct hilf_err *err);
/* Decodes the file again, within timeout_ms, for previews of it; those there are, and none where it fails: what they are of
 * goes on without. sha256 (or NULL): what the file had when it was looked at first; none of one that is another now. Release
 * with previews_clear. */
void vault_show(struct hilf *hilf, int fd, uint32_t timeout_ms, const uint8_t *sha256,
	struct previews *ret_previews);
/* Whether the content is what signals say, so that its preview may stand beside theirs: an equal digest, or a picture that is
 * nearly the same in whatever orientation. */
bool vault_is_copy(
	const struct hilf_signal *signals, size_t count, const struct hilf_content *content);
/* vault_keep in a job of its own, of entries; those that ended meanwhile are passed over. */
struct vault_copy {
	uint64_t entry; /* 0: passed over */
	struct previews previews;
};
int vault_keep_copies(
	struct hilf *hilf, const struct vault_copy *copies, size_t count, struct hilf_err *err);
/* The same of one. */
int vault_keep_entry(
	struct hilf *hilf, uint64_t entry, const struct previews *previews, struct hilf_err *err);

struct vault_preview {
	char id[VAULT_ID_TEXT];
	enum preview_kind kind;
	uint32_t width, height, size; /* pixels; bytes of the JPEG */
	int64_t made_ms, until_ms;
	bool locked; /* the key is not here; it is left out of what vault_list gives */
};
/* Those that can be seen now, by id, at most VAULT_OWNER_MAX: of an entry (its node-local number), or of an upload of a case
 * (its `check`; 0 has none). */
int vault_list(struct hilf *hilf, bool in_write, enum vault_owner owner, uint64_t number,
	struct vault_preview ret_previews[VAULT_OWNER_MAX], size_t *ret_count,
	struct hilf_err *err);
/* Whether a copy of the entry that can be looked at is kept here: without one nobody can confirm it. */
int vault_has_entry(
	struct hilf *hilf, bool in_write, uint64_t entry, bool *ret_has, struct hilf_err *err);
/* Whether this actor has looked at it. */
int vault_viewed(struct hilf *hilf, bool in_write, uint64_t entry, const char *actor,
	bool *ret_viewed, struct hilf_err *err);

/* Looks at one, on account of a case: the view is recorded durably, and only then are the bytes given (in the arena). The
 * preview must be of that case: of one of its uploads, or of `entry`, the entry that it is about (0: none).
 * HILF_E_NOT_FOUND: there is none such, or not any more; HILF_E_DENIED: it is of another case; HILF_E_CORRUPT: it is damaged
 * and was told; HILF_E_UNSUPPORTED: it is locked. */
struct vault_look {
	const char *id;
	size_t id_size;
	const char *actor;
	uint64_t case_id, entry;
};
int vault_view(struct hilf *hilf, const struct vault_look *look, struct arena *arena,
	struct vault_preview *ret_preview, const uint8_t **ret_jpeg, struct hilf_err *err);

/* Within a job: those of the uploads (and with entry not 0 those of the entry) stay VAULT_PRESERVE_DAYS from now. */
int vault_preserve(struct hilf *hilf, const uint64_t *uploads, size_t count, uint64_t entry,
	struct hilf_err *err);
/* Within a job, of whoever ends an entry: its previews go. erased: those of what matched it, too. */
int vault_entry_ended(struct hilf *hilf, uint64_t entry, bool erased, struct hilf_err *err);
/* Within a job: the same for every entry of a bank (its node-local id) that goes. */
int vault_bank_ended(struct hilf *hilf, uint32_t bank, struct hilf_err *err);
/* Within a job: the entry has another number now (a record was erased and the rest of it added anew). */
int vault_entry_moved(struct hilf *hilf, uint64_t from, uint64_t to, struct hilf_err *err);

/* For a background thread, each minute or so: removes what is past its time, or whose entry ended elsewhere, and old views
 * and exposure counters. */
int vault_sweep(struct hilf *hilf, size_t limit, bool *ret_more, struct hilf_err *err);

/* For doctor, stats and metrics. */
struct vault_state {
	bool on;
	bool has_key;              /* DATA/vault.key is there and right */
	char why[HILF_REASON_MAX]; /* it is not; "" */
	uint64_t count, locked_count, view_count;
	uint64_t size;         /* bytes of the JPEGs */
	int64_t last_until_ms; /* when the last one goes; 0: there is none */
};
int vault_state(struct hilf *hilf, struct vault_state *ret_state, struct hilf_err *err);
/* Opens every seal; calls fn for each preview that does not open though its key is here, and with `mend` removes it. For
 * fsck. */
int vault_check(struct hilf *hilf, bool mend, int (*fn)(const char *id, const char *why, void *ctx),
	void *ctx, uint64_t *ret_count, struct hilf_err *err);

/* Who looked, newest first before id `before` (0: from the newest), of a case (0: of all). For the node's own command line
 * alone, because it has actors in it. */
struct vault_looked {
	uint64_t id;
	char preview[VAULT_ID_TEXT];
	uint64_t entry, check, case_id; /* check 0: it was the entry's copy */
	const char *actor;
	int64_t time_ms;
};
int vault_views(struct hilf *hilf, uint64_t case_id, uint64_t before, size_t limit,
	int (*fn)(const struct vault_looked *looked, void *ctx), void *ctx, struct hilf_err *err);

/* --------------------------------------------------------------------------------------------- exposure */

/* What people looked at: counters per actor and UTC day, kept EXPOSURE_DAYS. Shown to nobody but the actor; a lead sees the
 * sum of a whole week, of five people or more. */
#define EXPOSURE_DAYS       92
#define EXPOSURE_GROUP_MIN  5u
#define EXPOSURE_REVEAL_MAX 3600u /* seconds of one reveal; the rest is a screen that was left on */

struct exposure {
	uint64_t reveals, seconds;
};
/* Counts one reveal, durably. */
int exposure_add(struct hilf *hilf, const char *actor, uint32_t seconds, struct hilf_err *err);
/* The actor's own: today, and the last seven days with it (UTC). */
int exposure_own(struct hilf *hilf, const char *actor, struct exposure *ret_today,
	struct exposure *ret_week, struct hilf_err *err);
/* The last whole week, Monday to Sunday (weeks do not overlap, so that two answers cannot be subtracted from each other).
 * people < EXPOSURE_GROUP_MIN: sum is zero, and nothing may be said. */
struct exposure_group {
	int64_t from_ms, to_ms;
	uint64_t people; /* who revealed something; 0 where they were too few to tell how many */
	struct exposure sum;
};
int exposure_group(struct hilf *hilf, struct exposure_group *ret_group, struct hilf_err *err);

#endif
