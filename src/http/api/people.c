/* The people who work on this node: invited, changed, listed. What somebody declines to look at is theirs to know alone,
 * and when they were last here is nobody's figure. */
#include "engine/people.h"

#include "http/api/fields.h"
#include "http/api/inside.h"

#include <stdio.h>
#include <string.h>

static void put_user(struct buf *buf, const struct person *person)
{
	buf_char(buf, '{');
	json_out_text(buf, "user", person->id);
	json_out_text(buf, "name", person->name);
	json_out_text(buf, "role", role_name(person->role));
	json_out_texts(buf, "banks", person->bank_count ? person->banks : NULL, person->bank_count);
	json_out_text(buf, "language", *person->language ? person->language : NULL);
	json_out_bool(buf, "enabled", person->enabled);
	json_out_bool(buf, "enrolled", person->enrolled);
	json_out_integer(buf, "created_ms", person->created_ms);
	json_put_key(buf, "invited_until_ms");
	if (person->invited_until_ms)
		json_put_integer(buf, person->invited_until_ms);
	else
		buf_text(buf, "null");
	buf_char(buf, '}');
}

/* ------------------------------------------------------------------------------------------ listing */

struct listing {
	const char *after; /* a name; NULL: from the first */
	struct buf buf;
	size_t count, limit;
	char last[PERSON_NAME_MAX + 1];
	bool more, past;
};

static int list_one(const struct person *person, void *ctx)
{
	struct listing *listing = ctx;
	if (listing->after && !listing->past) {
		listing->past = strcmp(person->id, listing->after) == 0;
		return 0;
	}
	if (listing->count == listing->limit) {
		listing->more = true;
		return HILF_E_STOPPED;
	}
	listing->count++;
	snprintf(listing->last, sizeof listing->last, "%s", person->id);
	json_put_item(&listing->buf);
	put_user(&listing->buf, person);
	return 0;
}

void api_user_list(struct http_request *request)
{
	struct listing listing = {0};
	struct page page;
	struct hilf_err err;
	if (!api_page(request, &page))
		return;
	listing.after = page.cursor;
	listing.limit = page.limit;
	buf_text(&listing.buf, "{\"users\":[");
	int rc = person_each(api_hilf(request), list_one, &listing, &err);
	if (rc && rc != HILF_E_STOPPED) {
		buf_free(&listing.buf);
		api_fail(request, &err);
		return;
	}
	buf_char(&listing.buf, ']');
	json_out_text(&listing.buf, "next", listing.more ? listing.last : NULL);
	buf_char(&listing.buf, '}');
	api_reply(request, 200, &listing.buf);
}

/* ------------------------------------------------------------------------------------------ inviting */

/* NULL: a repetition, of which the code is told no more. */
static void put_invitation(
	struct buf *buf, const struct http_request *request, const struct invitation *invitation)
{
	const char *own = api_conf(api_of(request))->public_url;
	char link[400];
	size_t size = strlen(own);
	while (size && own[size - 1] == '/')
		size--;
	json_put_key(buf, "invitation");
	if (!invitation || !*invitation->code) {
		buf_text(buf, "null");
		return;
	}
	snprintf(link, sizeof link, "%.*s/enrol#%s", (int)size, own, invitation->code);
	buf_char(buf, '{');
	json_out_text(buf, "code", invitation->code);
	/* Behind '#', so that no server and no log sees it. */
	json_out_text(buf, "url", link);
	json_out_integer(buf, "until_ms", invitation->until_ms);
	buf_char(buf, '}');
}

static void put_invited(struct buf *buf, const struct http_request *request,
	const struct person *person, const struct invitation *invitation)
{
	buf_char(buf, '{');
	json_put_key(buf, "user");
	put_user(buf, person);
	put_invitation(buf, request, invitation);
	buf_char(buf, '}');
}

static void reply_invited(struct http_request *request, int status, const struct person *person,
	const struct invitation *invitation)
{
	struct buf buf = BUF_INIT, kept = BUF_INIT;
	put_invited(&buf, request, person, invitation);
	put_invited(&kept, request, person, NULL);
	api_reply_secret(request, status, &buf, &kept);
}

