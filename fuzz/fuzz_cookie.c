/* A cookie is found where a slower reading finds exactly one of its name, and what is found lies within the header. */
#include "base/check.h"
#include "http/cookie.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define NAME "hilf_session"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* How many pairs of the name there are: at each place where one may begin, behind blanks. */
static unsigned count_pairs(const char *header)
{
	unsigned count = 0;
	for (const char *at = header; *at; at++) {
		if (at != header && at[-1] != ';')
			continue;
		const char *name = at + strspn(at, " \t");
		if (strncmp(name, NAME, sizeof NAME - 1) != 0)
			continue;
		name += sizeof NAME - 1;
		name += strspn(name, " \t");
		count += *name == '=';
	}
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char untouched[] = "untouched";
	const char *value = untouched;
	size_t value_size = 77;
	char *header = malloc(size + 1);
	if (!header)
		return 0;
	if (size)
		memcpy(header, data, size);
	header[size] = '\0';
	bool found = cookie_find(header, NAME, &value, &value_size);
	ASSERT(found == (count_pairs(header) == 1));
	if (found) {
		ASSERT(value >= header && value + value_size <= header + strlen(header));
		ASSERT(!memchr(value, ';', value_size));
		ASSERT(!value_size || (!is_blank(value[0]) && !is_blank(value[value_size - 1])));
	} else {
		ASSERT(value == untouched && value_size == 77);
	}
	free(header);
	return 0;
}
