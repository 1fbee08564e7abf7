/* decode(encode(record)) == record over random records, and the sizes foretold for each. */
#include "wire/record.h"

#include "base/check.h"
#include "test/unit.h"

#include <string.h>

static uint64_t random_state = 88172645463325252u;

static uint64_t draw(uint64_t below)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (random_state >> 11) % below;
}

static void draw_uuid(uint8_t ret_uuid[UUID_SIZE])
{
	uint8_t random[10];
	for (size_t i = 0; i < sizeof random; i++)
		random[i] = (uint8_t)draw(256);
	uuid_make((int64_t)draw(1ull << 48), random, ret_uuid);
}

static const char *draw_text(
	struct arena *arena, const char *const *parts, size_t count, size_t most)
{
	struct buf buf = BUF_INIT;
	size_t want = 1 + draw(most);
	for (;;) {
		const char *part = parts[draw(count)];
		if (buf.size + strlen(part) > want)
			break;
		buf_text(&buf, part);
	}
	if (!buf.size)
		buf_text(&buf, parts[0]);
	const char *text = arena_text(arena, buf.data, buf.size);
	buf_free(&buf);
	return text;
}

static const struct hilf_label *draw_labels(struct arena *arena, size_t *ret_count)
{
	static const char *const parts[] = {
		"x", "Q7", "\"", "\\", "\xd8\xad", "\xe2\x80\x8c", "\xf0\x9f\x99\x82", "=", "-"};
	size_t count = draw(3) ? 0 : draw(LIMIT_LABELS + 1);
	struct hilf_label *labels = arena_array(arena, count, sizeof *labels);
	for (size_t i = 0; i < count; i++) {
		char key[LIMIT_LABEL_KEY + 1];
		snprintf(key, sizeof key, "%c%zu%.*s", (char)('a' + draw(26)), i, (int)draw(20),
			"_._-abcdefghijklmnopqrstuvwxyz");
		labels[i].key = arena_text(arena, key, strlen(key));
		labels[i].value = draw_text(arena, parts, COUNT_OF(parts), LIMIT_LABEL_VALUE);
	}
	*ret_count = count;
	return labels;
}

static void draw_entry(struct arena *arena, struct record_entry *ret_entry)
{
	struct hilf_signal *signals = arena_array(arena, LIMIT_ENTRY_SIGNALS, sizeof *signals);
	ret_entry->signals = signals;
	ret_entry->signal_count = draw(4) ? 1 : 1 + draw(LIMIT_ENTRY_SIGNALS);
	for (size_t i = 0; i < ret_entry->signal_count; i++) {
		signals[i].type = (uint8_t)(1 + draw(3));
		signals[i].size = signals[i].type == HILF_MD5 ? 16 : 32;
		signals[i].quality = (int16_t)((int)draw(102) - 1);
		for (size_t k = 0; k < signals[i].size; k++)
			signals[i].value[k] = (uint8_t)draw(256);
	}
	ret_entry->labels = draw_labels(arena, &ret_entry->label_count);
}

static void draw_add(struct arena *arena, struct record *record)
{
	static const char *const grounds[] = {
		"a", "Z", "9", "\xc2\xa7", "(", "), ", "\xd9\x82", "/"};
	static const char *const territories[] = {"*", "DE", "DE,FR", "AA,AB,BA,ZZ"};
	struct record_entry *entries = arena_array(arena, LIMIT_RECORD_ASSERTIONS, sizeof *entries);
	record->add.content_class = hilf_class_name((unsigned)draw(8));
	record->add.ground =
		draw(2) ? "" : draw_text(arena, grounds, COUNT_OF(grounds), LIMIT_GROUND);
	if (record->add.ground[0] && record->add.ground[strlen(record->add.ground) - 1] == ' ')
		record->add.ground = "9";
	record->add.territory = territories[draw(COUNT_OF(territories))];
	record->add.source = (enum record_source)draw(4);
	record->add.onward = draw(2);
	record->add.expires_ms = 1 + (int64_t)draw((uint64_t)record->time_ms + LIMIT_EXPIRY_MS - 1);
	if (record->add.expires_ms > LIMIT_JSON_INTEGER)
		record->add.expires_ms = LIMIT_JSON_INTEGER;
	record->add.labels = draw_labels(arena, &record->add.label_count);
	record->add.entries = entries;
	record->add.entry_count = 1 + draw(draw(10) ? 20 : LIMIT_RECORD_ASSERTIONS);
	for (size_t i = 0; i < record->add.entry_count; i++)
		draw_entry(arena, &entries[i]);
}

