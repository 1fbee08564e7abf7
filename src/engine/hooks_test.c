/* Webhooks: who gets what, in which order, how often it is tried, and when it is given up. */
#include "engine/hooks.h"

#include "engine/place_test.h"
#include "os/clock.h"

#include <sqlite3.h>

static const char *const all_events[] = {"*"};

static struct hook_info make_hook(struct place *place, const char *const *events,
	size_t event_count, const char *const *banks, size_t bank_count)
{
	const struct hook_info info = {.url = "https://hooks.example/in?x=1",
		.events = events,
		.event_count = event_count,
		.banks = banks,
		.bank_count = bank_count,
		.enabled = true};
	struct hook_info made;
	must(hook_create(place->hilf, &info, &made, &place->err));
	return made;
}

static void send_event(struct place *place, const char *event, const char *bank, const char *data)
{
	must(hooks_send(place->hilf, event, bank, data, strlen(data), &place->err));
}

/* What is due, each hook's first. */
struct due {
	unsigned count;
	struct delivery last;
	char hook[HOOK_ID_TEXT], body[400], event[40], secret[HOOK_SECRET_MAX], error[200];
};

static int take_due(const struct delivery *delivery, void *ctx)
{
	struct due *due = ctx;
	due->count++;
	due->last = *delivery;
	snprintf(due->hook, sizeof due->hook, "%s", delivery->hook);
	snprintf(due->event, sizeof due->event, "%s", delivery->event);
	snprintf(due->secret, sizeof due->secret, "%s", delivery->secret);
	snprintf(due->error, sizeof due->error, "%s", delivery->last_error);
	snprintf(due->body, sizeof due->body, "%.*s", (int)delivery->size, delivery->body);
	return 0;
}

static struct due due_at(struct place *place, int64_t now_ms)
{
	struct due due = {0};
	must(deliveries_due(place->hilf, now_ms, 100, take_due, &due, &place->err));
	return due;
}

static unsigned count_of(struct place *place, const char *hook, bool dead)
{
	struct due due = {0};
	must(deliveries_page(place->hilf, hook, dead, 0, 1000, take_due, &due, &place->err));
	return due.count;
}

static void each_gets_what_it_subscribed_to(void **state)
{
	struct place *place = *state;
	static const char *const some[] = {"entry.added", "ping"}, *const banks[] = {"inside", "b"};
	struct hook_info all = make_hook(place, all_events, 1, NULL, 0);
	struct hook_info few = make_hook(place, some, 2, NULL, 0);
	struct hook_info scoped = make_hook(place, all_events, 1, banks, 2);
	send_event(place, "entry.added", "inside", "{}");
	send_event(place, "entry.added", "outside", "{}");
	send_event(place, "entry.withdrawn", "inside", "{}");
	send_event(place, "bank.changed", NULL, "{}");
	assert_int_equal(count_of(place, all.id, false), 4);
	assert_int_equal(count_of(place, few.id, false), 2);
	assert_int_equal(count_of(place, scoped.id, false), 2);
	assert_int_equal(count_of(place, NULL, false), 8);
	struct deliveries_count count;
	must(deliveries_count(place->hilf, &count, &place->err));
	assert_int_equal(count.waiting, 8);
	assert_int_equal(count.dead, 0);
	assert_true(count.oldest_ms > 0 && count.oldest_ms <= clock_now_ms());
	must(hook_test(place->hilf, scoped.id, &place->err));
	assert_int_equal(count_of(place, scoped.id, false), 3);
	assert_int_equal(count_of(place, few.id, false), 2);
}

static void a_delivery_has_all_that_its_headers_need(void **state)
{
	struct place *place = *state;
	struct hook_info hook = make_hook(place, all_events, 1, NULL, 0);
	send_event(place, "entry.added", "b", "{\"x\":1}");
	struct due due = due_at(place, clock_now_ms());
	assert_int_equal(due.count, 1);
	assert_string_equal(due.event, "entry.added");
	assert_string_equal(due.secret, hook.secret);
	assert_int_equal(strlen(due.last.event_id), 36);
	assert_memory_equal(due.body, "{\"type\":\"entry.added\",\"timestamp\":\"20", 37);
	assert_non_null(strstr(due.body, "Z\",\"data\":{\"x\":1}}"));
	char signature[64];
	must(hook_sign(due.secret, due.last.event_id, clock_now_ms(), due.body, strlen(due.body),
		signature, &place->err));
	assert_memory_equal(signature, "v1,", 3);
	assert_int_equal(strlen(signature), 47);
}

