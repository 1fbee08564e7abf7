/* A growing run of bytes; see buf.h. */
#include "base/buf.h"

#include "base/check.h"
#include "base/hex.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buf_free(struct buf *buf)
{
	free(buf->data);
	*buf = (struct buf)BUF_INIT;
}

void buf_clear(struct buf *buf)
{
	buf->size = 0;
	buf->failed = false;
	if (buf->data)
		buf->data[0] = '\0';
}

bool buf_reserve(struct buf *buf, size_t size)
{
	if (buf->failed)
		return false;
	if (buf->room && size < buf->room - buf->size)
		return true;
	if (size > SIZE_MAX / 4 || buf->size > SIZE_MAX / 4) {
		buf->failed = true;
		return false;
	}
	size_t room = buf->room ? buf->room : 256;
	while (room - buf->size <= size)
		room *= 2;
	char *data = realloc(buf->data, room);
	if (!data) {
		buf->failed = true;
		return false;
	}
	buf->data = data;
	buf->room = room;
	buf->data[buf->size] = '\0';
	return true;
}

void buf_add_more(struct buf *buf, const void *bytes, size_t size)
{
	if (buf_reserve(buf, size))
		buf_add(buf, bytes, size);
}

void buf_format(struct buf *buf, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	va_list again;
	va_copy(again, arguments);
	int size = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	ASSERT(size >= 0);
	if (buf_reserve(buf, (size_t)size)) {
		vsnprintf(buf->data + buf->size, (size_t)size + 1, format, again);
		buf->size += (size_t)size;
	}
	va_end(again);
}

void buf_hex(struct buf *buf, const void *bytes, size_t size)
{
	if (size > SIZE_MAX / 4 || !buf_reserve(buf, 2 * size))
		return;
	hex_encode(bytes, size, buf->data + buf->size);
	buf->size += 2 * size;
}
