/* Enrolling, signing in and out, and what a person may change of themselves. The cookie is the browser's alone: no script
 * reads it, no other site's request brings it, and what it may change needs the token that only this answer told. */
#include "engine/desk_settings.h"
#include "engine/engine.h"
#include "engine/vault.h"
#include "http/api/fields.h"
#include "http/api/inside.h"
#include "http/api/person.h"
#include "http/api/qr.h"
#include "http/console/console.h"
#include "http/metrics.h"
#include "os/clock.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define BUSY_WAIT_MS 50u
#define CODE_MAX     32u

/* ------------------------------------------------------------------------------------------ the cookie */

static bool is_secure(const struct http_request *request)
{
	const struct api_conf *conf = api_conf(api_of(request));
	return client_is_secure(request, &conf->proxies) ||
	       strncasecmp(conf->public_url, "https://", 8) == 0;
}

/* A NULL token: it is to be forgotten. */
static void set_cookie(struct http_request *request, const char *token)
{
	char value[200];
	long long age_s = token ? desk_setting(api_hilf(request), DESK_SESSION_HOURS) * 3600 : 0;
	snprintf(value, sizeof value,
		SESSION_COOKIE "=%s; HttpOnly; SameSite=Strict; Path=/; Max-Age=%lld%s",
		token ? token : "", age_s, is_secure(request) ? "; Secure" : "");
	http_reply_header(request, "Set-Cookie", value);
}

/* ------------------------------------------------------------------------------------------ what is told */

static void put_person(struct buf *buf, const struct person *person)
{
	json_out_text(buf, "name", person->name);
	json_out_text(buf, "role", role_name(person->role));
	json_out_texts(buf, "banks", person->bank_count ? person->banks : NULL, person->bank_count);
	json_out_text(buf, "language", *person->language ? person->language : NULL);
	json_put_key(buf, "declined");
	buf_char(buf, '[');
	for (size_t i = 0; i < person->declined_count; i++) {
		json_put_item(buf);
		json_put_text(buf, person->declined[i]);
	}
	buf_char(buf, ']');
}

static int put_node(struct buf *buf, struct api *api, struct hilf *hilf, struct hilf_err *err)
{
	uint8_t member[UUID_SIZE];
	char text[UUID_TEXT_SIZE + 1];
	bool found;
	int rc = engine_member(hilf, member, &found, err);
	if (rc)
		return rc;
	if (found)
		uuid_format(member, text);
	json_put_key(buf, "node");
	buf_char(buf, '{');
	json_out_text(buf, "member", found ? text : NULL);
	json_out_text(buf, "version", hilf_version());
	json_out_bool(buf, "console", console_has("/"));
	json_out_bool(buf, "follower", api->follower);
	buf_char(buf, '}');
	return 0;
}

/* What the session of this token is; token NULL: there is none. */
static void reply_session(struct http_request *request, const char *token)
{
	struct session_use use = {.state = SESSION_OVER};
	char csrf[CSRF_TOKEN_SIZE + 1];
	struct buf buf = BUF_INIT;
	struct hilf_err err;
	if (token)
		session_use(api_hilf(request), token, strnlen(token, SESSION_TOKEN_SIZE),
			clock_now_ms(), false, &use);
	bool good = use.state == SESSION_GOOD;
	buf_char(&buf, '{');
	json_out_bool(&buf, "signed_in", good);
	json_out_bool(&buf, "open", api_is_open(request));
	json_put_key(&buf, "user");
	if (good) {
		buf_char(&buf, '{');
		put_person(&buf, use.person);
		buf_char(&buf, '}');
		session_csrf(token, csrf);
	} else {
		buf_text(&buf, "null");
	}
	json_out_text(&buf, "csrf", good ? csrf : NULL);
	json_put_key(&buf, "until_ms");
	if (good)
		json_put_integer(&buf, use.until_ms);
	else
		buf_text(&buf, "null");
	int rc = put_node(&buf, api_of(request), api_hilf(request), &err);
	buf_char(&buf, '}');
	session_release(&use);
	if (rc) {
		buf_free(&buf);
		api_fail(request, &err);
	} else {
		api_reply(request, 200, &buf);
	}
}

