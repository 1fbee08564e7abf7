/* A follower is its leader's equal: the same records under the same numbers, the same verdicts; and nothing that does not
 * continue its feed gets in. */
#include "engine/place_test.h"
#include "engine/replica.h"
#include "os/clock.h"

#include <sodium.h>

#define BATCH 7

struct pair {
	struct place leader, follower;
};

static void open_follower(struct place *place)
{
	const struct hilf_options options = {.abi = HILF_ABI,
		.data_dir = place->dir,
		.create = true,
		.follower = true,
		.activity = "test"};
	hilf_close(place->hilf);
	place->hilf = NULL;
	must(hilf_open(&options, &place->hilf, &place->err));
}

static int set_up_pair(void **state)
{
	struct pair *pair = calloc(1, sizeof *pair);
	struct place *place = &pair->leader;
	folder_make(place->dir, sizeof place->dir);
	folder_helpers(place->helpers, sizeof place->helpers);
	reopen(place);
	folder_make(pair->follower.dir, sizeof pair->follower.dir);
	folder_helpers(pair->follower.helpers, sizeof pair->follower.helpers);
	open_follower(&pair->follower);
	*state = pair;
	return 0;
}

static int tear_down_pair(void **state)
{
	struct pair *pair = *state;
	hilf_close(pair->leader.hilf);
	hilf_close(pair->follower.hilf);
	folder_remove(pair->leader.dir);
	folder_remove(pair->follower.dir);
	free(pair);
	return 0;
}

static struct hilf_signal signal_of(uint32_t number)
{
	struct hilf_signal signal = {.type = HILF_PDQ, .size = 32, .quality = 90};
	crypto_generichash(
		signal.value, 32, (const unsigned char *)&number, sizeof number, NULL, 0);
	return signal;
}

/* Records with bytes of their own. */
struct batch {
	struct hilf_record records[BATCH];
	size_t count;
};

static char *copy_bytes(const char *bytes, size_t size)
{
	char *copy = size ? malloc(size) : NULL;
	if (copy)
		memcpy(copy, bytes, size);
	return copy;
}

static int take_record(const struct hilf_record *record, void *ctx)
{
	struct batch *batch = ctx;
	struct hilf_record *to = &batch->records[batch->count++];
	*to = *record;
	to->bytes = copy_bytes(record->bytes, record->size);
	to->header = copy_bytes(record->header, record->header_size);
	return 0;
}

static void free_batch(struct batch *batch)
{
	for (size_t i = 0; i < batch->count; i++) {
		free((char *)batch->records[i].bytes);
		free((char *)batch->records[i].header);
	}
	batch->count = 0;
}

static uint64_t seq_of(struct place *place)
{
	uint64_t seq, local;
	hilf_feed_head(place->hilf, &seq, &local);
	return seq;
}

static void read_batch(struct place *leader, uint64_t after, struct batch *ret_batch)
{
	struct place *place = leader;
	ret_batch->count = 0;
	must(hilf_feed_read(leader->hilf, after, BATCH, take_record, ret_batch, &leader->err));
}

/* As the process that follows does: what the feed has, then the policies. */
static void follow(struct pair *pair)
{
	struct place *place = &pair->follower;
	struct batch batch;
	struct buf text = BUF_INIT;
	do {
		read_batch(&pair->leader, seq_of(place), &batch);
		must(hilf_feed_apply(place->hilf, batch.records, batch.count, &place->err));
		free_batch(&batch);
	} while (seq_of(place) < seq_of(&pair->leader));
	assert_int_equal(replica_export(pair->leader.hilf, &text, &place->err), 0);
	must(replica_apply(place->hilf, text.data, text.size, NULL, &place->err));
	buf_free(&text);
}

static void add(struct place *place, const char *bank, uint32_t first, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		struct hilf_signal signal = signal_of(first + i);
		add_one(place, bank, &signal);
	}
}

