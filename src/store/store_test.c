/* The store as its header promises it: the feed, the fold and its rules of authority, reading, locks and settings. */
#include "store/store.h"

#include "base/check.h"
#include "os/clock.h"
#include "store/store_fixture.h"
#include "test/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof *fixture);
	fixture_open(fixture);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	fixture_remove(*state);
	free(*state);
	return 0;
}

/* What a reader knows, as a replay tells it. */
#define SEEN_MAX 3000
struct seen {
	uint64_t seq;
	unsigned banks, banks_removed, metas, withdrawn;
	size_t entries;
	uint64_t ids[SEEN_MAX], withdrawn_ids[SEEN_MAX];
	struct hilf_signal signals[SEEN_MAX];
	char label[100];
};

static int see_bank(const struct store_bank *bank, void *ctx)
{
	struct seen *seen = ctx;
	seen->banks++;
	seen->banks_removed += bank->removed;
	return 0;
}

static int see_meta(const struct store_meta *meta, void *ctx)
{
	struct seen *seen = ctx;
	seen->metas++;
	if (meta->label_count)
		snprintf(seen->label, sizeof seen->label, "%s=%s", meta->labels[0].key,
			meta->labels[0].value);
	return 0;
}

static int see_entry(const struct store_entry *entry, void *ctx)
{
	struct seen *seen = ctx;
	assert_true(seen->entries < SEEN_MAX);
	assert_int_equal(entry->signal_count, 1);
	seen->ids[seen->entries] = entry->id;
	seen->signals[seen->entries++] = entry->signals[0];
	return 0;
}

static int see_withdrawn(uint64_t entry, void *ctx)
{
	struct seen *seen = ctx;
	seen->withdrawn_ids[seen->withdrawn++] = entry;
	return 0;
}

static const struct store_sink sink = {see_bank, see_meta, see_entry, see_withdrawn};

static struct seen *replay(struct fixture *fixture, uint64_t after)
{
	static struct seen seen;
	memset(&seen, 0, sizeof seen);
	assert_int_equal(
		store_replay(fixture->store, after, &sink, &seen, &seen.seq, &fixture->err), 0);
	return &seen;
}

static void begin_with_bank(struct fixture *fixture, uint8_t bank[UUID_SIZE])
{
	assert_true(fixture_found(fixture, &fixture->me));
	assert_true(fixture_bank(fixture, &fixture->me, "alpha", bank));
}

static uint64_t find(struct fixture *fixture, uint32_t bank, uint32_t number)
{
	struct hilf_signal signal = fixture_signal(number);
	uint64_t entry = 99;
	assert_int_equal(
		store_find_equal(fixture->store, false, bank, &signal, 1, &entry, &fixture->err),
		0);
	return entry;
}

/* -------------------------------------------------------------------------------------------- the fold */

static void a_new_store_is_empty_and_only_its_owners(void **state)
{
	struct fixture *fixture = *state;
	struct store_counts counts;
	struct stat status;
	char path[128];
	uint64_t seq = 99;
	assert_int_equal(store_head(fixture->store, &seq, NULL, &fixture->err), 0);
	assert_int_equal(seq, 0);
	assert_int_equal(store_counts(fixture->store, 0, &counts, &fixture->err), 0);
	assert_int_equal(counts.feed_count + counts.bank_count + counts.entry_count, 0);
	fixture_path(fixture, "hilf.db", path);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	fixture_path(fixture, "hilf.db-wal", path);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
}

static void what_was_appended_is_there_after_opening_again(void **state)
{
	struct fixture *fixture = *state;
	uint8_t bank[UUID_SIZE];
	begin_with_bank(fixture, bank);
	assert_true(fixture_add(fixture, &fixture->me, bank, 0, 500, NULL));
	assert_true(fixture_add(fixture, &fixture->me, bank, 500, 500, NULL));
	fixture_close(fixture);
	fixture_reopen(fixture);
	struct seen *seen = replay(fixture, 0);
	assert_int_equal(seen->seq, 4);
	assert_int_equal(seen->banks, 1);
	assert_int_equal(seen->metas, 1);
	assert_string_equal(seen->label, "set=fixture");
	assert_int_equal(seen->entries, 1000);
	for (uint32_t i = 0; i < 1000; i++) {
		struct hilf_signal expected = fixture_signal(i);
		assert_int_equal(seen->ids[i], i + 1);
		assert_memory_equal(&seen->signals[i], &expected, sizeof expected);
	}
}

