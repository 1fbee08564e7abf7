/* What changes after it was added: names of banks, what is said of entries, what members think of them. Who may say it,
 * and what readers are told. */
#include "base/check.h"
#include "store/reader_test.h"

#include <sqlite3.h>
#include <string.h>

struct bench {
	struct fixture fixture;
	struct fixture_member other;
	uint8_t bank[UUID_SIZE], record[UUID_SIZE]; /* of `me`: entries 0 to 4 with ids 1 to 5 */
	uint8_t foreign[UUID_SIZE];                 /* a bank of `other` */
};

static int set_up(void **state)
{
	struct bench *bench = calloc(1, sizeof *bench);
	struct fixture *fixture = &bench->fixture;
	assert_non_null(bench);
	fixture_open(fixture);
	assert_true(fixture_found(fixture, &fixture->me));
	assert_true(fixture_found(fixture, &bench->other));
	assert_true(fixture_bank(fixture, &fixture->me, "alpha", bench->bank));
	assert_true(fixture_bank(fixture, &bench->other, "theirs", bench->foreign));
	assert_true(fixture_add(fixture, &fixture->me, bench->bank, 0, 5, bench->record));
	*state = bench;
	return 0;
}

static int tear_down(void **state)
{
	struct bench *bench = *state;
	fixture_remove(&bench->fixture);
	free(bench);
	return 0;
}

/* Writes a record of a kind that speaks of entries; says whether it had an effect. */
static bool write_as(struct bench *bench, const struct fixture_member *author,
	const uint8_t of[UUID_SIZE], struct record *record)
{
	bool effect = false;
	fixture_stamp(author, record);
	memcpy(record->of, of, UUID_SIZE);
	if (fixture_write(&bench->fixture, author, record, &effect) != 0)
		fail_msg("%s", bench->fixture.err.text);
	return effect;
}

static struct record_entry_id id_of(const struct bench *bench, uint32_t ordinal)
{
	struct record_entry_id id = {.ordinal = ordinal};
	memcpy(id.record, bench->record, UUID_SIZE);
	return id;
}

static bool change_class(struct bench *bench, const struct fixture_member *author,
	const uint8_t of[UUID_SIZE], uint32_t ordinal, const char *content_class)
{
	const struct record_entry_id id = id_of(bench, ordinal);
	struct record record = {.kind = RECORD_ENTRY_CHANGE,
		.change = {.content_class = content_class, .entries = &id, .entry_count = 1}};
	return write_as(bench, author, of, &record);
}

static bool change_expiry(struct bench *bench, uint32_t ordinal, int64_t expires_ms)
{
	const struct record_entry_id id = id_of(bench, ordinal);
	struct record record = {.kind = RECORD_ENTRY_CHANGE,
		.change = {.expires_ms = expires_ms, .entries = &id, .entry_count = 1}};
	return write_as(bench, &bench->fixture.me, bench->bank, &record);
}

static bool give(struct bench *bench, const struct fixture_member *author,
	const uint8_t of[UUID_SIZE], uint32_t ordinal, enum hilf_opinion opinion)
{
	const struct record_entry_id id = id_of(bench, ordinal);
	struct record record = {.kind = RECORD_OPINION_GIVE,
		.opinion = {.opinion = opinion, .entries = &id, .entry_count = 1}};
	return write_as(bench, author, of, &record);
}

/* ------------------------------------------------------------------------------------------ one entry */

