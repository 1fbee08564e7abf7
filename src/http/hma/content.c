/* Content of banks. An item's number is the entry's node-local one. What a client says beside its signals (a note,
 * metadata) stays on this node, as one JSON text beside the entry:
 *
 *   {"metadata":{"content_id":"..","content_uri":"..","json":{..}},"note":"..","off":true}
 *
 * "off": disabled without an end, which HMA spells as the time 0; here it is mute for as long as an entry may be. */
#include "http/hma/hma.h"

#include "base/check.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "engine/beside.h"
#include "os/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOTE_MAX  255 /* characters */
#define MUTE_DAYS (5 * 365)
#define DAY_MS    (24ll * 3600 * 1000)
#define ID_TEXT   24
#define HMA_OFF   0 /* of disable_until_ts */
#define HMA_ON    1

/* ------------------------------------------------------------------------------------------- notes and metadata */

static const char *const metadata_keys[] = {"content_id", "content_uri", "json"};

static bool is_metadata_key(const char *key)
{
	for (size_t i = 0; i < COUNT_OF(metadata_keys); i++)
		if (strcmp(key, metadata_keys[i]) == 0)
			return true;
	return false;
}

/* Checks what was sent and takes it over; without anything in it NULL. */
static bool take_metadata(struct http_request *request, json_t *metadata, json_t **ret_metadata)
{
	const char *key;
	json_t *value, *taken = json_object();
	bool good = taken != NULL;
	if (!json_is_object(metadata)) {
		hma_error(request, 400, "metadata must be a JSON object");
		json_decref(taken);
		return false;
	}
	json_object_foreach(metadata, key, value)
	{
		if (json_is_null(value) || strcmp(key, "collab") == 0)
			continue; /* collab is the exchange's to say */
		if (!is_metadata_key(key)) {
			hma_error(request, 400, "metadata has the unexpected key '%.60s'", key);
			good = false;
			break;
		}
		bool is_json = strcmp(key, "json") == 0;
		if (is_json ? !json_is_object(value) : !json_is_string(value)) {
			hma_error(request, 400, "metadata.%s must be %s", key,
				is_json ? "a JSON object" : "a string");
			good = false;
			break;
		}
		json_object_set(taken, key, value);
	}
	if (good && json_object_size(taken))
		*ret_metadata = taken;
	else
		json_decref(taken);
	return good;
}

static bool check_note(struct http_request *request, const char *note)
{
	size_t count = 0, size = strlen(note);
	for (size_t at = 0; at < size; count++) {
		uint32_t code_point;
		size_t step = utf8_next(note + at, size - at, &code_point);
		at += step ? step : 1;
	}
	if (count > NOTE_MAX)
		hma_error(request, 400, "note must have %d characters at most, not %zu", NOTE_MAX,
			count);
	return count <= NOTE_MAX;
}

/* What came with an upload. One client sends all of it as `metadata`; another sends content_id and content_uri on their
 * own and what HMA calls json as `metadata`. */
static bool form_metadata(struct http_request *request, const char *text, json_t **ret_metadata)
{
	const char *id = http_form(request, "content_id"), *uri = http_form(request, "content_uri");
	json_t *given = NULL, *whole = NULL, *value;
	json_error_t problem;
	const char *key;
	bool apart = id || uri;
	if (text) {
		given = json_loads(text, JSON_REJECT_DUPLICATES, &problem);
		if (!given || !json_is_object(given)) {
			json_decref(given);
			hma_error(request, 400, "metadata must be a JSON object");
			return false;
		}
		json_object_foreach(given, key, value) apart =
			apart || (!is_metadata_key(key) && strcmp(key, "collab") != 0);
	}
	if (!apart) {
		bool good = !given || take_metadata(request, given, ret_metadata);
		json_decref(given);
		return good;
	}
	whole = json_object();
	if (id)
		json_object_set_new(whole, "content_id", json_string(id));
	if (uri)
		json_object_set_new(whole, "content_uri", json_string(uri));
	if (given)
		json_object_set(whole, "json", given);
	bool good = take_metadata(request, whole, ret_metadata);
	json_decref(given);
	json_decref(whole);
	return good;
}

