/* A child's whole answer, packet by packet, through a socket as in life: whatever it says, what is kept is of its form.
 *
 *   input:  [kind 1 | size 2, little endian | fields] for each packet; its head is made here, so that fields are what is tried
 */
#include "base/check.h"
#include "engine/decode_reply.h"
#include "wire/image_head.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Until the input is at its end, or the socket full. */
static void send_all(int socket, const uint8_t *data, size_t size)
{
	uint8_t bytes[DECODE_MESSAGE_MAX];
	while (size >= 3) {
		size_t fields = (size_t)data[1] | (size_t)data[2] << 8;
		uint8_t kind = data[0];
		data += 3;
		size -= 3;
		if (fields > size)
			fields = size;
		if (fields > sizeof bytes - 8)
			fields = sizeof bytes - 8;
		memcpy(bytes, "hdm1", 4);
		bytes[4] = kind;
		bytes[5] = 0;
		bytes[6] = (uint8_t)(fields + 8);
		bytes[7] = (uint8_t)((fields + 8) >> 8);
		memcpy(bytes + 8, data, fields);
		if (send(socket, bytes, fields + 8, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
			return;
		data += fields;
		size -= fields;
	}
}

static void check_preview(const struct preview *preview)
{
	struct image_head head;
	ASSERT(preview->size >= 4 && preview->size <= PREVIEW_SIZE_MAX);
	ASSERT(preview->width <= PREVIEW_SIDE_MAX && preview->height <= PREVIEW_SIDE_MAX);
	ASSERT(image_head_read(preview->jpeg, preview->size, &head, NULL) == 0 &&
		head.format == IMAGE_JPEG && head.width == preview->width &&
		head.height == preview->height);
}

static void try_reply(const uint8_t *data, size_t size, bool showing)
{
	struct hilf_content content = {0};
	struct previews previews = {.count = 0};
	struct decode_reply reply = {.content = &content, .previews = showing ? &previews : NULL};
	const struct decode_report report = {0};
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return;
	send_all(pair[1], data, size);
	close(pair[1]);
	decode_reply_read(&reply, pair[0], 10000);
	close(pair[0]);
	decode_reply_judge(&reply, &report);
	ASSERT(content.picture_count <= HILF_PICTURE_MAX && previews.count <= PREVIEW_MAX);
	ASSERT(showing || !previews.count);
	ASSERT(content.decided ? !*content.reason_code : *content.reason_code);
	/* The last one of an answer that broke off may be half there; whoever asked throws all of that away. */
	for (size_t i = 0; i < previews.count && reply.ended && !reply.broken; i++)
		check_preview(&previews.items[i]);
	previews_clear(&previews);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	try_reply(data, size, true);
	try_reply(data, size, false);
	return 0;
}
