/* A decoder in an attacker's hands (codec.c) can harm its own file's answer and nothing else: each deed leaves that file
 * undecided for the right reason, and the next file is decoded as ever. */
#include "test/image/sample.h"
#include "test/image/through.h"
#include "test/unit.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef HILF_SANITIZED
#define HILF_SANITIZED 0
#endif

#define HELPER_DIR "test/hostile"

static struct decode_pool *pool;
static struct decode_pool *hasty; /* for deeds that never end */
static struct buf good;           /* a PNG */
static struct hilf_content good_content;

static void decode_good(struct decode_pool *with)
{
	struct hilf_content content;
	through_decode(with, good.data, good.size, &content);
	if (!content.decided)
		fail_msg("%s: %s", content.reason_code, content.reason);
	assert_memory_equal(content.pictures, good_content.pictures, sizeof content.pictures);
	assert_memory_equal(content.sha256, good_content.sha256, sizeof content.sha256);
}

static void decode_deed(
	struct decode_pool *with, const char *deed, struct hilf_content *ret_content)
{
	char file[64];
	int size = snprintf(file, sizeof file, "HOSTILE %s", deed);
	through_decode(with, file, (size_t)size, ret_content);
}

static const struct {
	const char *deed, *code;
	size_t picture_count; /* kept of what it said before */
	bool sanitizers_too;
} cases[] = {
	{"open_file", "forbidden", 0, false}, /* the run-times open files themselves */
	{"make_file", "forbidden", 0, true},
	{"connect_out", "forbidden", 0, true},
	{"run_program", "forbidden", 0, true},
	{"make_child", "forbidden", 0, true},
	{"make_children", "forbidden", 0, true},
	{"make_thread", "forbidden", 0, false}, /* one of them has a thread itself */
	{"kill_helper", "forbidden", 0, true},
	{"kill_everybody", "forbidden", 0, true},
	{"trace_helper", "forbidden", 0, true},
	{"make_code", "forbidden", 0, true},
	{"leave_the_wall", "forbidden", 0, true},
	{"pass_a_descriptor", "forbidden", 0, true},
	{"listen_to_hilf", "forbidden", 0, true},
	{"truncate_input", "forbidden", 0, true},
	{"flood", "garbage", 0, true},
	{"flood_well_formed", "garbage", 1, true},
	{"send_garbage", "garbage", 0, true},
	{"send_nothing", "garbage", 0, true},
	{"send_an_empty_packet", "garbage", 0, true},
	{"lie_about_quality", "garbage", 0, true},
	{"lie_about_count", "garbage", 1, true},
	{"lie_about_order", "garbage", 0, true},
	{"send_two_heads", "garbage", 0, true},
	{"end_without_a_picture", "garbage", 0, true},
	{"play_the_helper", "garbage", 0, true},
	{"show_and_end", "garbage", 1, true}, /* nobody asked for it */
	{"show_no_announced_part", "garbage", 1, true},
	{"claim_a_timeout", "garbage", 0, true},
	{"claim_a_broken_wall", "crash", 0, true},
	{"answer_and_crash", "crash", 1, true},
	{"answer_and_fail", "crash", 1, true},
	{"spin", "timeout", 0, true},
	{"sleep_for_ever", "timeout", 0, true},
	{"take_memory", "crash", 0, false},
	{"take_stack", "crash", 0, true},
	{"crash", "crash", 0, true},
	{"give_up", "crash", 0, true},
	{"spoil_memory", "garbage", 0, true},
};

static void every_deed_leaves_its_file_undecided_and_the_next_one_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct hilf_content content;
		if (HILF_SANITIZED && !cases[i].sanitizers_too) {
			fprintf(stderr, "SKIPPED: %s: not with sanitizers\n", cases[i].deed);
			continue;
		}
		struct decode_pool *with = strcmp(cases[i].code, "timeout") == 0 ? hasty : pool;
		decode_deed(with, cases[i].deed, &content);
		if (content.decided || strcmp(content.reason_code, cases[i].code) != 0 ||
			content.picture_count != cases[i].picture_count)
			fail_msg("%s: %s (%s), %zu pictures", cases[i].deed, content.reason_code,
				content.reason, content.picture_count);
		assert_true(content.digests);
		decode_good(pool);
	}
}

static const struct {
	const char *deed, *code; /* "": it is decided */
	size_t picture_count, preview_count;
} showings[] = {
	{"show_and_end", "", 1, 1},
	{"show_and_crash", "crash", 1, 0},
	{"show_before_the_picture", "garbage", 0, 0},
	{"show_too_many", "garbage", 1, 0},
	{"show_more_than_said", "garbage", 1, 0},
	{"show_less_than_said", "garbage", 1, 0},
	{"show_no_announced_part", "garbage", 1, 0},
	{"show_a_part_more", "garbage", 1, 0},
	{"show_another_size", "garbage", 1, 0},
	{"show_a_page_of_script", "garbage", 1, 0},
	{"show_no_end", "garbage", 1, 0},
	{"show_too_large", "garbage", 1, 0},
	{"flood_well_formed", "garbage", 1, 0},
	{"crash", "crash", 0, 0},
};

