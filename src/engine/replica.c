/* Policies and mutes as a text, and such a text into the local tables. They are set whole and in one transaction: between
 * what the leader did yesterday and what it does today there is no third thing. */
#include "engine/replica.h"

#include "base/check.h"
#include "base/err.h"
#include "engine/engine.h"
#include "os/clock.h"
#include "wire/json.h"

#include <string.h>

/* ------------------------------------------------------------------------------------------ writing */

struct exporting {
	struct buf banks, mutes, erased;
};

static int export_bank(const struct store_bank *bank, void *ctx)
{
	struct exporting *exporting = ctx;
	struct buf *buf = &exporting->banks;
	char gid[UUID_TEXT_SIZE + 1];
	if (bank->removed || !bank->has_policy)
		return 0;
	uuid_format(bank->gid, gid);
	json_put_item(buf);
	buf_char(buf, '[');
	json_put_item(buf);
	json_put_text(buf, gid);
	json_put_item(buf);
	json_put_integer(buf, bank->policy.mode);
	json_put_item(buf);
	json_put_integer(buf, bank->policy.pdq_radius);
	json_put_item(buf);
	json_put_integer(buf, bank->policy.sample_ppm);
	buf_char(buf, ']');
	return 0;
}

static int export_mute(uint64_t entry, int64_t until_ms, void *ctx)
{
	struct exporting *exporting = ctx;
	struct buf *buf = &exporting->mutes;
	json_put_item(buf);
	buf_char(buf, '[');
	json_put_item(buf);
	json_put_integer(buf, (int64_t)entry);
	json_put_item(buf);
	json_put_integer(buf, until_ms);
	buf_char(buf, ']');
	return 0;
}

static int export_erased(uint64_t seq, const char *header, size_t size, void *ctx)
{
	struct exporting *exporting = ctx;
	struct buf *buf = &exporting->erased;
	json_put_item(buf);
	buf_char(buf, '[');
	json_put_item(buf);
	json_put_integer(buf, (int64_t)seq);
	json_put_item(buf);
	json_put_string(buf, header, size);
	buf_char(buf, ']');
	return 0;
}

static const struct store_sink sink = {.bank = export_bank, .mute = export_mute};

static void put_all(
	const struct exporting *exporting, uint64_t local, const char *member, struct buf *buf)
{
	buf_char(buf, '{');
	json_put_key(buf, "banks");
	buf_add(buf, exporting->banks.data, exporting->banks.size);
	json_put_key(buf, "erased");
	buf_add(buf, exporting->erased.data, exporting->erased.size);
	json_put_key(buf, "local");
	json_put_integer(buf, (int64_t)local);
	json_put_key(buf, "member");
	json_put_text(buf, member);
	json_put_key(buf, "mutes");
	buf_add(buf, exporting->mutes.data, exporting->mutes.size);
	json_put_key(buf, "v");
	json_put_integer(buf, 1);
	buf_char(buf, '}');
}

/* local: what to say of it; NULL: as it is here. */
static int export(struct hilf *hilf, bool in_write, const uint64_t *local, struct buf *buf,
	struct hilf_err *err)
{
	struct exporting exporting = {BUF_INIT, BUF_INIT, BUF_INIT};
	uint8_t member[UUID_SIZE];
	char text[UUID_TEXT_SIZE + 1] = "";
	uint64_t own = 0;
	bool found = false;
	size_t before = buf->size;
	buf_char(&exporting.banks, '[');
	buf_char(&exporting.mutes, '[');
	buf_char(&exporting.erased, '[');
	int rc = known_read_member(hilf->store, in_write, member, &found, err);
	if (!rc)
		rc = store_replay_local(hilf->store, in_write, &sink, &exporting, &own, err);
	if (!rc)
		rc = store_each_erased(hilf->store, in_write, export_erased, &exporting, err);
	buf_char(&exporting.erased, ']');
	buf_char(&exporting.banks, ']');
	buf_char(&exporting.mutes, ']');
	if (found)
		uuid_format(member, text);
	if (!rc)
		put_all(&exporting, local ? *local : own, text, buf);
	if (!rc && (buf->failed || exporting.banks.failed || exporting.mutes.failed ||
			   exporting.erased.failed)) {
		buf->size = before;
		rc = err_no_memory(err);
	}
	buf_free(&exporting.banks);
	buf_free(&exporting.mutes);
	buf_free(&exporting.erased);
	return rc;
}

int replica_export(struct hilf *hilf, struct buf *buf, struct hilf_err *err)
{
	ASSERT(hilf && buf);
	return export(hilf, false, NULL, buf, err);
}

