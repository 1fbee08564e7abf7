/* multipart/form-data (RFC 7578, RFC 2046), read as it comes: what belongs to a part is handed on piece by piece and never
 * kept, so a file of any size passes through a few hundred bytes of state.
 *
 *   preamble CR LF --boundary CR LF headers CR LF CR LF bytes ... CR LF --boundary-- epilogue
 *
 * Preamble and epilogue are passed over. Headers other than Content-Disposition and Content-Type are, too, but for a
 * Content-Transfer-Encoding that would change the bytes: it is refused, as RFC 7578 has done away with it. */
#ifndef WIRE_MULTIPART_H
#define WIRE_MULTIPART_H

#include "hilf.h"

#define MULTIPART_BOUNDARY_MAX 70u   /* RFC 2046 */
#define MULTIPART_HEAD_MAX     2048u /* of one part: three short lines as a rule */
#define MULTIPART_NAME_MAX     64u
#define MULTIPART_TYPE_MAX     128u

struct multipart_part {
	const char *name;         /* valid UTF-8 without control characters */
	const char *content_type; /* lower case, without parameters; "" where none was sent */
	bool is_file;             /* there was a filename; what it was concerns nobody */
};

/* Called as parts are read; any that does not return 0 ends the reading with that code, and must have filled err. */
struct multipart_sink {
	int (*part)(const struct multipart_part *part, void *ctx, struct hilf_err *err);
	int (*bytes)(const char *bytes, size_t size, void *ctx, struct hilf_err *err);
	int (*end)(void *ctx, struct hilf_err *err); /* of the part */
	void *ctx;
};

/* The state, the caller's; nothing is allocated. */
struct multipart {
	struct multipart_sink sink;
	char delimiter[MULTIPART_BOUNDARY_MAX + 5]; /* CR LF "--" boundary */
	uint8_t delimiter_size;
	uint8_t matched; /* of the delimiter, at the end of what came */
	uint8_t state;
	bool in_part;
	uint16_t head_size;
	char head[MULTIPART_HEAD_MAX + 1];
};

/* content_type: the header's value. HILF_E_INVALID: it names no boundary, or one that is none. */
int multipart_init(struct multipart *multipart, const char *content_type,
	const struct multipart_sink *sink, struct hilf_err *err);
/* HILF_E_INVALID: not of the form; HILF_E_LIMIT: past a bound above; or what the sink returned. */
int multipart_feed(
	struct multipart *multipart, const char *bytes, size_t size, struct hilf_err *err);
/* The body is over. HILF_E_INVALID: it was cut short. */
int multipart_finish(struct multipart *multipart, struct hilf_err *err);

#endif