void api_session(struct http_request *request)
{
	const char *token = access_cookie(request);
	reply_session(request, token);
}

/* ------------------------------------------------------------------------------------------ signing in */

static bool same_site(struct http_request *request)
{
	if (access_is_same_site(request))
		return true;
	api_error(request, 403, "foreign_site",
		"this was asked by a page of another site, as Sec-Fetch-Site or Origin say",
		"sign in at the console that this node serves");
	return false;
}

static void reply_locked(struct http_request *request, uint32_t retry_ms)
{
	char seconds[16];
	snprintf(seconds, sizeof seconds, "%u", (retry_ms + 999) / 1000);
	http_reply_header(request, "Retry-After", seconds);
	api_error(request, 429, "locked", "there were too many failures to sign in",
		"wait as long as Retry-After says; an operator can unlock a person with 'hilf user "
		"unlock'");
}

/* The same request comes again when there may be a place; it holds no worker meanwhile. */
static void wait_for_place(struct http_request *request)
{
	if (http_left_ms(request) > BUSY_WAIT_MS) {
		http_park(request, BUSY_WAIT_MS);
		return;
	}
	http_reply_header(request, "Retry-After", "1");
	api_error(request, 503, "busy", "too many are signing in at once", "try again in a second");
}

/* Whatever is not good was replied to: false. */
static bool is_good(struct http_request *request, const struct signed_in *signed_in)
{
	switch (signed_in->state) {
	case SIGN_IN_GOOD:
		return true;
	case SIGN_IN_LOCKED:
		reply_locked(request, signed_in->retry_ms);
		return false;
	case SIGN_IN_BUSY:
		wait_for_place(request);
		return false;
	case SIGN_IN_VOID:
		api_error(request, 404, "invitation_void",
			"this invitation is unknown, was used already, or is too old",
			"ask an operator for another");
		return false;
	case SIGN_IN_WRONG:
		break;
	}
	return false;
}

static void count(const struct http_request *request, const struct signed_in *signed_in)
{
	static const enum metric_event events[] = {[SIGN_IN_GOOD] = METRIC_SIGN_IN_GOOD,
		[SIGN_IN_WRONG] = METRIC_SIGN_IN_WRONG,
		[SIGN_IN_LOCKED] = METRIC_SIGN_IN_LOCKED};
	struct metrics *metrics = api_of(request)->metrics;
	if (metrics && signed_in->state != SIGN_IN_BUSY)
		metrics_event(metrics, events[signed_in->state], 1);
}

void api_session_begin(struct http_request *request)
{
	char address[WEB_ADDRESS_TEXT_MAX];
	struct fields fields;
	struct signed_in signed_in;
	struct hilf_err err;
	if (!same_site(request) || !fields_body(&fields, request))
		return;
	const char *name = fields_text(&fields, "name", 256);
	const char *passphrase = fields_text(&fields, "passphrase", PERSON_PASSPHRASE_MAX);
	const char *code = fields_text(&fields, "code", CODE_MAX);
	fields_need(&fields, "name", name);
	fields_need(&fields, "passphrase", passphrase);
	fields_need(&fields, "code", code);
	if (!fields_end(&fields))
		return;
	client_address(request, &api_conf(api_of(request))->proxies, address);
	if (sign_in(api_hilf(request), name, passphrase, code, address, clock_now_ms(), &signed_in,
		    &err)) {
		api_fail(request, &err);
		return;
	}
	count(request, &signed_in);
	if (signed_in.state == SIGN_IN_WRONG) {
		http_reply_header(request, "WWW-Authenticate", "Bearer realm=\"hilf\"");
		api_error(request, 401, "wrong_credentials",
			"the name, the passphrase or the code is wrong",
			"try again; codes change each half minute, and each counts once");
	} else if (is_good(request, &signed_in)) {
		set_cookie(request, signed_in.token);
		reply_session(request, signed_in.token);
	}
}

