/* Helpers, played by this program itself: started with a word as its argument, it does what the word says. */
#include "os/helper.h"
#include "test/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static char dir[4096], *name;

/* ------------------------------------------------------------------------------------------ the helper */

static int echo(void)
{
	static char bytes[HELPER_MESSAGE_MAX];
	for (;;) {
		int fds[HELPER_FDS_MAX];
		size_t fd_count = 0;
		ssize_t size = helper_receive(HELPER_FD, bytes, sizeof bytes, fds, &fd_count, -1);
		if (size <= 0)
			return size == 0 ? 0 : 1;
		if (helper_send(HELPER_FD, bytes, (size_t)size, fds, fd_count) != 0)
			return 1;
		for (size_t i = 0; i < fd_count; i++)
			close(fds[i]);
	}
}

/* Tells what it was given: its descriptors, its environment's size, its blocked and ignored signals. */
static int describe(char **environment)
{
	char text[256];
	sigset_t blocked;
	int open_fds = 0, variables = 0, odd_signals = 0;
	for (int fd = 0; fd < 1024; fd++)
		open_fds += fcntl(fd, F_GETFD) >= 0;
	while (environment[variables])
		variables++;
	sigprocmask(SIG_SETMASK, NULL, &blocked);
	for (int i = 1; i < NSIG; i++) {
		struct sigaction action;
		odd_signals += sigismember(&blocked, i) == 1;
		bool group =
			i == SIGINT ||
			i == SIGTERM; /* meant for all of a group; not for a helper to follow */
		odd_signals +=
			sigaction(i, NULL, &action) == 0 && (action.sa_handler == SIG_IGN) != group;
	}
	snprintf(text, sizeof text, "%d descriptors, standard %d%d%d, secret %s, %d odd signals",
		open_fds, fcntl(0, F_GETFD) >= 0, fcntl(1, F_GETFD) >= 0, fcntl(2, F_GETFD) >= 0,
		getenv("HILF_TEST_SECRET") ? "known" : "unknown", odd_signals);
	return helper_send(HELPER_FD, text, strlen(text), NULL, 0);
}

static int play(const char *word, char **environment)
{
	if (strcmp(word, "echo") == 0)
		return echo();
	if (strcmp(word, "describe") == 0)
		return describe(environment);
	if (strcmp(word, "hang") == 0)
		for (;;)
			pause();
	return 3;
}

/* ------------------------------------------------------------------------------------------ the tests */

static struct helper start(const char *word)
{
	const char *const arguments[] = {word, NULL};
	struct helper helper = HELPER_NONE;
	struct hilf_err err = {0};
	if (helper_start(&helper, dir, name, arguments, &err) != 0)
		fail_msg("%s", err.text);
	assert_true(helper.pid > 0);
	return helper;
}

static void packets_come_back_whole_with_their_descriptors(void **state)
{
	static char bytes[HELPER_MESSAGE_MAX], back[HELPER_MESSAGE_MAX];
	struct helper helper = start("echo");
	int ends[2], fds[HELPER_FDS_MAX], sent[HELPER_FDS_MAX];
	size_t fd_count = 0;
	char c = 0;
	(void)state;
	memset(bytes, 'x', sizeof bytes);
	assert_int_equal(helper_send(helper.socket, bytes, sizeof bytes, NULL, 0), 0);
	assert_int_equal(
		helper_receive(helper.socket, back, sizeof back, NULL, NULL, 10000), sizeof bytes);
	assert_memory_equal(bytes, back, sizeof bytes);
	assert_int_equal(pipe(ends), 0);
	for (int i = 0; i < HELPER_FDS_MAX; i++)
		sent[i] = ends[1];
	assert_int_equal(helper_send(helper.socket, "fds", 3, sent, HELPER_FDS_MAX), 0);
	assert_int_equal(
		helper_receive(helper.socket, back, sizeof back, fds, &fd_count, 10000), 3);
	assert_int_equal(fd_count, HELPER_FDS_MAX);
	close(ends[1]);
	for (size_t i = 0; i < fd_count; i++) {
		assert_true(fcntl(fds[i], F_GETFD) & FD_CLOEXEC);
		assert_int_equal(write(fds[i], "!", 1), 1);
		assert_int_equal(read(ends[0], &c, 1), 1);
		close(fds[i]);
	}
	close(ends[0]);
	helper_stop(&helper);
	assert_int_equal(helper.pid, 0);
	helper_stop(&helper); /* once more is fine */
}

