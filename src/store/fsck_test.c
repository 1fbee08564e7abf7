/* What fsck finds, what it mends, and what it leaves alone. Damage is done with SQL behind the store's back, and by
 * turning bits of the file. */
#include "store/store.h"

#include "base/buf.h"
#include "base/check.h"
#include "os/clock.h"
#include "os/file.h"
#include "store/store_fixture.h"
#include "test/unit.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static uint8_t bank[UUID_SIZE], first[UUID_SIZE];

/* Two banks, some hundred entries, withdrawals, an entry of somebody without the right. */
static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof *fixture);
	struct fixture_member other;
	uint8_t gone[UUID_SIZE];
	fixture_open(fixture);
	bool good = fixture_found(fixture, &fixture->me) && fixture_found(fixture, &other) &&
		    fixture_bank(fixture, &fixture->me, "alpha", bank) &&
		    fixture_bank(fixture, &fixture->me, "beta", gone) &&
		    fixture_add(fixture, &fixture->me, bank, 0, 100, first) &&
		    fixture_add(fixture, &fixture->me, gone, 0, 50, NULL) &&
		    fixture_add(fixture, &fixture->me, bank, 100, 100, NULL) &&
		    fixture_withdraw(fixture, &fixture->me, bank, first, 7) &&
		    fixture_remove_bank(fixture, &fixture->me, gone) &&
		    !fixture_add(fixture, &other, bank, 500, 1, NULL) &&
		    store_begin(fixture->store, NULL) == 0 &&
		    store_bank_policy_set(fixture->store, bank,
			    &(struct store_policy){HILF_BLOCK, 20, STORE_SAMPLE_ALL}, NULL) == 0 &&
		    store_commit(fixture->store, NULL) == 0;
	*state = fixture;
	return good ? 0 : -1;
}

static int tear_down(void **state)
{
	fixture_remove(*state);
	free(*state);
	return 0;
}

struct findings {
	unsigned ok, notes, warnings, problems, mended;
	char last_problem[400];
};

static int gather(const char *level, const char *what, const char *text, void *ctx)
{
	struct findings *findings = ctx;
	assert_true(*what && *text);
	if (getenv("TELL"))
		print_message("%s %s %s\n", level, what, text);
	if (strcmp(level, "ok") == 0)
		findings->ok++;
	else if (strcmp(level, "note") == 0)
		findings->notes++;
	else if (strcmp(level, "warning") == 0)
		findings->warnings++;
	else if (strcmp(level, "mended") == 0)
		findings->mended++;
	else if (strcmp(level, "problem") == 0) {
		findings->problems++;
		snprintf(findings->last_problem, sizeof findings->last_problem, "%s", text);
	} else
		fail_msg("a level that is none: %s", level);
	return 0;
}

static uint64_t fsck(struct fixture *fixture, bool check_only, struct findings *ret_findings)
{
	uint64_t problems = 99;
	memset(ret_findings, 0, sizeof *ret_findings);
	int rc = store_fsck(
		fixture->store, check_only, gather, ret_findings, &problems, &fixture->err);
	if (rc)
		print_error("%s\n", fixture->err.text);
	assert_int_equal(rc, 0);
	return problems;
}

/* Changes the database behind the store's back. */
static void damage(struct fixture *fixture, const char *sql)
{
	sqlite3 *db;
	char path[128], *text = NULL;
	fixture_path(fixture, "hilf.db", path);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &text) != SQLITE_OK)
		fail_msg("%s", text);
	assert_true(sqlite3_changes(db) > 0);
	sqlite3_close(db);
}

static int count_entry(const struct store_entry *entry, void *ctx)
{
	uint64_t *count = ctx;
	*count += entry->signal_count;
	return 0;
}

static int replay(struct fixture *fixture, uint64_t *ret_count)
{
	static const struct store_sink sink = {.entry = count_entry};
	uint64_t seq;
	*ret_count = 0;
	return store_replay(fixture->store, 0, &sink, ret_count, &seq, &fixture->err);
}