void api_session_end(struct http_request *request)
{
	const struct access *access = http_ctx(request);
	struct hilf_err err;
	if (!api_need_person(request))
		return;
	if (sign_out(api_hilf(request), access->token, &err)) {
		api_fail(request, &err);
		return;
	}
	set_cookie(request, NULL);
	api_reply_nothing(request);
}

/* ------------------------------------------------------------------------------------------ enrolling */

static void show_enrolment(struct http_request *request, const char *invitation)
{
	struct enrolment enrolment;
	struct buf buf = BUF_INIT, svg = BUF_INIT;
	struct hilf_err err;
	int rc = enrol_look(api_hilf(request), invitation, clock_now_ms(), &enrolment, &err);
	if (rc == HILF_E_NOT_FOUND) {
		is_good(request, &(struct signed_in){.state = SIGN_IN_VOID});
		return;
	}
	if (!rc)
		rc = qr_svg(enrolment.uri, &svg, &err);
	if (rc) {
		buf_free(&svg);
		api_fail(request, &err);
		return;
	}
	buf_char(&buf, '{');
	json_out_text(&buf, "name", enrolment.name);
	json_put_key(&buf, "totp");
	buf_char(&buf, '{');
	json_out_text(&buf, "secret", enrolment.secret);
	json_out_text(&buf, "uri", enrolment.uri);
	json_out_text(&buf, "svg", svg.data);
	buf_text(&buf, "}}");
	buf_free(&svg);
	api_reply(request, 200, &buf);
}

void api_session_enrol(struct http_request *request)
{
	struct fields fields;
	struct signed_in signed_in;
	struct hilf_err err;
	if (!same_site(request) || !fields_body(&fields, request))
		return;
	const char *invitation = fields_text(&fields, "invitation", 64);
	const char *passphrase = fields_text(&fields, "passphrase", PERSON_PASSPHRASE_MAX);
	const char *code = fields_text(&fields, "code", CODE_MAX);
	fields_need(&fields, "invitation", invitation);
	if (passphrase || code) {
		fields_need(&fields, "passphrase", passphrase);
		fields_need(&fields, "code", code);
	}
	if (!fields_end(&fields))
		return;
	if (!passphrase) {
		show_enrolment(request, invitation);
	} else if (enrol(api_hilf(request), invitation, passphrase, code, clock_now_ms(),
			   &signed_in, &err)) {
		api_fail(request, &err);
	} else if (signed_in.state == SIGN_IN_WRONG) {
		api_error(request, 400, "wrong_code", "this is not the code of now",
			"type the one that the app shows; its clock must be right within half a "
			"minute");
	} else if (is_good(request, &signed_in)) {
		set_cookie(request, signed_in.token);
		reply_session(request, signed_in.token);
	}
}

/* ------------------------------------------------------------------------------------------ oneself */

bool api_need_person(struct http_request *request)
{
	if (api_person(request))
		return true;
	api_error(request, 403, "not_a_person",
		"this is for people who are signed in, not for keys", "sign in at the console");
	return false;
}

static void put_exposure_of(struct buf *buf, const char *key, const struct exposure *exposure)
{
	json_put_key(buf, key);
	buf_char(buf, '{');
	json_out_integer(buf, "reveals", (int64_t)exposure->reveals);
	json_out_integer(buf, "seconds", (int64_t)exposure->seconds);
	buf_char(buf, '}');
}

static int put_exposure(struct buf *buf, struct http_request *request, struct hilf_err *err)
{
	struct exposure today, week;
	int rc = exposure_own(api_hilf(request), api_who(request), &today, &week, err);
	if (rc)
		return rc;
	json_put_key(buf, "exposure");
	buf_char(buf, '{');
	put_exposure_of(buf, "today", &today);
	put_exposure_of(buf, "week", &week);
	buf_char(buf, '}');
	return 0;
}

