/* Exchanges: a bank each, filled from somewhere. All of them are in one setting of the node:
 *
 *   {"NAME":{"api":"local_file","config":{"filename":".."},"enabled":true,"started":0,"completed":S,
 *            "succeeded":true,"stamp":"..","items":N,"skipped":N,"error":".."}}
 *
 * Times are seconds, as HMA tells them. One is read when it is made, when it is turned on, and, by the node's background
 * thread, when there is something new. */
#include "http/hma/kind.h"

#include "base/check.h"
#include "base/err.h"
#include "engine/beside.h"
#include "os/clock.h"

#include <stdlib.h>
#include <string.h>

#define SETTING       "hma.exchanges"
#define EXCHANGES_MAX 200u

/* ------------------------------------------------------------------------------------------- the setting */

/* All of them; NULL without memory, or with damage, which is then in err. */
static json_t *parse(const char *text, struct hilf_err *err)
{
	json_t *all = *text ? json_loads(text, 0, NULL) : json_object();
	if (all && json_is_object(all))
		return all;
	json_decref(all);
	err_set(err, *text ? HILF_E_CORRUPT : HILF_E_NO_MEMORY,
		"the setting " SETTING " is no JSON");
	return NULL;
}

static json_t *load_all(struct hilf *hilf, struct arena *arena, struct hilf_err *err)
{
	const char *text;
	if (beside_setting(hilf, SETTING, arena, &text, err))
		return NULL;
	return parse(text, err);
}

struct edit {
	const char *name;
	const json_t *with; /* members to set, null removes one; NULL: the exchange is removed */
	bool must_be_new;
};

static int edit(const char *old, struct buf *text, void *ctx, struct hilf_err *err)
{
	const struct edit *asked = ctx;
	json_t *all = parse(old, err), *one, *value;
	const char *key;
	int rc = 0;
	if (!all)
		return err ? (int)err->code : HILF_E_CORRUPT;
	one = json_object_get(all, asked->name);
	if (asked->must_be_new && one)
		rc = err_set(err, HILF_E_EXISTS, "there is an exchange '%s' already", asked->name);
	else if (asked->must_be_new && json_object_size(all) >= EXCHANGES_MAX)
		rc = err_set(err, HILF_E_LIMIT, "a node has %u exchanges at most", EXCHANGES_MAX);
	else if (!asked->must_be_new && asked->with && !one)
		rc = err_set(err, HILF_E_NOT_FOUND, "exchange '%s' is gone", asked->name);
	if (!rc && !asked->with)
		json_object_del(all, asked->name);
	if (!rc && asked->with && !one) {
		json_object_set_new(all, asked->name, json_object());
		one = json_object_get(all, asked->name);
	}
	if (!rc && asked->with) {
		json_object_foreach((json_t *)asked->with, key, value)
		{
			if (json_is_null(value))
				json_object_del(one, key);
			else
				json_object_set(one, key, value);
		}
	}
	char *made = rc ? NULL : json_dumps(all, JSON_COMPACT | JSON_SORT_KEYS);
	if (!rc && !made)
		rc = err_no_memory(err);
	if (made)
		buf_text(text, made);
	free(made);
	json_decref(all);
	return rc;
}

/* with is taken over. */
static int save(
	struct hilf *hilf, const char *name, json_t *with, bool must_be_new, struct hilf_err *err)
{
	struct edit asked = {name, with, must_be_new};
	int rc = beside_setting_change(hilf, SETTING, edit, &asked, err);
	json_decref(with);
	return rc;
}

/* ------------------------------------------------------------------------------------------- reading one */

static int64_t now_s(void)
{
	return clock_now_ms() / 1000;
}

/* Reads it and keeps what came of that; a failure of the exchange is kept, one of the node is returned. */
static int run(struct hilf *hilf, const char *name, const json_t *one, struct hilf_err *err)
{
	const char *api = json_string_value(json_object_get(one, "api"));
	const struct exchange_kind *kind = api ? kind_find(api) : NULL;
	const json_t *config = json_object_get(one, "config");
	uint64_t taken = 0, skipped = 0;
	struct hilf_err trouble;
	char stamp[64] = "";
	if (!kind)
		return 0;
	int rc = save(hilf, name, json_pack("{s:I}", "started", (json_int_t)now_s()), false, err);
	if (rc)
		return rc;
	int failed = kind->stamp(hilf, config, stamp, &trouble);
	if (!failed)
		failed = kind_read(hilf, kind, name, config, &taken, &skipped, &trouble);
	json_t *with = json_pack("{s:n, s:I, s:b, s:s}", "started", "completed",
		(json_int_t)now_s(), "succeeded", !failed, "stamp", stamp);
	if (failed) {
		json_object_set_new(with, "error", json_string(trouble.text));
	} else {
		json_object_set_new(with, "error", json_null());
		json_object_set_new(with, "items", json_integer((json_int_t)taken));
		json_object_set_new(with, "skipped", json_integer((json_int_t)skipped));
	}
	return save(hilf, name, with, false, err);
}