static void a_change_replaces_what_it_names_and_nothing_else(void **state)
{
	static const struct hilf_label labels[2] = {{"lang", "ar"}, {"event", "paris"}};
	struct bench *bench = *state;
	struct fixture *fixture = &bench->fixture;
	const struct record_entry_id ids[2] = {id_of(bench, 1), id_of(bench, 3)};
	struct record record = {.kind = RECORD_ENTRY_CHANGE,
		.change = {.ground = "art. 1", .entries = ids, .entry_count = 2}};
	struct told before = tell(&bench->fixture, 2);
	assert_true(change_class(bench, &fixture->me, bench->bank, 1, "threat"));
	struct told told = tell(&bench->fixture, 2);
	assert_string_equal(told.content_class, "threat");
	assert_string_equal(told.labels, "set=fixture ");
	assert_int_equal(told.expires_ms, before.expires_ms);
	assert_true(write_as(bench, &fixture->me, bench->bank, &record));
	told = tell(&bench->fixture, 2);
	assert_string_equal(told.content_class, "threat");
	assert_string_equal(told.ground, "art. 1");
	told = tell(&bench->fixture, 4);
	assert_string_equal(told.content_class, "unclassified");
	assert_string_equal(told.ground, "art. 1");
	/* Labels in whatever order they come. */
	record.change.ground = "";
	record.change.set_labels = true;
	record.change.labels = labels;
	record.change.label_count = 2;
	assert_true(write_as(bench, &fixture->me, bench->bank, &record));
	told = tell(&bench->fixture, 2);
	assert_string_equal(told.labels, "event=paris lang=ar ");
	assert_string_equal(told.ground, "");
	record.change.label_count = 0;
	assert_true(write_as(bench, &fixture->me, bench->bank, &record));
	assert_string_equal(tell(&bench->fixture, 4).labels, "");
	assert_string_equal(tell(&bench->fixture, 3).labels, "set=fixture ");
	assert_int_equal(tell(&bench->fixture, 3).expires_ms, before.expires_ms);
}

static void only_the_owner_changes_what_is_not_withdrawn(void **state)
{
	struct bench *bench = *state;
	struct fixture *fixture = &bench->fixture;
	struct fixture_member nobody = bench->other;
	memset(nobody.id + 8, 0x91, 8);
	assert_false(change_class(bench, &bench->other, bench->bank, 1, "threat"));
	assert_false(change_class(bench, &bench->other, bench->foreign, 1, "threat"));
	assert_false(change_class(bench, &fixture->me, bench->foreign, 1, "threat"));
	assert_false(change_class(bench, &nobody, bench->bank, 1, "threat"));
	assert_false(change_class(bench, &fixture->me, bench->bank, 5, "threat"));
	assert_true(fixture_withdraw(fixture, &fixture->me, bench->bank, bench->record, 2));
	assert_false(change_class(bench, &fixture->me, bench->bank, 2, "threat"));
	for (uint64_t id = 1; id <= 5; id++)
		assert_string_equal(tell(&bench->fixture, id).content_class, "unclassified");
	assert_true(fixture_remove_bank(fixture, &fixture->me, bench->bank));
	assert_false(change_class(bench, &fixture->me, bench->bank, 1, "threat"));
}

static uint64_t find(struct bench *bench, uint32_t number, int64_t now_ms)
{
	struct hilf_signal signal = fixture_signal(number);
	uint64_t entry = 99;
	assert_int_equal(store_find_equal(bench->fixture.store, false, 1, &signal, now_ms, &entry,
				 &bench->fixture.err),
		0);
	return entry;
}

static void check_counts(struct bench *bench, int64_t now_ms, unsigned in_force, unsigned expired)
{
	struct store_bank_counts of_bank;
	struct store_counts counts;
	struct fixture *fixture = &bench->fixture;
	assert_int_equal(store_counts(fixture->store, now_ms, &counts, &fixture->err), 0);
	assert_int_equal(store_bank_counts(fixture->store, 1, now_ms, &of_bank, &fixture->err), 0);
	assert_int_equal(counts.entry_count, in_force);
	assert_int_equal(counts.expired_count, expired);
	assert_int_equal(of_bank.entry_count, in_force);
	assert_int_equal(of_bank.expired_count, expired);
}

