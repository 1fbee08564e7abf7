/* Failures as values. Nothing here allocates, so that "out of memory" can always be said. */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define REASON_ROOM 80u /* of err->text, for ": " and the longest that strerror says */

static const struct {
	enum hilf_code code;
	const char *name;
} code_names[] = {
	{HILF_OK, "ok"},
	{HILF_E_INVALID, "invalid"},
	{HILF_E_NOT_FOUND, "not_found"},
	{HILF_E_EXISTS, "exists"},
	{HILF_E_LIMIT, "limit"},
	{HILF_E_NO_MEMORY, "no_memory"},
	{HILF_E_IO, "io"},
	{HILF_E_CORRUPT, "corrupt"},
	{HILF_E_BUSY, "busy"},
	{HILF_E_VERSION, "version"},
	{HILF_E_DENIED, "denied"},
	{HILF_E_SANDBOX, "sandbox"},
	{HILF_E_HELPER, "helper"},
	{HILF_E_WITHDRAWN, "withdrawn"},
	{HILF_E_UNSUPPORTED, "unsupported"},
	{HILF_E_STOPPED, "stopped"},
};

const char *hilf_code_name(enum hilf_code code)
{
	for (size_t i = 0; i < sizeof code_names / sizeof *code_names; i++)
		if (code_names[i].code == code)
			return code_names[i].name;
	return "unknown";
}

const char *hilf_version(void)
{
	return HILF_VERSION;
}

/* Formats what fits into room bytes; what is cut ends in dots, not in half a character. */
static void put_text(char *text, size_t room, const char *format, va_list arguments)
{
	static const char dots[] = "...";
	int size = vsnprintf(text, room, format, arguments);
	if (size < 0)
		text[0] = '\0';
	if (size < 0 || (size_t)size < room)
		return;
	size_t at = room - sizeof dots;
	while (at > 0 && ((unsigned char)text[at] & 0xc0) == 0x80)
		at--;
	memcpy(text + at, dots, sizeof dots);
}

int err_set(struct hilf_err *err, enum hilf_code code, const char *format, ...)
{
	if (err) {
		va_list arguments;
		err->code = code;
		err->sys = 0;
		va_start(arguments, format);
		put_text(err->text, sizeof err->text, format, arguments);
		va_end(arguments);
	}
	return code;
}

static enum hilf_code code_of_errno(int sys, enum hilf_code otherwise)
{
	switch (sys) {
	case ENOMEM:
		return HILF_E_NO_MEMORY;
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return HILF_E_IO;
	case EACCES:
	case EPERM:
	case EROFS:
		return HILF_E_DENIED;
	default:
		return otherwise;
	}
}

int err_sys(struct hilf_err *err, enum hilf_code code, int sys, const char *format, ...)
{
	code = code_of_errno(sys, code);
	if (err) {
		va_list arguments;
		err->code = code;
		err->sys = sys;
		va_start(arguments, format);
		/* However long a path is, the reason follows it. */
		put_text(err->text, sizeof err->text - REASON_ROOM, format, arguments);
		va_end(arguments);
		size_t used = strlen(err->text);
		snprintf(err->text + used, sizeof err->text - used, ": %s", strerror(sys));
	}
	return code;
}

int err_no_memory(struct hilf_err *err)
{
	return err_set(err, HILF_E_NO_MEMORY,
		"out of memory; free some, or raise the limit this process runs under, and try "
		"again");
}
