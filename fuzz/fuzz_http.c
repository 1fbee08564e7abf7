/* Whatever a client sends, in pieces of whatever size, the server answers with whole replies or closes, and lets go of all
 * that was the connection's. The first byte is the size of the pieces. */
#include "http/session_test.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct session session;
	if (!session.server)
		ASSERT(session_open(&session) == 0);
	if (!size)
		return 0;
	buf_clear(&session.seen);
	session_connect(&session);
	session_send(&session, data + 1, size - 1, data[0] ? data[0] : size);
	session_leave(&session);
	ASSERT(!session.seen.size ||
		(session.seen.size > 12 && memcmp(session.seen.data, "HTTP/1.1 ", 9) == 0));
	return 0;
}
