/* When memory or the disk refuses, at every place in turn: what people do says so and leaves all of it or nothing, and
 * nobody is let in, locked out or doubled by it. This program stands before the allocator and before SQLite's writes. */
#include "engine/desk_settings.h"
#include "engine/people_test.h"

struct trial {
	struct place *place;
	struct somebody who;
	int64_t now_ms;
	unsigned round;
	char passphrase[64];
};

/* What the store has: compared before and after. */
struct census {
	unsigned people, invitations, sessions, enrolled, enabled;
	uint64_t steps;
};

static int count_person(const struct store_user *user, void *ctx)
{
	struct census *census = ctx;
	census->people++;
	census->enrolled += user->secret != NULL;
	census->enabled += user->enabled;
	census->steps += user->step;
	return 0;
}

static int count_invitation(const struct store_invitation *invitation, void *ctx)
{
	struct census *census = ctx;
	census->invitations += invitation->user != NULL;
	return 0;
}

static int count_session(const struct store_session *session, void *ctx)
{
	struct census *census = ctx;
	census->sessions += session->user != NULL;
	return 0;
}

/* What memory missed, it follows first. */
static struct census take_census(struct trial *trial)
{
	struct place *place = trial->place;
	struct census census;
	must(people_refresh(place->hilf, &place->err));
	memset(&census, 0, sizeof census);
	must(store_user_each(place->hilf->store, false, count_person, &census, &place->err));
	must(store_invitation_each(
		place->hilf->store, false, count_invitation, &census, &place->err));
	must(store_session_each(place->hilf->store, false, count_session, &census, &place->err));
	return census;
}

static void begin(struct trial *trial, struct place *place)
{
	*trial = (struct trial){.place = place, .now_ms = clock_now_ms(), .passphrase = PASSPHRASE};
	make_cheap(place);
	invite(place, "amal", ROLE_REVIEWER, &trial->who);
	assert_int_equal(enrol_at(place, &trial->who, trial->now_ms), SIGN_IN_GOOD);
}

static int try_create(struct trial *trial, struct hilf_err *err)
{
	struct person person = {.role = ROLE_REVIEWER};
	struct invitation invitation;
	snprintf(person.name, sizeof person.name, "new %u", trial->round++);
	return person_create(trial->place->hilf, &person, &invitation, NULL, err);
}

static int try_disable(struct trial *trial, struct hilf_err *err)
{
	struct person_change change = {.set_enabled = true, .enabled = trial->round++ % 2};
	return person_change(trial->place->hilf, trial->who.person.id, &change, NULL, err);
}

/* A try that failed inside counts as one, so time goes by between them. */
static int try_sign_in(struct trial *trial, struct hilf_err *err)
{
	struct signed_in signed_in = {.state = SIGN_IN_WRONG};
	char code[TOTP_DIGITS + 1];
	trial->now_ms += 16 * MINUTE;
	code_at(&trial->who, trial->now_ms, code);
	int rc = sign_in(trial->place->hilf, trial->who.person.name, PASSPHRASE, code, "192.0.2.1",
		trial->now_ms, &signed_in, err);
	if (!rc)
		assert_int_equal(signed_in.state, SIGN_IN_GOOD);
	else
		assert_string_equal(signed_in.token, "");
	return rc;
}

static int try_passphrase(struct trial *trial, struct hilf_err *err)
{
	struct signed_in signed_in = {.state = SIGN_IN_WRONG};
	char next[64];
	trial->now_ms += 16 * MINUTE;
	snprintf(next, sizeof next, "the passphrase number %u", trial->round++);
	int rc = passphrase_change(trial->place->hilf, trial->who.person.id, trial->passphrase,
		next, trial->now_ms, &signed_in, err);
	if (!rc) {
		assert_int_equal(signed_in.state, SIGN_IN_GOOD);
		memcpy(trial->passphrase, next, sizeof next);
	}
	return rc;
}

