/* Fails the k-th allocation, and then all from the k-th on, for every k: a call says so and leaves nothing half-made, and
 * whatever memory could not follow is caught up with by the next query: nothing known is lost, nothing withdrawn stays.
 * SQLite's own allocations are the store's to fail. */
#include "engine/place_test.h"
#include "test/failing_memory.h"

#define FAULTS_MAX 1000

static void check_is_none(struct place *place, struct hilf *hilf, const struct hilf_signal *signal)
{
	struct hilf_check check;
	must(hilf_match_signals(hilf, NULL, signal, 1, &check, &place->err));
	assert_int_equal(check.match_count, 0);
	hilf_check_free(&check);
}

static void check_is_one(
	struct place *place, struct hilf *hilf, const struct hilf_signal *signal, uint64_t entry)
{
	struct hilf_check check;
	must(hilf_match_signals(hilf, NULL, signal, 1, &check, &place->err));
	assert_int_equal(check.match_count, 1);
	assert_int_equal(check.match_more, 0);
	assert_int_equal(check.matches[0].entry, entry);
	hilf_check_free(&check);
}

static void withdraw(struct place *place, uint64_t entry)
{
	char number[32];
	snprintf(number, sizeof number, "%llu", (unsigned long long)entry);
	must(hilf_withdraw(place->hilf, number, "error", &place->err));
}

/* Another class, and disputed. */
static int change_entry(struct place *place, uint64_t entry, const char *content_class)
{
	const struct hilf_entry_change change = {.content_class = content_class};
	char number[32];
	snprintf(number, sizeof number, "%llu", (unsigned long long)entry);
	int rc = hilf_entry_set(place->hilf, number, &change, &place->err);
	return rc ? rc : hilf_opinion_give(place->hilf, number, HILF_DISPUTE, &place->err);
}

static void check_is_changed(struct place *place, struct hilf *hilf,
	const struct hilf_signal *signal, const char *content_class)
{
	struct hilf_check check;
	must(hilf_match_signals(hilf, NULL, signal, 1, &check, &place->err));
	assert_int_equal(check.match_count, 1);
	assert_string_equal(check.matches[0].content_class, content_class);
	assert_true(check.matches[0].disputed);
	hilf_check_free(&check);
}

/* --------------------------------------------------------------------------------------- who follows */

/* What happens to the feed while a reader has no memory: three entries with a label of their own come, an old one goes,
 * another changes; the reader tries to follow; then one of the new goes as well, and one changes. */
static bool follow_with_fault(struct place *place, long nth, bool all_after, uint64_t *seed)
{
	const struct hilf_options options = {
		.abi = HILF_ABI, .data_dir = place->dir, .read_only = true};
	struct hilf_signal signals[3] = {random_pdq(seed), random_pdq(seed), random_pdq(seed)};
	struct hilf_signal kept = random_pdq(seed);
	struct hilf_signal old = random_pdq(seed), empty = {HILF_PDQ, 32, 0, {0}};
	struct hilf_signal several[] = {signals[2], empty, random_pdq(seed)};
	struct hilf_new_entry entries[] = {{&signals[0], 1}, {&signals[1], 1}, {several, 3}};
	struct hilf_add_result results[3];
	struct hilf_stats stats;
	struct hilf *reader;
	char value[32];
	uint64_t old_entry = add_one(place, "b", &old), kept_entry = add_one(place, "b", &kept);
	must(hilf_open(&options, &reader, &place->err));
	snprintf(value, sizeof value, "%ld-%d", nth, all_after);
	const struct hilf_label label = {"fault", value};
	const struct hilf_entry_meta meta = {.labels = &label, .label_count = 1};
	must(hilf_add(place->hilf, "b", &meta, entries, 3, results, &place->err));
	withdraw(place, old_entry);
	must(change_entry(place, kept_entry, "threat"));
	before_fault(nth, all_after);
	int rc = hilf_refresh(reader, &place->err);
	bool hit = after_fault();
	if (!hit)
		assert_int_equal(rc, 0);
	if (rc)
		assert_int_equal(rc, HILF_E_NO_MEMORY);
	withdraw(place, results[0].entry);
	must(change_entry(place, results[1].entry, "incitement"));
	check_is_none(place, reader, &signals[0]);
	check_is_one(place, reader, &signals[1], results[1].entry);
	check_is_changed(place, reader, &signals[1], "incitement");
	check_is_changed(place, reader, &kept, "threat");
	check_is_one(place, reader, &signals[2], results[2].entry);
	check_is_one(place, reader, &several[2], results[2].entry);
	check_is_none(place, reader, &old);
	must(hilf_stats_get(reader, &stats, &place->err));
	assert_int_equal(stats.signal_count[HILF_PDQ], stats.index_count + stats.degenerate_count);
	hilf_close(reader);
	return hit;
}

static void nothing_is_lost_while_there_is_no_memory_to_follow(void **state)
{
	struct place *place = *state;
	uint64_t seed = 1;
	must(hilf_bank_create(place->hilf, "b", HILF_REVIEW, 31, NULL, &place->err));
	for (int all_after = 0; all_after < 2; all_after++) {
		long nth = 0;
		while (follow_with_fault(place, nth, all_after, &seed))
			assert_true(++nth < FAULTS_MAX);
		assert_true(nth > 3);
	}
}

