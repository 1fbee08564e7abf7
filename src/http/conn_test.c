/* The server's connections without threads: what is answered, and that no allocation which fails does more than end a
 * connection. Linked with --wrap for the allocator's functions. */
#include "http/session_test.h"
#include "test/unit.h"

#include <stdatomic.h>

static long fail_at; /* the allocation that fails, counted from 1; 0: none does */
static bool has_failed;

static bool fails(void)
{
	if (fail_at == 0 || --fail_at > 0)
		return false;
	has_failed = true;
	return true;
}

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size);
char *__real_strdup(const char *text);
char *__wrap_strdup(const char *text);

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return fails() ? NULL : __real_realloc(old, size);
}

char *__wrap_strdup(const char *text)
{
	return fails() ? NULL : __real_strdup(text);
}

#define HOST "Host: a\r\n"
#define FORM                                                                                       \
	"--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n1\r\n"                           \
	"--b\r\nContent-Disposition: form-data; name=\"f\"; "                                      \
	"filename=\"a\"\r\n\r\nfile\r\n--b--\r\n"

/* One of everything. */
static const char script[] =
	"GET /e?x=1&y=2 HTTP/1.1\r\n" HOST "X-Test: y\r\n\r\n"
	"GET /e/one HTTP/1.1\r\n" HOST "\r\n"
	"POST /e HTTP/1.1\r\n" HOST "Content-Type: Text/Plain\r\nContent-Length: 5\r\n\r\nhello"
	"POST /w HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
	"POST /f HTTP/1.1\r\n" HOST
	"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 128\r\n\r\n" FORM
	"PUT /e HTTP/1.1\r\n" HOST "\r\n"
	"GET /nothing HTTP/1.1\r\n" HOST "\r\n"
	"GET /s HTTP/1.1\r\n" HOST "\r\n"
	"GET /p HTTP/1.1\r\n" HOST "\r\n"
	"GET /p/w HTTP/1.1\r\n" HOST "\r\n"
	"GET /o HTTP/1.1\r\n" HOST "\r\n"
	"GET /g HTTP/1.1\r\n" HOST "\r\n"
	"GET /g/w HTTP/1.1\r\n" HOST "\r\n"
	"GET /g HTTP/1.1\r\n" HOST "\r\n"
	"GET /t HTTP/1.1\r\n" HOST "\r\n"
	"GET /t/w HTTP/1.1\r\n" HOST "\r\n"
	"GET http://b/e HTTP/1.1\r\n" HOST "\r\n"
	"GET /e HTTP/1.1\r\n" HOST "Authorization: no\r\nConnection: close\r\n\r\n";

#define ANSWERS 18 /* to all of it */

static unsigned count_of(const struct buf *buf, const char *text)
{
	unsigned count = 0;
	for (const char *at = buf->data; at && (at = strstr(at, text)); at++)
		count++;
	return count;
}

static void one_of_everything_is_answered_in_order(void **state)
{
	static const size_t pieces[] = {sizeof script, 100, 7, 1};
	static const char *const answers[] = {"/e  x=1 y=2 ", "X-Param: one", "/e text/plain hello",
		"/w  hello", "4 f1", "405 ", "404 ", "some of it", "now", "now", "over",
		"together 1", "together 1", "together 1", "together 1", "together 1", "/e  ",
		"401 "};
	struct session session;
	(void)state;
	assert_int_equal(sizeof FORM - 1, 128);
	assert_int_equal(session_open(&session), 0);
	for (size_t i = 0; i < COUNT_OF(pieces); i++) {
		buf_clear(&session.seen);
		session_connect(&session);
		session_send(&session, script, sizeof script - 1, pieces[i]);
		const char *at = session.seen.data;
		assert_non_null(at);
		for (size_t k = 0; k < COUNT_OF(answers); k++) {
			at = strstr(at, answers[k]);
			if (!at)
				print_error("no '%s' in:\n%s\n", answers[k], session.seen.data);
			assert_non_null(at);
			at += strlen(answers[k]);
		}
		assert_int_equal(count_of(&session.seen, "HTTP/1.1 "), ANSWERS);
		session_leave(&session);
	}
	session_free(&session);
}

/* As if the kernel had told that it may be read. */
static void put_off(struct timer *timer)
{
	struct conn *conn = (struct conn *)timer;
	conn->readable = true;
	conn_run(conn);
}

