/* Records that are none: golden refusals, each with its reason. */
#include "wire/records_test.h"

/* Takes a golden record, writes `to` over the first `from`, and wants this code and this text. */
struct damage {
	const char *golden, *from, *to;
	enum hilf_code code;
	const char *error;
};

#define ADD    "entry.add.json"
#define LEAST  "entry.add.least.json"
#define BANK   "bank.create.json"
#define TAKE   "entry.withdraw.json"
#define CHANGE "entry.change.json"
#define EMPTY  "entry.change.none.json"
#define WORD   "opinion.give.json"
#define MEMBER "member.found.json"

static const struct damage damages[] = {
	/* the JSON */
	{BANK, "{\"author\"", " {\"author\"", HILF_E_INVALID,
		"not canonical JSON at byte 0: a blank or line end, which the canonical form does "
		"not have"},
	{BANK, "\"v\":1}", "\"v\":1}\n", HILF_E_INVALID,
		"not canonical JSON at byte 220: bytes after the end"},
	{BANK, "\"v\":1", "\"v\":1,\"v\":1", HILF_E_INVALID,
		"not canonical JSON at byte 220: a key that is there twice"},
	{BANK, "\"kind\":\"bank.create\",\"of\"", "\"of\":1,\"kind\"", HILF_E_INVALID,
		"not canonical JSON at byte 135: a key out of order; they are in ascending order"},
	{BANK, "_attacks", "\\u005fattacks", HILF_E_INVALID,
		"not canonical JSON at byte 65: an escape that the canonical form does not use"},
	{BANK, "_attacks",
		"\xff"
		"attacks",
		HILF_E_INVALID, "not canonical JSON at byte 65: bytes that are not UTF-8"},
	{BANK, "\"time\":1763750000000", "\"time\":1763750000000.0", HILF_E_INVALID,
		"not canonical JSON at byte 200: a number that is no integer"},
	{BANK, "\"time\":1763750000000", "\"time\":9007199254740992", HILF_E_INVALID,
		"not canonical JSON at byte 200: a number beyond 2^53 - 1"},
	{BANK, "\"name\":\"_attacks-2025.v1\"", "\"name\":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]",
		HILF_E_LIMIT, "JSON nested deeper than 16 levels at byte 78"},
	/* the frame */
	{BANK, "\"v\":1", "\"v\":2", HILF_E_VERSION,
		"a record of version 2, of which this hilf reads 1; a newer hilf is needed"},
	{BANK, "\"v\":1", "\"v\":0", HILF_E_INVALID,
		"not a record: at byte 218: a version that never was"},
	{BANK, ",\"v\":1", "", HILF_E_INVALID, "not a record: at byte 0: the key 'v' is missing"},
	{BANK, ",\"v\":1", ",\"u\":0,\"v\":1", HILF_E_INVALID,
		"not a record: at byte 218: unknown key 'u'"},
	{BANK, ",\"v\":1", ",\"v\":1,\"w\":0", HILF_E_INVALID,
		"not a record: at byte 224: unknown key 'w'"},
	{BANK, "bank.create", "bank.change", HILF_E_INVALID,
		"not a record: at byte 135: an unknown kind"},
	{BANK, "\"time\":1763750000000", "\"time\":\"1763750000000\"", HILF_E_INVALID,
		"not a record: at byte 200: an integer was expected, not a string"},
	{BANK, "\"time\":1763750000000", "\"time\":-1", HILF_E_INVALID,
		"not a record: the record's time is none in milliseconds since 1970"},
	{BANK, "019aa7b1-3580-7fff-bf03-040506070809", "019AA7B1-3580-7fff-bf03-040506070809",
		HILF_E_INVALID,
		"not a record: at byte 10: a UUID of version 7 in lower case was expected"},
	{BANK, "\"of\":\"019aa7b1-3580-7000-8000-000000000001\"",
		"\"of\":\"019aa7b1-3580-7000-8000-000000000002\"", HILF_E_INVALID,
		"not a record: a record of kind bank.create must be of itself"},
	{BANK, "{\"name\":\"_attacks-2025.v1\"}", "{}", HILF_E_INVALID,
		"not a record: at byte 56: the key 'name' is missing"},
	{BANK, "_attacks", "2attacks", HILF_E_INVALID,
		"not a record: the bank name '2attacks-2025.v1' must begin with a letter a-z, A-Z "
		"or '_'"},
	{BANK, "-2025", " 2025", HILF_E_INVALID,
		"not a record: the bank name '_attacks 2025.v1' may hold letters a-z and A-Z, "
		"digits, "
		"'_', '.' and '-' only"},
	{MEMBER, "\"00070e", "\"00070E", HILF_E_INVALID,
		"not a record: at byte 63: a key of 64 hexadecimal digits in lower case was "
		"expected"},
	{MEMBER, "Ninth", "Nin\\nth", HILF_E_INVALID,
		"not a record: the member's name holds an unseen character"},
	{"bank.remove.json", "{}", "{\"name\":\"x\"}", HILF_E_INVALID,
		"not a record: at byte 64: unknown key 'name'"},
	/* entries */
	{LEAST, "\"class\":\"unclassified\"", "\"class\":\"art\"", HILF_E_INVALID,
		"not a record: there is no class 'art'; there are: unclassified, "
		"incitement, "
		"solicit-offence, solicit-participation, instruction, threat, perpetrator, "
		"publication"},
	{LEAST, "f8f8f0cc", "F8f8f0cc", HILF_E_INVALID,
		"not a record: at byte 103: a pdq value has capital digits: write it in lower "
		"case"},
	{LEAST, "f8f8f0cc", "f8f8f0c", HILF_E_INVALID,
		"not a record: at byte 103: a pdq value has 64 hexadecimal digits, this one has "
		"63"},
	{LEAST, "f8f8f0cc", "f8f8g0cc", HILF_E_INVALID,
		"not a record: at byte 103: a pdq value is 64 hexadecimal digits, but character 5 "
		"is 'g'"},
	{LEAST, "\"pdq\"", "\"phash\"", HILF_E_INVALID,
		"not a record: at byte 103: unknown signal type 'phash'; known types are pdq, "
		"sha256 and "
		"md5"},
	{LEAST, ",100]", ",101]", HILF_E_INVALID,
		"not a record: at byte 177: a quality is 0 to 100"},
	{LEAST, ",100]", ",\"100\"]", HILF_E_INVALID,
		"not a record: at byte 177: an integer was expected, not a string"},
	{LEAST, ",100]", ",100,1]", HILF_E_INVALID,
		"not a record: at byte 103: a signal is a type, a value and at most a quality"},
	{LEAST, "[[\"pdq\",\"" PDQ_TEXT "\",100]]", "[]", HILF_E_INVALID,
		"not a record: entry 0: an entry without a signal"},
	{LEAST, "[{\"signals\":[[\"pdq\",\"" PDQ_TEXT "\",100]]}]", "[]", HILF_E_INVALID,
		"not a record: at byte 90: a record without an entry"},
	{LEAST, "{\"signals\"", "{\"labels\":{},\"signals\"", HILF_E_INVALID,
		"not a record: at byte 101: empty labels, which are left out"},
	{LEAST, "{\"signals\"", "{\"note\":\"x\",\"signals\"", HILF_E_INVALID,
		"not a record: at byte 99: unknown key 'note'"},
	{LEAST, "\"onward\"", "\"ground\":\"\",\"onward\"", HILF_E_INVALID,
		"not a record: at byte 218: an empty ground, which is left out"},
	{LEAST, "false", "0", HILF_E_INVALID,
		"not a record: at byte 218: true or false was expected, not an integer"},
	{LEAST, "\"unsaid\"", "\"said\"", HILF_E_INVALID,
		"not a record: at byte 233: an unknown source"},
	{LEAST, "\"*\"", "\"de\"", HILF_E_INVALID,
		"not a record: the territory 'de' must be '*' or two-letter countries as in "
		"'DE,FR'"},
	{ADD, "\"DE,FR\"", "\"FR,DE\"", HILF_E_INVALID,
		"not a record: the territory 'FR,DE' has countries out of order or twice; sort "
		"them"},
	{ADD, "\"expires\":1763750001000", "\"expires\":1826908400001", HILF_E_INVALID,
		"not a record: the expiry is more than 24 months (731 days) after the record's "
		"time; "
		"choose an earlier one"},
	{ADD, "\"expires\":1763750001000", "\"expires\":0", HILF_E_INVALID,
		"not a record: the expiry is no time in milliseconds since 1970"},
	{ADD, "StGB", "a@b", HILF_E_INVALID,
		"not a record: the ground holds '@'; a citation is letters, digits, blanks and "
		".,:;/()-'&+"},
	{ADD, "\"paris\"", "\"pa ris\"", HILF_E_INVALID,
		"not a record: entry 0: the value of label 'event' holds a blank; a label is one "
		"word "
		"that names no person"},
	{ADD, "\"paris\"", "\"p@ris\"", HILF_E_INVALID,
		"not a record: entry 0: the value of label 'event' holds '@'; a label is one word "
		"that "
		"names no person"},
	{ADD, "\"paris\"", "\"\"", HILF_E_INVALID,
		"not a record: entry 0: the label 'event' has no value"},
	{ADD, "\"event\"", "\"Event\"", HILF_E_INVALID,
		"not a record: entry 0: the label key 'Event' must be a letter a-z, then letters, "
		"digits, '_', '.' or '-'"},
	{ADD, "\"lang\":", "\"quality\":", HILF_E_INVALID,
		"not a record: the label key 'quality' is taken: it is the quality of a signal in "
		"import "
		"lines"},
	/* withdrawals */
	/* changes and opinions */
	{"bank.rename.json", "attacks.v2", "9", HILF_E_INVALID,
		"not a record: the bank name '9' must begin with a letter a-z, A-Z or '_'"},
	{"bank.rename.json", "{\"name\":\"attacks.v2\"}", "{}", HILF_E_INVALID,
		"not a record: at byte 56: the key 'name' is missing"},
	{CHANGE, "\"threat\"", "\"art\"", HILF_E_INVALID,
		"not a record: there is no class 'art'; there are: unclassified, "
		"incitement, solicit-offence, solicit-participation, instruction, threat, "
		"perpetrator, publication"},
	{CHANGE, "\"expires\":1763749999999", "\"expires\":0", HILF_E_INVALID,
		"not a record: at byte 178: the expiry is no time in milliseconds since 1970"},
	{CHANGE, "\"expires\":1763749999999", "\"expires\":-1", HILF_E_INVALID,
		"not a record: the expiry is no time in milliseconds since 1970"},
	{CHANGE, "\"expires\":1763749999999", "\"expires\":1826908400001", HILF_E_INVALID,
		"not a record: the expiry is more than 24 months (731 days) after the record's "
		"time; choose an earlier one"},
	{CHANGE, "\"expires\":1763749999999", "\"expires\":1763749999999,\"from\":1",
		HILF_E_INVALID, "not a record: at byte 199: unknown key 'from'"},
	{CHANGE, "2(7)(e)\"", "2(7)(e) \"", HILF_E_INVALID,
		"not a record: the ground begins or ends with a blank"},
	{CHANGE, "\"paris\"", "\"a b\"", HILF_E_INVALID,
		"not a record: the value of label 'event' holds a blank; a label is one word that "
		"names no person"},
	{CHANGE, "\"paris\"", "7", HILF_E_INVALID,
		"not a record: at byte 260: a string was expected, not an integer"},
	{CHANGE, "\"lang\"", "\"event\"", HILF_E_INVALID,
		"not canonical JSON at byte 268: a key that is there twice"},
	{EMPTY, "\"ground\":\"\",\"labels\":{}", "\"source\":\"human\"", HILF_E_INVALID,
		"not a record: at byte 119: unknown key 'source'"},
	{EMPTY, ",\"ground\":\"\",\"labels\":{}", "", HILF_E_INVALID,
		"not a record: a change that changes nothing"},
	{EMPTY, "[\"019aa7b1-3580-7000-8000-000000000001.0\"]", "[]", HILF_E_INVALID,
		"not a record: at byte 67: a record without an entry"},
	{WORD, "\"dispute\"", "\"doubt\"", HILF_E_INVALID,
		"not a record: at byte 161: an unknown opinion"},
	{WORD, ",\"opinion\":\"dispute\"", "", HILF_E_INVALID,
		"not a record: at byte 56: the key 'opinion' is missing"},
	{WORD, "\"dispute\"", "\"dispute\",\"why\":\"\"", HILF_E_INVALID,
		"not a record: at byte 177: unknown key 'why'"},
	{WORD, ".7\"", ".07\"", HILF_E_INVALID,
		"not a record: at byte 109: an entry's id, as UUID.NUMBER, was expected"},
	{TAKE, "\"appeal\"", "\"boredom\"", HILF_E_INVALID,
		"not a record: at byte 162: an unknown reason"},
	{TAKE, ".999\"", ".1000\"", HILF_E_INVALID,
		"not a record: at byte 109: an entry's id, as UUID.NUMBER, was expected"},
	{TAKE, ".999\"", ".09\"", HILF_E_INVALID,
		"not a record: at byte 109: an entry's id, as UUID.NUMBER, was expected"},
	{TAKE, "\"019aa7b1-3580-7000-8000-000000000001.0\"", "7", HILF_E_INVALID,
		"not a record: at byte 68: a string was expected, not an integer"},
};

