/* Paths and query strings come out as text, shorter or as long as they went in, or are refused. Chunks, read bytewise, are
 * what they are when read whole. */
#include "base/buf.h"
#include "base/check.h"
#include "base/utf8.h"
#include "wire/chunked.h"
#include "wire/percent.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_query(char *text, size_t size)
{
	size_t at = 0, total = 0;
	const char *name, *value;
	for (bool more = true; more;) {
		if (percent_query_next(text, size, &at, &more, &name, &value) != PERCENT_OK)
			return;
		if (!more)
			return;
		ASSERT(utf8_valid(name, strlen(name)) && utf8_valid(value, strlen(value)));
		total += strlen(name) + strlen(value);
		ASSERT(total <= size && at <= size);
	}
}

static enum chunked_step read_chunks(
	const char *bytes, size_t size, size_t piece, struct buf *ret_body, size_t *ret_end)
{
	struct chunked chunked = CHUNKED_INIT;
	for (size_t from = 0; from < size; from += piece) {
		size_t at = 0, here = size - from < piece ? size - from : piece, data_size;
		const char *data;
		enum chunked_step step;
		while ((step = chunked_next(&chunked, bytes + from, here, &at, &data,
				&data_size)) == CHUNKED_DATA)
			buf_add(ret_body, data, data_size);
		*ret_end = from + at;
		if (step != CHUNKED_MORE)
			return step;
		ASSERT(at == here);
	}
	return CHUNKED_MORE;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t decoded = 0, ends[2] = {0, 0};
	char *text = malloc(size + 1);
	if (!text)
		return 0;
	if (size)
		memcpy(text, data, size);
	if (percent_decode_path(text, size, &decoded) == PERCENT_OK)
		ASSERT(decoded <= size && utf8_valid(text, decoded) &&
			!memchr(text, '\0', decoded));
	if (size)
		memcpy(text, data, size);
	check_query(text, size);
	struct buf bodies[2] = {BUF_INIT, BUF_INIT};
	const char *bytes = (const char *)data;
	enum chunked_step one = read_chunks(bytes, size, size, &bodies[0], &ends[0]);
	enum chunked_step other = read_chunks(bytes, size, 1, &bodies[1], &ends[1]);
	ASSERT(one == other && bodies[0].size == bodies[1].size);
	ASSERT(one == CHUNKED_BAD || ends[0] == ends[1]);
	ASSERT(!bodies[0].size || memcmp(bodies[0].data, bodies[1].data, bodies[0].size) == 0);
	buf_free(&bodies[0]);
	buf_free(&bodies[1]);
	free(text);
	return 0;
}
