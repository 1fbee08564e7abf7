/* The seal's packets: nothing that is read points outside the packet, and a request that is taken has one spelling. */
#include "base/check.h"
#include "wire/seal_msg.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_request(const uint8_t *data, size_t size)
{
	static struct seal_request request;
	if (!seal_msg_read_request(data, size, &request))
		return;
	uint8_t *again = malloc(size);
	ASSERT(again && request.count && request.count <= SEAL_ITEMS_MAX);
	size_t written = SEAL_HEAD_SIZE;
	seal_msg_write_head(again, SEAL_SIGN, request.count);
	for (size_t i = 0; i < request.count; i++) {
		ASSERT(written + SEAL_ITEM_HEAD_SIZE + request.parts[i].size <= size);
		written = seal_msg_write_item(
			again, written, request.parts[i].bytes, request.parts[i].size);
	}
	ASSERT(written == size && memcmp(again, data, size) == 0);
	free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct seal_reply reply;
	unsigned sum = 0;
	try_request(data, size);
	if (!seal_msg_read_reply(data, size, &reply))
		return 0;
	if (reply.kind == SEAL_READY)
		for (unsigned i = 0; i < SEAL_KEY_SIZE; i++)
			sum += reply.public_key[i];
	if (reply.kind == SEAL_FAILURE)
		ASSERT(reply.code < 0 && strlen(reply.text) <= SEAL_TEXT_MAX);
	for (size_t i = 0; reply.kind == SEAL_SIGNED && i < reply.count * SEAL_SIGNATURE_SIZE; i++)
		sum += reply.signatures[i];
	ASSERT(sum <= 255 * size);
	return 0;
}