/* ------------------------------------------------------------------------------------- who writes, asks */

/* Calls it with each allocation failing in turn, until it needs no more: each failure is said, and after it `whole`
 * must find that nothing has happened and make it happen. */
#define FAIL_EACH(call, whole)                                                                     \
	for (int all_after = 0; all_after < 2; all_after++) {                                      \
		bool hit = true;                                                                   \
		long nth = 0;                                                                      \
		for (; hit; nth++) {                                                               \
			place->err.text[0] = '\0';                                                 \
			before_fault(nth, all_after);                                              \
			int rc = (call);                                                           \
			hit = after_fault();                                                       \
			if (rc && (rc != HILF_E_NO_MEMORY || !place->err.text[0]))                 \
				fail_msg("%s: allocation %ld: %d %s", #call, nth, rc,              \
					place->err.text);                                          \
			assert_true(hit || !rc);                                                   \
			assert_true(nth < FAULTS_MAX);                                             \
			whole(place, rc);                                                          \
		}                                                                                  \
		assert_true(nth > 1);                                                              \
	}

static struct hilf_signal fresh;
static struct hilf_add_result result;

static int add_fresh(struct place *place)
{
	const struct hilf_new_entry entry = {&fresh, 1};
	result = (struct hilf_add_result){77, HILF_ADDED_DEGENERATE};
	return hilf_add(place->hilf, "b", NULL, &entry, 1, &result, &place->err);
}

static void was_added_whole(struct place *place, int rc)
{
	static uint64_t seed = 1000;
	if (rc) {
		assert_int_equal(result.entry, 77);
		check_is_none(place, place->hilf, &fresh);
		must(add_fresh(place));
	}
	assert_int_equal(result.what, HILF_ADDED);
	check_is_one(place, place->hilf, &fresh, result.entry);
	fresh = random_pdq(&seed);
}

static int withdraw_fresh(struct place *place)
{
	char number[32];
	snprintf(number, sizeof number, "%llu", (unsigned long long)result.entry);
	return hilf_withdraw(place->hilf, number, "error: of memory", &place->err);
}

static void was_withdrawn_whole(struct place *place, int rc)
{
	if (rc) {
		check_is_one(place, place->hilf, &fresh, result.entry);
		must(withdraw_fresh(place));
	}
	check_is_none(place, place->hilf, &fresh);
	must(add_fresh(place));
}

static unsigned changes;

static int change_fresh(struct place *place)
{
	return change_entry(place, result.entry, changes % 2 ? "threat" : "incitement");
}

static void was_changed_whole(struct place *place, int rc)
{
	char number[32];
	if (rc)
		must(change_fresh(place));
	check_is_changed(place, place->hilf, &fresh, changes++ % 2 ? "threat" : "incitement");
	snprintf(number, sizeof number, "%llu", (unsigned long long)result.entry);
	must(hilf_opinion_give(place->hilf, number, HILF_OPINION_NONE, &place->err));
}

static void changes_happen_whole_or_not_at_all(void **state)
{
	struct place *place = *state;
	uint64_t seed = 7;
	must(hilf_bank_create(place->hilf, "b", HILF_REVIEW, 31, NULL, &place->err));
	fresh = random_pdq(&seed);
	must(add_fresh(place));
	FAIL_EACH(change_fresh(place), was_changed_whole);
}

static void writes_happen_whole_or_not_at_all(void **state)
{
	struct place *place = *state;
	uint64_t seed = 2;
	must(hilf_bank_create(place->hilf, "b", HILF_REVIEW, 31, NULL, &place->err));
	fresh = random_pdq(&seed);
	FAIL_EACH(add_fresh(place), was_added_whole);
	must(add_fresh(place));
	FAIL_EACH(withdraw_fresh(place), was_withdrawn_whole);
}

/* The first write starts the seal and founds the member. */
static int create_bank(struct place *place)
{
	return hilf_bank_create(place->hilf, "first", HILF_REVIEW, 31, NULL, &place->err);
}

static void was_founded_whole(struct place *place, int rc)
{
	struct hilf_bank bank;
	if (rc)
		must(create_bank(place));
	must(hilf_bank_get(place->hilf, "first", &bank, &place->err));
	assert_true(bank.own);
	hilf_close(place->hilf);
	place->hilf = NULL;
	folder_remove(place->dir);
	reopen(place);
}

static void the_first_write_founds_the_member_whole_or_not_at_all(void **state)
{
	struct place *place = *state;
	FAIL_EACH(create_bank(place), was_founded_whole);
}

static struct hilf_check checks[3];

static int ask(struct place *place)
{
	const struct hilf_signal signals[] = {
		fresh, {HILF_SHA256, 32, HILF_QUALITY_UNKNOWN, {1}}, fresh};
	memset(checks, 0x5a, sizeof checks);
	return hilf_match_signals(place->hilf, NULL, signals, 3, checks, &place->err);
}

