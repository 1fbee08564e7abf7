/* What the store takes of an import: for a million new pdq values in records as full as they get, the look-up whether
 * they are new, the append with its fold, and the durable commit, in writes as `hilf import` makes them; signing and
 * parsing are not in it. The peer keeps the bare values and nothing else: one SQLite table with the value as its key,
 * the same settings, the same writes in turns with ours.
 *
 *   store_bench [ENTRIES [BATCH]]     rows as all benchmarks print them
 *   store_bench -v [...]              and what each part took */
#include "base/check.h"
#include "bench/bench.h"
#include "os/clock.h"
#include "store/store.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PER_RECORD 730

struct bench {
	struct store *store;
	uint8_t member[UUID_SIZE], bank_gid[UUID_SIZE];
	uint32_t bank;
	uint64_t random; /* xorshift state */
	double find_s, encode_s, append_s, commit_s;
	bool verbose;
};

static _Noreturn void die(const char *what, const struct hilf_err *err)
{
	fprintf(stderr, "store_bench: %s: %s\n", what, err->text);
	exit(1);
}

static uint64_t next_random(struct bench *bench)
{
	bench->random ^= bench->random << 13;
	bench->random ^= bench->random >> 7;
	bench->random ^= bench->random << 17;
	return bench->random;
}

static void stamp(struct bench *bench, struct record *record)
{
	uint8_t random[10];
	random_bytes(random, sizeof random);
	record->time_ms = clock_now_ms();
	uuid_make(record->time_ms, random, record->id);
	memcpy(record->author, bench->member, UUID_SIZE);
}

static void append(struct bench *bench, const struct record *record)
{
	struct hilf_err err;
	struct buf buf = BUF_INIT;
	uint8_t signature[64] = {1}, salt[32] = {2};
	bool effect;
	double start = bench_now();
	if (record_encode(record, &buf, &err) != 0)
		die("encode", &err);
	bench->encode_s += bench_now() - start;
	start = bench_now();
	const struct store_append item = {
		buf.data, buf.size, signature, record, salt, record->time_ms};
	if (store_append(bench->store, &item, NULL, &effect, &err) != 0)
		die("append", &err);
	ASSERT(effect);
	bench->append_s += bench_now() - start;
	buf_free(&buf);
}

static void begin(struct bench *bench)
{
	struct hilf_err err;
	if (store_begin(bench->store, &err) != 0)
		die("begin", &err);
}

static void commit(struct bench *bench)
{
	struct hilf_err err;
	double start = bench_now();
	if (store_commit(bench->store, &err) != 0)
		die("commit", &err);
	bench->commit_s += bench_now() - start;
}

static void found(struct bench *bench)
{
	struct hilf_err err;
	struct store_bank bank;
	struct record member = {.kind = RECORD_MEMBER_FOUND, .member.name = ""};
	struct record create = {.kind = RECORD_BANK_CREATE, .bank.name = "bench"};
	begin(bench);
	stamp(bench, &member);
	memcpy(bench->member, member.id, UUID_SIZE);
	memcpy(member.author, member.id, UUID_SIZE);
	memcpy(member.of, member.id, UUID_SIZE);
	append(bench, &member);
	stamp(bench, &create);
	memcpy(create.of, create.id, UUID_SIZE);
	memcpy(bench->bank_gid, create.id, UUID_SIZE);
	append(bench, &create);
	commit(bench);
	if (store_bank_get(bench->store, false, "bench", &bank, &err) != 0)
		die("bank", &err);
	bench->bank = bank.id;
}

/* As an import asks: for all at once. */
static void find_all(struct bench *bench, const struct hilf_signal *signals, size_t count)
{
	struct hilf_err err;
	const struct hilf_signal **asked = calloc(count, sizeof *asked);
	bool *absent = calloc(count, sizeof *absent);
	ASSERT(asked && absent);
	for (size_t i = 0; i < count; i++)
		asked[i] = &signals[i];
	double start = bench_now();
	if (store_find_absent(bench->store, asked, count, absent, &err) != 0)
		die("find", &err);
	bench->find_s += bench_now() - start;
	for (size_t i = 0; i < count; i++)
		ASSERT(absent[i]);
	free(asked);
	free(absent);
}

static void add_batch(struct bench *bench, size_t count)
{
	struct hilf_signal *signals = calloc(count, sizeof *signals);
	struct record_entry *entries = calloc(PER_RECORD, sizeof *entries);
	ASSERT(signals && entries);
	for (size_t i = 0; i < count; i++) {
		signals[i] = (struct hilf_signal){HILF_PDQ, 32, HILF_QUALITY_UNKNOWN, {0}};
		for (int k = 0; k < 4; k++) {
			uint64_t word = next_random(bench);
			memcpy(signals[i].value + 8 * k, &word, 8);
		}
	}
	begin(bench);
	find_all(bench, signals, count);
	for (size_t done = 0; done < count;) {
		size_t here = count - done < PER_RECORD ? count - done : PER_RECORD;
		for (size_t i = 0; i < here; i++)
			entries[i] = (struct record_entry){&signals[done + i], 1, NULL, 0};
		struct record record = {.kind = RECORD_ENTRY_ADD,
			.add = {.content_class = "unclassified",
				.ground = "",
				.territory = "*",
				.source = SOURCE_IMPORT,
				.entries = entries,
				.entry_count = here}};
		stamp(bench, &record);
		memcpy(record.of, bench->bank_gid, UUID_SIZE);
		record.add.expires_ms = record.time_ms + LIMIT_EXPIRY_MS;
		append(bench, &record);
		done += here;
	}
	commit(bench);
	free(signals);
	free(entries);
}

