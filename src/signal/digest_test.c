/* The digests' published examples (FIPS 180-4, RFC 1321), in one piece and in many, and one object for many streams. */
#include "signal/digest.h"

#include "base/check.h"
#include "base/hex.h"
#include "test/unit.h"

#include <string.h>

static void check(struct digest *digest, const char *sha256, const char *md5)
{
	uint8_t values[DIGEST_SHA256_SIZE + DIGEST_MD5_SIZE];
	char text[2 * DIGEST_SHA256_SIZE + 1];
	assert_int_equal(digest_finish(digest, values, values + DIGEST_SHA256_SIZE, NULL), HILF_OK);
	hex_encode(values, DIGEST_SHA256_SIZE, text);
	assert_string_equal(text, sha256);
	hex_encode(values + DIGEST_SHA256_SIZE, DIGEST_MD5_SIZE, text);
	assert_string_equal(text, md5);
}

static const struct {
	const char *text, *sha256, *md5;
} examples[] = {
	{"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"d41d8cd98f00b204e9800998ecf8427e"},
	{"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
		"900150983cd24fb0d6963f7d28e17f72"},
	{"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
		"8215ef0796a20bcaaae116d3876c664a"},
};

static void streams_digest_as_published_one_after_the_other(void **state)
{
	(void)state;
	struct digest *digest;
	assert_int_equal(digest_new(&digest, NULL), HILF_OK);
	for (unsigned round = 0; round < 2; round++)
		for (size_t i = 0; i < COUNT_OF(examples); i++) {
			size_t size = strlen(examples[i].text);
			assert_int_equal(
				digest_update(digest, examples[i].text, size, NULL), HILF_OK);
			check(digest, examples[i].sha256, examples[i].md5);
		}
	digest_free(digest);
	digest_free(NULL);
}

static void a_million_letters_digest_alike_in_any_portions(void **state)
{
	(void)state;
	static const size_t portions[] = {1000000, 1, 63, 64, 65536, 65537, 200001};
	struct digest *digest;
	char *letters = malloc(1000000);
	assert_non_null(letters);
	memset(letters, 'a', 1000000);
	assert_int_equal(digest_new(&digest, NULL), HILF_OK);
	for (size_t i = 0; i < COUNT_OF(portions); i++) {
		for (size_t at = 0; at < 1000000; at += portions[i]) {
			size_t size = 1000000 - at < portions[i] ? 1000000 - at : portions[i];
			assert_int_equal(digest_update(digest, letters + at, size, NULL), HILF_OK);
		}
		check(digest, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
			"7707d6ae4e027c70eea2a935c2296f21");
	}
	digest_free(digest);
	free(letters);
}

static void a_restart_forgets_what_came_before(void **state)
{
	(void)state;
	struct digest *digest;
	assert_int_equal(digest_new(&digest, NULL), HILF_OK);
	assert_int_equal(digest_update(digest, "half a file", 11, NULL), HILF_OK);
	assert_int_equal(digest_restart(digest, NULL), HILF_OK);
	check(digest, examples[0].sha256, examples[0].md5);
	digest_free(digest);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(streams_digest_as_published_one_after_the_other),
		cmocka_unit_test(a_million_letters_digest_alike_in_any_portions),
		cmocka_unit_test(a_restart_forgets_what_came_before),
	};
	return cmocka_run_group_tests_name("digest", tests, NULL, NULL);
}
