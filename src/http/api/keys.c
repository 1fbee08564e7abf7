/* API keys: made, listed, revoked. A key's text is told once, when it is made, to whoever makes it; so over the API nobody
 * makes one in another's name, with which they would be two people. */
#include "http/api/fields.h"
#include "http/api/scoped.h"

#include <stdio.h>
#include <string.h>

#define QUOTA_MAX 1000000000000ll
#define RATE_MAX  1000000

static void put_holder(struct buf *buf, const struct key_holder *holder)
{
	json_put_key(buf, "held_by");
	if (!holder->id[0]) {
		buf_text(buf, "null");
		return;
	}
	buf_char(buf, '{');
	json_out_text(buf, "id", holder->id);
	json_out_text(buf, "name", holder->name);
	json_out_text(buf, "role", role_name(holder->role));
	json_out_bool(buf, "able", holder->able);
	buf_char(buf, '}');
}

static void put_members(struct buf *buf, const struct key_info *info)
{
	json_out_text(buf, "id", info->id);
	json_out_text(buf, "name", info->name);
	json_out_text(buf, "role", role_name(info->role));
	json_out_texts(buf, "banks", info->bank_count ? info->banks : NULL, info->bank_count);
	json_out_time(buf, "created", info->created_ms);
	json_out_time(buf, "expires", info->expires_ms);
	json_out_time(buf, "revoked", info->revoked_ms);
	json_out_time(buf, "used", info->used_ms);
	put_holder(buf, &info->holder);
	json_out_integer(buf, "rate_per_s", info->rate_per_s);
	json_out_integer(buf, "quota_per_day", (int64_t)info->quota_per_day);
}

static struct scoped_item item_of(const struct key_info *info)
{
	return (struct scoped_item){OBJECT_KEY, info->id, info->id, info->banks, info->bank_count};
}

static int list_one(const struct key_info *info, void *ctx)
{
	const struct scoped_item item = item_of(info);
	struct scoped *scoped = ctx;
	int rc;
	if (!scoped_takes(scoped, &item, &rc))
		return rc;
	json_put_item(&scoped->buf);
	buf_char(&scoped->buf, '{');
	put_members(&scoped->buf, info);
	buf_char(&scoped->buf, '}');
	return 0;
}

void api_key_list(struct http_request *request)
{
	struct scoped scoped = {.request = request, .verb = VERB_KEY_READ};
	struct hilf_err err;
	buf_text(&scoped.buf, "{\"keys\":[");
	int rc = key_each(api_hilf(request), list_one, &scoped, &err);
	scoped_reply(&scoped, rc, &err);
}

static bool read_key(struct http_request *request, struct key_info *info, const char **ret_held_by)
{
	struct fields fields;
	struct hilf_err err;
	if (!fields_body(&fields, request))
		return false;
	const char *name = fields_text(&fields, "name", KEY_NAME_MAX);
	const char *role = fields_text(&fields, "role", 16);
	fields_need(&fields, "name", name && *name);
	fields_need(&fields, "role", role);
	if (role && role_parse(role, &info->role, &err))
		fields_wrong(&fields, "role", &err);
	info->banks = fields_texts(
		&fields, "banks", KEY_BANKS_MAX, HILF_BANK_NAME_MAX, &info->bank_count);
	info->expires_ms = fields_time(&fields, "expires", false);
	info->rate_per_s = (uint32_t)fields_integer(&fields, "rate_per_s", 0, RATE_MAX, 0);
	info->quota_per_day = (uint64_t)fields_integer(&fields, "quota_per_day", 0, QUOTA_MAX, 0);
	*ret_held_by = fields_text(&fields, "held_by", PERSON_NAME_MAX);
	snprintf(info->name, sizeof info->name, "%s", name ? name : "");
	return fields_end(&fields);
}

static void put_key(struct buf *buf, const char *key, const struct key_info *info)
{
	buf_char(buf, '{');
	json_out_text(buf, "key", key);
	put_members(buf, info);
	buf_char(buf, '}');
}

/* Who sits at the machine itself can make any: they have the data. */
static bool may_hold(struct http_request *request, const char *held_by)
{
	struct person person;
	struct hilf_err err;
	char who[sizeof((struct actor *)0)->person];
	if (!held_by || !strcmp(api_who(request), "local"))
		return true;
	int rc = person_get(api_hilf(request), held_by, http_arena(request), &person, &err);
	if (rc && rc != HILF_E_NOT_FOUND) {
		api_fail(request, &err);
		return false;
	}
	snprintf(who, sizeof who, "user:%s", rc ? "" : person.id);
	if (!rc && actor_is(api_actor(request), who))
		return true;
	api_error(request, 403, "held_by_another",
		"a key is made in one's own name alone: with another's, one would be two people",
		"name yourself, or nobody for a machine; at the node, 'hilf key create --held-by' "
		"makes "
		"a key for somebody else");
	return false;
}

void api_key_create(struct http_request *request)
{
	const char *held_by;
	struct key_info info = {0}, made;
	struct buf buf = BUF_INIT, kept = BUF_INIT;
	char text[KEY_TEXT_MAX];
	struct hilf_err err;
	if (!read_key(request, &info, &held_by))
		return;
	const struct scoped_item item = item_of(&info);
	int rc = scoped_may(api_actor(request), VERB_KEY_CREATE, &item, &err);
	if (!rc && !may_hold(request, held_by))
		return;
	if (!rc)
		rc = key_create(api_hilf(request), &info, held_by, text, &made, &err);
	if (rc) {
		api_fail(request, &err);
		return;
	}
	/* Its own next request is good. Were it not read now, it would be within 100 ms. */
	keys_refresh(api_of(request)->keys, NULL);
	made.banks = info.banks;
	put_key(&buf, text, &made);
	put_key(&kept, NULL, &made);
	api_reply_secret(request, 201, &buf, &kept);
}

void api_key_revoke(struct http_request *request)
{
	const char *id = http_param(request, "key");
	struct scoped scoped = {.request = request, .id = id, .verb = VERB_KEY_REVOKE};
	struct hilf_err err;
	int rc = key_each(api_hilf(request), list_one, &scoped, &err);
	if (!scoped_end(&scoped, "key", rc, &err))
		return;
	if (key_revoke(api_hilf(request), id, &err)) {
		api_fail(request, &err);
		return;
	}
	keys_refresh(api_of(request)->keys, NULL);
	api_reply_nothing(request);
}
