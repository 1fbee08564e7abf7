/* What the store takes of an import: for a million new pdq values in records as full as they get, the lookups, the
 * appends with their fold, and the commits, as `hilf import` makes them; signing and parsing are not in it. Then how
 * long a start needs to read everything back.
 *
 *   store_bench [ENTRIES [BATCH]]        one line per phase: name, seconds, microseconds an entry */
#include "base/check.h"
#include "os/clock.h"
#include "store/store.h"

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
};

static _Noreturn void die(const char *what, const struct hilf_err *err)
{
	fprintf(stderr, "store_bench: %s: %s\n", what, err->text);
	exit(1);
}

static double now_s(void)
{
	return (double)clock_monotonic_us() / 1e6;
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
	double start = now_s();
	if (record_encode(record, &buf, &err) != 0)
		die("encode", &err);
	bench->encode_s += now_s() - start;
	start = now_s();
	const struct store_append item = {
		buf.data, buf.size, signature, record, salt, record->time_ms};
	if (store_append(bench->store, &item, NULL, &effect, &err) != 0)
		die("append", &err);
	ASSERT(effect);
	bench->append_s += now_s() - start;
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
	double start = now_s();
	if (store_commit(bench->store, &err) != 0)
		die("commit", &err);
	bench->commit_s += now_s() - start;
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
	double start = now_s();
	if (store_find_absent(bench->store, asked, count, absent, &err) != 0)
		die("find", &err);
	bench->find_s += now_s() - start;
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

static void tell(const char *what, double seconds, size_t count)
{
	printf("%-28s %8.3f s %8.3f us\n", what, seconds, seconds * 1e6 / (double)count);
}

static void replay(struct bench *bench, size_t count)
{
	static const struct store_sink sink = {.entry = count_entry};
	struct hilf_err err;
	uint64_t seen = 0, seq;
	double start = now_s();
	if (store_replay(bench->store, 0, &sink, &seen, &seq, &err) != 0)
		die("replay", &err);
	ASSERT(seen == count);
	tell("replay from 0", now_s() - start, count);
	start = now_s();
	for (int i = 0; i < 100000; i++)
		if (store_head(bench->store, &seq, &err) != 0)
			die("head", &err);
	tell("head (each)", now_s() - start, 100000);
}

int main(int argc, char **argv)
{
	size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000000;
	size_t batch = argc > 2 ? strtoul(argv[2], NULL, 10) : LIMIT_ADD_BATCH;
	struct bench bench = {.random = 88172645463325252ull};
	struct hilf_err err;
	char dir[] = "/var/tmp/hilf-store-bench-XXXXXX", command[100];
	if (!mkdtemp(dir))
		return 1;
	const struct store_conf conf = {.dir = dir, .create = true, .activity = "bench"};
	double start = now_s();
	if (store_open(&conf, &bench.store, &err) != 0)
		die("open", &err);
	tell("make the store", now_s() - start, 1);
	found(&bench);
	bench.encode_s = bench.append_s = bench.commit_s = 0;
	start = now_s();
	for (size_t done = 0; done < count; done += batch)
		add_batch(&bench, count - done < batch ? count - done : batch);
	double all = now_s() - start;
	tell("find which are new", bench.find_s, count);
	tell("encode (not the store's)", bench.encode_s, count);
	tell("append and fold", bench.append_s, count);
	tell("commit and checkpoint", bench.commit_s, count);
	tell("the store's share", bench.find_s + bench.append_s + bench.commit_s, count);
	tell("all, with making values", all, count);
	replay(&bench, count);
	start = now_s();
	store_close(bench.store);
	tell("close", now_s() - start, 1);
	snprintf(command, sizeof command, "du -sh %s; rm -rf %s", dir, dir);
	return system(command) != 0;
}
