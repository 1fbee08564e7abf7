/* Which route a path has, and what is said where it has none. */
#include "base/check.h"
#include "http/inside.h"
#include "test/unit.h"

#include <string.h>

static void nothing(struct http_request *request)
{
	(void)request;
}

#define ROUTE(method, path)                                                                        \
	{                                                                                          \
		method, path, HTTP_INLINE, HTTP_BODY_NONE, .handle = nothing                       \
	}

static const struct http_route routes[] = {
	ROUTE("GET", "/"),
	ROUTE("GET", "/v1/banks"),
	ROUTE("POST", "/v1/banks"),
	ROUTE("GET", "/v1/banks/{bank}"),
	ROUTE("DELETE", "/v1/banks/{bank}"),
	ROUTE("POST", "/v1/banks/import"),
	ROUTE("GET", "/v1/banks/{bank}/entries/{entry}"),
	ROUTE("GET", "/v1/{any}/old/end"),
	{NULL},
};

static void the_route_is_found_with_its_values(void **state)
{
	static const struct {
		const char *method, *path;
		int index; /* -1: none */
		const char *first, *second;
	} cases[] = {
		{"GET", "/", 0, NULL, NULL},
		{"HEAD", "/", 0, NULL, NULL},
		{"POST", "/", -1, NULL, NULL},
		{"GET", "/v1/banks", 1, NULL, NULL},
		{"POST", "/v1/banks", 2, NULL, NULL},
		{"GET", "/v1/banks/", -1, NULL, NULL},
		{"GET", "/v1/banks/a", 3, "a", NULL},
		{"DELETE", "/v1/banks/a b", 4, "a b", NULL},
		{"POST", "/v1/banks/import", 5, NULL, NULL},
		/* A bank may have that name: only its method is taken. */
		{"GET", "/v1/banks/import", 3, "import", NULL},
		{"GET", "/v1/banks/import/entries/9", 6, "import", "9"},
		{"GET", "/v1/banks/a/entries/9", 6, "a", "9"},
		{"GET", "/v1/banks/a/entries", -1, NULL, NULL},
		{"GET", "/v1/banks/a/entries/9/x", -1, NULL, NULL},
		/* What is spelt out leads nowhere; braces do. */
		{"GET", "/v1/banks/old/end", 7, "banks", NULL},
		{"GET", "//", -1, NULL, NULL},
		{"GET", "", -1, NULL, NULL},
		{"GET", "*", -1, NULL, NULL},
		{"get", "/", -1, NULL, NULL},
	};
	struct route_tree *tree = route_tree_new(routes);
	(void)state;
	assert_non_null(tree);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct route_value values[PARAM_COUNT_MAX] = {{NULL, 0}};
		const struct http_route *route =
			route_find(tree, cases[i].method, cases[i].path, values);
		assert_ptr_equal(route, cases[i].index < 0 ? NULL : &routes[cases[i].index]);
		const char *texts[2] = {cases[i].first, cases[i].second};
		for (size_t k = 0; k < 2 && texts[k]; k++) {
			assert_int_equal(values[k].size, strlen(texts[k]));
			assert_memory_equal(values[k].text, texts[k], values[k].size);
		}
	}
	route_tree_free(tree);
}

static void a_path_tells_its_methods(void **state)
{
	struct route_tree *tree = route_tree_new(routes);
	struct buf buf = BUF_INIT;
	(void)state;
	route_allow(tree, "/v1/banks", &buf);
	assert_string_equal(buf.data, "GET, HEAD, POST");
	buf_clear(&buf);
	route_allow(tree, "/v1/nothing", &buf);
	assert_int_equal(buf.size, 0);
	route_allow(tree, "/v1/banks/import", &buf);
	assert_string_equal(buf.data, "POST, GET, HEAD, DELETE");
	buf_free(&buf);
	route_tree_free(tree);
}

