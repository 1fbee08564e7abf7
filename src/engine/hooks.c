/* Subscriptions, and events on their way into the outbox. Who subscribed is kept in memory; within a write that is
 * compared once with a setting that changes with every subscription, so that an event that nobody wants costs nothing and
 * one that somebody has wanted since a millisecond is not missed. */
#include "engine/hooks.h"

#include "base/check.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/when.h"
#include "engine/hooks_parts.h"
#include "engine/local_parts.h"
#include "os/clock.h"
#include "wire/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const event_names[] = {"check.matched", "check.blocked", "entry.added",
	"entry.changed", "entry.withdrawn", "entry.reversed", "content.recognised", "bank.changed",
	"case.opened", "decision.made", "decision.ended", "decision.reversed", "statement.released",
	"appeal.made", "appeal.decided", "content.restored", "threat.escalated", "ping"};

_Static_assert(COUNT_OF(event_names) < 32, "a bit each in hook.wants, and one for what comes");

const char *hook_event_name(unsigned index)
{
	return index < COUNT_OF(event_names) ? event_names[index] : NULL;
}

bool hook_event_parse(const char *name, unsigned *ret_index)
{
	for (unsigned i = 0; i < COUNT_OF(event_names); i++) {
		if (strcmp(name, event_names[i]) == 0) {
			*ret_index = i;
			return true;
		}
	}
	return false;
}

/* ------------------------------------------------------------------------------------------ in memory */

struct hook {
	uint64_t number;
	uint32_t wants; /* events, a bit each; 0 when it is switched off */
	const char *const *banks;
	size_t bank_count; /* 0: all */
};

struct hook_set {
	struct arena texts;
	struct hook *hooks;
	size_t count;
};

void hooks_forget(struct local *local)
{
	if (local->hooks) {
		arena_clear(&local->hooks->texts);
		free(local->hooks->hooks);
		free(local->hooks);
	}
	local->hooks = NULL;
}

static uint32_t wanted_by(const struct store_hook *row)
{
	uint32_t wants = 0;
	const char *at = row->events;
	if (!row->enabled)
		return 0;
	if (strcmp(at, "*") == 0)
		return UINT32_MAX;
	for (size_t size; *at; at += size + (at[size] == '\n')) {
		size = strcspn(at, "\n");
		for (unsigned i = 0; i < COUNT_OF(event_names); i++)
			if (strlen(event_names[i]) == size && memcmp(at, event_names[i], size) == 0)
				wants |= 1u << i;
	}
	return wants;
}

struct loading {
	struct hook_set *set;
	size_t room;
	struct hilf_err *err;
};

static int load_hook(const struct store_hook *row, void *ctx)
{
	struct loading *loading = ctx;
	struct hook_set *set = loading->set;
	if (set->count == loading->room) {
		size_t room = loading->room ? 2 * loading->room : 8;
		struct hook *hooks = realloc(set->hooks, room * sizeof *hooks);
		if (!hooks)
			return err_no_memory(loading->err);
		set->hooks = hooks;
		loading->room = room;
	}
	struct hook *hook = &set->hooks[set->count];
	*hook = (struct hook){.number = row->number, .wants = wanted_by(row)};
	int rc =
		local_split(&set->texts, row->banks, &hook->banks, &hook->bank_count, loading->err);
	set->count += !rc;
	return rc;
}

/* With hook_mutex. */
static int load_hooks(
	struct hilf *hilf, bool in_write, const char generation[24], struct hilf_err *err)
{
	struct local *local = hilf->local;
	struct hook_set *set = calloc(1, sizeof *set), *old = local->hooks;
	struct loading loading = {set, 0, err};
	uint32_t wanted = 0;
	if (!set)
		return err_no_memory(err);
	arena_init(&set->texts, 0);
	int rc = store_hook_each(hilf->store, in_write, load_hook, &loading, err);
	local->hooks = set;
	if (rc) {
		hooks_forget(local);
		local->hooks = old;
		return rc;
	}
	local->hooks = old;
	hooks_forget(local);
	local->hooks = set;
	for (size_t i = 0; i < set->count; i++)
		wanted |= set->hooks[i].wants;
	atomic_store(&local->hook_wanted, wanted);
	memcpy(local->hook_generation, generation, sizeof local->hook_generation);
	return 0;
}

/* With hook_mutex. */
static int follow(struct hilf *hilf, bool in_write, struct hilf_err *err)
{
	struct local *local = hilf->local;
	char generation[24];
	int rc = local_generation(hilf, in_write, LOCAL_HOOKS_GENERATION, generation, err);
	if (rc || (local->hooks && strcmp(generation, local->hook_generation) == 0))
		return rc;
	return load_hooks(hilf, in_write, generation, err);
}

int hooks_refresh(struct hilf *hilf, struct hilf_err *err)
{
	struct local *local = hilf->local;
	ASSERT(hilf);
	pthread_mutex_lock(&local->hook_mutex);
	int rc = follow(hilf, false, err);
	pthread_mutex_unlock(&local->hook_mutex);
	return rc;
}

