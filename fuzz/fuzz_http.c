/* Whatever a client sends, the server answers with whole replies or closes, and lets go of all that was the connection's.
 * And where one message ends and the next begins does not depend on how the bytes were cut: sent whole and in pieces, one
 * input has the same answers, as far as they go (a small body that was refused is passed over only if it is there). The
 * first byte is the size of the pieces. */
#include "http/session_test.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void answers(struct session *session, const uint8_t *data, size_t size, size_t piece)
{
	buf_clear(&session->seen);
	session_connect(session);
	session_send(session, data, size, piece);
	session_leave(session);
	ASSERT(!session->seen.size ||
		(session->seen.size > 12 && memcmp(session->seen.data, "HTTP/1.1 ", 9) == 0));
}

/* What differs from run to run: found where it stands, and as many bytes behind it. */
static const struct {
	const char *text;
	size_t behind;
} differs[] = {{"X-Request-Id: ", HTTP_ID_SIZE}, {"Date: ", 29}, {"Connection: close\r\n", 0},
	{"HTTP/1.1 100 Continue\r\n\r\n", 0}};

static void put_same(const struct buf *seen, struct buf *ret_same)
{
	for (size_t at = 0; at < seen->size;) {
		size_t skip = 0;
		for (size_t i = 0; i < COUNT_OF(differs) && !skip; i++) {
			size_t size = strlen(differs[i].text);
			if (seen->size - at >= size &&
				memcmp(seen->data + at, differs[i].text, size) == 0)
				skip = size + differs[i].behind;
		}
		if (!skip)
			buf_char(ret_same, seen->data[at]);
		at += skip ? skip : 1;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct session session;
	struct buf whole = BUF_INIT, pieces = BUF_INIT;
	if (!session.server)
		ASSERT(session_open(&session) == 0);
	if (!size)
		return 0;
	answers(&session, data + 1, size - 1, size);
	put_same(&session.seen, &whole);
	answers(&session, data + 1, size - 1, data[0] ? data[0] : 1);
	put_same(&session.seen, &pieces);
	size_t common = whole.size < pieces.size ? whole.size : pieces.size;
	ASSERT(!common || memcmp(whole.data, pieces.data, common) == 0);
	buf_free(&whole);
	buf_free(&pieces);
	return 0;
}
