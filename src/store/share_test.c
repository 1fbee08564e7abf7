/* Many jobs share a write, and some of them are taken back: what the others did stays, and the tables are what a fold of the
 * feed gives. */
#include "store/store.h"

#include "base/check.h"
#include "os/clock.h"
#include "store/sound_test.h"

#include <sodium.h>
#include <string.h>

#define WRITES 60
#define JOBS   8

struct model {
	struct fixture fixture;
	uint8_t bank[UUID_SIZE];
	uint32_t next; /* number of the next value */
	struct {
		uint8_t record[UUID_SIZE];
		uint32_t first, count;
		bool withdrawn[40];
	} spans[WRITES * JOBS];
	size_t span_count;
};

static int add(struct model *model, uint32_t count)
{
	static struct hilf_signal signals[40];
	static struct record_entry entries[40];
	struct record record = {.kind = RECORD_ENTRY_ADD,
		.add = {.content_class = "unclassified",
			.ground = "",
			.territory = "*",
			.entries = entries,
			.entry_count = count}};
	for (uint32_t i = 0; i < count; i++) {
		signals[i] = fixture_signal(model->next + i);
		entries[i] = (struct record_entry){&signals[i], 1, NULL, 0};
	}
	fixture_stamp(&model->fixture.me, &record);
	memcpy(record.of, model->bank, UUID_SIZE);
	record.add.expires_ms = record.time_ms + 1000000;
	int rc = fixture_append(&model->fixture, &model->fixture.me, &record, NULL);
	memcpy(model->spans[model->span_count].record, record.id, UUID_SIZE);
	memset(model->spans[model->span_count].withdrawn, 0, sizeof model->spans->withdrawn);
	model->spans[model->span_count].first = model->next;
	model->spans[model->span_count++].count = count;
	model->next += count;
	return rc;
}

static int withdraw(struct model *model)
{
	if (!model->span_count)
		return 0;
	size_t span = randombytes_uniform((uint32_t)model->span_count);
	struct record_entry_id id = {.ordinal = randombytes_uniform(model->spans[span].count)};
	struct record record = {.kind = RECORD_ENTRY_WITHDRAW};
	memcpy(id.record, model->spans[span].record, UUID_SIZE);
	fixture_stamp(&model->fixture.me, &record);
	memcpy(record.of, model->bank, UUID_SIZE);
	record.withdraw.reason = REASON_ERROR;
	record.withdraw.entries = &id;
	record.withdraw.entry_count = 1;
	model->spans[span].withdrawn[id.ordinal] = true;
	return fixture_append(&model->fixture, &model->fixture.me, &record, NULL);
}

static bool is_there(struct model *model, bool in_write, uint32_t number)
{
	struct hilf_signal signal = fixture_signal(number);
	uint64_t entry = 0;
	assert_int_equal(store_find_equal(model->fixture.store, in_write, 1, &signal, 1, &entry,
				 &model->fixture.err),
		0);
	return entry != 0;
}

static void expect_model(struct model *model, bool in_write)
{
	for (size_t i = 0; i < model->span_count; i++)
		for (uint32_t k = 0; k < model->spans[i].count; k++)
			assert_int_equal(is_there(model, in_write, model->spans[i].first + k),
				!model->spans[i].withdrawn[k]);
}

/* One job: some records, kept or taken back. */
static void run_job(struct model *model)
{
	static struct model before;
	uint32_t steps = 1 + randombytes_uniform(3);
	bool keep = randombytes_uniform(3) > 0;
	before = *model;
	assert_int_equal(store_mark(model->fixture.store, &model->fixture.err), 0);
	while (steps--) {
		int rc = randombytes_uniform(3) ? add(model, 1 + randombytes_uniform(40))
						: withdraw(model);
		assert_int_equal(rc, 0);
	}
	if (keep) {
		assert_int_equal(store_mark_keep(model->fixture.store, &model->fixture.err), 0);
		return;
	}
	uint32_t next =
		model->next; /* values are not used twice, so that what should be gone shows */
	assert_int_equal(store_mark_back(model->fixture.store, &model->fixture.err), 0);
	*model = before;
	for (uint32_t number = model->next; number < next; number++)
		assert_false(is_there(model, true, number));
	model->next = next;
}

static void jobs_that_are_taken_back_leave_nothing(void **state)
{
	static struct model model;
	(void)state;
	fixture_open(&model.fixture);
	assert_true(fixture_found(&model.fixture, &model.fixture.me));
	assert_true(fixture_bank(&model.fixture, &model.fixture.me, "alpha", model.bank));
	for (int i = 0; i < WRITES; i++) {
		static struct model before;
		before = model;
		assert_int_equal(store_begin(model.fixture.store, &model.fixture.err), 0);
		for (int k = 0; k < JOBS / 2; k++)
			run_job(&model);
		expect_model(&model, true);
		if (randombytes_uniform(5)) {
			assert_int_equal(
				store_make_durable(model.fixture.store, &model.fixture.err), 0);
			expect_model(&model, false); /* as the writer has it in memory */
			store_leave(model.fixture.store);
		} else {
			uint32_t next = model.next;
			store_rollback(model.fixture.store);
			model = before;
			model.next = next;
		}
	}
	expect_model(&model, false);
	expect_sound(&model.fixture);
	fixture_remove(&model.fixture);
}

/* What queries ask before each look-up. */
static void the_head_follows_whoever_commits(void **state)
{
	struct fixture one, two;
	uint8_t bank[UUID_SIZE];
	uint64_t seq, local, before_seq, before_local;
	(void)state;
	fixture_open(&one);
	two = one;
	fixture_reopen(&two);
	assert_true(fixture_found(&one, &one.me));
	assert_true(fixture_bank(&one, &one.me, "alpha", bank));
	for (uint32_t i = 0; i < 300; i++) {
		struct fixture *writer = i % 2 ? &two : &one, *reader = i % 2 ? &one : &two;
		assert_int_equal(
			store_head(reader->store, &before_seq, &before_local, &reader->err), 0);
		if (i % 3) {
			assert_true(fixture_add(writer, &one.me, bank, i * 3, 3, NULL));
		} else {
			assert_int_equal(store_begin(writer->store, &writer->err), 0);
			assert_int_equal(store_mute_set(writer->store, 1 + i, 77, &writer->err), 0);
			assert_int_equal(store_make_durable(writer->store, &writer->err), 0);
			assert_int_equal(store_head(writer->store, &seq, &local, &writer->err), 0);
			assert_int_equal(local, before_local + 1);
			store_leave(writer->store);
		}
		assert_int_equal(store_head(reader->store, &seq, &local, &reader->err), 0);
		assert_int_equal(seq, before_seq + (i % 3 != 0));
		assert_int_equal(local, before_local + (i % 3 == 0));
		assert_int_equal(store_begin(writer->store, &writer->err), 0);
		store_rollback(writer->store); /* nothing came of it */
		assert_int_equal(
			store_head(reader->store, &before_seq, &before_local, &reader->err), 0);
		assert_int_equal(seq, before_seq);
		assert_int_equal(local, before_local);
	}
	fixture_close(&two);
	fixture_remove(&one);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(jobs_that_are_taken_back_leave_nothing),
		cmocka_unit_test(the_head_follows_whoever_commits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
