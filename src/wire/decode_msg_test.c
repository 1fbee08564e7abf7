#include "wire/decode_msg.h"

#include "base/limits.h"
#include "test/unit.h"

#include <string.h>

static uint8_t bytes[DECODE_MESSAGE_MAX];

static size_t written(const struct decode_msg *msg)
{
	memset(bytes, 0xee, sizeof bytes);
	return decode_msg_write(msg, bytes);
}

static struct decode_msg picture_message(void)
{
	struct decode_msg msg = {.kind = DECODE_PICTURE,
		.picture = {.partial = 1, .picture = {.variant = HILF_ON_WHITE, .quality = 87}}};
	for (int i = 0; i < HILF_ORIENTATION_COUNT; i++)
		memset(msg.picture.picture.pdq[i], 0x11 * (i + 1), 32);
	return msg;
}

/* The largest packet there is. */
static struct decode_msg full_part(void)
{
	static uint8_t part[DECODE_PART_MAX];
	memset(part, 0x77, sizeof part);
	return (struct decode_msg){.kind = DECODE_PART, .part = {DECODE_PART_MAX, part}};
}

static void every_kind_comes_back_as_it_was(void **state)
{
	(void)state;
	const struct decode_msg messages[] = {
		{.kind = DECODE_HELLO,
			.hello = {DECODE_VERSION, 0x3f, 1u << IMAGE_PNG, HILF_E_SANDBOX},
			.text = "no wall"},
		{.kind = DECODE_REQUEST, .request = {~0ull, 1ull << 40, 10000, 1}},
		{.kind = DECODE_CANCEL, .cancel = 77},
		{.kind = DECODE_REPORT, .report = {.id = 5, .killed = 1, .late = 1, .number = 9}},
		{.kind = DECODE_HEAD,
			.head = {IMAGE_AVIF, 1, LIMIT_IMAGE_SIDE, IMAGE_FRAMES_COUNTED}},
		picture_message(),
		{.kind = DECODE_FAILURE, .failure = DECODE_MEMORY, .text = "too large"},
		{.kind = DECODE_END, .end = 3},
		{.kind = DECODE_PREVIEW,
			.preview = {PREVIEW_REGION, PREVIEW_SIDE_MAX, 1, PREVIEW_SIZE_MAX}},
		{.kind = DECODE_PART, .part = {3, (const uint8_t *)"abc"}},
		full_part(),
	};
	for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
		struct decode_msg back;
		uint8_t again[DECODE_MESSAGE_MAX];
		size_t size = written(&messages[i]);
		assert_true(decode_msg_read(bytes, size, &back));
		assert_int_equal(back.kind, messages[i].kind);
		assert_string_equal(back.text, messages[i].text);
		assert_int_equal(decode_msg_write(&back, again), size);
		assert_memory_equal(again, bytes, size);
	}
}

static void a_packet_of_another_size_is_refused(void **state)
{
	(void)state;
	struct decode_msg msg = picture_message(), back;
	size_t size = written(&msg);
	for (size_t cut = 0; cut < size; cut++)
		assert_false(decode_msg_read(bytes, cut, &back));
	assert_false(decode_msg_read(bytes, size + 1, &back));
	bytes[6]++;
	assert_false(decode_msg_read(bytes, size + 1, &back));
}

/* Writes the message with one byte replaced. */
static bool accepted_with(const struct decode_msg *msg, size_t index, uint8_t value)
{
	struct decode_msg back;
	size_t size = written(msg);
	bytes[index] = value;
	return decode_msg_read(bytes, size, &back);
}

static void numbers_out_of_bounds_are_refused(void **state)
{
	(void)state;
	const struct decode_msg head = {.kind = DECODE_HEAD, .head = {IMAGE_PNG, 10, 10, 1}};
	const struct decode_msg failure = {
		.kind = DECODE_FAILURE, .failure = DECODE_CORRUPT, .text = "x"};
	const struct decode_msg end = {.kind = DECODE_END, .end = 1};
	struct decode_msg picture = picture_message();
	assert_true(accepted_with(&head, 8, IMAGE_PNM));
	assert_false(accepted_with(&head, 8, IMAGE_UNKNOWN));
	assert_false(accepted_with(&head, 8, IMAGE_FORMAT_COUNT));
	assert_false(accepted_with(&head, 9, 0));  /* no width */
	assert_false(accepted_with(&head, 11, 1)); /* 65,546 wide */
	assert_false(accepted_with(&head, 17, 0)); /* no frame */
	assert_false(accepted_with(&picture, 8, 2));
	assert_false(accepted_with(&picture, 9, HILF_PICTURE_MAX));
	assert_false(accepted_with(&picture, 10, 101));
	assert_false(accepted_with(&picture, 11, 2));
	assert_false(accepted_with(&end, 8, HILF_PICTURE_MAX + 1));
	assert_false(accepted_with(&failure, 8, DECODE_DECIDED));
	/* What its parents find is not for the child to say. */
	assert_false(accepted_with(&failure, 8, DECODE_TIMEOUT));
	assert_false(accepted_with(&failure, 4, 11));
	assert_false(accepted_with(&failure, 0, 'H'));
}

