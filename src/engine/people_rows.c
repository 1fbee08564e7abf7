/* People in the store: invited, changed, listed. */
#include "base/check.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "engine/key_text.h"
#include "engine/keys_parts.h"
#include "engine/people_parts.h"
#include "os/clock.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define HOUR_MS (3600 * 1000ll)

static const char *const languages[] = {"en", "fr", "ar"};

/* ------------------------------------------------------------------------------------------ form */

/* What cannot be seen, or turns what stands around it: two names that look alike are not to be two people's. */
static bool is_hidden(uint32_t point)
{
	return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0xad || point == 0x61c ||
	       (point >= 0x200b && point <= 0x200f) || (point >= 0x2028 && point <= 0x202e) ||
	       (point >= 0x2060 && point <= 0x206f) || point == 0xfeff;
}

bool person_login(const char *name, char ret_login[PERSON_NAME_MAX + 1])
{
	size_t size = strnlen(name, PERSON_NAME_MAX + 1);
	if (!size || size > PERSON_NAME_MAX || !utf8_valid(name, size) || name[0] == ' ' ||
		name[size - 1] == ' ')
		return false;
	for (size_t at = 0; at < size;) {
		uint32_t point = 0;
		at += utf8_next(name + at, size - at, &point);
		if (is_hidden(point))
			return false;
	}
	for (size_t i = 0; i <= size; i++)
		ret_login[i] =
			name[i] >= 'A' && name[i] <= 'Z' ? (char)(name[i] + 'a' - 'A') : name[i];
	return true;
}

static int check_role(enum role role, struct hilf_err *err)
{
	if (role == ROLE_REVIEWER || role == ROLE_CURATOR || role == ROLE_OPERATOR ||
		role == ROLE_AUDITOR)
		return 0;
	return err_set(err, HILF_E_INVALID,
		"a person is a reviewer, a curator, an operator or an auditor; what asks at upload "
		"needs a key");
}

static int check_banks(const char *const *banks, size_t count, struct hilf_err *err)
{
	int rc = 0;
	if (count > PERSON_BANKS_MAX)
		return err_set(err, HILF_E_LIMIT, "a person is limited to %d banks at most",
			PERSON_BANKS_MAX);
	for (size_t i = 0; i < count && !rc; i++)
		rc = record_check_bank_name(banks[i], err);
	return rc;
}

static int check_language(const char *language, struct hilf_err *err)
{
	if (!*language)
		return 0;
	for (size_t i = 0; i < COUNT_OF(languages); i++)
		if (strcmp(languages[i], language) == 0)
			return 0;
	return err_set(err, HILF_E_INVALID, "the language '%.16s' is none of en, fr, ar", language);
}

static int check_declined(const char *const *declined, size_t count, struct hilf_err *err)
{
	int rc = 0;
	if (count > PERSON_DECLINED_MAX)
		return err_set(err, HILF_E_LIMIT, "there are not so many content classes");
	for (size_t i = 0; i < count && !rc; i++)
		rc = record_check_class(declined[i], err);
	return rc;
}

/* ------------------------------------------------------------------------------------------ reading */

int person_read(const struct store_user *row, struct arena *arena, struct person *ret_person,
	struct hilf_err *err)
{
	struct person person = {
		.role = row->role < ROLE_COUNT ? (enum role)row->role : ROLE_NONE,
		.enabled = row->enabled,
		.enrolled = row->secret != NULL,
		.created_ms = row->created_ms,
	};
	int rc = local_split(arena, row->banks, &person.banks, &person.bank_count, err);
	if (!rc)
		rc = local_split(
			arena, row->declined, &person.declined, &person.declined_count, err);
	if (rc)
		return rc;
	snprintf(person.id, sizeof person.id, "%s", row->id);
	snprintf(person.name, sizeof person.name, "%s", row->name);
	snprintf(person.language, sizeof person.language, "%s", row->language ? row->language : "");
	*ret_person = person;
	return 0;
}

