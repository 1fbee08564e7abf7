/* Random histories of everything that changes: a handle that lived through them answers as one that begins with a snapshot
 * of some moment on the way, and as one that folds it all anew. */
#include "engine/foreign_test.h"

#include <stdlib.h>

#define VALUES      40
#define PHASES      5
#define ANSWERS_MAX (1u << 20)

struct life {
	struct place *place;
	struct foreign foreign;
	uint64_t seed, entries;
	unsigned names;
	char banks[2][32];
};

static uint64_t draw(struct life *life, uint64_t below)
{
	return next_random(&life->seed) % below;
}

static struct hilf_signal value_of(uint64_t number, bool digest)
{
	uint64_t seed = number * 0x9e3779b97f4a7c15u + 99;
	struct hilf_signal signal = random_pdq(&seed);
	if (digest) {
		signal.type = HILF_SHA256;
		signal.quality = HILF_QUALITY_UNKNOWN;
	}
	return signal;
}

/* ------------------------------------------------------------------------------------------ what is done */

static void do_add(struct life *life)
{
	static const struct hilf_label own = {"own", "1"};
	struct place *place = life->place;
	struct hilf_signal signals[4][2];
	struct hilf_new_entry entries[4];
	struct hilf_add_result results[4];
	size_t count = 1 + draw(life, 4);
	for (size_t i = 0; i < count; i++) {
		uint64_t number = draw(life, VALUES);
		signals[i][0] = value_of(number, false);
		signals[i][1] = value_of(number, true);
		entries[i] =
			(struct hilf_new_entry){signals[i], 1 + draw(life, 2), &own, draw(life, 2)};
	}
	must(hilf_add(place->hilf, life->banks[draw(life, 2)], NULL, entries, count, results,
		&place->err));
	for (size_t i = 0; i < count; i++)
		if (results[i].what == HILF_ADDED)
			life->entries = results[i].entry;
}

static void do_change(struct life *life, const char *entry)
{
	static const struct hilf_label label = {"new", "2"};
	unsigned what = 1 + (unsigned)draw(life, 7);
	struct hilf_entry_change change = {
		.content_class = what & 1 ? hilf_class_name((unsigned)draw(life, 8)) : NULL,
		.set_labels = what & 2,
		.labels = &label,
		.label_count = draw(life, 2)};
	if (what & 4)
		change.expires_ms =
			draw(life, 3) ? clock_now_ms() + 1000000 - (int64_t)draw(life, 900000) : 1;
	struct hilf_err err;
	int rc = hilf_entry_set(life->place->hilf, entry, &change, &err);
	assert_true(!rc || rc == HILF_E_WITHDRAWN || rc == HILF_E_INVALID);
}

static void do_foreign(struct life *life, const char *entry)
{
	struct record record = {
		.kind = RECORD_OPINION_GIVE, .opinion.opinion = (enum hilf_opinion)draw(life, 4)};
	struct foreign_target target = foreign_aim(life->place, life->banks[draw(life, 2)], entry);
	memcpy(record.of, target.bank, UUID_SIZE);
	record.opinion.entries = &target.entry;
	record.opinion.entry_count = 1;
	foreign_write(life->place, &life->foreign, &record);
}

static void do_bank(struct life *life)
{
	struct place *place = life->place;
	char *name = life->banks[draw(life, 2)], fresh[32];
	snprintf(fresh, sizeof fresh, "n%u", ++life->names);
	const struct hilf_bank_change change = {.set_mode = true,
		.mode = (enum hilf_mode)(1 + draw(life, 2)),
		.name = draw(life, 2) ? fresh : NULL};
	must(hilf_bank_set(place->hilf, name, &change, NULL, &place->err));
	if (change.name)
		strcpy(name, fresh);
}

