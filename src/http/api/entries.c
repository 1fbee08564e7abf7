/* Entries: shown, found, changed, ended. */
#include "http/api/check.h"
#include "http/api/entry.h"
#include "os/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REASON_MAX 500u

/* --------------------------------------------------------------------------------------------- as JSON */

void entry_put(struct buf *buf, const struct hilf_entry *entry)
{
	json_put_item(buf);
	buf_char(buf, '{');
	json_out_integer(buf, "entry", (int64_t)entry->id);
	json_out_text(buf, "gid", entry->gid);
	json_out_text(buf, "bank", entry->bank);
	json_out_text(buf, "member", entry->member);
	json_out_bool(buf, "own", entry->own);
	json_out_text(buf, "state", hilf_entry_state_name(entry->state));
	json_put_key(buf, "signals");
	buf_char(buf, '[');
	for (size_t i = 0; i < entry->signal_count; i++)
		json_out_signal(buf, &entry->signals[i]);
	buf_char(buf, ']');
	json_out_text(buf, "class", entry->content_class);
	json_out_text(buf, "ground", entry->ground && *entry->ground ? entry->ground : NULL);
	json_out_labels(buf, "labels", entry->labels, entry->label_count);
	json_out_text(buf, "source", entry->source && *entry->source ? entry->source : NULL);
	json_out_text(
		buf, "territory", entry->territory && *entry->territory ? entry->territory : NULL);
	json_out_time(buf, "added", entry->added_ms);
	json_out_time(buf, "expires", entry->expires_ms);
	json_out_time(buf, "muted_until", entry->muted_until_ms);
	json_put_key(buf, "opinions");
	buf_char(buf, '{');
	json_out_integer(buf, "confirm", entry->confirm_count);
	json_out_integer(buf, "dispute", entry->dispute_count);
	json_out_integer(buf, "seen", entry->seen_count);
	buf_text(buf, "}}");
}

/* ---------------------------------------------------------------------------------------------- which one */

static int note_entry(const struct hilf_entry *entry, void *ctx)
{
	struct entry_object *object = ctx;
	object->id = entry->id;
	object->own = entry->own;
	snprintf(object->gid, sizeof object->gid, "%s", entry->gid);
	snprintf(object->bank, sizeof object->bank, "%s", entry->bank);
	return 0;
}

bool entry_named(struct http_request *request, const char *name, enum verb verb,
	struct entry_object *ret_entry)
{
	struct hilf_bank bank;
	struct hilf_err err;
	*ret_entry = (struct entry_object){0};
	int rc = hilf_entry_get(api_hilf(request), name, note_entry, ret_entry, &err);
	if (rc == HILF_E_NOT_FOUND)
		api_error(request, 404, "not_found", "there is no such entry",
			"GET /v1/banks/{bank}/entries lists a bank's; GET /v1/entries finds one by "
			"a signal");
	else if (rc)
		api_fail(request, &err);
	if (rc)
		return false;
	/* A bank that is removed has an owner no more that anybody here could be. */
	if (hilf_bank_look(api_hilf(request), ret_entry->bank, &bank, &err))
		ret_entry->own = false;
	ret_entry->object = (struct object){
		.kind = OBJECT_ENTRY, .bank = ret_entry->bank, .own = ret_entry->own};
	return api_may(request, verb, &ret_entry->object);
}

bool entry_param(struct http_request *request, enum verb verb, struct entry_object *ret_entry)
{
	return entry_named(request, http_param(request, "entry"), verb, ret_entry);
}

bool entry_may_read(struct entry_reader *reader, const char *bank)
{
	if (!strcmp(reader->bank, bank))
		return reader->may;
	const struct object object = {.kind = OBJECT_ENTRY, .bank = bank};
	snprintf(reader->bank, sizeof reader->bank, "%s", bank);
	reader->may = may(api_actor(reader->request), VERB_ENTRY_READ, &object, NULL) == 0;
	return reader->may;
}

static int put_one(const struct hilf_entry *entry, void *ctx)
{
	entry_put(ctx, entry);
	return 0;
}

void entry_reply(struct http_request *request, int status, const char *entry)
{
	struct buf buf = BUF_INIT;
	struct hilf_err err;
	if (hilf_entry_get(api_hilf(request), entry, put_one, &buf, &err) == 0) {
		api_reply(request, status, &buf);
		return;
	}
	buf_free(&buf);
	api_fail(request, &err);
}

/* ----------------------------------------------------------------------------------------------- lists */

struct listing {
	struct entry_reader reader;
	struct buf buf;
	size_t count, limit;
	uint64_t last;
	bool more;
	uint64_t *seen; /* entries that were found already: one holds several of a file's signals */
};