static void what_comes_in_one_turn_is_answered_together(void **state)
{
	enum { MANY = HTTP_GATHER_MAX + 6 };
	static const char ask[] = "GET /g HTTP/1.1\r\n" HOST "\r\n";
	struct session session;
	unsigned together = 0;
	int fds[MANY];
	char bytes[1024];
	(void)state;
	assert_int_equal(session_open(&session), 0);
	struct loop *loop = &session.server->loops[0];
	for (size_t i = 0; i < MANY; i++) {
		session_connect(&session);
		fds[i] = session.fd;
	}
	for (size_t i = 0; i < 3; i++)
		ASSERT(send(fds[i], ask, sizeof ask - 1, MSG_NOSIGNAL) == sizeof ask - 1);
	loop_step(loop);
	for (size_t i = 0; i < 3; i++) {
		ssize_t size = recv(fds[i], bytes, sizeof bytes - 1, 0);
		assert_true(size > 0);
		bytes[size] = '\0';
		assert_non_null(strstr(bytes, "together 3"));
	}
	/* More than there is room for: each has its one answer all the same. */
	for (size_t i = 0; i < MANY; i++)
		ASSERT(send(fds[i], ask, sizeof ask - 1, MSG_NOSIGNAL) == sizeof ask - 1);
	for (size_t i = 0; i < 10; i++)
		loop_step(loop);
	for (size_t i = 0; i < MANY; i++) {
		ssize_t size = recv(fds[i], bytes, sizeof bytes - 1, 0);
		assert_true(size > 0);
		bytes[size] = '\0';
		together += strstr(bytes, "together ") != NULL;
		assert_int_equal(recv(fds[i], bytes, sizeof bytes, 0), -1);
	}
	assert_int_equal(together, MANY);
	for (size_t i = 1; i < MANY; i++)
		close(fds[i]);
	session.fd = fds[0];
	session_leave(&session);
	session_free(&session);
}

static void who_was_put_off_may_be_cut_before_the_answer(void **state)
{
	static const char ask[] = "GET /g HTTP/1.1\r\n" HOST "\r\n";
	struct session session;
	int other;
	(void)state;
	assert_int_equal(session_open(&session), 0);
	struct loop *loop = &session.server->loops[0];
	for (unsigned round = 0; round < 2; round++) {
		session_connect(&session);
		other = session.fd;
		session_connect(&session);
		loop_step(loop);
		ASSERT(send(other, ask, sizeof ask - 1, MSG_NOSIGNAL) == sizeof ask - 1);
		ASSERT(send(session.fd, ask, sizeof ask - 1, MSG_NOSIGNAL) == sizeof ask - 1);
		wheel_all(&loop->wheel, put_off);
		assert_int_equal(loop->gathered_count, 2);
		if (round == 0) {
			wheel_all(&loop->wheel, conn_cut_all);
		} else {
			conn_cut_all(&loop->gathered[0]->conn->timer);
			assert_int_equal(loop->gathered_count, 1);
			loop_step(loop);
		}
		close(other);
		session_leave(&session);
		assert_int_equal(loop->gathered_count, 0);
	}
	session_free(&session);
}

/* How many were answered together with this one; 0: it has no answer. Another one it never has. */
static unsigned answered_with(int fd)
{
	char bytes[1024];
	unsigned count = 0;
	ssize_t size = recv(fd, bytes, sizeof bytes - 1, 0);
	if (size <= 0)
		return 0;
	bytes[size] = '\0';
	const char *at = strstr(bytes, "together ");
	assert_true(at && sscanf(at, "together %u", &count) == 1);
	assert_int_equal(recv(fd, bytes, sizeof bytes, 0), -1);
	return count;
}

