/* Local memory in the store: what goes in comes out, nothing goes before its time, and a row that damage changed is an
 * error that fsck removes, never an answer. */
#include "store/local.h"
#include "store/people.h"

#include "base/check.h"
#include "store/alpha_test.h"

#include <sqlite3.h>
#include <string.h>

static void run_sql(const struct fixture *fixture, const char *text)
{
	char path[128], *error = NULL;
	sqlite3 *db;
	fixture_path(fixture, "hilf.db", path);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, text, NULL, NULL, &error) != SQLITE_OK)
		fail_msg("%s: %s", text, error);
	sqlite3_close(db);
}

/* One row of each kind. */
static void fill(struct fixture *fixture)
{
	const struct store_key key = {.id = "aaaaaaaaaa", .name = "k", .role = 1, .created_ms = 5};
	const struct store_hook hook = {.id = "h",
		.url = "u",
		.events = "*",
		.secret = "s",
		.enabled = true,
		.created_ms = 6};
	const struct store_event event = {.hook = 1,
		.event_id = "e",
		.event = "ping",
		.body = "{}",
		.size = 2,
		.created_ms = 7};
	const struct store_rest rests[] = {{1, 3}, {2, 2}, {3, 0}};
	const struct store_check check = {.time_ms = 8,
		.until_ms = 1000,
		.verdict = 3,
		.basis = -5,
		.content_id = "c",
		.rests = rests,
		.rest_count = 3};
	const struct store_answer answer = {.key = {1},
		.request = {2},
		.status = 200,
		.body = "body",
		.size = 4,
		.until_ms = 1000};
	const struct hilf_signal signal = fixture_signal(1);
	const struct store_seen seen = {
		.id = 1, .time_ms = 9, .content_id = "c", .signals = &signal, .signal_count = 1};
	const struct store_user user = {.id = "u",
		.login = "amal",
		.name = "Amal",
		.role = 3,
		.enabled = true,
		.secret = "s",
		.secret_size = 1};
	const struct store_invitation invitation = {
		.hash = {1}, .seed = {2}, .user = "u", .created_ms = 10, .until_ms = 1000};
	const struct store_session session = {
		.hash = {3}, .user = "u", .made_ms = 11, .until_ms = 1000};
	uint64_t id;
	begin(fixture);
	must(store_key_add(fixture->store, &key, &fixture->err));
	must(store_hook_put(fixture->store, &hook, &fixture->err));
	must(store_event_add(fixture->store, &event, NULL, NULL, &fixture->err));
	must(store_check_add(fixture->store, &check, &id, &fixture->err));
	must(store_rest_set(fixture->store, 1, 500, 3, &fixture->err));
	must(store_rest_set(fixture->store, 2, 600, 3, &fixture->err));
	must(store_answer_put(fixture->store, &answer, &fixture->err));
	must(store_seen_add(fixture->store, &seen, &fixture->err));
	must(store_beside_put(fixture->store, 1, "text", &fixture->err));
	must(store_user_put(fixture->store, &user, &fixture->err));
	must(store_invitation_put(fixture->store, &invitation, &fixture->err));
	must(store_session_add(fixture->store, &session, &fixture->err));
	commit(fixture);
}

static int count_key(const struct store_key *key, void *ctx)
{
	(void)key;
	++*(int *)ctx;
	return 0;
}

static int count_hook(const struct store_hook *hook, void *ctx)
{
	(void)hook;
	++*(int *)ctx;
	return 0;
}

static int count_seen(const struct store_seen *seen, void *ctx)
{
	(void)seen;
	++*(int *)ctx;
	return 0;
}

/* Reads one row of a kind; counts it. */
static int read_key(struct fixture *fixture, struct arena *arena, int *count)
{
	(void)arena;
	return store_key_each(fixture->store, false, count_key, count, &fixture->err);
}

static int read_hook(struct fixture *fixture, struct arena *arena, int *count)
{
	(void)arena;
	return store_hook_each(fixture->store, false, count_hook, count, &fixture->err);
}

