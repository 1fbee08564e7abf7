/* Banks and entries that change, and opinions, as hilf.h promises them: true for the next query, after a restart with a
 * snapshot and without, and only where who says it may. */
#include "engine/foreign_test.h"
#include "engine/hooks.h"

#include <stdlib.h>

static struct hilf_signal value_of(uint64_t number)
{
	uint64_t seed = number * 0x9e3779b97f4a7c15u + 77;
	return random_pdq(&seed);
}

static struct hilf_signal digest_of(uint64_t number)
{
	struct hilf_signal signal = value_of(number);
	signal.type = HILF_SHA256;
	signal.quality = HILF_QUALITY_UNKNOWN;
	return signal;
}

/* A bank that blocks, with a pdq and a digest in each of five entries, 1 to 5. */
static void make_bank(struct place *place)
{
	static const struct hilf_label label = {"event", "paris"};
	const struct hilf_entry_meta meta = {.labels = &label, .label_count = 1, .source = "human"};
	struct hilf_signal signals[5][2];
	struct hilf_new_entry entries[5];
	struct hilf_add_result results[5];
	must(hilf_bank_create(place->hilf, "b", HILF_BLOCK, 31, NULL, &place->err));
	for (uint64_t i = 0; i < 5; i++) {
		signals[i][0] = value_of(i + 1);
		signals[i][1] = digest_of(i + 1);
		entries[i] = (struct hilf_new_entry){signals[i], 2, NULL, 0};
	}
	must(hilf_add(place->hilf, "b", &meta, entries, 5, results, &place->err));
}

/* ------------------------------------------------------------------------------------------ what is told */

struct seen {
	uint64_t id;
	char bank[HILF_BANK_NAME_MAX + 1], content_class[40], ground[100], labels[200], source[20],
		territory[10];
	int64_t expires_ms, muted_until_ms;
	enum hilf_entry_state state;
	size_t signal_count;
	uint32_t confirm_count, dispute_count, seen_count;
	unsigned times;
};

static int see(const struct hilf_entry *entry, void *ctx)
{
	struct seen *seen = ctx;
	unsigned times = seen->times + 1;
	*seen = (struct seen){.id = entry->id,
		.expires_ms = entry->expires_ms,
		.muted_until_ms = entry->muted_until_ms,
		.state = entry->state,
		.signal_count = entry->signal_count,
		.confirm_count = entry->confirm_count,
		.dispute_count = entry->dispute_count,
		.seen_count = entry->seen_count,
		.times = times};
	snprintf(seen->bank, sizeof seen->bank, "%s", entry->bank);
	snprintf(seen->content_class, sizeof seen->content_class, "%s", entry->content_class);
	snprintf(seen->ground, sizeof seen->ground, "%s", entry->ground);
	snprintf(seen->source, sizeof seen->source, "%s", entry->source);
	snprintf(seen->territory, sizeof seen->territory, "%s", entry->territory);
	for (size_t i = 0; i < entry->label_count; i++)
		snprintf(seen->labels + strlen(seen->labels),
			sizeof seen->labels - strlen(seen->labels), "%s=%s ", entry->labels[i].key,
			entry->labels[i].value);
	return 0;
}

static struct seen look(struct place *place, const char *entry)
{
	struct seen seen = {.times = 0};
	must(hilf_entry_get(place->hilf, entry, see, &seen, &place->err));
	assert_int_equal(seen.times, 1);
	return seen;
}

static enum hilf_verdict ask(struct place *place, const struct hilf_signal *signal,
	size_t *ret_count, struct hilf_match *ret_match, char ret_class[40])
{
	struct hilf_check check = match_one(place, NULL, signal);
	enum hilf_verdict verdict = check.verdict;
	*ret_count = check.match_count;
	if (check.match_count) {
		*ret_match = check.matches[0];
		snprintf(ret_class, 40, "%s", check.matches[0].content_class);
	}
	hilf_check_free(&check);
	return verdict;
}

