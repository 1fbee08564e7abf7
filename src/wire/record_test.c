/* Records: golden bytes and golden refusals. */
#include "wire/record.h"

#include "base/check.h"
#include "base/hex.h"
#include "wire/golden_test.h"

#include <string.h>

/* The records of the golden files, all by one author in one bank. */
static const uint8_t author[UUID_SIZE] = {
	0x01, 0x9a, 0xa7, 0xb1, 0x35, 0x80, 0x7f, 0xff, 0xbf, 3, 4, 5, 6, 7, 8, 9};
static const uint8_t bank[UUID_SIZE] = {
	0x01, 0x9a, 0xa7, 0xb1, 0x35, 0x80, 0x70, 0x00, 0x80, 0, 0, 0, 0, 0, 0, 1};

#define TIME_MS 1763750000000

static struct record begin(enum record_kind kind, uint8_t last)
{
	struct record record;
	memset(&record, 0, sizeof record);
	record.kind = kind;
	record.time_ms = TIME_MS;
	memcpy(record.author, author, UUID_SIZE);
	memcpy(record.id, bank, UUID_SIZE);
	record.id[UUID_SIZE - 1] = last;
	memcpy(record.of, bank, UUID_SIZE);
	return record;
}

static struct hilf_signal signal_of(const char *type, const char *value, int quality)
{
	struct hilf_signal signal = {.type = !strcmp(type, "pdq")   ? HILF_PDQ
					     : !strcmp(type, "md5") ? HILF_MD5
								    : HILF_SHA256,
		.quality = (int16_t)quality};
	signal.size = (uint8_t)(strlen(value) / 2);
	assert_true(hex_decode(value, strlen(value), signal.value, signal.size));
	return signal;
}

#define PDQ_TEXT "f8f8f0cce0f4e84d0e370a22028f67f0b36e2ed596623e1d33e6339c4e9c9b22"
#define SHA_TEXT "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
#define MD5_TEXT "098f6bcd4621d373cade4e832627b4f6"

/* An entry.add with everything there is. */
struct full {
	struct record record;
	struct hilf_signal signals[3];
	struct hilf_label labels[2], more[2];
	struct record_entry entries[2];
};

static void make_full(struct full *full)
{
	memset(full, 0, sizeof *full);
	full->record = begin(RECORD_ENTRY_ADD, 2);
	full->signals[0] = signal_of("pdq", PDQ_TEXT, 100);
	full->signals[1] = signal_of("sha256", SHA_TEXT, HILF_QUALITY_UNKNOWN);
	full->signals[2] = signal_of("md5", MD5_TEXT, HILF_QUALITY_UNKNOWN);
	full->labels[0] = (struct hilf_label){"source.case", "a/7"};
	full->labels[1] = (struct hilf_label){"event", "paris"};
	full->more[0] = (struct hilf_label){"lang", "\xd8\xb9\xd8\xb1\xd8\xa8\xd9\x8a"};
	full->more[1] = (struct hilf_label){"kind", "a\"b\\c"};
	full->entries[0] = (struct record_entry){full->signals, 3, full->labels, 2};
	full->entries[1] = (struct record_entry){full->signals, 1, NULL, 0};
	full->record.add.content_class = "incitement";
	full->record.add.ground = "Regulation (EU) 2021/784, art. 2(7)(a); StGB \xc2\xa7 130";
	full->record.add.territory = "DE,FR";
	full->record.add.source = SOURCE_HUMAN;
	full->record.add.onward = true;
	full->record.add.expires_ms = TIME_MS + 1000;
	full->record.add.labels = full->more;
	full->record.add.label_count = 2;
	full->record.add.entries = full->entries;
	full->record.add.entry_count = 2;
}

static void encode(const struct record *record, struct buf *buf)
{
	struct hilf_err err;
	if (record_encode(record, buf, &err))
		fail_msg("%s", err.text);
}

/* --------------------------------------------------------------------------------------------- golden */

/* A golden file must be what the record encodes to, and decode to what encodes to it. */
static void golden(const char *name, const struct record *record)
{
	struct buf bytes = BUF_INIT, again = BUF_INIT;
	struct arena arena;
	struct record decoded;
	struct hilf_err err;
	encode(record, &bytes);
	golden_check(name, &bytes);
	arena_init(&arena, 0);
	if (record_decode(bytes.data, bytes.size, &arena, &decoded, &err))
		fail_msg("%s: %s", name, err.text);
	encode(&decoded, &again);
	assert_string_equal(again.data, bytes.data);
	arena_clear(&arena);
	buf_free(&bytes);
	buf_free(&again);
}

