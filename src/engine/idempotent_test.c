/* A request that comes again with its key: the answer of the first time, to the same actor and the same request alone. */
#include "engine/checks.h"

#include "engine/place_test.h"

struct begun {
	enum idempotent_state state;
	int status;
	char body[64];
};

static struct idempotent request_of(const char *actor, const char *key, const char *request)
{
	struct idempotent made = {.actor = actor, .key = key};
	memcpy(made.request, request, strlen(request));
	return made;
}

static struct begun begin(struct place *place, const struct idempotent *request)
{
	struct begun begun = {.status = -1};
	const char *body = "";
	size_t size = 0;
	struct arena arena;
	arena_init(&arena, 0);
	must(idempotent_begin(place->hilf, request, &arena, &begun.state, &begun.status, &body,
		&size, &place->err));
	snprintf(begun.body, sizeof begun.body, "%.*s", (int)size, body);
	arena_clear(&arena);
	return begun;
}

static void the_answer_of_the_first_time_comes_again(void **state)
{
	struct place *place = *state;
	struct idempotent one = request_of("key:a", "k1", "POST /v1/check {}");
	assert_int_equal(begin(place, &one).state, IDEMPOTENT_NEW);
	assert_int_equal(begin(place, &one).state, IDEMPOTENT_RUNNING);
	must(idempotent_end(place->hilf, &one, 201, "{\"id\":1}", 8, &place->err));
	for (int i = 0; i < 2; i++) {
		struct begun again = begin(place, &one);
		assert_int_equal(again.state, IDEMPOTENT_DONE);
		assert_int_equal(again.status, 201);
		assert_string_equal(again.body, "{\"id\":1}");
		reopen(place);
	}
}

static void another_request_with_the_same_key_is_refused(void **state)
{
	struct place *place = *state;
	struct idempotent one = request_of("key:a", "k1", "one"),
			  two = request_of("key:a", "k1", "two");
	assert_int_equal(begin(place, &one).state, IDEMPOTENT_NEW);
	assert_int_equal(begin(place, &two).state, IDEMPOTENT_OTHER);
	must(idempotent_end(place->hilf, &one, 200, "", 0, &place->err));
	assert_int_equal(begin(place, &two).state, IDEMPOTENT_OTHER);
	assert_int_equal(begin(place, &one).state, IDEMPOTENT_DONE);
	assert_int_equal(begin(place, &one).state, IDEMPOTENT_DONE);
}

static void keys_of_different_actors_have_nothing_to_do_with_each_other(void **state)
{
	struct place *place = *state;
	struct idempotent one = request_of("key:a", "bk", "one"),
			  two = request_of("key:ab", "k", "two");
	assert_int_equal(begin(place, &one).state, IDEMPOTENT_NEW);
	assert_int_equal(begin(place, &two).state, IDEMPOTENT_NEW);
	must(idempotent_end(place->hilf, &one, 200, "1", 1, &place->err));
	must(idempotent_end(place->hilf, &two, 200, "2", 1, &place->err));
	assert_string_equal(begin(place, &one).body, "1");
	assert_string_equal(begin(place, &two).body, "2");
}

static void what_failed_may_be_tried_again(void **state)
{
	struct place *place = *state;
	struct idempotent one = request_of("key:a", "k1", "one");
	static char large[IDEMPOTENT_BODY_MAX + 1];
	assert_int_equal(begin(place, &one).state, IDEMPOTENT_NEW);
	must(idempotent_end(place->hilf, &one, 0, NULL, 0, &place->err));
	assert_int_equal(begin(place, &one).state, IDEMPOTENT_NEW);
	assert_int_equal(idempotent_end(place->hilf, &one, 200, large, sizeof large, &place->err),
		HILF_E_LIMIT);
	assert_int_equal(begin(place, &one).state, IDEMPOTENT_NEW);
	must(idempotent_end(place->hilf, &one, 200, large, IDEMPOTENT_BODY_MAX, &place->err));
	assert_int_equal(begin(place, &one).state, IDEMPOTENT_DONE);
}

static void a_crash_forgets_what_was_being_answered(void **state)
{
	struct place *place = *state;
	struct idempotent one = request_of("key:a", "k1", "one");
	assert_int_equal(begin(place, &one).state, IDEMPOTENT_NEW);
	reopen(place);
	assert_int_equal(begin(place, &one).state, IDEMPOTENT_NEW);
	must(idempotent_end(place->hilf, &one, 200, "", 0, &place->err));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_answer_of_the_first_time_comes_again),
		TEST(another_request_with_the_same_key_is_refused),
		TEST(keys_of_different_actors_have_nothing_to_do_with_each_other),
		TEST(what_failed_may_be_tried_again),
		TEST(a_crash_forgets_what_was_being_answered),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
