/* Recorded checks, and what is told when something they rest on ends: exactly the contents that rested on it, once. */
#include "engine/checks.h"

#include "engine/hooks.h"
#include "engine/place_test.h"
#include "os/clock.h"
#include "wire/json.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

/* ------------------------------------------------------------------------------------------ what is told */

#define TOLD_MAX 64

/* The contents of every entry.reversed in the outbox, as "content was->now reason", oldest first. */
struct told {
	char lines[TOLD_MAX][160];
	size_t count, events;
	uint64_t restored, parts;
};

static const char *text_of(const struct json *object, const char *key, char *ret_text, size_t room)
{
	const struct json *member = json_member(object, key);
	ret_text[0] = '\0';
	if (member && member->is == JSON_IS_STRING)
		snprintf(ret_text, room, "%.*s", (int)member->size, member->text);
	return ret_text;
}

static int take_event(const struct delivery *delivery, void *ctx)
{
	struct told *told = ctx;
	struct arena arena;
	struct json *body;
	struct hilf_err err;
	char id[64], was[32], now[32], reason[32];
	if (strcmp(delivery->event, "entry.reversed") != 0)
		return 0;
	/* "data" alone is canonical; around it is what Standard Webhooks asks for. */
	const char *data = strstr(delivery->body, "\"data\":") + 7;
	arena_init(&arena, 0);
	assert_int_equal(
		json_parse_canonical(data, delivery->size - (size_t)(data - delivery->body) - 1,
			1 << 20, 8, &arena, &body, &err),
		0);
	text_of(body, "reason", reason, sizeof reason);
	told->events++;
	told->restored += (uint64_t)json_member(body, "restored")->integer;
	told->parts = (uint64_t)json_member(body, "parts")->integer;
	for (const struct json *item = json_member(body, "contents")->first; item;
		item = item->next) {
		if (told->count < TOLD_MAX)
			snprintf(told->lines[told->count], sizeof *told->lines, "%s %s->%s %s",
				text_of(item, "content_id", id, sizeof id),
				text_of(item, "was", was, sizeof was),
				text_of(item, "now", now, sizeof now), reason);
		told->count++;
	}
	arena_clear(&arena);
	return 0;
}

static struct told told_so_far(struct place *place)
{
	struct told told = {.count = 0};
	must(deliveries_page(place->hilf, NULL, false, 0, 100000, take_event, &told, &place->err));
	return told;
}

static bool is_told(const struct told *told, const char *line)
{
	unsigned count = 0;
	for (size_t i = 0; i < told->count && i < TOLD_MAX; i++)
		count += strcmp(told->lines[i], line) == 0;
	assert_true(count <= 1);
	return count == 1;
}

static void subscribe(struct place *place)
{
	static const char *const events[] = {"*"};
	const struct hook_info info = {.url = "https://hooks.example/",
		.events = events,
		.event_count = 1,
		.enabled = true};
	must(hook_create(place->hilf, &info, NULL, &place->err));
}

/* ------------------------------------------------------------------------------------------ checks */

static struct check_decision record(struct place *place, const char *content_id,
	const struct hilf_check *check, struct arena *arena)
{
	const struct check_context context = {
		.content_id = content_id, .uploader_ref = "user 7", .actor = "key:test"};
	struct check_decision decision;
	must(check_record(place->hilf, &context, check, arena, &decision, &place->err));
	return decision;
}

/* A bank that blocks, and entries with one signal each. */
struct scene {
	struct hilf_signal signals[4];
	uint64_t entries[4];
	char numbers[4][24];
};

static struct scene make_scene(struct place *place, enum hilf_mode mode)
{
	struct scene scene;
	uint64_t seed = 7;
	subscribe(place);
	must(hilf_bank_create(place->hilf, "b", mode, 31, NULL, &place->err));
	for (int i = 0; i < 4; i++) {
		scene.signals[i] = random_pdq(&seed);
		if (i == 1) { /* near to the first: both match it */
			scene.signals[1] = scene.signals[0];
			flip(&scene.signals[1], 4, &seed);
		}
		scene.entries[i] = add_one(place, "b", &scene.signals[i]);
		snprintf(scene.numbers[i], sizeof scene.numbers[i], "%llu",
			(unsigned long long)scene.entries[i]);
	}
	return scene;
}

