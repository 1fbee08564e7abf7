/* The processes of fetching: many at once, killed ones, ones that cannot start. */
#include "base/check.h"
#include "os/sandbox.h"
#include "test/fetch/ask.h"
#include "test/fetch/servers.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>

/* Processes of hilf-fetch whose parent is that one, into ret_pids; how many. The dead that nobody has asked for yet do not count. */
static size_t children_of(pid_t parent, pid_t *ret_pids, size_t room)
{
	DIR *proc = opendir("/proc");
	struct dirent *item;
	size_t count = 0;
	assert_non_null(proc);
	while ((item = readdir(proc))) {
		char path[300], name[64], run_state;
		int above;
		snprintf(path, sizeof path, "/proc/%s/stat", item->d_name);
		FILE *file = fopen(path, "r");
		if (!file)
			continue;
		bool read = fscanf(file, "%*d (%63[^)]) %c %d", name, &run_state, &above) == 3 &&
			    run_state != 'Z' && run_state != 'X';
		fclose(file);
		if (read && above == parent && strcmp(name, "hilf-fetch") == 0 && count < room)
			ret_pids[count++] = (pid_t)strtol(item->d_name, NULL, 10);
	}
	closedir(proc);
	return count;
}

/* The one of `pool`, where no other pool has one. */
static pid_t helper_of_pool(void)
{
	pid_t pids[8];
	assert_int_equal(children_of(getpid(), pids, COUNT_OF(pids)), 1);
	return pids[0];
}

/* Of this process, but not that one: numbers start anew at the system's largest, so they say nothing about age. */
static pid_t helper_beside(pid_t known)
{
	pid_t pids[8];
	size_t count = children_of(getpid(), pids, COUNT_OF(pids));
	for (size_t i = 0; i < count; i++)
		if (pids[i] != known)
			return pids[i];
	return 0;
}

#define PATIENCE_MS 600000 /* nothing here is about time, where it is not said */

struct late_kill {
	struct fetch_pool *pool;
	struct fetch fetch;
	int rc;
	struct fetched fetched;
	struct hilf_err err;
};

static void *fetch_it(void *ctx)
{
	struct late_kill *kill = ctx;
	kill->rc = fetch_url(kill->pool, &kill->fetch, &kill->fetched, &kill->err);
	return NULL;
}

static bool lives(pid_t helper)
{
	pid_t pids[8];
	size_t count = children_of(getpid(), pids, COUNT_OF(pids));
	for (size_t i = 0; i < count; i++)
		if (pids[i] == helper)
			return true;
	return false;
}

/* Starts the fetch, waits until its loader runs, kills what is named, and waits for the fetch's end. */
static void kill_while(struct late_kill *kill_it, bool loader)
{
	pthread_t thread;
	pid_t children[8], helper = helper_of_pool();
	/* Those of the request before are told from its own only by having gone. */
	while (children_of(helper, children, COUNT_OF(children)) != 0)
		usleep(2000);
	assert_int_equal(pthread_create(&thread, NULL, fetch_it, kill_it), 0);
	while (children_of(helper, children, COUNT_OF(children)) != 2)
		usleep(2000);
	usleep(100000); /* it has sent its request by now, or not: both are fine */
	if (loader) {
		for (int i = 0; i < 2; i++)
			kill(children[i], SIGKILL);
	} else {
		kill(helper, SIGKILL);
		while (lives(helper)) /* till then its loader may still bring the answer */
			usleep(2000);
	}
	servers_release("killed");
	pthread_join(thread, NULL);
}

static void a_helper_that_is_killed_is_replaced(void **state)
{
	struct late_kill get_it = {.pool = pool,
		.fetch = {.url = url("http", "/hold/killed"), .timeout_ms = PATIENCE_MS}};
	struct late_kill post_it = {.pool = pool,
		.fetch = {.url = url("http", "/hold/ever"),
			.method = "POST",
			.timeout_ms = PATIENCE_MS}};
	(void)state;
	kill_while(&get_it, false);
	if (get_it.rc)
		fail_msg("%s", get_it.err.text);
	assert_string_equal(text_of(&get_it.fetched), "waited");
	/* Nobody knows whether it was received: the caller decides. */
	kill_while(&post_it, false);
	assert_int_equal(post_it.rc, HILF_E_HELPER);
	assert_non_null(strstr(post_it.err.text, "'hilf-fetch' ended while it fetched"));
	expect_text(url("http", "/hello"), 200, "hello");
	/* Between requests. */
	kill(helper_of_pool(), SIGKILL);
	const struct fetch fetch = {.url = url("http", "/echo"), .method = "POST"};
	struct fetched fetched;
	assert_int_equal(fetch_url(pool, &fetch, &fetched, &err), 0);
	close(fetched.fd);
}