/* Whether the last reading got all that there is. */
static bool up_to_date(struct hilf *hilf, const json_t *one)
{
	const char *api = json_string_value(json_object_get(one, "api"));
	const char *read = json_string_value(json_object_get(one, "stamp"));
	const struct exchange_kind *kind = api ? kind_find(api) : NULL;
	char stamp[64];
	return kind && read && json_is_true(json_object_get(one, "succeeded")) &&
	       !kind->stamp(hilf, json_object_get(one, "config"), stamp, NULL) &&
	       strcmp(read, stamp) == 0;
}

/* Whether there is something new: not in a file that was not there the last time, and still is not. */
static bool wants_reading(struct hilf *hilf, const json_t *one)
{
	const char *api = json_string_value(json_object_get(one, "api"));
	const struct exchange_kind *kind = api ? kind_find(api) : NULL;
	char stamp[64];
	if (!kind || !json_is_true(json_object_get(one, "enabled")))
		return false;
	if (kind->stamp(hilf, json_object_get(one, "config"), stamp, NULL))
		return !json_is_false(json_object_get(one, "succeeded"));
	return !up_to_date(hilf, one);
}

int hma_turn(struct api *api, struct hilf_err *err)
{
	struct hilf *hilf = atomic_load(&api->hilf);
	struct arena arena;
	const char *name;
	json_t *one;
	int rc = 0;
	if (!hilf || api->follower)
		return 0;
	arena_init(&arena, 0);
	json_t *all = load_all(hilf, &arena, err);
	json_object_foreach(all, name, one)
	{
		if (!wants_reading(hilf, one))
			continue;
		rc = run(hilf, name, one, err);
		if (rc == HILF_E_NOT_FOUND)
			rc = 0; /* it went meanwhile */
		if (rc)
			break;
	}
	arena_clear(&arena);
	if (!all)
		return err ? (int)err->code : HILF_E_CORRUPT;
	json_decref(all);
	return rc;
}

/* ------------------------------------------------------------------------------------------- kinds */

static const struct exchange_kind *find_api(struct http_request *request, int status)
{
	const char *name = http_param(request, "api");
	const struct exchange_kind *kind = kind_find(name);
	if (!kind)
		hma_error(request, status,
			"there is no exchange api '%.60s' here; local_file and sample are", name);
	return kind;
}

void hma_apis_list(struct http_request *request)
{
	struct buf buf = BUF_INIT;
	const struct exchange_kind *kind;
	buf_char(&buf, '[');
	for (size_t i = 0; (kind = kind_at(i)); i++) {
		json_put_item(&buf);
		json_put_text(&buf, kind->name);
	}
	buf_char(&buf, ']');
	hma_reply(request, 200, &buf);
}

static void reply_api(struct http_request *request)
{
	struct buf buf = BUF_INIT;
	buf_text(&buf, "{\"has_set_authentification\":false,\"supports_authentification\":false}");
	hma_reply(request, 200, &buf);
}

void hma_api_show(struct http_request *request)
{
	if (find_api(request, 400))
		reply_api(request);
}

void hma_api_update(struct http_request *request)
{
	json_t *json = hma_json(request);
	const struct exchange_kind *kind;
	if (!json || !(kind = find_api(request, 400)))
		return;
	if (json_object_size(json_object_get(json, "credential_json")))
		hma_error(request, 400, "%s takes no credentials", kind->name);
	else
		reply_api(request);
}

void hma_api_schema(struct http_request *request)
{
	const struct exchange_kind *kind = find_api(request, 404);
	struct buf buf = BUF_INIT;
	if (!kind)
		return;
	buf_text(&buf, "{\"config_schema\":");
	buf_text(&buf, kind->config_schema);
	buf_text(&buf, ",\"credentials_schema\":null}");
	hma_reply(request, 200, &buf);
}

/* ------------------------------------------------------------------------------------------- exchanges */

static bool may_bank(struct http_request *request, enum verb verb, const char *name)
{
	const struct object object = {.kind = OBJECT_BANK, .bank = name, .own = true};
	return api_may(request, verb, &object);
}

