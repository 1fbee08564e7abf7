/* Each case runs in a process of its own, which enters a promise and then keeps or breaks it. */
#include "os/sandbox.h"

#include "test/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef HILF_SANITIZED
#define HILF_SANITIZED 0
#endif

#define NO_WALL 99

static const struct sandbox_promise reader = {.name = "test",
	.calls = SANDBOX_READ | SANDBOX_WRITE,
	.descriptors = 4,
	.open_files = 8,
	.cpu_seconds = 1,
	.memory_size = 32 << 20};

typedef int deed(void);

/* The wait status of a process that enters the promise and returns what the deed returns. */
static int status_of(const struct sandbox_promise *promise, deed *act)
{
	int status = 0;
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		unsigned walls = 0;
		struct hilf_err err;
		/* cmocka would go on with its tests in here. */
		signal(SIGSEGV, SIG_DFL);
		signal(SIGABRT, SIG_DFL);
		if (sandbox_enter(promise, &walls, &err) != 0 ||
			(walls & SANDBOX_WALLS_MANDATORY) != SANDBOX_WALLS_MANDATORY)
			_exit(NO_WALL);
		_exit(act());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void assert_killed(const struct sandbox_promise *promise, deed *act, int number)
{
	int status = status_of(promise, act);
	if (!WIFSIGNALED(status) || WTERMSIG(status) != number)
		fail_msg("ended with status %x, not by signal %d", (unsigned)status, number);
}

static void assert_exits(const struct sandbox_promise *promise, deed *act, int number)
{
	int status = status_of(promise, act);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != number)
		fail_msg("ended with status %x, not %d", (unsigned)status, number);
}

/* ------------------------------------------------------------------------------------------------- deeds */

static int use_memory_and_output(void)
{
	char *memory = malloc(1 << 20);
	if (!memory || write(1, "", 0) != 0)
		return 1;
	memset(memory, 1, 1 << 20);
	free(memory);
	return 7;
}

static int open_file(void)
{
	return open("/etc/passwd", HILF_SANITIZED ? O_RDWR : O_RDONLY) < 0 ? 1 : 2;
}

static int make_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) < 0 ? 1 : 2;
}

static int run_program(void)
{
	char *const arguments[] = {(char *)"true", NULL};
	execv("/bin/true", arguments);
	return 1;
}

static int make_child(void)
{
	return syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL) < 0 ? 1 : 2;
}

static int kill_somebody(void)
{
	return kill(1, 0) < 0 ? 1 : 2;
}

static int signal_first_process(void)
{
	return syscall(SYS_tgkill, 1, 1, 0) < 0 && errno == EPERM ? 7 : 1;
}

static int trace_somebody(void)
{
	return ptrace(PTRACE_ATTACH, 1, NULL, NULL) < 0 ? 1 : 2;
}

static int map_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
			       MAP_FAILED
		       ? 1
		       : 2;
}

static int turn_into_code(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return page == MAP_FAILED ? 3 : mprotect(page, 4096, PROT_READ | PROT_EXEC) != 0 ? 1 : 2;
}

static int take_memory(void)
{
	/* More than the promise in one piece, and in many. */
	if (malloc(48 << 20))
		return 1;
	for (int i = 0; i < 64; i++)
		if (!malloc(1 << 20))
			return 7;
	return 2;
}

static int spin(void)
{
	volatile bool on = true;
	while (on)
		;
	return 1;
}

static int give_up(void)
{
	abort();
}

static int use_descriptor_9(void)
{
	return write(9, "x", 1) < 0 && errno == EBADF ? 7 : 1;
}

static void *hello(void *argument)
{
	*(int *)argument = 7;
	return NULL;
}

static int start_thread(void)
{
	pthread_t thread;
	int done = 0;
	if (pthread_create(&thread, NULL, hello, &done) != 0)
		return 1;
	pthread_join(thread, NULL);
	return done;
}

static int new_user_space(void)
{
	return syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL) < 0 ? 1 : 2;
}

/* ------------------------------------------------------------------------------------------------- tests */

static void what_is_promised_works(void **state)
{
	(void)state;
	assert_exits(&reader, use_memory_and_output, 7);
}

static void a_call_outside_the_promise_is_death(void **state)
{
	(void)state;
	assert_killed(&reader, open_file, SIGSYS);
	assert_killed(&reader, make_socket, SIGSYS);
	assert_killed(&reader, run_program, SIGSYS);
	assert_killed(&reader, make_child, SIGSYS);
	assert_killed(&reader, kill_somebody, SIGSYS);
	assert_killed(&reader, trace_somebody, SIGSYS);
	assert_killed(&reader, new_user_space, SIGSYS);
}

