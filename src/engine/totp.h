/* One-time codes of an authenticator app: TOTP (RFC 6238) over HOTP (RFC 4226), with what every app can do: HMAC-SHA-1,
 * 30 seconds, six digits. */
#ifndef ENGINE_TOTP_H
#define ENGINE_TOTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TOTP_SECRET_SIZE 20 /* as RFC 4226 recommends */
#define TOTP_DIGITS      6
#define TOTP_STEP_MS     30000

/* The code of a step, which is the count of 30 s since 1970. */
void totp_code(
	const uint8_t secret[TOTP_SECRET_SIZE], uint64_t step, char ret_code[TOTP_DIGITS + 1]);
/* The step that the code is of: that of now_ms, or one before or behind it for clocks that differ, and later than `after`,
 * because a code counts once. 0: none. In the same time whichever it is; blanks in the code are passed over. */
uint64_t totp_find(
	const uint8_t secret[TOTP_SECRET_SIZE], const char *code, int64_t now_ms, uint64_t after);

/* Base 32 (RFC 4648), upper case, without padding, as apps take it. */
void totp_secret_text(const uint8_t secret[TOTP_SECRET_SIZE], char *ret_text);
/* otpauth://totp/hilf:NAME?secret=..., to be shown as a QR code. */
void totp_uri(const char *secret_text, const char *name, char *ret_uri, size_t room);

#endif