static int read_event(struct fixture *fixture, struct arena *arena, int *count)
{
	struct store_event event;
	int rc = store_event_get(fixture->store, false, 1, arena, &event, &fixture->err);
	*count += !rc;
	return rc == HILF_E_NOT_FOUND ? 0 : rc;
}

static int read_check(struct fixture *fixture, struct arena *arena, int *count)
{
	struct store_check check;
	int rc = store_check_find(fixture->store, false, "c", -5, arena, &check, &fixture->err);
	*count += !rc;
	return rc == HILF_E_NOT_FOUND ? 0 : rc;
}

static int read_answer(struct fixture *fixture, struct arena *arena, int *count)
{
	struct store_answer answer;
	uint8_t key[32] = {1};
	int rc = store_answer_get(fixture->store, key, 20, arena, &answer, &fixture->err);
	*count += !rc;
	return rc == HILF_E_NOT_FOUND ? 0 : rc;
}

static int read_seen(struct fixture *fixture, struct arena *arena, int *count)
{
	(void)arena;
	return store_seen_each(fixture->store, count_seen, count, &fixture->err);
}

static int read_beside(struct fixture *fixture, struct arena *arena, int *count)
{
	const char *text;
	int rc = store_beside_get(fixture->store, false, 1, arena, &text, &fixture->err);
	*count += !rc;
	return rc == HILF_E_NOT_FOUND ? 0 : rc;
}

static int read_user(struct fixture *fixture, struct arena *arena, int *count)
{
	struct store_user user;
	int rc = store_user_get(fixture->store, false, "u", NULL, arena, &user, &fixture->err);
	*count += !rc;
	return rc == HILF_E_NOT_FOUND ? 0 : rc;
}

static int read_invitation(struct fixture *fixture, struct arena *arena, int *count)
{
	struct store_invitation invitation;
	const uint8_t hash[32] = {1};
	int rc = store_invitation_get(
		fixture->store, false, hash, arena, &invitation, &fixture->err);
	*count += !rc;
	return rc == HILF_E_NOT_FOUND ? 0 : rc;
}

static int count_session(const struct store_session *session, void *ctx)
{
	assert_int_equal(session->hash[0], 3);
	++*(int *)ctx;
	return 0;
}

static int read_session(struct fixture *fixture, struct arena *arena, int *count)
{
	(void)arena;
	return store_session_each(fixture->store, false, count_session, count, &fixture->err);
}

static const struct kind {
	const char *what, *damage;
	int (*read)(struct fixture *fixture, struct arena *arena, int *count);
} kinds[] = {
	{"API keys", "UPDATE l_key SET role = 4", read_key},
	{"webhooks", "UPDATE l_webhook SET url = 'v'", read_hook},
	{"events on their way", "UPDATE l_outbox SET body = CAST('{ }' AS BLOB)", read_event},
	{"recorded checks", "UPDATE l_check SET rests = x'00'", read_check},
	{"kept answers", "UPDATE l_idempotent SET status = 500", read_answer},
	{"contents looked back on", "UPDATE l_lookback SET time_ms = 10", read_seen},
	{"texts beside entries", "UPDATE l_beside SET text = 'next'", read_beside},
	{"people's accounts", "UPDATE l_user SET role = 4", read_user},
	{"invitations", "UPDATE l_invitation SET until_ms = until_ms + 1", read_invitation},
	{"sessions", "UPDATE l_session SET until_ms = until_ms + 1", read_session},
};

static int count_of(struct fixture *fixture, const struct kind *kind, int *ret_rc)
{
	struct arena arena;
	int count = 0;
	arena_init(&arena, 0);
	*ret_rc = kind->read(fixture, &arena, &count);
	arena_clear(&arena);
	return count;
}

struct findings {
	unsigned problems, mended;
	char text[400];
};

static int gather(const char *level, const char *what, const char *text, void *ctx)
{
	struct findings *findings = ctx;
	(void)what;
	findings->problems += strcmp(level, "problem") == 0;
	findings->mended += strcmp(level, "mended") == 0;
	if (strcmp(level, "problem") == 0)
		snprintf(findings->text, sizeof findings->text, "%s", text);
	return 0;
}