static void the_signature_is_that_of_the_specification(void **state)
{
	/* The example of standardwebhooks.com, reckoned again with Python's hmac and base64. */
	static const char body[] = "{\"test\": 2432232314}";
	struct hilf_err err;
	char signature[64] = "untouched";
	(void)state;
	assert_int_equal(
		hook_sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek",
			1614265330999, body, sizeof body - 1, signature, &err),
		0);
	assert_string_equal(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
	static const char *const bad[] = {"", "whsec_", "MfKQ9r8GKYqr", "whsec_%%%%",
		"whsec_"
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
		"AA"
		"AAAAAAAAAAAAAAAA"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(hook_sign(bad[i], "a", 0, "", 0, signature, &err), HILF_E_INVALID);
}

static void events_of_a_hook_keep_their_order(void **state)
{
	struct place *place = *state;
	char data[32];
	make_hook(place, all_events, 1, NULL, 0);
	struct hook_info second = make_hook(place, all_events, 1, NULL, 0);
	for (int i = 0; i < 5; i++) {
		snprintf(data, sizeof data, "{\"n\":%d}", i);
		send_event(place, "entry.added", "b", data);
	}
	int64_t now_ms = clock_now_ms();
	for (int i = 0; i < 5; i++) {
		struct due due = due_at(place, now_ms);
		assert_int_equal(due.count, 2); /* one of each */
		snprintf(data, sizeof data, "\"data\":{\"n\":%d}", i);
		assert_non_null(strstr(due.body, data));
		/* The same until there is a result. */
		assert_int_equal(due_at(place, now_ms).last.id, due.last.id);
		must(delivery_result(place->hilf, due.last.id, 204, "", &place->err));
		assert_int_equal(delivery_result(place->hilf, due.last.id, 204, "", &place->err),
			HILF_E_NOT_FOUND);
		/* The other hook's are those of its own. */
		struct due other = due_at(place, now_ms);
		if (strcmp(other.hook, second.id) == 0)
			continue;
	}
}

static void a_failure_holds_back_what_is_behind_it_and_no_other_hook(void **state)
{
	struct place *place = *state;
	static const char *const other_events[] = {"bank.changed"};
	struct hook_info hook = make_hook(place, all_events, 1, NULL, 0);
	make_hook(place, other_events, 1, NULL, 0);
	send_event(place, "entry.added", "b", "{}");
	send_event(place, "bank.changed", "b", "{}");
	int64_t now_ms = clock_now_ms(), next_ms;
	struct due due = due_at(place, now_ms);
	assert_int_equal(due.count, 2);
	if (strcmp(due.hook, hook.id) != 0) { /* the other way round */
		struct due first = {0};
		must(deliveries_due(place->hilf, now_ms, 1, take_due, &first, &place->err));
		due = first;
	}
	assert_string_equal(due.hook, hook.id);
	must(delivery_result(place->hilf, due.last.id, 503, "busy", &place->err));
	assert_int_equal(due_at(place, now_ms).count, 1);
	must(deliveries_next(place->hilf, &next_ms, &place->err));
	assert_true(next_ms <= now_ms); /* the other hook's */
	assert_int_equal(due_at(place, now_ms + 6000).count, 2);
}

static void what_fails_is_tried_again_as_written_down_and_then_is_dead(void **state)
{
	struct place *place = *state;
	static const int64_t waits_s[] = {5, 30, 120, 600, 3600, 14400, 43200, 86400};
	struct hook_info hook = make_hook(place, all_events, 1, NULL, 0);
	int64_t next_ms;
	uint64_t count;
	send_event(place, "entry.added", "b", "{}");
	must(deliveries_next(place->hilf, &next_ms, &place->err));
	assert_true(next_ms <= clock_now_ms());
	for (size_t i = 0; i < 9; i++) {
		struct due due = due_at(place, INT64_MAX - 1);
		assert_int_equal(due.count, 1);
		assert_int_equal(due.last.attempts, i);
		int64_t before_ms = clock_now_ms();
		must(delivery_result(
			place->hilf, due.last.id, i ? 500 : 0, "no route", &place->err));
		must(deliveries_next(place->hilf, &next_ms, &place->err));
		if (i < 8)
			assert_true(next_ms >= before_ms + waits_s[i] * 1000 &&
				    next_ms <= clock_now_ms() + waits_s[i] * 1000);
		else
			assert_int_equal(next_ms, INT64_MAX);
	}
	assert_int_equal(count_of(place, hook.id, false), 0);
	assert_int_equal(count_of(place, hook.id, true), 1);
	struct due dead = {0};
	must(deliveries_page(place->hilf, hook.id, true, 0, 10, take_due, &dead, &place->err));
	assert_true(dead.last.dead);
	assert_int_equal(dead.last.last_status, 500);
	assert_string_equal(dead.error, "no route");
	assert_string_equal(dead.secret, "");
	assert_int_equal(deliveries_replay(place->hilf, hook.id, 999, &count, &place->err),
		HILF_E_NOT_FOUND);
	must(deliveries_replay(place->hilf, hook.id, dead.last.id, &count, &place->err));
	assert_int_equal(count, 1);
	assert_int_equal(due_at(place, clock_now_ms()).last.attempts, 0);
	reopen(place);
	assert_int_equal(due_at(place, clock_now_ms()).count, 1);
}

struct hooks {
	unsigned count;
	bool enabled;
	char note[300], url[300], events[300];
	uint64_t outbox;
};

static int take_hook(const struct hook_info *info, void *ctx)
{
	struct hooks *hooks = ctx;
	hooks->count++;
	hooks->enabled = info->enabled;
	hooks->outbox = info->outbox_count;
	snprintf(hooks->note, sizeof hooks->note, "%s", info->note);
	snprintf(hooks->url, sizeof hooks->url, "%s", info->url);
	hooks->events[0] = '\0';
	for (size_t i = 0; i < info->event_count; i++)
		snprintf(hooks->events + strlen(hooks->events), 100, "%s ", info->events[i]);
	assert_string_equal(info->secret, "");
	return 0;
}

static struct hooks list_hooks(struct place *place)
{
	struct hooks hooks = {0};
	must(hook_each(place->hilf, take_hook, &hooks, &place->err));
	return hooks;
}

static void a_receiver_that_is_gone_is_switched_off_and_says_so(void **state)
{
	struct place *place = *state;
	struct hook_info hook = make_hook(place, all_events, 1, NULL, 0);
	send_event(place, "entry.added", "b", "{}");
	send_event(place, "entry.added", "b", "{}");
	struct due due = due_at(place, clock_now_ms());
	must(delivery_result(place->hilf, due.last.id, 410, "gone", &place->err));
	assert_int_equal(count_of(place, hook.id, true), 1);
	assert_int_equal(count_of(place, hook.id, false), 1);
	struct hooks hooks = list_hooks(place);
	assert_false(hooks.enabled);
	assert_non_null(strstr(hooks.note, "it answered 410"));
	assert_int_equal(due_at(place, INT64_MAX - 1).count, 0);
	send_event(place, "entry.added", "b", "{}");
	assert_int_equal(count_of(place, hook.id, false), 1);
	/* Switched on again, it goes on with what waited. */
	const struct hook_change change = {.set_enabled = true, .enabled = true};
	must(hook_set(place->hilf, hook.id, &change, NULL, &place->err));
	hooks = list_hooks(place);
	assert_true(hooks.enabled);
	assert_string_equal(hooks.note, "");
	assert_int_equal(due_at(place, INT64_MAX - 1).count, 1);
}

static void an_outbox_that_is_full_switches_its_hook_off_and_says_so(void **state)
{
	struct place *place = *state;
	struct hook_info hook = make_hook(place, all_events, 1, NULL, 0),
			 other = make_hook(place, all_events, 1, NULL, 0);
	char path[300];
	sqlite3 *db;
	send_event(place, "entry.added", "b", "{}");
	/* A million events would take minutes: say that they are there. */
	snprintf(path, sizeof path, "%s/hilf.db", place->dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "UPDATE l_webhook_load SET count = 999998 WHERE hook = 1",
				 NULL, NULL, NULL),
		SQLITE_OK);
	sqlite3_close(db);
	send_event(place, "entry.added", "b", "{}");
	assert_int_equal(count_of(place, hook.id, false), 2);
	send_event(place, "entry.added", "b", "{}");
	send_event(place, "entry.added", "b", "{}");
	assert_int_equal(count_of(place, hook.id, false), 3);
	assert_int_equal(count_of(place, other.id, false), 4);
	must(hook_remove(place->hilf, other.id, &place->err));
	struct hooks hooks = list_hooks(place);
	assert_int_equal(hooks.count, 1);
	assert_false(hooks.enabled);
	assert_non_null(strstr(hooks.note, "its outbox is full"));
	assert_int_equal(count_of(place, NULL, false), 3);
}