static void a_sound_store_has_no_problems(void **state)
{
	struct fixture *fixture = *state;
	struct findings findings;
	assert_int_equal(fsck(fixture, true, &findings), 0);
	assert_int_equal(findings.ok, 3);
	assert_int_equal(findings.problems + findings.warnings + findings.mended, 0);
	assert_int_equal(fsck(fixture, false, &findings), 0);
	assert_int_equal(findings.ok, 3);
	assert_int_equal(findings.mended, 0);
}

/* Each is noticed when it is read, told by a check, and gone after a repair. */
static void damage_to_derived_tables_is_mended_from_the_feed(void **state)
{
	static const char *const damages[] = {
		"UPDATE d_entry SET signals = zeroblob(36) WHERE id = 50",
		"UPDATE d_entry SET withdrawn_seq = NULL WHERE id = 8",
		"UPDATE d_entry SET withdrawn_seq = 5 WHERE id = 9",
		"UPDATE d_entry SET meta = 2 WHERE id = 60",
		"DELETE FROM d_entry WHERE id = 33",
		"DELETE FROM d_entry WHERE id = 250",
		"UPDATE d_span SET bank = 2 WHERE first = 1",
		"UPDATE d_span SET expires_ms = expires_ms + 1 WHERE first = 1",
		"DELETE FROM d_span WHERE first = 151",
		"DELETE FROM d_span",
		"UPDATE d_bank SET removed_seq = NULL WHERE id = 2",
		"UPDATE d_bank SET name = 'gamma' WHERE id = 1",
		"UPDATE d_meta SET labels = 'set=other' || char(10) WHERE id = 1",
		"UPDATE d_meta SET ground = 'none' WHERE id = 1",
		"DELETE FROM d_meta",
		"UPDATE d_state SET seq = seq - 1",
		"DELETE FROM d_state",
	};
	struct fixture *fixture = *state;
	struct findings findings;
	for (size_t i = 0; i < COUNT_OF(damages); i++) {
		uint64_t count;
		damage(fixture, damages[i]);
		assert_true(fsck(fixture, true, &findings) > 0);
		assert_non_null(strstr(findings.last_problem, "'hilf fsck' mends it"));
		assert_int_equal(fsck(fixture, false, &findings), 0);
		assert_true(findings.mended > 0);
		assert_int_equal(fsck(fixture, true, &findings), 0);
		assert_int_equal(replay(fixture, &count), 0);
		assert_int_equal(count, 199);
	}
}

static void damage_to_keys_and_members_is_mended_too(void **state)
{
	static const char *const damages[] = {
		"DELETE FROM d_key WHERE entry = 5",
		"INSERT INTO d_key VALUES (5, 5, 0)",
		"UPDATE d_member SET key = zeroblob(32) WHERE id = 2",
		"UPDATE l_setting SET value = 'damaged' WHERE key = 'store.mark_key'",
		"DELETE FROM l_setting WHERE key = 'store.mark_key'",
		"UPDATE l_setting SET value = iif(value LIKE '1%', '2', '1') || substr(value, 2) "
		"WHERE key LIKE 'store.%'",
	};
	struct fixture *fixture = *state;
	struct findings findings;
	struct store_bank found;
	for (size_t i = 0; i < COUNT_OF(damages); i++) {
		damage(fixture, damages[i]);
		fixture_close(fixture);
		fixture_reopen(fixture);
		assert_true(fsck(fixture, true, &findings) > 0);
		assert_int_equal(fsck(fixture, false, &findings), 0);
		assert_true(findings.mended > 0);
		fixture_close(fixture);
		fixture_reopen(fixture);
		assert_int_equal(fsck(fixture, true, &findings), 0);
	}
	assert_int_equal(store_bank_get(fixture->store, false, "alpha", &found, &fixture->err), 0);
}

static void damaged_entries_are_not_told(void **state)
{
	static const char *const damages[] = {
		"UPDATE d_entry SET signals = zeroblob(36) WHERE id = 50",
		"UPDATE d_entry SET withdrawn_seq = NULL WHERE id = 8",
		"DELETE FROM d_entry WHERE id = 33",
		"DELETE FROM d_entry WHERE id = 250",
		"DELETE FROM d_span WHERE first = 151",
		"UPDATE d_state SET withdrawn = 0",
	};
	struct fixture *fixture = *state;
	struct findings findings;
	for (size_t i = 0; i < COUNT_OF(damages); i++) {
		uint64_t count;
		damage(fixture, damages[i]);
		assert_int_equal(replay(fixture, &count), HILF_E_CORRUPT);
		assert_non_null(strstr(fixture->err.text, "hilf fsck"));
		fsck(fixture, false, &findings);
	}
}