static struct findings fsck(struct fixture *fixture, bool check_only)
{
	struct findings findings = {0};
	uint64_t problems;
	must(store_fsck(fixture->store, check_only, gather, &findings, &problems, &fixture->err));
	assert_int_equal(problems, findings.problems);
	return findings;
}

static void a_row_that_damage_changed_is_an_error_until_fsck_removes_it(void **state)
{
	struct fixture *fixture = *state;
	int rc;
	fill(fixture);
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		assert_int_equal(count_of(fixture, &kinds[i], &rc), 1);
		assert_int_equal(rc, 0);
	}
	assert_int_equal(fsck(fixture, true).problems, 0);
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		run_sql(fixture, kinds[i].damage);
		fixture_close(fixture);
		fixture_reopen(fixture);
		count_of(fixture, &kinds[i], &rc);
		assert_int_equal(rc, HILF_E_CORRUPT);
		struct findings findings = fsck(fixture, true);
		assert_int_equal(findings.problems, 1);
		assert_non_null(strstr(findings.text, kinds[i].what));
		findings = fsck(fixture, false);
		assert_int_equal(findings.problems, 1);
		assert_int_equal(count_of(fixture, &kinds[i], &rc), 0);
		assert_int_equal(rc, 0);
		assert_int_equal(fsck(fixture, true).problems, 0);
	}
}

static void a_lost_key_of_marks_costs_nothing(void **state)
{
	struct fixture *fixture = *state;
	int rc;
	fill(fixture);
	run_sql(fixture, "DELETE FROM l_setting WHERE key = 'store.mark_key'");
	fixture_close(fixture);
	fixture_reopen(fixture);
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		count_of(fixture, &kinds[i], &rc);
		if (kinds[i].read !=
			read_check) /* that one is looked for by a hash under the key */
			assert_int_equal(rc, HILF_E_CORRUPT);
	}
	struct findings findings = fsck(fixture, false);
	assert_int_equal(findings.problems, 0);
	fixture_close(fixture);
	fixture_reopen(fixture);
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		if (count_of(fixture, &kinds[i], &rc) != 1 || rc)
			fail_msg("%s are gone: %s", kinds[i].what, fixture->err.text);
	}
}

static void numbers_are_never_given_twice(void **state)
{
	struct fixture *fixture = *state;
	struct store_event event = {.hook = 1,
		.event_id = "e",
		.event = "ping",
		.body = "{}",
		.size = 2,
		.created_ms = 7};
	struct arena arena;
	arena_init(&arena, 0);
	for (uint64_t i = 1; i < 4; i++) {
		struct store_event got;
		begin(fixture);
		must(store_event_add(fixture->store, &event, NULL, NULL, &fixture->err));
		must(store_event_get(fixture->store, true, i, &arena, &got, &fixture->err));
		assert_int_equal(got.id, i);
		must(store_event_remove(fixture->store, &got, &fixture->err));
		commit(fixture);
	}
	arena_clear(&arena);
}

static void rows_go_when_their_time_is_over_and_not_before(void **state)
{
	struct fixture *fixture = *state;
	struct store_ages ages = {.now_ms = 1000, .dead_before_ms = 50, .seen_before_ms = 9};
	struct store_event event;
	struct arena arena;
	uint64_t ids[4];
	size_t count;
	bool more;
	int rc;
	arena_init(&arena, 0);
	fill(fixture);
	begin(fixture);
	must(store_event_get(fixture->store, true, 1, &arena, &event, &fixture->err));
	event.dead = true;
	event.failed_ms = 50;
	must(store_event_save(fixture->store, &event, &fixture->err));
	must(store_local_sweep(fixture->store, &ages, 10, &more, &fixture->err));
	assert_false(more);
	must(store_check_resting(fixture->store, 1, 0, ids, 4, &count, &fixture->err));
	assert_int_equal(count, 1);
	commit(fixture);
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		int expected = kinds[i].read != read_answer; /* which ends at that time */
		assert_int_equal(count_of(fixture, &kinds[i], &rc), expected);
	}
	ages = (struct store_ages){.now_ms = 1001, .dead_before_ms = 51, .seen_before_ms = 10};
	begin(fixture);
	must(store_local_sweep(fixture->store, &ages, 1, &more, &fixture->err));
	assert_true(more);
	must(store_local_sweep(fixture->store, &ages, 1, &more, &fixture->err));
	assert_false(more);
	must(store_check_resting(fixture->store, 1, 0, ids, 4, &count, &fixture->err));
	assert_int_equal(count, 0);
	commit(fixture);
	assert_int_equal(count_of(fixture, &kinds[2], &rc), 0);
	assert_int_equal(count_of(fixture, &kinds[3], &rc), 0);
	assert_int_equal(count_of(fixture, &kinds[5], &rc), 0);
	assert_int_equal(count_of(fixture, &kinds[0], &rc), 1);
	arena_clear(&arena);
}

