/* POST /v1/banks/{bank}/entries: a file, or one or many entries of signals. */
#include "engine/add.h"
#include "http/api/check.h"
#include "http/api/entry.h"

#include <string.h>

#define ADD_MAX        1000u
#define NODES_OF_ENTRY 150u /* 16 signals of three members, 32 labels */
#define SMALL_MAX      2048u

void entry_read_meta(struct fields *fields, struct hilf_entry_meta *ret_meta)
{
	*ret_meta = (struct hilf_entry_meta){0};
	ret_meta->content_class = fields_text(fields, "class", 32);
	ret_meta->ground = fields_text(fields, "ground", LIMIT_GROUND);
	ret_meta->expires_ms = fields_time(fields, "expires", false);
	ret_meta->source = fields_text(fields, "source", 16);
	ret_meta->labels = fields_labels(fields, "labels", &ret_meta->label_count);
	if (!ret_meta->source)
		ret_meta->source = "human";
}

struct adding {
	const char *bank;
	struct hilf_entry_meta meta;
	struct hilf_new_entry *entries;
	size_t count;
	struct hilf_add_result *results;
	const struct hilf_content *content; /* of a file; or NULL */
	int fd;                             /* of that */
};

static void read_signals(struct fields *fields, struct hilf_new_entry *entry)
{
	const json_t *list = fields_array(fields, "signals", LIMIT_ENTRY_SIGNALS);
	size_t count = json_array_size(list);
	fields_need(fields, "signals", list);
	struct hilf_signal *signals =
		list ? arena_array(http_arena(fields->request), count, sizeof *signals) : NULL;
	for (size_t i = 0; i < count && signals; i++) {
		struct fields inner;
		fields_inner(&inner, fields, json_array_get(list, i), "signals", i);
		fields_signal(&inner, &signals[i]);
		fields_join(fields, &inner);
	}
	entry->signals = signals;
	entry->signal_count = signals ? count : 0;
}

static void read_entries(struct fields *fields, struct adding *adding)
{
	const json_t *list = fields_array(fields, "entries", ADD_MAX);
	size_t count = list ? json_array_size(list) : 1;
	adding->entries = arena_array(http_arena(fields->request), count, sizeof *adding->entries);
	adding->count = adding->entries ? count : 0;
	if (!list && adding->count)
		read_signals(fields, &adding->entries[0]);
	for (size_t i = 0; list && i < adding->count; i++) {
		struct fields inner;
		struct hilf_new_entry *entry = &adding->entries[i];
		fields_inner(&inner, fields, json_array_get(list, i), "entries", i);
		read_signals(&inner, entry);
		entry->labels = fields_labels(&inner, "labels", &entry->label_count);
		fields_join(fields, &inner);
	}
}

static void reply_added(struct http_request *request, const struct adding *adding,
	const struct hilf_add_result *results)
{
	static const char *const words[] = {[HILF_ADDED] = "added",
		[HILF_ADDED_ALREADY] = "already",
		[HILF_ADDED_DEGENERATE] = "degenerate"};
	struct buf buf = http_reply_room(request);
	uint64_t counts[3] = {0};
	buf_text(&buf, "{\"results\":[");
	for (size_t i = 0; i < adding->count; i++) {
		json_put_item(&buf);
		buf_char(&buf, '{');
		json_out_text(&buf, "result", words[results[i].what]);
		if (results[i].entry)
			json_out_integer(&buf, "entry", (int64_t)results[i].entry);
		buf_char(&buf, '}');
		counts[results[i].what]++;
	}
	buf_char(&buf, ']');
	for (size_t i = 0; i < 3; i++)
		json_out_integer(&buf, words[i], (int64_t)counts[i]);
	if (adding->content)
		answer_content(&buf, adding->content);
	buf_char(&buf, '}');
	api_reply(request, counts[HILF_ADDED] ? 201 : 200, &buf);
}

/* The copy to compare with later; an entry that is there already gets one as well. The entry is added whatever comes of it,
 * and a case says where there is no copy. */