int person_row(struct hilf *hilf, bool in_write, const char *who, struct arena *arena,
	struct store_user *ret_row, struct hilf_err *err)
{
	char login[PERSON_NAME_MAX + 1];
	int rc = HILF_E_NOT_FOUND;
	if (person_login(who, login))
		rc = store_user_get(hilf->store, in_write, NULL, login, arena, ret_row, err);
	if (rc == HILF_E_NOT_FOUND)
		rc = store_user_get(hilf->store, in_write, who, NULL, arena, ret_row, err);
	if (rc == HILF_E_NOT_FOUND)
		rc = err_set(err, rc,
			"there is nobody '%.64s'; 'hilf user list' shows who there is", who);
	return rc;
}

struct listing {
	struct arena arena;
	struct {
		char user[PERSON_ID_SIZE + 1];
		int64_t until_ms;
	} * open;
	size_t count, room;
	int64_t now_ms;
	int (*fn)(const struct person *person, void *ctx);
	void *ctx;
	struct hilf_err *err;
};

static int count_invitation(const struct store_invitation *invitation, void *ctx)
{
	(void)invitation;
	++*(size_t *)ctx;
	return 0;
}

static int note_invitation(const struct store_invitation *invitation, void *ctx)
{
	struct listing *listing = ctx;
	if (listing->count == listing->room || invitation->until_ms <= listing->now_ms)
		return 0;
	snprintf(listing->open[listing->count].user, sizeof listing->open->user, "%s",
		invitation->user);
	listing->open[listing->count++].until_ms = invitation->until_ms;
	return 0;
}

static int note_invitations(struct hilf *hilf, struct listing *listing, struct hilf_err *err)
{
	size_t count = 0;
	int rc = store_invitation_each(hilf->store, false, count_invitation, &count, err);
	if (rc)
		return rc;
	listing->open = arena_array(&listing->arena, count, sizeof *listing->open);
	if (!listing->open)
		return err_no_memory(err);
	listing->room = count;
	return store_invitation_each(hilf->store, false, note_invitation, listing, err);
}

static int64_t invited_until(const struct listing *listing, const char *id)
{
	for (size_t i = 0; i < listing->count; i++)
		if (strcmp(listing->open[i].user, id) == 0)
			return listing->open[i].until_ms;
	return 0;
}

int person_get(struct hilf *hilf, const char *who, struct arena *arena, struct person *ret_person,
	struct hilf_err *err)
{
	struct listing listing = {.now_ms = clock_now_ms()};
	struct store_user row;
	struct person person;
	ASSERT(hilf && who);
	arena_init(&listing.arena, 0);
	int rc = person_row(hilf, false, who, arena, &row, err);
	if (!rc)
		rc = person_read(&row, arena, &person, err);
	if (!rc)
		rc = note_invitations(hilf, &listing, err);
	if (!rc) {
		person.invited_until_ms = invited_until(&listing, person.id);
		*ret_person = person;
	}
	arena_clear(&listing.arena);
	return rc;
}

static int list_person(const struct store_user *row, void *ctx)
{
	struct listing *listing = ctx;
	struct person person;
	struct arena arena;
	arena_init(&arena, 0);
	int rc = person_read(row, &arena, &person, listing->err);
	if (!rc) {
		person.invited_until_ms = invited_until(listing, person.id);
		rc = listing->fn(&person, listing->ctx);
	}
	arena_clear(&arena);
	return rc;
}

int person_each(struct hilf *hilf, int (*fn)(const struct person *person, void *ctx), void *ctx,
	struct hilf_err *err)
{
	struct listing listing = {.now_ms = clock_now_ms(), .fn = fn, .ctx = ctx, .err = err};
	ASSERT(hilf && fn);
	arena_init(&listing.arena, 0);
	int rc = note_invitations(hilf, &listing, err);
	if (!rc)
		rc = store_user_each(hilf->store, false, list_person, &listing, err);
	arena_clear(&listing.arena);
	return rc;
}

static int count_able(const struct store_user *row, void *ctx)
{
	*(uint64_t *)ctx += row->enabled && row->secret;
	return 0;
}