static void what_a_decoder_shows_is_believed_only_by_its_form(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof showings / sizeof *showings; i++) {
		struct hilf_content content;
		struct previews previews;
		char file[64];
		int size = snprintf(file, sizeof file, "HOSTILE %s", showings[i].deed);
		through_show(pool, file, (size_t)size, &content, &previews);
		if (content.decided != !*showings[i].code ||
			strcmp(content.reason_code, showings[i].code) != 0 ||
			content.picture_count != showings[i].picture_count ||
			previews.count != showings[i].preview_count)
			fail_msg("%s: %s (%s), %zu pictures, %zu previews", showings[i].deed,
				content.reason_code, content.reason, content.picture_count,
				previews.count);
		previews_clear(&previews);
		decode_good(pool);
	}
}

struct change {
	int fd;
	off_t size;
};

static void *change_later(void *argument)
{
	const struct change *change = argument;
	nanosleep(&(struct timespec){0, 200 * 1000 * 1000}, NULL);
	return ftruncate(change->fd, change->size) == 0 ? NULL : argument;
}

static void decode_while_it_changes(off_t size, struct hilf_content *content)
{
	static const char deed[] = "HOSTILE sleep_for_ever";
	struct change change = {memfd_create("changing", MFD_CLOEXEC), size};
	pthread_t thread;
	assert_int_equal(write(change.fd, deed, sizeof deed - 1), sizeof deed - 1);
	assert_int_equal(pthread_create(&thread, NULL, change_later, &change), 0);
	assert_int_equal(decode_file(hasty, change.fd, 0, content, NULL), 0);
	pthread_join(thread, NULL);
	close(change.fd);
}

/* While its decoder sleeps. */
static void a_file_that_changes_meanwhile_is_undecided(void **state)
{
	(void)state;
	for (off_t size = 0; size < 100; size += 50) {
		struct hilf_content content;
		int tries = 0;
		do /* where the machine stands still, the change may come when the decoder has ended */
			decode_while_it_changes(size, &content);
		while (strcmp(content.reason_code, "timeout") == 0 && ++tries < 20);
		assert_false(content.decided);
		assert_string_equal(content.reason_code, "changed");
		assert_false(content.digests);
	}
	decode_good(pool);
}

/* ------------------------------------------------------------------------------------------- the helpers */

#define CHILDREN_MAX 64

/* The children of this process, dead ones that nobody asked after included. */
static size_t find_children(pid_t *ret_children)
{
	char path[64];
	size_t count = 0;
	int pid;
	snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
	FILE *file = fopen(path, "r");
	while (file && count < CHILDREN_MAX && fscanf(file, "%d", &pid) == 1)
		ret_children[count++] = pid;
	if (file)
		fclose(file);
	return count;
}

static void a_helper_that_died_is_replaced(void **state)
{
	(void)state;
	pid_t children[CHILDREN_MAX];
	decode_good(pool);
	size_t count = find_children(children);
	if (!count)
		skip_aloud("this kernel does not list children");
	for (size_t i = 0; i < count; i++)
		kill(children[i], SIGKILL);
	decode_good(pool);
}

struct worker {
	pthread_t thread;
	struct decode_pool *pool;
	unsigned number;
	bool good;
};

static int decode_bytes(
	struct decode_pool *with, const void *bytes, size_t size, struct hilf_content *content)
{
	int fd = memfd_create("worker", MFD_CLOEXEC);
	int rc = write(fd, bytes, size) == (ssize_t)size ? decode_file(with, fd, 0, content, NULL)
							 : -1;
	close(fd);
	return rc;
}

static void *work(void *argument)
{
	struct worker *worker = argument;
	static const char *const evil[] = {"HOSTILE crash", "HOSTILE open_socket",
		"HOSTILE send_garbage", "HOSTILE connect_out"};
	worker->good = true;
	for (unsigned i = 0; i < 12; i++) {
		struct hilf_content content;
		const char *deed = evil[(worker->number + i) % 4];
		if (i % 2)
			worker->good &=
				decode_bytes(worker->pool, deed, strlen(deed), &content) == 0 &&
				!content.decided;
		else
			worker->good &=
				decode_bytes(worker->pool, good.data, good.size, &content) == 0 &&
				content.decided &&
				memcmp(content.pictures, good_content.pictures,
					sizeof content.pictures) == 0;
	}
	return NULL;
}

static void many_threads_share_few_helpers(void **state)
{
	(void)state;
	struct worker workers[6];
	struct decode_pool *two = through_open_with(HELPER_DIR, 2, 60000, false);
	for (unsigned i = 0; i < 6; i++) {
		workers[i] = (struct worker){.pool = two, .number = i};
		assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
	}
	for (unsigned i = 0; i < 6; i++) {
		pthread_join(workers[i].thread, NULL);
		assert_true(workers[i].good);
	}
	decode_pool_free(two);
}