static void an_end_only_comes_closer_and_counts(void **state)
{
	struct bench *bench = *state;
	struct fixture *fixture = &bench->fixture;
	int64_t end_ms = tell(&bench->fixture, 1).expires_ms;
	check_counts(bench, end_ms - 1, 5, 0);
	assert_true(change_expiry(bench, 0, end_ms + 1000)); /* it may, but it changes nothing */
	assert_int_equal(tell(&bench->fixture, 1).expires_ms, end_ms);
	assert_true(change_expiry(bench, 0, end_ms - 1000));
	assert_true(change_expiry(bench, 1, end_ms - 2000));
	assert_true(change_expiry(bench, 1, end_ms - 500));
	assert_int_equal(tell(&bench->fixture, 1).expires_ms, end_ms - 1000);
	assert_int_equal(tell(&bench->fixture, 2).expires_ms, end_ms - 2000);
	check_counts(bench, end_ms - 2001, 5, 0);
	check_counts(bench, end_ms - 2000, 4, 1);
	check_counts(bench, end_ms - 1000, 3, 2);
	check_counts(bench, end_ms, 0, 5);
	assert_int_equal(find(bench, 0, end_ms - 1001), 1);
	assert_int_equal(find(bench, 0, end_ms - 1000), 0);
	assert_int_equal(find(bench, 2, end_ms - 1000), 3);
	assert_true(fixture_withdraw(fixture, &fixture->me, bench->bank, bench->record, 1));
	check_counts(bench, end_ms - 1000, 3, 1);
	check_counts(bench, end_ms, 0, 4);
	assert_true(fixture_remove_bank(fixture, &fixture->me, bench->bank));
	struct store_counts counts;
	assert_int_equal(store_counts(fixture->store, end_ms, &counts, &fixture->err), 0);
	assert_int_equal(counts.expired_count, 0);
	assert_int_equal(counts.withdrawn_count, 5);
}

static int count_told(const struct store_told *told, void *ctx)
{
	uint64_t *last = ctx;
	assert_true(told->entry.id > *last);
	*last = told->entry.id;
	return 0;
}

static void pages_go_on_where_they_ended(void **state)
{
	struct bench *bench = *state;
	struct fixture *fixture = &bench->fixture;
	uint64_t last = 0;
	int64_t end_ms = tell(&bench->fixture, 1).expires_ms;
	assert_true(
		fixture_add(fixture, &bench->other, bench->foreign, 100, 3, NULL)); /* 6, 7, 8 */
	assert_true(fixture_add(fixture, &fixture->me, bench->bank, 200, 2, NULL)); /* 9, 10 */
	assert_true(fixture_withdraw(fixture, &fixture->me, bench->bank, bench->record, 1));
	assert_true(change_expiry(bench, 3, end_ms - 1000));
	static const struct {
		uint32_t bank;
		uint64_t after;
		size_t limit;
		bool gone;
		uint64_t last;
	} pages[] = {{0, 0, 3, false, 5}, {0, 0, 3, true, 3}, {0, 2, 1, false, 3},
		{0, 3, 1, false, 5}, {0, 3, 1, true, 4}, {0, 4, 9, true, 10}, {1, 4, 2, true, 9},
		{1, 5, 1, true, 9}, {1, 9, 5, true, 10}, {2, 0, 5, true, 8}, {2, 7, 5, true, 8},
		{2, 8, 5, true, 8}, {0, 10, 5, true, 10}, {0, UINT64_MAX, 5, true, UINT64_MAX},
		{0, 0, 0, true, 0}};
	for (size_t i = 0; i < COUNT_OF(pages); i++) {
		last = pages[i].after;
		assert_int_equal(store_entry_page(fixture->store, pages[i].bank, pages[i].after,
					 pages[i].limit, pages[i].gone, end_ms - 1000, count_told,
					 &last, &fixture->err),
			0);
		assert_int_equal(last, pages[i].last);
	}
}

static void a_signal_finds_what_was_withdrawn_too(void **state)
{
	struct bench *bench = *state;
	struct fixture *fixture = &bench->fixture;
	struct hilf_signal signal = fixture_signal(1);
	struct told told = {.times = 0};
	assert_true(fixture_withdraw(fixture, &fixture->me, bench->bank, bench->record, 1));
	assert_true(fixture_add(fixture, &bench->other, bench->foreign, 1, 1, NULL));
	assert_int_equal(
		store_entry_having(fixture->store, &signal, keep, &told, &fixture->err), 0);
	assert_int_equal(told.times, 2);
	assert_string_equal(told.bank, "theirs");
	assert_int_equal(find(bench, 1, 0), 0);
	signal.value[0] ^= 1;
	assert_int_equal(
		store_entry_having(fixture->store, &signal, keep, &told, &fixture->err), 0);
	assert_int_equal(told.times, 2);
}

/* ------------------------------------------------------------------------------------------ opinions */

