/* fetch-once HELPERS URL [ALLOW...]: fetches within FETCH_ONCE_MS and prints what came of it in one line, for names.py. */
#include "engine/fetch.h"

#include "os/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int count, char **arguments)
{
	const struct fetch_conf conf = {.helper_dir = count > 2 ? arguments[1] : "",
		.allow = (const char *const *)arguments + 3,
		.allow_count = count > 3 ? (size_t)count - 3 : 0};
	struct fetch_pool *pool = NULL;
	struct fetched fetched = {.fd = -1};
	struct hilf_err err = {.text = ""};
	char text[200] = "";
	if (count < 3 || fetch_pool_new(&conf, &pool, &err) != 0) {
		fprintf(stderr, "fetch-once: %s\n", err.text);
		return 2;
	}
	const char *within_ms = getenv("FETCH_ONCE_MS");
	const struct fetch fetch = {.url = arguments[2],
		.timeout_ms = within_ms ? (uint32_t)strtoul(within_ms, NULL, 10) : 0};
	int rc = fetch_url(pool, &fetch, &fetched, &err);
	if (fetched.fd >= 0)
		file_read_all(fetched.fd, text, sizeof text - 1);
	if (rc)
		printf("%s: %s\n", hilf_code_name((enum hilf_code)rc), err.text);
	else
		printf("%d: %s\n", fetched.status, text);
	fetch_pool_free(pool);
	return 0;
}