/* ------------------------------------------------------------------------------------------ reading */

struct taking {
	const char *text;
	size_t size;
	const struct json *banks, *mutes, *erased;
	uint64_t local;
	uint8_t member[UUID_SIZE];
	bool changed, erasing;
};

static int bad(const char *what, struct hilf_err *err)
{
	return err_set(
		err, HILF_E_INVALID, "the leader's policies are not of their form: %s", what);
}

/* The integers of an array behind its first skip items; false for anything else. */
static bool read_numbers(const struct json *array, size_t skip, int64_t *ret_numbers, size_t count)
{
	if (array->is != JSON_IS_ARRAY || array->count != skip + count)
		return false;
	const struct json *item = array->first;
	while (skip--)
		item = item->next;
	for (size_t i = 0; i < count; i++, item = item->next) {
		if (item->is != JSON_IS_INTEGER)
			return false;
		ret_numbers[i] = item->integer;
	}
	return true;
}

static bool read_bank(
	const struct json *item, uint8_t ret_gid[UUID_SIZE], struct store_policy *ret_policy)
{
	int64_t numbers[3];
	if (!read_numbers(item, 1, numbers, 3) || item->first->is != JSON_IS_STRING ||
		!uuid_parse(item->first->text, item->first->size, ret_gid))
		return false;
	if (numbers[0] < HILF_SHADOW || numbers[0] > HILF_BLOCK || numbers[1] < 0 ||
		numbers[1] > HILF_PDQ_RADIUS_MAX || numbers[2] < 0 || numbers[2] > STORE_SAMPLE_ALL)
		return false;
	*ret_policy = (struct store_policy){
		(enum hilf_mode)numbers[0], (uint32_t)numbers[1], (uint32_t)numbers[2]};
	return true;
}

static int check(struct taking *taking, const struct json *object, struct hilf_err *err)
{
	uint8_t gid[UUID_SIZE];
	struct store_policy policy;
	int64_t numbers[2];
	if (object->is != JSON_IS_OBJECT)
		return bad("it is no object", err);
	const struct json *version = json_member(object, "v"),
			  *local = json_member(object, "local"),
			  *member = json_member(object, "member");
	taking->banks = json_member(object, "banks");
	taking->mutes = json_member(object, "mutes");
	taking->erased = json_member(object, "erased");
	if (!version || version->is != JSON_IS_INTEGER)
		return bad("'v' is missing", err);
	if (version->integer != 1)
		return err_set(err, HILF_E_VERSION, "the leader is a newer hilf; upgrade this one");
	if (object->count != 6 || !taking->erased || taking->erased->is != JSON_IS_ARRAY ||
		!local || local->is != JSON_IS_INTEGER || local->integer < 0 || !member ||
		member->is != JSON_IS_STRING || !taking->banks ||
		taking->banks->is != JSON_IS_ARRAY || !taking->mutes ||
		taking->mutes->is != JSON_IS_ARRAY)
		return bad("a field is missing, or of another type, or unknown", err);
	if (!uuid_parse(member->text, member->size, taking->member))
		return bad("'member' is no id", err);
	for (const struct json *item = taking->banks->first; item; item = item->next)
		if (!read_bank(item, gid, &policy))
			return bad("a bank", err);
	int64_t last = 0;
	for (const struct json *item = taking->mutes->first; item; item = item->next) {
		if (!read_numbers(item, 0, numbers, 2) || numbers[0] <= last || numbers[1] < 1)
			return bad("a mute", err);
		last = numbers[0];
	}
	last = 0;
	for (const struct json *item = taking->erased->first; item; item = item->next) {
		const struct json *seq = item->is == JSON_IS_ARRAY ? item->first : NULL;
		if (!seq || item->count != 2 || seq->is != JSON_IS_INTEGER ||
			seq->integer <= last || seq->next->is != JSON_IS_STRING)
			return bad("an erased record", err);
		last = seq->integer;
	}
	taking->local = (uint64_t)local->integer;
	return 0;
}

static int take_mute(uint64_t entry, int64_t until_ms, void *ctx)
{
	struct buf *entries = ctx;
	(void)until_ms;
	buf_add(entries, &entry, sizeof entry);
	return 0;
}