static void expect_equal(struct pair *pair, uint32_t first, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		struct hilf_signal signal = signal_of(first + i);
		struct place *place = &pair->leader;
		struct hilf_check there = match_one(place, NULL, &signal);
		place = &pair->follower;
		struct hilf_check here = match_one(place, NULL, &signal);
		assert_int_equal(here.verdict, there.verdict);
		assert_int_equal(here.shadow_verdict, there.shadow_verdict);
		assert_int_equal(here.match_count, there.match_count);
		for (size_t k = 0; k < here.match_count; k++) {
			assert_int_equal(here.matches[k].entry, there.matches[k].entry);
			assert_string_equal(here.matches[k].gid, there.matches[k].gid);
			assert_int_equal(here.matches[k].mode, there.matches[k].mode);
		}
		hilf_check_free(&there);
		hilf_check_free(&here);
	}
}

static int compare_feed(const struct hilf_record *record, void *ctx)
{
	struct place *leader = ctx;
	struct batch batch;
	read_batch(leader, record->seq - 1, &batch);
	const struct hilf_record *there = &batch.records[0];
	assert_int_equal(record->seq, there->seq);
	assert_int_equal(record->size, there->size);
	assert_int_equal(record->header_size, there->header_size);
	if (record->size)
		assert_memory_equal(record->bytes, there->bytes, record->size);
	else
		assert_memory_equal(record->header, there->header, record->header_size);
	assert_memory_equal(record->salt, there->salt, sizeof record->salt);
	assert_memory_equal(record->signature, there->signature, sizeof record->signature);
	assert_int_equal(record->received_ms, there->received_ms);
	free_batch(&batch);
	return 0;
}

static int say_problem(const char *level, const char *what, const char *text, void *ctx)
{
	(void)ctx;
	if (strcmp(level, "problem") == 0)
		print_message("%s: %s\n", what, text);
	return 0;
}

static void expect_replica(struct pair *pair)
{
	struct place *place = &pair->follower;
	const struct hilf_options options = {.abi = HILF_ABI, .data_dir = place->dir};
	struct buf here = BUF_INIT, there = BUF_INIT;
	uint64_t problems = 9;
	must(hilf_feed_read(place->hilf, 0, SIZE_MAX, compare_feed, &pair->leader, &place->err));
	must(hilf_fsck(&options, true, say_problem, NULL, &problems, &place->err));
	assert_int_equal(problems, 0);
	must(replica_export(place->hilf, &here, &place->err));
	must(replica_export(pair->leader.hilf, &there, &place->err));
	/* All but the count of local changes, which is each one's own. */
	assert_int_equal(strncmp(here.data, there.data, strcspn(here.data, "l")), 0);
	buf_free(&here);
	buf_free(&there);
}

static void make_leader(struct pair *pair)
{
	struct place *place = &pair->leader;
	must(hilf_bank_create(place->hilf, "a", HILF_BLOCK, 31, NULL, &place->err));
	must(hilf_bank_create(place->hilf, "b", HILF_SHADOW, 20, NULL, &place->err));
	add(place, "a", 0, 10);
	add(place, "b", 5, 10);
	must(hilf_withdraw(place->hilf, "3", "error", &place->err));
}

static void a_follower_says_what_its_leader_says(void **state)
{
	struct pair *pair = *state;
	struct place *place = &pair->leader;
	make_leader(pair);
	follow(pair);
	expect_equal(pair, 0, 20);
	expect_replica(pair);
	/* What changes there without a record changes here as well. */
	must(hilf_bank_set(place->hilf, "a",
		&(struct hilf_bank_change){.set_mode = true, .mode = HILF_REVIEW}, NULL,
		&place->err));
	must(hilf_entry_mute(place->hilf, "1", clock_now_ms() + 3600000, &place->err));
	add(place, "b", 50, 3);
	follow(pair);
	expect_equal(pair, 0, 60);
	must(hilf_entry_mute(place->hilf, "1", 0, &place->err));
	must(hilf_bank_remove(place->hilf, "b", &place->err));
	follow(pair);
	expect_equal(pair, 0, 60);
	expect_replica(pair);
	open_follower(&pair->follower);
	expect_equal(pair, 0, 60);
}