static void match_and_record(
	struct place *place, const char *content_id, const struct hilf_signal *signal)
{
	struct hilf_check check = match_one(place, NULL, signal);
	struct arena arena;
	arena_init(&arena, 0);
	record(place, content_id, &check, &arena);
	arena_clear(&arena);
	hilf_check_free(&check);
}

struct rows {
	unsigned count;
	struct check_row last;
	char content_id[64], decision[CHECK_DECISION_TEXT], uploader[64], entry[HILF_ID_TEXT_MAX];
};

static int take_row(const struct check_row *row, void *ctx)
{
	struct rows *rows = ctx;
	if (!rows->count++) {
		rows->last = *row;
		snprintf(rows->content_id, sizeof rows->content_id, "%s", row->context.content_id);
		snprintf(rows->uploader, sizeof rows->uploader, "%s", row->context.uploader_ref);
		snprintf(rows->decision, sizeof rows->decision, "%s", row->decision);
		snprintf(rows->entry, sizeof rows->entry, "%s",
			row->entry_count ? row->entries[0] : "");
	}
	return 0;
}

static struct rows rows_of(struct place *place, const char *content_id)
{
	struct rows rows = {0};
	must(check_page(place->hilf, content_id, 0, 1000, take_row, &rows, &place->err));
	return rows;
}

static void a_check_that_matched_nothing_leaves_nothing(void **state)
{
	struct place *place = *state;
	const struct hilf_check none = {.verdict = HILF_NO_MATCH},
				half = {.verdict = HILF_UNDECIDED};
	subscribe(place);
	struct check_decision decision = record(place, "c", &none, NULL);
	assert_string_equal(decision.id, "");
	decision = record(place, "c", &half, NULL);
	assert_string_equal(decision.id, "");
	assert_int_equal(rows_of(place, NULL).count, 0);
	struct deliveries_count count;
	must(deliveries_count(place->hilf, &count, &place->err));
	assert_int_equal(count.waiting, 0);
}

static void a_block_is_a_decision_and_the_same_one_again(void **state)
{
	struct place *place = *state;
	struct scene scene = make_scene(place, HILF_BLOCK);
	struct hilf_check check = match_one(place, NULL, &scene.signals[2]);
	struct arena arena;
	arena_init(&arena, 0);
	assert_int_equal(check.verdict, HILF_VERDICT_BLOCK);
	struct check_decision first = record(place, "c1", &check, &arena);
	assert_int_equal(strlen(first.id), 36);
	assert_memory_equal(first.appeal_token, "appeal_", 7);
	assert_int_equal(strlen(first.appeal_token), 39);
	assert_false(first.repeated);
	assert_non_null(strstr(first.statement, first.id));
	assert_non_null(strstr(first.statement, "automated means"));
	assert_null(strstr(first.statement, "user 7"));
	int64_t days = (first.appeal_until_ms - clock_now_ms()) / (24 * 3600 * 1000ll);
	assert_true(days >= 182 && days <= 183);
	struct check_decision again = record(place, "c1", &check, &arena);
	assert_true(again.repeated);
	assert_string_equal(again.id, first.id);
	assert_string_equal(again.appeal_token, "");
	assert_string_equal(again.statement, first.statement);
	assert_int_equal(again.appeal_until_ms, first.appeal_until_ms);
	/* Another content is another decision, and one without an id always. */
	assert_string_not_equal(record(place, "c2", &check, &arena).id, first.id);
	assert_string_not_equal(
		record(place, NULL, &check, &arena).id, record(place, NULL, &check, &arena).id);
	assert_int_equal(rows_of(place, NULL).count, 4);
	struct rows rows = rows_of(place, "c1");
	assert_int_equal(rows.count, 1);
	assert_string_equal(rows.decision, first.id);
	assert_string_equal(rows.uploader, "user 7");
	assert_string_equal(rows.entry, check.matches[0].gid);
	assert_int_equal(rows.last.verdict, HILF_VERDICT_BLOCK);
	assert_int_equal(rows.last.reversed_ms, 0);
	/* The token is kept as a hash alone. */
	char command[700];
	snprintf(command, sizeof command, "grep -rqs '%s' '%s'", first.appeal_token, place->dir);
	assert_int_not_equal(system(command), 0);
	arena_clear(&arena);
	hilf_check_free(&check);
}