/* What entry `number` of make_bank answers with, by its pdq and by its digest alike. */
static void check_answer(struct place *place, uint64_t number, enum hilf_verdict verdict,
	const char *content_class, bool disputed)
{
	const struct hilf_signal signals[] = {value_of(number), digest_of(number)};
	for (int i = 0; i < 2; i++) {
		struct hilf_match match = {0};
		char class_name[40] = "";
		size_t count;
		assert_int_equal(ask(place, &signals[i], &count, &match, class_name), verdict);
		assert_int_equal(count, content_class != NULL);
		if (!content_class)
			continue;
		assert_int_equal(match.entry, number);
		assert_string_equal(class_name, content_class);
		assert_int_equal(match.disputed, disputed);
	}
}

static void an_entry_is_told_whole(void **state)
{
	struct place *place = *state;
	struct hilf_signal digest = digest_of(3);
	struct seen seen;
	make_bank(place);
	seen = look(place, "3");
	assert_string_equal(seen.bank, "b");
	assert_string_equal(seen.content_class, "unclassified");
	assert_string_equal(seen.source, "human");
	assert_string_equal(seen.territory, "*");
	assert_string_equal(seen.labels, "event=paris ");
	assert_int_equal(seen.state, HILF_IN_FORCE);
	assert_int_equal(seen.signal_count, 2);
	must(hilf_entry_mute(place->hilf, "3", seen.expires_ms - 1, &place->err));
	assert_int_equal(look(place, "3").muted_until_ms, seen.expires_ms - 1);
	assert_int_equal(look(place, "2").muted_until_ms, 0);
	must(hilf_withdraw(place->hilf, "3", "error", &place->err));
	assert_int_equal(look(place, "3").state, HILF_WITHDRAWN);
	seen.times = 0;
	must(hilf_entry_find(place->hilf, &digest, see, &seen, &place->err));
	assert_int_equal(seen.times, 1);
	assert_int_equal(seen.state, HILF_WITHDRAWN);
	digest.size = 16;
	assert_int_equal(
		hilf_entry_find(place->hilf, &digest, see, &seen, &place->err), HILF_E_INVALID);
	assert_int_equal(
		hilf_entry_get(place->hilf, "99", see, &seen, &place->err), HILF_E_NOT_FOUND);
	assert_string_equal(place->err.text, "there is no entry 99");
	assert_int_equal(hilf_entry_get(place->hilf, "x", see, &seen, &place->err), HILF_E_INVALID);
}

static void pages_leave_out_what_is_gone_unless_asked(void **state)
{
	struct place *place = *state;
	const struct hilf_entry_change ends = {.expires_ms = 1};
	struct seen seen = {.times = 0};
	make_bank(place);
	must(hilf_withdraw(place->hilf, "2", "error", &place->err));
	must(hilf_entry_set(place->hilf, "4", &ends, &place->err));
	must(hilf_entry_page(place->hilf, NULL, 0, 100, false, see, &seen, &place->err));
	assert_int_equal(seen.times, 3);
	assert_int_equal(seen.id, 5);
	seen.times = 0;
	must(hilf_entry_page(place->hilf, "b", 1, 2, true, see, &seen, &place->err));
	assert_int_equal(seen.times, 2);
	assert_int_equal(seen.id, 3);
	seen.times = 0;
	must(hilf_entry_each(place->hilf, "b", see, &seen, &place->err));
	assert_int_equal(seen.times, 3);
	assert_int_equal(hilf_entry_page(place->hilf, "c", 0, 1, true, see, &seen, &place->err),
		HILF_E_NOT_FOUND);
}

/* ------------------------------------------------------------------------------------------ banks */