int people_count(struct hilf *hilf, uint64_t *ret_count, struct hilf_err *err)
{
	uint64_t count = 0;
	int rc = store_user_each(hilf->store, false, count_able, &count, err);
	if (!rc)
		*ret_count = count;
	return rc;
}

/* ------------------------------------------------------------------------------------------ invitations */

static void make_invitation(int64_t now_ms, struct invitation *ret_invitation)
{
	key_text_random(ret_invitation->code, SESSION_TOKEN_SIZE);
	ret_invitation->until_ms = now_ms + INVITATION_HOURS * HOUR_MS;
}

/* Within a job. */
static int write_invitation(struct hilf *hilf, const char *user,
	const struct invitation *invitation, struct hilf_err *err)
{
	struct store_invitation row = {.user = user,
		.created_ms = invitation->until_ms - INVITATION_HOURS * HOUR_MS,
		.until_ms = invitation->until_ms};
	crypto_hash_sha256(row.hash, (const uint8_t *)invitation->code, SESSION_TOKEN_SIZE);
	random_bytes(row.seed, sizeof row.seed);
	return store_invitation_put(hilf->store, &row, err);
}

/* ------------------------------------------------------------------------------------------ making */

struct creating {
	struct store_user row;
	struct invitation invitation;
	size_t count;
};

static int count_user(const struct store_user *row, void *ctx)
{
	(void)row;
	++*(size_t *)ctx;
	return 0;
}

static int create_person(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	struct creating *creating = ctx;
	creating->count = 0;
	int rc = store_user_each(hilf->store, true, count_user, &creating->count, err);
	if (!rc && creating->count >= LIMIT_PEOPLE)
		rc = err_set(
			err, HILF_E_LIMIT, "there are %u people, which is the most", LIMIT_PEOPLE);
	if (!rc)
		rc = store_user_put(hilf->store, &creating->row, err);
	if (!rc)
		rc = write_invitation(hilf, creating->row.id, &creating->invitation, err);
	return rc ? rc : local_new_generation(hilf, PEOPLE_GENERATION, err);
}

static int write_person(struct hilf *hilf, const struct person *person, const char *login,
	struct invitation *ret_invitation, struct hilf_err *err)
{
	struct creating creating = {.row = {.id = person->id,
					    .login = login,
					    .name = person->name,
					    .language = *person->language ? person->language : NULL,
					    .role = person->role,
					    .enabled = true,
					    .created_ms = person->created_ms}};
	struct arena arena;
	arena_init(&arena, 0);
	make_invitation(person->created_ms, &creating.invitation);
	if (person->bank_count)
		creating.row.banks = local_join(&arena, person->banks, person->bank_count);
	int rc = person->bank_count && !creating.row.banks ? err_no_memory(err) : 0;
	if (!rc)
		rc = local_submit(hilf, create_person, &creating, err);
	arena_clear(&arena);
	if (!rc)
		*ret_invitation = creating.invitation;
	return rc;
}

int person_create(struct hilf *hilf, const struct person *person, struct invitation *ret_invitation,
	struct person *ret_person, struct hilf_err *err)
{
	struct person made = *person;
	char login[PERSON_NAME_MAX + 1];
	ASSERT(hilf && ret_invitation);
	if (!person_login(person->name, login))
		return err_set(err, HILF_E_INVALID,
			"a person's name is 1 to %d bytes of UTF-8, without blanks at its ends or "
			"characters that cannot be seen",
			PERSON_NAME_MAX);
	int rc = check_role(person->role, err);
	if (!rc)
		rc = check_banks(person->banks, person->bank_count, err);
	if (!rc)
		rc = check_language(person->language, err);
	if (rc)
		return rc;
	key_text_random(made.id, PERSON_ID_SIZE);
	made.created_ms = clock_now_ms();
	made.declined = NULL;
	made.declined_count = 0;
	made.enabled = true;
	made.enrolled = false;
	rc = write_person(hilf, &made, login, ret_invitation, err);
	if (rc)
		return rc;
	made.invited_until_ms = ret_invitation->until_ms;
	if (ret_person)
		*ret_person = made;
	people_changed(hilf);
	return 0;
}

/* ------------------------------------------------------------------------------------------ changing */