static void refuse(
	const char *what, const char *bytes, size_t size, enum hilf_code code, const char *error)
{
	struct arena arena;
	struct record record, untouched;
	struct hilf_err err = {0};
	memset(&record, 0x5a, sizeof record);
	memset(&untouched, 0x5a, sizeof untouched);
	arena_init(&arena, 0);
	int rc = record_decode(bytes, size, &arena, &record, &err);
	arena_clear(&arena);
	if (rc != code || err.code != code || strcmp(err.text, error) != 0)
		fail_msg("%s: %d, %s\nwanted: %s", what, rc, err.text, error);
	assert_memory_equal(&record, &untouched, sizeof record);
}

static void damaged_records_are_refused_with_the_reason(void **state)
{
	struct buf bytes = BUF_INIT, damaged = BUF_INIT;
	(void)state;
	for (size_t i = 0; i < COUNT_OF(damages); i++) {
		const struct damage *damage = &damages[i];
		golden_read(damage->golden, &bytes);
		const char *at = strstr(bytes.data, damage->from);
		if (!at)
			fail_msg("%s is not in %s", damage->from, damage->golden);
		buf_clear(&damaged);
		buf_add(&damaged, bytes.data, (size_t)(at - bytes.data));
		buf_text(&damaged, damage->to);
		buf_text(&damaged, at + strlen(damage->from));
		refuse(damage->to, damaged.data, damaged.size, damage->code, damage->error);
	}
	refuse("nothing", "", 0, HILF_E_INVALID,
		"not canonical JSON at byte 0: a value was expected, but the text ends");
	refuse("an array", "[]", 2, HILF_E_INVALID,
		"not a record: at byte 0: an object was expected, not an array");
	golden_read(BANK, &bytes);
	for (size_t size = 0; size < bytes.size; size++) {
		struct arena arena;
		struct record record;
		struct hilf_err err;
		arena_init(&arena, 0);
		assert_int_equal(
			record_decode(bytes.data, size, &arena, &record, &err), HILF_E_INVALID);
		arena_clear(&arena);
	}
	buf_free(&bytes);
	buf_free(&damaged);
}