static void who_comes_while_a_worker_is_busy_is_of_its_next_ones(void **state)
{
	enum { MANY = HTTP_GATHER_MAX + 6 };
	static const char ask[] = "GET /t HTTP/1.1\r\n" HOST "\r\n";
	static const char other[] = "GET /o HTTP/1.1\r\n" HOST "\r\n";
	struct session session;
	int fds[MANY];
	char bytes[1024];
	(void)state;
	assert_int_equal(session_open(&session), 0);
	struct loop *loop = &session.server->loops[0];
	struct workers *workers = &session.server->workers;
	for (size_t i = 0; i < MANY; i++) {
		session_connect(&session);
		fds[i] = session.fd;
	}
	/* Those who came, in one go, wherever the one among them is that is no part of it. */
	for (size_t i = 0; i < 4; i++)
		ASSERT(send(fds[i], i == 1 ? other : ask, sizeof ask - 1, MSG_NOSIGNAL) ==
			sizeof ask - 1);
	loop_step(loop);
	assert_int_equal(atomic_load(&workers->depth), 4);
	assert_true(workers_step(workers));
	assert_int_equal(atomic_load(&workers->depth), 1);
	loop_step(loop);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(i == 1 ? recv(fds[i], bytes, sizeof bytes, 0) == -1
					: answered_with(fds[i]) == 3,
			true);
	assert_true(workers_step(workers));
	assert_false(workers_step(workers));
	loop_step(loop);
	assert_true(recv(fds[1], bytes, sizeof bytes, 0) > 0);
	/* More than are taken at once: the rest has a turn of its own, behind what else waits. */
	for (size_t i = 0; i < MANY; i++)
		ASSERT(send(fds[i], ask, sizeof ask - 1, MSG_NOSIGNAL) == sizeof ask - 1);
	for (size_t i = 0; i < 10; i++)
		loop_step(loop);
	assert_int_equal(atomic_load(&workers->depth), MANY);
	assert_true(workers_step(workers));
	assert_int_equal(atomic_load(&workers->depth), 6);
	assert_true(workers_step(workers));
	assert_false(workers_step(workers));
	loop_step(loop);
	unsigned first = 0, rest = 0;
	for (size_t i = 0; i < MANY; i++) {
		unsigned with = answered_with(fds[i]);
		first += with == HTTP_GATHER_MAX;
		rest += with == 6;
	}
	assert_int_equal(first, HTTP_GATHER_MAX);
	assert_int_equal(rest, 6);
	for (size_t i = 1; i < MANY; i++)
		close(fds[i]);
	session.fd = fds[0];
	session_leave(&session);
	session_free(&session);
}

static void who_waits_for_a_group_may_be_cut_before_its_turn(void **state)
{
	static const char ask[] = "GET /t HTTP/1.1\r\n" HOST "\r\n";
	struct session session;
	(void)state;
	assert_int_equal(session_open(&session), 0);
	struct loop *loop = &session.server->loops[0];
	/* The one that has the place in the queue, one behind it, or all. */
	for (unsigned round = 0; round < 3; round++) {
		int fds[3];
		for (size_t i = 0; i < 3; i++) {
			session_connect(&session);
			fds[i] = session.fd;
			ASSERT(send(fds[i], ask, sizeof ask - 1, MSG_NOSIGNAL) == sizeof ask - 1);
			wheel_all(&loop->wheel, put_off);
		}
		struct http_request *place = session.server->workers.queue.first;
		assert_non_null(place);
		if (round == 0)
			conn_cut_all(&place->conn->timer);
		else if (round == 1)
			conn_cut_all(&session.server->workers.groups[0].waiting.last->conn->timer);
		else
			wheel_all(&loop->wheel, conn_cut_all);
		assert_true(workers_step(&session.server->workers));
		assert_false(workers_step(&session.server->workers));
		loop_step(loop);
		unsigned answered = 0;
		for (size_t i = 0; i < 3; i++) {
			answered += answered_with(fds[i]) == 2;
			close(fds[i]);
		}
		assert_int_equal(answered, round == 2 ? 0 : 2);
		session.fd = -1;
		loop_step(loop);
		loop_step(loop);
		assert_int_equal(atomic_load(&loop->conn_count), 0);
	}
	session_free(&session);
}

static void a_failed_allocation_ends_a_request_and_no_more(void **state)
{
	static const size_t pieces[] = {sizeof script, 50};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(pieces); i++) {
		has_failed = true;
		for (long k = 1; has_failed; k++) {
			struct session session;
			has_failed = false;
			fail_at = k;
			int rc = session_open(&session);
			if (rc == 0) {
				session_connect(&session);
				session_send(&session, script, sizeof script - 1, pieces[i]);
				session_leave(&session);
			} else {
				assert_int_equal(rc, HILF_E_NO_MEMORY);
			}
			/* And then it works again. */
			fail_at = 0;
			if (rc == 0) {
				session.seen.failed = false;
				buf_clear(&session.seen);
				session_connect(&session);
				session_send(&session, script, sizeof script - 1, pieces[i]);
				assert_int_equal(count_of(&session.seen, "HTTP/1.1 "), ANSWERS);
				session_leave(&session);
			}
			session_free(&session);
			assert_true(k < 5000);
		}
	}
}