static int count_fds(void)
{
	int count = 0;
	for (int fd = 0; fd < 1024; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static void what_does_not_fit_is_refused_and_its_descriptors_closed(void **state)
{
	int pair[2], ends[2], fds[HELPER_FDS_MAX];
	size_t fd_count = 0;
	char back[8];
	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(pipe(ends), 0);
	int before = count_fds();
	assert_int_equal(helper_send(pair[0], "too large", 9, ends, 2), 0);
	assert_int_equal(
		helper_receive(pair[1], back, sizeof back, fds, &fd_count, 10000), -EMSGSIZE);
	assert_int_equal(helper_send(pair[0], "unwanted", 8, ends, 2), 0);
	assert_int_equal(helper_receive(pair[1], back, sizeof back, NULL, NULL, 10000), -EMSGSIZE);
	/* An empty packet looks like the end, but for what it brings. */
	assert_int_equal(helper_send(pair[0], "", 0, ends, 1), 0);
	assert_int_equal(
		helper_receive(pair[1], back, sizeof back, fds, &fd_count, 10000), -EMSGSIZE);
	assert_int_equal(fd_count, 0);
	assert_int_equal(count_fds(), before);
	assert_int_equal(helper_receive(pair[1], back, sizeof back, NULL, NULL, 1), -ETIMEDOUT);
	close(pair[0]);
	assert_int_equal(helper_receive(pair[1], back, sizeof back, NULL, NULL, 10000), 0);
	assert_int_equal(helper_send(pair[1], "x", 1, NULL, 0), EPIPE);
	close(pair[1]);
	close(ends[0]);
	close(ends[1]);
}

static void expect_description(void)
{
	char text[256] = "";
	struct helper helper = start("describe");
	assert_true(helper_receive(helper.socket, text, sizeof text - 1, NULL, NULL, 10000) > 0);
	assert_string_equal(text, "4 descriptors, standard 111, secret unknown, 0 odd signals");
	helper_stop(&helper);
}

static void a_helper_inherits_its_socket_and_nothing_else(void **state)
{
	int kept[20];
	sigset_t some, before;
	(void)state;
	setenv("HILF_TEST_SECRET", "x", 1);
	for (int i = 0; i < 20; i++)
		kept[i] = dup(1); /* not close-on-exec */
	sigemptyset(&some);
	sigaddset(&some, SIGUSR1);
	sigaddset(&some, SIGRTMIN + 1);
	sigprocmask(SIG_BLOCK, &some, &before);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGRTMIN + 2, SIG_IGN);
	expect_description();
	signal(SIGPIPE, SIG_DFL);
	signal(SIGRTMIN + 2, SIG_DFL);
	sigset_t after;
	sigprocmask(SIG_SETMASK, &before, &after);
	assert_int_equal(sigismember(&after, SIGUSR1), 1); /* ours stay as they were */
	for (int i = 0; i < 20; i++)
		close(kept[i]);
}

/* A daemon may have closed the standard three: then the channel itself gets their numbers. */
static void a_helper_has_the_standard_three_where_we_have_none(void **state)
{
	(void)state;
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		char text[256] = "";
		const char *const arguments[] = {"describe", NULL};
		struct helper helper = HELPER_NONE;
		for (int fd = 0; fd < 10; fd++)
			close(fd);
		if (helper_start(&helper, dir, name, arguments, NULL) != 0)
			_exit(10);
		if (helper_receive(helper.socket, text, sizeof text - 1, NULL, NULL, 10000) <= 0)
			_exit(11);
		helper_stop(&helper);
		_exit(strncmp(text, "4 descriptors, standard 111,", 28) == 0 ? 0 : 12);
	}
	int status = -1;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void a_helper_that_is_not_there_is_named(void **state)
{
	struct helper helper = {7, 8, 9};
	struct hilf_err err = {0};
	int before = count_fds();
	(void)state;
	assert_int_equal(helper_start(&helper, dir, "hilf-nothing", NULL, &err), HILF_E_HELPER);
	assert_non_null(strstr(
		err.text, "/hilf-nothing': No such file or directory; is hilf installed whole?"));
	assert_int_equal(helper.pid, 7);
	assert_int_equal(helper_start(&helper, "/", "etc", NULL, &err), HILF_E_HELPER);
	assert_string_equal(err.text,
		"cannot run the helper '//etc': Permission denied; is hilf installed whole?");
	assert_int_equal(count_fds(), before);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nobody is left to reap */
}

static void one_that_does_not_leave_is_killed(void **state)
{
	struct helper helper = start("hang");
	pid_t pid = helper.pid;
	(void)state;
	helper_stop(&helper);
	assert_int_equal(kill(pid, 0), -1);
	assert_int_equal(errno, ESRCH);
}

static void nothing(int number)
{
	(void)number;
}

/* Signals that our program handles neither cut a wait short nor make it longer. */
static void a_signal_is_no_answer(void **state)
{
	struct helper helper = start("echo");
	struct sigaction action = {.sa_handler = nothing};
	const struct itimerval often = {{0, 2000}, {0, 2000}}, never = {{0, 0}, {0, 0}};
	char back[8];
	(void)state;
	assert_int_equal(sigaction(SIGALRM, &action, NULL), 0); /* without SA_RESTART */
	assert_int_equal(setitimer(ITIMER_REAL, &often, NULL), 0);
	assert_int_equal(
		helper_receive(helper.socket, back, sizeof back, NULL, NULL, 50), -ETIMEDOUT);
	assert_int_equal(helper_send(helper.socket, "x", 1, NULL, 0), 0);
	assert_int_equal(helper_receive(helper.socket, back, sizeof back, NULL, NULL, 10000), 1);
	struct helper slow = start("hang");
	helper_stop(&slow);
	helper_stop(&helper);
	setitimer(ITIMER_REAL, &never, NULL);
	signal(SIGALRM, SIG_DFL);
}

static volatile sig_atomic_t handled;

static void count_signal(int number)
{
	(void)number;
	handled = handled + 1;
}

/* A helper begins in our memory and with our handlers: none of what it changes is ours. */
static void starting_one_changes_nothing_of_ours(void **state)
{
	struct sigaction action = {.sa_handler = count_signal}, after;
	sigset_t some, before, now;
	(void)state;
	int fds = count_fds();
	assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
	sigemptyset(&some);
	sigaddset(&some, SIGUSR2);
	sigprocmask(SIG_BLOCK, &some, &before);
	for (int i = 0; i < 3; i++) {
		struct helper helper = start("echo");
		char back[8];
		assert_int_equal(helper_send(helper.socket, "x", 1, NULL, 0), 0);
		assert_int_equal(
			helper_receive(helper.socket, back, sizeof back, NULL, NULL, 10000), 1);
		helper_stop(&helper);
	}
	sigprocmask(SIG_SETMASK, &before, &now);
	assert_int_equal(sigismember(&now, SIGUSR2), 1);
	assert_int_equal(sigismember(&now, SIGUSR1), 0);
	assert_int_equal(sigaction(SIGUSR1, NULL, &after), 0);
	assert_true(after.sa_handler == count_signal);
	raise(SIGUSR1);
	for (int i = 0; i < 60000 && !handled; i++)
		usleep(1000); /* the thread sanitizer takes its time */
	assert_int_equal(handled, 1);
	signal(SIGUSR1, SIG_DFL);
	assert_int_equal(count_fds(), fds);
}

static void *start_and_stop(void *ctx)
{
	const char *const arguments[] = {"echo", NULL};
	for (int i = 0; i < 10; i++) {
		struct helper helper = HELPER_NONE;
		char back[8];
		bool good =
			helper_start(&helper, dir, name, arguments, NULL) == 0 &&
			helper_send(helper.socket, "x", 1, NULL, 0) == 0 &&
			helper_receive(helper.socket, back, sizeof back, NULL, NULL, 20000) == 1;
		helper_stop(&helper);
		if (!good)
			return ctx;
	}
	return NULL;
}

/* While signals come in, too: each is handled here, by nobody else. */
static void many_threads_start_helpers_at_once(void **state)
{
	enum { THREADS = 6 };
	pthread_t threads[THREADS];
	struct sigaction action = {.sa_handler = nothing, .sa_flags = SA_RESTART};
	const struct itimerval often = {{0, 1000}, {0, 1000}}, never = {{0, 0}, {0, 0}};
	int fds = count_fds();
	(void)state;
	assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &often, NULL), 0);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, start_and_stop, &fds), 0);
	for (int i = 0; i < THREADS; i++) {
		void *failed = NULL;
		pthread_join(threads[i], &failed);
		assert_null(failed);
	}
	setitimer(ITIMER_REAL, &never, NULL);
	signal(SIGALRM, SIG_DFL);
	assert_int_equal(count_fds(), fds);
}