/* The exchange that {exchange} names; *ret_all is to be let go. NULL: replied. */
static json_t *find_exchange(struct http_request *request, enum verb verb, json_t **ret_all)
{
	const char *name = http_param(request, "exchange");
	const struct api *api = api_of(request);
	struct hilf_err err;
	if (!may_bank(request, verb, name))
		return NULL;
	json_t *all = load_all(api_hilf(request), http_arena(request), &err);
	if (!all) {
		hma_fail(request, &err);
		return NULL;
	}
	json_t *one = json_object_get(all, name);
	if (one) {
		*ret_all = all;
		return one;
	}
	json_decref(all);
	/* A follower has none of its own, and does not know its leader's. */
	if (api->follower)
		hma_error(request, 503, "exchanges are the leader's; ask %s", api->leader_url);
	else
		hma_error(request, 404, "exchange '%.64s' not found", name);
	return NULL;
}

void hma_exchanges_list(struct http_request *request)
{
	struct buf buf = BUF_INIT;
	struct hilf_err err;
	const char *name;
	json_t *all = load_all(api_hilf(request), http_arena(request), &err), *one;
	if (!all) {
		hma_fail(request, &err);
		return;
	}
	buf_char(&buf, '[');
	json_object_foreach(all, name, one)
	{
		const struct object object = {.kind = OBJECT_BANK, .bank = name, .own = true};
		if (may(api_actor(request), VERB_BANK_READ, &object, NULL))
			continue;
		json_put_item(&buf);
		json_put_text(&buf, name);
	}
	buf_char(&buf, ']');
	json_decref(all);
	hma_reply(request, 200, &buf);
}

/* name, api, enabled, and what its kind wants to know. */
static void reply_exchange(struct http_request *request, const char *name, const json_t *one)
{
	const json_t *value;
	const char *key;
	struct buf buf = BUF_INIT;
	buf_char(&buf, '{');
	json_out_text(&buf, "api", json_string_value(json_object_get(one, "api")));
	json_out_bool(&buf, "enabled", json_is_true(json_object_get(one, "enabled")));
	json_object_foreach(json_object_get(one, "config"), key, value)
		json_out_text(&buf, key, json_string_value(value));
	json_out_text(&buf, "name", name);
	buf_char(&buf, '}');
	hma_reply(request, 200, &buf);
}

/* api_json as what is kept: the fields of that kind, each a text; enabled apart. NULL: replied. */
static json_t *read_config(struct http_request *request, const struct exchange_kind *kind,
	json_t *given, bool *ret_enabled)
{
	json_t *config = json_object(), *value;
	struct hilf_err err;
	const char *key;
	bool found;
	*ret_enabled = true;
	if (given && !json_is_object(given)) {
		hma_error(request, 400, "Field `api_json` must be object");
		json_decref(config);
		return NULL;
	}
	if (!hma_read_bool(request, given, "enabled", &found, ret_enabled)) {
		json_decref(config);
		return NULL;
	}
	json_object_foreach(given, key, value)
	{
		size_t i = 0;
		if (!strcmp(key, "enabled") || !strcmp(key, "name") || !strcmp(key, "api"))
			continue;
		while (kind->fields[i] && strcmp(kind->fields[i], key) != 0)
			i++;
		if (!kind->fields[i] || !(json_is_string(value) || json_is_null(value))) {
			hma_error(request, 400, "api_json: %s %s '%.60s'", kind->name,
				kind->fields[i] ? "wants a string for" : "knows no", key);
			json_decref(config);
			return NULL;
		}
		json_object_set(config, key, value);
	}
	if (!kind->check(api_of(request), config, &err))
		return config;
	hma_error(request, 400, "api_json: %s", err.text);
	json_decref(config);
	return NULL;
}

/* The bank and the exchange are made, and it is read at once where it is on. config is taken over. */
static void create(struct http_request *request, const char *name, const struct exchange_kind *kind,
	json_t *config, bool enabled)
{
	struct hilf *hilf = api_hilf(request);
	struct hilf_bank bank;
	struct hilf_err err;
	json_t *one = json_pack(
		"{s:s, s:o, s:b}", "api", kind->name, "config", config, "enabled", enabled);
	int rc = one ? hma_bank_make(hilf, name, HMA_RATIO_ALL, &bank, &err) : err_no_memory(&err);
	if (!rc)
		rc = save(hilf, name, json_incref(one), true, &err);
	if (!rc && enabled)
		rc = run(hilf, name, one, &err);
	json_decref(one);
	if (!rc)
		hma_message(request, 201, "Created successfully");
	else if (rc == HILF_E_EXISTS)
		hma_error(request, 403, "Bank already exists");
	else
		hma_fail(request, &err);
}