static void what_rests_on_an_entry_is_found_and_ends(void **state)
{
	struct fixture *fixture = *state;
	uint64_t ids[4];
	size_t count;
	uint32_t most;
	fill(fixture);
	begin(fixture);
	must(store_check_resting(fixture->store, 2, 0, ids, 4, &count, &fixture->err));
	assert_int_equal(count, 1);
	/* An entry that brought nothing leads nowhere. */
	must(store_check_resting(fixture->store, 3, 0, ids, 4, &count, &fixture->err));
	assert_int_equal(count, 0);
	must(store_rest_expired(fixture->store, true, 500, ids, 4, &count, &fixture->err));
	assert_int_equal(count, 1);
	assert_int_equal(ids[0], 1);
	must(store_rest_page(fixture->store, true, 1, ids, 4, &count, &fixture->err));
	assert_int_equal(count, 1);
	assert_int_equal(ids[0], 2);
	struct store_check check;
	struct arena arena;
	arena_init(&arena, 0);
	must(store_rest_move(fixture->store, 1, 9, &fixture->err));
	must(store_check_get(fixture->store, true, 1, &arena, &check, &fixture->err));
	assert_int_equal(check.rests[0].entry, 9);
	assert_int_equal(check.rests[0].verdict, 3);
	must(store_check_resting(fixture->store, 9, 0, ids, 4, &count, &fixture->err));
	assert_int_equal(count, 1);
	must(store_rest_get(fixture->store, true, 9, &most, &fixture->err));
	assert_int_equal(store_rest_get(fixture->store, true, 1, &most, NULL), HILF_E_NOT_FOUND);
	must(store_rest_move(fixture->store, 9, 1, &fixture->err));
	arena_clear(&arena);
	must(store_rest_end(fixture->store, 2, &fixture->err));
	assert_int_equal(store_rest_get(fixture->store, true, 2, &most, NULL), HILF_E_NOT_FOUND);
	must(store_rest_get(fixture->store, true, 1, &most, &fixture->err));
	assert_int_equal(most, 3);
	commit(fixture);
}

static void texts_as_long_as_allowed_and_as_strange_come_back_as_they_were(void **state)
{
	struct fixture *fixture = *state;
	char text[2049];
	struct store_check check = {.time_ms = 8, .until_ms = 1000, .verdict = 2, .rests = NULL},
			   got;
	struct arena arena;
	uint64_t id;
	arena_init(&arena, 0);
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	check.evidence_url = text;
	check.content_id = "\xf0\x9f\x8c\x8a' -- \x01\n";
	check.uploader_ref = "";
	begin(fixture);
	must(store_check_add(fixture->store, &check, &id, &fixture->err));
	commit(fixture);
	must(store_check_get(fixture->store, false, id, &arena, &got, &fixture->err));
	assert_string_equal(got.evidence_url, text);
	assert_string_equal(got.content_id, check.content_id);
	assert_string_equal(got.uploader_ref, "");
	assert_null(got.language);
	assert_int_equal(got.rest_count, 0);
	assert_false(got.has_decision);
	arena_clear(&arena);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_row_that_damage_changed_is_an_error_until_fsck_removes_it),
		TEST(a_lost_key_of_marks_costs_nothing),
		TEST(numbers_are_never_given_twice),
		TEST(rows_go_when_their_time_is_over_and_not_before),
		TEST(what_rests_on_an_entry_is_found_and_ends),
		TEST(texts_as_long_as_allowed_and_as_strange_come_back_as_they_were),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
