/* Snapshots whose saving or loading is broken off, cut short of memory or refused by the disk, and that many threads use while
 * they are read (to be run under the thread sanitizer as well). The truth is the linear kind, given the same. */
#include "index/snapshot_test.h"

#include <pthread.h>
#include <sys/wait.h>

/* -------------------------------------------------------------------------------- saving that is broken off */

/* The snapshot in the folder is that of one of the two, whole. */
static const struct pair *whose(const struct pair *a, const struct pair *b)
{
	struct index *index = NULL;
	struct index_stamp stamp;
	int rc = ours->load(&index, dir, &a->stamp, &stamp, &err);
	if (rc != HILF_OK)
		fail_msg("%d: %s", rc, err.text);
	assert_true(stamp.seq == a->stamp.seq || stamp.seq == b->stamp.seq);
	const struct pair *pair = stamp.seq == a->stamp.seq ? a : b;
	assert_int_equal(compare(index, pair), HILF_OK);
	assert_int_equal(warm_all(index), HILF_OK);
	ours->close(index);
	return pair;
}

static void make_two(struct pair *old, struct pair *new)
{
	pair_open(old, 1, 8000);
	pair_open(new, 2, 8000);
	pair_add(old, 1000, 5000, 0);
	pair_add(new, 1500, 5000, 0);
	for (unsigned i = 0; i < 3; i++)
		pair_add(new, 400, 100, 0);
	pair_add(new, 40, 1, 0);
	pair_remove(new, 3);
}

static void a_save_that_is_killed_leaves_the_old_or_the_new(void **state)
{
	struct pair old, new;
	unsigned old_ones = 0, new_ones = 0;
	(void)state;
	make_two(&old, &new);
	pair_save(&new);
	size_t file_count = list_files().count;
	for (long nth = 1;; nth++) {
		int status;
		assert_int_equal(ours->drop(dir, &err), HILF_OK);
		pair_save(&old);
		pid_t child = fork();
		assert_true(child >= 0);
		if (child == 0) {
			fail_writes = (struct failing){nth, 0};
			_exit(ours->save(new.ours, dir, &new.stamp, NULL) == HILF_OK ? 7 : 8);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFEXITED(status));
		bool completed = WEXITSTATUS(status) == 7;
		assert_true(completed || WEXITSTATUS(status) == 0);
		const struct pair *found = whose(&old, &new);
		old_ones += found == &old;
		new_ones += found == &new;
		if (completed) {
			assert_ptr_equal(found, &new);
			break;
		}
		/* Nothing of it is in the way of the next one, or left after it. */
		pair_save(&new);
		assert_int_equal(list_files().count, file_count);
		assert_ptr_equal(whose(&old, &new), &new);
	}
	assert_true(old_ones > 10 && new_ones > 3);
	pair_close(&old);
	pair_close(&new);
}

static void a_disk_that_refuses_leaves_the_old_or_the_new(void **state)
{
	static const int codes[] = {ENOSPC, EIO};
	struct pair old, new;
	(void)state;
	make_two(&old, &new);
	pair_save(&new);
	size_t file_count = list_files().count;
	for (size_t i = 0; i < COUNT_OF(codes); i++) {
		long nth = 0;
		for (bool failed = true; failed;) {
			assert_int_equal(ours->drop(dir, &err), HILF_OK);
			pair_save(&old);
			fail_writes = (struct failing){++nth, codes[i]};
			int rc = ours->save(new.ours, dir, &new.stamp, &err);
			failed = fail_writes.after == 0;
			fail_writes.after = 0;
			const struct pair *found = whose(&old, &new);
			if (rc == HILF_OK) {
				assert_ptr_equal(found, &new);
			} else {
				assert_int_equal(rc, HILF_E_IO);
				assert_int_equal(err.sys, codes[i]);
			}
			pair_save(&new);
			assert_int_equal(list_files().count, file_count);
		}
		assert_true(nth > 15);
	}
	pair_close(&old);
	pair_close(&new);
}

static void without_memory_nothing_is_lost(void **state)
{
	struct pair old, new;
	long nth = 0;
	(void)state;
	make_two(&old, &new);
	pair_save(&old);
	for (bool failed = true; failed;) {
		fail_memory = (struct failing){++nth, ENOMEM};
		int rc = ours->save(new.ours, dir, &new.stamp, &err);
		failed = fail_memory.after == 0;
		fail_memory.after = 0;
		assert_true(rc == HILF_OK || (failed && rc == HILF_E_NO_MEMORY));
		assert_ptr_equal(whose(&old, &new), rc == HILF_OK ? &new : &old);
		if (rc == HILF_OK)
			pair_save(&old);
	}
	assert_true(nth > 10);
	pair_save(&new);
	nth = 0;
	for (bool failed = true; failed;) {
		struct index *index = NULL;
		struct index_stamp stamp;
		fail_memory = (struct failing){++nth, ENOMEM};
		int rc = ours->load(&index, dir, &new.stamp, &stamp, &err);
		failed = fail_memory.after == 0;
		fail_memory.after = 0;
		assert_int_equal(rc, failed ? HILF_E_NO_MEMORY : HILF_OK);
		if (rc == HILF_OK)
			assert_int_equal(compare(index, &new), HILF_OK);
		ours->close(index);
	}
	assert_true(nth > 10);
	pair_close(&old);
	pair_close(&new);
}

