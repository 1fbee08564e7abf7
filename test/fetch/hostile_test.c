/* What reads strangers' answers, in an attacker's hands (hostile_load.c): it harms its own request and gets nowhere that
 * the rules refuse. */
#include "engine/fetch.h"

#include "base/check.h"
#include "os/clock.h"
#include "test/unit.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>

#ifndef HILF_SANITIZED
#define HILF_SANITIZED 0
#endif

#define FORBIDDEN "made a system call that it has no business to make"
#define NONSENSE  "'hilf-fetch' answered nonsense"

static const struct {
	const char *deed;
	int code;
	const char *text;
	bool sanitizers_too;
} cases[] = {
	{"open_file", HILF_E_HELPER, FORBIDDEN, false},
	{"make_file", HILF_E_HELPER, FORBIDDEN, true},
	{"run_program", HILF_E_HELPER, FORBIDDEN, true},
	{"make_child", HILF_E_HELPER, FORBIDDEN, true},
	{"kill_helper", HILF_E_HELPER, FORBIDDEN, true},
	{"trace_helper", HILF_E_HELPER, FORBIDDEN, true},
	{"make_code", HILF_E_HELPER, FORBIDDEN, true},
	{"listen_to_others", HILF_E_HELPER, FORBIDDEN, true},
	{"bind_a_port", HILF_E_HELPER, FORBIDDEN, true},
	{"make_sockets", HILF_E_STOPPED, "no socket was made", true},
	{"turn_the_socket", HILF_E_STOPPED, "the socket leads where it led", true},
	{"dial/10.0.0.1", HILF_E_STOPPED, "10.0.0.1 is refused (private use)", true},
	{"dial/169.254.169.254", HILF_E_STOPPED, "169.254.169.254 is refused (link-local)", true},
	{"dial/localhost", HILF_E_STOPPED, "of localhost is refused (loopback)", true},
	{"dial/127.2", HILF_E_STOPPED, "of 127.2 is refused (loopback)", true},
	{"dial/2130706434", HILF_E_STOPPED, "127.0.0.2 of 2130706434 is refused (loopback)", true},
	{"dial/0x7f000002", HILF_E_STOPPED, "127.0.0.2 of 0x7f000002 is refused (loopback)", true},
	{"dial/::ffff:10.0.0.1", HILF_E_STOPPED, "is refused", true},
	{"dial/::1", HILF_E_STOPPED, "::1 is refused (loopback)", true},
	{"dial/fe80::1%lo", HILF_E_STOPPED, "fe80::1%lo",
		true}, /* no such host, or one of an interface */
	{"dial_port_25", HILF_E_STOPPED, "port 25 of '93.184.216.34' is refused", true},
	{"dial_too_often", HILF_E_STOPPED, "6 connections", true},
	{"send_the_dialler_nonsense", HILF_E_STOPPED, "the dialler has left", true},
	{"send_a_descriptor", HILF_E_HELPER, "'hilf-fetch' ended while it fetched", true},
	{"lie/nonsense", HILF_E_HELPER, NONSENSE, true},
	{"lie/hello", HILF_E_HELPER, NONSENSE, true},
	{"lie/empty", HILF_E_HELPER, "'hilf-fetch' ended while it fetched", true},
	{"lie/body-first", HILF_E_HELPER, NONSENSE, true},
	{"lie/end-first", HILF_E_HELPER, NONSENSE, true},
	{"lie/two-heads", HILF_E_HELPER, NONSENSE, true},
	{"lie/too-much", HILF_E_HELPER, NONSENSE, true},
	{"lie/end", HILF_E_HELPER, NONSENSE, true},
	{"lie/late", HILF_E_IO, "it was not fetched within", true},
	{"lie/not", 0, "", true},
	{"lie/more", 0, "", true},
	{"crash", HILF_E_HELPER, "what fetches ended with ", true},
	{"nothing", HILF_E_HELPER, "what fetches ended with status 0", true},
	{"spin", HILF_E_IO, "it was not fetched within", true},
};

static struct fetch_pool *pool;
static int listener;
static unsigned port;

static int count_fds(void)
{
	int count = 0;
	for (int fd = 0; fd < 1024; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static int fetch_deed(const char *deed, struct hilf_err *err)
{
	char url[128];
	struct fetched fetched = {.fd = -1};
	snprintf(url, sizeof url, "http://127.0.0.3:%u/%s", port, deed);
	const struct fetch fetch = {.url = url,
		.size_max = 100000,
		.timeout_ms = strcmp(deed, "spin") == 0 ? 500 : 20000};
	int rc = fetch_url(pool, &fetch, &fetched, err);
	if (fetched.fd >= 0)
		close(fetched.fd);
	return rc;
}

static void a_loader_in_strange_hands_gets_nowhere(void **state)
{
	(void)state;
	(void)unlink("/tmp/hilf-was-here"); /* of a run that went wrong */
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct hilf_err err = {.text = ""};
		int before = count_fds();
		if (HILF_SANITIZED && !cases[i].sanitizers_too) {
			fprintf(stderr, "SKIPPED: %s: not with sanitizers\n", cases[i].deed);
			continue;
		}
		int rc = fetch_deed(cases[i].deed, &err);
		if (rc != cases[i].code || !strstr(err.text, cases[i].text))
			fail_msg("%s: %s: %s", cases[i].deed, hilf_code_name((enum hilf_code)rc),
				err.text);
		assert_int_equal(count_fds(), before);
		assert_int_equal(fetch_deed("lie/not", &err), 0);
	}
	assert_int_equal(access("/tmp/hilf-was-here", F_OK), -1);
}

static int set_up(void **state)
{
	static const char *const allow[] = {"127.0.0.3"};
	char helpers[4096];
	struct hilf_err err;
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000003)};
	socklen_t size = sizeof address;
	const char *build = getenv("HILF_BUILD");
	const struct fetch_conf conf = {.helper_dir = helpers, .allow = allow, .allow_count = 1};
	(void)state;
	/* Somebody to connect to. */
	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (!build || bind(listener, (struct sockaddr *)&address, size) != 0 ||
		listen(listener, 64) != 0 ||
		getsockname(listener, (struct sockaddr *)&address, &size) != 0)
		return -1;
	port = ntohs(address.sin_port);
	snprintf(helpers, sizeof helpers, "%s/test/fetch", build);
	if (fetch_pool_new(&conf, &pool, &err) == 0)
		return 0;
	fprintf(stderr, "%s\n", err.text);
	return -1;
}

static int tear_down(void **state)
{
	(void)state;
	fetch_pool_free(pool);
	close(listener);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_loader_in_strange_hands_gets_nowhere)};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
