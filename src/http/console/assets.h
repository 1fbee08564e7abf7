/* The console's files as the build put them into the program (web/build.mjs), or none of them (none.c): then console_assets
 * and console_pages are empty, and "/" leads to the API page. */
#ifndef HTTP_CONSOLE_ASSETS_H
#define HTTP_CONSOLE_ASSETS_H

#include <stddef.h>

struct console_bytes {
	const char *bytes; /* NULL: not in this form */
	size_t size;
};

struct console_asset {
	const char *name; /* "index.html", "assets/queue-Dk3.js" */
	const char *type;
	const char *etag; /* without quotes; of the plain form */
	struct console_bytes plain, gzip, br;
};

/* Ends with a NULL name. */
extern const struct console_asset console_assets[];
/* Paths that the one page answers, as routes are written: "/cases/{case}". Ends with NULL. */
extern const char *const console_pages[];

#endif