void hma_exchange_create(struct http_request *request)
{
	json_t *json = hma_json(request), *config;
	const char *name, *api;
	bool enabled;
	if (!json || !hma_read_text(request, json, "bank", &name) ||
		!hma_read_text(request, json, "api", &api))
		return;
	if (!name || !api) {
		hma_error(request, 400, "%s is required", name ? "api" : "bank");
		return;
	}
	const struct exchange_kind *kind = kind_find(api);
	if (!kind)
		hma_error(request, 400,
			"there is no exchange api '%.60s' here; local_file and sample are", api);
	else if (json_object_size(json_object_get(json, "credential_json")))
		hma_error(request, 400, "%s takes no credentials", kind->name);
	else if (hma_check_name(request, name) && may_bank(request, VERB_BANK_CREATE, name) &&
		 may_bank(request, VERB_ENTRY_ADD, name) &&
		 (config = read_config(request, kind, json_object_get(json, "api_json"), &enabled)))
		create(request, name, kind, config, enabled);
}

void hma_exchange_show(struct http_request *request)
{
	json_t *all, *one = find_exchange(request, VERB_BANK_READ, &all);
	if (!one)
		return;
	reply_exchange(request, http_param(request, "exchange"), one);
	json_decref(all);
}

void hma_exchange_update(struct http_request *request)
{
	const char *name = http_param(request, "exchange");
	json_t *json = hma_json(request), *all, *one;
	struct hilf_err err;
	bool found, enabled;
	if (!json || !hma_read_bool(request, json, "enabled", &found, &enabled) ||
		!may_bank(request, VERB_ENTRY_ADD, name) ||
		!(one = find_exchange(request, VERB_BANK_CHANGE, &all)))
		return;
	int rc = 0;
	if (found)
		rc = save(api_hilf(request), name, json_pack("{s:b}", "enabled", enabled), false,
			&err);
	if (!rc && found)
		json_object_set_new(one, "enabled", json_boolean(enabled));
	if (!rc && found && enabled)
		rc = run(api_hilf(request), name, one, &err);
	if (!rc)
		reply_exchange(request, name, one);
	else if (rc == HILF_E_NOT_FOUND)
		hma_error(request, 404, "exchange '%.64s' not found", name);
	else
		hma_fail(request, &err);
	json_decref(all);
}

/* With its bank, as in HMA, and without a word where there is none. */
void hma_exchange_delete(struct http_request *request)
{
	const char *name = http_param(request, "exchange");
	struct hilf *hilf = api_hilf(request);
	struct hilf_err err = {0};
	if (!may_bank(request, VERB_BANK_REMOVE, name))
		return;
	json_t *all = load_all(hilf, http_arena(request), &err);
	int rc = 0;
	if (!all)
		rc = (int)err.code;
	else if (json_object_get(all, name)) {
		rc = hilf_bank_remove(hilf, name, &err);
		if (!rc || rc == HILF_E_NOT_FOUND)
			rc = save(hilf, name, NULL, false, &err);
	}
	json_decref(all);
	if (rc)
		hma_fail(request, &err);
	else
		hma_message(request, 200, "Exchange deleted");
}

static void put_number(struct buf *buf, const char *key, const json_t *value)
{
	json_put_key(buf, key);
	if (value && json_integer_value(value))
		json_put_integer(buf, json_integer_value(value));
	else
		buf_text(buf, "null");
}

void hma_exchange_status(struct http_request *request)
{
	json_t *all, *one = find_exchange(request, VERB_BANK_READ, &all);
	const json_t *started, *completed, *succeeded, *error;
	struct buf buf = BUF_INIT;
	if (!one)
		return;
	started = json_object_get(one, "started");
	completed = json_object_get(one, "completed");
	succeeded = json_object_get(one, "succeeded");
	error = json_object_get(one, "error");
	/* One that began before this node did ended with the one before. */
	if (json_integer_value(started) * 1000 < api_of(request)->started_ms)
		started = NULL;
	buf_char(&buf, '{');
	put_number(&buf, "checkpoint_ts", json_is_true(succeeded) ? completed : NULL);
	json_out_integer(&buf, "fetched_items", json_integer_value(json_object_get(one, "items")));
	put_number(&buf, "last_fetch_complete_ts", completed);
	if (error)
		json_out_text(&buf, "last_fetch_error", json_string_value(error));
	json_put_key(&buf, "last_fetch_succeeded");
	buf_text(&buf, !succeeded ? "null" : json_is_true(succeeded) ? "true" : "false");
	put_number(&buf, "running_fetch_start_ts", started);
	json_out_integer(
		&buf, "skipped_items", json_integer_value(json_object_get(one, "skipped")));
	json_out_bool(&buf, "up_to_date", up_to_date(api_hilf(request), one));
	buf_char(&buf, '}');
	json_decref(all);
	hma_reply(request, 200, &buf);
}
