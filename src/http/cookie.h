/* The Cookie header (RFC 6265, section 4.2.1): "name=value; other=value". */
#ifndef HTTP_COOKIE_H
#define HTTP_COOKIE_H

#include <stdbool.h>
#include <stddef.h>

/* The value of the cookie of that name, within the header and not terminated. False where it is not there, or there more
 * than once: another site of the same domain may have set one of them, and nobody can tell which. */
bool cookie_find(const char *header, const char *name, const char **ret_value, size_t *ret_size);

#endif
