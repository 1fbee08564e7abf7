/* Lines there and back, and lines that are none. */
#include "base/check.h"
#include "test/unit.h"
#include "wire/feed_line.h"

#include <string.h>

static const char record_text[] = "{\"author\":\"x\",\"body\":{\"a\":[1,2,{\"b\":\"}\\\",\"}]}}";

static struct hilf_record sample(void)
{
	struct hilf_record record = {.seq = 7,
		.bytes = record_text,
		.size = sizeof record_text - 1,
		.received_ms = 1790000000000};
	memset(record.salt, 0x5a, sizeof record.salt);
	memset(record.signature, 0xc3, sizeof record.signature);
	return record;
}

static int read_back(const struct buf *buf, struct arena *arena, struct feed_line *ret_line)
{
	assert_int_equal(buf->data[buf->size - 1], '\n');
	return feed_line_read(buf->data, buf->size - 1, arena, ret_line, NULL);
}

static void a_record_comes_back_to_the_byte(void **state)
{
	struct buf buf = BUF_INIT;
	struct arena arena;
	struct feed_line line;
	struct hilf_record record = sample();
	(void)state;
	arena_init(&arena, 0);
	feed_line_record(&buf, &record);
	assert_int_equal(read_back(&buf, &arena, &line), 0);
	assert_int_equal(line.kind, FEED_LINE_RECORD);
	assert_int_equal(line.record.seq, 7);
	assert_int_equal(line.record.received_ms, record.received_ms);
	assert_int_equal(line.record.size, record.size);
	assert_memory_equal(line.record.bytes, record.bytes, record.size);
	assert_memory_equal(line.record.salt, record.salt, sizeof record.salt);
	assert_memory_equal(line.record.signature, record.signature, sizeof record.signature);
	arena_clear(&arena);
	buf_free(&buf);
}

static void an_erased_record_has_no_bytes(void **state)
{
	struct buf buf = BUF_INIT;
	struct arena arena;
	struct feed_line line;
	struct hilf_record record = sample();
	(void)state;
	arena_init(&arena, 0);
	record.size = 0;
	record.header = record_text;
	record.header_size = sizeof record_text - 1;
	feed_line_record(&buf, &record);
	assert_int_equal(read_back(&buf, &arena, &line), 0);
	assert_int_equal(line.kind, FEED_LINE_RECORD);
	assert_int_equal(line.record.size, 0);
	assert_int_equal(line.record.header_size, sizeof record_text - 1);
	assert_memory_equal(line.record.header, record_text, sizeof record_text - 1);
	arena_clear(&arena);
	buf_free(&buf);
}

static void head_and_replica_come_back(void **state)
{
	struct buf buf = BUF_INIT;
	struct arena arena;
	struct feed_line line;
	(void)state;
	arena_init(&arena, 0);
	feed_line_head(&buf, 12, 3);
	assert_int_equal(read_back(&buf, &arena, &line), 0);
	assert_int_equal(line.kind, FEED_LINE_HEAD);
	assert_int_equal(line.seq, 12);
	assert_int_equal(line.local, 3);
	buf_clear(&buf);
	feed_line_replica(&buf, "{\"v\":1}", 7);
	assert_int_equal(read_back(&buf, &arena, &line), 0);
	assert_int_equal(line.kind, FEED_LINE_REPLICA);
	assert_int_equal(line.replica_size, 7);
	assert_memory_equal(line.replica, "{\"v\":1}", 7);
	arena_clear(&arena);
	buf_free(&buf);
}

static void what_is_no_line_is_refused(void **state)
{
	static const char *const bad[] = {"", "{}", "[]", "null", "{\"head\":{}}",
		"{\"head\":{\"local\":1,\"seq\":-1}}", "{\"head\":{\"local\":1,\"seq\":1},\"x\":1}",
		"{\"record\":{},\"seq\":1}", "{\"seq\":1", "{ \"head\":{\"local\":1,\"seq\":1}}",
		"{\"received_ms\":1,\"record\":{},\"salt\":\"\",\"seq\":1,\"signature\":\"\"}",
		"{\"received_ms\":1,\"record\":null,\"salt\":\"\",\"seq\":1,\"signature\":\"\"}"};
	struct arena arena;
	(void)state;
	arena_init(&arena, 0);
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct feed_line line;
		assert_int_not_equal(
			feed_line_read(bad[i], strlen(bad[i]), &arena, &line, NULL), 0);
	}
	arena_clear(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_comes_back_to_the_byte),
		cmocka_unit_test(an_erased_record_has_no_bytes),
		cmocka_unit_test(head_and_replica_come_back),
		cmocka_unit_test(what_is_no_line_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
