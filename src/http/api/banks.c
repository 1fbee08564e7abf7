/* Banks: made, shown, changed, removed. Mode, threshold and sampling are this node's own for whatever bank; the name is its
 * owner's. */
#include "engine/decide.h"
#include "http/api/fields.h"
#include "http/api/inside.h"

#include <string.h>

#define PPM 1000000

static void put_bank(struct buf *buf, const struct hilf_bank *bank, bool second_eyes)
{
	json_put_item(buf);
	buf_char(buf, '{');
	json_out_text(buf, "name", bank->name);
	json_out_text(buf, "gid", bank->gid);
	json_out_bool(buf, "own", bank->own);
	json_out_text(buf, "member", bank->member);
	json_out_text(buf, "mode", hilf_mode_name(bank->mode));
	json_out_integer(buf, "threshold", bank->pdq_radius);
	json_out_integer(buf, "sample_ppm", bank->sample_ppm);
	json_out_bool(buf, "second_eyes", second_eyes);
	json_out_integer(buf, "entries", (int64_t)bank->entry_count);
	json_out_integer(buf, "withdrawn", (int64_t)bank->withdrawn_count);
	json_out_time(buf, "created", bank->created_ms);
	buf_char(buf, '}');
}

static void reply_bank(struct http_request *request, int status, const struct hilf_bank *bank)
{
	struct buf buf = BUF_INIT;
	struct hilf_err err;
	bool second_eyes = false;
	if (bank_second_eyes(api_hilf(request), false, bank->name, &second_eyes, &err)) {
		api_fail(request, &err);
		return;
	}
	put_bank(&buf, bank, second_eyes);
	api_reply(request, status, &buf);
}

struct listing {
	struct http_request *request;
	struct page page;
	struct buf buf;
	size_t count;
	char last[HILF_BANK_NAME_MAX + 1];
	bool more;
	struct hilf_err err;
};

/* A name is where the next page begins, so banks that come and go meanwhile move nothing. */
static int list_one(const struct hilf_bank *bank, void *ctx)
{
	struct listing *listing = ctx;
	const struct object object = {.kind = OBJECT_BANK, .bank = bank->name, .own = bank->own};
	if (listing->page.cursor && strcmp(bank->name, listing->page.cursor) <= 0)
		return 0;
	if (may(api_actor(listing->request), VERB_BANK_READ, &object, NULL))
		return 0;
	if (listing->count == listing->page.limit) {
		listing->more = true;
		return HILF_E_STOPPED;
	}
	bool second_eyes = false;
	int rc = bank_second_eyes(
		api_hilf(listing->request), false, bank->name, &second_eyes, &listing->err);
	if (rc)
		return rc;
	put_bank(&listing->buf, bank, second_eyes);
	listing->count++;
	memcpy(listing->last, bank->name, sizeof listing->last);
	return 0;
}

void api_bank_list(struct http_request *request)
{
	struct listing listing = {.request = request};
	if (!api_page(request, &listing.page))
		return;
	buf_text(&listing.buf, "{\"banks\":[");
	int rc = hilf_bank_each(api_hilf(request), list_one, &listing, &listing.err);
	if (rc && rc != HILF_E_STOPPED) {
		buf_free(&listing.buf);
		api_fail(request, &listing.err);
		return;
	}
	buf_char(&listing.buf, ']');
	json_out_text(&listing.buf, "next", listing.more ? listing.last : NULL);
	buf_char(&listing.buf, '}');
	api_reply(request, 200, &listing.buf);
}

/* Whether the bank wants a second person for decisions: this node's own, like its mode. */
struct eyes {
	bool set, on;
};