static void a_review_is_kept_where_it_has_an_id(void **state)
{
	struct place *place = *state;
	struct scene scene = make_scene(place, HILF_REVIEW);
	struct hilf_check check = match_one(place, NULL, &scene.signals[2]);
	struct arena arena;
	arena_init(&arena, 0);
	struct check_decision decision = record(place, "c1", &check, &arena);
	assert_string_equal(decision.id, "");
	assert_true(record(place, "c1", &check, &arena).repeated);
	assert_false(record(place, NULL, &check, &arena).repeated);
	assert_int_equal(rows_of(place, NULL).count, 1);
	arena_clear(&arena);
	hilf_check_free(&check);
}

static int count_matched(const struct delivery *delivery, void *ctx)
{
	unsigned *counts = ctx;
	counts[strcmp(delivery->event, "check.blocked") == 0]++;
	if (strcmp(delivery->event, "check.blocked") == 0)
		assert_null(strstr(delivery->body, "user 7"));
	return 0;
}

static void every_recorded_check_is_told_once(void **state)
{
	struct place *place = *state;
	unsigned counts[2] = {0};
	uint64_t seed = 3;
	struct hilf_signal one = random_pdq(&seed), other = random_pdq(&seed);
	must(hilf_bank_create(place->hilf, "stop", HILF_BLOCK, 31, NULL, &place->err));
	must(hilf_bank_create(place->hilf, "look", HILF_REVIEW, 31, NULL, &place->err));
	add_one(place, "stop", &one);
	add_one(place, "look", &other);
	subscribe(place);
	for (int i = 0; i < 2; i++) {
		match_and_record(place, "c1", &one);
		match_and_record(place, "c2", &other);
	}
	match_and_record(place, NULL, &other); /* told, though it has no row */
	must(deliveries_page(place->hilf, NULL, false, 0, 100, count_matched, counts, &place->err));
	assert_int_equal(counts[0], 2);
	assert_int_equal(counts[1], 1);
	assert_int_equal(rows_of(place, NULL).count, 2);
}

static void what_was_said_of_the_content_is_checked(void **state)
{
	struct place *place = *state;
	struct scene scene = make_scene(place, HILF_BLOCK);
	struct hilf_check check = match_one(place, NULL, &scene.signals[2]);
	char longer[CHECK_URL_MAX + 2];
	memset(longer, 'x', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	const struct {
		struct check_context context;
		int code;
		const char *text;
	} cases[] = {
		{{.content_id = longer}, HILF_E_LIMIT, "content_id is longer than 256 bytes"},
		{{.uploader_ref = longer}, HILF_E_LIMIT, "uploader_ref is longer than 256 bytes"},
		{{.evidence_url = longer}, HILF_E_LIMIT, "evidence_url is longer than 2048 bytes"},
		{{.language = longer}, HILF_E_LIMIT, "language is longer than 35 bytes"},
		{{.content_id = "\xc3("}, HILF_E_INVALID, "content_id is not UTF-8"},
		{{.surface = (enum surface)9}, HILF_E_INVALID, "surface 9 is none"},
	};
	struct check_decision decision;
	struct arena arena;
	arena_init(&arena, 0);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(check_record(place->hilf, &cases[i].context, &check, &arena,
					 &decision, &place->err),
			cases[i].code);
		assert_string_equal(place->err.text, cases[i].text);
	}
	assert_int_equal(rows_of(place, NULL).count, 0);
	arena_clear(&arena);
	hilf_check_free(&check);
}

/* ------------------------------------------------------------------------------------------ statements */