static void a_bank_that_is_set_answers_so_at_once(void **state)
{
	struct place *place = *state;
	struct hilf_bank_change change = {.set_mode = true, .mode = HILF_SHADOW, .name = "c"};
	const char *const names[] = {"b"};
	const struct hilf_query query = {.banks = names, .bank_count = 1};
	struct hilf_signal signal = value_of(1);
	struct hilf_bank bank;
	struct hilf_check check;
	make_bank(place);
	check_answer(place, 1, HILF_VERDICT_BLOCK, "unclassified", false);
	must(hilf_bank_set(place->hilf, "b", &change, &bank, &place->err));
	assert_string_equal(bank.name, "c");
	assert_int_equal(bank.mode, HILF_SHADOW);
	assert_int_equal(bank.pdq_radius, 31);
	assert_int_equal(bank.entry_count, 5);
	check_answer(place, 1, HILF_NO_MATCH, "unclassified", false);
	assert_int_equal(hilf_match_signals(place->hilf, &query, &signal, 1, &check, &place->err),
		HILF_E_NOT_FOUND);
	change = (struct hilf_bank_change){.set_pdq_radius = true, .pdq_radius = 2};
	must(hilf_bank_set(place->hilf, "c", &change, NULL, &place->err));
	reopen(place);
	must(hilf_bank_get(place->hilf, "c", &bank, &place->err));
	assert_int_equal(bank.mode, HILF_SHADOW);
	assert_int_equal(bank.pdq_radius, 2);
	check = match_one(place, NULL, &signal);
	assert_string_equal(check.matches[0].bank, "c");
	assert_int_equal(check.matches[0].threshold, 2);
	hilf_check_free(&check);
}

static void a_bank_is_not_set_to_what_cannot_be(void **state)
{
	struct place *place = *state;
	static const struct {
		struct hilf_bank_change change;
		enum hilf_code code;
		const char *error;
	} bad[] = {
		{{.set_mode = true, .mode = (enum hilf_mode)3}, HILF_E_INVALID,
			"mode 3 is none of shadow, review, block"},
		{{.set_pdq_radius = true, .pdq_radius = 49}, HILF_E_INVALID,
			"threshold pdq=49 is out of bounds: 0 to 48 bits are allowed, 31 is usual"},
		{{.set_sample = true, .sample_ppm = 1000001}, HILF_E_INVALID,
			"a sample of 1000001 in a million is more than there is; 1000000 is all of "
			"it"},
		{{.name = "9"}, HILF_E_INVALID,
			"the bank name '9' must begin with a letter a-z, A-Z or '_'"},
		{{.name = "other"}, HILF_E_EXISTS,
			"there is a bank 'other' already; 'hilf bank show other' shows it"},
	};
	const struct hilf_bank_change same = {.name = "b"};
	make_bank(place);
	must(hilf_bank_create(place->hilf, "other", HILF_REVIEW, 31, NULL, &place->err));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_int_equal(hilf_bank_set(place->hilf, "b", &bad[i].change, NULL, &place->err),
			bad[i].code);
		assert_string_equal(place->err.text, bad[i].error);
	}
	must(hilf_bank_set(place->hilf, "b", &same, NULL, &place->err));
	assert_int_equal(
		hilf_bank_set(place->hilf, "x", &same, NULL, &place->err), HILF_E_NOT_FOUND);
}

static void a_foreign_bank_has_a_policy_here_but_no_new_name(void **state)
{
	struct place *place = *state;
	struct record record = {.kind = RECORD_BANK_CREATE, .bank.name = "theirs"};
	struct hilf_bank_change change = {.name = "mine"};
	struct foreign foreign;
	struct hilf_bank bank;
	make_bank(place);
	foreign_found(place, &foreign);
	assert_true(foreign_write(place, &foreign, &record));
	must(hilf_bank_get(place->hilf, "theirs", &bank, &place->err));
	assert_int_equal(bank.mode, HILF_SHADOW);
	assert_false(bank.own);
	assert_int_equal(
		hilf_bank_set(place->hilf, "theirs", &change, NULL, &place->err), HILF_E_DENIED);
	assert_string_equal(place->err.text,
		"bank 'theirs' belongs to another member; only it can rename the bank");
	change = (struct hilf_bank_change){.set_pdq_radius = true, .pdq_radius = 5};
	must(hilf_bank_set(place->hilf, "theirs", &change, &bank, &place->err));
	assert_int_equal(bank.mode, HILF_SHADOW); /* it stays what it was by default */
	assert_int_equal(bank.pdq_radius, 5);
}

/* ------------------------------------------------------------------------------------------ entries */