static int try_enrol(struct trial *trial, struct hilf_err *err)
{
	struct signed_in signed_in = {.state = SIGN_IN_WRONG};
	char code[TOTP_DIGITS + 1];
	code_at(&trial->who, trial->now_ms, code);
	int rc = enrol(trial->place->hilf, trial->who.invitation.code, PASSPHRASE, code,
		trial->now_ms, &signed_in, err);
	if (!rc)
		assert_int_equal(signed_in.state, SIGN_IN_GOOD);
	return rc;
}

static int try_setting(struct trial *trial, struct hilf_err *err)
{
	return desk_setting_set(trial->place->hilf, DESK_UNDO_SECONDS, trial->round++ % 60, err);
}

#include "engine/faults_test.h"

FAULTS(create)
FAULTS(disable)
FAULTS(sign_in)
FAULTS(passphrase)
FAULTS(setting)
DISK(create)
DISK(disable)
DISK(sign_in)
DISK(passphrase)
DISK(setting)

/* Somebody else, who was invited and did not come yet. */
static void begin_enrolling(struct trial *trial, struct place *place)
{
	struct enrolment enrolment;
	begin(trial, place);
	invite(place, "nour", ROLE_REVIEWER, &trial->who);
	must(enrol_look(
		place->hilf, trial->who.invitation.code, trial->now_ms, &enrolment, &place->err));
	read_secret_text(enrolment.secret, trial->who.totp);
}

/* Until it is done, the invitation is good. */
static void memory_enrol(void **state)
{
	struct trial trial;
	begin_enrolling(&trial, *state);
	for (long nth = 0;; nth++) {
		struct hilf_err err = {0};
		struct census before = take_census(&trial);
		assert_true(nth < FAULTS_MAX);
		before_fault(nth, false);
		int rc = try_enrol(&trial, &err);
		after_fault();
		struct census after = take_census(&trial);
		if (!rc) {
			assert_int_equal(after.enrolled, before.enrolled + 1);
			assert_int_equal(after.sessions, before.sessions + 1);
			assert_int_equal(after.invitations, 0);
			break;
		}
		assert_int_equal(rc, HILF_E_NO_MEMORY);
		assert_memory_equal(&before, &after, sizeof before);
	}
}

static void disk_enrol(void **state)
{
	struct trial trial;
	begin_enrolling(&trial, *state);
	fail_the_disk(&trial, try_enrol);
}

/* What cannot be read anew stays as it was, and all of it is read by the next. */
static void memory_refresh(void **state)
{
	static struct trial trial;
	struct place *place = *state;
	struct person_change change = {.set_language = true, .language = "fr"};
	struct hilf *beside;
	const struct hilf_options options = {.abi = HILF_ABI,
		.data_dir = place->dir,
		.helper_dir = place->helpers,
		.no_index = true,
		.activity = "beside"};
	begin(&trial, place);
	must(hilf_open(&options, &beside, &place->err));
	bool hit = true;
	for (long nth = 0; hit; nth++) {
		struct hilf_err err = {0};
		assert_true(nth < FAULTS_MAX);
		must(person_change(beside, "amal", &change, NULL, &place->err));
		before_fault(nth, false);
		int rc = people_refresh(place->hilf, &err);
		hit = after_fault();
		assert_int_equal(rc, rc ? HILF_E_NO_MEMORY : 0);
		assert_int_equal(
			session_at(place, trial.who.token, trial.now_ms, true), SESSION_GOOD);
		must(people_refresh(place->hilf, &place->err));
		assert_int_equal(
			session_at(place, trial.who.token, trial.now_ms, true), SESSION_GOOD);
	}
	hilf_close(beside);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAULT_TEST(memory_create),
		FAULT_TEST(memory_disable),
		FAULT_TEST(memory_sign_in),
		FAULT_TEST(memory_passphrase),
		FAULT_TEST(memory_setting),
		FAULT_TEST(memory_enrol),
		FAULT_TEST(memory_refresh),
		FAULT_TEST(disk_create),
		FAULT_TEST(disk_disable),
		FAULT_TEST(disk_sign_in),
		FAULT_TEST(disk_passphrase),
		FAULT_TEST(disk_setting),
		FAULT_TEST(disk_enrol),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
