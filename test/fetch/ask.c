/* Asking with the real helper. */
#include "test/fetch/ask.h"

#include "base/check.h"
#include "os/file.h"
#include "test/fetch/servers.h"

#include <string.h>

struct fetch_pool *pool;
char helpers[4096];
struct hilf_err err;

struct fetch_pool *pool_with(const char *const *allow, bool only_allowed)
{
	struct fetch_conf conf = {.helper_dir = helpers,
		.allow = allow,
		.only_allowed = only_allowed,
		.ca_file = servers_ca()};
	struct fetch_pool *made = NULL;
	while (allow[conf.allow_count])
		conf.allow_count++;
	if (fetch_pool_new(&conf, &made, &err) != 0)
		fail_msg("%s", err.text);
	return made;
}

/* "%s/path" of the server with that key. */
const char *url(const char *key, const char *path)
{
	static char text[8][9000];
	static unsigned next;
	bool secure = strcmp(key, "http") != 0 && strcmp(key, "second") != 0 &&
		      strcmp(key, "closed") != 0;
	char *to = text[next++ % COUNT_OF(text)];
	snprintf(to, sizeof text[0], "http%s://127.0.0.1:%u%s", secure ? "s" : "",
		servers_port(key), path);
	return to;
}

int get_from(struct fetch_pool *from, const char *what, struct fetched *ret_fetched)
{
	const struct fetch fetch = {.url = what, .timeout_ms = 20000};
	err.text[0] = '\0';
	return fetch_url(from, &fetch, ret_fetched, &err);
}

int get(const char *what, struct fetched *ret_fetched)
{
	return get_from(pool, what, ret_fetched);
}

/* The body as text; the descriptor is closed. */
const char *text_of(struct fetched *fetched)
{
	static char text[70000];
	assert_true(fetched->size < sizeof text);
	ssize_t size = fetched->fd < 0 ? 0 : file_read_all(fetched->fd, text, sizeof text);
	assert_int_equal(size, fetched->size);
	text[size] = '\0';
	if (fetched->fd >= 0)
		close(fetched->fd);
	return text;
}

void expect_text(const char *what, int status, const char *text)
{
	struct fetched fetched;
	if (get(what, &fetched) != 0)
		fail_msg("%s: %s", what, err.text);
	assert_int_equal(fetched.status, status);
	assert_string_equal(text_of(&fetched), text);
}

void expect_failure(int rc, int code, const char *text)
{
	if (rc != code || !strstr(err.text, text))
		fail_msg("%s: '%s' instead of '%s'", hilf_code_name((enum hilf_code)rc), err.text,
			text);
	assert_null(strstr(err.text, "SECRET"));
}

void refuse(const char *what, int code, const char *text)
{
	struct fetched fetched = {.fd = 77};
	expect_failure(get(what, &fetched), code, text);
	assert_int_equal(fetched.fd, 77);
}

int set_up(void **state)
{
	static const char *const allow[] = {"127.0.0.1", "[::1]", NULL};
	const char *build = getenv("HILF_BUILD");
	(void)state;
	if (!build || !servers_start()) {
		fprintf(stderr, "the servers of the test cannot be started: python3 and openssl "
				"are needed\n");
		return -1;
	}
	snprintf(helpers, sizeof helpers, "%s/src/proc", build);
	pool = pool_with(allow, false);
	return 0;
}

int tear_down(void **state)
{
	(void)state;
	fetch_pool_free(pool);
	servers_stop();
	return 0;
}
