/* What a reader of the store is told, and what one entry is: for the tests of what changes. */
#ifndef STORE_READER_TEST_H
#define STORE_READER_TEST_H

#include "store/store_fixture.h"
#include "test/unit.h"

#include <string.h>

struct told {
	char content_class[40], ground[40], bank[HILF_BANK_NAME_MAX + 1], labels[200];
	int64_t expires_ms;
	bool withdrawn;
	uint32_t counts[4];
	unsigned times;
};

static inline int keep(const struct store_told *from, void *ctx)
{
	struct told *told = ctx;
	told->times++;
	snprintf(told->content_class, sizeof told->content_class, "%s", from->meta->content_class);
	snprintf(told->ground, sizeof told->ground, "%s", from->meta->ground);
	snprintf(told->bank, sizeof told->bank, "%s", from->bank->name);
	told->labels[0] = '\0';
	for (size_t i = 0; i < from->meta->label_count; i++)
		snprintf(told->labels + strlen(told->labels),
			sizeof told->labels - strlen(told->labels), "%s=%s ",
			from->meta->labels[i].key, from->meta->labels[i].value);
	told->expires_ms = from->entry.expires_ms;
	told->withdrawn = from->withdrawn;
	told->counts[HILF_CONFIRM] = from->confirm_count;
	told->counts[HILF_DISPUTE] = from->dispute_count;
	told->counts[HILF_SEEN] = from->seen_count;
	return 0;
}

static inline struct told tell(struct fixture *fixture, uint64_t id)
{
	struct told told = {.times = 0};
	assert_int_equal(store_entry_tell(fixture->store, id, NULL, keep, &told, &fixture->err), 0);
	assert_int_equal(told.times, 1);
	return told;
}

#define ENTRIES_MAX 1000
#define BANKS_MAX   16
/* A reader's memory, as the callbacks fill it: what engine/known.c does, without its speed. */
struct reader {
	uint64_t seq;
	struct {
		bool there, disputed;
		uint32_t bank, meta;
		int64_t expires_ms;
	} entries[ENTRIES_MAX];
	char banks[BANKS_MAX][HILF_BANK_NAME_MAX + 1];
	unsigned changes, dispute_calls;
};

static inline int read_bank(const struct store_bank *bank, void *ctx)
{
	struct reader *reader = ctx;
	assert_true(bank->id < BANKS_MAX);
	memcpy(reader->banks[bank->id], bank->name, sizeof bank->name);
	return 0;
}

static inline void read_as(struct reader *reader, const struct store_entry *entry)
{
	reader->entries[entry->id].bank = entry->bank;
	reader->entries[entry->id].meta = entry->meta;
	reader->entries[entry->id].expires_ms = entry->expires_ms;
}

static inline int read_entry(const struct store_entry *entry, void *ctx)
{
	struct reader *reader = ctx;
	assert_true(entry->id < ENTRIES_MAX && !reader->entries[entry->id].there);
	reader->entries[entry->id].there = true;
	read_as(reader, entry);
	return 0;
}

static inline int read_changed(const struct store_entry *entry, void *ctx)
{
	struct reader *reader = ctx;
	assert_true(reader->entries[entry->id].there);
	read_as(reader, entry);
	reader->changes++;
	return 0;
}

static inline int read_withdrawn(uint64_t entry, void *ctx)
{
	struct reader *reader = ctx;
	memset(&reader->entries[entry], 0, sizeof reader->entries[entry]);
	return 0;
}

static inline int read_disputed(uint64_t entry, bool disputed, void *ctx)
{
	struct reader *reader = ctx;
	reader->dispute_calls++;
	if (reader->entries[entry].there)
		reader->entries[entry].disputed = disputed;
	return 0;
}

static const struct store_sink reading = {.bank = read_bank,
	.entry = read_entry,
	.withdrawn = read_withdrawn,
	.changed = read_changed,
	.disputed = read_disputed};

static inline void read_on(struct fixture *fixture, struct reader *reader)
{
	if (store_replay(fixture->store, reader->seq, &reading, reader, &reader->seq,
		    &fixture->err) != 0)
		fail_msg("%s", fixture->err.text);
}

static inline void same_readers(const struct reader *a, const struct reader *b)
{
	assert_int_equal(a->seq, b->seq);
	for (size_t i = 0; i < BANKS_MAX; i++)
		assert_string_equal(a->banks[i], b->banks[i]);
	for (size_t i = 0; i < ENTRIES_MAX; i++) {
		assert_int_equal(a->entries[i].there, b->entries[i].there);
		assert_int_equal(a->entries[i].disputed, b->entries[i].disputed);
		assert_int_equal(a->entries[i].bank, b->entries[i].bank);
		assert_int_equal(a->entries[i].meta, b->entries[i].meta);
		assert_int_equal(a->entries[i].expires_ms, b->entries[i].expires_ms);
	}
}

static inline int pass_over(const char *level, const char *what, const char *text, void *ctx)
{
	unsigned *mended = ctx;
	(void)what, (void)text;
	*mended += strcmp(level, "mended") == 0;
	return 0;
}

static inline uint64_t fsck(struct fixture *fixture, bool check_only, unsigned *ret_mended)
{
	uint64_t problems = 99;
	*ret_mended = 0;
	if (store_fsck(fixture->store, check_only, pass_over, ret_mended, &problems,
		    &fixture->err) != 0)
		fail_msg("%s", fixture->err.text);
	return problems;
}

#endif