/* Runs act in a process of its own; its exit status. */
static int status_of(int (*act)(void))
{
	int status = 0;
	pid_t pid = fork();
	if (pid == 0)
		_exit(act());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static int decode_for_ever(void)
{
	struct hilf_content content;
	struct decode_pool *own = through_open(HELPER_DIR, 60000);
	decode_deed(own, "spin", &content);
	return 1;
}

static void helpers_and_children_die_with_hilf(void **state)
{
	(void)state;
	pid_t children[CHILDREN_MAX];
	size_t before = find_children(children), now = 0;
	/* Orphans become children of this process, which can then wait for their end. */
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
	pid_t pid = fork();
	if (pid == 0)
		_exit(decode_for_ever());
	nanosleep(&(struct timespec){0, 300 * 1000 * 1000}, NULL);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	/* The helper that served it, and its spinning child; those of the pools here stay. */
	for (int i = 0; i < 2500; i++) { /* 50 s: less than it would spin */
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		now = find_children(children);
		if (now == before)
			break;
		nanosleep(&(struct timespec){0, 20 * 1000 * 1000}, NULL);
	}
	prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
	assert_int_equal(now, before);
	decode_good(pool);
}

/* --------------------------------------------------------------------------------------------- the walls */

/* What a decode answers where a system call is refused to everybody from here on. */
static int decode_without(int call)
{
	struct hilf_err err = {.text = ""};
	struct decode_pool *own = through_open(HELPER_DIR, 60000);
	unsigned walls;
	char formats[64];
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	if (!filter || seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), call, 0) ||
		seccomp_load(filter))
		return 100;
	int rc = decode_pool_walls(own, &walls, formats, sizeof formats, &err);
	if (rc == HILF_E_SANDBOX && strstr(err.text, "hilf doctor"))
		return 7;
	fprintf(stderr, "%d %s\n", rc, err.text);
	return 1;
}

static int decode_without_seccomp(void)
{
	return decode_without(SCMP_SYS(seccomp));
}

static int decode_without_limits(void)
{
	return decode_without(SCMP_SYS(prlimit64));
}

static int decode_without_optional_walls(void)
{
	struct decode_pool *own = through_open(HELPER_DIR, 60000);
	unsigned walls = 0;
	char formats[64];
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	if (!filter ||
		seccomp_rule_add(
			filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(landlock_create_ruleset), 0) ||
		seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(unshare), 0) ||
		seccomp_load(filter))
		return 100;
	if (decode_pool_walls(own, &walls, formats, sizeof formats, NULL) != 0 ||
		(walls & 0x1f) != 7)
		return 1;
	decode_good(own);
	decode_pool_free(own);
	return 7;
}

static void without_a_mandatory_wall_nothing_is_decoded(void **state)
{
	(void)state;
	assert_int_equal(status_of(decode_without_seccomp), 7);
	if (HILF_SANITIZED)
		skip_aloud("the sanitizers need their limits themselves");
	assert_int_equal(status_of(decode_without_limits), 7);
}

static void without_an_optional_wall_decoding_goes_on(void **state)
{
	(void)state;
	assert_int_equal(status_of(decode_without_optional_walls), 7);
}

static int decode_insecurely(void)
{
	struct decode_pool *own = through_open_with(HELPER_DIR, 1, 0, true);
	char text[256] = "", formats[64];
	unsigned walls = 77;
	int fds[2];
	if (pipe(fds) != 0 || dup2(fds[1], 2) != 2 ||
		decode_pool_walls(own, &walls, formats, sizeof formats, NULL) != 0)
		return 1;
	decode_good(own);
	ssize_t size = read(fds[0], text, sizeof text - 1);
	decode_pool_free(own);
	return walls == 0 && size > 0 && strstr(text, "WITHOUT THE SANDBOX") ? 7 : 2;
}

static void decoding_without_the_wall_must_be_asked_for_and_is_said_aloud(void **state)
{
	(void)state;
	assert_int_equal(status_of(decode_insecurely), 7);
}

static int open_pool(void **state)
{
	(void)state;
	pool = through_open(HELPER_DIR, 60000);
	hasty = through_open(HELPER_DIR, 1500);
	return through_good(pool, &good, &good_content) ? 0 : -1;
}

static int close_pool(void **state)
{
	(void)state;
	decode_pool_free(pool);
	decode_pool_free(hasty);
	buf_free(&good);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_deed_leaves_its_file_undecided_and_the_next_one_whole),
		cmocka_unit_test(what_a_decoder_shows_is_believed_only_by_its_form),
		cmocka_unit_test(a_file_that_changes_meanwhile_is_undecided),
		cmocka_unit_test(a_helper_that_died_is_replaced),
		cmocka_unit_test(many_threads_share_few_helpers),
		cmocka_unit_test(helpers_and_children_die_with_hilf),
		cmocka_unit_test(without_a_mandatory_wall_nothing_is_decoded),
		cmocka_unit_test(without_an_optional_wall_decoding_goes_on),
		cmocka_unit_test(decoding_without_the_wall_must_be_asked_for_and_is_said_aloud),
	};
	return cmocka_run_group_tests(tests, open_pool, close_pool);
}
