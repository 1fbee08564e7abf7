/* Webhooks and their outbox. What waits for a hook is counted beside it (l_webhook_load), so that a bound costs no
 * counting. */
#include "store/local_db.h"

#include "base/check.h"
#include "base/err.h"

/* ------------------------------------------------------------------------------------------ hooks */

int store_hook_put(struct store *store, const struct store_hook *hook, struct hilf_err *err)
{
	sqlite3_stmt *statement =
		local_write(store, hook->number ? LOCAL_HOOK_PUT : LOCAL_HOOK_ADD);
	if (hook->number)
		bind_number(statement, 1, hook->number);
	bind_text(statement, 2, hook->id);
	bind_text(statement, 3, hook->url);
	bind_text(statement, 4, hook->events);
	bind_text(statement, 5, hook->banks);
	bind_text(statement, 6, hook->secret);
	bind_text(statement, 7, hook->note);
	bind_number(statement, 8, hook->enabled);
	bind_time(statement, 9, hook->created_ms);
	return local_run(store, statement, err);
}

static int remove_of_hook(
	struct store *store, enum local_sql which, uint64_t number, struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, which);
	bind_number(statement, 1, number);
	return local_run(store, statement, err);
}

int store_hook_remove(struct store *store, uint64_t number, struct hilf_err *err)
{
	int rc = remove_of_hook(store, LOCAL_EVENT_REMOVE_HOOK, number, err);
	if (!rc)
		rc = remove_of_hook(store, LOCAL_LOAD_REMOVE, number, err);
	return rc ? rc : remove_of_hook(store, LOCAL_HOOK_REMOVE, number, err);
}

static int row_hook(struct store *store, sqlite3_stmt *statement, struct store_hook *ret_hook,
	struct hilf_err *err)
{
	const struct store_hook hook = {
		.number = column_u64(statement, 0),
		.id = row_text(statement, 1),
		.url = row_text(statement, 2),
		.events = row_text(statement, 3),
		.banks = row_text(statement, 4),
		.secret = row_text(statement, 5),
		.note = row_text(statement, 6),
		.enabled = column_u64(statement, 7) != 0,
		.created_ms = sqlite3_column_int64(statement, 8),
		.load_count = column_u64(statement, 10),
		.load_size = column_u64(statement, 11),
	};
	int rc = local_check_mark(store, statement, 9, "a webhook", err);
	if (!rc && (!hook.id || !hook.url || !hook.events || !hook.secret))
		rc = err_no_memory(err);
	if (!rc)
		*ret_hook = hook;
	return rc;
}

int store_hook_each(struct store *store, bool in_write,
	int (*fn)(const struct store_hook *hook, void *ctx), void *ctx, struct hilf_err *err)
{
	struct store_hook hook;
	struct rows rows = rows_begin(store, in_write, LOCAL_HOOK_EACH, err);
	while (rows_next(&rows)) {
		rows.rc = row_hook(store, rows.statement, &hook, err);
		if (!rows.rc)
			rows.rc = fn(&hook, ctx);
	}
	return rows_end(&rows);
}

/* ------------------------------------------------------------------------------------------ outbox */

static int add_load(struct store *store, uint64_t hook, int64_t count, int64_t size,
	uint64_t *ret_count, uint64_t *ret_size, struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, LOCAL_LOAD_ADD);
	bind_number(statement, 1, hook);
	bind_time(statement, 2, count);
	bind_time(statement, 3, size);
	int rc = db_step(store, store->writer, statement, err);
	if (rc == 1 && ret_count)
		*ret_count = column_u64(statement, 0);
	if (rc == 1 && ret_size)
		*ret_size = column_u64(statement, 1);
	sqlite3_reset(statement);
	store->failed = store->failed || rc < 0;
	return rc < 0 ? rc : 0;
}

int store_event_add(struct store *store, const struct store_event *event, uint64_t *ret_count,
	uint64_t *ret_size, struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, LOCAL_EVENT_ADD);
	bind_number(statement, 1, event->hook);
	bind_text(statement, 2, event->event_id);
	bind_text(statement, 3, event->event);
	bind_bytes(statement, 4, event->body, event->size);
	bind_time(statement, 5, event->created_ms);
	int rc = local_run(store, statement, err);
	return rc ? rc
		  : add_load(store, event->hook, 1, (int64_t)event->size, ret_count, ret_size, err);
}

int store_event_save(struct store *store, const struct store_event *event, struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, LOCAL_EVENT_SAVE);
	bind_number(statement, 1, event->id);
	bind_number(statement, 2, event->attempts);
	bind_time(statement, 3, event->status);
	bind_text(statement, 4, event->error);
	bind_time(statement, 5, event->next_ms);
	bind_time(statement, 6, event->failed_ms);
	bind_number(statement, 7, event->dead);
	int rc = local_run(store, statement, err);
	if (!rc && local_changes(store) == 0)
		return err_set(err, HILF_E_NOT_FOUND, "there is no delivery %llu",
			(unsigned long long)event->id);
	return rc;
}

int store_event_remove(struct store *store, const struct store_event *event, struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, LOCAL_EVENT_REMOVE);
	bind_number(statement, 1, event->id);
	int rc = local_run(store, statement, err);
	if (rc || local_changes(store) == 0)
		return rc;
	return add_load(store, event->hook, -1, -(int64_t)event->size, NULL, NULL, err);
}

