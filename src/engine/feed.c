/* The feed to others and from another. A follower's feed is an exact replica: the same records under the same numbers,
 * with their salts and times, so that entries get the same ids and one ledger proves both. What arrives is verified as if
 * anybody had sent it: it continues what is there, has the form of a record, and bears its author's signature. */
#include "base/check.h"
#include "base/err.h"
#include "engine/current.h"
#include "engine/engine.h"
#include "wire/record_header.h"

#include <sodium.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------ reading */

struct reading {
	hilf_record_fn *fn;
	void *ctx;
};

static int tell_record(const struct store_feed_row *row, void *ctx)
{
	const struct reading *reading = ctx;
	struct hilf_record record = {
		.seq = row->seq,
		.bytes = row->bytes,
		.size = row->size,
		.received_ms = row->received_ms,
	};
	if (row->erased) {
		record.header = row->bytes;
		record.header_size = row->size;
		record.bytes = NULL;
		record.size = 0;
	}
	memcpy(record.signature, row->signature, sizeof record.signature);
	memcpy(record.salt, row->salt, sizeof record.salt);
	return reading->fn(&record, reading->ctx);
}

int hilf_feed_read(struct hilf *hilf, uint64_t after_seq, size_t limit, hilf_record_fn *fn,
	void *ctx, struct hilf_err *err)
{
	struct reading reading = {fn, ctx};
	ASSERT(hilf && fn);
	if (after_seq > INT64_MAX)
		return 0;
	return store_feed(hilf->store, after_seq, limit, tell_record, &reading, err);
}

void hilf_feed_head(struct hilf *hilf, uint64_t *ret_seq, uint64_t *ret_local)
{
	uint64_t seq, local;
	ASSERT(hilf && ret_seq && ret_local);
	if (store_head(hilf->store, &seq, &local, NULL) == 0) {
		atomic_store_explicit(&hilf->last_seq, seq, memory_order_relaxed);
		atomic_store_explicit(&hilf->last_local, local, memory_order_relaxed);
	}
	*ret_seq = atomic_load_explicit(&hilf->last_seq, memory_order_relaxed);
	*ret_local = atomic_load_explicit(&hilf->last_local, memory_order_relaxed);
}

/* ------------------------------------------------------------------------------------------ following */

struct applying {
	const struct hilf_record *records;
	size_t count;
	struct arena arena;
};

static int not_a_continuation(uint64_t seq, const char *why, struct hilf_err *err)
{
	return err_set(err, HILF_E_CORRUPT,
		"record %llu of the feed that is followed does not continue what is here: %s",
		(unsigned long long)seq, why);
}

/* The key that the author must have signed with. 0: nobody founded the author; then the record is kept and says nothing, here
 * as there. */
static int key_of(struct hilf *hilf, const struct record *record, uint8_t ret_key[32],
	bool *ret_found, struct hilf_err *err)
{
	*ret_found = true;
	if (record->kind == RECORD_MEMBER_FOUND) {
		memcpy(ret_key, record->member.key, 32);
		return 0;
	}
	int rc = store_member_key(hilf->store, true, record->author, ret_key, err);
	if (rc != HILF_E_NOT_FOUND)
		return rc;
	*ret_found = false;
	return 0;
}

static int check_signature(struct hilf *hilf, const struct hilf_record *from,
	const struct record *record, struct hilf_err *err)
{
	uint8_t key[32];
	bool found;
	int rc = key_of(hilf, record, key, &found, err);
	if (rc || !found)
		return rc;
	if (crypto_sign_verify_detached(
		    from->signature, (const unsigned char *)from->bytes, from->size, key) != 0)
		return not_a_continuation(from->seq, "its signature is not its author's", err);
	return 0;
}

/* One that was erased there before it came here: its bytes cannot be verified any more. What stays of it gives its entries
 * their numbers, and what follows withdraws them. */
static int apply_erased(struct hilf *hilf, const struct hilf_record *from, struct arena *arena,
	struct record *ret_record, struct hilf_err *err)
{
	uint8_t hash[RECORD_HASH_SIZE];
	struct hilf_err why = {0};
	uint64_t seq = 0;
	if (!from->header)
		return not_a_continuation(from->seq, "it has neither bytes nor a header", err);
	int rc = record_header_decode(
		from->header, from->header_size, arena, ret_record, hash, &why);
	if (rc == HILF_E_NO_MEMORY)
		return err_no_memory(err);
	if (rc)
		return not_a_continuation(from->seq, why.text, err);
	const struct store_append append = {
		.bytes = from->header,
		.size = from->header_size,
		.signature = from->signature,
		.record = ret_record,
		.received_ms = from->received_ms,
		.erased = true,
	};
	rc = store_append(hilf->store, &append, &seq, NULL, err);
	if (rc == HILF_E_EXISTS)
		return not_a_continuation(from->seq, "a record of that id came before", err);
	if (!rc && seq != from->seq)
		return not_a_continuation(from->seq, "it has another number here", err);
	return rc;
}