struct changing {
	const char *who;
	const struct person_change *change;
	struct invitation invitation;
	bool invited;
	int64_t now_ms;
};

static bool same_list(const char *left, const char *right)
{
	return strcmp(left ? left : "", right ? right : "") == 0;
}

/* Into the row; *ret_end: sessions end by it. */
static int apply(const struct person_change *change, struct arena *arena, int64_t now_ms,
	struct store_user *row, bool *ret_end, struct hilf_err *err)
{
	const char *banks = NULL, *declined = NULL;
	bool end = change->reset;
	if (change->set_banks && change->bank_count &&
		!(banks = local_join(arena, change->banks, change->bank_count)))
		return err_no_memory(err);
	if (change->set_declined && change->declined_count &&
		!(declined = local_join(arena, change->declined, change->declined_count)))
		return err_no_memory(err);
	if (change->set_role) {
		end = end || row->role != change->role;
		row->role = change->role;
	}
	if (change->set_banks) {
		end = end || !same_list(row->banks, banks);
		row->banks = banks;
	}
	if (change->set_declined)
		row->declined = declined;
	if (change->set_language)
		row->language = *change->language ? change->language : NULL;
	if (change->set_enabled) {
		end = end || !change->enabled;
		row->enabled = change->enabled;
	}
	if (change->reset) {
		row->secret = NULL;
		row->step = 0;
	}
	if (change->unlock || change->reset)
		row->unlocked_ms = now_ms;
	*ret_end = end;
	return 0;
}

static int change_row(
	struct hilf *hilf, struct changing *changing, struct arena *arena, struct hilf_err *err)
{
	struct store_user row;
	bool end = false;
	int rc = person_row(hilf, true, changing->who, arena, &row, err);
	if (!rc)
		rc = apply(changing->change, arena, changing->now_ms, &row, &end, err);
	if (!rc)
		rc = store_user_put(hilf->store, &row, err);
	if (!rc && end)
		rc = store_session_remove_of(hilf->store, row.id, 0, err);
	if (!rc && !row.enabled)
		rc = store_invitation_remove(hilf->store, row.id, err);
	changing->invited = !rc && row.enabled && !row.secret &&
			    (changing->change->reset || changing->change->set_enabled);
	if (changing->invited)
		rc = write_invitation(hilf, row.id, &changing->invitation, err);
	/* The keys that they hold do no more than they may themselves. */
	if (!rc)
		rc = local_new_generation(hilf, LOCAL_KEYS_GENERATION, err);
	return rc ? rc : local_new_generation(hilf, PEOPLE_GENERATION, err);
}

static int change_person(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	struct arena arena;
	arena_init(&arena, 0);
	int rc = change_row(hilf, ctx, &arena, err);
	arena_clear(&arena);
	return rc;
}

static int check_change(const struct person_change *change, struct hilf_err *err)
{
	int rc = change->set_role ? check_role(change->role, err) : 0;
	if (!rc && change->set_banks)
		rc = check_banks(change->banks, change->bank_count, err);
	if (!rc && change->set_language)
		rc = check_language(change->language, err);
	if (!rc && change->set_declined)
		rc = check_declined(change->declined, change->declined_count, err);
	if (!rc && change->reset && change->set_enabled && !change->enabled)
		rc = err_set(err, HILF_E_INVALID,
			"who is disabled gets no invitation; disable them alone");
	return rc;
}

int person_change(struct hilf *hilf, const char *who, const struct person_change *change,
	struct invitation *ret_invitation, struct hilf_err *err)
{
	struct changing changing = {.who = who, .change = change, .now_ms = clock_now_ms()};
	ASSERT(hilf && who);
	int rc = check_change(change, err);
	if (rc)
		return rc;
	make_invitation(changing.now_ms, &changing.invitation);
	rc = local_submit(hilf, change_person, &changing, err);
	if (rc)
		return rc;
	if (ret_invitation)
		*ret_invitation = changing.invited ? changing.invitation : (struct invitation){0};
	people_changed(hilf);
	keys_changed(hilf);
	return 0;
}
