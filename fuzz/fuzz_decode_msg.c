/* Messages of the decoders: what is accepted is written back byte for byte. The bytes are tried as they are, and as
 * the fields of a kind, behind a head that is right. */
#include "base/check.h"
#include "wire/decode_msg.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_message(const uint8_t *data, size_t size)
{
	struct decode_msg msg;
	uint8_t bytes[DECODE_MESSAGE_MAX];
	if (decode_msg_read(data, size, &msg))
		ASSERT(decode_msg_write(&msg, bytes) == size && memcmp(bytes, data, size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t bytes[DECODE_MESSAGE_MAX];
	struct decode_msg end = {.kind = DECODE_END};
	try_message(data, size);
	if (size < 1 || size + 7 > sizeof bytes)
		return 0;
	decode_msg_write(&end, bytes);
	bytes[4] = data[0];
	memcpy(bytes + 8, data + 1, size - 1);
	bytes[6] = (uint8_t)(size + 7);
	bytes[7] = (uint8_t)((size + 7) >> 8);
	try_message(bytes, size + 7);
	return 0;
}