static const struct record_entry_id *draw_ids(struct arena *arena, size_t *ret_count)
{
	size_t count = 1 + draw(LIMIT_RECORD_ASSERTIONS);
	struct record_entry_id *ids = arena_array(arena, count, sizeof *ids);
	for (size_t i = 0; i < count; i++) {
		draw_uuid(ids[i].record);
		ids[i].ordinal = (uint32_t)draw(LIMIT_RECORD_ASSERTIONS);
	}
	*ret_count = count;
	return ids;
}

static void draw_change(struct arena *arena, struct record *record)
{
	unsigned what = 1 + (unsigned)draw(15);
	record->change.content_class = what & 1 ? hilf_class_name((unsigned)draw(8)) : NULL;
	record->change.ground = what & 2 ? draw(3) ? "art. 2(7)" : "" : NULL;
	record->change.expires_ms = what & 4 ? 1 + (int64_t)draw((uint64_t)record->time_ms + 1) : 0;
	if (record->change.expires_ms > LIMIT_JSON_INTEGER)
		record->change.expires_ms = LIMIT_JSON_INTEGER;
	record->change.set_labels = what & 8;
	if (record->change.set_labels)
		record->change.labels = draw_labels(arena, &record->change.label_count);
	record->change.entries = draw_ids(arena, &record->change.entry_count);
}

static void draw_record(struct arena *arena, struct record *record)
{
	memset(record, 0, sizeof *record);
	record->kind = (enum record_kind)(1 + draw(8));
	record->time_ms = (int64_t)draw(LIMIT_JSON_INTEGER + 1ull);
	draw_uuid(record->id);
	draw_uuid(record->author);
	draw_uuid(record->of);
	if (record->kind == RECORD_MEMBER_FOUND || record->kind == RECORD_BANK_CREATE)
		memcpy(record->of, record->id, UUID_SIZE);
	if (record->kind == RECORD_MEMBER_FOUND) {
		for (size_t i = 0; i < sizeof record->member.key; i++)
			record->member.key[i] = (uint8_t)draw(256);
		record->member.name = draw(2) ? "" : "\xc3\x89tat \"9\"";
	} else if (record->kind == RECORD_BANK_CREATE || record->kind == RECORD_BANK_RENAME) {
		record->bank.name = draw(2) ? "a" : "_-.x9";
	} else if (record->kind == RECORD_ENTRY_ADD) {
		draw_add(arena, record);
	} else if (record->kind == RECORD_ENTRY_WITHDRAW) {
		record->withdraw.reason = (enum record_reason)draw(7);
		record->withdraw.entries = draw_ids(arena, &record->withdraw.entry_count);
	} else if (record->kind == RECORD_ENTRY_CHANGE) {
		draw_change(arena, record);
	} else if (record->kind == RECORD_OPINION_GIVE) {
		record->opinion.opinion = (enum hilf_opinion)draw(4);
		record->opinion.entries = draw_ids(arena, &record->opinion.entry_count);
	}
}

static void same_labels(
	const struct hilf_label *a, size_t a_count, const struct hilf_label *b, size_t b_count)
{
	assert_int_equal(a_count, b_count);
	for (size_t i = 0; i < b_count; i++) {
		size_t k = 0;
		if (i)
			assert_true(strcmp(b[i - 1].key, b[i].key) < 0);
		while (k < a_count && strcmp(a[k].key, b[i].key) != 0)
			k++;
		assert_true(k < a_count);
		assert_string_equal(a[k].value, b[i].value);
	}
}

static void same_add(const struct record *a, const struct record *b)
{
	assert_string_equal(a->add.content_class, b->add.content_class);
	assert_string_equal(a->add.ground, b->add.ground);
	assert_string_equal(a->add.territory, b->add.territory);
	assert_int_equal(a->add.source, b->add.source);
	assert_int_equal(a->add.onward, b->add.onward);
	assert_int_equal(a->add.expires_ms, b->add.expires_ms);
	same_labels(a->add.labels, a->add.label_count, b->add.labels, b->add.label_count);
	assert_int_equal(a->add.entry_count, b->add.entry_count);
	for (size_t i = 0; i < a->add.entry_count; i++) {
		const struct record_entry *x = &a->add.entries[i], *y = &b->add.entries[i];
		assert_int_equal(x->signal_count, y->signal_count);
		assert_memory_equal(x->signals, y->signals, x->signal_count * sizeof *x->signals);
		same_labels(x->labels, x->label_count, y->labels, y->label_count);
	}
}