/* Wherever the client put them: the JSON body, form fields, or the query. *ret_metadata is new, or untouched. */
static bool read_beside(struct http_request *request, json_t **ret_metadata, const char **ret_note)
{
	const char *text = http_form(request, "metadata");
	json_t *json, *member;
	*ret_note = NULL;
	if (!hma_json_maybe(request, &json))
		return false;
	if (json) {
		member = json_object_get(json, "metadata");
		if (!hma_read_text(request, json, "note", ret_note))
			return false;
		if (*ret_note && !check_note(request, *ret_note))
			return false;
		return !member || json_is_null(member) ||
		       take_metadata(request, member, ret_metadata);
	}
	*ret_note = http_form(request, "note");
	if (*ret_note && !check_note(request, *ret_note))
		return false;
	if (!text && !http_file(request))
		text = http_query(request, "metadata");
	return form_metadata(request, text && *text ? text : NULL, ret_metadata);
}

/* The text beside an entry as an object, empty where there is none; NULL: replied. */
static json_t *load_beside(struct http_request *request, uint64_t entry)
{
	const char *text;
	struct hilf_err err;
	int rc = beside_get(api_hilf(request), entry, http_arena(request), &text, &err);
	if (rc && rc != HILF_E_NOT_FOUND) {
		hma_fail(request, &err);
		return NULL;
	}
	json_t *beside = rc ? NULL : json_loads(text, 0, NULL);
	if (!beside || !json_is_object(beside)) {
		json_decref(beside);
		beside = json_object();
	}
	if (!beside)
		hma_error(request, 503, "this node is out of memory; try again");
	return beside;
}