static void a_statement_is_in_the_language_asked_for(void **state)
{
	struct place *place = *state;
	static const struct {
		const char *language, *begins;
	} cases[] = {{NULL, "This content was blocked"}, {"en", "This content was blocked"},
		{"fr", "Ce contenu"}, {"FR-ca", "Ce contenu"}, {"ar-EG", "حُجب"},
		{"tlh", "This content"}, {"", "This content"}, {"a", "This content"}};
	struct scene scene = make_scene(place, HILF_BLOCK);
	struct hilf_check check = match_one(place, NULL, &scene.signals[2]);
	struct arena arena;
	arena_init(&arena, 0);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct check_context context = {.language = cases[i].language};
		struct check_decision decision;
		must(check_record(place->hilf, &context, &check, &arena, &decision, &place->err));
		assert_memory_equal(decision.statement, cases[i].begins, strlen(cases[i].begins));
		assert_non_null(strstr(decision.statement, "unclassified"));
		assert_null(strchr(decision.statement, '%'));
	}
	arena_clear(&arena);
	hilf_check_free(&check);
}

/* ------------------------------------------------------------------------------------------ reversal */

/* near: rests on 0 and 1; far: on 2; c4, a block without an id, on 2 as well. */
static void record_three(struct place *place, const struct scene *scene)
{
	match_and_record(place, "near", &scene->signals[0]);
	match_and_record(place, "far", &scene->signals[2]);
	match_and_record(place, NULL, &scene->signals[2]);
}

static void check_far_is_reversed(struct place *place, const char *reason, const char *now)
{
	char line[100];
	struct told told = told_so_far(place);
	snprintf(line, sizeof line, "far block->%s %s", now, reason);
	assert_int_equal(told.count, 2);
	assert_true(is_told(&told, line));
	snprintf(line, sizeof line, " block->%s %s", now, reason);
	assert_true(is_told(&told, line));
	assert_int_equal(told.restored, 2);
	assert_int_equal(told.events, 1);
	assert_true(rows_of(place, "far").last.reversed_ms > 0);
	assert_int_equal(rows_of(place, "near").last.reversed_ms, 0);
	/* No sweep tells it again, and neither does one after a restart. */
	for (int i = 0; i < 2; i++) {
		bool more;
		must(checks_sweep_expired(place->hilf, 10, &more, &place->err));
		assert_false(more);
		must(checks_sweep_withdrawn(place->hilf, 10, &more, &place->err));
		assert_false(more);
		reopen(place);
	}
	assert_int_equal(told_so_far(place).count, 2);
}

static void a_withdrawal_tells_what_rested_on_the_entry(void **state)
{
	struct place *place = *state;
	struct scene scene = make_scene(place, HILF_BLOCK);
	record_three(place, &scene);
	must(hilf_withdraw(place->hilf, scene.numbers[2], "appeal: a news report", &place->err));
	check_far_is_reversed(place, "appeal", "no_match");
}

static void a_mute_tells_what_rested_on_the_entry(void **state)
{
	struct place *place = *state;
	struct scene scene = make_scene(place, HILF_BLOCK);
	record_three(place, &scene);
	must(hilf_entry_mute(place->hilf, scene.numbers[2], clock_now_ms() + 1000000, &place->err));
	check_far_is_reversed(place, "muted", "no_match");
}

static void a_dispute_leaves_a_review(void **state)
{
	struct place *place = *state;
	struct scene scene = make_scene(place, HILF_BLOCK);
	record_three(place, &scene);
	must(hilf_opinion_give(place->hilf, scene.numbers[2], HILF_DISPUTE, &place->err));
	check_far_is_reversed(place, "disputed", "review");
	/* And when it is withdrawn after that, from review to nothing. */
	must(hilf_withdraw(place->hilf, scene.numbers[2], "dispute", &place->err));
	struct told told = told_so_far(place);
	assert_int_equal(told.count, 4);
	assert_true(is_told(&told, "far review->no_match dispute"));
}