static void change_some(struct place *place)
{
	static const struct hilf_label label = {"event", "nice"};
	const struct hilf_entry_change says = {.content_class = "threat",
		.ground = "art. 7",
		.set_labels = true,
		.labels = &label,
		.label_count = 1};
	const struct hilf_entry_change ends = {.expires_ms = 1};
	must(hilf_entry_set(place->hilf, "1", &says, &place->err));
	must(hilf_entry_set(place->hilf, "2", &ends, &place->err));
	must(hilf_opinion_give(place->hilf, "3", HILF_DISPUTE, &place->err));
	must(hilf_opinion_give(place->hilf, "4", HILF_DISPUTE, &place->err));
	must(hilf_opinion_give(place->hilf, "4", HILF_CONFIRM, &place->err));
}

static void check_changed(struct place *place)
{
	struct hilf_stats stats;
	check_answer(place, 1, HILF_VERDICT_BLOCK, "threat", false);
	check_answer(place, 2, HILF_NO_MATCH, NULL, false);
	check_answer(place, 3, HILF_VERDICT_REVIEW, "unclassified", true);
	check_answer(place, 4, HILF_VERDICT_BLOCK, "unclassified", false);
	check_answer(place, 5, HILF_VERDICT_BLOCK, "unclassified", false);
	assert_string_equal(look(place, "1").ground, "art. 7");
	assert_string_equal(look(place, "1").labels, "event=nice ");
	assert_int_equal(look(place, "2").state, HILF_EXPIRED);
	assert_int_equal(look(place, "4").confirm_count, 1);
	must(hilf_stats_get(place->hilf, &stats, &place->err));
	assert_int_equal(stats.entry_count, 4);
	assert_int_equal(stats.expired_count, 1);
}

static void what_changed_is_so_at_once_and_after_a_restart(void **state)
{
	struct place *place = *state;
	make_bank(place);
	change_some(place);
	check_changed(place);
	reopen(place);
	check_changed(place);
}

static void a_snapshot_from_before_is_brought_up_to_date(void **state)
{
	struct place *place = *state;
	struct hilf_index index;
	make_bank(place);
	must(hilf_checkpoint(place->hilf, &place->err));
	change_some(place);
	reopen(place);
	must(hilf_index_get(place->hilf, &index, &place->err));
	assert_true(index.snapshot_seq > 0 && index.snapshot_seq < index.seq);
	assert_int_equal(index.told_count, 0);
	check_changed(place);
}

static void a_snapshot_from_after_has_it_all_and_what_follows(void **state)
{
	struct place *place = *state;
	struct hilf_index index;
	make_bank(place);
	change_some(place);
	must(hilf_checkpoint(place->hilf, &place->err));
	reopen(place);
	must(hilf_index_get(place->hilf, &index, &place->err));
	assert_int_equal(index.snapshot_seq, index.seq);
	check_changed(place);
	must(hilf_opinion_give(place->hilf, "3", HILF_OPINION_NONE, &place->err));
	check_answer(place, 3, HILF_VERDICT_BLOCK, "unclassified", false);
	reopen(place);
	check_answer(place, 3, HILF_VERDICT_BLOCK, "unclassified", false);
}

static void what_has_ended_can_be_added_again(void **state)
{
	struct place *place = *state;
	const struct hilf_entry_change ends = {.expires_ms = 1}, later = {.expires_ms = INT64_MAX};
	struct hilf_signal signal = value_of(2);
	make_bank(place);
	assert_int_equal(add_one(place, "b", &signal), 2);
	must(hilf_entry_set(place->hilf, "2", &ends, &place->err));
	int64_t ended_ms = look(place, "2").expires_ms;
	assert_true(ended_ms > 1 && ended_ms <= clock_now_ms()); /* it was in force until then */
	assert_int_equal(add_one(place, "b", &signal), 6);
	assert_int_equal(add_one(place, "b", &signal), 6);
	must(hilf_entry_set(place->hilf, "2", &ends, &place->err)); /* it has already */
	assert_int_equal(look(place, "2").expires_ms, ended_ms);
	assert_int_equal(hilf_entry_set(place->hilf, "2", &later, &place->err), HILF_E_INVALID);
}