static void a_reader_that_follows_is_told_only_what_changed(void **state)
{
	struct fixture *fixture = *state;
	uint8_t bank[UUID_SIZE], first[UUID_SIZE], second[UUID_SIZE];
	begin_with_bank(fixture, bank);
	assert_true(fixture_add(fixture, &fixture->me, bank, 0, 10, first));
	uint64_t at = replay(fixture, 0)->seq;
	assert_true(fixture_add(fixture, &fixture->me, bank, 10, 5, second));
	assert_true(fixture_withdraw(fixture, &fixture->me, bank, first, 3));
	assert_true(fixture_withdraw(fixture, &fixture->me, bank, second, 1));
	struct seen *seen = replay(fixture, at);
	assert_int_equal(seen->banks, 0);
	assert_int_equal(seen->metas, 0);
	assert_int_equal(seen->entries, 4); /* one of the five came and went in between */
	assert_int_equal(seen->ids[0], 11);
	assert_int_equal(seen->withdrawn, 1);
	assert_int_equal(seen->withdrawn_ids[0], 4);
	assert_int_equal(replay(fixture, seen->seq)->entries, 0);
	seen = replay(fixture, 0);
	assert_int_equal(seen->entries, 13);
	assert_int_equal(seen->withdrawn, 0);
}

static void an_equal_signal_is_found_until_it_is_withdrawn(void **state)
{
	struct fixture *fixture = *state;
	uint8_t bank[UUID_SIZE], other[UUID_SIZE], record[UUID_SIZE];
	begin_with_bank(fixture, bank);
	assert_true(fixture_bank(fixture, &fixture->me, "beta", other));
	assert_true(fixture_add(fixture, &fixture->me, bank, 0, 10, record));
	assert_true(fixture_add(fixture, &fixture->me, other, 5, 10, NULL));
	assert_int_equal(find(fixture, 1, 7), 8);
	assert_int_equal(find(fixture, 2, 7), 13);
	assert_int_equal(find(fixture, 2, 2), 0);
	assert_int_equal(find(fixture, 1, 77), 0);
	assert_true(fixture_withdraw(fixture, &fixture->me, bank, record, 7));
	assert_int_equal(find(fixture, 1, 7), 0);
	assert_int_equal(find(fixture, 2, 7), 13);
}

static void of_many_signals_the_absent_are_known_at_once(void **state)
{
	struct fixture *fixture = *state;
	uint8_t bank[UUID_SIZE], record[UUID_SIZE];
	struct hilf_signal signals[30];
	const struct hilf_signal *asked[30];
	bool absent[30];
	begin_with_bank(fixture, bank);
	assert_true(fixture_add(fixture, &fixture->me, bank, 0, 10, record));
	assert_true(fixture_withdraw(fixture, &fixture->me, bank, record, 4));
	for (uint32_t i = 0; i < 30; i++) {
		signals[i] = fixture_signal(i);
		asked[i] = &signals[i];
	}
	assert_int_equal(store_begin(fixture->store, &fixture->err), 0);
	assert_int_equal(store_find_absent(fixture->store, asked, 30, absent, &fixture->err), 0);
	for (uint32_t i = 0; i < 30; i++)
		assert_int_equal(absent[i], i >= 10 || i == 4);
	store_rollback(fixture->store);
}

static void a_write_sees_what_it_appended_itself(void **state)
{
	struct fixture *fixture = *state;
	uint8_t bank[UUID_SIZE];
	struct hilf_signal signal = fixture_signal(1);
	struct record_entry entry = {&signal, 1, NULL, 0};
	struct record record = {.kind = RECORD_ENTRY_ADD,
		.add = {"unclassified", "", "*", SOURCE_HUMAN, false, 0, NULL, 0, &entry, 1}};
	uint64_t found = 0;
	bool effect;
	begin_with_bank(fixture, bank);
	fixture_stamp(&fixture->me, &record);
	memcpy(record.of, bank, UUID_SIZE);
	record.add.expires_ms = record.time_ms + 1000;
	assert_int_equal(store_begin(fixture->store, &fixture->err), 0);
	assert_int_equal(fixture_append(fixture, &fixture->me, &record, &effect), 0);
	assert_int_equal(
		store_find_equal(fixture->store, true, 1, &signal, 1, &found, &fixture->err), 0);
	assert_int_equal(found, 1);
	assert_int_equal(find(fixture, 1, 1), 0); /* others do not */
	store_rollback(fixture->store);
	assert_int_equal(find(fixture, 1, 1), 0);
	assert_int_equal(replay(fixture, 0)->entries, 0);
}

