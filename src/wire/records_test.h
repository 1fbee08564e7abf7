/* For tests of records: one with everything there is, and what it is made of. */
#ifndef WIRE_RECORDS_TEST_H
#define WIRE_RECORDS_TEST_H

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

static inline struct record begin(enum record_kind kind, uint8_t last)
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

static inline struct hilf_signal signal_of(const char *type, const char *value, int quality)
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

static inline void make_full(struct full *full)
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

static inline void encode(const struct record *record, struct buf *buf)
{
	struct hilf_err err;
	if (record_encode(record, buf, &err))
		fail_msg("%s", err.text);
}

#endif