static void one_word_of_each_member_stands_the_last(void **state)
{
	struct bench *bench = *state;
	struct fixture *fixture = &bench->fixture;
	struct fixture_member nobody = bench->other;
	memset(nobody.id + 8, 0x91, 8);
	assert_false(give(bench, &fixture->me, bench->bank, 0, HILF_OPINION_NONE));
	assert_true(give(bench, &fixture->me, bench->bank, 0, HILF_SEEN));
	assert_true(give(bench, &bench->other, bench->bank, 0, HILF_DISPUTE));
	assert_true(give(bench, &fixture->me, bench->bank, 0, HILF_CONFIRM));
	assert_false(give(bench, &nobody, bench->bank, 0, HILF_DISPUTE));
	assert_false(give(bench, &bench->other, bench->foreign, 0, HILF_DISPUTE));
	assert_false(give(bench, &bench->other, bench->bank, 5, HILF_DISPUTE));
	struct told told = tell(&bench->fixture, 1);
	assert_int_equal(told.counts[HILF_CONFIRM], 1);
	assert_int_equal(told.counts[HILF_DISPUTE], 1);
	assert_int_equal(told.counts[HILF_SEEN], 0);
	assert_true(give(bench, &bench->other, bench->bank, 0, HILF_OPINION_NONE));
	assert_false(give(bench, &bench->other, bench->bank, 0, HILF_OPINION_NONE));
	told = tell(&bench->fixture, 1);
	assert_int_equal(told.counts[HILF_CONFIRM], 1);
	assert_int_equal(told.counts[HILF_DISPUTE], 0);
	assert_int_equal(tell(&bench->fixture, 2).counts[HILF_CONFIRM], 0);
	/* Of a withdrawn entry as well. */
	assert_true(fixture_withdraw(fixture, &fixture->me, bench->bank, bench->record, 0));
	assert_true(give(bench, &bench->other, bench->bank, 0, HILF_SEEN));
	assert_int_equal(tell(&bench->fixture, 1).counts[HILF_SEEN], 1);
}

/* ------------------------------------------------------------------------------------------ names */

static void a_bank_is_renamed_by_its_owner_to_a_free_name(void **state)
{
	struct bench *bench = *state;
	struct fixture *fixture = &bench->fixture;
	struct record record = {.kind = RECORD_BANK_RENAME, .bank.name = "beta"};
	struct store_bank found;
	uint8_t second[UUID_SIZE];
	assert_true(fixture_bank(fixture, &fixture->me, "second", second));
	assert_false(write_as(bench, &bench->other, bench->bank, &record));
	assert_true(write_as(bench, &fixture->me, bench->bank, &record));
	assert_int_equal(
		store_bank_get(fixture->store, false, "alpha", &found, NULL), HILF_E_NOT_FOUND);
	assert_int_equal(store_bank_get(fixture->store, false, "beta", &found, &fixture->err), 0);
	assert_int_equal(found.id, 1);
	assert_string_equal(tell(&bench->fixture, 1).bank, "beta");
	assert_false(write_as(bench, &fixture->me, bench->bank, &record)); /* it has it */
	assert_false(write_as(bench, &fixture->me, second, &record));
	record.bank.name = "alpha";
	assert_true(write_as(bench, &fixture->me, second, &record));
	/* Other members' names are their own. */
	record.bank.name = "theirs";
	assert_true(write_as(bench, &fixture->me, second, &record));
	assert_true(fixture_remove_bank(fixture, &fixture->me, second));
	assert_false(write_as(bench, &fixture->me, second, &record));
}

/* ------------------------------------------------------------------------------------------ readers */