static int list_one(const struct hilf_entry *entry, void *ctx)
{
	struct listing *listing = ctx;
	/* One more was asked for than is shown: it only says that there is more. */
	if (listing->count++ == listing->limit || listing->buf.size > API_PAGE_SIZE) {
		listing->more = true;
		return HILF_E_STOPPED;
	}
	entry_put(&listing->buf, entry);
	listing->last = entry->id;
	return 0;
}

static void reply_list(
	struct http_request *request, struct listing *listing, int rc, struct hilf_err *err)
{
	char next[24];
	if (rc && rc != HILF_E_STOPPED) {
		buf_free(&listing->buf);
		api_fail(request, err);
		return;
	}
	snprintf(next, sizeof next, "%llu", (unsigned long long)listing->last);
	buf_char(&listing->buf, ']');
	json_out_text(&listing->buf, "next", listing->more ? next : NULL);
	buf_char(&listing->buf, '}');
	api_reply(request, 200, &listing->buf);
}

void api_entry_list(struct http_request *request)
{
	struct listing listing = {0};
	struct hilf_bank bank;
	struct page page;
	uint64_t after;
	bool gone;
	struct hilf_err err;
	if (!api_bank_param(request, VERB_ENTRY_READ, &bank) || !api_page(request, &page) ||
		!api_page_number(request, &page, &after) || !api_query_bool(request, "gone", &gone))
		return;
	listing.limit = page.limit;
	buf_text(&listing.buf, "{\"entries\":[");
	int rc = hilf_entry_page(api_hilf(request), bank.name, after, page.limit + 1, gone,
		list_one, &listing, &err);
	reply_list(request, &listing, rc, &err);
}

static int find_one(const struct hilf_entry *entry, void *ctx)
{
	struct listing *listing = ctx;
	for (size_t i = 0; i < listing->count; i++)
		if (listing->seen[i] == entry->id)
			return 0;
	if (!entry_may_read(&listing->reader, entry->bank))
		return 0;
	if (listing->count == listing->limit)
		return HILF_E_STOPPED;
	listing->seen[listing->count++] = entry->id;
	entry_put(&listing->buf, entry);
	return 0;
}

/* What could not be read was looked for by its digests alone, and nothing found says little. */
static void put_undecided(struct buf *buf, const struct hilf_content *content)
{
	struct check_outcome outcome = {0};
	if (!content->decided)
		undecided_add(&outcome, "picture", content->reason_code, content->reason);
	answer_undecided(buf, &outcome);
}

static void find(struct http_request *request, const struct hilf_signal *signals, size_t count,
	const struct hilf_content *content)
{
	struct listing listing = {.reader = {.request = request}, .limit = API_PAGE_MAX};
	struct hilf_err err = {.code = HILF_E_NO_MEMORY, .text = "out of memory"};
	listing.seen = arena_array(http_arena(request), listing.limit, sizeof *listing.seen);
	int rc = listing.seen ? 0 : HILF_E_NO_MEMORY;
	buf_text(&listing.buf, "{\"entries\":[");
	for (size_t i = 0; i < count && !rc; i++)
		rc = hilf_entry_find(api_hilf(request), &signals[i], find_one, &listing, &err);
	if (rc && rc != HILF_E_STOPPED) {
		buf_free(&listing.buf);
		api_fail(request, &err);
		return;
	}
	buf_char(&listing.buf, ']');
	json_out_bool(&listing.buf, "more", rc == HILF_E_STOPPED);
	if (content) {
		put_undecided(&listing.buf, content);
		answer_content(&listing.buf, content);
	}
	buf_char(&listing.buf, '}');
	api_reply(request, 200, &listing.buf);
}

void api_entry_find(struct http_request *request)
{
	static const char *const others[] = {
		"bank", "class", "label", "member", "state", "cursor", "limit"};
	struct hilf_signal signal;
	struct fields fields;
	if (!http_query(request, "type") && !http_query(request, "value")) {
		api_entry_search(request);
		return;
	}
	fields_form(&fields, request);
	const char *type = fields_text(&fields, "type", 32);
	const char *value = fields_text(&fields, "value", 256);
	fields_parse_signal(&fields, type, value, &signal);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (http_query(request, others[i]))
			fields_refuse(&fields, "ambiguous",
				"ask by a signal, or by what is said of entries",
				"'%s' does not go with a signal", others[i]);
	if (fields_end(&fields))
		find(request, &signal, 1, NULL);
}

void api_find(struct http_request *request)
{
	struct check_input input;
	struct hilf_content content;
	struct hilf_signal signals[3];
	struct hilf_err err;
	if (!check_read_thing(request, &input))
		return;
	if (input.signals) {
		find(request, input.signals, input.signal_count, NULL);
	} else if (hilf_hash_fd_within(api_hilf(request), input.file->fd, http_left_ms(request),
			   &content, &err)) {
		api_fail(request, &err);
	} else {
		api_count_decoded(request, &content);
		find(request, signals, check_signals_of(&content, signals), &content);
	}
}

