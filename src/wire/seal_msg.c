/* Bytes of the seal's packets to structs and back. Both sides read as if the other were hostile: the seal because its
 * client faces the network, the client because it trusts nobody's sizes. */
#include "wire/seal_msg.h"

#include "base/check.h"
#include "base/utf8.h"
#include "hilf.h"

#include <string.h>

static void put_u32(uint8_t *to, uint32_t number)
{
	for (int i = 0; i < 4; i++)
		to[i] = (uint8_t)(number >> (8 * i));
}

static uint32_t get_u32(const uint8_t *from)
{
	return (uint32_t)from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 |
	       (uint32_t)from[3] << 24;
}

static size_t get_count(const uint8_t *packet)
{
	return (size_t)packet[2] | (size_t)packet[3] << 8;
}

void seal_msg_write_head(uint8_t *packet, enum seal_kind kind, size_t count)
{
	ASSERT(count <= SEAL_ITEMS_MAX);
	packet[0] = (uint8_t)kind;
	packet[1] = SEAL_VERSION;
	packet[2] = (uint8_t)count;
	packet[3] = (uint8_t)(count >> 8);
}

size_t seal_msg_write_item(uint8_t *packet, size_t size, const void *bytes, uint32_t item_size)
{
	put_u32(packet + size, item_size);
	memcpy(packet + size + SEAL_ITEM_HEAD_SIZE, bytes, item_size);
	return size + SEAL_ITEM_HEAD_SIZE + item_size;
}

bool seal_msg_read_request(const uint8_t *packet, size_t size, struct seal_request *ret_request)
{
	if (size < SEAL_HEAD_SIZE || packet[0] != SEAL_SIGN || packet[1] != SEAL_VERSION)
		return false;
	size_t count = get_count(packet), at = SEAL_HEAD_SIZE;
	if (count == 0 || count > SEAL_ITEMS_MAX)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (size - at < SEAL_ITEM_HEAD_SIZE)
			return false;
		uint32_t item_size = get_u32(packet + at);
		at += SEAL_ITEM_HEAD_SIZE;
		if (item_size > size - at)
			return false;
		ret_request->parts[i] = (struct seal_part){packet + at, item_size};
		at += item_size;
	}
	ret_request->count = count;
	return at == size;
}

size_t seal_msg_write_ready(
	uint8_t *packet, uint32_t walls, const uint8_t public_key[SEAL_KEY_SIZE])
{
	seal_msg_write_head(packet, SEAL_READY, 0);
	put_u32(packet + SEAL_HEAD_SIZE, walls);
	memcpy(packet + SEAL_HEAD_SIZE + 4, public_key, SEAL_KEY_SIZE);
	return SEAL_HEAD_SIZE + 4 + SEAL_KEY_SIZE;
}

size_t seal_msg_write_failure(uint8_t *packet, int32_t code, const char *text)
{
	size_t size = strnlen(text, SEAL_TEXT_MAX);
	seal_msg_write_head(packet, SEAL_FAILURE, 0);
	put_u32(packet + SEAL_HEAD_SIZE, (uint32_t)code);
	memcpy(packet + SEAL_HEAD_SIZE + 4, text, size);
	return SEAL_HEAD_SIZE + 4 + size;
}

static bool read_failure(const uint8_t *packet, size_t size, struct seal_reply *ret_reply)
{
	if (size < SEAL_HEAD_SIZE + 4 || size > SEAL_HEAD_SIZE + 4 + SEAL_TEXT_MAX)
		return false;
	ret_reply->code = (int32_t)get_u32(packet + SEAL_HEAD_SIZE);
	utf8_printable((const char *)packet + SEAL_HEAD_SIZE + 4, size - SEAL_HEAD_SIZE - 4,
		ret_reply->text, sizeof ret_reply->text);
	return ret_reply->code <= HILF_E_INVALID && ret_reply->code >= HILF_E_STOPPED;
}

bool seal_msg_read_reply(const uint8_t *packet, size_t size, struct seal_reply *ret_reply)
{
	if (size < SEAL_HEAD_SIZE || packet[1] != SEAL_VERSION)
		return false;
	size_t count = get_count(packet);
	ret_reply->kind = (enum seal_kind)packet[0];
	switch (ret_reply->kind) {
	case SEAL_READY:
		if (count || size != SEAL_HEAD_SIZE + 4 + SEAL_KEY_SIZE)
			return false;
		ret_reply->walls = get_u32(packet + SEAL_HEAD_SIZE);
		ret_reply->public_key = packet + SEAL_HEAD_SIZE + 4;
		return true;
	case SEAL_FAILURE:
		return !count && read_failure(packet, size, ret_reply);
	case SEAL_SIGNED:
		ret_reply->count = count;
		ret_reply->signatures = packet + SEAL_HEAD_SIZE;
		return count && count <= SEAL_ITEMS_MAX &&
		       size == SEAL_HEAD_SIZE + count * SEAL_SIGNATURE_SIZE;
	default:
		return false;
	}
}