/* Who may sign in is the operators' to account for: ids, which mean something on this node alone. */
static void note(const struct http_request *request, const char *event, const char *id)
{
	const struct api *api = api_of(request);
	char text[100];
	snprintf(text, sizeof text, "%s did it to user:%s", api_actor(request)->id, id);
	if (api->log)
		api->log("info", event, text, api->log_ctx);
}

void api_user_create(struct http_request *request)
{
	struct person person = {0}, made;
	struct invitation invitation;
	struct fields fields;
	struct hilf_err err;
	if (!fields_body(&fields, request))
		return;
	const char *name = fields_text(&fields, "name", PERSON_NAME_MAX);
	const char *role = fields_text(&fields, "role", 16);
	const char *language = fields_text(&fields, "language", 2);
	fields_need(&fields, "name", name && *name);
	fields_need(&fields, "role", role);
	if (role && role_parse(role, &person.role, &err))
		fields_wrong(&fields, "role", &err);
	person.banks = fields_texts(
		&fields, "banks", PERSON_BANKS_MAX, HILF_BANK_NAME_MAX, &person.bank_count);
	if (!fields_end(&fields) || !api_may(request, VERB_USER_CHANGE, NULL))
		return;
	snprintf(person.name, sizeof person.name, "%s", name);
	snprintf(person.language, sizeof person.language, "%s", language ? language : "");
	if (person_create(api_hilf(request), &person, &invitation, &made, &err)) {
		api_fail(request, &err);
		return;
	}
	note(request, "user.invited", made.id);
	reply_invited(request, 201, &made, &invitation);
}

/* ------------------------------------------------------------------------------------------ changing */

static bool read_change(struct http_request *request, struct person_change *ret_change)
{
	struct person_change change = {0};
	struct fields fields;
	struct hilf_err err;
	if (!fields_body(&fields, request))
		return false;
	const char *role = fields_text(&fields, "role", 16);
	change.set_role = role != NULL;
	if (role && role_parse(role, &change.role, &err))
		fields_wrong(&fields, "role", &err);
	change.set_banks = fields_has(&fields, "banks");
	change.banks = fields_some(
		&fields, "banks", PERSON_BANKS_MAX, HILF_BANK_NAME_MAX, &change.bank_count);
	change.set_language = fields_has(&fields, "language");
	change.language = fields_text(&fields, "language", 2);
	change.set_enabled = fields_has(&fields, "enabled");
	change.enabled = fields_bool(&fields, "enabled", true);
	change.reset = fields_bool(&fields, "reset", false);
	change.unlock = fields_bool(&fields, "unlock", false);
	if (!change.language)
		change.language = "";
	*ret_change = change;
	return fields_end(&fields);
}

/* An operator who takes their own role away, or their key to the door, is seldom one who means it. */
static bool check_other(
	struct http_request *request, const char *id, const struct person_change *change)
{
	const struct person *self = api_person(request);
	bool harms = change->set_role || change->set_banks || change->reset ||
		     (change->set_enabled && !change->enabled);
	if (!self || strcmp(self->id, id) != 0 || !harms)
		return true;
	api_error(request, 403, "oneself", "nobody changes their own role, banks or access",
		"another operator does that, or 'hilf user set' on the node");
	return false;
}

void api_user_change(struct http_request *request)
{
	struct hilf *hilf = api_hilf(request);
	struct person_change change;
	struct invitation invitation;
	struct person person;
	struct hilf_err err;
	const char *id = http_param(request, "user");
	if (!read_change(request, &change) || !api_may(request, VERB_USER_CHANGE, NULL) ||
		!check_other(request, id, &change))
		return;
	int rc = person_change(hilf, id, &change, &invitation, &err);
	if (!rc)
		rc = person_get(hilf, id, http_arena(request), &person, &err);
	if (rc) {
		api_fail(request, &err);
		return;
	}
	note(request, "user.changed", person.id);
	reply_invited(request, 200, &person, &invitation);
}
