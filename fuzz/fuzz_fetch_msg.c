/* The packets of fetching: one that is read has one spelling, and nothing that it names lies outside of it. */
#include "base/check.h"
#include "wire/fetch_msg.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t again[1 << 20];
	struct fetch_msg msg;
	if (size > sizeof again || !fetch_msg_read(data, size, &msg))
		return 0;
	ASSERT(strlen(msg.text) <= FETCH_TEXT_MAX);
	ASSERT(fetch_msg_write(&msg, again, sizeof again) == size);
	ASSERT(memcmp(again, data, size) == 0);
	if (msg.kind == FETCH_REQUEST) {
		struct fetch_text rest = msg.request.headers, line;
		while (fetch_next_line(&rest, &line))
			ASSERT(fetch_header_valid(line.text, line.size));
		ASSERT(rest.size == 0);
	}
	return 0;
}