/* Another record of the right form, under the old signature. */
#define ALTERED                                                                                    \
	"UPDATE feed SET record = CAST(replace(CAST(record AS TEXT), 'human', 'import') "          \
	"AS BLOB) WHERE seq = 5"

static void damage_to_the_feed_is_told_and_nothing_is_replaced(void **state)
{
	static const char *const damages[] = {
		"UPDATE feed SET signature = zeroblob(64) WHERE seq = 5",
		"UPDATE feed SET salt = zeroblob(32) WHERE seq = 5",
		"UPDATE feed SET received_ms = 5 WHERE seq = 5",
		ALTERED,
		"UPDATE feed SET record = CAST(CAST(record AS TEXT) || ' ' AS BLOB) WHERE seq = 5",
		"UPDATE feed SET kind = 2 WHERE seq = 5",
		"UPDATE feed SET author = zeroblob(16) WHERE seq = 5",
		"DELETE FROM feed WHERE seq = 5",
		"DELETE FROM feed WHERE seq >= 9",
	};
	struct fixture *fixture = *state;
	char copy[128], original[128], command[300];
	fixture_close(fixture);
	fixture_path(fixture, "hilf.db", original);
	fixture_path(fixture, "copy.db", copy);
	for (size_t i = 0; i < COUNT_OF(damages); i++) {
		struct findings findings;
		uint64_t count;
		snprintf(command, sizeof command, "cp '%s' '%s'", i ? copy : original,
			i ? original : copy);
		assert_int_equal(system(command), 0);
		damage(fixture, damages[i]);
		fixture_reopen(fixture);
		assert_true(fsck(fixture, true, &findings) > 0);
		assert_true(fsck(fixture, false, &findings) > 0);
		assert_int_equal(findings.mended, 0);
		assert_int_equal(replay(fixture, &count), 0); /* the tables are good still */
		assert_int_equal(count, 199);
		fixture_close(fixture);
	}
}

static void a_bank_with_a_damaged_mode_is_told_and_goes_back(void **state)
{
	struct fixture *fixture = *state;
	struct findings findings;
	struct store_bank found;
	damage(fixture, "UPDATE l_bank_policy SET mode = 0");
	assert_int_equal(store_bank_get(fixture->store, false, "alpha", &found, &fixture->err),
		HILF_E_CORRUPT);
	assert_int_equal(fsck(fixture, true, &findings), 1);
	assert_int_equal(fsck(fixture, false, &findings), 1);
	assert_int_equal(fsck(fixture, false, &findings), 0);
	assert_int_equal(store_bank_get(fixture->store, false, "alpha", &found, &fixture->err), 0);
	assert_false(found.has_policy);
}

static void a_damaged_mute_is_told_and_ends(void **state)
{
	struct fixture *fixture = *state;
	struct findings findings;
	int64_t until_ms;
	assert_int_equal(store_begin(fixture->store, &fixture->err), 0);
	assert_int_equal(store_mute_set(fixture->store, 3, 5000, &fixture->err), 0);
	assert_int_equal(store_mute_set(fixture->store, 4, 5000, &fixture->err), 0);
	assert_int_equal(store_commit(fixture->store, &fixture->err), 0);
	damage(fixture, "UPDATE l_mute SET until_ms = 6000 WHERE entry = 3");
	assert_int_equal(store_mute_get(fixture->store, false, 3, &until_ms, &fixture->err),
		HILF_E_CORRUPT);
	assert_int_equal(fsck(fixture, true, &findings), 1);
	assert_int_equal(fsck(fixture, false, &findings), 1);
	assert_int_equal(fsck(fixture, false, &findings), 0);
	assert_int_equal(store_mute_get(fixture->store, false, 3, &until_ms, &fixture->err), 0);
	assert_int_equal(until_ms, 0);
	assert_int_equal(store_mute_get(fixture->store, false, 4, &until_ms, &fixture->err), 0);
	assert_int_equal(until_ms, 5000);
}

