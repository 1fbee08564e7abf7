/* What may be limited to banks, a key or a webhook: who may do what to it, all of it in a list, or one that is looked for by
 * its id. Whoever is limited to banks sees what is limited to some of the same, and nothing of the whole node. */
#ifndef HTTP_API_SCOPED_H
#define HTTP_API_SCOPED_H

#include "http/api/inside.h"

/* An item as it comes by. */
struct scoped_item {
	enum object_kind kind;
	const char *id, *holder; /* holder: struct object's, or NULL */
	const char *const *banks;
	size_t bank_count; /* 0: of the whole node */
};
/* To all of its banks. */
int scoped_may(const struct actor *actor, enum verb verb, const struct scoped_item *item,
	struct hilf_err *err);

struct scoped {
	struct http_request *request;
	enum verb verb;
	const char *id; /* the one that is looked for; NULL: all */
	struct buf buf; /* the list */
	bool found;
	int rc; /* of the one: whether the actor may */
	struct hilf_err err;
};
/* For each item. true: it is for the list, and put there within braces by the caller. Otherwise *ret_rc is what the caller
 * returns. */
bool scoped_takes(struct scoped *scoped, const struct scoped_item *item, int *ret_rc);
/* After all of them, rc being what the walk gave: whether the one was found and the actor may; otherwise it was replied. what:
 * "webhook". */
bool scoped_end(struct scoped *scoped, const char *what, int rc, const struct hilf_err *err);
/* The same of a list that was begun with `{"keys":[`: replies. */
void scoped_reply(struct scoped *scoped, int rc, const struct hilf_err *err);

#endif