static void what_is_erased_there_is_erased_here(void **state)
{
	struct pair *pair = *state, *late;
	struct place *place = &pair->leader;
	uint64_t count;
	make_leader(pair);
	follow(pair);
	must(hilf_entry_erase(place->hilf, "5", "court", &count, &place->err));
	follow(pair);
	expect_equal(pair, 0, 20);
	expect_replica(pair);
	/* And who comes later never gets it. */
	set_up_pair((void **)&late);
	hilf_close(late->leader.hilf);
	late->leader.hilf = pair->leader.hilf;
	follow(late);
	expect_replica(late);
	expect_equal(late, 0, 20);
	late->leader.hilf = NULL;
	tear_down_pair((void **)&late);
}

static void nothing_else_is_written_to_it(void **state)
{
	struct pair *pair = *state;
	struct place *place = &pair->follower;
	struct hilf_signal signal = signal_of(99);
	const struct hilf_new_entry entry = {&signal, 1, NULL, 0};
	struct hilf_add_result result;
	make_leader(pair);
	follow(pair);
	assert_int_equal(
		hilf_add(place->hilf, "a", NULL, &entry, 1, &result, &place->err), HILF_E_DENIED);
	assert_int_equal(hilf_withdraw(place->hilf, "1", "error", &place->err), HILF_E_DENIED);
	/* Not by a handle that does not know either, whatever keys it has. */
	reopen(place);
	assert_int_equal(
		hilf_add(place->hilf, "a", NULL, &entry, 1, &result, &place->err), HILF_E_DENIED);
	assert_non_null(strstr(place->err.text, "follows another node"));
	struct batch batch;
	read_batch(&pair->leader, 0, &batch);
	assert_int_equal(
		hilf_feed_apply(place->hilf, batch.records, 1, &place->err), HILF_E_DENIED);
	/* Nor is a feed of its own overwritten by another's. */
	place = &pair->leader;
	const struct hilf_options options = {
		.abi = HILF_ABI, .data_dir = place->dir, .follower = true};
	hilf_close(place->hilf);
	must(hilf_open(&options, &place->hilf, &place->err));
	assert_int_equal(
		hilf_feed_apply(place->hilf, batch.records, 1, &place->err), HILF_E_DENIED);
	free_batch(&batch);
}

static void expect_refused(struct place *place, const struct hilf_record *records, size_t count)
{
	uint64_t before = seq_of(place);
	assert_int_equal(hilf_feed_apply(place->hilf, records, count, &place->err), HILF_E_CORRUPT);
	assert_int_equal(seq_of(place), before);
}

static void what_does_not_continue_the_feed_is_refused_whole(void **state)
{
	struct pair *pair = *state;
	struct place *place = &pair->follower;
	struct batch batch;
	make_leader(pair);
	read_batch(&pair->leader, 0, &batch);
	assert_int_equal(batch.count, BATCH);
	struct hilf_record bad[BATCH];
	memcpy(bad, batch.records, sizeof bad);
	expect_refused(place, bad + 1, 1); /* a gap */
	bad[3].signature[7] ^= 1;
	expect_refused(place, bad, BATCH);
	bad[3].signature[7] ^= 1;
	char *bytes = (char *)bad[4].bytes;
	bytes[bad[4].size / 2] ^= 1;
	expect_refused(place, bad, BATCH);
	bytes[bad[4].size / 2] ^= 1;
	bad[4].size = 0;
	expect_refused(place, bad, BATCH);
	bad[4].header = "{}";
	bad[4].header_size = 2;
	expect_refused(place, bad, BATCH);
	bad[4] = batch.records[3];
	bad[4].seq = 5;
	expect_refused(place, bad, BATCH); /* twice the same */
	must(hilf_feed_apply(place->hilf, batch.records, BATCH, &place->err));
	must(hilf_feed_apply(place->hilf, batch.records, BATCH, &place->err)); /* it is there */
	bad[0].signature[0] ^= 1;
	expect_refused(place, bad, 1);
	free_batch(&batch);
	follow(pair);
	expect_replica(pair);
}

