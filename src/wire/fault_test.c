/* Fails the k-th allocation for all k: each failure must be said as what it is, HILF_E_NO_MEMORY, with outputs untouched
 * and nothing left behind (the sanitizer build counts). */
#include "wire/golden_test.h"
#include "wire/import.h"
#include "wire/record.h"

#include <string.h>

void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

static long allocations_left = -1; /* negative: all succeed */

static bool is_granted(void)
{
	if (allocations_left > 0)
		allocations_left--;
	return allocations_left != 0;
}

void *__wrap_calloc(size_t count, size_t size)
{
	return is_granted() ? __real_calloc(count, size) : NULL;
}

void *__wrap_realloc(void *old, size_t size)
{
	return is_granted() ? __real_realloc(old, size) : NULL;
}

/* What is tried: 0, or a code. */
typedef int attempt_fn(const struct buf *input, struct hilf_err *err);

static void fail_each(const char *golden, attempt_fn *attempt)
{
	struct buf input = BUF_INIT;
	long nth = 0;
	golden_read(golden, &input);
	for (;;) {
		struct hilf_err err = {0};
		allocations_left = ++nth;
		int rc = attempt(&input, &err);
		bool all_granted = allocations_left > 0;
		allocations_left = -1;
		if (all_granted) {
			assert_int_equal(rc, 0);
			break;
		}
		if (rc != HILF_E_NO_MEMORY)
			fail_msg("%s, allocation %ld: %d %s", golden, nth, rc, err.text);
		assert_int_equal(err.code, HILF_E_NO_MEMORY);
		assert_true(nth < 1000);
	}
	assert_true(nth > 1);
	buf_free(&input);
}

static int decode_and_encode(const struct buf *input, struct hilf_err *err)
{
	struct arena arena;
	struct record record;
	struct buf again = BUF_INIT;
	arena_init(&arena, 0);
	int rc = record_decode(input->data, input->size, &arena, &record, err);
	if (!rc)
		rc = record_encode(&record, &again, err);
	if (!rc)
		assert_string_equal(again.data, input->data);
	arena_clear(&arena);
	buf_free(&again);
	return rc;
}

static void records_survive_each_failing_allocation(void **state)
{
	(void)state;
	fail_each("entry.add.json", decode_and_encode);
	fail_each("entry.withdraw.json", decode_and_encode);
	fail_each("member.found.json", decode_and_encode);
}

static int on_row(const struct import_row *row, const struct hilf_err *problem, void *ctx)
{
	(void)row;
	(void)problem;
	(void)ctx;
	return 0;
}

/* In two pieces, so that a line has to be kept. */
static int import(const struct buf *input, struct hilf_err *err)
{
	struct import_reader *reader = NULL;
	size_t half = input->size / 2;
	int rc = import_open(&reader, err);
	if (!rc)
		rc = import_feed(reader, input->data, half, false, on_row, NULL, err);
	if (!rc)
		rc = import_feed(
			reader, input->data + half, input->size - half, true, on_row, NULL, err);
	import_close(reader);
	return rc;
}

static void import_survives_each_failing_allocation(void **state)
{
	(void)state;
	fail_each("lines.txt", import);
	fail_each("rows-bad.csv", import);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_survive_each_failing_allocation),
		cmocka_unit_test(import_survives_each_failing_allocation),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