static void readers_are_told_what_changed_since(void **state)
{
	static struct reader early, late;
	struct bench *bench = *state;
	struct fixture *fixture = &bench->fixture;
	memset(&early, 0, sizeof early);
	memset(&late, 0, sizeof late);
	read_on(&bench->fixture, &early);
	assert_true(change_class(bench, &fixture->me, bench->bank, 1, "threat"));
	assert_true(change_class(bench, &fixture->me, bench->bank, 2, "threat"));
	assert_true(change_class(bench, &fixture->me, bench->bank, 2, "threat")); /* as it is */
	assert_true(fixture_withdraw(fixture, &fixture->me, bench->bank, bench->record, 2));
	assert_true(give(bench, &bench->other, bench->bank, 4, HILF_DISPUTE));
	assert_true(give(bench, &bench->other, bench->bank, 3, HILF_CONFIRM));
	assert_true(fixture_add(fixture, &fixture->me, bench->bank, 50, 2, NULL));
	read_on(&bench->fixture, &early);
	assert_int_equal(early.changes, 1);
	assert_int_equal(early.dispute_calls, 2);
	assert_true(early.entries[5].disputed);
	assert_false(early.entries[4].disputed);
	read_on(&bench->fixture, &late);
	assert_int_equal(late.changes, 0);
	assert_int_equal(late.dispute_calls, 1);
	same_readers(&early, &late);
	assert_true(give(bench, &bench->other, bench->bank, 4, HILF_OPINION_NONE));
	read_on(&bench->fixture, &early);
	assert_false(early.entries[5].disputed);
}

static void damage(struct bench *bench, const char *sql)
{
	sqlite3 *db;
	char path[128];
	fixture_path(&bench->fixture, "hilf.db", path);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_true(sqlite3_changes(db) > 0);
	sqlite3_close(db);
}

/* A dispute that is lost must not let its entry block. */
static void damage_to_what_changed_is_noticed_and_mended(void **state)
{
	static const struct {
		const char *sql;
		bool replay_notices;
	} damages[] = {
		{"DELETE FROM d_opinion WHERE opinion = 2", true},
		{"UPDATE d_opinion SET opinion = 1 WHERE opinion = 2", true},
		{"UPDATE d_opinion SET member = 7 WHERE opinion = 2", true},
		{"UPDATE d_opinion SET opinion = 2 WHERE opinion = 1", true},
		{"UPDATE d_state SET disputes = 0", true},
		{"UPDATE d_entry SET expires_ms = NULL WHERE id = 2", true},
		{"UPDATE d_entry SET changed_seq = NULL WHERE id = 2", true},
		{"UPDATE d_span SET early = 0", true},
		{"UPDATE d_bank SET renamed_seq = NULL", true},
		{"UPDATE d_key SET gone = 1", false},
	};
	static struct reader reader;
	struct bench *bench = *state;
	struct fixture *fixture = &bench->fixture;
	struct record record = {.kind = RECORD_BANK_RENAME, .bank.name = "beta"};
	unsigned mended;
	assert_true(give(bench, &bench->other, bench->bank, 4, HILF_DISPUTE));
	assert_true(give(bench, &fixture->me, bench->bank, 4, HILF_CONFIRM));
	assert_true(change_expiry(bench, 1, 1000));
	assert_true(write_as(bench, &fixture->me, bench->bank, &record));
	for (size_t i = 0; i < COUNT_OF(damages); i++) {
		damage(bench, damages[i].sql);
		fixture_close(fixture);
		fixture_reopen(fixture);
		memset(&reader, 0, sizeof reader);
		int rc = store_replay(
			fixture->store, 0, &reading, &reader, &reader.seq, &fixture->err);
		if (damages[i].replay_notices)
			assert_int_equal(rc, HILF_E_CORRUPT);
		assert_true(fsck(&bench->fixture, true, &mended) > 0);
		assert_int_equal(fsck(&bench->fixture, false, &mended), 0);
		assert_true(mended > 0);
		memset(&reader, 0, sizeof reader);
		read_on(&bench->fixture, &reader);
		assert_true(reader.entries[5].disputed);
		assert_int_equal(reader.entries[2].expires_ms, 1000);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_change_replaces_what_it_names_and_nothing_else),
		TEST(only_the_owner_changes_what_is_not_withdrawn),
		TEST(an_end_only_comes_closer_and_counts),
		TEST(pages_go_on_where_they_ended),
		TEST(a_signal_finds_what_was_withdrawn_too),
		TEST(one_word_of_each_member_stands_the_last),
		TEST(a_bank_is_renamed_by_its_owner_to_a_free_name),
		TEST(readers_are_told_what_changed_since),
		TEST(damage_to_what_changed_is_noticed_and_mended),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
