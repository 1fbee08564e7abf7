/* Browsers send what section 5.4 of RFC 6265 says, so pairs are split at ';' and trimmed, and nothing is unquoted. Names
 * are compared as they are. */
#include "http/cookie.h"

#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static void trim(const char **text, size_t *size)
{
	while (*size && is_blank(**text)) {
		++*text;
		--*size;
	}
	while (*size && is_blank((*text)[*size - 1]))
		--*size;
}

bool cookie_find(const char *header, const char *name, const char **ret_value, size_t *ret_size)
{
	size_t name_size = strlen(name);
	const char *value = NULL;
	size_t size = 0;
	while (*header) {
		size_t pair_size = strcspn(header, ";");
		const char *key = header, *equals = memchr(header, '=', pair_size);
		size_t key_size = equals ? (size_t)(equals - key) : pair_size;
		trim(&key, &key_size);
		if (equals && key_size == name_size && memcmp(key, name, name_size) == 0) {
			if (value)
				return false;
			value = equals + 1;
			size = pair_size - (size_t)(value - header);
			trim(&value, &size);
		}
		header += pair_size + (header[pair_size] == ';');
	}
	if (value) {
		*ret_value = value;
		*ret_size = size;
	}
	return value != NULL;
}