static void same_ids(const struct record_entry_id *a, size_t a_count,
	const struct record_entry_id *b, size_t b_count)
{
	assert_int_equal(a_count, b_count);
	for (size_t i = 0; i < a_count; i++) {
		assert_memory_equal(a[i].record, b[i].record, UUID_SIZE);
		assert_int_equal(a[i].ordinal, b[i].ordinal);
	}
}

static void same_text(const char *a, const char *b)
{
	assert_int_equal(a != NULL, b != NULL);
	if (a)
		assert_string_equal(a, b);
}

static void same_change(const struct record *a, const struct record *b)
{
	same_text(a->change.content_class, b->change.content_class);
	same_text(a->change.ground, b->change.ground);
	assert_int_equal(a->change.expires_ms, b->change.expires_ms);
	assert_int_equal(a->change.set_labels, b->change.set_labels);
	same_labels(
		a->change.labels, a->change.label_count, b->change.labels, b->change.label_count);
	same_ids(
		a->change.entries, a->change.entry_count, b->change.entries, b->change.entry_count);
}

static void same_record(const struct record *a, const struct record *b)
{
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->time_ms, b->time_ms);
	assert_memory_equal(a->id, b->id, UUID_SIZE);
	assert_memory_equal(a->author, b->author, UUID_SIZE);
	assert_memory_equal(a->of, b->of, UUID_SIZE);
	switch (a->kind) {
	case RECORD_MEMBER_FOUND:
		assert_memory_equal(a->member.key, b->member.key, sizeof a->member.key);
		assert_string_equal(a->member.name, b->member.name);
		break;
	case RECORD_BANK_CREATE:
	case RECORD_BANK_RENAME:
		assert_string_equal(a->bank.name, b->bank.name);
		break;
	case RECORD_BANK_REMOVE:
		break;
	case RECORD_ENTRY_ADD:
		same_add(a, b);
		break;
	case RECORD_ENTRY_WITHDRAW:
		assert_int_equal(a->withdraw.reason, b->withdraw.reason);
		same_ids(a->withdraw.entries, a->withdraw.entry_count, b->withdraw.entries,
			b->withdraw.entry_count);
		break;
	case RECORD_ENTRY_CHANGE:
		same_change(a, b);
		break;
	case RECORD_OPINION_GIVE:
		assert_int_equal(a->opinion.opinion, b->opinion.opinion);
		same_ids(a->opinion.entries, a->opinion.entry_count, b->opinion.entries,
			b->opinion.entry_count);
		break;
	}
}

static void random_records_decode_to_what_was_encoded(void **state)
{
	struct buf bytes = BUF_INIT;
	unsigned encoded = 0;
	(void)state;
	for (int round = 0; round < 400; round++) {
		struct arena arena;
		struct record record, decoded;
		struct hilf_err err;
		arena_init(&arena, 0);
		draw_record(&arena, &record);
		size_t foretold = 0;
		if (record.kind == RECORD_ENTRY_ADD) {
			foretold = record_add_size(&record);
			for (size_t i = 0; i < record.add.entry_count; i++)
				foretold += record_entry_size(&record.add.entries[i]);
		}
		buf_clear(&bytes);
		int rc = record_encode(&record, &bytes, &err);
		if (rc == HILF_E_LIMIT) {
			assert_true(
				record.kind != RECORD_ENTRY_ADD || foretold > LIMIT_RECORD_SIZE);
		} else {
			if (rc || record_decode(bytes.data, bytes.size, &arena, &decoded, &err))
				fail_msg("round %d: %s", round, err.text);
			same_record(&record, &decoded);
			if (record.kind == RECORD_ENTRY_ADD)
				assert_in_range(foretold, bytes.size, bytes.size + 32);
			encoded++;
		}
		arena_clear(&arena);
	}
	assert_true(encoded > 200);
	buf_free(&bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_records_decode_to_what_was_encoded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
