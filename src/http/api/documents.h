/* What the node says of itself: the OpenAPI 3.1 description and the page that people read, both made of the one route table
 * when the app is made, so that neither can say anything that is not so. */
#ifndef HTTP_API_DOCUMENTS_H
#define HTTP_API_DOCUMENTS_H

#include "http/api.h"

struct documents {
	struct buf openapi; /* JSON */
	struct buf page;    /* HTML */
	char policy[256];   /* the page's Content-Security-Policy: nothing but its own style */
};

/* The codes that errors have, the ones people meet first; ends with status 0. */
struct error_code {
	int status;
	const char *code, *meaning;
};
extern const struct error_code error_codes[];

/* NULL without memory, or when a fragment of JSON in a rule is none: the unit test sees to that. */
struct documents *documents_new(const struct http_route *routes);
void documents_free(struct documents *documents);

/* The schemas by name and the page's style, which are files beside this one (embedded when hilf is built). */
extern const char documents_schemas[];
extern const char documents_style[];

/* Writes the page from the OpenAPI description. */
struct json_t;
bool page_write(const struct json_t *openapi, struct buf *buf);

#endif