/* A bank.remove record with text in the place of its body. */
static void put_around(struct buf *buf, const char *kind, const char *body)
{
	buf_clear(buf);
	buf_format(buf,
		"{\"author\":\"%s\",\"body\":%s,\"id\":\"%s\",\"kind\":\"%s\",\"of\":\"%s\","
		"\"time\":1,\"v\":1}",
		"019aa7b1-3580-7fff-bf03-040506070809", body,
		"019aa7b1-3580-7fff-bf03-040506070809", kind,
		"019aa7b1-3580-7fff-bf03-040506070809");
}

static void numbers_and_sizes_are_bounded(void **state)
{
	struct buf body = BUF_INIT, bytes = BUF_INIT;
	(void)state;
	buf_text(&body, "{\"entries\":[");
	for (int i = 0; i < 1001; i++)
		buf_format(&body, "%s\"019aa7b1-3580-7fff-bf03-040506070809.%d\"", i ? "," : "",
			i % 1000);
	buf_text(&body, "],\"reason\":\"error\"}");
	put_around(&bytes, "entry.withdraw", body.data);
	refuse("1001 withdrawals", bytes.data, bytes.size, HILF_E_LIMIT,
		"not a record: at byte 67: 1001 entries in one record, of which 1000 are allowed");

	buf_clear(&body);
	buf_text(&body, "{\"class\":\"threat\",\"entries\":[");
	for (int i = 0; i < 1001; i++)
		buf_text(&body, i ? ",1" : "1");
	buf_text(&body,
		"],\"expires\":1,\"onward\":false,\"source\":\"human\",\"territory\":\"*\"}");
	put_around(&bytes, "entry.add", body.data);
	refuse("1001 entries", bytes.data, bytes.size, HILF_E_LIMIT,
		"not a record: at byte 84: 1001 entries in one record, of which 1000 are allowed");

	buf_clear(&body);
	buf_text(&body, "{\"class\":\"threat\",\"entries\":[{\"signals\":[");
	for (int i = 0; i < 17; i++)
		buf_format(&body, "%s[\"md5\",\"" MD5_TEXT "\"]", i ? "," : "");
	buf_text(&body,
		"]}],\"expires\":1,\"onward\":false,\"source\":\"human\",\"territory\":\"*\"}");
	put_around(&bytes, "entry.add", body.data);
	refuse("17 signals", bytes.data, bytes.size, HILF_E_LIMIT,
		"not a record: at byte 96: 17 signals in one entry, of which 16 are allowed");

	buf_clear(&body);
	buf_text(&body, "{\"class\":\"threat\",\"entries\":[{\"labels\":{");
	for (int i = 0; i < 33; i++)
		buf_format(&body, "%s\"a%02d\":\"x\"", i ? "," : "", i);
	buf_text(&body, "},\"signals\":[]}],\"expires\":1,\"onward\":false,\"source\":\"human\","
			"\"territory\":\"*\"}");
	put_around(&bytes, "entry.add", body.data);
	refuse("33 labels", bytes.data, bytes.size, HILF_E_LIMIT,
		"not a record: at byte 95: 33 labels, of which 32 are allowed");

	buf_clear(&bytes);
	for (unsigned i = 0; i <= LIMIT_RECORD_SIZE; i++)
		buf_char(&bytes, ' ');
	refuse("65,537 bytes", bytes.data, bytes.size, HILF_E_LIMIT,
		"65537 bytes of JSON, of which 65536 are allowed");
	buf_free(&body);
	buf_free(&bytes);
}