static void a_hook_is_changed_and_removed(void **state)
{
	struct place *place = *state;
	static const char *const two[] = {"ping", "bank.changed"};
	struct hook_info hook = make_hook(place, all_events, 1, NULL, 0), changed;
	struct hook_change change = {.url = "http://other.example:8080/",
		.events = two,
		.event_count = 2,
		.new_secret = true};
	must(hook_set(place->hilf, hook.id, &change, &changed, &place->err));
	assert_string_equal(changed.id, hook.id);
	assert_string_not_equal(changed.secret, hook.secret);
	assert_memory_equal(changed.secret, "whsec_", 6);
	struct hooks hooks = list_hooks(place);
	assert_string_equal(hooks.url, "http://other.example:8080/");
	assert_string_equal(hooks.events, "ping bank.changed ");
	send_event(place, "entry.added", "b", "{}");
	assert_int_equal(count_of(place, hook.id, false), 0);
	send_event(place, "bank.changed", "b", "{}");
	struct due due = due_at(place, clock_now_ms());
	assert_string_equal(due.secret, changed.secret);
	must(hook_remove(place->hilf, hook.id, &place->err));
	assert_int_equal(
		delivery_result(place->hilf, due.last.id, 200, "", &place->err), HILF_E_NOT_FOUND);
	assert_int_equal(hook_remove(place->hilf, hook.id, &place->err), HILF_E_NOT_FOUND);
	assert_int_equal(
		hook_set(place->hilf, hook.id, &change, NULL, &place->err), HILF_E_NOT_FOUND);
	assert_int_equal(hook_test(place->hilf, hook.id, &place->err), HILF_E_NOT_FOUND);
	assert_int_equal(count_of(place, NULL, false), 0);
	send_event(place, "bank.changed", "b", "{}");
	assert_int_equal(count_of(place, NULL, false), 0);
}

