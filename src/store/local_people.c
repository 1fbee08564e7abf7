/* The people of the review desk, their invitations and sessions. */
#include "store/people.h"

#include "base/check.h"
#include "base/err.h"
#include "store/local_db.h"

#include <string.h>

/* ------------------------------------------------------------------------------------------ people */

static int row_user(struct store *store, sqlite3_stmt *statement, struct store_user *ret_user,
	struct hilf_err *err)
{
	struct store_user user = {
		.id = row_text(statement, 0),
		.login = row_text(statement, 1),
		.name = row_text(statement, 2),
		.role = (uint32_t)column_u64(statement, 3),
		.banks = row_text(statement, 4),
		.language = row_text(statement, 5),
		.declined = row_text(statement, 6),
		.enabled = sqlite3_column_int(statement, 7) != 0,
		.created_ms = sqlite3_column_int64(statement, 8),
		.unlocked_ms = sqlite3_column_int64(statement, 9),
		.step = column_u64(statement, 10),
		.secret = sqlite3_column_blob(statement, 11),
		.secret_size = (size_t)sqlite3_column_bytes(statement, 11),
	};
	int rc = local_check_mark(store, statement, 12, "a person's account", err);
	if (!rc && (!user.id || !user.login || !user.name))
		rc = db_damaged(store, "a person's account", err);
	if (!rc)
		*ret_user = user;
	return rc;
}

static bool copy_optional(struct arena *arena, const char **text)
{
	return !*text || copy_text(arena, text);
}

static int copy_user(struct arena *arena, struct store_user *user, struct hilf_err *err)
{
	bool good = copy_text(arena, &user->id) && copy_text(arena, &user->login) &&
		    copy_text(arena, &user->name) && copy_optional(arena, &user->banks) &&
		    copy_optional(arena, &user->language) && copy_optional(arena, &user->declined);
	if (good && user->secret) {
		user->secret = arena_text(arena, user->secret, user->secret_size);
		good = user->secret != NULL;
	}
	return good ? 0 : err_no_memory(err);
}

int store_user_get(struct store *store, bool in_write, const char *id, const char *login,
	struct arena *arena, struct store_user *ret_user, struct hilf_err *err)
{
	struct store_user user;
	ASSERT(id || login);
	struct rows rows = rows_begin(store, in_write, id ? LOCAL_USER_GET : LOCAL_USER_FIND, err);
	bind_text(rows.statement, 1, id ? id : login);
	if (rows_one(&rows, "person"))
		rows.rc = row_user(store, rows.statement, &user, err);
	if (!rows.rc)
		rows.rc = copy_user(arena, &user, err);
	if (!rows.rc)
		*ret_user = user;
	return rows_end(&rows);
}

/* A damaged one is not to be written over, and a login is one person's. */
static int check_put(struct store *store, const struct store_user *user, struct hilf_err *err)
{
	struct store_user other;
	struct arena arena;
	arena_init(&arena, 0);
	int rc = store_user_get(store, true, user->id, NULL, &arena, &other, err);
	if (!rc || rc == HILF_E_NOT_FOUND)
		rc = store_user_get(store, true, NULL, user->login, &arena, &other, err);
	if (!rc && strcmp(other.id, user->id) != 0)
		rc = err_set(err, HILF_E_EXISTS, "there is somebody with the name '%.64s' already",
			user->name);
	arena_clear(&arena);
	return rc == HILF_E_NOT_FOUND ? 0 : rc;
}

int store_user_put(struct store *store, const struct store_user *user, struct hilf_err *err)
{
	ASSERT(store->in_write);
	int rc = check_put(store, user, err);
	if (rc)
		return rc;
	sqlite3_stmt *statement = local_write(store, LOCAL_USER_PUT);
	bind_text(statement, 1, user->id);
	bind_text(statement, 2, user->login);
	bind_text(statement, 3, user->name);
	bind_number(statement, 4, user->role);
	bind_text(statement, 5, user->banks);
	bind_text(statement, 6, user->language);
	bind_text(statement, 7, user->declined);
	bind_number(statement, 8, user->enabled);
	bind_time(statement, 9, user->created_ms);
	bind_time(statement, 10, user->unlocked_ms);
	bind_number(statement, 11, user->step);
	if (user->secret)
		bind_bytes(statement, 12, user->secret, user->secret_size);
	else
		sqlite3_bind_null(statement, 12);
	return local_run(store, statement, err);
}

int store_user_each(struct store *store, bool in_write,
	int (*fn)(const struct store_user *user, void *ctx), void *ctx, struct hilf_err *err)
{
	struct store_user user;
	struct rows rows = rows_begin(store, in_write, LOCAL_USER_EACH, err);
	while (rows_next(&rows)) {
		rows.rc = row_user(store, rows.statement, &user, err);
		if (!rows.rc)
			rows.rc = fn(&user, ctx);
	}
	return rows_end(&rows);
}

/* ------------------------------------------------------------------------------------------ invitations */

int store_invitation_put(
	struct store *store, const struct store_invitation *invitation, struct hilf_err *err)
{
	int rc = store_invitation_remove(store, invitation->user, err);
	if (rc)
		return rc;
	sqlite3_stmt *statement = local_write(store, LOCAL_INVITATION_ADD);
	bind_bytes(statement, 1, invitation->hash, sizeof invitation->hash);
	bind_text(statement, 2, invitation->user);
	bind_bytes(statement, 3, invitation->seed, sizeof invitation->seed);
	bind_time(statement, 4, invitation->created_ms);
	bind_time(statement, 5, invitation->until_ms);
	return local_run(store, statement, err);
}