/* A program that ignores its children: they are reaped behind our back. */
static void nobody_else_is_killed_where_children_are_ignored(void **state)
{
	(void)state;
	signal(SIGCHLD, SIG_IGN);
	struct helper helper = start("echo");
	pid_t pid = helper.pid;
	helper_stop(&helper);
	assert_int_equal(kill(pid, 0), -1);
	signal(SIGCHLD, SIG_DFL);
}

int main(int count, char **arguments, char **environment)
{
	if (count == 2)
		return play(arguments[1], environment);
	ssize_t size = readlink("/proc/self/exe", dir, sizeof dir - 1);
	if (size <= 0)
		return 1;
	name = strrchr(dir, '/') + 1;
	name[-1] = '\0';
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets_come_back_whole_with_their_descriptors),
		cmocka_unit_test(what_does_not_fit_is_refused_and_its_descriptors_closed),
		cmocka_unit_test(a_helper_inherits_its_socket_and_nothing_else),
		cmocka_unit_test(a_helper_has_the_standard_three_where_we_have_none),
		cmocka_unit_test(a_helper_that_is_not_there_is_named),
		cmocka_unit_test(one_that_does_not_leave_is_killed),
		cmocka_unit_test(a_signal_is_no_answer),
		cmocka_unit_test(starting_one_changes_nothing_of_ours),
		cmocka_unit_test(many_threads_start_helpers_at_once),
		cmocka_unit_test(nobody_else_is_killed_where_children_are_ignored),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