static void memory_never_becomes_code(void **state)
{
	(void)state;
	assert_killed(&reader, map_code, SIGSYS);
	assert_killed(&reader, turn_into_code, SIGSYS);
}

static void nobody_else_can_be_signalled(void **state)
{
	(void)state;
	if (HILF_SANITIZED)
		skip_aloud("the run-time of the sanitizers signals itself");
	assert_exits(&reader, signal_first_process, 7);
}

static void memory_ends_at_its_limit(void **state)
{
	(void)state;
	if (HILF_SANITIZED)
		skip_aloud("the sanitizers map more than any limit");
	assert_exits(&reader, take_memory, 7);
}

static void time_ends_at_its_limit(void **state)
{
	(void)state;
	assert_killed(&reader, spin, SIGXCPU);
}

static void an_abort_is_a_crash_and_no_forbidden_call(void **state)
{
	(void)state;
	int status = status_of(&reader, give_up);
	assert_true(WIFSIGNALED(status));
	assert_int_not_equal(WTERMSIG(status), SIGSYS);
}

static void other_descriptors_are_closed(void **state)
{
	(void)state;
	int high = dup2(1, 9);
	assert_int_equal(high, 9);
	assert_exits(&reader, use_descriptor_9, 7);
	close(9);
}

static void threads_start_only_where_promised(void **state)
{
	(void)state;
	struct sandbox_promise threads = reader;
	threads.calls |= SANDBOX_THREADS;
	threads.memory_size = 256 << 20;
	assert_exits(&threads, start_thread, 7);
	assert_killed(&threads, make_child, SIGSYS);
	assert_killed(&threads, new_user_space, SIGSYS);
#ifndef __SANITIZE_THREAD__
	assert_killed(&reader, start_thread, SIGSYS);
#endif
}

static const struct sandbox_promise zygote = {.name = "test zygote",
	.calls = SANDBOX_READ | SANDBOX_WRITE | SANDBOX_CHILDREN,
	.descriptors = 4,
	.open_files = 8,
	.cpu_seconds = SANDBOX_UNLIMITED};

/* ------------------------------------------------------------------------------------- network and files */

static const char *const readable[] = {"/etc/passwd", "/nowhere/at/all", NULL};

static const struct sandbox_promise streamer = {.name = "test streams",
	.calls = SANDBOX_MESSAGES | SANDBOX_STREAMS,
	.descriptors = 4,
	.open_files = 8,
	.cpu_seconds = 1};
static const struct sandbox_promise dialler = {.name = "test dialler",
	.calls = SANDBOX_MESSAGES | SANDBOX_DIAL | SANDBOX_FILES,
	.descriptors = 4,
	.open_files = 8,
	.cpu_seconds = 1,
	.readable = readable};

static int use_streams(void)
{
	int pair[2];
	char c = 0;
	return socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0 && send(pair[0], "x", 1, 0) == 1 &&
			       recv(pair[1], &c, 1, 0) == 1 && c == 'x'
		       ? 7
		       : 1;
}

/* It is told that it went well, and goes nowhere. */
static int connect_again(void)
{
	int pair[2];
	struct sockaddr nobody = {.sa_family = AF_UNSPEC};
	char c = 0;
	return socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0 &&
			       connect(pair[0], &nobody, sizeof nobody) == 0 &&
			       send(pair[0], "x", 1, 0) == 1 && recv(pair[1], &c, 1, 0) == 1
		       ? 7
		       : 1;
}

static int refused_sockets(const int *families, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (socket(families[i], SOCK_STREAM, 0) >= 0 || errno != EACCES)
			return 1;
	return 7;
}

static int make_any_socket(void)
{
	static const int families[] = {AF_INET, AF_INET6, AF_UNIX, AF_NETLINK, AF_PACKET};
	return refused_sockets(families, sizeof families / sizeof *families);
}

static int make_other_sockets(void)
{
	static const int families[] = {AF_UNIX, AF_NETLINK, AF_PACKET, AF_VSOCK};
	return refused_sockets(families, sizeof families / sizeof *families);
}

static int make_internet_sockets(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) >= 0 && socket(AF_INET, SOCK_DGRAM, 0) >= 0 ? 7 : 1;
}

static int bind_a_socket(void)
{
	struct sockaddr any = {.sa_family = AF_INET};
	return bind(0, &any, sizeof any) != 0 ? 1 : 2;
}

static int read_a_file(void)
{
	char c;
	int fd = open("/etc/passwd", O_RDONLY);
	return fd >= 0 && read(fd, &c, 1) == 1 ? 7 : 1;
}

static int read_another_file(void)
{
	return open("/etc/group", O_RDONLY) < 0 && errno == EACCES ? 7 : 1;
}

