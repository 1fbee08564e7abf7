/* Items go out in packets as full as they get, one packet ahead of the answers, so that the helper never waits for this
 * side to copy. */
#include "engine/seal.h"

#include "base/check.h"
#include "base/err.h"
#include "base/limits.h"
#include "os/helper.h"
#include "wire/seal_msg.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A full packet takes a millisecond or two to sign; the key's making waits for the disk. */
#define ANSWER_WAIT_MS 30000
#define AHEAD_MAX      2 /* packets without an answer */

struct seal {
	struct helper helper;
	uint8_t public_key[SEAL_KEY_SIZE];
	unsigned walls;
	bool failed;
	uint8_t packet[HELPER_MESSAGE_MAX];
	uint8_t answer[SEAL_REPLY_MAX + 1];
};

static int fail(struct seal *seal, int sys, struct hilf_err *err)
{
	seal->failed = true;
	if (sys == 0 || sys == EPIPE || sys == ECONNRESET)
		return err_set(err, HILF_E_HELPER,
			"the helper hilf-seal, which keeps the node's key, ended "
			"unexpectedly; try again, and see 'hilf doctor' if it stays so");
	if (sys == ETIMEDOUT)
		return err_set(err, HILF_E_HELPER,
			"the helper hilf-seal did not answer within %d s", ANSWER_WAIT_MS / 1000);
	return err_sys(err, HILF_E_HELPER, sys, "cannot speak with the helper hilf-seal");
}

/* The next answer; one that is a failure fills err. */
static int receive(struct seal *seal, struct seal_reply *ret_reply, struct hilf_err *err)
{
	ssize_t size = helper_receive(
		seal->helper.socket, seal->answer, sizeof seal->answer, NULL, NULL, ANSWER_WAIT_MS);
	if (size <= 0)
		return fail(seal, (int)-size, err);
	if (!seal_msg_read_reply(seal->answer, (size_t)size, ret_reply)) {
		seal->failed = true;
		return err_set(err, HILF_E_HELPER,
			"the helper hilf-seal answered in a way this hilf does not know; are both "
			"of one version?");
	}
	if (ret_reply->kind == SEAL_FAILURE) {
		seal->failed = true;
		return err_set(err, (enum hilf_code)ret_reply->code, "%s", ret_reply->text);
	}
	return 0;
}

static int greet(struct seal *seal, struct hilf_err *err)
{
	struct seal_reply reply;
	int rc = receive(seal, &reply, err);
	if (rc)
		return rc;
	if (reply.kind != SEAL_READY)
		return fail(seal, EPROTO, err);
	memcpy(seal->public_key, reply.public_key, SEAL_KEY_SIZE);
	seal->walls = reply.walls;
	return 0;
}

int seal_open(const char *helper_dir, const char *data_dir, bool create, struct seal **ret_seal,
	struct hilf_err *err)
{
	const char *const arguments[] = {data_dir, create ? "create" : NULL, NULL};
	struct seal *seal = calloc(1, sizeof *seal);
	if (!seal)
		return err_no_memory(err);
	seal->helper = (struct helper)HELPER_NONE;
	int rc = helper_start(&seal->helper, helper_dir, "hilf-seal", arguments, err);
	if (!rc)
		rc = greet(seal, err);
	if (rc) {
		seal_close(seal);
		return rc;
	}
	*ret_seal = seal;
	return 0;
}

void seal_close(struct seal *seal)
{
	if (!seal)
		return;
	helper_stop(&seal->helper);
	free(seal);
}

const uint8_t *seal_public_key(const struct seal *seal)
{
	return seal->public_key;
}

bool seal_works(const struct seal *seal)
{
	return !seal->failed;
}

unsigned seal_walls(const struct seal *seal)
{
	return seal->walls;
}

/* Sends a packet with as many items as it holds; at least one. */
static int send_some(struct seal *seal, const struct seal_item *items, size_t count,
	size_t *ret_sent, struct hilf_err *err)
{
	size_t size = SEAL_HEAD_SIZE, sent = 0;
	while (sent < count && sent < SEAL_ITEMS_MAX &&
		items[sent].size <= sizeof seal->packet - size - SEAL_ITEM_HEAD_SIZE) {
		size = seal_msg_write_item(
			seal->packet, size, items[sent].bytes, (uint32_t)items[sent].size);
		sent++;
	}
	ASSERT(sent);
	seal_msg_write_head(seal->packet, SEAL_SIGN, sent);
	int sys = helper_send(seal->helper.socket, seal->packet, size, NULL, 0);
	if (sys)
		return fail(seal, sys, err);
	*ret_sent = sent;
	return 0;
}

static int take_answer(
	struct seal *seal, size_t expected, uint8_t (*ret_signatures)[64], struct hilf_err *err)
{
	struct seal_reply reply;
	int rc = receive(seal, &reply, err);
	if (rc)
		return rc;
	if (reply.kind != SEAL_SIGNED || reply.count != expected)
		return fail(seal, EPROTO, err);
	memcpy(ret_signatures, reply.signatures, expected * SEAL_SIGNATURE_SIZE);
	return 0;
}

int seal_sign(struct seal *seal, const struct seal_item *items, size_t count,
	uint8_t (*ret_signatures)[64], struct hilf_err *err)
{
	size_t ahead[AHEAD_MAX] = {0}, waiting = 0, sent = 0, done = 0;
	if (seal->failed)
		return fail(seal, 0, err);
	for (size_t i = 0; i < count; i++)
		if (items[i].size > LIMIT_RECORD_SIZE)
			return err_set(err, HILF_E_LIMIT,
				"a record of %zu bytes is larger than the %u that are signed",
				items[i].size, LIMIT_RECORD_SIZE);
	while (done < count) {
		int rc;
		if (sent < count && waiting < AHEAD_MAX) {
			rc = send_some(seal, items + sent, count - sent, &ahead[waiting], err);
			if (rc)
				return rc;
			sent += ahead[waiting++];
			continue;
		}
		rc = take_answer(seal, ahead[0], ret_signatures + done, err);
		if (rc)
			return rc;
		done += ahead[0];
		memmove(ahead, ahead + 1, (AHEAD_MAX - 1) * sizeof *ahead);
		waiting--;
	}
	return 0;
}