static void golden_records_stay_what_they_are(void **state)
{
	struct full full;
	struct record record = begin(RECORD_MEMBER_FOUND, 1);
	struct record_entry_id ids[2] = {{.ordinal = 0}, {.ordinal = 999}};
	(void)state;
	for (size_t i = 0; i < sizeof record.member.key; i++)
		record.member.key[i] = (uint8_t)(i * 7);
	record.member.name = "\"Ninth\" referral unit \xd8\xad";
	golden("member.found.json", &record);

	record = begin(RECORD_BANK_CREATE, 1);
	record.bank.name = "_attacks-2025.v1";
	golden("bank.create.json", &record);

	record = begin(RECORD_BANK_REMOVE, 9);
	golden("bank.remove.json", &record);

	make_full(&full);
	golden("entry.add.json", &full.record);

	full.record.add.content_class = "unclassified";
	full.record.add.ground = "";
	full.record.add.territory = "*";
	full.record.add.source = SOURCE_UNSAID;
	full.record.add.onward = false;
	full.record.add.label_count = 0;
	full.record.add.entries++;
	full.record.add.entry_count = 1;
	golden("entry.add.least.json", &full.record);

	record = begin(RECORD_ENTRY_WITHDRAW, 3);
	memcpy(ids[0].record, bank, UUID_SIZE);
	memcpy(ids[1].record, author, UUID_SIZE);
	record.withdraw.reason = REASON_APPEAL;
	record.withdraw.entries = ids;
	record.withdraw.entry_count = 2;
	golden("entry.withdraw.json", &record);
}

static void golden_changes_and_opinions_stay_what_they_are(void **state)
{
	static const struct hilf_label labels[2] = {{"lang", "ar"}, {"event", "paris"}};
	struct record_entry_id ids[2] = {{.ordinal = 0}, {.ordinal = 7}};
	struct record record = begin(RECORD_BANK_RENAME, 4);
	(void)state;
	memcpy(ids[0].record, bank, UUID_SIZE);
	memcpy(ids[1].record, author, UUID_SIZE);
	record.bank.name = "attacks.v2";
	golden("bank.rename.json", &record);

	record = begin(RECORD_ENTRY_CHANGE, 5);
	record.change.content_class = "threat";
	record.change.ground = "Regulation (EU) 2021/784, art. 2(7)(e)";
	record.change.expires_ms = TIME_MS - 1;
	record.change.set_labels = true;
	record.change.labels = labels;
	record.change.label_count = 2;
	record.change.entries = ids;
	record.change.entry_count = 2;
	golden("entry.change.json", &record);

	record.change.content_class = NULL;
	record.change.ground = "";
	record.change.expires_ms = 0;
	record.change.label_count = 0;
	record.change.entry_count = 1;
	golden("entry.change.none.json", &record);

	record = begin(RECORD_OPINION_GIVE, 6);
	record.opinion.opinion = HILF_DISPUTE;
	record.opinion.entries = ids;
	record.opinion.entry_count = 2;
	golden("opinion.give.json", &record);
}

/* -------------------------------------------------------------------------------------------- refusals */

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

/* ---------------------------------------------------------------------------------------------- names */

static void entry_ids_have_one_spelling(void **state)
{
	struct record_entry_id id = {.ordinal = 0}, again;
	char text[HILF_ID_TEXT_MAX];
	static const char *const bad[] = {
		"",
		"019aa7b1-3580-7000-8000-000000000001",
		"019aa7b1-3580-7000-8000-000000000001.",
		"019aa7b1-3580-7000-8000-000000000001.00",
		"019aa7b1-3580-7000-8000-000000000001.1000",
		"019aa7b1-3580-7000-8000-000000000001.-1",
		"019aa7b1-3580-7000-8000-000000000001.1 ",
		"019aa7b1-3580-7000-8000-000000000001:1",
		"019aa7b1-3580-4000-8000-000000000001.1",
	};
	(void)state;
	memcpy(id.record, bank, UUID_SIZE);
	for (id.ordinal = 0; id.ordinal < LIMIT_RECORD_ASSERTIONS; id.ordinal++) {
		record_entry_id_format(&id, text);
		assert_true(record_entry_id_parse(text, strlen(text), &again));
		assert_int_equal(again.ordinal, id.ordinal);
		assert_memory_equal(again.record, id.record, UUID_SIZE);
	}
	assert_string_equal(text, "019aa7b1-3580-7000-8000-000000000001.999");
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_false(record_entry_id_parse(bad[i], strlen(bad[i]), &again));
}

