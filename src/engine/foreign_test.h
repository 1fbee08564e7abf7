/* A second member, who writes into the same store beside the handle, as records of another node will come one day. */
#ifndef ENGINE_FOREIGN_TEST_H
#define ENGINE_FOREIGN_TEST_H

#include "base/buf.h"
#include "engine/place_test.h"
#include "os/clock.h"
#include "store/store.h"

#include <sodium.h>

struct foreign {
	uint8_t id[UUID_SIZE], secret_key[64];
};

/* Signs and appends; says whether it had an effect. */
static inline bool foreign_write(
	struct place *place, const struct foreign *foreign, struct record *record)
{
	const struct store_conf conf = {.dir = place->dir, .activity = "test"};
	struct store *store;
	struct buf buf = BUF_INIT;
	uint8_t signature[64], salt[32] = {0}, random[10];
	bool effect = false;
	random_bytes(random, sizeof random);
	record->time_ms = clock_now_ms();
	if (record->kind != RECORD_MEMBER_FOUND)
		uuid_make(record->time_ms, random, record->id);
	if (record->kind == RECORD_BANK_CREATE)
		memcpy(record->of, record->id, UUID_SIZE);
	memcpy(record->author, foreign->id, UUID_SIZE);
	must(record_encode(record, &buf, &place->err));
	crypto_sign_detached(
		signature, NULL, (unsigned char *)buf.data, buf.size, foreign->secret_key);
	const struct store_append append = {
		buf.data, buf.size, signature, record, salt, record->time_ms};
	must(store_open(&conf, &store, &place->err));
	must(store_begin(store, &place->err));
	must(store_append(store, &append, NULL, &effect, &place->err));
	must(store_commit(store, &place->err));
	store_close(store);
	buf_free(&buf);
	return effect;
}

static inline void foreign_found(struct place *place, struct foreign *ret_foreign)
{
	struct record record = {.kind = RECORD_MEMBER_FOUND, .member.name = ""};
	uint8_t random[10];
	random_bytes(random, sizeof random);
	uuid_make(clock_now_ms(), random, ret_foreign->id);
	crypto_sign_keypair(record.member.key, ret_foreign->secret_key);
	memcpy(record.id, ret_foreign->id, UUID_SIZE);
	memcpy(record.of, ret_foreign->id, UUID_SIZE);
	assert_true(foreign_write(place, ret_foreign, &record));
}

/* What the foreign record shall speak of. */
struct foreign_target {
	uint8_t bank[UUID_SIZE];
	struct record_entry_id entry;
};

static inline int foreign_keep(const struct hilf_entry *entry, void *ctx)
{
	struct foreign_target *target = ctx;
	assert_true(record_entry_id_parse(entry->gid, strlen(entry->gid), &target->entry));
	return 0;
}

static inline struct foreign_target foreign_aim(
	struct place *place, const char *bank_name, const char *entry)
{
	struct foreign_target target;
	struct hilf_bank bank;
	must(hilf_bank_get(place->hilf, bank_name, &bank, &place->err));
	assert_true(uuid_parse(bank.gid, strlen(bank.gid), target.bank));
	must(hilf_entry_get(place->hilf, entry, foreign_keep, &target, &place->err));
	return target;
}

#endif