static bool save_beside(struct http_request *request, uint64_t entry, const json_t *beside)
{
	struct hilf_err err;
	char *text =
		json_object_size(beside) ? json_dumps(beside, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
	int rc = beside_put(api_hilf(request), entry, text, &err);
	free(text);
	if (rc)
		hma_fail(request, &err);
	return !rc;
}

/* ------------------------------------------------------------------------------------------- adding */

static bool reply_added(struct http_request *request, uint64_t entry,
	const struct hilf_signal *signals, size_t count)
{
	struct buf buf = BUF_INIT;
	char text[HILF_SIGNAL_TEXT_MAX];
	buf_text(&buf, "{\"id\":");
	json_put_integer(&buf, (int64_t)entry);
	json_put_key(&buf, "signals");
	buf_char(&buf, '{');
	for (size_t i = 0; i < count; i++) {
		hilf_signal_format(&signals[i], text);
		json_out_text(&buf, hma_type_name(signals[i].type), text);
	}
	buf_text(&buf, "}}");
	hma_reply(request, 200, &buf); /* where its own specification says 201 */
	return true;
}

static bool add_entry(struct http_request *request, const char *bank,
	const struct hilf_signal *signals, size_t count, json_t *metadata, const char *note,
	uint64_t *ret_entry)
{
	const struct hilf_new_entry entry = {.signals = signals, .signal_count = count};
	const struct hilf_entry_meta meta = {.source = "human"};
	struct hilf_add_result result;
	struct hilf_err err;
	if (hilf_add(api_hilf(request), bank, &meta, &entry, 1, &result, &err)) {
		if (err.code == HILF_E_NOT_FOUND)
			hma_error(request, 404, "bank '%.64s' not found", bank);
		else
			hma_fail(request, &err);
		return false;
	}
	if (!result.entry) {
		hma_error(request, 400,
			"this signal stands for nothing (too many pictures have it), so it is not "
			"added");
		return false;
	}
	*ret_entry = result.entry;
	if (!metadata && !note)
		return true;
	json_t *beside = load_beside(request, result.entry);
	if (!beside)
		return false;
	if (metadata)
		json_object_set(beside, "metadata", metadata);
	if (note)
		json_object_set_new(beside, "note", json_string(note));
	bool good = save_beside(request, result.entry, beside);
	json_decref(beside);
	return good;
}

static void digest_signal(
	struct hilf_signal *ret_signal, uint8_t type, const uint8_t *value, uint8_t size)
{
	*ret_signal =
		(struct hilf_signal){.type = type, .size = size, .quality = HILF_QUALITY_UNKNOWN};
	memcpy(ret_signal->value, value, size);
}

/* A file's similarity signal and its digests, as `hilf add` adds them. A picture too plain has its digests alone, and the
 * answer then names no signal: it will be recognised as the same file, not when it is edited. */
static void add_media(struct http_request *request, const char *bank, const struct hma_media *media,
	json_t *metadata, const char *note)
{
	struct hilf_signal signals[3];
	size_t count = 0, told = 0;
	uint64_t entry;
	if (!media->content.decided) {
		hma_undecided(request, media);
		return;
	}
	if (hma_media_signal(media, &signals[0]))
		told = count = 1;
	digest_signal(&signals[count++], HILF_SHA256, media->content.sha256,
		sizeof media->content.sha256);
	if (media->kind == HMA_PHOTO)
		digest_signal(
			&signals[count++], HILF_MD5, media->content.md5, sizeof media->content.md5);
	if (add_entry(request, bank, signals, count, metadata, note, &entry))
		reply_added(request, entry, signals, told);
}

void hma_content_add(struct http_request *request)
{
	const char *url = http_query(request, "url"), *note;
	const struct http_file *file = http_file(request);
	json_t *metadata = NULL;
	struct hma_media media;
	struct hilf_bank bank;
	if (!hma_bank(request, VERB_ENTRY_ADD, &bank) || !read_beside(request, &metadata, &note))
		return;
	if (note && !*note)
		note = NULL;
	bool good = false;
	if (url && *url)
		good = hma_media_url(request, url, &media);
	else if (file && *file->field)
		good = hma_media_file(request, &media);
	else
		hma_error(request, 400,
			"neither `url` in the query nor a file by multipart/form-data was "
			"received");
	if (good)
		add_media(request, bank.name, &media, metadata, note);
	json_decref(metadata);
}

void hma_signal_add(struct http_request *request)
{
	struct hilf_signal signals[LIMIT_ENTRY_SIGNALS];
	json_t *json = hma_json(request), *value;
	const char *type, *note;
	struct hilf_bank bank;
	uint64_t entry;
	size_t count = 0;
	if (!json || !hma_bank(request, VERB_ENTRY_ADD, &bank) ||
		!hma_read_text(request, json, "note", &note))
		return;
	if (note && (!*note || !check_note(request, note))) {
		if (*note)
			return;
		note = NULL;
	}
	json_object_foreach(json, type, value)
	{
		if (strcmp(type, "note") == 0)
			continue;
		if (!json_is_string(value) || count == COUNT_OF(signals)) {
			hma_error(request, 400,
				"'%.40s': a signal is a string, and an item has %u at most", type,
				LIMIT_ENTRY_SIGNALS);
			return;
		}
		if (!hma_signal(request, type, json_string_value(value), &signals[count]))
			return;
		count++;
	}
	if (!count)
		hma_error(request, 400, "No signals given");
	else if (add_entry(request, bank.name, signals, count, NULL, note, &entry))
		reply_added(request, entry, signals, count);
}

/* ------------------------------------------------------------------------------------------- one item */

struct item {
	uint64_t id;
	char id_text[ID_TEXT];
	struct hilf_bank bank;
	enum hilf_entry_state state;
	int64_t muted_until_ms;
	struct hilf_signal signals[LIMIT_ENTRY_SIGNALS];
	size_t signal_count;
	bool found; /* in this bank, and not gone */
};

static int take_item(const struct hilf_entry *entry, void *ctx)
{
	struct item *item = ctx;
	item->found = strcmp(entry->bank, item->bank.name) == 0 && entry->state != HILF_WITHDRAWN &&
		      entry->state != HILF_ERASED;
	item->state = entry->state;
	item->muted_until_ms = entry->muted_until_ms;
	for (size_t i = 0; i < entry->signal_count && i < LIMIT_ENTRY_SIGNALS; i++)
		item->signals[item->signal_count++] = entry->signals[i];
	return 0;
}

/* The bank and the number of the path. */
static bool find_bank_item(struct http_request *request, enum verb verb, struct item *ret_item)
{
	const char *text = http_param(request, "content");
	*ret_item = (struct item){0};
	if (!hma_bank(request, verb, &ret_item->bank))
		return false;
	bool digits = *text && strspn(text, "0123456789") == strlen(text);
	errno = 0;
	ret_item->id = digits ? strtoull(text, NULL, 10) : 0;
	if (!digits || errno || ret_item->id > INT64_MAX) {
		hma_error(request, 400, "'%.40s' is no content id: it is a number", text);
		return false;
	}
	snprintf(ret_item->id_text, sizeof ret_item->id_text, "%llu",
		(unsigned long long)ret_item->id);
	return true;
}

/* found false: there is none. */
static bool load_item(struct http_request *request, struct item *item)
{
	struct hilf_err err;
	if (!item->id)
		return true;
	int rc = hilf_entry_get(api_hilf(request), item->id_text, take_item, item, &err);
	if (rc && rc != HILF_E_NOT_FOUND) {
		hma_fail(request, &err);
		return false;
	}
	return true;
}

static bool find_item(struct http_request *request, enum verb verb, struct item *ret_item)
{
	if (!find_bank_item(request, verb, ret_item) || !load_item(request, ret_item))
		return false;
	if (!ret_item->found)
		hma_error(request, 404, "content '%s' not found in bank '%s'", ret_item->id_text,
			ret_item->bank.name);
	return ret_item->found;
}

/* Seconds; expired is off for good. */
static int64_t disabled_until(const struct item *item, const json_t *beside)
{
	if (item->state == HILF_EXPIRED)
		return HMA_OFF;
	if (item->muted_until_ms <= clock_now_ms())
		return HMA_ON;
	return json_is_true(json_object_get(beside, "off")) ? HMA_OFF : item->muted_until_ms / 1000;
}

/* One of a type. An entry that has pdq is a photo, whose md5 is not a video's. */
static void put_signals(struct buf *buf, const struct item *item)
{
	bool seen[256] = {0}, photo = false;
	char text[HILF_SIGNAL_TEXT_MAX];
	json_put_key(buf, "signals");
	buf_char(buf, '{');
	for (size_t i = 0; i < item->signal_count; i++)
		photo = photo || item->signals[i].type == HILF_PDQ;
	for (size_t i = 0; i < item->signal_count; i++) {
		const struct hilf_signal *signal = &item->signals[i];
		if (seen[signal->type])
			continue;
		seen[signal->type] = true;
		hilf_signal_format(signal, text);
		json_out_text(buf,
			photo ? hilf_signal_type_name(signal->type) : hma_type_name(signal->type),
			text);
	}
	buf_char(buf, '}');
}

static void put_metadata(struct buf *buf, const json_t *metadata)
{
	json_put_key(buf, "metadata");
	buf_char(buf, '{');
	for (size_t i = 0; i < COUNT_OF(metadata_keys); i++) {
		const json_t *value = json_object_get(metadata, metadata_keys[i]);
		char *text = value ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
		json_put_key(buf, metadata_keys[i]);
		buf_text(buf, text ? text : "null");
		free(text);
	}
	buf_char(buf, '}');
}

static void reply_item(struct http_request *request, const struct item *item, const json_t *beside,
	bool with_signals, bool with_metadata)
{
	const json_t *metadata = json_object_get(beside, "metadata");
	const char *note = json_string_value(json_object_get(beside, "note"));
	struct buf buf = BUF_INIT;
	buf_text(&buf, "{\"bank\":");
	hma_put_bank(&buf, &item->bank);
	json_out_integer(&buf, "disable_until_ts", disabled_until(item, beside));
	json_out_integer(&buf, "id", (int64_t)item->id);
	if (with_metadata && metadata)
		put_metadata(&buf, metadata);
	if (note)
		json_out_text(&buf, "note", note);
	json_out_text(&buf, "original_media_uri", NULL);
	if (with_signals)
		put_signals(&buf, item);
	buf_char(&buf, '}');
	hma_reply(request, 200, &buf);
}

void hma_content_show(struct http_request *request)
{
	bool with_signals, with_metadata;
	struct item item;
	if (!hma_query_bool(request, "include_signals", false, &with_signals) ||
		!hma_query_bool(request, "include_metadata", true, &with_metadata) ||
		!find_item(request, VERB_ENTRY_READ, &item))
		return;
	json_t *beside = load_beside(request, item.id);
	if (!beside)
		return;
	reply_item(request, &item, beside, with_signals, with_metadata);
	json_decref(beside);
}

/* Mutes, or ends that. Seconds; 0 and 1 are HMA's words for off and on. */
static bool disable(struct http_request *request, struct item *item, int64_t until, json_t *beside)
{
	int64_t now_ms = clock_now_ms(), most_ms = now_ms + MUTE_DAYS * DAY_MS, until_ms;
	struct hilf_err err;
	if (until < 0 || until > most_ms / 1000) {
		hma_error(request, 400,
			until < 0 ? "disable_until_ts must not be negative"
				  : "disable_until_ts must be less than five years away");
		return false;
	}
	until_ms = until == HMA_OFF ? most_ms : until * 1000;
	if (until_ms <= now_ms)
		until_ms = 0;
	if (hilf_entry_mute(api_hilf(request), item->id_text, until_ms, &err)) {
		hma_fail(request, &err);
		return false;
	}
	item->muted_until_ms = until_ms;
	if (until == HMA_OFF)
		json_object_set_new(beside, "off", json_true());
	else
		json_object_del(beside, "off");
	return true;
}

static bool change_note(struct http_request *request, const json_t *json, json_t *beside)
{
	const char *note;
	if (!json_object_get(json, "note"))
		return true;
	if (!hma_read_text(request, json, "note", &note) || (note && !check_note(request, note)))
		return false;
	if (note && *note)
		json_object_set_new(beside, "note", json_string(note));
	else
		json_object_del(beside, "note");
	return true;
}

void hma_content_update(struct http_request *request)
{
	json_t *json = hma_json(request);
	struct item item;
	int64_t until;
	bool found;
	if (!json || !find_item(request, VERB_ENTRY_MUTE, &item) ||
		!hma_read_integer(request, json, "disable_until_ts", &found, &until))
		return;
	json_t *beside = load_beside(request, item.id);
	if (!beside)
		return;
	json_t *before = json_copy(beside);
	if (change_note(request, json, beside) &&
		(!found || disable(request, &item, until, beside)) &&
		(json_equal(before, beside) || save_beside(request, item.id, beside)))
		reply_item(request, &item, beside, false, true);
	json_decref(before);
	json_decref(beside);
}

void hma_content_delete(struct http_request *request)
{
	struct hilf_err err;
	struct item item;
	int rc = 0;
	if (!find_bank_item(request, VERB_ENTRY_WITHDRAW, &item) || !load_item(request, &item))
		return;
	if (item.found)
		rc = hilf_withdraw(api_hilf(request), item.id_text, "other", &err);
	if (rc == HILF_E_WITHDRAWN || rc == HILF_E_NOT_FOUND)
		item.found = false;
	else if (rc) {
		hma_fail(request, &err);
		return;
	}
	http_reply_const(request, 200, "application/json",
		item.found ? "{\"deleted\":1}\n" : "{\"deleted\":0}\n",
		strlen("{\"deleted\":1}\n"));
}