static void an_entry_is_not_changed_to_what_cannot_be(void **state)
{
	struct place *place = *state;
	const struct hilf_label twice[] = {{"a", "1"}, {"a", "2"}};
	const struct hilf_entry_change nothing = {0}, negative = {.expires_ms = -1},
				       class_name = {.content_class = "art"},
				       ground = {.ground = "a@b"},
				       labels = {.set_labels = true,
					       .labels = twice,
					       .label_count = 2},
				       good = {.content_class = "threat"};
	make_bank(place);
	must(hilf_withdraw(place->hilf, "5", "error", &place->err));
	assert_int_equal(hilf_entry_set(place->hilf, "1", &nothing, &place->err), HILF_E_INVALID);
	assert_int_equal(hilf_entry_set(place->hilf, "1", &negative, &place->err), HILF_E_INVALID);
	assert_int_equal(
		hilf_entry_set(place->hilf, "1", &class_name, &place->err), HILF_E_INVALID);
	assert_int_equal(hilf_entry_set(place->hilf, "1", &ground, &place->err), HILF_E_INVALID);
	assert_int_equal(hilf_entry_set(place->hilf, "1", &labels, &place->err), HILF_E_INVALID);
	assert_string_equal(place->err.text, "the label 'a' is there twice");
	assert_int_equal(hilf_entry_set(place->hilf, "5", &good, &place->err), HILF_E_WITHDRAWN);
	assert_int_equal(hilf_entry_set(place->hilf, "6", &good, &place->err), HILF_E_NOT_FOUND);
	assert_int_equal(
		hilf_opinion_give(place->hilf, "5", HILF_SEEN, &place->err), HILF_E_WITHDRAWN);
	assert_int_equal(hilf_opinion_give(place->hilf, "1", (enum hilf_opinion)9, &place->err),
		HILF_E_INVALID);
	check_answer(place, 1, HILF_VERDICT_BLOCK, "unclassified", false);
}

/* ------------------------------------------------------------------------------------------ other members */

static int count_opinion(const struct hilf_opinion_row *row, void *ctx)
{
	unsigned *counts = ctx;
	counts[row->own ? 0 : 1]++;
	assert_true(row->time_ms > 0);
	return 0;
}

static void anybody_may_dispute_but_only_the_owner_may_change(void **state)
{
	struct place *place = *state;
	struct record record = {.kind = RECORD_ENTRY_CHANGE, .change.expires_ms = 1};
	struct foreign foreign;
	unsigned counts[2] = {0};
	make_bank(place);
	foreign_found(place, &foreign);
	struct foreign_target target = foreign_aim(place, "b", "1");
	memcpy(record.of, target.bank, UUID_SIZE);
	record.change.entries = &target.entry;
	record.change.entry_count = 1;
	assert_false(foreign_write(place, &foreign, &record));
	check_answer(place, 1, HILF_VERDICT_BLOCK, "unclassified", false);
	record = (struct record){.kind = RECORD_OPINION_GIVE,
		.opinion = {.opinion = HILF_DISPUTE, .entries = &target.entry, .entry_count = 1}};
	memcpy(record.of, target.bank, UUID_SIZE);
	assert_true(foreign_write(place, &foreign, &record));
	check_answer(place, 1, HILF_VERDICT_REVIEW, "unclassified", true);
	/* The owner's own word does not end another's dispute. */
	must(hilf_opinion_give(place->hilf, "1", HILF_CONFIRM, &place->err));
	must(hilf_opinion_give(place->hilf, "1", HILF_CONFIRM, &place->err));
	check_answer(place, 1, HILF_VERDICT_REVIEW, "unclassified", true);
	must(hilf_opinion_each(place->hilf, "1", count_opinion, counts, &place->err));
	assert_int_equal(counts[0], 1);
	assert_int_equal(counts[1], 1);
	reopen(place);
	check_answer(place, 1, HILF_VERDICT_REVIEW, "unclassified", true);
	record.opinion.opinion = HILF_OPINION_NONE;
	assert_true(foreign_write(place, &foreign, &record));
	check_answer(place, 1, HILF_VERDICT_BLOCK, "unclassified", false);
}

