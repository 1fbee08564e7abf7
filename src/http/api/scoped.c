/* Walking over keys and webhooks: there are few, and each is asked about by itself. */
#include "http/api/scoped.h"

#include <stdio.h>
#include <string.h>

int scoped_may(const struct actor *actor, enum verb verb, const struct scoped_item *item,
	struct hilf_err *err)
{
	struct object object = {.kind = item->kind, .own = true, .holder = item->holder};
	int rc = item->bank_count ? 0 : may(actor, verb, &object, err);
	for (size_t i = 0; i < item->bank_count && !rc; i++) {
		object.bank = item->banks[i];
		rc = may(actor, verb, &object, err);
	}
	return rc;
}

bool scoped_takes(struct scoped *scoped, const struct scoped_item *item, int *ret_rc)
{
	*ret_rc = 0;
	if (scoped->id && strcmp(scoped->id, item->id) != 0)
		return false;
	int rc = scoped_may(api_actor(scoped->request), scoped->verb, item, &scoped->err);
	if (!scoped->id)
		return rc == 0;
	scoped->found = true;
	scoped->rc = rc;
	*ret_rc = HILF_E_STOPPED;
	return false;
}

bool scoped_end(struct scoped *scoped, const char *what, int rc, const struct hilf_err *err)
{
	char message[64], hint[64];
	if (rc && rc != HILF_E_STOPPED) {
		api_fail(scoped->request, err);
		return false;
	}
	if (!scoped->found) {
		snprintf(message, sizeof message, "there is no such %s", what);
		snprintf(hint, sizeof hint, "GET /v1/%ss lists them", what);
		api_error(scoped->request, 404, "not_found", message, hint);
		return false;
	}
	if (scoped->rc) {
		api_fail(scoped->request, &scoped->err);
		return false;
	}
	return true;
}

void scoped_reply(struct scoped *scoped, int rc, const struct hilf_err *err)
{
	if (rc) {
		buf_free(&scoped->buf);
		api_fail(scoped->request, err);
		return;
	}
	buf_text(&scoped->buf, "]}");
	api_reply(scoped->request, 200, &scoped->buf);
}