bool hooks_wanted(struct hilf *hilf, const char *event)
{
	unsigned index;
	bool known = hook_event_parse(event, &index);
	ASSERT(known);
	return atomic_load_explicit(&hilf->local->hook_wanted, memory_order_relaxed) >> index & 1;
}

int hooks_changed(struct hilf *hilf, struct hilf_err *err)
{
	struct local *local = hilf->local;
	pthread_mutex_lock(&local->hook_mutex);
	local->hook_changed = store_write_number(hilf->store);
	pthread_mutex_unlock(&local->hook_mutex);
	return local_new_generation(hilf, LOCAL_HOOKS_GENERATION, err);
}

/* ------------------------------------------------------------------------------------------ queueing */

static int make_body(const char *event, int64_t now_ms, const char *data, size_t size,
	struct buf *body, struct hilf_err *err)
{
	char time[WHEN_TEXT_SIZE];
	when_format_ms(now_ms, time);
	buf_format(body, "{\"type\":\"%s\",\"timestamp\":\"%s\",\"data\":", event, time);
	buf_add(body, data, size);
	buf_char(body, '}');
	if (body->failed)
		return err_no_memory(err);
	if (body->size > HOOK_EVENT_MAX)
		return err_set(err, HILF_E_LIMIT, "an event of %zu bytes; %u are the most",
			body->size, HOOK_EVENT_MAX);
	return 0;
}

/* Its row as it is, but switched off, with the reason. */
struct switching {
	struct hilf *hilf;
	uint64_t number;
	const char *why;
	struct arena arena;
	struct store_hook row;
	struct hilf_err *err;
};

static int copy_row(const struct store_hook *row, void *ctx)
{
	struct switching *switching = ctx;
	struct arena *arena = &switching->arena;
	if (row->number != switching->number)
		return 0;
	switching->row = *row;
	switching->row.id = arena_text(arena, row->id, strlen(row->id));
	switching->row.url = arena_text(arena, row->url, strlen(row->url));
	switching->row.events = arena_text(arena, row->events, strlen(row->events));
	switching->row.secret = arena_text(arena, row->secret, strlen(row->secret));
	switching->row.banks =
		row->banks ? arena_text(arena, row->banks, strlen(row->banks)) : NULL;
	if (!switching->row.id || !switching->row.url || !switching->row.events ||
		!switching->row.secret || (row->banks && !switching->row.banks))
		return err_no_memory(switching->err);
	return 0;
}

int hooks_switch_off(struct hilf *hilf, uint64_t number, const char *why, struct hilf_err *err)
{
	struct switching switching = {.hilf = hilf, .number = number, .why = why, .err = err};
	char time[WHEN_TEXT_SIZE], note[300];
	arena_init(&switching.arena, 0);
	int rc = store_hook_each(hilf->store, true, copy_row, &switching, err);
	if (!rc && switching.row.number) {
		when_format_ms(clock_now_ms(), time);
		snprintf(note, sizeof note, "switched off at %s: %s", time, why);
		switching.row.enabled = false;
		switching.row.note = note;
		rc = store_hook_put(hilf->store, &switching.row, err);
		if (!rc)
			rc = hooks_changed(hilf, err);
	}
	arena_clear(&switching.arena);
	return rc;
}

int hooks_add_event(struct hilf *hilf, uint64_t number, const char *event, const char *event_id,
	const struct buf *body, int64_t now_ms, struct hilf_err *err)
{
	const struct store_event row = {.hook = number,
		.event_id = event_id,
		.event = event,
		.body = body->data,
		.size = body->size,
		.created_ms = now_ms};
	uint64_t count = 0, size = 0;
	int rc = store_event_add(hilf->store, &row, &count, &size, err);
	if (rc || (count < HOOK_OUTBOX_COUNT && size < HOOK_OUTBOX_SIZE))
		return rc;
	return hooks_switch_off(hilf, number,
		"its outbox is full; mend what receives it, switch it on again, and read what it "
		"missed from the feed",
		err);
}

static bool wants(const struct hook *hook, unsigned event, const char *const *banks, size_t count)
{
	if (!(hook->wants >> event & 1))
		return false;
	for (size_t i = 0; i < hook->bank_count; i++)
		for (size_t j = 0; j < count; j++)
			if (strcmp(hook->banks[i], banks[j]) == 0)
				return true;
	return hook->bank_count == 0;
}

/* Who wants an event, and what is told: of those that are limited to no banks, all the same. */
struct chosen {
	struct chosen_hook {
		uint64_t number;
		struct buf data; /* empty: `whole` */
	} * hooks;
	size_t count;
	struct buf whole;
};

static void chosen_free(struct chosen *chosen)
{
	for (size_t i = 0; i < chosen->count; i++)
		buf_free(&chosen->hooks[i].data);
	buf_free(&chosen->whole);
	free(chosen->hooks);
}