/* Ends those that the leader does not have. Both lists are in order. */
static int end_mutes(struct hilf *hilf, const struct taking *taking, struct hilf_err *err)
{
	static const struct store_sink muted = {.mute = take_mute};
	const struct json *item = taking->mutes->first;
	struct buf entries = BUF_INIT;
	uint64_t local, entry;
	int rc = store_replay_local(hilf->store, true, &muted, &entries, &local, err);
	if (!rc && entries.failed)
		rc = err_no_memory(err);
	for (size_t at = 0; at < entries.size && !rc; at += sizeof entry) {
		memcpy(&entry, entries.data + at, sizeof entry);
		while (item && (uint64_t)item->first->integer < entry)
			item = item->next;
		if (!item || (uint64_t)item->first->integer != entry)
			rc = store_mute_set(hilf->store, entry, 0, err);
	}
	buf_free(&entries);
	return rc;
}

/* What was erased there goes here as well, as far as it is here: what comes later comes without it. A change goes with the
 * record that it speaks of. */
static int erase_all(struct hilf *hilf, struct taking *taking, struct hilf_err *err)
{
	int rc = 0;
	for (const struct json *item = taking->erased->first; item && !rc; item = item->next) {
		const struct json *header = item->first->next;
		uint8_t record[UUID_SIZE];
		bool erased = false, done;
		rc = store_record_at(
			hilf->store, true, (uint64_t)item->first->integer, record, &erased, err);
		if (rc == HILF_E_NOT_FOUND) {
			rc = 0;
			break;
		}
		if (rc || erased)
			continue;
		taking->erasing = true;
		rc = store_erase(hilf->store, record, header->text, header->size, &done, err);
		if (rc == HILF_E_INVALID)
			rc = err_set(err, HILF_E_BUSY,
				"what withdraws the entries of an erased record is not here yet; "
				"try again");
	}
	return rc;
}

static int set_all(struct hilf *hilf, const struct taking *taking, struct hilf_err *err)
{
	int rc = end_mutes(hilf, taking, err);
	if (!rc)
		rc = store_policies_clear(hilf->store, err);
	for (const struct json *item = taking->banks->first; item && !rc; item = item->next) {
		uint8_t gid[UUID_SIZE];
		struct store_policy policy;
		if (read_bank(item, gid, &policy))
			rc = store_bank_policy_set(hilf->store, gid, &policy, err);
	}
	for (const struct json *item = taking->mutes->first; item && !rc; item = item->next) {
		int64_t numbers[2];
		if (read_numbers(item, 0, numbers, 2))
			rc = mute_set(hilf, (uint64_t)numbers[0], numbers[1], clock_now_ms(), err);
	}
	return rc;
}

/* The leader's text is what exporting here would give, but for the count of local changes, which is each one's own. */
static int is_so(
	struct hilf *hilf, const struct taking *taking, bool *ret_same, struct hilf_err *err)
{
	struct buf buf = BUF_INIT;
	int rc = export(hilf, true, &taking->local, &buf, err);
	if (!rc)
		*ret_same =
			buf.size == taking->size && memcmp(buf.data, taking->text, buf.size) == 0;
	buf_free(&buf);
	return rc;
}

static int take(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	struct taking *taking = ctx;
	uint8_t member[UUID_SIZE];
	bool found = false, same = false;
	int rc = known_read_member(hilf->store, true, member, &found, err);
	if (!rc && !found)
		rc = err_set(err, HILF_E_CORRUPT,
			"nothing of the leader's feed is here yet; that comes first");
	if (!rc && memcmp(member, taking->member, UUID_SIZE) != 0)
		rc = err_set(err, HILF_E_CORRUPT,
			"the leader speaks for another member than the one whose feed is here");
	if (!rc)
		rc = is_so(hilf, taking, &same, err);
	if (rc || same)
		return rc;
	taking->changed = true;
	rc = erase_all(hilf, taking, err);
	return rc ? rc : set_all(hilf, taking, err);
}

int replica_apply(
	struct hilf *hilf, const char *text, size_t size, bool *ret_changed, struct hilf_err *err)
{
	struct taking taking = {.text = text, .size = size};
	struct write_job job = {take, &taking, .local = true};
	struct json *object = NULL;
	struct arena arena;
	ASSERT(hilf && (text || !size));
	if (!hilf->follower)
		return err_set(err, HILF_E_DENIED,
			"this handle was not opened as a follower; only one that was takes over "
			"another "
			"node's policies");
	arena_init(&arena, 0);
	int rc = json_parse_canonical(text, size, REPLICA_SIZE_MAX, 4, &arena, &object, err);
	if (!rc)
		rc = check(&taking, object, err);
	if (!rc)
		rc = write_submit(hilf, &job, err);
	arena_clear(&arena);
	if (!rc && taking.erasing)
		rc = erase_traces(hilf, err);
	if (!rc && ret_changed)
		*ret_changed = taking.changed;
	return rc;
}