static void children_that_are_killed_harm_their_own_request_alone(void **state)
{
	struct late_kill get_it = {.pool = pool,
		.fetch = {.url = url("http", "/hold/ever"), .timeout_ms = PATIENCE_MS}};
	pid_t before = helper_of_pool();
	(void)state;
	kill_while(&get_it, true);
	assert_int_equal(get_it.rc, HILF_E_HELPER);
	assert_non_null(strstr(get_it.err.text, "signal 9"));
	assert_int_equal(helper_of_pool(), before);
	expect_text(url("http", "/hello"), 200, "hello");
}

struct many {
	const char *urls[2];
	int failed;
};

static void *fetch_many(void *ctx)
{
	struct many *many = ctx;
	for (int i = 0; i < 3; i++) {
		struct fetched fetched = {.fd = -1};
		struct hilf_err why;
		const struct fetch fetch = {.url = many->urls[i == 1], .timeout_ms = PATIENCE_MS};
		if (fetch_url(pool, &fetch, &fetched, &why) != 0) {
			fprintf(stderr, "%s\n", why.text);
			many->failed++;
		} else {
			many->failed += fetched.size != (i == 1 ? 6 : 300000);
			close(fetched.fd);
		}
	}
	return NULL;
}

static int count_fds(void)
{
	int count = 0;
	for (int fd = 0; fd < 1024; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static void many_fetch_at_once(void **state)
{
	pthread_t threads[40]; /* more than may */
	struct many many[COUNT_OF(threads)];
	int before = count_fds();
	pid_t left[8];
	(void)state;
	const char *const size_url = url("http", "/size/300000"), *const wait_url =
									  url("http", "/wait/0.2");
	for (size_t i = 0; i < COUNT_OF(threads); i++) {
		many[i] = (struct many){{size_url, wait_url}, 0};
		assert_int_equal(pthread_create(&threads[i], NULL, fetch_many, &many[i]), 0);
	}
	for (size_t i = 0; i < COUNT_OF(threads); i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(many[i].failed, 0);
	}
	assert_int_equal(count_fds(), before);
	/* Nobody is left of them. */
	for (int i = 0; i < 12000 && children_of(helper_of_pool(), left, COUNT_OF(left)) != 0; i++)
		usleep(10000);
	assert_int_equal(children_of(helper_of_pool(), left, COUNT_OF(left)), 0);
}

static void one_too_many_waits_its_time(void **state)
{
	static const char *const allow[] = {"127.0.0.1"};
	const struct fetch_conf conf = {
		.helper_dir = helpers, .allow = allow, .allow_count = 1, .max = 1};
	struct late_kill first = {
		.fetch = {.url = url("http", "/hold/first"), .timeout_ms = PATIENCE_MS}};
	const struct fetch second = {.url = url("http", "/hello"), .timeout_ms = 300};
	struct fetched fetched;
	pid_t children[8], before = helper_of_pool();
	pthread_t thread;
	(void)state;
	assert_int_equal(fetch_pool_new(&conf, &first.pool, &err), 0);
	assert_int_equal(pthread_create(&thread, NULL, fetch_it, &first), 0);
	while (children_of(helper_beside(before), children, COUNT_OF(children)) != 2)
		usleep(2000);
	expect_failure(
		fetch_url(first.pool, &second, &fetched, &err), HILF_E_BUSY, "too many fetches");
	servers_release("first");
	pthread_join(thread, NULL);
	assert_int_equal(first.rc, 0);
	close(first.fetched.fd);
	fetch_pool_free(first.pool);
}

static void the_walls_stand(void **state)
{
	(void)state;
	assert_int_equal(fetch_pool_walls(pool) & SANDBOX_WALLS_MANDATORY, SANDBOX_WALLS_MANDATORY);
}

static void a_helper_that_cannot_start_is_named(void **state)
{
	struct fetch_conf conf = {.helper_dir = "/nowhere"};
	struct fetch_pool *made = NULL;
	(void)state;
	assert_int_equal(fetch_pool_new(&conf, &made, &err), HILF_E_HELPER);
	assert_non_null(strstr(err.text, "/nowhere/hilf-fetch"));
	conf = (struct fetch_conf){.helper_dir = helpers, .ca_file = "/dev/null"};
	assert_int_equal(fetch_pool_new(&conf, &made, &err), HILF_E_INVALID);
	assert_non_null(strstr(err.text, "'/dev/null' cannot be read as certificates"));
}

int main(int count, char **arguments)
{
	if (count > 1)
		cmocka_set_test_filter(arguments[1]);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_helper_that_is_killed_is_replaced),
		cmocka_unit_test(children_that_are_killed_harm_their_own_request_alone),
		cmocka_unit_test(many_fetch_at_once),
		cmocka_unit_test(one_too_many_waits_its_time),
		cmocka_unit_test(the_walls_stand),
		cmocka_unit_test(a_helper_that_cannot_start_is_named),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
