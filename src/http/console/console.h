/* The console: files that the build put into the program, one page for all of its paths, and the policy it runs under. */
#ifndef HTTP_CONSOLE_H
#define HTTP_CONSOLE_H

#include "http/server.h"

/* Rewrite hook of the native API: a page's path becomes "/", which answers with the page. What this view of it loads is
 * named in the reply's Link header, so that the browser asks for all of it at once. */
void console_rewrite(struct http_request *request, void *ctx);
/* GET / : the page, or the way to the API page where this build has no console. */
http_handler console_page;
/* GET /assets/{file} : named by what is in it, so it never changes. */
http_handler console_asset;

/* There is nothing at this path: a browser that came to look (GET, Accept with text/html by name) gets the page, which says so
 * in its language, with status 404. false: it has not replied, since this is no browser or this build has no console. */
bool console_missing(struct http_request *request);

/* Whether Accept-Encoding takes a coding ("br"): a coding of its own or "*", with a weight above 0. NULL header: no. Accept is
 * read alike; its ranges are not. */
bool console_accepts(const char *header, const char *coding);
/* Whether a page answers this path. */
bool console_has(const char *path);

#endif