static void an_expiry_tells_what_rested_on_the_entry(void **state)
{
	struct place *place = *state;
	struct scene scene = make_scene(place, HILF_BLOCK);
	bool more = true;
	record_three(place, &scene);
	must(checks_sweep_expired(place->hilf, 10, &more, &place->err));
	assert_false(more);
	assert_int_equal(told_so_far(place).count, 0);
	/* It comes closer, and then is there. */
	const struct hilf_entry_change change = {.expires_ms = clock_now_ms() + 60};
	must(hilf_entry_set(place->hilf, scene.numbers[2], &change, &place->err));
	assert_int_equal(told_so_far(place).count, 0);
	while (clock_now_ms() <= change.expires_ms)
		usleep(5000);
	must(checks_sweep_expired(place->hilf, 10, &more, &place->err));
	check_far_is_reversed(place, "expired", "no_match");
}

static void an_expiry_at_once_tells_as_well(void **state)
{
	struct place *place = *state;
	struct scene scene = make_scene(place, HILF_BLOCK);
	record_three(place, &scene);
	const struct hilf_entry_change change = {.expires_ms = 1000};
	must(hilf_entry_set(place->hilf, scene.numbers[2], &change, &place->err));
	check_far_is_reversed(place, "expired", "no_match");
}

static void a_bank_that_goes_tells_everything_that_rested_on_it(void **state)
{
	struct place *place = *state;
	struct scene scene = make_scene(place, HILF_BLOCK);
	record_three(place, &scene);
	must(hilf_bank_remove(place->hilf, "b", &place->err));
	struct told told = told_so_far(place);
	assert_int_equal(told.restored, 3);
	assert_true(is_told(&told, "far block->no_match bank_removed"));
	/* near rested on two entries, which went one after the other. */
	assert_true(is_told(&told, "near block->no_match bank_removed") ||
		    is_told(&told, "near block->block bank_removed"));
	assert_true(rows_of(place, "near").last.reversed_ms > 0);
}

static void an_erasure_tells_what_rested_on_the_entry(void **state)
{
	struct place *place = *state;
	struct scene scene = make_scene(place, HILF_BLOCK);
	uint64_t count;
	record_three(place, &scene);
	must(hilf_entry_erase(place->hilf, scene.numbers[2], "court", &count, &place->err));
	struct told told = told_so_far(place);
	assert_int_equal(told.count, 2);
	assert_int_equal(told.restored, 2);
}

static void a_content_that_rests_on_two_entries_stands_until_both_are_gone(void **state)
{
	struct place *place = *state;
	struct scene scene = make_scene(place, HILF_BLOCK);
	record_three(place, &scene);
	must(hilf_withdraw(place->hilf, scene.numbers[0], "error", &place->err));
	struct told told = told_so_far(place);
	assert_int_equal(told.count, 1);
	assert_true(is_told(&told, "near block->block error"));
	assert_int_equal(told.restored, 0);
	assert_int_equal(rows_of(place, "near").last.reversed_ms, 0);
	must(hilf_withdraw(place->hilf, scene.numbers[1], "error", &place->err));
	told = told_so_far(place);
	assert_int_equal(told.count, 2);
	assert_true(is_told(&told, "near block->no_match error"));
	assert_int_equal(told.restored, 1);
	/* The content is checked anew, and what it was is no decision to repeat. */
	struct hilf_check check = match_one(place, NULL, &scene.signals[0]);
	assert_int_equal(check.verdict, HILF_NO_MATCH);
	hilf_check_free(&check);
}

static void what_only_a_person_would_have_looked_at_does_not_rest_beside_a_block(void **state)
{
	struct place *place = *state;
	uint64_t seed = 11;
	struct hilf_signal signal = random_pdq(&seed);
	char number[24];
	subscribe(place);
	must(hilf_bank_create(place->hilf, "stop", HILF_BLOCK, 31, NULL, &place->err));
	must(hilf_bank_create(place->hilf, "look", HILF_REVIEW, 31, NULL, &place->err));
	must(hilf_bank_create(place->hilf, "quiet", HILF_SHADOW, 31, NULL, &place->err));
	uint64_t stop = add_one(place, "stop", &signal), look = add_one(place, "look", &signal),
		 quiet = add_one(place, "quiet", &signal);
	match_and_record(place, "c", &signal);
	snprintf(number, sizeof number, "%llu", (unsigned long long)quiet);
	must(hilf_withdraw(place->hilf, number, "error", &place->err));
	snprintf(number, sizeof number, "%llu", (unsigned long long)look);
	must(hilf_withdraw(place->hilf, number, "error", &place->err));
	assert_int_equal(told_so_far(place).count, 0);
	snprintf(number, sizeof number, "%llu", (unsigned long long)stop);
	must(hilf_withdraw(place->hilf, number, "error", &place->err));
	struct told told = told_so_far(place);
	assert_int_equal(told.count, 1);
	assert_true(is_told(&told, "c block->no_match error"));
}