static int row_event(struct store *store, sqlite3_stmt *statement, struct store_event *ret_event,
	struct hilf_err *err)
{
	const struct store_event event = {
		.id = column_u64(statement, 0),
		.hook = column_u64(statement, 1),
		.event_id = row_text(statement, 2),
		.event = row_text(statement, 3),
		.error = row_text(statement, 4),
		.body = sqlite3_column_blob(statement, 5),
		.size = (size_t)sqlite3_column_bytes(statement, 5),
		.attempts = (uint32_t)column_u64(statement, 6),
		.status = sqlite3_column_int(statement, 7),
		.created_ms = sqlite3_column_int64(statement, 8),
		.next_ms = sqlite3_column_int64(statement, 9),
		.failed_ms = sqlite3_column_int64(statement, 10),
		.dead = column_u64(statement, 11) != 0,
	};
	int rc = local_check_mark(store, statement, 12, "an event in the outbox", err);
	if (!rc && (!event.event_id || !event.event || !event.body))
		rc = err_no_memory(err);
	if (!rc)
		*ret_event = event;
	return rc;
}

/* The one row of a bound statement, copied. */
static int one_event(struct rows *rows, struct arena *arena, struct store_event *ret_event)
{
	struct store_event event;
	if (rows_one(rows, "delivery"))
		rows->rc = row_event(rows->store, rows->statement, &event, rows->err);
	if (!rows->rc) {
		event.body = arena_text(arena, event.body, event.size);
		if (!copy_text(arena, &event.event_id) || !copy_text(arena, &event.event) ||
			(event.error && !copy_text(arena, &event.error)) || !event.body)
			rows->rc = err_no_memory(rows->err);
		else
			*ret_event = event;
	}
	return rows_end(rows);
}

int store_event_get(struct store *store, bool in_write, uint64_t id, struct arena *arena,
	struct store_event *ret_event, struct hilf_err *err)
{
	struct rows rows = rows_begin(store, in_write, LOCAL_EVENT_GET, err);
	bind_number(rows.statement, 1, id);
	return one_event(&rows, arena, ret_event);
}

int store_event_first(struct store *store, bool in_write, uint64_t hook, struct arena *arena,
	struct store_event *ret_event, struct hilf_err *err)
{
	struct rows rows = rows_begin(store, in_write, LOCAL_EVENT_FIRST, err);
	bind_number(rows.statement, 1, hook);
	return one_event(&rows, arena, ret_event);
}

int store_event_due(
	struct store *store, bool in_write, uint64_t hook, int64_t *ret_ms, struct hilf_err *err)
{
	struct rows rows = rows_begin(store, in_write, LOCAL_EVENT_DUE, err);
	bind_number(rows.statement, 1, hook);
	bool found = rows_next(&rows);
	if (!rows.rc)
		*ret_ms = found ? sqlite3_column_int64(rows.statement, 0) : INT64_MAX;
	return rows_end(&rows);
}

int store_event_page(struct store *store, uint64_t hook, bool dead, uint64_t before, size_t limit,
	int (*fn)(const struct store_event *event, void *ctx), void *ctx, struct hilf_err *err)
{
	struct store_event event;
	struct rows rows =
		rows_begin(store, false, hook ? LOCAL_EVENT_PAGE : LOCAL_EVENT_PAGE_ALL, err);
	bind_number(rows.statement, 1, hook); /* of all: not used */
	bind_number(rows.statement, 2, dead);
	bind_number(rows.statement, 3, before ? before : INT64_MAX);
	bind_number(rows.statement, 4, limit);
	while (rows_next(&rows)) {
		rows.rc = row_event(store, rows.statement, &event, err);
		if (!rows.rc)
			rows.rc = fn(&event, ctx);
	}
	return rows_end(&rows);
}

int store_event_replay(struct store *store, uint64_t hook, uint64_t id, int64_t now_ms,
	uint64_t *ret_count, struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, LOCAL_EVENT_REPLAY);
	bind_number(statement, 1, hook);
	bind_number(statement, 2, id);
	bind_time(statement, 3, now_ms);
	int rc = local_run(store, statement, err);
	if (!rc)
		*ret_count = local_changes(store);
	return rc;
}

int store_event_counts(
	struct store *store, struct store_event_counts *ret_counts, struct hilf_err *err)
{
	struct store_event_counts counts = {0};
	struct rows rows = rows_begin(store, false, LOCAL_EVENT_COUNTS, err);
	while (rows_next(&rows)) {
		if (column_u64(rows.statement, 0)) {
			counts.dead = column_u64(rows.statement, 1);
			continue;
		}
		counts.waiting = column_u64(rows.statement, 1);
		counts.oldest_ms = sqlite3_column_int64(rows.statement, 2);
	}
	if (!rows.rc)
		*ret_counts = counts;
	return rows_end(&rows);
}

int local_sweep_events(
	struct store *store, int64_t dead_before_ms, size_t limit, bool *more, struct hilf_err *err)
{
	struct store_event event;
	size_t count = 0;
	int rc = 0;
	/* One by one, each from the beginning: what is removed is out of the way of the next. */
	for (; count < limit; count++) {
		sqlite3_stmt *statement = local_write(store, LOCAL_EVENT_OLD);
		bind_time(statement, 1, dead_before_ms);
		rc = db_step(store, store->writer, statement, err);
		if (rc != 1) {
			sqlite3_reset(statement);
			break;
		}
		event = (struct store_event){.id = column_u64(statement, 0),
			.hook = column_u64(statement, 1),
			.size = (size_t)sqlite3_column_bytes(statement, 5)};
		sqlite3_reset(statement);
		rc = store_event_remove(store, &event, err);
		if (rc)
			break;
	}
	*more = *more || count == limit;
	return rc < 0 ? rc : 0;
}