static void only_the_author_of_a_bank_adds_withdraws_and_removes(void **state)
{
	struct fixture *fixture = *state;
	struct fixture_member other, nobody = {.id = {0}};
	uint8_t bank[UUID_SIZE], mine[UUID_SIZE], theirs[UUID_SIZE], none[UUID_SIZE];
	begin_with_bank(fixture, bank);
	assert_true(fixture_found(fixture, &other));
	assert_true(fixture_add(fixture, &fixture->me, bank, 0, 3, mine));
	assert_false(fixture_add(fixture, &other, bank, 10, 3, theirs));
	assert_false(fixture_withdraw(fixture, &other, bank, mine, 0));
	assert_false(fixture_remove_bank(fixture, &other, bank));
	assert_true(fixture_bank(fixture, &other, "alpha", theirs)); /* a name is its author's */
	assert_false(fixture_bank(fixture, &other, "alpha", none));
	assert_false(fixture_withdraw(
		fixture, &other, theirs, mine, 0)); /* named, but not in that bank */
	static const uint8_t zeros[10];
	uuid_make(1, zeros, nobody.id);
	memcpy(nobody.secret_key, other.secret_key, sizeof nobody.secret_key);
	assert_false(fixture_bank(fixture, &nobody, "gamma", none));
	struct seen *seen = replay(fixture, 0);
	assert_int_equal(seen->entries, 3);
	assert_int_equal(seen->banks, 2);
	struct store_counts counts;
	assert_int_equal(store_counts(fixture->store, clock_now_ms(), &counts, &fixture->err), 0);
	assert_int_equal(counts.feed_count, 11); /* all of it is kept */
}

static void withdrawal_is_final_and_a_removed_bank_keeps_nothing(void **state)
{
	struct fixture *fixture = *state;
	uint8_t bank[UUID_SIZE], again[UUID_SIZE], record[UUID_SIZE];
	struct store_bank found;
	begin_with_bank(fixture, bank);
	assert_true(fixture_add(fixture, &fixture->me, bank, 0, 20, record));
	assert_true(fixture_withdraw(fixture, &fixture->me, bank, record, 5));
	assert_false(fixture_withdraw(fixture, &fixture->me, bank, record, 5));
	assert_false(fixture_withdraw(fixture, &fixture->me, bank, record, 20));
	uint64_t at = replay(fixture, 0)->seq;
	assert_true(fixture_remove_bank(fixture, &fixture->me, bank));
	assert_false(fixture_remove_bank(fixture, &fixture->me, bank));
	assert_false(fixture_add(fixture, &fixture->me, bank, 50, 2, NULL));
	struct seen *seen = replay(fixture, at);
	assert_int_equal(seen->withdrawn, 19);
	assert_int_equal(seen->banks, 1);
	assert_int_equal(seen->banks_removed, 1);
	assert_int_equal(replay(fixture, 0)->entries, 0);
	assert_int_equal(find(fixture, 1, 0), 0);
	assert_int_equal(store_bank_get(fixture->store, false, "alpha", &found, &fixture->err),
		HILF_E_NOT_FOUND);
	assert_true(fixture_bank(fixture, &fixture->me, "alpha", again));
	assert_true(fixture_add(fixture, &fixture->me, again, 0, 1, NULL));
	assert_int_equal(find(fixture, 2, 0), 21);
}

