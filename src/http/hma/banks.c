/* Banks as HMA has them: a name and a ratio of matches that count. Here the ratio is the bank's sampling, and 0 is the mode
 * `shadow`; all banks of the node are shown, also those whose names HMA would not have allowed. */
#include "http/hma/hma.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

uint32_t hma_bank_ratio(const struct hilf_bank *bank)
{
	return bank->mode == HILF_SHADOW ? 0 : bank->sample_ppm;
}

void hma_put_bank(struct buf *buf, const struct hilf_bank *bank)
{
	buf_char(buf, '{');
	json_put_key(buf, "matching_enabled_ratio");
	hma_put_ratio(buf, hma_bank_ratio(bank));
	json_out_text(buf, "name", bank->name);
	buf_char(buf, '}');
}

static void reply_bank(struct http_request *request, int status, const struct hilf_bank *bank)
{
	struct buf buf = BUF_INIT;
	hma_put_bank(&buf, bank);
	hma_reply(request, status, &buf);
}

bool hma_bank(struct http_request *request, enum verb verb, struct hilf_bank *ret_bank)
{
	const char *name = http_param(request, "bank");
	struct object object = {.kind = OBJECT_BANK, .bank = name};
	struct hilf_bank bank;
	struct hilf_err err;
	int rc = hilf_bank_look(api_hilf(request), name, &bank, &err);
	object.own = rc || bank.own;
	/* Who is limited to other banks does not learn which there are. */
	if ((!rc || api_actor(request)->banks) && !api_may(request, verb, &object))
		return false;
	if (!rc) {
		*ret_bank = bank;
		return true;
	}
	if (rc != HILF_E_NOT_FOUND && rc != HILF_E_INVALID)
		hma_fail(request, &err);
	else if (api_of(request)->follower) {
		/* It may be made already where this node has not looked yet. */
		http_reply_header(request, "Retry-After", "1");
		hma_error(request, 503,
			"bank '%.64s' is not known on this node, which follows another one; ask %s",
			name, api_of(request)->leader_url);
	} else {
		hma_error(request, 404, "bank '%.64s' not found", name);
	}
	return false;
}

bool hma_check_name(struct http_request *request, const char *name)
{
	size_t size = strlen(name);
	bool good = size && size <= HILF_BANK_NAME_MAX && !strchr("0123456789", name[0]) &&
		    strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == size;
	if (!good)
		hma_error(request, 400,
			"bank names are of A to Z, 0 to 9 and _, do not begin with a digit and "
			"have %d "
			"characters at most: UPPER_WITH_UNDERSCORE",
			HILF_BANK_NAME_MAX);
	return good;
}

/* ------------------------------------------------------------------------------------------- changing them */

void hma_bank_ratio_change(
	const struct hilf_bank *bank, uint32_t ratio_ppm, struct hilf_bank_change *ret_change)
{
	ret_change->set_mode = true;
	ret_change->mode = !ratio_ppm                 ? HILF_SHADOW
			   : bank->mode == HILF_BLOCK ? HILF_BLOCK
						      : HILF_REVIEW;
	ret_change->set_sample = true;
	ret_change->sample_ppm = ratio_ppm ? ratio_ppm : HMA_RATIO_ALL;
}

int hma_bank_make(struct hilf *hilf, const char *name, uint32_t ratio_ppm,
	struct hilf_bank *ret_bank, struct hilf_err *err)
{
	enum hilf_mode mode = ratio_ppm == HMA_RATIO_ALL ? HILF_REVIEW : HILF_SHADOW;
	struct hilf_bank_change change = {0};
	struct hilf_bank bank;
	int rc = hilf_bank_create(hilf, name, mode, HILF_PDQ_RADIUS, &bank, err);
	if (!rc && ratio_ppm && ratio_ppm != HMA_RATIO_ALL) {
		hma_bank_ratio_change(&bank, ratio_ppm, &change);
		rc = hilf_bank_set(hilf, name, &change, &bank, err);
	}
	if (!rc)
		*ret_bank = bank;
	return rc;
}

/* enabled_ratio, or enabled; neither: *ret_found false. */
static bool read_ratio(
	struct http_request *request, const json_t *json, bool *ret_found, uint32_t *ret_ppm)
{
	bool enabled = false;
	if (!hma_read_ratio(request, json, "enabled_ratio", ret_found, ret_ppm))
		return false;
	if (*ret_found)
		return true;
	if (!hma_read_bool(request, json, "enabled", ret_found, &enabled))
		return false;
	if (*ret_found)
		*ret_ppm = enabled ? HMA_RATIO_ALL : 0;
	return true;
}

