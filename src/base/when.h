/* Points in time as people write them. */
#ifndef BASE_WHEN_H
#define BASE_WHEN_H

#include "hilf.h"

/* "2027-05-31" (the beginning of that day, UTC), "2027-05-31T13:05:09Z" with or without milliseconds, or a duration from
 * now: "90d", "12w", "36h". Also what is past. */
bool when_parse(const char *text, int64_t now_ms, int64_t *ret_ms);
/* "2027-05-31" (the beginning of that day, UTC), "2027-05-31T13:05:09Z", or a duration from now: "90d", "12w", "36h". HILF_E_INVALID for
 * anything else, for what is past, and for what is further away than an entry may live. option: for the message. */
int when_parse_expiry(const char *option, const char *text, int64_t now_ms, int64_t *ret_ms,
	struct hilf_err *err);

#define WHEN_TEXT_SIZE 32
/* "2027-05-31" */
void when_format_day(int64_t ms, char ret_text[WHEN_TEXT_SIZE]);
/* "2027-05-31 13:05" */
void when_format(int64_t ms, char ret_text[WHEN_TEXT_SIZE]);
/* "2027-05-31T13:05:09Z" */
void when_format_exact(int64_t ms, char ret_text[WHEN_TEXT_SIZE]);
/* "2027-05-31T13:05:09.123Z" */
void when_format_ms(int64_t ms, char ret_text[WHEN_TEXT_SIZE]);

#endif
