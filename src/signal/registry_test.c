/* The table of signal types, the names that people read, and the errors they get. */
#include "base/check.h"
#include "signal/signal.h"
#include "test/unit.h"

#include <string.h>

#define DIGITS32 "0123456789abcdef0123456789abcdef"
#define DIGITS64 DIGITS32 DIGITS32

static void what_is_parsed_formats_to_itself(void **state)
{
	(void)state;
	static const struct {
		const char *type, *value;
		uint8_t id, size;
	} cases[] = {
		{"pdq", DIGITS64, HILF_PDQ, 32},
		{"sha256", DIGITS64, HILF_SHA256, 32},
		{"md5", DIGITS32, HILF_MD5, 16},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct hilf_signal signal;
		char text[HILF_SIGNAL_TEXT_MAX];
		assert_int_equal(
			hilf_signal_parse(cases[i].type, cases[i].value, &signal, NULL), HILF_OK);
		assert_int_equal(signal.type, cases[i].id);
		assert_int_equal(signal.size, cases[i].size);
		assert_int_equal(signal.quality, HILF_QUALITY_UNKNOWN);
		assert_int_equal(signal.value[1], 0x23);
		assert_int_equal(hilf_signal_format(&signal, text), strlen(cases[i].value));
		assert_string_equal(text, cases[i].value);
		assert_string_equal(hilf_signal_type_name(signal.type), cases[i].type);
	}
	assert_null(hilf_signal_type_name(0));
	assert_null(hilf_signal_type_name(200));
}

static void what_is_not_a_signal_is_refused_with_the_reason(void **state)
{
	(void)state;
	static const struct {
		const char *type, *value, *error;
	} cases[] = {
		{"pqd", DIGITS64, "unknown signal type 'pqd'; known types are pdq, sha256 and md5"},
		{"PDQ", DIGITS64, "unknown signal type 'PDQ': write it in lower case"},
		{"", DIGITS64, "the signal type is missing; known types are pdq, sha256 and md5"},
		{"pdq", DIGITS32 "123456789abcdef0123456789abcdef",
			"a pdq value has 64 hexadecimal digits, this one has 63"},
		{"md5", "", "a md5 value has 32 hexadecimal digits, this one has 0"},
		{"pdq", "0123456789ABCDEF0123456789abcdef" DIGITS32,
			"a pdq value has capital digits: write it in lower case"},
		{"pdq", "0123 456789abcdef0123456789abcde" DIGITS32,
			"a pdq value is 64 hexadecimal digits, but character 5 is ' '"},
		{"md5", "0x23456789abcdef0123456789abcdef",
			"a md5 value is 32 hexadecimal digits, but character 2 is 'x'"},
		{"md5", DIGITS32 "\n",
			"a md5 value is 32 hexadecimal digits, but character 33 is '\\x0a'"},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct hilf_signal signal = {.type = 77};
		struct hilf_err err = {0};
		assert_int_equal(hilf_signal_parse(cases[i].type, cases[i].value, &signal, &err),
			HILF_E_INVALID);
		assert_string_equal(err.text, cases[i].error);
		assert_int_equal(err.code, HILF_E_INVALID);
		assert_int_equal(signal.type, 77);
	}
}

static void only_pdq_is_compared_by_likeness(void **state)
{
	(void)state;
	assert_true(signal_is_similarity(HILF_PDQ));
	assert_false(signal_is_similarity(HILF_SHA256));
	assert_false(signal_is_similarity(HILF_MD5));
	assert_false(signal_is_similarity(0));
	assert_false(signal_is_similarity(99));
	assert_int_equal(signal_type_of(HILF_PDQ)->radius, 31);
	assert_int_equal(signal_type_of(HILF_PDQ)->radius_max, 48);
	assert_null(signal_type_of(99));
}

static void values_that_stand_for_nothing_are_told_apart(void **state)
{
	(void)state;
	struct hilf_signal signal, zero = {.type = HILF_PDQ, .size = 32, .quality = 100};
	assert_int_equal(hilf_signal_parse("pdq", DIGITS64, &signal, NULL), HILF_OK);
	assert_false(signal_degenerate(&signal));
	signal.quality = 50;
	assert_false(signal_degenerate(&signal));
	signal.quality = 49;
	assert_true(signal_degenerate(&signal));
	assert_true(signal_degenerate(&zero));
	memset(zero.value, 0xff, sizeof zero.value);
	assert_true(signal_degenerate(&zero));
	/* An equal digest is equal, whatever it looks like. */
	zero.type = HILF_SHA256;
	assert_false(signal_degenerate(&zero));
}

static void orientations_and_variants_have_names(void **state)
{
	(void)state;
	assert_string_equal(hilf_orientation_name(HILF_ORIGINAL), "original");
	assert_string_equal(hilf_orientation_name(HILF_ROTATE90), "rotate90");
	assert_string_equal(hilf_orientation_name(HILF_FLIP_MINUS1), "flip_minus1");
	assert_string_equal(hilf_orientation_name(HILF_ORIENTATION_COUNT), "unknown");
	assert_string_equal(hilf_variant_name(HILF_AS_IS), "as_is");
	assert_string_equal(hilf_variant_name(HILF_ON_WHITE), "on_white");
	assert_string_equal(hilf_variant_name(3), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_parsed_formats_to_itself),
		cmocka_unit_test(what_is_not_a_signal_is_refused_with_the_reason),
		cmocka_unit_test(only_pdq_is_compared_by_likeness),
		cmocka_unit_test(values_that_stand_for_nothing_are_told_apart),
		cmocka_unit_test(orientations_and_variants_have_names),
	};
	return cmocka_run_group_tests_name("registry", tests, NULL, NULL);
}