/* --------------------------------------------------------------------------------------------- changes */

void api_entry_show(struct http_request *request)
{
	struct entry_object entry;
	if (entry_param(request, VERB_ENTRY_READ, &entry))
		entry_reply(request, 200, entry.gid);
}

void api_entry_change(struct http_request *request)
{
	struct hilf_entry_change change = {0};
	struct entry_object entry;
	struct fields fields;
	struct hilf_err err;
	if (!entry_param(request, VERB_ENTRY_CHANGE, &entry) || !fields_body(&fields, request))
		return;
	change.content_class = fields_text(&fields, "class", 32);
	change.ground = fields_text(&fields, "ground", LIMIT_GROUND);
	change.expires_ms = fields_time(&fields, "expires", true);
	change.set_labels = fields_has(&fields, "labels");
	change.labels = fields_labels(&fields, "labels", &change.label_count);
	if (!fields_end(&fields))
		return;
	if (hilf_entry_set(api_hilf(request), entry.gid, &change, &err))
		api_fail(request, &err);
	else
		entry_reply(request, 200, entry.gid);
}

/* "CODE" and "TEXT" of a withdrawal as the engine takes them; false: replied. */
static bool read_reason(struct http_request *request, char ret_reason[REASON_MAX + 24])
{
	static const char *const codes[] = {
		"error", "duplicate", "appeal", "dispute", "court", "expired", "other"};
	struct fields fields;
	bool known = false;
	if (!fields_body(&fields, request))
		return false;
	fields.query = true;
	const char *reason = fields_text(&fields, "reason", 16);
	const char *note = fields_text(&fields, "note", REASON_MAX);
	reason = reason ? reason : "other";
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		known = known || !strcmp(reason, codes[i]);
	if (!known)
		fields_refuse(&fields, "invalid_field",
			"error, duplicate, appeal, dispute, court, expired or other; words go to "
			"'note'",
			"there is no reason '%s'", reason);
	snprintf(ret_reason, REASON_MAX + 24, "%s%s%s", reason, note ? ": " : "", note ? note : "");
	return fields_end(&fields);
}

void api_entry_withdraw(struct http_request *request)
{
	char reason[REASON_MAX + 24];
	struct entry_object entry;
	struct hilf_err err;
	if (!entry_param(request, VERB_ENTRY_WITHDRAW, &entry) || !read_reason(request, reason))
		return;
	if (hilf_withdraw(api_hilf(request), entry.gid, reason, &err))
		api_fail(request, &err);
	else
		entry_reply(request, 200, entry.gid);
}

void api_entry_expire(struct http_request *request)
{
	struct hilf_entry_change change = {.expires_ms = clock_now_ms()};
	struct entry_object entry;
	struct fields fields;
	struct hilf_err err;
	if (!entry_param(request, VERB_ENTRY_CHANGE, &entry) || !fields_body(&fields, request))
		return;
	int64_t at_ms = fields_time(&fields, "at", false);
	if (!fields_end(&fields))
		return;
	if (at_ms)
		change.expires_ms = at_ms;
	if (hilf_entry_set(api_hilf(request), entry.gid, &change, &err))
		api_fail(request, &err);
	else
		entry_reply(request, 200, entry.gid);
}

void api_entry_mute(struct http_request *request)
{
	struct entry_object entry;
	struct fields fields;
	struct hilf_err err;
	if (!entry_param(request, VERB_ENTRY_MUTE, &entry) || !fields_body(&fields, request))
		return;
	bool muted = fields_bool(&fields, "muted", true);
	int64_t until_ms = fields_time(&fields, "until", false);
	fields_need(&fields, "until", until_ms || !muted);
	if (until_ms && !muted)
		fields_refuse(&fields, "ambiguous",
			"send 'until' to mute, {\"muted\":false} to end it",
			"'until' and 'muted': false contradict each other");
	if (!fields_end(&fields))
		return;
	if (hilf_entry_mute(api_hilf(request), entry.gid, until_ms, &err))
		api_fail(request, &err);
	else
		entry_reply(request, 200, entry.gid);
}

void api_entry_erase(struct http_request *request)
{
	char reason[REASON_MAX + 24];
	struct entry_object entry;
	struct buf buf = BUF_INIT;
	struct hilf_err err;
	uint64_t count;
	if (!entry_param(request, VERB_ENTRY_ERASE, &entry) || !read_reason(request, reason))
		return;
	if (hilf_entry_erase(api_hilf(request), entry.gid, reason, &count, &err)) {
		api_fail(request, &err);
		return;
	}
	buf_char(&buf, '{');
	json_out_integer(&buf, "erased", (int64_t)count);
	buf_char(&buf, '}');
	api_reply(request, 200, &buf);
}
