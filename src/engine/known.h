/* What is known, in memory: the fold of the feed that queries read. Banks, metas, groups and entries are tables that
 * only grow; the similarity index holds the values. One writer applies the feed (known_apply, under its mutex);
 * any number of readers look things up without locks.
 *
 *   entry 7 ──► {group 3, place 2, meta 5}        12 bytes each, found by the node-local id
 *   group 3 ──► {record id, bank, expiry, ...}    one a record, so that a million entries share a few thousand
 *   meta 5  ──► {class, labels}                   interned by the store
 *
 * An entry that changes gets another meta, and with an end of its own another group; a reader who is at it sees each of
 * them as it was or as it is.
 *
 * Entries, groups and the index may come from a snapshot (checkpoint.h), read when first needed. Damage in it can show at
 * any time: `damage` says so then, what was worked out meanwhile is thrown away, and another `known` is made from the
 * store (current.h). */
#ifndef ENGINE_KNOWN_H
#define ENGINE_KNOWN_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/uuid.h"
#include "engine/damage.h"
#include "engine/table.h"
#include "hilf.h"
#include "index/index.h"
#include "store/store.h"

#include <pthread.h>

struct known_bank {
	uint8_t gid[UUID_SIZE];
	_Atomic(const char *) name; /* among the texts; NULL of nobody */
	_Atomic bool own;
	int64_t created_ms;
	_Atomic bool removed;
	_Atomic int mode; /* enum hilf_mode */
	_Atomic uint32_t pdq_radius;
	_Atomic uint32_t sample_ppm;
};

/* Entries that are mute on this node, by id. Replaced as a whole. */
struct known_mutes {
	struct known_mutes *next_old; /* of those replaced: freed when no reader can have them */
	size_t count, room;
	struct known_mute {
		uint32_t entry;
		int64_t until_ms;
	} items[];
};

struct known_meta {
	int64_t mark; /* store_meta's */
	const char *content_class;
	const struct hilf_label *labels;
	size_t label_count;
};

struct known_group {
	uint8_t record[UUID_SIZE];
	uint32_t bank;
	int64_t expires_ms;
};

struct known_entry {
	_Atomic uint32_t group; /* 0: an id that the feed has used for an entry that is gone */
	_Atomic uint32_t place; /* its ordinal in the record, and flags */
	_Atomic uint32_t meta;
};
_Static_assert(sizeof(struct known_entry) == 12, "as snapshots have it");
#define KNOWN_ORDINAL  0xffffu
#define KNOWN_DISPUTED 0x80000000u /* by any member */

struct known {
	struct table banks, metas, groups, entries; /* by id; position 0 is nobody */
	struct index *index;
	const struct index_ops *index_ops;
	pthread_mutex_t mutex;  /* who applies the feed */
	_Atomic uint64_t seq;   /* applied so far */
	/* The store's numbers of metas become positions in `metas`. They are the same, until an erasure gives metas other
	 * numbers: what is known keeps its positions then, and the numbers are told anew. The writer's. */
	uint32_t *meta_of;
	size_t meta_of_count;
	uint64_t refolds;         /* store_sink's, of those numbers */
	_Atomic bool outdated;    /* it was made before an erasure: a snapshot of it would hold what was erased */
	_Atomic uint64_t local; /* the local changes that are applied; UINT64_MAX before the first time */
	_Atomic(const struct known_mutes *) mutes; /* NULL: none; read by who holds this */
	struct known_mutes *old_mutes; /* the writer's */
	_Atomic uint64_t degenerate_count;
	struct arena texts;     /* of metas and banks; the writer's */
	/* Entries from here on were told by a replay that failed half-way, if at all. The next one tells them again, except
	 * those that were withdrawn in between: it leaves them out, so that who is not told again is taken away. */
	uint64_t entry_next;
	/* Values (32 bytes each) and the ids they belong to, on their way into the index: empty between replays, kept
	 * when there was no memory to add them, so that the next replay does. */
	struct buf pending_values, pending_links;
	uint8_t member[UUID_SIZE]; /* this node's; the writer's */
	bool has_member;

	struct blocks *saved;   /* the tables' part of a snapshot; NULL: everything was folded from the feed */
	struct damage damage;
	_Atomic uint64_t told_count;     /* entries that the feed told, so not the snapshot */
	_Atomic uint64_t saved_seq;      /* what the snapshot read or written last stands for; 0: none */
	_Atomic uint32_t holders;        /* current.h */
	struct known *next_retired;
};

int known_open(struct known **ret_known, struct hilf_err *err);
void known_close(struct known *known);
/* Gives back all but what answers may still point to: the texts of metas. known_close does the rest. */
void known_empty(struct known *known);
/* Applies what the store's feed has after known->seq, and what changed locally. From any thread; one at a time does it, others wait. Damage in a
 * snapshot is noted, and HILF_E_CORRUPT. */
int known_apply(struct known *known, struct store *store, struct hilf_err *err);
/* The same, by who has the mutex; also when the feed has not moved, to end what an earlier one left half done. */
int known_apply_locked(struct known *known, struct store *store, struct hilf_err *err);
/* What known_apply does, by who has the mutex. */
int known_apply_news(struct known *known, struct store *store, struct hilf_err *err);
/* Tells banks and metas to one whose entries were loaded. */
int known_apply_names(struct known *known, struct store *store, struct hilf_err *err);
/* Notes damage where the index failed of it; returns rc. */
int known_index_failed(struct known *known, int rc, const struct hilf_err *err);

/* The store's setting that names this node's member. */
#define KNOWN_SETTING_MEMBER "member"
/* Reads it; ret_found false where no member was founded yet. HILF_E_CORRUPT where it is no id. */
int known_read_member(struct store *store, bool in_write, uint8_t ret_member[UUID_SIZE], bool *ret_found,
	struct hilf_err *err);

/* Whether the entry matches nothing here at that time. By who holds it. */
bool known_is_mute(const struct known *known, uint32_t entry, int64_t now_ms);

static inline struct known_bank *known_bank(const struct known *known, uint32_t id)
{
	return table_at(&known->banks, id);
}

#endif