/* With hook_mutex: the set may be another after it. */
static int choose(const struct hook_set *set, unsigned event, const char *const *banks,
	size_t bank_count, hook_data_fn *fn, void *ctx, struct chosen *chosen, struct hilf_err *err)
{
	size_t count = 0;
	for (size_t i = 0; i < set->count; i++)
		count += wants(&set->hooks[i], event, banks, bank_count);
	chosen->hooks = count ? calloc(count, sizeof *chosen->hooks) : NULL;
	if (count && !chosen->hooks)
		return err_no_memory(err);
	for (size_t i = 0; i < set->count; i++) {
		const struct hook *hook = &set->hooks[i];
		if (!wants(hook, event, banks, bank_count))
			continue;
		struct chosen_hook *to = &chosen->hooks[chosen->count++];
		struct buf *data = hook->bank_count ? &to->data : &chosen->whole;
		to->number = hook->number;
		if (!data->size)
			fn(data, hook->bank_count ? hook->banks : NULL, hook->bank_count, ctx);
		if (data->failed)
			return err_no_memory(err);
	}
	return 0;
}

static int add_chosen(
	struct hilf *hilf, const char *event, struct chosen *chosen, struct hilf_err *err)
{
	int64_t now_ms = clock_now_ms();
	char event_id[HOOK_ID_TEXT];
	struct buf body = BUF_INIT;
	int rc = 0;
	hook_new_id(now_ms, event_id);
	for (size_t i = 0; i < chosen->count && !rc; i++) {
		const struct buf *own = &chosen->hooks[i].data;
		const struct buf *data = own->size ? own : &chosen->whole;
		buf_clear(&body);
		rc = make_body(event, now_ms, data->data, data->size, &body, err);
		if (!rc)
			rc = hooks_add_event(
				hilf, chosen->hooks[i].number, event, event_id, &body, now_ms, err);
	}
	buf_free(&body);
	return rc;
}

int hooks_queue_each(struct hilf *hilf, const char *event, const char *const *banks,
	size_t bank_count, hook_data_fn *fn, void *ctx, struct hilf_err *err)
{
	struct local *local = hilf->local;
	struct chosen chosen = {.whole = BUF_INIT};
	unsigned index;
	int rc = 0;
	bool known = hook_event_parse(event, &index);
	ASSERT(known);
	pthread_mutex_lock(&local->hook_mutex);
	uint64_t write = store_write_number(hilf->store);
	if (local->hook_write != write || local->hook_changed == write) {
		rc = follow(hilf, true, err);
		if (!rc)
			local->hook_write = write;
	}
	if (!rc)
		rc = choose(local->hooks, index, banks, bank_count, fn, ctx, &chosen, err);
	pthread_mutex_unlock(&local->hook_mutex);
	if (!rc && chosen.count)
		rc = add_chosen(hilf, event, &chosen, err);
	chosen_free(&chosen);
	return rc;
}

struct fixed {
	const char *data;
	size_t size;
};

static void put_fixed(struct buf *buf, const char *const *banks, size_t bank_count, void *ctx)
{
	const struct fixed *fixed = ctx;
	(void)banks;
	(void)bank_count;
	buf_add(buf, fixed->data, fixed->size);
}

int hooks_queue_banks(struct hilf *hilf, const char *event, const char *const *banks,
	size_t bank_count, const char *data, size_t size, struct hilf_err *err)
{
	struct fixed fixed = {data, size};
	return hooks_queue_each(hilf, event, banks, bank_count, put_fixed, &fixed, err);
}

int hooks_queue(struct hilf *hilf, const char *event, const char *bank, const char *data,
	size_t size, struct hilf_err *err)
{
	ASSERT(hilf && event && data);
	return hooks_queue_banks(hilf, event, &bank, bank ? 1 : 0, data, size, err);
}

struct sending {
	const char *event, *bank, *data;
	size_t size;
};

static int send_event(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	const struct sending *sending = ctx;
	return hooks_queue(hilf, sending->event, sending->bank, sending->data, sending->size, err);
}

int hooks_send(struct hilf *hilf, const char *event, const char *bank, const char *data,
	size_t size, struct hilf_err *err)
{
	struct sending sending = {event, bank, data, size};
	ASSERT(hilf && event && data);
	int rc = hooks_refresh(hilf, err);
	if (rc || !hooks_wanted(hilf, event))
		return rc;
	return local_submit(hilf, send_event, &sending, err);
}

struct testing {
	uint64_t number;
};

static int send_ping(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	static const char data[] = "{}";
	const struct testing *testing = ctx;
	struct buf body = BUF_INIT;
	char event_id[HOOK_ID_TEXT];
	int64_t now_ms = clock_now_ms();
	int rc = make_body("ping", now_ms, data, sizeof data - 1, &body, err);
	hook_new_id(now_ms, event_id);
	if (!rc) {
		rc = hooks_add_event(hilf, testing->number, "ping", event_id, &body, now_ms, err);
	}
	buf_free(&body);
	return rc;
}

int hook_test(struct hilf *hilf, const char *id, struct hilf_err *err)
{
	struct testing testing;
	ASSERT(hilf && id);
	int rc = hook_number(hilf, false, id, &testing.number, err);
	return rc ? rc : local_submit(hilf, send_ping, &testing, err);
}
