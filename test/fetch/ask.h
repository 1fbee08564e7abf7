/* What the fetch tests share: the servers, a pool that may connect to them, and short words for asking. */
#ifndef TEST_FETCH_ASK_H
#define TEST_FETCH_ASK_H

#include "engine/fetch.h"
#include "test/unit.h"

extern struct fetch_pool *pool; /* which may connect to 127.0.0.1 and ::1 */
extern char helpers[4096];      /* the folder of the real helper */
extern struct hilf_err err;     /* of the last call */

int set_up(void **state);
int tear_down(void **state);
/* Another pool. allow is NULL-ended. */
struct fetch_pool *pool_with(const char *const *allow, bool only_allowed);
/* The URL of a path at the server with that key; eight of them live at a time. Not for threads. */
const char *url(const char *key, const char *path);
int get_from(struct fetch_pool *from, const char *what, struct fetched *ret_fetched);
int get(const char *what, struct fetched *ret_fetched);
/* The body as text; the descriptor is closed. */
const char *text_of(struct fetched *fetched);
void expect_text(const char *what, int status, const char *text);
/* The code, and a text that holds that and nothing that is SECRET. */
void expect_failure(int rc, int code, const char *text);
void refuse(const char *what, int code, const char *text);

#endif