static void closed_lists_are_closed(void **state)
{
	enum record_reason reason;
	(void)state;
	assert_string_equal(hilf_class_name(0), "unclassified");
	assert_string_equal(hilf_class_name(7), "publication");
	assert_null(hilf_class_name(8));
	assert_null(record_kind_name((enum record_kind)0));
	assert_null(record_kind_name((enum record_kind)99));
	assert_null(record_source_name((enum record_source)4));
	assert_null(record_reason_name((enum record_reason)7));
	for (int i = 0; i < 7; i++) {
		const char *name = record_reason_name((enum record_reason)i);
		assert_true(record_reason_parse(name, strlen(name), &reason));
		assert_int_equal(reason, i);
	}
	assert_false(record_reason_parse("err", 3, &reason));
}

static void names_are_checked_with_a_word_on_the_rule(void **state)
{
	struct hilf_err err;
	char long_name[LIMIT_BANK_NAME + 2];
	(void)state;
	memset(long_name, 'a', sizeof long_name);
	long_name[LIMIT_BANK_NAME] = '\0';
	assert_int_equal(record_check_bank_name(long_name, &err), 0);
	long_name[LIMIT_BANK_NAME] = 'a';
	long_name[LIMIT_BANK_NAME + 1] = '\0';
	assert_int_equal(record_check_bank_name(long_name, &err), HILF_E_INVALID);
	assert_string_equal(err.text,
		"the bank name 'aaaaaaaaaaaaaaaaaaaaaaaa...' is too long: 64 bytes are allowed");
	assert_int_equal(record_check_bank_name("", &err), HILF_E_INVALID);
	assert_string_equal(err.text, "a bank's name is empty; give it one, such as 'attacks'");
	assert_int_equal(record_check_bank_name("a\nb", &err), HILF_E_INVALID);
	assert_string_equal(err.text,
		"the bank name 'a\\x0ab' may hold letters a-z and A-Z, digits, "
		"'_', '.' and '-' only");
	assert_int_equal(record_check_ground(" art. 1", &err), HILF_E_INVALID);
	assert_string_equal(err.text, "the ground begins or ends with a blank");
	assert_int_equal(record_check_ground("art.\xe2\x80\xae 1", &err), HILF_E_INVALID);
	assert_string_equal(err.text,
		"the ground holds '\\xe2\\x80\\xae'; a citation is letters, digits, "
		"blanks and .,:;/()-'&+");
	assert_int_equal(record_check_label(&(struct hilf_label){"", "x"}, &err), HILF_E_INVALID);
	assert_string_equal(err.text, "a label without a key; write KEY=VALUE");
	assert_int_equal(record_check_label(&(struct hilf_label){"k", "a\xe2\x80\x8b"}, &err),
		HILF_E_INVALID);
	assert_string_equal(err.text,
		"the value of label 'k' holds an unseen character; a label is one "
		"word that names no person");
	/* Persian needs the zero-width non-joiner. */
	assert_int_equal(
		record_check_label(
			&(struct hilf_label){"k", "\xd9\x85\xdb\x8c\xe2\x80\x8c\xd8\xae"}, &err),
		0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden_records_stay_what_they_are),
		cmocka_unit_test(golden_changes_and_opinions_stay_what_they_are),
		cmocka_unit_test(damaged_records_are_refused_with_the_reason),
		cmocka_unit_test(numbers_and_sizes_are_bounded),
		cmocka_unit_test(the_encoder_refuses_what_the_decoder_would),
		cmocka_unit_test(entry_ids_have_one_spelling),
		cmocka_unit_test(closed_lists_are_closed),
		cmocka_unit_test(names_are_checked_with_a_word_on_the_rule),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
