/* The seal with the real helper: keys are made once and kept, signatures are good, and whatever is wrong with a key or
 * a message is said. */
#include "engine/seal.h"

#include "base/buf.h"
#include "base/check.h"
#include "base/limits.h"
#include "os/clock.h"
#include "os/file.h"
#include "test/unit.h"

#include <dirent.h>
#include <signal.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct fixture {
	char dir[64], key[100], helpers[400];
	struct seal *seal;
	struct hilf_err err;
};

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof *fixture);
	const char *build = getenv("HILF_BUILD");
	snprintf(fixture->dir, sizeof fixture->dir, "/tmp/hilf-seal-XXXXXX");
	if (!build || sodium_init() < 0 || !mkdtemp(fixture->dir))
		return -1;
	snprintf(fixture->key, sizeof fixture->key, "%s/key/node.key", fixture->dir);
	snprintf(fixture->helpers, sizeof fixture->helpers, "%s/src/proc", build);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;
	char command[100];
	seal_close(fixture->seal);
	snprintf(command, sizeof command, "rm -rf '%s'", fixture->dir);
	int rc = system(command);
	free(fixture);
	return rc;
}

static int open_seal(struct fixture *fixture, bool create)
{
	return seal_open(fixture->helpers, fixture->dir, create, &fixture->seal, &fixture->err);
}

static void reopen(struct fixture *fixture)
{
	seal_close(fixture->seal);
	fixture->seal = NULL;
	assert_int_equal(open_seal(fixture, false), 0);
}

/* Signs count messages that look like records, of growing sizes, and verifies each. */
static void sign_and_verify(struct fixture *fixture, size_t count, size_t size_max)
{
	struct seal_item *items = calloc(count, sizeof *items);
	uint8_t(*signatures)[64] = calloc(count, sizeof *signatures);
	for (size_t i = 0; i < count; i++) {
		size_t size = 40 + (size_max - 40) * i / count;
		char *bytes = malloc(size);
		memset(bytes, 'a' + (int)(i % 26), size);
		memcpy(bytes, "{\"author\":\"", 11);
		items[i] = (struct seal_item){bytes, size};
	}
	assert_int_equal(seal_sign(fixture->seal, items, count, signatures, &fixture->err), 0);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(crypto_sign_verify_detached(signatures[i], items[i].bytes,
					 items[i].size, seal_public_key(fixture->seal)),
			0);
		free((void *)items[i].bytes);
	}
	free(items);
	free(signatures);
}