static void parameters_have_places(void **state)
{
	(void)state;
	assert_int_equal(route_param(&routes[6], "bank"), 0);
	assert_int_equal(route_param(&routes[6], "entry"), 1);
	assert_int_equal(route_param(&routes[6], "ban"), -1);
	assert_int_equal(route_param(&routes[6], "banks"), -1);
	assert_int_equal(route_param(&routes[0], "bank"), -1);
}

/* ------------------------------------------------------------------------------- timers, limits */

static struct wheel wheel;
static unsigned called;

static void call(struct timer *timer)
{
	called++;
	wheel_remove(timer);
}

static void timers_go_off_when_they_are_due(void **state)
{
	struct timer timers[400] = {{NULL}};
	int64_t now = 1234567;
	(void)state;
	wheel_init(&wheel, now);
	/* From at once to far beyond one turn of the wheel. */
	for (unsigned i = 0; i < COUNT_OF(timers); i++)
		wheel_set(&wheel, &timers[i], now + i * 400);
	called = 0;
	for (int64_t at = now; at < now + 170000; at += 70) {
		wheel_turn(&wheel, at, call);
		unsigned due = at < now ? 0 : (unsigned)((at - now) / 400) + 1;
		due = due > COUNT_OF(timers) ? COUNT_OF(timers) : due;
		/* None early, and none later than a turn of one slot and the step. */
		assert_true(called <= due);
		unsigned surely = at - now < 300 ? 0 : (unsigned)((at - now - 300) / 400);
		assert_true(called >= (surely > COUNT_OF(timers) ? COUNT_OF(timers) : surely));
	}
	assert_int_equal(called, COUNT_OF(timers));
	/* Moved later it waits, moved sooner it does not. */
	now += 170000;
	called = 0;
	wheel_set(&wheel, &timers[0], now + 500);
	wheel_set(&wheel, &timers[0], now + 5000);
	wheel_set(&wheel, &timers[1], now + 5000);
	wheel_set(&wheel, &timers[1], now + 500);
	wheel_turn(&wheel, now + 1000, call);
	assert_int_equal(called, 1);
	assert_null(timers[1].next);
	/* A clock that jumps ahead leaves nobody behind. */
	wheel_turn(&wheel, now + 10000000, call);
	assert_int_equal(called, 2);
	wheel_all(&wheel, call);
	assert_int_equal(called, 2);
}

static struct in6_addr address_of(const uint8_t bytes[16])
{
	struct in6_addr address;
	memcpy(&address, bytes, 16);
	return address;
}

static void addresses_are_counted_by_whose_they_are(void **state)
{
	struct limits *limits = limits_new();
	struct in6_addr four = address_of((const uint8_t[16]){[10] = 255, 255, 192, 0, 2, 1});
	struct in6_addr next = address_of((const uint8_t[16]){[10] = 255, 255, 192, 0, 2, 2});
	struct in6_addr six = address_of((const uint8_t[16]){0x20, 1, 0xd, 0xb8, [15] = 1});
	struct in6_addr same = address_of((const uint8_t[16]){0x20, 1, 0xd, 0xb8, [8] = 7});
	(void)state;
	assert_true(limits_enter(limits, &four, 2));
	assert_true(limits_enter(limits, &four, 2));
	assert_false(limits_enter(limits, &four, 2));
	assert_true(limits_enter(limits, &next, 2));
	limits_leave(limits, &four);
	assert_true(limits_enter(limits, &four, 2));
	/* Of IPv6 a customer has a whole /64. */
	assert_true(limits_enter(limits, &six, 1));
	assert_false(limits_enter(limits, &same, 1));
	limits_leave(limits, &same);
	assert_true(limits_enter(limits, &same, 1));
	limits_free(limits);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_route_is_found_with_its_values),
		cmocka_unit_test(a_path_tells_its_methods),
		cmocka_unit_test(parameters_have_places),
		cmocka_unit_test(timers_go_off_when_they_are_due),
		cmocka_unit_test(addresses_are_counted_by_whose_they_are),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
