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
#define CONSOLE_LANGUAGE_COUNT 3

/* A view of the one page. */
struct console_page {
	const char *path; /* as routes are written: "/cases/{case}" */
	const char *
		first; /* what it asks of the API first, with what stood in the path; NULL: nothing that is known */
	const char *link[CONSOLE_LANGUAGE_COUNT]; /* the scripts it loads, as a Link header */
};

/* The languages of its texts, in the order of `link`, "en" first. Ends with NULL. */
extern const char *const console_languages[];
/* Ends with a NULL path. */
extern const struct console_page console_pages[];

#endif