static int count_entry(const struct store_entry *entry, void *ctx)
{
	uint64_t *count = ctx;
	*count += entry->signal_count;
	return 0;
}

static void tell(const struct bench *bench, const char *what, double seconds, size_t count)
{
	if (bench->verbose)
		printf("%-28s %8.3f s %8.3f us\n", what, seconds, seconds * 1e6 / (double)count);
}

/* Reading everything back, as a start does; seconds. */
static double replay(struct bench *bench, size_t count)
{
	static const struct store_sink sink = {.entry = count_entry};
	struct hilf_err err;
	uint64_t seen = 0, seq;
	double start = bench_now();
	if (store_replay(bench->store, 0, &sink, &seen, &seq, &err) != 0)
		die("replay", &err);
	ASSERT(seen == count);
	double taken = bench_now() - start;
	start = bench_now();
	for (int i = 0; i < 100000; i++)
		if (store_head(bench->store, &seq, NULL, &err) != 0)
			die("head", &err);
	tell(bench, "head (each)", bench_now() - start, 100000);
	return taken;
}

static void open_ours(struct bench *bench, const char *dir)
{
	struct hilf_err err;
	const struct store_conf conf = {.dir = dir, .create = true, .activity = "bench"};
	if (store_open(&conf, &bench->store, &err) != 0)
		die("open", &err);
	found(bench);
	bench->find_s = bench->encode_s = bench->append_s = bench->commit_s = 0;
}

/* The peer: one table. */
struct peer {
	struct bench values; /* for its random numbers, the same as ours */
	sqlite3 *db;
	sqlite3_stmt *add, *all;
	double add_s;
};

static void must(int code, sqlite3 *db)
{
	if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW)
		return;
	fprintf(stderr, "store_bench: %s\n", sqlite3_errmsg(db));
	exit(1);
}

static void open_peer(struct peer *peer, const char *dir)
{
	char path[200];
	snprintf(path, sizeof path, "%s/peer.db", dir);
	must(sqlite3_open(path, &peer->db), peer->db);
	must(sqlite3_exec(peer->db,
		     "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
		     "PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -131072;"
		     "CREATE TABLE hashes (value BLOB PRIMARY KEY) WITHOUT ROWID",
		     NULL, NULL, NULL),
		peer->db);
	must(sqlite3_prepare_v2(
		     peer->db, "INSERT OR IGNORE INTO hashes VALUES (?1)", -1, &peer->add, NULL),
		peer->db);
	must(sqlite3_prepare_v2(peer->db, "SELECT value FROM hashes", -1, &peer->all, NULL),
		peer->db);
}

static void add_to_peer(struct peer *peer, size_t count)
{
	double start = bench_now();
	must(sqlite3_exec(peer->db, "BEGIN IMMEDIATE", NULL, NULL, NULL), peer->db);
	for (size_t i = 0; i < count; i++) {
		uint64_t words[4];
		for (int k = 0; k < 4; k++)
			words[k] = next_random(&peer->values);
		sqlite3_bind_blob(peer->add, 1, words, sizeof words, SQLITE_STATIC);
		must(sqlite3_step(peer->add), peer->db);
		sqlite3_reset(peer->add);
	}
	must(sqlite3_exec(peer->db, "COMMIT", NULL, NULL, NULL), peer->db);
	peer->add_s += bench_now() - start;
}

static double replay_peer(struct peer *peer)
{
	double start = bench_now();
	while (sqlite3_step(peer->all) == SQLITE_ROW)
		bench_use(sqlite3_column_blob(peer->all, 0));
	return bench_now() - start;
}

static void close_peer(struct peer *peer)
{
	sqlite3_finalize(peer->add);
	sqlite3_finalize(peer->all);
	sqlite3_close(peer->db);
}

int main(int argc, char **argv)
{
	struct bench ours = {.random = 88172645463325252ull};
	struct peer peer = {.values.random = ours.random};
	ours.verbose = argc > 1 && strcmp(argv[1], "-v") == 0;
	argc -= ours.verbose;
	argv += ours.verbose;
	size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000000;
	size_t batch = argc > 2 ? strtoul(argv[2], NULL, 10) : LIMIT_ADD_BATCH;
	char dir[] = "/var/tmp/hilf-store-bench-XXXXXX", command[100];
	if (!count || !batch || !mkdtemp(dir))
		return 1;
	open_ours(&ours, dir);
	open_peer(&peer, dir);
	for (size_t done = 0; done < count; done += batch) {
		size_t here = count - done < batch ? count - done : batch;
		add_batch(&ours, here);
		add_to_peer(&peer, here);
	}
	double replay_s = replay(&ours, count), peer_replay_s = replay_peer(&peer);
	tell(&ours, "find which are new", ours.find_s, count);
	tell(&ours, "encode (not the store's)", ours.encode_s, count);
	tell(&ours, "append and fold", ours.append_s, count);
	tell(&ours, "commit and checkpoint", ours.commit_s, count);
	double per_us = 1e6 / (double)count;
	bench_row("new entry durable; peer: bare in SQLite",
		(ours.find_s + ours.append_s + ours.commit_s) * per_us, peer.add_s * per_us, "us");
	bench_row("entry read back at start; the same peer", replay_s * per_us,
		peer_replay_s * per_us, "us");
	store_close(ours.store);
	close_peer(&peer);
	snprintf(command, sizeof command, "rm -rf %s", dir);
	return system(command) != 0;
}