static void a_record_applies_once(void **state)
{
	struct fixture *fixture = *state;
	uint8_t bank[UUID_SIZE];
	struct record record = {.kind = RECORD_BANK_CREATE, .bank.name = "beta"};
	begin_with_bank(fixture, bank);
	fixture_stamp(&fixture->me, &record);
	memcpy(record.of, record.id, UUID_SIZE);
	assert_int_equal(fixture_write(fixture, &fixture->me, &record, NULL), 0);
	assert_int_equal(fixture_write(fixture, &fixture->me, &record, NULL), HILF_E_EXISTS);
	/* An answer of "exists" leaves the rest of a write whole. */
	assert_int_equal(store_begin(fixture->store, &fixture->err), 0);
	assert_int_equal(fixture_append(fixture, &fixture->me, &record, NULL), HILF_E_EXISTS);
	fixture_stamp(&fixture->me, &record);
	memcpy(record.of, record.id, UUID_SIZE);
	record.bank.name = "gamma";
	assert_int_equal(fixture_append(fixture, &fixture->me, &record, NULL), 0);
	assert_int_equal(store_commit(fixture->store, &fixture->err), 0);
	assert_int_equal(replay(fixture, 0)->banks, 3);
}

static void labels_of_record_and_entry_become_one_sorted_set(void **state)
{
	struct fixture *fixture = *state;
	uint8_t bank[UUID_SIZE];
	const struct hilf_label shared[] = {{"a", "1"}, {"m", "2"}},
				own[] = {{"b", "3"}, {"m", "4"}};
	struct hilf_signal signals[3] = {fixture_signal(1), fixture_signal(2), fixture_signal(3)};
	struct record_entry entries[3] = {
		{&signals[0], 1, NULL, 0}, {&signals[1], 1, own, 2}, {&signals[2], 1, NULL, 0}};
	struct record record = {.kind = RECORD_ENTRY_ADD,
		.add = {"unclassified", "", "*", SOURCE_HUMAN, false, 0, shared, 2, entries, 3}};
	begin_with_bank(fixture, bank);
	fixture_stamp(&fixture->me, &record);
	memcpy(record.of, bank, UUID_SIZE);
	record.add.expires_ms = record.time_ms + 1000;
	assert_int_equal(fixture_write(fixture, &fixture->me, &record, NULL), 0);
	assert_int_equal(replay(fixture, 0)->metas, 2);
}

static int check_labels(const struct store_told *told, void *ctx)
{
	const struct store_meta *meta = told->meta;
	static const struct hilf_label expected[] = {{"a", "1"}, {"b", "3"}, {"m", "4"}};
	unsigned *count = ctx;
	++*count;
	if (told->entry.id != 2)
		return 0;
	assert_int_equal(meta->label_count, 3);
	for (int i = 0; i < 3; i++) {
		assert_string_equal(meta->labels[i].key, expected[i].key);
		assert_string_equal(meta->labels[i].value, expected[i].value);
	}
	return 0;
}

static void a_bank_is_told_with_what_is_said_of_each_entry(void **state)
{
	struct fixture *fixture = *state;
	unsigned count = 0;
	labels_of_record_and_entry_become_one_sorted_set(state);
	assert_int_equal(
		store_each_entry(fixture->store, 1, check_labels, &count, &fixture->err), 0);
	assert_int_equal(count, 3);
	count = 0;
	assert_int_equal(
		store_each_entry(fixture->store, 2, check_labels, &count, &fixture->err), 0);
	assert_int_equal(count, 0);
}

static void counts_tell_in_force_expired_and_withdrawn(void **state)
{
	struct fixture *fixture = *state;
	uint8_t bank[UUID_SIZE], record[UUID_SIZE];
	struct store_counts counts;
	struct store_bank_counts of_bank;
	begin_with_bank(fixture, bank);
	assert_true(fixture_add(fixture, &fixture->me, bank, 0, 20, record));
	assert_true(fixture_withdraw(fixture, &fixture->me, bank, record, 5));
	assert_int_equal(store_counts(fixture->store, clock_now_ms(), &counts, &fixture->err), 0);
	assert_int_equal(counts.entry_count, 19);
	assert_int_equal(counts.withdrawn_count, 1);
	assert_int_equal(counts.signal_count[HILF_PDQ], 19);
	int64_t later = clock_now_ms() + 2000000;
	assert_int_equal(store_bank_counts(fixture->store, 1, later, &of_bank, &fixture->err), 0);
	assert_int_equal(of_bank.entry_count, 0);
	assert_int_equal(of_bank.expired_count, 19);
	assert_int_equal(of_bank.withdrawn_count, 1);
	assert_int_equal(store_counts(fixture->store, later, &counts, &fixture->err), 0);
	assert_int_equal(counts.entry_count, 0);
	assert_int_equal(counts.expired_count, 19);
}