/* Everything that a reader can ask of a store, in one number. */
static int digest_entry(const struct store_entry *entry, void *ctx)
{
	uint64_t *digest = ctx;
	*digest = *digest * 31 + entry->id * 7 + entry->meta + entry->bank +
		  (uint64_t)entry->expires_ms + entry->signals[0].value[0] + entry->gid.record[15];
	return 0;
}

static int digest_bank(const struct store_bank *row, void *ctx)
{
	uint64_t *digest = ctx;
	*digest = *digest * 31 + row->id + row->policy.mode + row->policy.pdq_radius + row->removed +
		  (uint64_t)row->name[0] + row->gid[15];
	return 0;
}

static int digest_meta(const struct store_meta *meta, void *ctx)
{
	uint64_t *digest = ctx;
	*digest = *digest * 31 + meta->id + meta->label_count + (uint64_t)meta->content_class[0];
	return 0;
}

static int digest_feed(const struct store_feed_row *row, void *ctx)
{
	uint64_t *digest = ctx;
	*digest = *digest * 31 + row->seq + row->salt[31] + (uint64_t)row->received_ms;
	return 0;
}

static int digest(struct store *store, uint64_t *ret_digest)
{
	static const struct store_sink sink = {digest_bank, digest_meta, digest_entry, NULL};
	struct hilf_err err;
	uint64_t seq;
	*ret_digest = 0;
	int rc = store_replay(store, 0, &sink, ret_digest, &seq, &err);
	return rc ? rc : store_feed(store, 0, 1000, digest_feed, ret_digest, &err);
}

static int pass_over(const char *level, const char *what, const char *text, void *ctx)
{
	(void)level, (void)what, (void)text, (void)ctx;
	return 0;
}

/* One bit of the file is turned at a time: what is told is the truth or an error, and nothing crashes. */
static void a_turned_bit_is_never_served(void **state)
{
	struct fixture *fixture = *state;
	struct hilf_err err;
	struct buf whole = BUF_INIT;
	char path[128];
	uint64_t truth, random = 12345;
	unsigned noticed = 0, harmless = 0;
	fixture_close(fixture);
	fixture_reopen(fixture);
	assert_int_equal(digest(fixture->store, &truth), 0);
	fixture_close(fixture);
	fixture_path(fixture, "hilf.db", path);
	assert_int_equal(file_read(path, 1 << 24, &whole, &err), 0);
	for (int i = 0; i < 400; i++) {
		const struct store_conf conf = {.dir = fixture->dir, .wait_ms = 300};
		struct store *store;
		uint64_t seen, problems = 0;
		random = random * 6364136223846793005u + 1442695040888963407u;
		size_t bit = (size_t)((random >> 20) % (whole.size * 8));
		int fd = open(path, O_WRONLY | O_CLOEXEC);
		char turned = (char)(whole.data[bit / 8] ^ (1 << bit % 8));
		assert_int_equal(pwrite(fd, &turned, 1, (off_t)(bit / 8)), 1);
		int rc = store_open(&conf, &store, &err);
		if (!rc) {
			rc = digest(store, &seen);
			if (!rc && seen != truth)
				fail_msg("bit %zu of byte %zu was served", bit % 8, bit / 8);
			store_fsck(store, true, pass_over, NULL, &problems, &err);
			store_close(store);
		}
		noticed += rc != 0 || problems;
		harmless += rc == 0 && !problems;
		assert_int_equal(pwrite(fd, whole.data + bit / 8, 1, (off_t)(bit / 8)), 1);
		close(fd);
	}
	print_message("%u turned bits were noticed, %u changed nothing that is used\n", noticed,
		harmless);
	assert_true(noticed > 0);
	buf_free(&whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(a_sound_store_has_no_problems),
		TEST(damage_to_derived_tables_is_mended_from_the_feed),
		TEST(damage_to_keys_and_members_is_mended_too),
		TEST(damaged_entries_are_not_told),
		TEST(damage_to_the_feed_is_told_and_nothing_is_replaced),
		TEST(a_bank_with_a_damaged_mode_is_told_and_goes_back),
		TEST(a_damaged_mute_is_told_and_ends),
		TEST(a_turned_bit_is_never_served),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