static int apply_record(struct hilf *hilf, const struct hilf_record *from, struct arena *arena,
	struct record *ret_record, struct hilf_err *err)
{
	struct hilf_err why = {0};
	uint64_t seq = 0;
	if (!from->size)
		return apply_erased(hilf, from, arena, ret_record, err);
	int rc = record_decode(from->bytes, from->size, arena, ret_record, &why);
	if (rc == HILF_E_NO_MEMORY || rc == HILF_E_VERSION)
		return err_set(err, (enum hilf_code)rc, "%s", why.text);
	if (rc)
		return not_a_continuation(from->seq, why.text, err);
	rc = check_signature(hilf, from, ret_record, err);
	if (rc)
		return rc;
	const struct store_append append = {
		.bytes = from->bytes,
		.size = from->size,
		.signature = from->signature,
		.record = ret_record,
		.salt = from->salt,
		.received_ms = from->received_ms,
	};
	rc = store_append(hilf->store, &append, &seq, NULL, err);
	if (rc == HILF_E_EXISTS)
		return not_a_continuation(from->seq, "a record of that id came before", err);
	if (!rc && seq != from->seq)
		return not_a_continuation(from->seq, "it has another number here", err);
	return rc;
}

struct comparing {
	const struct hilf_record *record;
	bool same;
};

static int compare_record(const struct store_feed_row *row, void *ctx)
{
	struct comparing *comparing = ctx;
	comparing->same = row->seq == comparing->record->seq &&
			  memcmp(row->signature, comparing->record->signature,
				  sizeof comparing->record->signature) == 0;
	return 0;
}

/* What is here already was brought by another process on this folder, or is asked for twice; it must be the same. */
static int compare_with_own(struct hilf *hilf, const struct hilf_record *from, struct hilf_err *err)
{
	struct comparing comparing = {.record = from};
	int rc = store_feed(hilf->store, from->seq - 1, 1, compare_record, &comparing, err);
	if (!rc && !comparing.same)
		rc = not_a_continuation(from->seq, "another record has that number here", err);
	return rc;
}

/* The member whose node is followed: the one that its feed begins with. What is the leader's own counts as own here, so
 * that both say the same. */
static int take_member(struct hilf *hilf, const struct record *first, struct hilf_err *err)
{
	char text[UUID_TEXT_SIZE + 1];
	if (first->kind != RECORD_MEMBER_FOUND)
		return not_a_continuation(1, "a feed begins with the member that keeps it", err);
	uuid_format(first->id, text);
	int rc = store_setting_set(hilf->store, KNOWN_SETTING_MEMBER, text, err);
	if (!rc)
		rc = store_setting_set(hilf->store, SETTING_REPLICA, "1", err);
	return rc ? rc : store_local_changed(hilf->store, err);
}

static int check_replica(struct hilf *hilf, uint64_t here, struct hilf_err *err)
{
	char text[8];
	int rc =
		here ? store_setting_get(hilf->store, true, SETTING_REPLICA, text, sizeof text, err)
		     : 0;
	if (rc == HILF_E_NOT_FOUND)
		return err_set(err, HILF_E_DENIED,
			"'%s' has a feed of its own; a follower needs an empty folder",
			hilf->data_dir);
	return rc;
}

static int apply_records(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	struct applying *applying = ctx;
	uint64_t here = store_written_seq(hilf->store);
	int rc = check_replica(hilf, here, err);
	for (size_t i = 0; i < applying->count && !rc; i++) {
		const struct hilf_record *from = &applying->records[i];
		struct record record;
		if (from->seq && from->seq <= here) {
			rc = compare_with_own(hilf, from, err);
			continue;
		}
		if (from->seq != ++here)
			return not_a_continuation(from->seq, "records before it are missing", err);
		arena_clear(&applying->arena);
		rc = apply_record(hilf, from, &applying->arena, &record, err);
		if (!rc && here == 1)
			rc = take_member(hilf, &record, err);
	}
	return rc;
}

int hilf_feed_apply(
	struct hilf *hilf, const struct hilf_record *records, size_t count, struct hilf_err *err)
{
	struct applying applying = {.records = records, .count = count};
	struct write_job job = {apply_records, &applying, .local = true};
	ASSERT(hilf && (records || !count));
	if (!hilf->follower)
		return err_set(err, HILF_E_DENIED,
			"this handle was not opened as a follower; only one that was takes over "
			"another "
			"node's feed");
	if (!count)
		return 0;
	if (sodium_init() < 0)
		return err_set(err, HILF_E_UNSUPPORTED, "libsodium cannot be started");
	arena_init(&applying.arena, 0);
	int rc = write_submit(hilf, &job, err);
	arena_clear(&applying.arena);
	return rc;
}