static void a_disk_that_does_not_read_is_no_answer(void **state)
{
	struct pair pair;
	struct index_stamp stamp;
	unsigned refusals = 0;
	long nth = 0;
	(void)state;
	pair_open(&pair, 1, 2000);
	pair_add(&pair, 1000, 5000, 0);
	pair_save(&pair);
	for (bool failed = true; failed;) {
		struct index *index = NULL;
		fail_reads = (struct failing){++nth, EIO};
		int rc = ours->load(&index, dir, &pair.stamp, &stamp, &err);
		if (rc == HILF_OK) {
			rc = compare(index, &pair);
			if (rc < 0)
				assert_non_null(
					strstr(err.text, "cannot be read: Input/output error"));
			ours->close(index);
		}
		failed = fail_reads.after == 0;
		fail_reads.after = 0;
		assert_int_equal(rc < 0, failed);
		refusals += failed;
	}
	assert_true(refusals > 8);
	pair_close(&pair);
}

/* ------------------------------------------------------------------------------------------ many threads */

struct user {
	pthread_t thread;
	struct index *index;
	const struct pair *pair;
	const struct pair *other;
	uint64_t seed;
	_Atomic(bool) *done;
	unsigned wrong;
	_Atomic(unsigned) times;
};

static void *ask_again_and_again(void *ctx)
{
	struct user *user = ctx;
	while (!atomic_load(user->done)) {
		struct index_hit hits[8];
		struct index_hits answer = {hits, 8, 0, 0};
		user->seed = user->seed * 6364136223846793005u + 1442695040888963407u;
		size_t wanted = (user->seed >> 33) % user->pair->count;
		int rc = ours->find(user->index, user->pair->values + wanted * SIZE, 0, NULL, NULL,
			&answer, NULL);
		user->wrong += rc < 0 || answer.total == 0;
		user->times++;
	}
	return NULL;
}

static void *warm_up(void *ctx)
{
	struct user *user = ctx;
	for (bool more = true; more && !atomic_load(user->done); user->times++)
		user->wrong += ours->warm(user->index, 1, &more, NULL) < 0;
	return NULL;
}

static void a_cold_index_is_asked_while_it_is_changed_and_saved(void **state)
{
	struct user users[5];
	_Atomic(bool) done = false;
	struct pair pair;
	(void)state;
	pair_open(&pair, 9, 60000);
	pair_add(&pair, 20000, 5000, 0);
	pair_save(&pair);
	struct index *index = load(&pair);
	struct pair asked = pair; /* what it holds from the beginning */
	ours->close(pair.ours);
	pair.ours = index;
	for (unsigned i = 0; i < COUNT_OF(users); i++) {
		users[i] =
			(struct user){.index = index, .pair = &asked, .seed = i + 1, .done = &done};
		assert_int_equal(pthread_create(&users[i].thread, NULL,
					 i == 0 ? warm_up : ask_again_and_again, &users[i]),
			0);
	}
	for (unsigned round = 0; round < 40; round++) {
		bool more;
		uint32_t link = (uint32_t)pair.count + 1;
		pair_add(&pair, 100 + 20 * round, round % 7 ? 9 : 5000, 0);
		pair_remove(&pair, link);
		assert_int_equal(ours->maintain(index, &more, &err), HILF_OK);
		if (round % 10 == 3)
			pair_save(&pair);
	}
	for (unsigned i = 0; i < COUNT_OF(users); i++)
		while (!atomic_load(&users[i].times))
			usleep(1000);
	atomic_store(&done, true);
	for (unsigned i = 0; i < COUNT_OF(users); i++) {
		pthread_join(users[i].thread, NULL);
		assert_int_equal(users[i].wrong, 0);
		assert_true(users[i].times > 0);
	}
	assert_int_equal(compare(index, &pair), HILF_OK);
	pair_close(&pair);
}

static void *load_again_and_again(void *ctx)
{
	struct user *user = ctx;
	do {
		struct index *index = NULL;
		struct index_stamp stamp;
		int rc = ours->load(&index, dir, &user->pair->stamp, &stamp, NULL);
		user->times++;
		if (rc < 0) {
			user->wrong++;
			continue;
		}
		const struct pair *pair =
			stamp.seq == user->pair->stamp.seq ? user->pair : user->other;
		for (size_t i = 0; i < pair->count; i += 37) {
			struct index_hits answer = {NULL, 0, 0, 0};
			rc = ours->find(
				index, pair->values + i * SIZE, 0, NULL, NULL, &answer, NULL);
			user->wrong += rc < 0 || (answer.total == 0 && i != 2);
		}
		ours->close(index);
	} while (!atomic_load(user->done));
	return NULL;
}

/* Its levels may go between the reading of a manifest and their opening. */
static void a_snapshot_may_be_replaced_while_it_is_loaded(void **state)
{
	_Atomic(bool) done = false;
	struct pair old, new;
	(void)state;
	make_two(&old, &new);
	pair_save(&old);
	struct user user = {.pair = &old, .other = &new, .done = &done};
	assert_int_equal(pthread_create(&user.thread, NULL, load_again_and_again, &user), 0);
	for (unsigned i = 0; i < 60; i++)
		pair_save(i % 2 ? &old : &new);
	atomic_store(&done, true);
	pthread_join(user.thread, NULL);
	assert_int_equal(user.wrong, 0);
	assert_true(user.times > 0);
	pair_close(&old);
	pair_close(&new);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_save_that_is_killed_leaves_the_old_or_the_new),
		TEST(a_disk_that_refuses_leaves_the_old_or_the_new),
		TEST(without_memory_nothing_is_lost),
		TEST(a_disk_that_does_not_read_is_no_answer),
		TEST(a_cold_index_is_asked_while_it_is_changed_and_saved),
		TEST(a_snapshot_may_be_replaced_while_it_is_loaded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
