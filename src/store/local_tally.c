/* Counts. A row is added to in place, by one statement that also checks the mark it had: where that is wrong nothing is
 * changed, for adding would make damage look right, and nothing fails, for a count is no reason to refuse a withdrawal. */
#include "store/local_db.h"
#include "store/tally.h"

#include "base/check.h"
#include "base/err.h"

#include <string.h>

#define BANK_NUMBERS (2 * STORE_TALLY_PLACES + 3)
#define BANK_SIZE    (8 * BANK_NUMBERS)

static int64_t start_of(int64_t time_ms, int64_t step_ms)
{
	return time_ms - time_ms % step_ms;
}

static int add_to(struct store *store, enum local_sql how, enum store_tally_step step,
	int64_t start_ms, uint32_t which, uint64_t value, struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, how);
	bind_number(statement, 1, step);
	bind_time(statement, 2, start_ms);
	bind_number(statement, 3, which);
	bind_number(statement, 4, value);
	return local_run(store, statement, err);
}

int store_tally_add(
	struct store *store, uint32_t which, int64_t time_ms, uint64_t count, struct hilf_err *err)
{
	ASSERT(time_ms >= 0);
	int rc = add_to(store, LOCAL_TALLY_ADD, STORE_TALLY_HOUR, start_of(time_ms, STORE_HOUR_MS),
		which, count, err);
	return rc ? rc : add_to(store, LOCAL_TALLY_ADD, STORE_TALLY_EVER, 0, which, count, err);
}

int store_tally_sample(
	struct store *store, uint32_t which, int64_t time_ms, uint64_t value, struct hilf_err *err)
{
	ASSERT(time_ms >= 0);
	return add_to(store, LOCAL_TALLY_SAMPLE, STORE_TALLY_HOUR, start_of(time_ms, STORE_HOUR_MS),
		which, value, err);
}

int store_tally_each(struct store *store, enum store_tally_step step, int64_t from_ms,
	int64_t to_ms, int (*fn)(const struct store_tally *tally, void *ctx), void *ctx,
	struct hilf_err *err)
{
	struct rows rows = rows_begin(store, false, LOCAL_TALLY_EACH, err);
	bind_number(rows.statement, 1, step);
	bind_time(rows.statement, 2, step == STORE_TALLY_EVER ? 0 : from_ms);
	bind_time(rows.statement, 3, step == STORE_TALLY_EVER ? 1 : to_ms);
	while (rows_next(&rows)) {
		const struct store_tally tally = {
			.which = (uint32_t)sqlite3_column_int64(rows.statement, 1),
			.start_ms = sqlite3_column_int64(rows.statement, 0),
			.value = column_u64(rows.statement, 2),
		};
		rows.rc = local_check_mark(store, rows.statement, 3, "a count", err);
		if (!rows.rc)
			rows.rc = fn(&tally, ctx);
	}
	return rows_end(&rows);
}

/* ------------------------------------------------------------------------------------------ banks */

static void put_number(uint8_t *to, uint64_t number)
{
	for (int i = 0; i < 8; i++)
		to[i] = (uint8_t)(number >> 8 * i);
}

static uint64_t get_number(const uint8_t *from)
{
	uint64_t number = 0;
	for (int i = 0; i < 8; i++)
		number |= (uint64_t)from[i] << 8 * i;
	return number;
}

static void pack_bank(const struct store_tally_bank *bank, uint8_t ret_bytes[BANK_SIZE])
{
	for (size_t i = 0; i < STORE_TALLY_PLACES; i++) {
		put_number(ret_bytes + 8 * i, bank->matched[i]);
		put_number(ret_bytes + 8 * (STORE_TALLY_PLACES + i), bank->blocking[i]);
	}
	for (size_t i = 0; i < 3; i++)
		put_number(ret_bytes + 8 * (2 * STORE_TALLY_PLACES + i), bank->brought[i]);
}

