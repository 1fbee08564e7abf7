/* Real records with real signatures, in a folder under $TMPDIR or /tmp. */
#include "store/store_fixture.h"

#include "base/check.h"
#include "os/clock.h"
#include "os/file.h"

#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENTRIES_MAX 700
#define PATIENCE_MS 180000 /* for another writer, however slow the machine */

void fixture_reopen(struct fixture *fixture)
{
	const struct store_conf conf = {
		.dir = fixture->dir, .create = true, .activity = "test", .wait_ms = PATIENCE_MS};
	if (store_open(&conf, &fixture->store, &fixture->err) != 0) {
		fprintf(stderr, "fixture: %s\n", fixture->err.text);
		abort();
	}
}

static void make_folder(struct fixture *fixture)
{
	const char *above = getenv("TMPDIR");
	memset(fixture, 0, sizeof *fixture);
	snprintf(fixture->dir, sizeof fixture->dir, "%s/hilf-store-XXXXXX",
		above && strlen(above) < 40 ? above : "/tmp");
	if (sodium_init() < 0 || !mkdtemp(fixture->dir))
		abort();
}

void fixture_open(struct fixture *fixture)
{
	make_folder(fixture);
	fixture_reopen(fixture);
}

void fixture_golden(struct fixture *fixture, const char *name)
{
	const char *source = getenv("HILF_SOURCE");
	char path[512], to[128];
	struct buf text = BUF_INIT;
	sqlite3 *db;
	make_folder(fixture);
	snprintf(
		path, sizeof path, "%s/test/golden/store/%s/hilf.sql", source ? source : ".", name);
	fixture_path(fixture, "hilf.db", to);
	if (file_read(path, 1 << 20, &text, &fixture->err) != 0) {
		fprintf(stderr, "fixture: %s\n", fixture->err.text);
		abort();
	}
	if (sqlite3_open(to, &db) != SQLITE_OK ||
		sqlite3_exec(db, text.data, NULL, NULL, NULL) != SQLITE_OK) {
		fprintf(stderr, "fixture: %s\n", sqlite3_errmsg(db));
		abort();
	}
	sqlite3_close(db);
	buf_free(&text);
}

int64_t fixture_pragma(const char *path, const char *pragma)
{
	sqlite3 *db;
	sqlite3_stmt *statement;
	int64_t number = -1;
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
		sqlite3_prepare_v2(db, pragma, -1, &statement, NULL) == SQLITE_OK) {
		if (sqlite3_step(statement) == SQLITE_ROW)
			number = sqlite3_column_int64(statement, 0);
		sqlite3_finalize(statement);
	}
	sqlite3_close(db);
	return number;
}

void fixture_close(struct fixture *fixture)
{
	store_close(fixture->store);
	fixture->store = NULL;
}

void fixture_remove(struct fixture *fixture)
{
	char command[128];
	fixture_close(fixture);
	snprintf(command, sizeof command, "rm -rf '%s'", fixture->dir);
	if (system(command) != 0)
		abort();
}

void fixture_path(const struct fixture *fixture, const char *name, char ret_path[128])
{
	snprintf(ret_path, 128, "%s/%s", fixture->dir, name);
}

void fixture_stamp(const struct fixture_member *author, struct record *record)
{
	uint8_t random[10];
	random_bytes(random, sizeof random);
	record->time_ms = clock_now_ms();
	uuid_make(record->time_ms, random, record->id);
	memcpy(record->author, author->id, UUID_SIZE);
}

int fixture_append(struct fixture *fixture, const struct fixture_member *author,
	const struct record *record, bool *ret_effect)
{
	struct buf buf = BUF_INIT;
	uint8_t signature[64], salt[32];
	int rc = record_encode(record, &buf, &fixture->err);
	if (!rc) {
		random_bytes(salt, sizeof salt);
		crypto_sign_detached(
			signature, NULL, (unsigned char *)buf.data, buf.size, author->secret_key);
		const struct store_append append = {
			buf.data, buf.size, signature, record, salt, record->time_ms};
		rc = store_append(fixture->store, &append, NULL, ret_effect, &fixture->err);
	}
	buf_free(&buf);
	return rc;
}

int fixture_write(struct fixture *fixture, const struct fixture_member *author,
	const struct record *record, bool *ret_effect)
{
	int rc = store_begin(fixture->store, &fixture->err);
	if (rc)
		return rc;
	rc = fixture_append(fixture, author, record, ret_effect);
	if (rc)
		store_rollback(fixture->store);
	else
		rc = store_commit(fixture->store, &fixture->err);
	return rc;
}