static void a_preview_out_of_bounds_is_refused(void **state)
{
	(void)state;
	const struct decode_msg preview = {
		.kind = DECODE_PREVIEW, .preview = {PREVIEW_PAGE, 300, 200, 0x7fff}};
	const struct decode_msg request = {.kind = DECODE_REQUEST, .request = {1, 1, 1, 1}};
	struct decode_msg part = full_part(), back;
	assert_true(accepted_with(&preview, 8, PREVIEW_FRAME));
	assert_false(accepted_with(&preview, 8, 0));
	assert_false(accepted_with(&preview, 8, PREVIEW_REGION + 1));
	assert_false(accepted_with(&preview, 9, 300 % 256 + 30)); /* 330 wide */
	assert_false(accepted_with(&preview, 12, 2));             /* 712 high */
	assert_false(accepted_with(&preview, 11, 0));             /* no height */
	assert_false(accepted_with(&preview, 14, 0x80));          /* too many bytes */
	assert_false(accepted_with(&preview, 15, 1));
	assert_false(accepted_with(&request, 28, 2));
	/* A part says how large it is twice, and both times the same. */
	assert_false(accepted_with(&part, 8, 1));
	size_t size = written(&part);
	assert_int_equal(size, DECODE_MESSAGE_MAX);
	assert_true(decode_msg_read(bytes, size, &back));
	assert_ptr_equal(back.part.bytes, bytes + 10);
	bytes[8] = bytes[9] = 0;
	bytes[6] = 10;
	bytes[7] = 0;
	assert_false(decode_msg_read(bytes, 10, &back)); /* of nothing */
}

static void text_is_printable_or_refused(void **state)
{
	(void)state;
	struct decode_msg msg = {.kind = DECODE_FAILURE,
				  .failure = DECODE_CORRUPT,
				  .text = "a\nb\x1b[31m\xc3\xa4"},
			  back;
	size_t size = written(&msg);
	assert_true(decode_msg_read(bytes, size, &back));
	assert_string_equal(back.text, "a?b?[31m??");
	static const uint8_t bad[] = {0, '\n', 0x1b, 0x7f, 0x80, 0xff};
	for (size_t i = 0; i < sizeof bad; i++)
		assert_false(accepted_with(&msg, 11, bad[i]));
}

static void text_is_cut_at_its_limit(void **state)
{
	(void)state;
	struct decode_msg msg = {.kind = DECODE_HELLO, .hello = {.version = 1}}, back;
	memset(msg.text, 'x', DECODE_TEXT_MAX);
	size_t size = written(&msg);
	assert_true(size <= DECODE_MESSAGE_MAX);
	assert_true(decode_msg_read(bytes, size, &back));
	assert_int_equal(strlen(back.text), DECODE_TEXT_MAX);
	assert_false(accepted_with(&msg, 24, 0xff)); /* more text than there is */
}

static void reasons_have_their_names(void **state)
{
	(void)state;
	assert_string_equal(decode_reason_name(DECODE_DECIDED), "");
	assert_string_equal(decode_reason_name(DECODE_UNSUPPORTED), "unsupported");
	assert_string_equal(decode_reason_name(DECODE_CHANGED), "changed");
	assert_string_equal(decode_reason_name(DECODE_REASON_COUNT), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_comes_back_as_it_was),
		cmocka_unit_test(a_packet_of_another_size_is_refused),
		cmocka_unit_test(numbers_out_of_bounds_are_refused),
		cmocka_unit_test(a_preview_out_of_bounds_is_refused),
		cmocka_unit_test(text_is_printable_or_refused),
		cmocka_unit_test(text_is_cut_at_its_limit),
		cmocka_unit_test(reasons_have_their_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