static void an_entry_is_found_by_either_id(void **state)
{
	struct fixture *fixture = *state;
	struct record_entry_id gid = {.ordinal = 2};
	struct store_entry_row row;
	uint8_t bank[UUID_SIZE];
	begin_with_bank(fixture, bank);
	assert_true(fixture_add(fixture, &fixture->me, bank, 0, 5, NULL));
	assert_true(fixture_add(fixture, &fixture->me, bank, 5, 5, gid.record));
	assert_int_equal(store_entry_get(fixture->store, false, 0, &gid, &row, &fixture->err), 0);
	assert_int_equal(row.id, 8);
	assert_int_equal(store_entry_get(fixture->store, false, 8, NULL, &row, &fixture->err), 0);
	assert_memory_equal(row.gid.record, gid.record, UUID_SIZE);
	assert_int_equal(row.gid.ordinal, 2);
	assert_false(row.withdrawn);
	assert_true(fixture_withdraw(fixture, &fixture->me, bank, gid.record, 2));
	assert_int_equal(store_entry_get(fixture->store, false, 8, NULL, &row, &fixture->err), 0);
	assert_true(row.withdrawn);
	gid.ordinal = 5;
	assert_int_equal(store_entry_get(fixture->store, false, 0, &gid, &row, &fixture->err),
		HILF_E_NOT_FOUND);
	assert_int_equal(store_entry_get(fixture->store, false, 11, NULL, &row, &fixture->err),
		HILF_E_NOT_FOUND);
}

/* ---------------------------------------------------------------------------------- local, feed, locks */

static void settings_and_policies_are_kept(void **state)
{
	struct fixture *fixture = *state;
	uint8_t gid[UUID_SIZE];
	struct store_bank bank;
	char value[20] = "untouched";
	begin_with_bank(fixture, gid);
	assert_int_equal(store_setting_get(fixture->store, false, "member", value, sizeof value,
				 &fixture->err),
		HILF_E_NOT_FOUND);
	assert_string_equal(value, "untouched");
	assert_int_equal(store_begin(fixture->store, &fixture->err), 0);
	assert_int_equal(store_setting_set(fixture->store, "member", "me", &fixture->err), 0);
	assert_int_equal(store_bank_policy_set(fixture->store, gid,
				 &(struct store_policy){HILF_BLOCK, 20, 500000}, &fixture->err),
		0);
	const struct record_entry_id entry = {.ordinal = 1};
	assert_int_equal(store_note_add(fixture->store, &entry, 5, "why", &fixture->err), 0);
	assert_int_equal(store_commit(fixture->store, &fixture->err), 0);
	fixture_close(fixture);
	fixture_reopen(fixture);
	assert_int_equal(store_setting_get(fixture->store, false, "member", value, sizeof value,
				 &fixture->err),
		0);
	assert_string_equal(value, "me");
	assert_int_equal(store_bank_get(fixture->store, false, "alpha", &bank, &fixture->err), 0);
	assert_true(bank.has_policy);
	assert_int_equal(bank.policy.mode, HILF_BLOCK);
	assert_int_equal(bank.policy.pdq_radius, 20);
	assert_int_equal(bank.policy.sample_ppm, 500000);
}

static int check_feed(const struct store_feed_row *row, void *ctx)
{
	uint64_t *last = ctx;
	assert_int_equal(row->seq, ++*last);
	assert_int_equal(row->bytes[0], '{');
	return row->seq == 3 ? HILF_E_STOPPED : 0;
}