static void a_block_falls_to_the_review_that_another_entry_asks_for(void **state)
{
	struct place *place = *state;
	uint64_t seed = 12;
	struct hilf_signal signal = random_pdq(&seed);
	char number[24];
	subscribe(place);
	must(hilf_bank_create(place->hilf, "stop", HILF_BLOCK, 31, NULL, &place->err));
	must(hilf_bank_create(place->hilf, "look", HILF_REVIEW, 31, NULL, &place->err));
	uint64_t stop = add_one(place, "stop", &signal), look = add_one(place, "look", &signal);
	match_and_record(place, "c", &signal);
	snprintf(number, sizeof number, "%llu", (unsigned long long)stop);
	must(hilf_withdraw(place->hilf, number, "court", &place->err));
	struct told told = told_so_far(place);
	assert_int_equal(told.count, 1);
	assert_true(is_told(&told, "c block->review court"));
	assert_int_equal(told.restored, 1);
	snprintf(number, sizeof number, "%llu", (unsigned long long)look);
	must(hilf_withdraw(place->hilf, number, "court", &place->err));
	told = told_so_far(place);
	assert_int_equal(told.count, 2);
	assert_true(is_told(&told, "c review->no_match court"));
}

static void an_entry_that_ended_before_the_check_was_recorded_is_told_at_once(void **state)
{
	struct place *place = *state;
	struct scene scene = make_scene(place, HILF_BLOCK);
	struct hilf_check check = match_one(place, NULL, &scene.signals[2]);
	struct arena arena;
	arena_init(&arena, 0);
	must(hilf_withdraw(place->hilf, scene.numbers[2], "error", &place->err));
	record(place, "late", &check, &arena);
	struct told told = told_so_far(place);
	assert_int_equal(told.count, 1);
	assert_true(is_told(&told, "late block->no_match other"));
	assert_true(rows_of(place, "late").last.reversed_ms > 0);
	arena_clear(&arena);
	hilf_check_free(&check);
}

static void many_contents_are_told_in_parts(void **state)
{
	struct place *place = *state;
	struct scene scene = make_scene(place, HILF_REVIEW);
	struct hilf_check check = match_one(place, NULL, &scene.signals[2]);
	struct arena arena;
	char id[32];
	arena_init(&arena, 0);
	for (int i = 0; i < 1001; i++) {
		snprintf(id, sizeof id, "content %d", i);
		record(place, id, &check, &arena);
		arena_clear(&arena);
	}
	must(hilf_withdraw(place->hilf, scene.numbers[2], "error", &place->err));
	struct told told = told_so_far(place);
	assert_int_equal(told.events, 2);
	assert_int_equal(told.parts, 2);
	assert_int_equal(told.count, 1001);
	hilf_check_free(&check);
}

/* ------------------------------------------------------------------------------------------ kill -9 */

