/* Two glances at a body of JSON before anything is built of it: what it would cost to read, and whether it is one of the
 * plain lists that a batch mostly is. Neither allocates. */
#ifndef HTTP_API_SCAN_H
#define HTTP_API_SCAN_H

#include "hilf.h"

/* Whether it nests no deeper and holds no more values than that; *ret_what says, for a message, what it does otherwise.
 * Of text that is no JSON it says something, too, which does no harm: reading it will fail. */
bool scan_json(
	const char *text, size_t size, size_t depth_max, size_t nodes_max, const char **ret_what);

/* Reads {"pdq":["..",..],"sha256":[..],"md5":[..]}: each at most once, in this order, none empty, values just as they must
 * be, blanks where JSON allows them. *ret_count: how many were written to signals[room]. false for anything else, good or
 * bad, with signals unspecified: then somebody has to look who can say what is wrong. */
bool scan_lists(
	const char *text, size_t size, struct hilf_signal *signals, size_t room, size_t *ret_count);

#endif