static int ask_content(struct place *place)
{
	struct hilf_content content = {.digests = true, .sha256 = {1}, .picture_count = 1};
	memset(checks, 0x5a, sizeof checks);
	for (int i = 0; i < HILF_ORIENTATION_COUNT; i++)
		memcpy(content.pictures[0].pdq[i], fresh.value, 32);
	return hilf_match_content(place->hilf, NULL, &content, checks, &place->err);
}

static void was_answered_or_left(struct place *place, int rc)
{
	static const unsigned char nothing[sizeof checks] = {0};
	unsigned char before[sizeof checks];
	(void)place;
	if (rc) {
		memset(before, 0x5a, sizeof before);
		assert_memory_equal(checks, before, sizeof checks);
		return;
	}
	assert_memory_not_equal(checks, nothing, sizeof checks);
	assert_int_equal(checks[0].verdict, HILF_VERDICT_REVIEW);
	hilf_check_free(&checks[0]);
	memset(before, 0x5a, sizeof before);
	if (memcmp(&checks[1], before, sizeof checks[1]) == 0)
		return;
	assert_int_equal(checks[1].match_count, 1);
	assert_int_equal(checks[2].match_count, 1);
	hilf_check_free(&checks[1]);
	hilf_check_free(&checks[2]);
}

static void questions_are_answered_whole_or_left(void **state)
{
	struct place *place = *state;
	uint64_t seed = 3;
	fresh = random_pdq(&seed);
	const struct hilf_signal both[] = {fresh, {HILF_SHA256, 32, HILF_QUALITY_UNKNOWN, {1}}};
	const struct hilf_new_entry entry = {both, 2};
	must(hilf_bank_create(place->hilf, "b", HILF_REVIEW, 31, NULL, &place->err));
	must(hilf_add(place->hilf, "b", NULL, &entry, 1, &result, &place->err));
	FAIL_EACH(ask(place), was_answered_or_left);
	FAIL_EACH(ask_content(place), was_answered_or_left);
}

static struct hilf *opened;

static int open_another(struct place *place)
{
	const struct hilf_options options = {
		.abi = HILF_ABI, .data_dir = place->dir, .helper_dir = place->helpers};
	opened = NULL;
	return hilf_open(&options, &opened, &place->err);
}

static void was_opened_or_not(struct place *place, int rc)
{
	assert_int_equal(rc != 0, opened == NULL);
	if (opened)
		check_is_one(place, opened, &fresh, result.entry);
	hilf_close(opened);
}

static void a_handle_opens_whole_or_not_at_all(void **state)
{
	struct place *place = *state;
	uint64_t seed = 4;
	fresh = random_pdq(&seed);
	must(hilf_bank_create(place->hilf, "b", HILF_REVIEW, 31, NULL, &place->err));
	must(add_fresh(place));
	FAIL_EACH(open_another(place), was_opened_or_not);
}

/* ------------------------------------------------------------------------------------------ snapshots */

static int checkpoint(struct place *place)
{
	return hilf_checkpoint(place->hilf, &place->err);
}

/* A start may use the snapshot or not: it knows the same, and finds none that is bad. */
static void was_saved_or_not(struct place *place, int rc)
{
	struct hilf_index index;
	(void)rc;
	check_is_one(place, place->hilf, &fresh, result.entry);
	must(open_another(place));
	check_is_one(place, opened, &fresh, result.entry);
	must(hilf_index_get(opened, &index, &place->err));
	assert_int_equal(index.mended_count, 0);
	hilf_close(opened);
}

static int warm(struct place *place)
{
	bool more;
	int rc = open_another(place);
	if (!rc)
		rc = hilf_warm(opened, SIZE_MAX / 2, &more, &place->err);
	return rc;
}

static void was_warmed_or_not(struct place *place, int rc)
{
	(void)rc;
	if (opened)
		check_is_one(place, opened, &fresh, result.entry);
	hilf_close(opened);
	must(hilf_checkpoint(
		place->hilf, &place->err)); /* for the next one, if this one has removed it */
}

static void snapshots_are_written_and_read_whole_or_not_at_all(void **state)
{
	struct place *place = *state;
	uint64_t seed = 5;
	fresh = random_pdq(&seed);
	must(hilf_bank_create(place->hilf, "b", HILF_REVIEW, 31, NULL, &place->err));
	must(add_fresh(place));
	FAIL_EACH(checkpoint(place), was_saved_or_not);
	must(hilf_checkpoint(place->hilf, &place->err));
	FAIL_EACH(open_another(place), was_opened_or_not);
	must(hilf_checkpoint(place->hilf, &place->err));
	FAIL_EACH(warm(place), was_warmed_or_not);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			nothing_is_lost_while_there_is_no_memory_to_follow, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			writes_happen_whole_or_not_at_all, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			changes_happen_whole_or_not_at_all, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			the_first_write_founds_the_member_whole_or_not_at_all, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			questions_are_answered_whole_or_left, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_handle_opens_whole_or_not_at_all, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			snapshots_are_written_and_read_whole_or_not_at_all, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