static void reply_me(struct http_request *request, const struct person *person, const char *csrf)
{
	struct buf buf = BUF_INIT;
	struct hilf_err err;
	buf_char(&buf, '{');
	put_person(&buf, person);
	if (csrf)
		json_out_text(&buf, "csrf", csrf);
	if (put_exposure(&buf, request, &err)) {
		buf_free(&buf);
		api_fail(request, &err);
		return;
	}
	buf_char(&buf, '}');
	api_reply(request, 200, &buf);
}

void api_me(struct http_request *request)
{
	/* With --open whoever is at this machine is nobody in particular. */
	const struct actor *actor = api_actor(request);
	struct person open = {.name = "open", .role = actor->role};
	if (!strcmp(actor->id, "open"))
		reply_me(request, &open, NULL);
	else if (api_need_person(request))
		reply_me(request, api_person(request), NULL);
}

struct me_change {
	struct person_change change;
	const char *old_passphrase, *new_passphrase;
};

static bool read_me(struct http_request *request, struct me_change *ret_change)
{
	struct fields fields, inner;
	struct person_change *change = &ret_change->change;
	if (!fields_body(&fields, request))
		return false;
	change->set_language = fields_has(&fields, "language");
	change->language = fields_text(&fields, "language", 16);
	change->set_declined = fields_has(&fields, "declined");
	change->declined =
		fields_some(&fields, "declined", PERSON_DECLINED_MAX, 64, &change->declined_count);
	const json_t *passphrase = fields_object(&fields, "passphrase");
	if (passphrase) {
		fields_inner(&inner, &fields, passphrase, "passphrase", FIELDS_ALONE);
		ret_change->old_passphrase = fields_text(&inner, "old", PERSON_PASSPHRASE_MAX);
		ret_change->new_passphrase = fields_text(&inner, "new", PERSON_PASSPHRASE_MAX);
		fields_need(&inner, "old", ret_change->old_passphrase);
		fields_need(&inner, "new", ret_change->new_passphrase);
		fields_join(&fields, &inner);
	}
	if (!change->language)
		change->language = "";
	return fields_end(&fields);
}

/* As it is now, in the arena; a new token is told of. */
static void reply_changed(struct http_request *request, const char *token)
{
	struct person person;
	struct hilf_err err;
	char csrf[CSRF_TOKEN_SIZE + 1];
	if (person_get(api_hilf(request), api_person(request)->id, http_arena(request), &person,
		    &err)) {
		api_fail(request, &err);
		return;
	}
	if (token) {
		set_cookie(request, token);
		session_csrf(token, csrf);
	}
	reply_me(request, &person, token ? csrf : NULL);
}

static void change_passphrase(struct http_request *request, const struct me_change *change)
{
	struct signed_in signed_in;
	struct hilf_err err;
	if (passphrase_change(api_hilf(request), api_person(request)->id, change->old_passphrase,
		    change->new_passphrase, clock_now_ms(), &signed_in, &err))
		api_fail(request, &err);
	else if (signed_in.state == SIGN_IN_WRONG)
		api_error(request, 403, "wrong_passphrase", "the old passphrase is wrong",
			"type the passphrase that you sign in with");
	else if (is_good(request, &signed_in))
		reply_changed(request, signed_in.token);
}

void api_me_change(struct http_request *request)
{
	struct me_change change = {0};
	struct hilf_err err;
	if (!api_need_person(request) || !read_me(request, &change))
		return;
	if ((change.change.set_language || change.change.set_declined) &&
		person_change(
			api_hilf(request), api_person(request)->id, &change.change, NULL, &err)) {
		api_fail(request, &err);
		return;
	}
	if (change.new_passphrase)
		change_passphrase(request, &change);
	else
		reply_changed(request, NULL);
}