static bool must_write(
	struct fixture *fixture, const struct fixture_member *author, const struct record *record)
{
	bool effect = false;
	if (fixture_write(fixture, author, record, &effect) != 0) {
		fprintf(stderr, "fixture: %s\n", fixture->err.text);
		abort();
	}
	return effect;
}

bool fixture_found(struct fixture *fixture, struct fixture_member *ret_member)
{
	struct record record = {.kind = RECORD_MEMBER_FOUND, .member.name = ""};
	crypto_sign_keypair(ret_member->public_key, ret_member->secret_key);
	fixture_stamp(ret_member, &record);
	memcpy(ret_member->id, record.id, UUID_SIZE);
	memcpy(record.author, record.id, UUID_SIZE);
	memcpy(record.of, record.id, UUID_SIZE);
	memcpy(record.member.key, ret_member->public_key, sizeof record.member.key);
	return must_write(fixture, ret_member, &record);
}

bool fixture_bank(struct fixture *fixture, const struct fixture_member *author, const char *name,
	uint8_t ret_gid[UUID_SIZE])
{
	struct record record = {.kind = RECORD_BANK_CREATE, .bank.name = name};
	fixture_stamp(author, &record);
	memcpy(record.of, record.id, UUID_SIZE);
	memcpy(ret_gid, record.id, UUID_SIZE);
	return must_write(fixture, author, &record);
}

/* Values of which no two are near: a hash of the number. */
struct hilf_signal fixture_signal(uint32_t number)
{
	struct hilf_signal signal = {.type = HILF_PDQ, .size = 32, .quality = 100};
	crypto_generichash(
		signal.value, 32, (const unsigned char *)&number, sizeof number, NULL, 0);
	return signal;
}

bool fixture_add(struct fixture *fixture, const struct fixture_member *author,
	const uint8_t bank[UUID_SIZE], uint32_t first, size_t count, uint8_t *ret_record)
{
	static const struct hilf_label label = {"set", "fixture"};
	struct hilf_signal signals[ENTRIES_MAX];
	struct record_entry entries[ENTRIES_MAX];
	struct record record = {.kind = RECORD_ENTRY_ADD};
	ASSERT(count <= ENTRIES_MAX);
	for (uint32_t i = 0; i < count; i++) {
		signals[i] = fixture_signal(first + i);
		entries[i] = (struct record_entry){&signals[i], 1, NULL, 0};
	}
	fixture_stamp(author, &record);
	memcpy(record.of, bank, UUID_SIZE);
	record.add.content_class = "unclassified";
	record.add.ground = "";
	record.add.territory = "*";
	record.add.source = SOURCE_HUMAN;
	record.add.expires_ms = record.time_ms + 1000000;
	record.add.labels = &label;
	record.add.label_count = 1;
	record.add.entries = entries;
	record.add.entry_count = count;
	if (ret_record)
		memcpy(ret_record, record.id, UUID_SIZE);
	return must_write(fixture, author, &record);
}

bool fixture_withdraw(struct fixture *fixture, const struct fixture_member *author,
	const uint8_t bank[UUID_SIZE], const uint8_t entry[UUID_SIZE], uint32_t ordinal)
{
	struct record_entry_id id = {.ordinal = ordinal};
	struct record record = {.kind = RECORD_ENTRY_WITHDRAW};
	memcpy(id.record, entry, UUID_SIZE);
	fixture_stamp(author, &record);
	memcpy(record.of, bank, UUID_SIZE);
	record.withdraw.reason = REASON_ERROR;
	record.withdraw.entries = &id;
	record.withdraw.entry_count = 1;
	return must_write(fixture, author, &record);
}

bool fixture_remove_bank(
	struct fixture *fixture, const struct fixture_member *author, const uint8_t bank[UUID_SIZE])
{
	struct record record = {.kind = RECORD_BANK_REMOVE};
	fixture_stamp(author, &record);
	memcpy(record.of, bank, UUID_SIZE);
	return must_write(fixture, author, &record);
}

struct fixture *fixture_alpha(uint8_t ret_bank[UUID_SIZE])
{
	struct fixture *fixture = calloc(1, sizeof *fixture);
	ASSERT(fixture);
	fixture_open(fixture);
	if (fixture_found(fixture, &fixture->me) &&
		fixture_bank(fixture, &fixture->me, "alpha", ret_bank) &&
		fixture_add(fixture, &fixture->me, ret_bank, 0, 20, NULL))
		return fixture;
	fixture_remove(fixture);
	free(fixture);
	return NULL;
}
