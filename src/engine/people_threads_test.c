/* Sessions from many threads: used while people sign in and out, are disabled and change; a code that many send at once.
 * Made for ThreadSanitizer. */
#include "engine/people_test.h"

#include "base/check.h"

#include <pthread.h>
#include <stdatomic.h>

#define USERS  6
#define PEOPLE 4
#define ROUNDS 40

/* 0: somebody else's turn; odd: certainly over; even: certainly good, unless it changes meanwhile. */
struct seat {
	struct somebody who;
	char token[2][SESSION_TOKEN_SIZE + 1]; /* of round n, at n % 2 */
	_Atomic unsigned round;
};

static struct {
	struct place *place;
	struct seat seats[PEOPLE];
	_Atomic unsigned failures, uses, good, entered;
	_Atomic bool stop;
	int64_t now_ms;
} all;

static void failed(const char *what)
{
	fprintf(stderr, "%s\n", what);
	all.failures++;
}

static void look_at(struct seat *seat)
{
	struct session_use use;
	unsigned before = atomic_load(&seat->round);
	const char *token = seat->token[0];
	if (!before)
		return;
	session_use(all.place->hilf, token, SESSION_TOKEN_SIZE, all.now_ms, true, &use);
	unsigned after = atomic_load(&seat->round);
	if (before == after && before % 2 == 0 && use.state != SESSION_GOOD)
		failed("a good session was refused");
	if (before == after && before % 2 == 1 && use.state == SESSION_GOOD)
		failed("a session that was over was used");
	if (use.state == SESSION_GOOD) {
		if (strcmp(use.person->id, seat->who.person.id) != 0 ||
			strcmp(use.actor.id + 5, use.person->id) != 0)
			failed("somebody else's session");
		session_again(all.place->hilf, &use, all.now_ms);
		all.good++;
	}
	session_release(&use);
	all.uses++;
}

static void *use_sessions(void *ctx)
{
	uintptr_t at = (uintptr_t)ctx;
	while (!all.stop)
		look_at(&all.seats[at++ % PEOPLE]);
	return NULL;
}

static void *refresh(void *ctx)
{
	struct hilf_err err;
	(void)ctx;
	while (!all.stop) {
		if (people_refresh(all.place->hilf, &err) ||
			people_save(all.place->hilf, all.now_ms, &err))
			failed(err.text);
		usleep(500);
	}
	return NULL;
}

/* One session each, whose token stays the same text in memory: it is disabled and enabled by name alone. */
static void come_and_go(struct place *place)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct seat *seat = &all.seats[i % PEOPLE];
		if (i < PEOPLE) {
			memcpy(seat->token[0], seat->who.token, sizeof seat->token[0]);
			atomic_store(&seat->round, 2);
			continue;
		}
		const struct person_change change = {
			.set_language = true, .language = i % 2 ? "fr" : "ar"};
		must(person_change(place->hilf, seat->who.person.name, &change, NULL, &place->err));
		usleep(1000);
	}
	while (!all.good && !all.failures)
		usleep(1000);
	for (unsigned i = 0; i < PEOPLE; i++) {
		struct seat *seat = &all.seats[i];
		const struct person_change change = {.set_enabled = true};
		atomic_store(&seat->round, 0);
		if (i % 2)
			must(person_change(
				place->hilf, seat->who.person.name, &change, NULL, &place->err));
		else
			must(sign_out(place->hilf, seat->who.token, &place->err));
		atomic_store(&seat->round, 3);
		usleep(5000);
	}
}

static void sessions_are_used_while_people_come_and_go(void **state)
{
	struct place *place = *state;
	pthread_t users[USERS], refresher;
	all.place = place;
	all.stop = false;
	all.now_ms = clock_now_ms();
	make_cheap(place);
	for (unsigned i = 0; i < PEOPLE; i++) {
		char name[16];
		snprintf(name, sizeof name, "p%u", i);
		invite(place, name, ROLE_REVIEWER, &all.seats[i].who);
		assert_int_equal(enrol_at(place, &all.seats[i].who, all.now_ms), SIGN_IN_GOOD);
	}
	for (uintptr_t i = 0; i < USERS; i++)
		pthread_create(&users[i], NULL, use_sessions, (void *)i);
	pthread_create(&refresher, NULL, refresh, NULL);
	come_and_go(place);
	/* Those that are over are looked at, too. */
	while (all.uses <= all.good && !all.failures)
		usleep(1000);
	all.stop = true;
	for (int i = 0; i < USERS; i++)
		pthread_join(users[i], NULL);
	pthread_join(refresher, NULL);
	assert_int_equal(all.failures, 0);
	assert_true(all.uses > all.good && all.good > 0);
}

static char code[TOTP_DIGITS + 1];

static void *enter_with_one_code(void *ctx)
{
	struct signed_in signed_in;
	struct hilf_err err;
	(void)ctx;
	do {
		if (sign_in(all.place->hilf, "p0", PASSPHRASE, code, "", all.now_ms, &signed_in,
			    &err))
			failed(err.text);
	} while (signed_in.state == SIGN_IN_BUSY);
	all.entered += signed_in.state == SIGN_IN_GOOD;
	return NULL;
}

static void of_those_who_send_one_code_one_enters(void **state)
{
	struct place *place = *state;
	struct somebody who;
	pthread_t users[4]; /* fewer than lock the name */
	all.place = place;
	all.now_ms = clock_now_ms();
	all.entered = all.failures = 0;
	make_cheap(place);
	invite(place, "p0", ROLE_REVIEWER, &who);
	assert_int_equal(enrol_at(place, &who, all.now_ms), SIGN_IN_GOOD);
	for (unsigned round = 1; round <= 5; round++) {
		all.now_ms += 60000;
		code_at(&who, all.now_ms, code);
		for (size_t i = 0; i < COUNT_OF(users); i++)
			pthread_create(&users[i], NULL, enter_with_one_code, NULL);
		for (size_t i = 0; i < COUNT_OF(users); i++)
			pthread_join(users[i], NULL);
		assert_int_equal(all.entered, round);
	}
	assert_int_equal(all.failures, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			sessions_are_used_while_people_come_and_go, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			of_those_who_send_one_code_one_enters, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