static void a_key_is_made_at_first_use_and_kept(void **state)
{
	struct fixture *fixture = *state;
	struct stat status;
	uint8_t key[32];
	assert_int_equal(open_seal(fixture, true), 0);
	memcpy(key, seal_public_key(fixture->seal), sizeof key);
	assert_int_equal(stat(fixture->key, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	*strrchr(fixture->key, '/') = '\0';
	assert_int_equal(stat(fixture->key, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0700);
	reopen(fixture);
	assert_memory_equal(seal_public_key(fixture->seal), key, sizeof key);
}

static void signatures_are_good_however_many(void **state)
{
	struct fixture *fixture = *state;
	assert_int_equal(open_seal(fixture, true), 0);
	sign_and_verify(fixture, 1, 41);
	sign_and_verify(fixture, 2500, 60);
	sign_and_verify(fixture, 20, LIMIT_RECORD_SIZE + 1);
	assert_int_equal(seal_sign(fixture->seal, NULL, 0, NULL, &fixture->err), 0);
}

static void a_missing_key_is_made_only_when_asked_for(void **state)
{
	struct fixture *fixture = *state;
	assert_int_equal(open_seal(fixture, false), HILF_E_NOT_FOUND);
	assert_non_null(strstr(fixture->err.text, "restore it from a backup"));
	assert_null(fixture->seal);
}

static void change_key(struct fixture *fixture, size_t at, char to)
{
	struct buf buf = BUF_INIT;
	assert_int_equal(file_read(fixture->key, 1000, &buf, &fixture->err), 0);
	buf.data[at] = to;
	assert_int_equal(file_write(fixture->key, buf.data, buf.size, 0600, &fixture->err), 0);
	buf_free(&buf);
}

static void a_damaged_key_is_refused(void **state)
{
	struct fixture *fixture = *state;
	static const size_t places[] = {0, 11, 40, 75, 100, 140};
	assert_int_equal(open_seal(fixture, true), 0);
	seal_close(fixture->seal);
	fixture->seal = NULL;
	for (size_t i = 0; i < COUNT_OF(places); i++) {
		struct buf good = BUF_INIT;
		assert_int_equal(file_read(fixture->key, 1000, &good, &fixture->err), 0);
		change_key(fixture, places[i], good.data[places[i]] == '1' ? '2' : '1');
		assert_int_equal(open_seal(fixture, true), HILF_E_CORRUPT);
		assert_non_null(strstr(fixture->err.text, fixture->key));
		assert_int_equal(
			file_write(fixture->key, good.data, good.size, 0600, &fixture->err), 0);
		buf_free(&good);
	}
	assert_int_equal(file_write(fixture->key, "", 0, 0600, &fixture->err), 0);
	assert_int_equal(open_seal(fixture, true), HILF_E_CORRUPT);
}

static void a_key_that_others_may_read_is_refused(void **state)
{
	struct fixture *fixture = *state;
	assert_int_equal(open_seal(fixture, true), 0);
	assert_int_equal(chmod(fixture->key, 0640), 0);
	seal_close(fixture->seal);
	fixture->seal = NULL;
	assert_int_equal(open_seal(fixture, true), HILF_E_DENIED);
	assert_non_null(strstr(fixture->err.text, "chmod 600"));
}

static void of_many_first_users_one_key_wins(void **state)
{
	struct fixture *fixture = *state;
	enum { USERS = 6 };
	int results[2];
	uint8_t keys[USERS][32];
	assert_int_equal(pipe(results), 0);
	for (int i = 0; i < USERS; i++) {
		if (fork() == 0) {
			int rc = open_seal(fixture, true);
			if (!rc && write(results[1], seal_public_key(fixture->seal), 32) != 32)
				rc = 1;
			seal_close(fixture->seal);
			_exit(rc != 0);
		}
	}
	for (int i = 0; i < USERS; i++) {
		int status;
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	assert_int_equal(read(results[0], keys, sizeof keys), sizeof keys);
	for (int i = 1; i < USERS; i++)
		assert_memory_equal(keys[i], keys[0], 32);
	close(results[0]);
	close(results[1]);
	*strrchr(fixture->key, '/') = '\0';
	DIR *dir = opendir(fixture->key);
	unsigned count = 0;
	while (readdir(dir))
		count++;
	closedir(dir);
	assert_int_equal(count, 3); /* ".", ".." and the key: nothing is left aside */
}

static void only_records_are_signed(void **state)
{
	struct fixture *fixture = *state;
	const struct seal_item item = {"hilf.example\n1\nnot a record\n", 28};
	uint8_t signature[1][64];
	assert_int_equal(open_seal(fixture, true), 0);
	assert_int_equal(
		seal_sign(fixture->seal, &item, 1, signature, &fixture->err), HILF_E_INVALID);
	assert_false(seal_works(fixture->seal));
	assert_int_equal(
		seal_sign(fixture->seal, &item, 1, signature, &fixture->err), HILF_E_HELPER);
}

static pid_t only_child(void)
{
	char path[64];
	struct buf buf = BUF_INIT;
	snprintf(path, sizeof path, "/proc/self/task/%ld/children", (long)getpid());
	assert_int_equal(file_read(path, 1000, &buf, NULL), 0);
	pid_t pid = (pid_t)strtol(buf.data ? buf.data : "0", NULL, 10);
	buf_free(&buf);
	return pid;
}

static void a_helper_that_dies_is_an_error_and_no_crash(void **state)
{
	struct fixture *fixture = *state;
	const struct seal_item item = {"{\"author\":\"somebody\"}", 21};
	uint8_t signature[1][64];
	assert_int_equal(open_seal(fixture, true), 0);
	pid_t pid = only_child();
	if (!pid)
		skip_aloud("this kernel does not list children");
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(
		seal_sign(fixture->seal, &item, 1, signature, &fixture->err), HILF_E_HELPER);
	assert_false(seal_works(fixture->seal));
	reopen(fixture);
	assert_int_equal(seal_sign(fixture->seal, &item, 1, signature, &fixture->err), 0);
}

static void a_missing_helper_is_named(void **state)
{
	struct fixture *fixture = *state;
	snprintf(fixture->helpers, sizeof fixture->helpers, "/nowhere");
	assert_int_equal(open_seal(fixture, true), HILF_E_HELPER);
	assert_non_null(strstr(fixture->err.text, "/nowhere/hilf-seal"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(a_key_is_made_at_first_use_and_kept),
		TEST(signatures_are_good_however_many),
		TEST(a_missing_key_is_made_only_when_asked_for),
		TEST(a_damaged_key_is_refused),
		TEST(a_key_that_others_may_read_is_refused),
		TEST(of_many_first_users_one_key_wins),
		TEST(only_records_are_signed),
		TEST(a_helper_that_dies_is_an_error_and_no_crash),
		TEST(a_missing_helper_is_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