static int write_a_file(void)
{
	return open("/etc/passwd", O_WRONLY) < 0 ? 1 : 2;
}

static int make_a_file(void)
{
	return open("/tmp/hilf-sandbox-test", O_RDONLY | O_CREAT, 0600) < 0 ? 1 : 2;
}

static void streams_lead_where_they_led(void **state)
{
	(void)state;
	assert_exits(&streamer, use_streams, 7);
	assert_exits(&streamer, connect_again, 7);
	assert_exits(&streamer, make_any_socket, 7);
	assert_killed(&streamer, bind_a_socket, SIGSYS);
}

static void who_dials_makes_internet_sockets_alone(void **state)
{
	(void)state;
	assert_exits(&dialler, make_internet_sockets, 7);
	assert_exits(&dialler, make_other_sockets, 7);
	assert_killed(&dialler, bind_a_socket, SIGSYS);
	assert_killed(&dialler, run_program, SIGSYS);
}

static void files_are_read_where_promised(void **state)
{
	(void)state;
	assert_exits(&dialler, read_a_file, 7);
	assert_killed(&dialler, write_a_file, SIGSYS);
	assert_killed(&dialler, make_a_file, SIGSYS);
	if (HILF_SANITIZED || !(sandbox_walls_known() & SANDBOX_WALL_LANDLOCK))
		skip_aloud("without Landlock every file can be read, and sanitizers read some");
	assert_exits(&dialler, read_another_file, 7);
}

static const char *const narrower[] = {"/etc/group", NULL};

/* What the parent may read and the child as well: nothing, here. */
static int read_narrowed(void)
{
	int status = 0;
	pid_t pid = fork();
	if (pid == 0)
		_exit(!sandbox_enter_files(narrower) ? NO_WALL
			: open("/etc/passwd", O_RDONLY) < 0 && open("/etc/group", O_RDONLY) < 0
				? 7
				: 1);
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status)
									       : NO_WALL;
}

static void a_child_reads_less_than_its_parent(void **state)
{
	struct sandbox_promise parent = dialler;
	(void)state;
	if (HILF_SANITIZED || !(sandbox_walls_known() & SANDBOX_WALL_LANDLOCK))
		skip_aloud("this needs Landlock, and no sanitizer");
	parent.calls |= SANDBOX_CHILDREN;
	assert_exits(&parent, read_narrowed, 7);
}

static struct sandbox_filter *filter;

/* The child of a process that is walled in itself ends as the deed makes it end. */
static int child_ends(deed *act)
{
	int status = 0;
	pid_t pid = fork();
	if (pid < 0)
		return NO_WALL;
	if (pid == 0)
		_exit(sandbox_enter_child(&reader, filter) ? NO_WALL : act());
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
}

static int keep_children(void)
{
	/* The zygote itself may fork, its child may not. */
	if (child_ends(use_memory_and_output) != 7)
		return 1;
	if (child_ends(make_child) != SIGSYS)
		return 2;
	return child_ends(open_file) == SIGSYS ? 7 : 3;
}

static void a_child_enters_a_promise_made_ahead(void **state)
{
	(void)state;
	assert_int_equal(sandbox_filter_new(&reader, &filter, NULL), 0);
	assert_exits(&zygote, keep_children, 7);
	sandbox_filter_free(filter);
}

static void walls_have_names(void **state)
{
	(void)state;
	char text[128];
	sandbox_walls_text(SANDBOX_WALLS_MANDATORY, text, sizeof text);
	assert_string_equal(text, "seccomp, rlimits, no_new_privs");
	sandbox_walls_text(SANDBOX_WALLS_ALL, text, 12);
	assert_true(strlen(text) < 12);
	assert_int_equal(sandbox_walls_known() & SANDBOX_WALLS_MANDATORY, SANDBOX_WALLS_MANDATORY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_promised_works),
		cmocka_unit_test(a_call_outside_the_promise_is_death),
		cmocka_unit_test(memory_never_becomes_code),
		cmocka_unit_test(nobody_else_can_be_signalled),
		cmocka_unit_test(memory_ends_at_its_limit),
		cmocka_unit_test(time_ends_at_its_limit),
		cmocka_unit_test(an_abort_is_a_crash_and_no_forbidden_call),
		cmocka_unit_test(other_descriptors_are_closed),
		cmocka_unit_test(threads_start_only_where_promised),
		cmocka_unit_test(a_child_enters_a_promise_made_ahead),
		cmocka_unit_test(streams_lead_where_they_led),
		cmocka_unit_test(who_dials_makes_internet_sockets_alone),
		cmocka_unit_test(files_are_read_where_promised),
		cmocka_unit_test(a_child_reads_less_than_its_parent),
		cmocka_unit_test(walls_have_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
