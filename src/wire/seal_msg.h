/* The messages between hilf and hilf-seal, the only process that has the node's key. Each is one packet, little endian:
 *
 *   hilf-seal ──► hilf   READY     [2 | 1 | 0 0 | walls u32 | public key 32]        once, when the key is there
 *                        FAILURE   [3 | 1 | 0 0 | code i32 | text ...]              instead of it, or of an answer
 *   hilf ──► hilf-seal   SIGN      [1 | 1 | count u16 | count × (size u32 | bytes)]
 *   hilf-seal ──► hilf   SIGNED    [4 | 1 | count u16 | count × signature 64]
 *
 * The second byte is the version. A reader refuses every packet that is not exactly so. */
#ifndef WIRE_SEAL_MSG_H
#define WIRE_SEAL_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEAL_VERSION        1u
#define SEAL_ITEMS_MAX      1000u /* of one packet: their signatures are 64 kB */
#define SEAL_KEY_SIZE       32u
#define SEAL_SIGNATURE_SIZE 64u
#define SEAL_TEXT_MAX       440u
#define SEAL_HEAD_SIZE      4u
#define SEAL_ITEM_HEAD_SIZE 4u /* before each item's bytes */
#define SEAL_REPLY_MAX      (SEAL_HEAD_SIZE + SEAL_ITEMS_MAX * SEAL_SIGNATURE_SIZE)

enum seal_kind { SEAL_SIGN = 1, SEAL_READY = 2, SEAL_FAILURE = 3, SEAL_SIGNED = 4 };

struct seal_part {
	const uint8_t *bytes;
	uint32_t size;
};

/* What SIGN asks for; parts point into the packet. */
struct seal_request {
	size_t count; /* 1 to SEAL_ITEMS_MAX */
	struct seal_part parts[SEAL_ITEMS_MAX];
};

/* Items for SIGN are written one by one behind a head; each returns the size after it. room is the caller's to check:
 * SEAL_HEAD_SIZE, and SEAL_ITEM_HEAD_SIZE and the bytes for each item. */
size_t seal_msg_write_item(uint8_t *packet, size_t size, const void *bytes, uint32_t item_size);
void seal_msg_write_head(uint8_t *packet, enum seal_kind kind, size_t count);
bool seal_msg_read_request(const uint8_t *packet, size_t size, struct seal_request *ret_request);

/* An answer. Only what belongs to its kind is set. */
struct seal_reply {
	enum seal_kind kind;
	uint32_t walls;
	const uint8_t *public_key;    /* READY: SEAL_KEY_SIZE bytes of the packet */
	int32_t code;                 /* FAILURE: a negative hilf_code */
	char text[SEAL_TEXT_MAX + 1]; /* FAILURE: printable, terminated */
	size_t count;                 /* SIGNED */
	const uint8_t *signatures; /* SIGNED: count times SEAL_SIGNATURE_SIZE bytes of the packet */
};
size_t seal_msg_write_ready(
	uint8_t *packet, uint32_t walls, const uint8_t public_key[SEAL_KEY_SIZE]);
/* packet has room for SEAL_HEAD_SIZE + 4 + SEAL_TEXT_MAX. */
size_t seal_msg_write_failure(uint8_t *packet, int32_t code, const char *text);
bool seal_msg_read_reply(const uint8_t *packet, size_t size, struct seal_reply *ret_reply);

#endif