/* ------------------------------------------------------------------------------------------- handlers */

struct listing {
	const struct http_request *request;
	struct buf buf;
};

static int list(const struct hilf_bank *bank, void *ctx)
{
	struct listing *listing = ctx;
	const struct object object = {.kind = OBJECT_BANK, .bank = bank->name, .own = bank->own};
	if (may(api_actor(listing->request), VERB_BANK_READ, &object, NULL))
		return 0;
	json_put_item(&listing->buf);
	hma_put_bank(&listing->buf, bank);
	return 0;
}

void hma_banks_list(struct http_request *request)
{
	struct listing listing = {request, BUF_INIT};
	struct hilf_err err;
	buf_char(&listing.buf, '[');
	if (hilf_bank_each(api_hilf(request), list, &listing, &err)) {
		buf_free(&listing.buf);
		hma_fail(request, &err);
		return;
	}
	buf_char(&listing.buf, ']');
	hma_reply(request, 200, &listing.buf);
}

void hma_bank_create(struct http_request *request)
{
	json_t *json = hma_json(request);
	uint32_t ratio_ppm = HMA_RATIO_ALL;
	struct hilf_bank bank;
	struct hilf_err err;
	const char *name;
	bool found;
	if (!json || !hma_read_text(request, json, "name", &name))
		return;
	if (!name) {
		hma_error(request, 400, "name is required");
		return;
	}
	const struct object object = {.kind = OBJECT_BANK, .bank = name, .own = true};
	if (!hma_check_name(request, name) || !read_ratio(request, json, &found, &ratio_ppm) ||
		!api_may(request, VERB_BANK_CREATE, &object))
		return;
	if (!hma_bank_make(api_hilf(request), name, ratio_ppm, &bank, &err))
		reply_bank(request, 201, &bank);
	else if (err.code == HILF_E_EXISTS)
		hma_error(request, 403, "Bank already exists");
	else
		hma_fail(request, &err);
}

void hma_bank_show(struct http_request *request)
{
	struct hilf_bank bank;
	if (hma_bank(request, VERB_BANK_READ, &bank))
		reply_bank(request, 200, &bank);
}

void hma_bank_update(struct http_request *request)
{
	json_t *json = hma_json(request);
	struct hilf_bank_change change = {0};
	struct hilf_bank bank;
	struct hilf_err err;
	uint32_t ratio_ppm;
	bool found;
	if (!json || !hma_bank(request, VERB_BANK_CHANGE, &bank) ||
		!read_ratio(request, json, &found, &ratio_ppm) ||
		!hma_read_text(request, json, "name", &change.name))
		return;
	if (found)
		hma_bank_ratio_change(&bank, ratio_ppm, &change);
	if (change.name && strcmp(change.name, bank.name) == 0)
		change.name = NULL;
	if (change.name) {
		const struct object old = {.kind = OBJECT_BANK, .bank = bank.name, .own = bank.own};
		const struct object new = {.kind = OBJECT_BANK, .bank = change.name, .own = true};
		if (!hma_check_name(request, change.name) ||
			!api_may(request, VERB_BANK_RENAME, &old) ||
			!api_may(request, VERB_BANK_RENAME, &new))
			return;
	}
	if ((found || change.name) &&
		hilf_bank_set(api_hilf(request), bank.name, &change, &bank, &err)) {
		if (err.code == HILF_E_EXISTS)
			hma_error(request, 403, "Bank name already exists");
		else if (err.code == HILF_E_NOT_FOUND)
			hma_error(request, 404, "bank '%.64s' not found", bank.name);
		else
			hma_fail(request, &err);
		return;
	}
	reply_bank(request, 200, &bank);
}

/* "Done" also where there was none. */
void hma_bank_delete(struct http_request *request)
{
	const char *name = http_param(request, "bank");
	struct object object = {.kind = OBJECT_BANK, .bank = name, .own = true};
	struct hilf_bank bank;
	struct hilf_err err;
	int rc = hilf_bank_look(api_hilf(request), name, &bank, &err);
	if (!rc)
		object.own = bank.own;
	if (!api_may(request, VERB_BANK_REMOVE, &object))
		return;
	if (!rc)
		rc = hilf_bank_remove(api_hilf(request), name, &err);
	if (!rc || rc == HILF_E_NOT_FOUND || rc == HILF_E_INVALID)
		hma_message(request, 200, "Done");
	else
		hma_fail(request, &err);
}
