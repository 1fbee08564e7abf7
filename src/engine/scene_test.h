/* For tests of recorded checks: a bank with entries, contents that are recorded as matching them, and what the outbox tells of
 * their reversal. */
#ifndef ENGINE_SCENE_TEST_H
#define ENGINE_SCENE_TEST_H

#include "engine/checks.h"
#include "engine/hooks.h"
#include "engine/place_test.h"
#include "wire/json.h"

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

static inline int take_event(const struct delivery *delivery, void *ctx)
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

static inline struct told told_so_far(struct place *place)
{
	struct told told = {.count = 0};
	must(deliveries_page(place->hilf, NULL, false, 0, 100000, take_event, &told, &place->err));
	return told;
}

static inline bool is_told(const struct told *told, const char *line)
{
	unsigned count = 0;
	for (size_t i = 0; i < told->count && i < TOLD_MAX; i++)
		count += strcmp(told->lines[i], line) == 0;
	assert_true(count <= 1);
	return count == 1;
}

static inline void subscribe(struct place *place)
{
	static const char *const events[] = {"*"};
	const struct hook_info info = {.url = "https://hooks.example/",
		.events = events,
		.event_count = 1,
		.enabled = true};
	must(hook_create(place->hilf, &info, NULL, &place->err));
}

/* ------------------------------------------------------------------------------------------ checks */

static inline struct check_decision record(struct place *place, const char *content_id,
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

static inline struct scene make_scene(struct place *place, enum hilf_mode mode)
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

static inline void match_and_record(
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

static inline int take_row(const struct check_row *row, void *ctx)
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

static inline struct rows rows_of(struct place *place, const char *content_id)
{
	struct rows rows = {0};
	must(check_page(place->hilf, content_id, 0, 1000, take_row, &rows, &place->err));
	return rows;
}

#endif
