/* A growing run of bytes, or of text. A failed growth is remembered, so that a writer may append all it wants
 * and ask once at the end. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "hilf.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

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
/* buf_add where the room has to grow first. */
void buf_add_more(struct buf *buf, const void *bytes, size_t size);

/* Answers are put together from dozens of short pieces, most of them literals: where there is room, one is a move or two. */
static inline void buf_add(struct buf *buf, const void *bytes, size_t size)
{
	if (buf->failed || size >= buf->room - buf->size) {
		buf_add_more(buf, bytes, size);
		return;
	}
	if (size)
		memcpy(buf->data + buf->size, bytes, size);
	buf->size += size;
	buf->data[buf->size] = '\0';
}

static inline void buf_text(struct buf *buf, const char *text)
{
	buf_add(buf, text, strlen(text));
}

static inline void buf_char(struct buf *buf, char c)
{
	buf_add(buf, &c, 1);
}

void buf_format(struct buf *buf, const char *format, ...) HILF_PRINTF(2, 3);
/* Lower-case hexadecimal. */
void buf_hex(struct buf *buf, const void *bytes, size_t size);

#endif