static void a_connection_may_end_anywhere(void **state)
{
	struct session session;
	(void)state;
	assert_int_equal(session_open(&session), 0);
	for (size_t size = 0; size < sizeof script; size++) {
		session_connect(&session);
		ASSERT(send(session.fd, script, size, MSG_NOSIGNAL) == (ssize_t)size);
		session_leave(&session);
	}
	/* Or be cut by its own side, wherever it is. */
	for (size_t size = 0; size < sizeof script; size += 3) {
		session_connect(&session);
		ASSERT(send(session.fd, script, size, MSG_NOSIGNAL) == (ssize_t)size);
		loop_step(&session.server->loops[0]);
		wheel_all(&session.server->loops[0].wheel, conn_cut_all);
		session_leave(&session);
	}
	session_free(&session);
}

/* ------------------------------------------------------------------------------- time that passes */

static struct conn *found;

static void find(struct timer *timer)
{
	found = (struct conn *)timer;
}

/* Moves the past of the one connection further back. */
static void pass(struct session *session, int64_t passed_ms)
{
	found = NULL;
	wheel_all(&session->server->loops[0].wheel, find);
	assert_non_null(found);
	found->since_us -= passed_ms * 1000;
	found->progress_us -= passed_ms * 1000;
	found->checked_us -= passed_ms * 1000;
	conn_run(found); /* which sets its timer anew */
	if (found->timer.due_ms <= session->server->loops[0].now_us / 1000)
		conn_expire(&found->timer);
}

static void whoever_takes_too_long_is_refused_or_cut(void **state)
{
	static const struct {
		const char *sent;
		int64_t passed_ms;
		const char *reply; /* NULL: none; "": closed without one */
	} cases[] = {
		{"", 59000, NULL},
		{"", 61000, ""},
		{"GET / HTTP/1.1\r\n", 9000, NULL},
		{"GET / HTTP/1.1\r\n", 11000, "HTTP/1.1 408 "},
		{"POST /w HTTP/1.1\r\n" HOST "Content-Length: 100000\r\n\r\nx", 9000, NULL},
		{"POST /w HTTP/1.1\r\n" HOST "Content-Length: 100000\r\n\r\nx", 11000,
			"HTTP/1.1 408 "},
		{"POST /w HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n", 11000,
			"HTTP/1.1 408 "},
	};
	struct session session;
	(void)state;
	assert_int_equal(session_open(&session), 0);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char byte;
		buf_clear(&session.seen);
		session_connect(&session);
		session_send(&session, cases[i].sent, strlen(cases[i].sent), 1000);
		pass(&session, cases[i].passed_ms);
		session_step(&session);
		const char *seen = session.seen.data ? session.seen.data : "";
		if (cases[i].reply && *cases[i].reply)
			assert_memory_equal(seen, cases[i].reply, strlen(cases[i].reply));
		else
			assert_string_equal(seen, "");
		/* What is refused is closed, though perhaps not at once. */
		ssize_t count = recv(session.fd, &byte, 1, 0);
		assert_int_equal(count, cases[i].reply ? 0 : -1);
		session_leave(&session);
	}
	session_free(&session);
}

static void a_reply_that_nobody_takes_is_cut(void **state)
{
	static const char ask[] = "GET /e HTTP/1.1\r\n" HOST "\r\n";
	struct session session;
	(void)state;
	assert_int_equal(session_open(&session), 0);
	struct loop *loop = &session.server->loops[0];
	session_connect(&session);
	/* Until no more goes in, reading nothing. */
	for (unsigned stuck = 0; stuck < 20;) {
		stuck = send(session.fd, ask, sizeof ask - 1, MSG_NOSIGNAL) > 0 ? 0 : stuck + 1;
		loop_step(loop);
	}
	pass(&session, 19000);
	assert_int_equal(atomic_load(&loop->conn_count), 1);
	pass(&session, 2000);
	assert_int_equal(atomic_load(&loop->conn_count), 0);
	assert_int_equal(atomic_load(&loop->timeout_count), 1);
	session_leave(&session);
	session_free(&session);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_of_everything_is_answered_in_order),
		cmocka_unit_test(what_comes_in_one_turn_is_answered_together),
		cmocka_unit_test(who_was_put_off_may_be_cut_before_the_answer),
		cmocka_unit_test(who_comes_while_a_worker_is_busy_is_of_its_next_ones),
		cmocka_unit_test(who_waits_for_a_group_may_be_cut_before_its_turn),
		cmocka_unit_test(a_connection_may_end_anywhere),
		cmocka_unit_test(whoever_takes_too_long_is_refused_or_cut),
		cmocka_unit_test(a_reply_that_nobody_takes_is_cut),
		cmocka_unit_test(a_failed_allocation_ends_a_request_and_no_more),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