static int row_invitation(struct store *store, sqlite3_stmt *statement,
	struct store_invitation *ret_invitation, struct hilf_err *err)
{
	struct store_invitation invitation = {
		.user = row_text(statement, 1),
		.created_ms = sqlite3_column_int64(statement, 3),
		.until_ms = sqlite3_column_int64(statement, 4),
	};
	int rc = local_check_mark(store, statement, 5, "an invitation", err);
	if (!rc && (!invitation.user ||
			   !column_bytes(statement, 0, invitation.hash, sizeof invitation.hash) ||
			   !column_bytes(statement, 2, invitation.seed, sizeof invitation.seed)))
		rc = db_damaged(store, "an invitation", err);
	if (!rc)
		*ret_invitation = invitation;
	return rc;
}

int store_invitation_get(struct store *store, bool in_write, const uint8_t hash[32],
	struct arena *arena, struct store_invitation *ret_invitation, struct hilf_err *err)
{
	struct store_invitation invitation;
	struct rows rows = rows_begin(store, in_write, LOCAL_INVITATION_GET, err);
	bind_bytes(rows.statement, 1, hash, 32);
	if (rows_one(&rows, "invitation"))
		rows.rc = row_invitation(store, rows.statement, &invitation, err);
	if (!rows.rc && !copy_text(arena, &invitation.user))
		rows.rc = err_no_memory(err);
	if (!rows.rc)
		*ret_invitation = invitation;
	return rows_end(&rows);
}

int store_invitation_each(struct store *store, bool in_write,
	int (*fn)(const struct store_invitation *invitation, void *ctx), void *ctx,
	struct hilf_err *err)
{
	struct store_invitation invitation;
	struct rows rows = rows_begin(store, in_write, LOCAL_INVITATION_EACH, err);
	while (rows_next(&rows)) {
		rows.rc = row_invitation(store, rows.statement, &invitation, err);
		if (!rows.rc)
			rows.rc = fn(&invitation, ctx);
	}
	return rows_end(&rows);
}

int store_invitation_remove(struct store *store, const char *user, struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, LOCAL_INVITATION_REMOVE);
	bind_text(statement, 1, user);
	return local_run(store, statement, err);
}

/* ------------------------------------------------------------------------------------------ sessions */

int store_session_add(
	struct store *store, const struct store_session *session, struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, LOCAL_SESSION_ADD);
	bind_bytes(statement, 1, session->hash, sizeof session->hash);
	bind_text(statement, 2, session->user);
	bind_time(statement, 3, session->made_ms);
	bind_time(statement, 4, session->until_ms);
	int rc = local_run(store, statement, err);
	return rc ? rc : store_session_used(store, session->hash, session->made_ms, err);
}

int store_session_used(
	struct store *store, const uint8_t hash[32], int64_t used_ms, struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, LOCAL_SESSION_USED);
	bind_bytes(statement, 1, hash, 32);
	bind_time(statement, 2, used_ms);
	return local_run(store, statement, err);
}

static int row_session(struct store *store, sqlite3_stmt *statement,
	struct store_session *ret_session, struct hilf_err *err)
{
	struct store_session session = {
		.user = row_text(statement, 1),
		.made_ms = sqlite3_column_int64(statement, 2),
		.until_ms = sqlite3_column_int64(statement, 3),
		.used_ms = sqlite3_column_int64(statement, 5),
	};
	int rc = local_check_mark(store, statement, 4, "a session", err);
	if (!rc &&
		(!session.user || !column_bytes(statement, 0, session.hash, sizeof session.hash)))
		rc = db_damaged(store, "a session", err);
	if (!rc)
		*ret_session = session;
	return rc;
}

int store_session_each(struct store *store, bool in_write,
	int (*fn)(const struct store_session *session, void *ctx), void *ctx, struct hilf_err *err)
{
	struct store_session session;
	struct rows rows = rows_begin(store, in_write, LOCAL_SESSION_EACH, err);
	while (rows_next(&rows)) {
		rows.rc = row_session(store, rows.statement, &session, err);
		if (!rows.rc)
			rows.rc = fn(&session, ctx);
	}
	return rows_end(&rows);
}

/* What was used and is no more. */
static int forget_uses(struct store *store, struct hilf_err *err)
{
	return local_run(store, local_write(store, LOCAL_SESSION_FORGET), err);
}

int store_session_remove(struct store *store, const uint8_t hash[32], struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, LOCAL_SESSION_REMOVE);
	bind_bytes(statement, 1, hash, 32);
	int rc = local_run(store, statement, err);
	return rc ? rc : forget_uses(store, err);
}

int store_session_remove_of(
	struct store *store, const char *user, size_t keep, struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, LOCAL_SESSION_REMOVE_OF);
	bind_text(statement, 1, user);
	bind_number(statement, 2, keep);
	int rc = local_run(store, statement, err);
	return rc ? rc : forget_uses(store, err);
}

int store_people_sweep(struct store *store, int64_t now_ms, struct hilf_err *err)
{
	static const enum local_sql sweeps[] = {LOCAL_SESSION_SWEEP, LOCAL_INVITATION_SWEEP};
	int rc = 0;
	for (size_t i = 0; i < COUNT_OF(sweeps) && !rc; i++) {
		sqlite3_stmt *statement = local_write(store, sweeps[i]);
		bind_time(statement, 1, now_ms);
		rc = local_run(store, statement, err);
	}
	return rc ? rc : forget_uses(store, err);
}
