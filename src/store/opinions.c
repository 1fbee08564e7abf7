/* Opinions: one standing word of each member on each entry. A word that was taken back keeps its row, so that a reader
 * who comes later is told that it is gone. */
#include "store/db.h"

#include "base/err.h"

#include <string.h>

static int64_t mark_of_opinion(const struct store *store, const struct opinion_row *row)
{
	struct mark mark = {.size = 0};
	mark_number(&mark, row->entry);
	mark_number(&mark, row->member);
	mark_number(&mark, row->seq);
	mark_number(&mark, row->opinion);
	mark_number(&mark, (uint64_t)row->time_ms);
	return mark_end(store, &mark);
}

int row_opinion(struct store *store, sqlite3_stmt *statement, struct opinion_row *ret_opinion,
	struct hilf_err *err)
{
	int64_t opinion = sqlite3_column_int64(statement, 3);
	struct opinion_row row = {
		.entry = column_u64(statement, 0),
		.member = (uint32_t)column_u64(statement, 1),
		.seq = column_u64(statement, 2),
		.opinion = (enum hilf_opinion)opinion,
		.time_ms = sqlite3_column_int64(statement, 4),
	};
	if (opinion < HILF_OPINION_NONE || opinion > HILF_SEEN ||
		sqlite3_column_int64(statement, 5) != mark_of_opinion(store, &row))
		return db_damaged(store, "an opinion", err);
	*ret_opinion = row;
	return 0;
}

/* 1 found, 0 not, negative failed. */
static int load_opinion(struct fold *fold, const struct opinion_row *like,
	struct opinion_row *ret_opinion, struct hilf_err *err)
{
	sqlite3_stmt *statement = db_use(fold->conn, SQL_OPINION_GET);
	sqlite3_bind_int64(statement, 1, (int64_t)like->entry);
	sqlite3_bind_int64(statement, 2, like->member);
	int rc = db_step(fold->store, fold->conn, statement, err);
	if (rc == 1 && row_opinion(fold->store, statement, ret_opinion, err) != 0)
		rc = HILF_E_CORRUPT;
	sqlite3_reset(statement);
	return rc;
}

static int save_opinion(struct fold *fold, const struct opinion_row *row, struct hilf_err *err)
{
	sqlite3_stmt *statement = db_use(fold->conn, SQL_OPINION_SET);
	sqlite3_bind_int64(statement, 1, (int64_t)row->entry);
	sqlite3_bind_int64(statement, 2, row->member);
	sqlite3_bind_int64(statement, 3, (int64_t)row->seq);
	sqlite3_bind_int64(statement, 4, row->opinion);
	sqlite3_bind_int64(statement, 5, row->time_ms);
	sqlite3_bind_int64(statement, 6, mark_of_opinion(fold->store, row));
	return db_run(fold->store, fold->conn, statement, err);
}

int fold_opinion(
	struct fold *fold, const struct opinion_row *opinion, bool *effect, struct hilf_err *err)
{
	struct opinion_row before = {.opinion = HILF_OPINION_NONE};
	int rc = load_opinion(fold, opinion, &before, err);
	if (rc < 0)
		return rc;
	if (before.opinion == HILF_OPINION_NONE && opinion->opinion == HILF_OPINION_NONE)
		return 0;
	fold->state.opinions += rc == 0;
	fold->state.disputes -= before.opinion == HILF_DISPUTE;
	fold->state.disputes += opinion->opinion == HILF_DISPUTE;
	*effect = true;
	return save_opinion(fold, opinion, err);
}

int count_opinions(struct store *store, struct conn *conn, uint64_t first, size_t count,
	uint32_t (*ret_counts)[4], struct hilf_err *err)
{
	struct opinion_row row;
	int rc;
	memset(ret_counts, 0, count * sizeof *ret_counts);
	sqlite3_stmt *statement = db_use(conn, SQL_OPINION_RANGE);
	sqlite3_bind_int64(statement, 1, (int64_t)first);
	sqlite3_bind_int64(statement, 2, (int64_t)(first + count - 1));
	while ((rc = db_step(store, conn, statement, err)) == 1) {
		rc = row_opinion(store, statement, &row, err);
		if (rc)
			break;
		ret_counts[row.entry - first][row.opinion]++;
	}
	sqlite3_reset(statement);
	return rc;
}

/* Who the number stands for. */
static int load_author(struct store *store, struct conn *conn, uint32_t id,
	uint8_t ret_gid[UUID_SIZE], struct hilf_err *err)
{
	struct member_row member;
	sqlite3_stmt *statement = db_use(conn, SQL_MEMBER_BY_ID);
	sqlite3_bind_int64(statement, 1, id);
	int rc = db_step(store, conn, statement, err);
	if (rc == 1)
		rc = row_member(store, statement, &member, err);
	else if (rc == 0)
		rc = db_damaged(store, "a member, who is missing,", err);
	sqlite3_reset(statement);
	if (!rc)
		memcpy(ret_gid, member.gid, UUID_SIZE);
	return rc;
}

int store_each_opinion(struct store *store, bool in_write, uint64_t entry,
	int (*fn)(const struct store_opinion *opinion, void *ctx), void *ctx, struct hilf_err *err)
{
	struct opinion_row row;
	struct conn *conn;
	int rc = read_begin(store, in_write, &conn, err);
	if (rc)
		return rc;
	sqlite3_stmt *statement = db_use(conn, SQL_OPINION_RANGE);
	sqlite3_bind_int64(statement, 1, (int64_t)entry);
	sqlite3_bind_int64(statement, 2, (int64_t)entry);
	while ((rc = db_step(store, conn, statement, err)) == 1) {
		struct store_opinion told;
		rc = row_opinion(store, statement, &row, err);
		if (!rc && row.opinion == HILF_OPINION_NONE)
			continue;
		told.opinion = row.opinion;
		told.time_ms = row.time_ms;
		if (!rc)
			rc = load_author(store, conn, row.member, told.member, err);
		if (!rc)
			rc = fn(&told, ctx);
		if (rc)
			break;
	}
	sqlite3_reset(statement);
	read_end(store, in_write, conn);
	return rc;
}