/* Of a row with day, radius, counts and whether its mark is right. */
static int row_bank_tally(struct store *store, sqlite3_stmt *statement,
	const uint8_t gid[UUID_SIZE], struct store_tally_bank *ret_bank, struct hilf_err *err)
{
	struct store_tally_bank bank = {.day_ms = sqlite3_column_int64(statement, 0),
		.radius = (uint32_t)sqlite3_column_int64(statement, 1)};
	uint8_t bytes[BANK_SIZE];
	int rc = local_check_mark(store, statement, 3, "a bank's counts", err);
	if (rc)
		return rc;
	if (!column_bytes(statement, 2, bytes, sizeof bytes))
		return db_damaged(store, "a bank's counts", err);
	memcpy(bank.bank, gid, UUID_SIZE);
	for (size_t i = 0; i < STORE_TALLY_PLACES; i++) {
		bank.matched[i] = get_number(bytes + 8 * i);
		bank.blocking[i] = get_number(bytes + 8 * (STORE_TALLY_PLACES + i));
	}
	for (size_t i = 0; i < 3; i++)
		bank.brought[i] = get_number(bytes + 8 * (2 * STORE_TALLY_PLACES + i));
	*ret_bank = bank;
	return 0;
}

/* 1: there is one; 0: none. */
static int find_day(struct store *store, const struct store_tally_bank *of,
	struct store_tally_bank *ret_bank, struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, LOCAL_TALLY_BANK_GET);
	bind_bytes(statement, 1, of->bank, UUID_SIZE);
	bind_time(statement, 2, start_of(of->day_ms, STORE_DAY_MS));
	int rc = db_step(store, store->writer, statement, err);
	if (rc == 1) {
		rc = row_bank_tally(store, statement, of->bank, ret_bank, err);
		rc = rc ? rc : 1;
	}
	sqlite3_reset(statement);
	sqlite3_clear_bindings(statement);
	store->failed = store->failed || (rc < 0 && rc != HILF_E_CORRUPT);
	return rc;
}

int store_tally_bank_add(
	struct store *store, const struct store_tally_bank *bank, struct hilf_err *err)
{
	struct store_tally_bank sum;
	uint8_t bytes[BANK_SIZE];
	ASSERT(store->in_write);
	int rc = find_day(store, bank, &sum, err);
	if (rc < 0)
		return rc == HILF_E_CORRUPT ? 0 : rc;
	if (!rc)
		sum = (struct store_tally_bank){.radius = bank->radius};
	sum.radius = bank->radius < sum.radius ? bank->radius : sum.radius;
	for (size_t i = 0; i < STORE_TALLY_PLACES; i++) {
		sum.matched[i] += bank->matched[i];
		sum.blocking[i] += bank->blocking[i];
	}
	for (size_t i = 0; i < 3; i++)
		sum.brought[i] += bank->brought[i];
	pack_bank(&sum, bytes);
	sqlite3_stmt *statement = local_write(store, LOCAL_TALLY_BANK_PUT);
	bind_bytes(statement, 1, bank->bank, UUID_SIZE);
	bind_time(statement, 2, start_of(bank->day_ms, STORE_DAY_MS));
	bind_number(statement, 3, sum.radius);
	bind_bytes(statement, 4, bytes, sizeof bytes);
	rc = local_run(store, statement, err);
	sqlite3_clear_bindings(statement);
	return rc;
}

int store_tally_bank_each(struct store *store, const uint8_t bank[UUID_SIZE], int64_t from_ms,
	int (*fn)(const struct store_tally_bank *bank, void *ctx), void *ctx, struct hilf_err *err)
{
	struct store_tally_bank day;
	struct rows rows = rows_begin(store, false, LOCAL_TALLY_BANK_EACH, err);
	bind_bytes(rows.statement, 1, bank, UUID_SIZE);
	bind_time(rows.statement, 2, from_ms);
	while (rows_next(&rows)) {
		rows.rc = row_bank_tally(store, rows.statement, bank, &day, err);
		if (!rows.rc)
			rows.rc = fn(&day, ctx);
	}
	return rows_end(&rows);
}