static void policies_that_are_none_are_refused(void **state)
{
	static const char *const bad[] = {"", "{}", "[]", "{\"v\":1}",
		"{\"banks\":[],\"erased\":[],\"local\":1,\"member\":\"x\",\"mutes\":[],\"v\":1}",
		"{\"banks\":[[1,2,3,4]],\"erased\":[],\"local\":1,\"member\":"
		"\"019aa7b1-3580-7fff-bf03-040506070809\",\"mutes\":[],\"v\":1}",
		"{\"banks\":[],\"erased\":[],\"local\":1,\"member\":"
		"\"019aa7b1-3580-7fff-bf03-040506070809\",\"mutes\":[[2,5],[1,5]],\"v\":1}"};
	struct pair *pair = *state;
	struct place *place = &pair->follower;
	make_leader(pair);
	follow(pair);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(
			replica_apply(place->hilf, bad[i], strlen(bad[i]), NULL, &place->err),
			HILF_E_INVALID);
	static const char other[] =
		"{\"banks\":[],\"erased\":[],\"local\":1,\"member\":"
		"\"019aa7b1-3580-7fff-bf03-040506070809\",\"mutes\":[],\"v\":1}";
	assert_int_equal(replica_apply(place->hilf, other, sizeof other - 1, NULL, &place->err),
		HILF_E_CORRUPT);
	expect_equal(pair, 0, 20);
}

static void a_handle_without_a_folder_hashes_and_nothing_else(void **state)
{
	struct pair *pair = *state;
	struct place *place = &pair->leader;
	const struct hilf_options options = {.abi = HILF_ABI, .helper_dir = place->helpers};
	struct hilf *hilf;
	struct hilf_signal signal = signal_of(1);
	struct hilf_check check;
	must(hilf_open(&options, &hilf, &place->err));
	assert_int_equal(hilf_withdraw(hilf, "1", "error", &place->err), HILF_E_UNSUPPORTED);
	assert_int_equal(hilf_match_signals(hilf, NULL, &signal, 1, &check, &place->err),
		HILF_E_UNSUPPORTED);
	hilf_close(hilf);
}

static void samples_are_of_a_seed_and_leave_a_trace(void **state)
{
	struct pair *pair = *state;
	struct place *place = &pair->leader;
	struct hilf_signal signal = signal_of(0);
	unsigned counted = 0, again = 0;
	make_leader(pair);
	must(hilf_bank_set(place->hilf, "a",
		&(struct hilf_bank_change){.set_sample = true, .sample_ppm = 300000}, NULL,
		&place->err));
	for (unsigned i = 0; i < 1000; i++) {
		char seed[16];
		snprintf(seed, sizeof seed, "content-%u", i);
		const struct hilf_query query = {.seed = seed};
		struct hilf_check first = match_one(place, &query, &signal),
				  second = match_one(place, &query, &signal),
				  chance = match_one(place, NULL, &signal);
		assert_int_equal(first.verdict, second.verdict);
		assert_int_equal(first.match_count, 1);
		assert_int_equal(first.shadow_verdict, HILF_VERDICT_BLOCK);
		assert_int_equal(first.matches[0].sampled_out, first.verdict == HILF_NO_MATCH);
		counted += first.verdict == HILF_VERDICT_BLOCK;
		again += chance.verdict == HILF_VERDICT_BLOCK;
		hilf_check_free(&first);
		hilf_check_free(&second);
		hilf_check_free(&chance);
	}
	/* 300 are expected; ten deviations either side. */
	assert_in_range(counted, 155, 445);
	assert_in_range(again, 155, 445);
	const struct hilf_query all = {.unsampled = true};
	struct hilf_check check = match_one(place, &all, &signal);
	assert_int_equal(check.verdict, HILF_VERDICT_BLOCK);
	hilf_check_free(&check);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_pair, tear_down_pair)
		TEST(a_follower_says_what_its_leader_says),
		TEST(what_is_erased_there_is_erased_here),
		TEST(nothing_else_is_written_to_it),
		TEST(what_does_not_continue_the_feed_is_refused_whole),
		TEST(policies_that_are_none_are_refused),
		TEST(a_handle_without_a_folder_hashes_and_nothing_else),
		TEST(samples_are_of_a_seed_and_leave_a_trace),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