/* Records contents and says each that is durable, until it is killed. */
static void record_until_killed(struct place *place, int pipe_fd)
{
	struct hilf_err err;
	hilf_close(
		place->hilf); /* the parent's is of no use here; this one ends with the process */
	const struct hilf_options options = {.abi = HILF_ABI,
		.data_dir = place->dir,
		.helper_dir = place->helpers,
		.activity = "test"};
	if (hilf_open(&options, &place->hilf, &err) != 0)
		_exit(3);
	uint64_t seed = 7;
	random_pdq(&seed);
	struct hilf_signal signal = random_pdq(&seed);
	(void)signal;
	for (uint32_t i = 0;; i++) {
		struct hilf_check check;
		struct check_decision decision;
		struct arena arena;
		char id[32];
		struct hilf_signal asked = *(struct hilf_signal *)place->err.text;
		snprintf(id, sizeof id, "k%u", i);
		const struct check_context context = {.content_id = id};
		arena_init(&arena, 0);
		if (hilf_match_signals(place->hilf, NULL, &asked, 1, &check, &err) != 0 ||
			check_record(place->hilf, &context, &check, &arena, &decision, &err) != 0)
			_exit(4);
		hilf_check_free(&check);
		arena_clear(&arena);
		if (write(pipe_fd, &i, sizeof i) != sizeof i)
			_exit(5);
	}
}

static void nothing_acknowledged_is_lost_by_a_kill(void **state)
{
	struct place *place = *state;
	struct scene scene = make_scene(place, HILF_BLOCK);
	int ends[2], status;
	uint32_t last = 0, count = 0, number;
	assert_int_equal(pipe(ends), 0);
	/* A handle does not survive fork: closed here, opened on both sides. */
	hilf_close(place->hilf);
	place->hilf = NULL;
	memcpy(place->err.text, &scene.signals[2], sizeof scene.signals[2]);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		close(ends[0]);
		record_until_killed(place, ends[1]);
	}
	close(ends[1]);
	while (read(ends[0], &number, sizeof number) == sizeof number) {
		last = number;
		if (++count == 40)
			kill(child, SIGKILL);
	}
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	reopen(place);
	must(hilf_withdraw(place->hilf, scene.numbers[2], "error", &place->err));
	struct told told = told_so_far(place);
	/* One more may have become durable without anybody hearing of it. */
	assert_true(told.count >= count && told.count <= count + 1);
	for (uint32_t i = 0; i <= last && i < TOLD_MAX; i++) {
		char line[64];
		snprintf(line, sizeof line, "k%u block->no_match error", i);
		assert_true(is_told(&told, line));
	}
}

/* ------------------------------------------------------------------------------------------ private surfaces */

static void a_legal_basis_is_kept_and_taken_back(void **state)
{
	struct place *place = *state;
	char basis[400];
	must(checks_private_basis(place->hilf, basis, sizeof basis, &place->err));
	assert_string_equal(basis, "");
	must(checks_private_basis_set(
		place->hilf, "Beschluss 4 C 12.34", "key:operator", &place->err));
	must(checks_private_basis(place->hilf, basis, sizeof basis, &place->err));
	assert_string_equal(basis, "Beschluss 4 C 12.34");
	must(checks_private_basis_set(place->hilf, "", "key:operator", &place->err));
	must(checks_private_basis(place->hilf, basis, sizeof basis, &place->err));
	assert_string_equal(basis, "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_check_that_matched_nothing_leaves_nothing),
		TEST(a_block_is_a_decision_and_the_same_one_again),
		TEST(a_review_is_kept_where_it_has_an_id),
		TEST(every_recorded_check_is_told_once),
		TEST(what_was_said_of_the_content_is_checked),
		TEST(a_statement_is_in_the_language_asked_for),
		TEST(a_withdrawal_tells_what_rested_on_the_entry),
		TEST(a_mute_tells_what_rested_on_the_entry),
		TEST(a_dispute_leaves_a_review),
		TEST(an_expiry_tells_what_rested_on_the_entry),
		TEST(an_expiry_at_once_tells_as_well),
		TEST(a_bank_that_goes_tells_everything_that_rested_on_it),
		TEST(an_erasure_tells_what_rested_on_the_entry),
		TEST(a_content_that_rests_on_two_entries_stands_until_both_are_gone),
		TEST(what_only_a_person_would_have_looked_at_does_not_rest_beside_a_block),
		TEST(a_block_falls_to_the_review_that_another_entry_asks_for),
		TEST(an_entry_that_ended_before_the_check_was_recorded_is_told_at_once),
		TEST(many_contents_are_told_in_parts),
		TEST(nothing_acknowledged_is_lost_by_a_kill),
		TEST(a_legal_basis_is_kept_and_taken_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
