/* The chunked transfer coding (RFC 9112, section 7.1), read as it comes and strictly: every line ends with CR LF, a size is
 * hexadecimal digits alone, extensions and trailers are bounded and thrown away. Whoever reads a message's end otherwise
 * than the server before it lets one request hide in another. */
#ifndef WIRE_CHUNKED_H
#define WIRE_CHUNKED_H

#include <stddef.h>
#include <stdint.h>

#define CHUNKED_EXTENSION_MAX 256u  /* bytes in one chunk's line; nobody uses them */
#define CHUNKED_TRAILERS_MAX  4096u /* bytes of all of them */

struct chunked {
	uint64_t left;  /* of the chunk */
	uint32_t extra; /* bytes of extension or trailers so far */
	uint8_t state, digits;
};

#define CHUNKED_INIT                                                                               \
	{                                                                                          \
		0                                                                                  \
	}

enum chunked_step {
	CHUNKED_MORE, /* everything is read, and it goes on */
	CHUNKED_DATA, /* some bytes of the body: call again for what follows */
	CHUNKED_END,  /* the body is complete; *io_at is behind it */
	CHUNKED_BAD,  /* not the chunked coding, or past a bound */
};

/* Reads on from bytes[*io_at]. */
enum chunked_step chunked_next(struct chunked *chunked, const char *bytes, size_t size,
	size_t *io_at, const char **ret_data, size_t *ret_data_size);

#endif