/* What may be said of a bank, for making and changing alike. */
static void read_change(struct fields *fields, struct hilf_bank_change *change, struct eyes *eyes)
{
	const char *mode = fields_text(fields, "mode", 16);
	struct hilf_err err;
	change->name = fields_text(fields, "name", HILF_BANK_NAME_MAX);
	if (mode && hilf_mode_parse(mode, &change->mode, &err))
		fields_wrong(fields, "mode", &err);
	change->set_mode = mode;
	change->set_pdq_radius = fields_has(fields, "threshold");
	change->pdq_radius = (uint32_t)fields_integer(
		fields, "threshold", 0, HILF_PDQ_RADIUS_MAX, HILF_PDQ_RADIUS);
	change->set_sample = fields_has(fields, "sample_ppm");
	change->sample_ppm = (uint32_t)fields_integer(fields, "sample_ppm", 0, PPM, PPM);
	eyes->set = fields_has(fields, "second_eyes");
	eyes->on = fields_bool(fields, "second_eyes", false);
}

void api_bank_create(struct http_request *request)
{
	struct hilf_bank_change change = {.mode = HILF_REVIEW};
	struct eyes eyes;
	struct fields fields;
	struct hilf_bank bank;
	struct hilf_err err;
	if (!fields_body(&fields, request))
		return;
	read_change(&fields, &change, &eyes);
	fields_need(&fields, "name", change.name);
	if (!fields_end(&fields))
		return;
	const struct object object = {.kind = OBJECT_BANK, .bank = change.name, .own = true};
	if (!api_may(request, VERB_BANK_CREATE, &object))
		return;
	int rc = hilf_bank_create(
		api_hilf(request), change.name, change.mode, change.pdq_radius, &bank, &err);
	if (!rc && change.set_sample) {
		change.name = NULL;
		change.set_mode = change.set_pdq_radius = false;
		rc = hilf_bank_set(api_hilf(request), bank.name, &change, &bank, &err);
	}
	if (!rc && eyes.set)
		rc = bank_second_eyes_set(api_hilf(request), bank.name, eyes.on, &err);
	if (rc)
		api_fail(request, &err);
	else
		reply_bank(request, 201, &bank);
}

void api_bank_show(struct http_request *request)
{
	struct hilf_bank bank;
	struct hilf_err err;
	if (!api_bank_param(request, VERB_BANK_READ, &bank))
		return;
	if (hilf_bank_get(api_hilf(request), bank.name, &bank, &err))
		api_fail(request, &err);
	else
		reply_bank(request, 200, &bank);
}

void api_bank_change(struct http_request *request)
{
	struct hilf_bank_change change = {0};
	struct eyes eyes;
	struct fields fields;
	struct hilf_bank bank;
	struct hilf_err err;
	if (!api_bank_param(request, VERB_BANK_CHANGE, &bank) || !fields_body(&fields, request))
		return;
	read_change(&fields, &change, &eyes);
	if (!fields_end(&fields))
		return;
	if (change.name && !strcmp(change.name, bank.name))
		change.name = NULL;
	const struct object object = {.kind = OBJECT_BANK, .bank = bank.name, .own = bank.own};
	const struct object renamed = {.kind = OBJECT_BANK, .bank = change.name, .own = bank.own};
	/* The new name as well: keys are limited by names, and one may wait for a bank that is called so. */
	if (change.name && (!api_may(request, VERB_BANK_RENAME, &object) ||
				   !api_may(request, VERB_BANK_RENAME, &renamed)))
		return;
	int rc = hilf_bank_set(api_hilf(request), bank.name, &change, &bank, &err);
	if (!rc && eyes.set)
		rc = bank_second_eyes_set(api_hilf(request), bank.name, eyes.on, &err);
	if (rc)
		api_fail(request, &err);
	else
		reply_bank(request, 200, &bank);
}

void api_bank_remove(struct http_request *request)
{
	struct hilf_bank bank;
	struct hilf_err err;
	if (!api_bank_param(request, VERB_BANK_REMOVE, &bank))
		return;
	if (hilf_bank_remove(api_hilf(request), bank.name, &err))
		api_fail(request, &err);
	else
		api_reply_nothing(request);
}