/* The encoder's refusals that no bytes can lead to, and its promise to leave the buffer alone. */
static void the_encoder_refuses_what_the_decoder_would(void **state)
{
	struct buf buf = BUF_INIT;
	struct hilf_err err;
	struct full full;
	struct hilf_label twice[2] = {{"a", "1"}, {"a", "2"}};
	static struct record_entry many[LIMIT_RECORD_ASSERTIONS + 1];
	(void)state;
	buf_text(&buf, "before");

	make_full(&full);
	full.signals[1].size = 16;
	assert_int_equal(record_encode(&full.record, &buf, &err), HILF_E_INVALID);
	assert_string_equal(err.text, "entry 0: a sha256 value has 32 bytes, this one has 16");

	make_full(&full);
	full.signals[0].quality = 101;
	assert_int_equal(record_encode(&full.record, &buf, &err), HILF_E_INVALID);
	assert_string_equal(err.text, "entry 0: a signal's quality is 101; it is 0 to 100");

	make_full(&full);
	full.entries[1].labels = twice;
	full.entries[1].label_count = 2;
	assert_int_equal(record_encode(&full.record, &buf, &err), HILF_E_INVALID);
	assert_string_equal(err.text, "entry 1: the label 'a' is there twice");

	make_full(&full);
	full.record.id[6] = 0x40;
	assert_int_equal(record_encode(&full.record, &buf, &err), HILF_E_INVALID);
	assert_string_equal(err.text, "a record's id, author and of must be UUIDs of version 7");

	make_full(&full);
	for (size_t i = 0; i < COUNT_OF(many); i++)
		many[i] = full.entries[1];
	full.record.add.entries = many;
	full.record.add.entry_count = COUNT_OF(many);
	assert_int_equal(record_encode(&full.record, &buf, &err), HILF_E_LIMIT);
	assert_string_equal(err.text, "1001 entries in one record, of which 1000 are allowed");
	full.record.add.entry_count--;
	assert_int_equal(record_encode(&full.record, &buf, &err), HILF_E_LIMIT);
	assert_string_equal(
		err.text, "the record is larger than 65536 bytes; put fewer entries into it");
	assert_string_equal(buf.data, "before");
	assert_int_equal(buf.size, 6);
	assert_false(buf.failed);
	buf_free(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(damaged_records_are_refused_with_the_reason),
		cmocka_unit_test(numbers_and_sizes_are_bounded),
		cmocka_unit_test(the_encoder_refuses_what_the_decoder_would),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
