/* Records: golden bytes, and names. */
#include "wire/records_test.h"

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
		cmocka_unit_test(entry_ids_have_one_spelling),
		cmocka_unit_test(closed_lists_are_closed),
		cmocka_unit_test(names_are_checked_with_a_word_on_the_rule),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