static void what_cannot_be_a_webhook_is_refused(void **state)
{
	struct place *place = *state;
	static const char *const no_event[] = {"entry.exploded"}, *const mixed[] = {"*", "ping"},
				 *const bad_bank[] = {"a b"};
	static char longer[HOOK_URL_MAX + 40] = "https://a.example/";
	memset(longer + 18, 'x', sizeof longer - 19);
	const struct {
		struct hook_info info;
		const char *text;
	} cases[] = {
		{{.events = all_events, .event_count = 1},
			"a webhook needs a URL of 2048 bytes at most"},
		{{.url = longer, .events = all_events, .event_count = 1},
			"a webhook needs a URL of 2048 bytes at most"},
		{{.url = "ftp://a.example/", .events = all_events, .event_count = 1},
			"a webhook's URL begins with https:// or http://"},
		{{.url = "https://user:pass@a.example/", .events = all_events, .event_count = 1},
			NULL},
		{{.url = "https://", .events = all_events, .event_count = 1}, NULL},
		{{.url = "https://a.example/"},
			"a webhook subscribes to \"*\" or to 1 to 32 events"},
		{{.url = "https://a.example/", .events = no_event, .event_count = 1}, NULL},
		{{.url = "https://a.example/", .events = mixed, .event_count = 2}, NULL},
		{{.url = "https://a.example/",
			 .events = all_events,
			 .event_count = 1,
			 .banks = bad_bank,
			 .bank_count = 1},
			"the bank name 'a b' may hold letters a-z and A-Z, digits, '_', '.' and "
			"'-' only"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(hook_create(place->hilf, &cases[i].info, NULL, &place->err),
			HILF_E_INVALID);
		if (cases[i].text)
			assert_string_equal(place->err.text, cases[i].text);
	}
	assert_int_equal(list_hooks(place).count, 0);
}

static void another_process_subscribes_and_is_not_missed(void **state)
{
	struct place *place = *state;
	const struct hilf_options options = {
		.abi = HILF_ABI, .data_dir = place->dir, .no_index = true};
	const struct hook_info info = {.url = "https://other.example/",
		.events = all_events,
		.event_count = 1,
		.enabled = true};
	struct hilf *other;
	struct hook_info made;
	send_event(place, "entry.added", "b", "{}");
	must(hilf_open(&options, &other, &place->err));
	must(hook_create(other, &info, &made, &place->err));
	hilf_close(other);
	/* A write that nobody refreshed anything for. */
	must(hilf_bank_create(place->hilf, "fresh", HILF_REVIEW, 31, NULL, &place->err));
	assert_int_equal(count_of(place, made.id, false), 1);
}

static void the_list_of_events_ends(void **state)
{
	unsigned count = 0;
	(void)state;
	while (hook_event_name(count))
		count++;
	assert_int_equal(count, 18);
	assert_string_equal(hook_event_name(0), "check.matched");
	assert_null(hook_event_name(1000));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_gets_what_it_subscribed_to),
		TEST(a_delivery_has_all_that_its_headers_need),
		cmocka_unit_test(the_signature_is_that_of_the_specification),
		TEST(events_of_a_hook_keep_their_order),
		TEST(a_failure_holds_back_what_is_behind_it_and_no_other_hook),
		TEST(what_fails_is_tried_again_as_written_down_and_then_is_dead),
		TEST(a_receiver_that_is_gone_is_switched_off_and_says_so),
		TEST(an_outbox_that_is_full_switches_its_hook_off_and_says_so),
		TEST(a_hook_is_changed_and_removed),
		TEST(what_cannot_be_a_webhook_is_refused),
		TEST(another_process_subscribes_and_is_not_missed),
		cmocka_unit_test(the_list_of_events_ends),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
