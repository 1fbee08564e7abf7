/* The seal's packets: what is written reads back, and anything else is refused. */
#include "wire/seal_msg.h"

#include "hilf.h"
#include "test/unit.h"

#include <string.h>

static void a_request_reads_back(void **state)
{
	(void)state;
	uint8_t packet[100];
	struct seal_request request;
	seal_msg_write_head(packet, SEAL_SIGN, 2);
	size_t size = seal_msg_write_item(packet, SEAL_HEAD_SIZE, "first", 5);
	size = seal_msg_write_item(packet, size, "", 0);
	assert_true(seal_msg_read_request(packet, size, &request));
	assert_int_equal(request.count, 2);
	assert_int_equal(request.parts[0].size, 5);
	assert_memory_equal(request.parts[0].bytes, "first", 5);
	assert_int_equal(request.parts[1].size, 0);
}

static void a_request_of_another_size_or_kind_is_refused(void **state)
{
	(void)state;
	uint8_t packet[100] = {0};
	struct seal_request request;
	seal_msg_write_head(packet, SEAL_SIGN, 1);
	size_t size = seal_msg_write_item(packet, SEAL_HEAD_SIZE, "first", 5);
	for (size_t cut = 0; cut < size; cut++)
		assert_false(seal_msg_read_request(packet, cut, &request));
	assert_false(seal_msg_read_request(packet, size + 1, &request));
	packet[1] = 2;
	assert_false(seal_msg_read_request(packet, size, &request));
	packet[1] = SEAL_VERSION;
	packet[0] = SEAL_READY;
	assert_false(seal_msg_read_request(packet, size, &request));
	packet[0] = SEAL_SIGN;
	packet[2] = 0;
	assert_false(seal_msg_read_request(packet, size, &request));
	packet[2] = 1;
	memset(packet + SEAL_HEAD_SIZE, 0xff, 4);
	assert_false(seal_msg_read_request(packet, size, &request));
}

static void answers_read_back(void **state)
{
	(void)state;
	uint8_t packet[SEAL_HEAD_SIZE + 4 + SEAL_TEXT_MAX], key[SEAL_KEY_SIZE] = {7};
	struct seal_reply reply;
	size_t size = seal_msg_write_ready(packet, 0x3f, key);
	assert_true(seal_msg_read_reply(packet, size, &reply));
	assert_int_equal(reply.kind, SEAL_READY);
	assert_int_equal(reply.walls, 0x3f);
	assert_memory_equal(reply.public_key, key, sizeof key);
	assert_false(seal_msg_read_reply(packet, size - 1, &reply));
	size = seal_msg_write_failure(packet, HILF_E_DENIED, "no\nline ends");
	assert_true(seal_msg_read_reply(packet, size, &reply));
	assert_int_equal(reply.kind, SEAL_FAILURE);
	assert_int_equal(reply.code, HILF_E_DENIED);
	assert_null(strchr(reply.text, '\n'));
	size = seal_msg_write_failure(packet, 0, "a failure that is none");
	assert_false(seal_msg_read_reply(packet, size, &reply));
	memset(packet, 0, sizeof packet);
	seal_msg_write_head(packet, SEAL_SIGNED, 2);
	assert_true(seal_msg_read_reply(packet, SEAL_HEAD_SIZE + 2 * SEAL_SIGNATURE_SIZE, &reply));
	assert_int_equal(reply.count, 2);
	assert_false(seal_msg_read_reply(packet, SEAL_HEAD_SIZE + 3 * SEAL_SIGNATURE_SIZE, &reply));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_reads_back),
		cmocka_unit_test(a_request_of_another_size_or_kind_is_refused),
		cmocka_unit_test(answers_read_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
