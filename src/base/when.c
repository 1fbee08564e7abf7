/* Days of the Gregorian calendar in UTC (timegm), so that no time zone of the machine has a say in when an entry
 * expires. Months are not offered as a unit: they are not all as long. */
#include "base/when.h"

#include "base/err.h"
#include "base/limits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define HOUR_MS (3600ll * 1000)
#define DAY_MS  (24 * HOUR_MS)

static bool is_leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static bool read_digits(const char *text, size_t count, int *ret_number)
{
	int number = 0;
	for (size_t i = 0; i < count; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		number = number * 10 + (text[i] - '0');
	}
	*ret_number = number;
	return true;
}

/* "T13:05:09Z" or "T13:05:09.250Z" */
static bool parse_time(const char *text, int64_t *ret_ms)
{
	int hour, minute, second, fraction = 0;
	size_t size = strlen(text);
	if (size == 14 && (text[9] != '.' || !read_digits(text + 10, 3, &fraction)))
		return false;
	if ((size != 10 && size != 14) || text[0] != 'T' || text[3] != ':' || text[6] != ':' ||
		text[size - 1] != 'Z' || !read_digits(text + 1, 2, &hour) ||
		!read_digits(text + 4, 2, &minute) || !read_digits(text + 7, 2, &second) ||
		hour > 23 || minute > 59 || second > 59)
		return false;
	*ret_ms = ((hour * 60ll + minute) * 60 + second) * 1000 + fraction;
	return true;
}

static bool parse_day(const char *text, int64_t *ret_ms)
{
	int64_t time_ms = 0;
	static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int year, month, day;
	if (strlen(text) < 10 || text[4] != '-' || text[7] != '-' || !read_digits(text, 4, &year) ||
		!read_digits(text + 5, 2, &month) || !read_digits(text + 8, 2, &day))
		return false;
	if (text[10] && !parse_time(text + 10, &time_ms))
		return false;
	if (year < 1970 || month < 1 || month > 12 || day < 1 ||
		day > lengths[month - 1] + (month == 2 && is_leap(year)))
		return false;
	struct tm tm = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day};
	*ret_ms = (int64_t)timegm(&tm) * 1000 + time_ms;
	return true;
}

static bool parse_duration(const char *text, int64_t *ret_ms)
{
	size_t digits = strspn(text, "0123456789");
	int number;
	int64_t unit = !strcmp(text + digits, "h")   ? HOUR_MS
		       : !strcmp(text + digits, "d") ? DAY_MS
		       : !strcmp(text + digits, "w") ? 7 * DAY_MS
						     : 0;
	if (!unit || digits < 1 || digits > 6 || !read_digits(text, digits, &number))
		return false;
	*ret_ms = number * unit;
	return true;
}

bool when_parse(const char *text, int64_t now_ms, int64_t *ret_ms)
{
	int64_t after;
	if (!parse_duration(text, &after))
		return parse_day(text, ret_ms);
	*ret_ms = now_ms + after;
	return true;
}

int when_parse_expiry(
	const char *option, const char *text, int64_t now_ms, int64_t *ret_ms, struct hilf_err *err)
{
	int64_t at;
	if (!when_parse(text, now_ms, &at))
		return err_set(err, HILF_E_INVALID,
			"%s is a day such as 2027-05-31 or a duration such as 90d, 12w or 36h, not "
			"'%.40s'",
			option, text);
	if (at <= now_ms)
		return err_set(err, HILF_E_INVALID, "%s %s is past", option, text);
	if (at > now_ms + LIMIT_EXPIRY_MS)
		return err_set(err, HILF_E_INVALID,
			"%s %s is too far away: an entry lives 24 months at most, and can be added "
			"again",
			option, text);
	*ret_ms = at;
	return 0;
}

static void format(int64_t ms, const char *form, char ret_text[WHEN_TEXT_SIZE])
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm tm;
	if (!gmtime_r(&seconds, &tm) || !strftime(ret_text, WHEN_TEXT_SIZE, form, &tm))
		snprintf(ret_text, WHEN_TEXT_SIZE, "?");
}

void when_format_day(int64_t ms, char ret_text[WHEN_TEXT_SIZE])
{
	format(ms, "%Y-%m-%d", ret_text);
}

void when_format(int64_t ms, char ret_text[WHEN_TEXT_SIZE])
{
	format(ms, "%Y-%m-%d %H:%M", ret_text);
}

void when_format_exact(int64_t ms, char ret_text[WHEN_TEXT_SIZE])
{
	format(ms, "%Y-%m-%dT%H:%M:%SZ", ret_text);
}

void when_format_ms(int64_t ms, char ret_text[WHEN_TEXT_SIZE])
{
	format(ms, "%Y-%m-%dT%H:%M:%S", ret_text);
	size_t size = strlen(ret_text);
	snprintf(ret_text + size, WHEN_TEXT_SIZE - size, ".%03dZ", (int)(ms % 1000));
}