/* However few matches are kept, each counts for the verdict, and none that is disputed blocks. */
static void disputed_matches_beyond_the_limit_do_not_block(void **state)
{
	struct place *place = *state;
	uint64_t seed = 5;
	struct hilf_signal signal = value_of(1);
	const struct hilf_query query = {.limit = 1};
	make_bank(place);
	must(hilf_bank_create(place->hilf, "near", HILF_REVIEW, 31, NULL, &place->err));
	for (int i = 0; i < 20; i++)
		add_one(place, "near", &signal);
	for (int i = 0; i < 30; i++) {
		struct hilf_signal near = signal;
		flip(&near, 1, &seed);
		add_one(place, "near", &near);
	}
	must(hilf_opinion_give(place->hilf, "1", HILF_DISPUTE, &place->err));
	flip(&signal, 3, &seed);
	struct hilf_check check = match_one(place, &query, &signal);
	assert_true(check.match_more > 0);
	assert_int_equal(check.verdict, HILF_VERDICT_REVIEW);
	hilf_check_free(&check);
	must(hilf_opinion_give(place->hilf, "1", HILF_OPINION_NONE, &place->err));
	check = match_one(place, &query, &signal);
	assert_int_equal(check.verdict, HILF_VERDICT_BLOCK);
	hilf_check_free(&check);
}

/* ------------------------------------------------------------------------------------------ events */

struct events {
	char text[4000];
};

static int gather(const struct delivery *delivery, void *ctx)
{
	struct events *events = ctx;
	snprintf(events->text + strlen(events->text), sizeof events->text - strlen(events->text),
		"%s %.*s\n", delivery->event, (int)delivery->size, delivery->body);
	return 0;
}

static void subscribers_learn_what_was_done(void **state)
{
	struct place *place = *state;
	const char *const wanted[] = {
		"entry.added", "entry.changed", "entry.withdrawn", "bank.changed"};
	const struct hook_info info = {.url = "https://example.net/hook",
		.events = wanted,
		.event_count = 4,
		.enabled = true};
	static const char *const pieces[] = {
		"\"change\":\"created\"",
		"\"bank\":\"b\",\"count\":5,\"entries\":[\"",
		"entry.changed",
		"\"count\":1",
		"entry.withdrawn",
		"\"reason\":\"appeal\"",
		"\"bank\":\"c\",\"change\":\"renamed\"",
		"\"was\":\"b\"",
		"\"change\":\"set\"",
		"\"change\":\"removed\"",
	};
	const struct hilf_entry_change says = {.content_class = "threat"};
	const struct hilf_bank_change renames = {
		.name = "c", .set_mode = true, .mode = HILF_REVIEW};
	struct hook_info hook;
	struct events events = {""};
	must(hilf_bank_create(place->hilf, "unheard", HILF_REVIEW, 31, NULL, &place->err));
	must(hook_create(place->hilf, &info, &hook, &place->err));
	make_bank(place);
	must(hilf_entry_set(place->hilf, "1", &says, &place->err));
	must(hilf_withdraw(place->hilf, "2", "appeal: granted", &place->err));
	must(hilf_bank_set(place->hilf, "b", &renames, NULL, &place->err));
	must(hilf_bank_remove(place->hilf, "c", &place->err));
	must(deliveries_page(place->hilf, hook.id, false, 0, 100, gather, &events, &place->err));
	for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
		if (!strstr(events.text, pieces[i]))
			fail_msg("%s is not in\n%s", pieces[i], events.text);
	assert_null(strstr(events.text, "unheard"));
	assert_null(strstr(events.text, "granted")); /* the text stays here */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_entry_is_told_whole),
		TEST(pages_leave_out_what_is_gone_unless_asked),
		TEST(a_bank_that_is_set_answers_so_at_once),
		TEST(a_bank_is_not_set_to_what_cannot_be),
		TEST(a_foreign_bank_has_a_policy_here_but_no_new_name),
		TEST(what_changed_is_so_at_once_and_after_a_restart),
		TEST(a_snapshot_from_before_is_brought_up_to_date),
		TEST(a_snapshot_from_after_has_it_all_and_what_follows),
		TEST(what_has_ended_can_be_added_again),
		TEST(an_entry_is_not_changed_to_what_cannot_be),
		TEST(anybody_may_dispute_but_only_the_owner_may_change),
		TEST(disputed_matches_beyond_the_limit_do_not_block),
		TEST(subscribers_learn_what_was_done),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
