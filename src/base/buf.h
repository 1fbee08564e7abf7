/* A growing run of bytes, or of text. A failed growth is remembered, so that a writer may append all it wants
 * and ask once at the end. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "hilf.h"

#include <stdbool.h>
#include <stddef.h>

struct buf {
	char *data;    /* terminated once anything was appended; NULL before */
	size_t size;   /* bytes, without the terminator */
	size_t room;   /* allocated */
	bool failed;   /* an append did not get memory: data is incomplete */
};

#define BUF_INIT {0}

void buf_free(struct buf *buf);
/* Forgets the content and a failure, keeps the memory. */
void buf_clear(struct buf *buf);
/* Makes room for size more bytes; false (and failed) when there is none. */
bool buf_reserve(struct buf *buf, size_t size);
void buf_add(struct buf *buf, const void *bytes, size_t size);
void buf_text(struct buf *buf, const char *text);
void buf_char(struct buf *buf, char c);
void buf_format(struct buf *buf, const char *format, ...) HILF_PRINTF(2, 3);
/* Lower-case hexadecimal. */
void buf_hex(struct buf *buf, const void *bytes, size_t size);

#endif
