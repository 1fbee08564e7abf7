/* The tables of routes, both of them: nothing is served that has no rule, and what is said of it can be read. */
#include "http/api.h"
#include "http/api/documents.h"
#include "http/api/inside.h"
#include "test/unit.h"

#include <string.h>

static const struct http_route *const tables[] = {api_routes, hma_routes};

#define each_route(table, route)                                                                   \
	for (size_t table = 0; table < 2; table++)                                                 \
		for (const struct http_route *route = tables[table]; route->method; route++)

static const struct api_rule *rule_of(const struct http_route *route)
{
	const struct api_rule *rule = route->extra;
	if (!rule || rule->verb == VERB_NONE || (unsigned)rule->verb >= VERB_COUNT)
		fail_msg("%s %s has no rule of who may", route->method, route->path);
	return rule;
}

static void every_route_has_a_rule_and_somebody_who_may(void **state)
{
	(void)state;
	each_route(table, route)
	{
		const struct api_rule *rule = rule_of(route);
		bool somebody = false, everybody = true;
		for (unsigned role = ROLE_CHECKER; role < ROLE_COUNT; role++) {
			const struct actor actor = {.role = (enum role)role};
			somebody = somebody || may_ever(&actor, rule->verb);
			everybody = everybody && may_ever(&actor, rule->verb);
		}
		if (!somebody)
			fail_msg("nobody may %s %s", route->method, route->path);
		const struct actor nobody = {.role = ROLE_NONE};
		if (may_ever(&nobody, rule->verb) != (rule->verb == VERB_PUBLIC))
			fail_msg("who is nobody may %s %s", route->method, route->path);
		assert_non_null(route->handle);
	}
}

static void no_two_routes_are_alike(void **state)
{
	(void)state;
	each_route(table, route)
	{
		for (const struct http_route *other = route + 1; other->method; other++) {
			if (!strcmp(route->method, other->method) &&
				!strcmp(route->path, other->path))
				fail_msg("%s %s is there twice", route->method, route->path);
			if (!strcmp(rule_of(route)->id, rule_of(other)->id))
				fail_msg("two routes are called %s", rule_of(route)->id);
		}
	}
}

/* But for signing in, and for who holds an appeal code. */
static void what_is_open_to_all_only_reads(void **state)
{
	static const char *const others[] = {
		"signIn", "enrol", "makeAppeal", "readAppeal", "sendAppealPage"};
	(void)state;
	each_route(table, route)
	{
		bool known = strcmp(route->method, "GET") == 0;
		for (size_t i = 0; i < sizeof others / sizeof *others; i++)
			known = known || strcmp(rule_of(route)->id, others[i]) == 0;
		if (rule_of(route)->verb == VERB_PUBLIC && !known)
			fail_msg("anybody may %s %s", route->method, route->path);
	}
}

/* Whatever goes into the feed is a write that a follower refuses. Keys, webhooks, settings and what is kept of checks are
 * a node's own. */
static void a_follower_refuses_all_that_goes_into_the_feed(void **state)
{
	static const enum verb writing[] = {VERB_BANK_CREATE, VERB_BANK_CHANGE, VERB_BANK_RENAME,
		VERB_BANK_REMOVE, VERB_ENTRY_ADD, VERB_ENTRY_CHANGE, VERB_ENTRY_WITHDRAW,
		VERB_ENTRY_ERASE, VERB_ENTRY_MUTE, VERB_OPINION_GIVE};
	(void)state;
	each_route(table, route)
	{
		const struct api_rule *rule = rule_of(route);
		bool writes = false;
		for (size_t i = 0; i < sizeof writing / sizeof *writing; i++)
			writes = writes || rule->verb == writing[i];
		if (writes && !rule->writes)
			fail_msg("a follower would take %s %s", route->method, route->path);
		if (!strcmp(route->method, "GET"))
			assert_false(rule->writes);
	}
}

static void every_native_route_says_what_it_is(void **state)
{
	(void)state;
	for (const struct http_route *route = api_routes; route->method; route++) {
		const struct api_rule *rule = rule_of(route);
		assert_ptr_equal(route->handle, api_handle);
		assert_non_null(rule->handle);
		assert_true(rule->tag && rule->summary && rule->responses);
		assert_true(rule->summary[strlen(rule->summary) - 1] != '.');
		if (route->body != HTTP_BODY_NONE && !rule->body_schema && !rule->body_types)
			fail_msg("%s %s takes no type of body", route->method, route->path);
		/* JSON comes as memory where files do. */
		if (route->body == HTTP_BODY_FILE)
			assert_true(!rule->body_schema == !route->memory_types);
		for (const struct api_parameter *p = rule->parameters; p && p->name; p++)
			assert_true(p->schema && p->description && p->in);
	}
}

static void the_description_is_json_and_the_page_has_every_route(void **state)
{
	struct documents *documents = documents_new(api_routes);
	(void)state;
	assert_non_null(documents);
	json_t *root = json_loadb(documents->openapi.data, documents->openapi.size, 0, NULL);
	assert_non_null(root);
	for (const struct http_route *route = api_routes; route->method; route++) {
		char code[128];
		snprintf(code, sizeof code, "<code>%s</code>", route->path);
		assert_non_null(json_object_get(json_object_get(root, "paths"), route->path));
		assert_non_null(strstr(documents->page.data, code));
	}
	assert_null(strstr(documents->page.data, "<script"));
	json_decref(root);
	documents_free(documents);
}

static void no_error_is_described_twice(void **state)
{
	(void)state;
	for (const struct error_code *error = error_codes; error->status; error++)
		for (const struct error_code *other = error + 1; other->status; other++)
			assert_string_not_equal(error->code, other->code);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_route_has_a_rule_and_somebody_who_may),
		cmocka_unit_test(no_two_routes_are_alike),
		cmocka_unit_test(what_is_open_to_all_only_reads),
		cmocka_unit_test(a_follower_refuses_all_that_goes_into_the_feed),
		cmocka_unit_test(every_native_route_says_what_it_is),
		cmocka_unit_test(the_description_is_json_and_the_page_has_every_route),
		cmocka_unit_test(no_error_is_described_twice),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