/* ------------------------------------------------------------------------------------------ sources */

int store_tally_source_add(struct store *store, const struct store_tally_source *source,
	int64_t time_ms, struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, LOCAL_TALLY_SOURCE_ADD);
	bind_bytes(statement, 1, source->member, UUID_SIZE);
	bind_time(statement, 2, start_of(time_ms, STORE_DAY_MS));
	bind_number(statement, 3, source->decisions);
	bind_number(statement, 4, source->decided);
	bind_number(statement, 5, source->upheld);
	int rc = local_run(store, statement, err);
	sqlite3_clear_bindings(statement);
	return rc;
}

int store_tally_source_fell(struct store *store, const uint8_t member[UUID_SIZE], int64_t time_ms,
	uint64_t count, struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, LOCAL_TALLY_SOURCE_FELL);
	bind_bytes(statement, 1, member, UUID_SIZE);
	bind_time(statement, 2, start_of(time_ms, STORE_DAY_MS));
	bind_number(statement, 3, count);
	int rc = local_run(store, statement, err);
	sqlite3_clear_bindings(statement);
	return rc;
}

static int row_source(struct store *store, sqlite3_stmt *statement,
	struct store_tally_source *ret_source, struct hilf_err *err)
{
	struct store_tally_source source = {.decisions = column_u64(statement, 1),
		.decided = column_u64(statement, 2),
		.upheld = column_u64(statement, 3)};
	int rc = local_check_mark(store, statement, 4, "a member's counts", err);
	if (rc)
		return rc;
	if (!column_bytes(statement, 0, source.member, UUID_SIZE))
		return db_damaged(store, "a member's counts", err);
	*ret_source = source;
	return 0;
}

int store_tally_source_each(struct store *store,
	int (*fn)(const struct store_tally_source *source, void *ctx), void *ctx,
	struct hilf_err *err)
{
	struct store_tally_source source;
	struct rows rows = rows_begin(store, false, LOCAL_TALLY_SOURCE_EACH, err);
	while (rows_next(&rows)) {
		rows.rc = row_source(store, rows.statement, &source, err);
		if (!rows.rc)
			rows.rc = fn(&source, ctx);
	}
	return rows_end(&rows);
}

/* ------------------------------------------------------------------------------------------ age */

static int fold_hours(
	struct store *store, const struct store_tally_ages *ages, struct hilf_err *err)
{
	int64_t before_ms = start_of(ages->hours_ms, STORE_DAY_MS);
	sqlite3_stmt *statement = local_write(store, LOCAL_TALLY_FOLD);
	bind_time(statement, 1, before_ms);
	bind_number(statement, 2, ages->sample_first);
	bind_number(statement, 3, ages->sample_end);
	int rc = local_run(store, statement, err);
	if (rc)
		return rc;
	statement = local_write(store, LOCAL_TALLY_FOLDED);
	bind_time(statement, 1, before_ms);
	return local_run(store, statement, err);
}

int store_tally_age(struct store *store, const struct store_tally_ages *ages, struct hilf_err *err)
{
	const struct {
		enum local_sql which;
		int64_t before_ms;
	} old[] = {{LOCAL_TALLY_OLD, ages->days_ms}, {LOCAL_TALLY_BANK_OLD, ages->banks_ms},
		{LOCAL_TALLY_SOURCE_OLD, ages->days_ms}};
	ASSERT(store->in_write);
	int rc = fold_hours(store, ages, err);
	for (size_t i = 0; i < COUNT_OF(old) && !rc; i++) {
		sqlite3_stmt *statement = local_write(store, old[i].which);
		bind_time(statement, 1, old[i].before_ms);
		rc = local_run(store, statement, err);
	}
	return rc;
}