static void keep_copy(struct http_request *request, int fd, const struct hilf_add_result *result)
{
	struct hilf *hilf = api_hilf(request);
	const struct api *api = api_of(request);
	struct previews previews;
	struct hilf_err err;
	if (!result->entry || !vault_is_on(hilf))
		return;
	vault_show(hilf, fd, http_left_ms(request), NULL, &previews);
	if (vault_keep_entry(hilf, result->entry, &previews, &err) && api->log)
		api->log("warning", "vault.copy", err.text, api->log_ctx);
	previews_clear(&previews);
}

static void add(struct http_request *request, const char *bank, const struct adding *adding)
{
	struct hilf_add_result result;
	struct hilf_err err;
	if (hilf_add(api_hilf(request), bank, &adding->meta, adding->entries, adding->count,
		    &result, &err)) {
		api_fail(request, &err);
		return;
	}
	keep_copy(request, adding->fd, &result);
	reply_added(request, adding, &result);
}

static void add_file(struct http_request *request, const char *bank)
{
	struct hilf_content content;
	struct hilf_signal signals[3];
	struct hilf_new_entry entry = {.signals = signals};
	struct adding adding = {.entries = &entry, .count = 1, .content = &content};
	struct check_input input;
	struct fields fields;
	struct hilf_err err;
	if (!check_read_thing(request, &input))
		return;
	fields_form(&fields, request);
	entry_read_meta(&fields, &adding.meta);
	if (!fields_end(&fields))
		return;
	if (hilf_hash_fd_within(
		    api_hilf(request), input.file->fd, http_left_ms(request), &content, &err)) {
		api_fail(request, &err);
		return;
	}
	api_count_decoded(request, &content);
	if (!content.decided || !content.picture_count) {
		char message[300];
		snprintf(message, sizeof message, "the file was not added: %s",
			*content.reason ? content.reason : "it holds no picture");
		api_error(request, 422, "undecided", message,
			"send a picture that can be read, or its signals as JSON");
		return;
	}
	entry.signal_count = check_signals_of(&content, signals);
	adding.fd = input.file->fd;
	add(request, bank, &adding);
}

static void fail_memory(struct http_request *request)
{
	const struct hilf_err err = {.code = HILF_E_NO_MEMORY, .text = "out of memory"};
	api_fail(request, &err);
}

/* The second half, for all that have come while the store was busy: they share its commit. */
static void add_all(struct http_request *const *requests, size_t count)
{
	struct add_call calls[HTTP_GATHER_MAX];
	for (size_t i = 0; i < count; i++) {
		const struct adding *adding = call_of(requests[i])->half;
		calls[i] = (struct add_call){adding->bank, &adding->meta, adding->entries,
			adding->count, adding->results, .rc = 0};
	}
	add_calls(api_hilf(requests[0]), calls, count);
	for (size_t i = 0; i < count; i++) {
		const struct adding *adding = call_of(requests[i])->half;
		if (calls[i].rc)
			api_fail(requests[i], &calls[i].err);
		else
			reply_added(requests[i], adding, adding->results);
	}
}

static void add_signals(struct http_request *request, const char *bank)
{
	struct adding *adding = arena_alloc(http_arena(request), sizeof *adding);
	struct fields fields;
	if (!adding) {
		fail_memory(request);
		return;
	}
	if (!fields_body_of(&fields, request, ADD_MAX * NODES_OF_ENTRY))
		return;
	entry_read_meta(&fields, &adding->meta);
	read_entries(&fields, adding);
	if (!fields_end(&fields))
		return;
	adding->bank = arena_text(http_arena(request), bank, strlen(bank));
	adding->results = arena_array(http_arena(request), adding->count, sizeof *adding->results);
	if (!adding->count || !adding->bank || !adding->results) {
		fail_memory(request);
		return;
	}
	call_of(request)->half = adding;
	http_gather_on_worker(request, add_all);
}

/* What is read in microseconds is read where it came in. */
static bool is_small(struct http_request *request)
{
	size_t size;
	http_body(request, &size);
	return !http_file(request) && size <= SMALL_MAX;
}

void api_entry_add(struct http_request *request)
{
	bool is_json = strcmp(http_content_type(request), "application/json") == 0;
	struct hilf_bank bank;
	if (!(is_json && is_small(request)) && !api_on_worker(request))
		return;
	if (api_must_catch_up(request) || !api_bank_param(request, VERB_ENTRY_ADD, &bank))
		return;
	if (is_json)
		add_signals(request, bank.name);
	else
		add_file(request, bank.name);
}
