/* hilf-seal DATA [create]: the process that has the node's key, and signs.
 *
 *   promise: packets on descriptor 3, and nothing else: no files, no network, no children.
 *
 * It reads the key first (or makes it), goes behind its wall, says READY with the public key, and then signs what it is
 * sent until the other side closes. Whoever holds the other end can have anything signed that looks like a record, and
 * only that; the key itself never leaves this address space, is locked into memory where the system allows it, and is
 * in no core dump. */
#include "base/err.h"
#include "base/limits.h"
#include "os/helper.h"
#include "os/sandbox.h"
#include "proc/node_key.h"
#include "wire/seal_msg.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

static const struct sandbox_promise promise = {.name = "seal",
	.calls = SANDBOX_MESSAGES,
	.descriptors = HELPER_FD + 1,
	.open_files = HELPER_FD + 1,
	.cpu_seconds = SANDBOX_UNLIMITED};

/* What every record begins with (wire/record.h). Other things that are signed one day will begin otherwise, so that
 * none can be taken for another. */
#define RECORD_HEAD "{\"author\":\""

static int fail(int code, const char *text)
{
	uint8_t packet[SEAL_HEAD_SIZE + 4 + SEAL_TEXT_MAX];
	helper_send(HELPER_FD, packet, seal_msg_write_failure(packet, code, text), NULL, 0);
	return 1;
}

static bool may_sign(const struct seal_part *part)
{
	return part->size <= LIMIT_RECORD_SIZE && part->size > sizeof RECORD_HEAD &&
	       memcmp(part->bytes, RECORD_HEAD, sizeof RECORD_HEAD - 1) == 0;
}

static int sign(const struct node_key *key, const struct seal_request *request)
{
	static uint8_t reply[SEAL_REPLY_MAX];
	seal_msg_write_head(reply, SEAL_SIGNED, request->count);
	for (size_t i = 0; i < request->count; i++) {
		const struct seal_part *part = &request->parts[i];
		if (!may_sign(part))
			return fail(HILF_E_INVALID, "the seal signs records only");
		crypto_sign_detached(reply + SEAL_HEAD_SIZE + i * SEAL_SIGNATURE_SIZE, NULL,
			part->bytes, part->size, key->secret_key);
	}
	return helper_send(
		HELPER_FD, reply, SEAL_HEAD_SIZE + request->count * SEAL_SIGNATURE_SIZE, NULL, 0);
}

static int serve(const struct node_key *key)
{
	static uint8_t packet[HELPER_MESSAGE_MAX];
	static struct seal_request request;
	for (;;) {
		ssize_t size = helper_receive(HELPER_FD, packet, sizeof packet, NULL, NULL, -1);
		if (size <= 0)
			return size == 0 ? 0 : 1;
		if (!seal_msg_read_request(packet, (size_t)size, &request))
			return fail(
				HILF_E_INVALID, "the seal was sent what it does not understand");
		if (sign(key, &request) != 0)
			return 1;
	}
}

int main(int argc, char **argv)
{
	const struct rlimit no_core = {0, 0};
	struct hilf_err err = {.text = ""};
	uint8_t packet[SEAL_HEAD_SIZE + 4 + SEAL_KEY_SIZE];
	unsigned walls = 0;
	if (argc < 2 || argc > 3 || (argc == 3 && strcmp(argv[2], "create") != 0)) {
		fprintf(stderr, "hilf-seal is a part of hilf and is started by it\n");
		return 2;
	}
	prctl(PR_SET_DUMPABLE, 0);
	setrlimit(RLIMIT_CORE, &no_core);
	if (sodium_init() < 0)
		return fail(HILF_E_HELPER, "the seal cannot start libsodium");
	/* A page of its own between guard pages, locked if the system allows. */
	struct node_key *key = sodium_malloc(sizeof *key);
	if (!key)
		return fail(HILF_E_NO_MEMORY, "no memory for the key");
	if (node_key_load(argv[1], argc == 3, key, &err) != 0)
		return fail(err.code, err.text);
	sodium_mprotect_readonly(key);
	if (sandbox_enter(&promise, &walls, &err) != 0)
		return fail(err.code, err.text);
	int sys = helper_send(
		HELPER_FD, packet, seal_msg_write_ready(packet, walls, key->public_key), NULL, 0);
	return sys ? 1 : serve(key);
}
