/* Golden files of this room's tests: $HILF_SOURCE/test/golden/wire. With $HILF_GOLDEN_WRITE set, a text that differs
 * is written there instead of failing, to be looked at in the diff. */
#ifndef WIRE_GOLDEN_TEST_H
#define WIRE_GOLDEN_TEST_H

#include "base/buf.h"
#include "test/unit.h"

#include <string.h>

static inline FILE *golden_open(const char *name, const char *mode)
{
	char path[1024];
	const char *source = getenv("HILF_SOURCE");
	snprintf(path, sizeof path, "%s/test/golden/wire/%s", source ? source : ".", name);
	FILE *file = fopen(path, mode);
	if (!file)
		fail_msg("cannot open %s; is HILF_SOURCE right?", path);
	return file;
}

static inline void golden_read(const char *name, struct buf *ret_text)
{
	char piece[4096];
	size_t size;
	FILE *file = golden_open(name, "rb");
	buf_clear(ret_text);
	while ((size = fread(piece, 1, sizeof piece, file)) > 0)
		buf_add(ret_text, piece, size);
	fclose(file);
	buf_char(ret_text, '\0');
	assert_false(ret_text->failed);
	ret_text->size--;
}

static inline void golden_check(const char *name, const struct buf *actual)
{
	struct buf wanted = BUF_INIT;
	if (getenv("HILF_GOLDEN_WRITE")) {
		FILE *file = golden_open(name, "wb");
		assert_int_equal(fwrite(actual->data, 1, actual->size, file), actual->size);
		assert_int_equal(fclose(file), 0);
		return;
	}
	golden_read(name, &wanted);
	if (wanted.size != actual->size || memcmp(wanted.data, actual->data, actual->size) != 0)
		fail_msg("%s differs; it was\n%s\nand wants to be\n%s", name, wanted.data,
			actual->data);
	buf_free(&wanted);
}

#endif
