/* A form read in pieces of any size is the form read whole: the same parts, or the same refusal. The input's first line is
 * its Content-Type. */
#include "base/buf.h"
#include "base/check.h"
#include "wire/multipart.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct told {
	struct buf buf;
	bool in_part;
};

static int tell_part(const struct multipart_part *part, void *ctx, struct hilf_err *err)
{
	struct told *told = ctx;
	(void)err;
	ASSERT(!told->in_part && strlen(part->name) <= MULTIPART_NAME_MAX);
	told->in_part = true;
	buf_format(&told->buf, "<%s %s %d>", part->name, part->content_type, part->is_file);
	return 0;
}

static int tell_bytes(const char *bytes, size_t size, void *ctx, struct hilf_err *err)
{
	struct told *told = ctx;
	(void)err;
	ASSERT(told->in_part && size);
	buf_add(&told->buf, bytes, size);
	return 0;
}

static int tell_end(void *ctx, struct hilf_err *err)
{
	struct told *told = ctx;
	(void)err;
	ASSERT(told->in_part);
	told->in_part = false;
	buf_text(&told->buf, "</>");
	return 0;
}

static int read_all(
	const char *type, const char *body, size_t size, size_t piece, struct told *ret_told)
{
	struct multipart multipart;
	const struct multipart_sink sink = {tell_part, tell_bytes, tell_end, ret_told};
	struct hilf_err err = {.text = ""};
	int rc = multipart_init(&multipart, type, &sink, &err);
	for (size_t at = 0; !rc && at < size; at += piece)
		rc = multipart_feed(
			&multipart, body + at, size - at < piece ? size - at : piece, &err);
	if (!rc)
		rc = multipart_finish(&multipart, &err);
	ASSERT(rc == 0 || (rc == (int)err.code && strlen(err.text) > 0));
	return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char type[256];
	const char *text = (const char *)data, *line = size ? memchr(text, '\n', size) : NULL;
	size_t type_size = line ? (size_t)(line - text) : 0;
	if (!line || type_size >= sizeof type || memchr(text, '\0', type_size))
		return 0;
	memcpy(type, text, type_size);
	type[type_size] = '\0';
	const char *body = line + 1;
	size_t body_size = size - type_size - 1;
	static const size_t pieces[] = {1, 2, 3, 7, 64};
	struct told whole = {BUF_INIT, false};
	int rc = read_all(type, body, body_size, body_size ? body_size : 1, &whole);
	for (size_t i = 0; i < COUNT_OF(pieces); i++) {
		struct told parted = {BUF_INIT, false};
		ASSERT(read_all(type, body, body_size, pieces[i], &parted) == rc);
		ASSERT(parted.buf.size == whole.buf.size &&
			(!whole.buf.size ||
				memcmp(parted.buf.data, whole.buf.data, whole.buf.size) == 0));
		buf_free(&parted.buf);
	}
	buf_free(&whole.buf);
	return 0;
}
