/* People for tests: somebody who enrolled, at a time that the test gives, with a passphrase that costs little. */
#ifndef ENGINE_PEOPLE_TEST_H
#define ENGINE_PEOPLE_TEST_H

#include "engine/people_parts.h"
#include "engine/place_test.h"
#include "os/clock.h"

/* Times are given, so that an hour passes at once. */
#define MINUTE 60000ll
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

#define PASSPHRASE "seven quiet herons over the ford"

struct somebody {
	struct person person;
	struct invitation invitation;
	uint8_t totp[TOTP_SECRET_SIZE];
	char token[SESSION_TOKEN_SIZE + 1];
};

static inline void make_cheap(struct place *place)
{
	*people_cost(place->hilf) = (struct passphrase_cost){1, 8};
}

static inline int set_up_cheap(void **state)
{
	set_up(state);
	make_cheap(*state);
	return 0;
}

/* Of base 32, as apps read it. */
static inline void read_secret_text(const char *text, uint8_t ret_secret[TOTP_SECRET_SIZE])
{
	for (int i = 0; i < TOTP_SECRET_SIZE; i += 5) {
		uint64_t bits = 0;
		for (int k = 0; k < 8; k++, text++)
			bits = bits << 5 |
			       (uint64_t)(*text >= 'A' ? *text - 'A' : *text - '2' + 26);
		for (int k = 0; k < 5; k++)
			ret_secret[i + k] = (uint8_t)(bits >> 8 * (4 - k));
	}
}

static inline void code_at(
	const struct somebody *who, int64_t time_ms, char ret_code[TOTP_DIGITS + 1])
{
	totp_code(who->totp, (uint64_t)time_ms / TOTP_STEP_MS, ret_code);
}

static inline void invite(
	struct place *place, const char *name, enum role role, struct somebody *ret_who)
{
	struct person person = {.role = role};
	snprintf(person.name, sizeof person.name, "%s", name);
	must(person_create(
		place->hilf, &person, &ret_who->invitation, &ret_who->person, &place->err));
}

static inline enum sign_in_state enrol_at(struct place *place, struct somebody *who, int64_t now_ms)
{
	struct enrolment enrolment;
	struct signed_in signed_in;
	char code[TOTP_DIGITS + 1];
	must(enrol_look(place->hilf, who->invitation.code, now_ms, &enrolment, &place->err));
	read_secret_text(enrolment.secret, who->totp);
	code_at(who, now_ms, code);
	must(enrol(place->hilf, who->invitation.code, PASSPHRASE, code, now_ms, &signed_in,
		&place->err));
	memcpy(who->token, signed_in.token, sizeof who->token);
	return signed_in.state;
}

/* With the code of that time, which is to be a new half minute each time. */
static inline struct signed_in sign_in_at(struct place *place, struct somebody *who,
	const char *passphrase, const char *address, int64_t now_ms)
{
	struct signed_in signed_in;
	char code[TOTP_DIGITS + 1];
	code_at(who, now_ms, code);
	must(sign_in(place->hilf, who->person.name, passphrase, code, address, now_ms, &signed_in,
		&place->err));
	if (signed_in.state == SIGN_IN_GOOD)
		memcpy(who->token, signed_in.token, sizeof who->token);
	return signed_in;
}

static inline enum session_state session_at(
	struct place *place, const char *token, int64_t now_ms, bool touch)
{
	struct session_use use;
	session_use(place->hilf, token, strlen(token), now_ms, touch, &use);
	enum session_state state = use.state;
	session_release(&use);
	return state;
}

#endif