static void do_something(struct life *life)
{
	struct hilf_err err;
	struct hilf *hilf = life->place->hilf;
	uint64_t which = draw(life, 100);
	char entry[24];
	snprintf(entry, sizeof entry, "%llu",
		(unsigned long long)(1 + draw(life, life->entries ? life->entries : 1)));
	if (!life->entries || which < 35) {
		do_add(life);
	} else if (which < 60) {
		do_change(life, entry);
	} else if (which < 68) {
		int rc = hilf_withdraw(hilf, entry, "error", &err);
		assert_true(!rc || rc == HILF_E_WITHDRAWN);
	} else if (which < 88) {
		int rc = hilf_opinion_give(hilf, entry, (enum hilf_opinion)draw(life, 4), &err);
		assert_true(!rc || rc == HILF_E_WITHDRAWN);
	} else if (which < 94) {
		do_foreign(life, entry);
	} else {
		do_bank(life);
	}
}

/* ------------------------------------------------------------------------------------------ what is answered */

static void put_match(struct buf *buf, const struct hilf_match *match)
{
	buf_format(buf, " [%llu %s %s %s %d%s", (unsigned long long)match->entry, match->gid,
		match->bank, match->content_class, match->mode, match->disputed ? " disputed" : "");
	for (size_t i = 0; i < match->label_count; i++)
		buf_format(buf, " %s=%s", match->labels[i].key, match->labels[i].value);
	buf_char(buf, ']');
}

static void put_answers(struct place *place, struct hilf *hilf, struct buf *buf)
{
	buf_clear(buf);
	for (uint64_t i = 0; i < 2 * VALUES; i++) {
		const struct hilf_signal signal = value_of(i / 2, i % 2);
		struct hilf_check check;
		must(hilf_match_signals(hilf, NULL, &signal, 1, &check, &place->err));
		buf_format(buf, "%llu %s %s", (unsigned long long)i,
			hilf_verdict_name(check.verdict), hilf_verdict_name(check.shadow_verdict));
		for (size_t j = 0; j < check.match_count; j++)
			put_match(buf, &check.matches[j]);
		buf_char(buf, '\n');
		hilf_check_free(&check);
	}
	assert_false(buf->failed);
}

/* A handle that begins now answers as the one that was there. */
static uint64_t check_reader(struct place *place)
{
	const struct hilf_options options = {
		.abi = HILF_ABI, .data_dir = place->dir, .read_only = true};
	struct buf old = BUF_INIT, fresh = BUF_INIT;
	struct hilf_index index;
	struct hilf *reader;
	must(hilf_open(&options, &reader, &place->err));
	put_answers(place, place->hilf, &old);
	put_answers(place, reader, &fresh);
	assert_string_equal(fresh.data, old.data);
	must(hilf_index_get(reader, &index, &place->err));
	assert_int_equal(index.mended_count, 0);
	hilf_close(reader);
	buf_free(&old);
	buf_free(&fresh);
	return index.snapshot_seq;
}

static void live(struct place *place, uint64_t seed)
{
	struct life life = {.place = place, .seed = seed, .banks = {"a", "b"}};
	uint64_t from_snapshot = 0;
	must(hilf_bank_create(place->hilf, "a", HILF_BLOCK, 31, NULL, &place->err));
	must(hilf_bank_create(place->hilf, "b", HILF_REVIEW, 31, NULL, &place->err));
	foreign_found(place, &life.foreign);
	for (int phase = 0; phase < PHASES; phase++) {
		uint64_t at = draw(&life, 20);
		for (uint64_t i = 0; i < 20; i++) {
			do_something(&life);
			if (i == at)
				must(hilf_checkpoint(place->hilf, &place->err));
		}
		from_snapshot += check_reader(place) > 0;
		if (draw(&life, 2))
			reopen(place);
	}
	assert_int_equal(from_snapshot, PHASES);
	must(hilf_checkpoint_drop(place->hilf, &place->err));
	assert_int_equal(check_reader(place), 0);
}

static void random_histories_answer_alike_however_they_are_read(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 4; seed++) {
		void *place;
		set_up(&place);
		live(place, seed);
		tear_down(&place);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_histories_answer_alike_however_they_are_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
