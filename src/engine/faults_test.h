/* One call tried again and again while memory or the disk refuses. A suite declares what follows, and then includes this:
 *
 *   struct trial      what its calls are made with, and `begin`, which makes one in a fresh place
 *   struct census     what there is, in numbers, and `take_census`, which counts it and asserts whatever is always so
 *   FAULTS(sign_in)   memory_sign_in, a test: each allocation of `try_sign_in` fails in turn
 *   DISK(sign_in)     disk_sign_in, a test: it finds the disk full, and then room
 */
#ifndef ENGINE_FAULTS_TEST_H
#define ENGINE_FAULTS_TEST_H

#include "engine/place_test.h"
#include "test/failing_disk.h"
#include "test/failing_memory.h"

#define FAULTS_MAX  600
#define DURABLE_MAX 40

typedef int try_fn(struct trial *trial, struct hilf_err *err);

/* Each allocation of a call fails once. What failed left nothing; the last call, in which none did, succeeds. A call that was
 * durable before memory was short succeeds as well, and what it wrote is more to read for the next, so those have an end. */
static void fail_each_allocation(struct trial *trial, try_fn *try)
{
	unsigned durable = 0;
	bool done = false;
	for (long nth = 0; !done; nth++) {
		struct hilf_err err = {0};
		struct census before = take_census(trial);
		assert_true(nth < FAULTS_MAX);
		before_fault(nth, false);
		int rc = try(trial, &err);
		bool hit = after_fault();
		if (!hit && rc)
			fail_msg("without a fault: %s", err.text);
		struct census after = take_census(trial);
		if (rc) {
			assert_int_equal(rc, HILF_E_NO_MEMORY);
			assert_memory_equal(&before, &after, sizeof before);
		}
		done = !hit || (!rc && ++durable == DURABLE_MAX);
	}
}

/* It says that the disk is full and leaves nothing; once there is room it succeeds. */
static void fail_the_disk(struct trial *trial, try_fn *try)
{
	struct hilf_err err = {0};
	struct census before = take_census(trial);
	before_full_disk();
	int rc = try(trial, &err);
	after_disk_fault();
	assert_int_equal(rc, HILF_E_IO);
	assert_non_null(strstr(err.text, "full"));
	struct census after = take_census(trial);
	assert_memory_equal(&before, &after, sizeof before);
	if (try(trial, &err))
		fail_msg("with room again: %s", err.text);
	take_census(trial);
}

#define FAULTS(name)                                                                               \
	static void memory_##name(void **state)                                                    \
	{                                                                                          \
		struct trial trial;                                                                \
		begin(&trial, *state);                                                             \
		fail_each_allocation(&trial, try_##name);                                          \
	}
#define DISK(name)                                                                                 \
	static void disk_##name(void **state)                                                      \
	{                                                                                          \
		struct trial trial;                                                                \
		begin(&trial, *state);                                                             \
		fail_the_disk(&trial, try_##name);                                                 \
	}

/* A test that failed may have left them refusing. */
static int end_faults(void **state)
{
	(void)after_fault();
	after_disk_fault();
	return tear_down(state);
}

#define FAULT_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, end_faults)

#endif