static void the_feed_is_read_in_order_and_may_be_stopped(void **state)
{
	struct fixture *fixture = *state;
	uint8_t bank[UUID_SIZE];
	uint64_t last = 0;
	begin_with_bank(fixture, bank);
	for (uint32_t i = 0; i < 3; i++)
		assert_true(fixture_add(fixture, &fixture->me, bank, i, 1, NULL));
	assert_int_equal(store_feed(fixture->store, 0, 100, check_feed, &last, &fixture->err),
		HILF_E_STOPPED);
	assert_int_equal(last, 3);
	assert_int_equal(store_feed(fixture->store, 3, 1, check_feed, &last, &fixture->err), 0);
	assert_int_equal(last, 4);
}

static void a_second_writer_is_told_who_writes(void **state)
{
	struct fixture *fixture = *state, second = *fixture;
	const struct store_conf conf = {.dir = fixture->dir, .wait_ms = 300};
	char pid[30];
	assert_int_equal(store_open(&conf, &second.store, &second.err), 0);
	assert_int_equal(store_begin(fixture->store, &fixture->err), 0);
	assert_int_equal(store_begin(second.store, &second.err), HILF_E_BUSY);
	snprintf(pid, sizeof pid, "process %ld (test", (long)getpid());
	assert_non_null(strstr(second.err.text, pid));
	store_rollback(fixture->store);
	assert_int_equal(store_begin(second.store, &second.err), 0);
	assert_int_equal(store_commit(second.store, &second.err), 0);
	fixture_close(&second);
}

static void a_store_opened_for_reading_does_not_write(void **state)
{
	struct fixture *fixture = *state;
	struct store_conf conf = {.dir = fixture->dir, .read_only = true};
	struct store *reader;
	assert_int_equal(store_open(&conf, &reader, &fixture->err), 0);
	assert_int_equal(store_begin(reader, &fixture->err), HILF_E_DENIED);
	store_close(reader);
	conf.dir = "/nowhere/at/all";
	assert_int_equal(store_open(&conf, &reader, &fixture->err), HILF_E_NOT_FOUND);
	assert_non_null(strstr(fixture->err.text, "hilf bank create"));
}

static void a_stamp_tells_stores_and_places_in_the_feed_apart(void **state)
{
	struct fixture *fixture = *state, other;
	struct fixture_member member, foreign;
	uint8_t store[UUID_SIZE], record[UUID_SIZE], again[UUID_SIZE], before[UUID_SIZE];
	const uint8_t none[UUID_SIZE] = {0};
	assert_int_equal(store_stamp(fixture->store, 0, store, before, &fixture->err), 0);
	assert_memory_equal(before, none, UUID_SIZE);
	assert_int_equal(
		store_stamp(fixture->store, 1, store, record, &fixture->err), HILF_E_NOT_FOUND);
	assert_true(fixture_found(fixture, &member));
	assert_int_equal(store_stamp(fixture->store, 1, again, record, &fixture->err), 0);
	assert_memory_equal(store, again, UUID_SIZE);
	assert_memory_equal(record, member.id, UUID_SIZE);
	fixture_open(&other);
	assert_true(fixture_found(&other, &foreign));
	assert_int_equal(store_stamp(other.store, 1, again, record, &other.err), 0);
	assert_memory_not_equal(store, again, UUID_SIZE);
	fixture_remove(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(a_new_store_is_empty_and_only_its_owners),
		TEST(what_was_appended_is_there_after_opening_again),
		TEST(a_reader_that_follows_is_told_only_what_changed),
		TEST(an_equal_signal_is_found_until_it_is_withdrawn),
		TEST(of_many_signals_the_absent_are_known_at_once),
		TEST(a_write_sees_what_it_appended_itself),
		TEST(only_the_author_of_a_bank_adds_withdraws_and_removes),
		TEST(withdrawal_is_final_and_a_removed_bank_keeps_nothing),
		TEST(a_record_applies_once),
		TEST(labels_of_record_and_entry_become_one_sorted_set),
		TEST(a_bank_is_told_with_what_is_said_of_each_entry),
		TEST(counts_tell_in_force_expired_and_withdrawn),
		TEST(an_entry_is_found_by_either_id),
		TEST(settings_and_policies_are_kept),
		TEST(the_feed_is_read_in_order_and_may_be_stopped),
		TEST(a_second_writer_is_told_who_writes),
		TEST(a_store_opened_for_reading_does_not_write),
		TEST(a_stamp_tells_stores_and_places_in_the_feed_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
