/* Random histories: records of every kind by members who may and who may not, folded as they come. What comes of them is
 * what a model of plain rules says, what a reader is told bit by bit and one who comes last at once, and what fsck makes of
 * the feed anew. */
#include "base/check.h"
#include "os/clock.h"
#include "store/reader_test.h"

static uint64_t random_state;

static uint64_t draw(uint64_t below)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (random_state >> 33) % below;
}

#define MEMBERS 3 /* the last one was never founded */
/* What must come of it, by rules written a second time and as simply as they go. */
struct model {
	struct model_bank {
		uint8_t gid[UUID_SIZE];
		unsigned owner;
		bool removed;
		char name[8];
	} banks[BANKS_MAX];
	struct model_entry {
		struct record_entry_id gid;
		unsigned bank; /* from 1 */
		bool withdrawn;
		int64_t expires_ms;
		char content_class[40], labels[60];
		enum hilf_opinion opinions[MEMBERS];
	} entries[ENTRIES_MAX];
	unsigned bank_count;
	uint64_t entry_count;
	struct fixture_member members[MEMBERS];
};

static void must_append(struct fixture *fixture, const struct fixture_member *author,
	struct record *record, bool effect)
{
	bool had = !effect;
	if (fixture_append(fixture, author, record, &had) != 0)
		fail_msg("%s", fixture->err.text);
	assert_int_equal(had, effect);
}

static bool name_is_free(const struct model *model, unsigned owner, const char *name)
{
	for (unsigned i = 1; i <= model->bank_count; i++)
		if (model->banks[i].owner == owner && !model->banks[i].removed &&
			strcmp(model->banks[i].name, name) == 0)
			return false;
	return true;
}

static void do_bank(struct fixture *fixture, struct model *model)
{
	unsigned owner = (unsigned)draw(MEMBERS);
	char name[8];
	snprintf(name, sizeof name, "b%u", (unsigned)draw(5));
	if (model->bank_count && (draw(2) || model->bank_count == BANKS_MAX - 1)) {
		struct model_bank *bank = &model->banks[1 + draw(model->bank_count)];
		struct record record = {.kind = RECORD_BANK_RENAME, .bank.name = name};
		bool effect =
			owner == bank->owner && !bank->removed && name_is_free(model, owner, name);
		fixture_stamp(&model->members[owner], &record);
		memcpy(record.of, bank->gid, UUID_SIZE);
		must_append(fixture, &model->members[owner], &record, effect);
		if (effect)
			strcpy(bank->name, name);
		return;
	}
	struct record record = {.kind = RECORD_BANK_CREATE, .bank.name = name};
	bool effect = owner < MEMBERS - 1 && name_is_free(model, owner, name);
	fixture_stamp(&model->members[owner], &record);
	memcpy(record.of, record.id, UUID_SIZE);
	must_append(fixture, &model->members[owner], &record, effect);
	if (!effect)
		return;
	struct model_bank *bank = &model->banks[++model->bank_count];
	*bank = (struct model_bank){.owner = owner};
	memcpy(bank->gid, record.id, UUID_SIZE);
	strcpy(bank->name, name);
}

static void do_remove(struct fixture *fixture, struct model *model)
{
	unsigned number = 1 + (unsigned)draw(model->bank_count), owner = (unsigned)draw(MEMBERS);
	struct model_bank *bank = &model->banks[number];
	struct record record = {.kind = RECORD_BANK_REMOVE};
	bool effect = owner == bank->owner && !bank->removed;
	fixture_stamp(&model->members[owner], &record);
	memcpy(record.of, bank->gid, UUID_SIZE);
	must_append(fixture, &model->members[owner], &record, effect);
	bank->removed = bank->removed || effect;
	for (uint64_t i = 1; i <= model->entry_count && effect; i++)
		if (model->entries[i].bank == number)
			model->entries[i].withdrawn = true;
}

#define PER_RECORD 4
static void do_add(struct fixture *fixture, struct model *model)
{
	static const struct hilf_label own = {"own", "1"}, shared = {"set", "x"};
	unsigned number = 1 + (unsigned)draw(model->bank_count), owner = (unsigned)draw(MEMBERS);
	const struct model_bank *bank = &model->banks[number];
	struct hilf_signal signals[PER_RECORD];
	struct record_entry entries[PER_RECORD];
	size_t count = 1 + draw(PER_RECORD);
	struct record record = {.kind = RECORD_ENTRY_ADD,
		.add = {"unclassified", "", "*", SOURCE_HUMAN, false, 0, &shared, 1, entries,
			count}};
	bool effect = owner == bank->owner && !bank->removed;
	fixture_stamp(&model->members[owner], &record);
	memcpy(record.of, bank->gid, UUID_SIZE);
	record.add.expires_ms = record.time_ms + 1000 * (1 + (int64_t)draw(1000));
	for (size_t i = 0; i < count; i++) {
		signals[i] = fixture_signal((uint32_t)draw(60)); /* some more than once */
		entries[i] = (struct record_entry){&signals[i], 1, draw(3) ? NULL : &own, 0};
		entries[i].label_count = entries[i].labels != NULL;
	}
	must_append(fixture, &model->members[owner], &record, effect);
	for (size_t i = 0; i < count && effect; i++) {
		struct model_entry *entry = &model->entries[++model->entry_count];
		*entry = (struct model_entry){.bank = number,
			.expires_ms = record.add.expires_ms,
			.gid.ordinal = (uint32_t)i};
		memcpy(entry->gid.record, record.id, UUID_SIZE);
		strcpy(entry->content_class, "unclassified");
		strcpy(entry->labels, entries[i].label_count ? "own=1 set=x " : "set=x ");
	}
}

/* Up to three entries, of any bank, perhaps the same one twice. */
static size_t draw_entries(
	const struct model *model, uint64_t numbers[3], struct record_entry_id ids[3])
{
	size_t count = 1 + draw(3);
	for (size_t i = 0; i < count; i++) {
		numbers[i] = 1 + draw(model->entry_count);
		ids[i] = model->entries[numbers[i]].gid;
	}
	return count;
}

static void change_model(struct model_entry *entry, const struct record *record)
{
	if (record->change.content_class)
		strcpy(entry->content_class, record->change.content_class);
	if (record->change.set_labels)
		strcpy(entry->labels, record->change.label_count ? "new=2 " : "");
	if (record->change.expires_ms && record->change.expires_ms < entry->expires_ms)
		entry->expires_ms = record->change.expires_ms;
}

/* A withdrawal, or a change. */
static void do_entries(struct fixture *fixture, struct model *model, bool withdraws)
{
	static const struct hilf_label label = {"new", "2"};
	struct record_entry_id ids[3];
	uint64_t numbers[3];
	size_t count = draw_entries(model, numbers, ids);
	unsigned number =
		draw(8) ? model->entries[numbers[0]].bank : 1 + (unsigned)draw(model->bank_count);
	const struct model_bank *bank = &model->banks[number];
	unsigned owner = draw(6) ? bank->owner : (unsigned)draw(MEMBERS),
		 what = 1 + (unsigned)draw(7);
	struct record record = {.kind = withdraws ? RECORD_ENTRY_WITHDRAW : RECORD_ENTRY_CHANGE};
	bool effect = false;
	fixture_stamp(&model->members[owner], &record);
	memcpy(record.of, bank->gid, UUID_SIZE);
	if (withdraws) {
		record.withdraw.entries = ids;
		record.withdraw.entry_count = count;
	} else {
		record.change.content_class = what & 1 ? hilf_class_name((unsigned)draw(8)) : NULL;
		record.change.expires_ms =
			what & 2 ? record.time_ms + 1000 * ((int64_t)draw(1000) - 100) : 0;
		record.change.set_labels = what & 4;
		record.change.labels = &label;
		record.change.label_count = record.change.set_labels ? draw(2) : 0;
		record.change.entries = ids;
		record.change.entry_count = count;
	}
	for (size_t i = 0; i < count; i++) {
		struct model_entry *entry = &model->entries[numbers[i]];
		if (owner != bank->owner || bank->removed || entry->bank != number ||
			entry->withdrawn)
			continue;
		effect = true;
		if (withdraws)
			entry->withdrawn = true;
		else
			change_model(entry, &record);
	}
	must_append(fixture, &model->members[owner], &record, effect);
}

static void do_opinion(struct fixture *fixture, struct model *model)
{
	struct record_entry_id ids[3];
	uint64_t numbers[3];
	size_t count = draw_entries(model, numbers, ids);
	unsigned number = model->entries[numbers[0]].bank, member = (unsigned)draw(MEMBERS);
	struct record record = {
		.kind = RECORD_OPINION_GIVE, .opinion = {(enum hilf_opinion)draw(4), ids, count}};
	bool effect = false;
	fixture_stamp(&model->members[member], &record);
	memcpy(record.of, model->banks[number].gid, UUID_SIZE);
	for (size_t i = 0; i < count && member < MEMBERS - 1; i++) {
		struct model_entry *entry = &model->entries[numbers[i]];
		if (entry->bank != number)
			continue;
		effect = effect || entry->opinions[member] || record.opinion.opinion;
		entry->opinions[member] = record.opinion.opinion;
	}
	must_append(fixture, &model->members[member], &record, effect);
}

static void do_something(struct fixture *fixture, struct model *model)
{
	uint64_t which = draw(100);
	if (!model->bank_count || which < 6)
		do_bank(fixture, model);
	else if (which < 7)
		do_remove(fixture, model);
	else if (!model->entry_count || which < 35)
		do_add(fixture, model);
	else if (which < 75)
		do_entries(fixture, model, which < 45);
	else
		do_opinion(fixture, model);
}

static void same_as_model(struct fixture *fixture, const struct model *model)
{
	for (uint64_t i = 1; i <= model->entry_count; i++) {
		const struct model_entry *entry = &model->entries[i];
		uint32_t counts[4] = {0};
		struct told told = tell(fixture, i);
		for (size_t j = 0; j < MEMBERS; j++)
			counts[entry->opinions[j]]++;
		assert_string_equal(told.content_class, entry->content_class);
		assert_string_equal(told.labels, entry->labels);
		assert_string_equal(told.bank, model->banks[entry->bank].name);
		assert_int_equal(told.expires_ms, entry->expires_ms);
		assert_int_equal(told.withdrawn, entry->withdrawn);
		for (size_t j = 1; j < 4; j++)
			assert_int_equal(told.counts[j], counts[j]);
	}
}

static void same_counts(struct fixture *fixture, const struct model *model)
{
	int64_t now_ms = clock_now_ms();
	for (unsigned bank = 1; bank <= model->bank_count; bank++) {
		struct store_bank_counts counts, expected = {0};
		for (uint64_t i = 1; i <= model->entry_count; i++) {
			const struct model_entry *entry = &model->entries[i];
			if (entry->bank != bank)
				continue;
			expected.withdrawn_count += entry->withdrawn;
			expected.expired_count += !entry->withdrawn && entry->expires_ms <= now_ms;
			expected.entry_count += !entry->withdrawn && entry->expires_ms > now_ms;
		}
		assert_int_equal(
			store_bank_counts(fixture->store, bank, now_ms, &counts, &fixture->err), 0);
		assert_memory_equal(&counts, &expected, sizeof counts);
	}
}

static void live(struct fixture *fixture, uint64_t seed)
{
	static struct reader early, late;
	static struct model model;
	unsigned mended;
	memset(&early, 0, sizeof early);
	memset(&model, 0, sizeof model);
	random_state = seed;
	assert_true(fixture_found(fixture, &model.members[0]));
	assert_true(fixture_found(fixture, &model.members[1]));
	model.members[2] = model.members[1];
	memset(model.members[2].id + 8, 0x92, 8);
	for (int round = 0; round < 40; round++) {
		assert_int_equal(store_begin(fixture->store, &fixture->err), 0);
		for (uint64_t i = draw(12); i > 0; i--)
			do_something(fixture, &model);
		assert_int_equal(store_commit(fixture->store, &fixture->err), 0);
		if (draw(3))
			read_on(fixture, &early);
	}
	read_on(fixture, &early);
	memset(&late, 0, sizeof late);
	read_on(fixture, &late);
	same_readers(&early, &late);
	same_as_model(fixture, &model);
	same_counts(fixture, &model);
	assert_int_equal(fsck(fixture, true, &mended), 0);
	assert_true(model.entry_count > 20);
}

static void random_histories_fold_alike_bit_by_bit_and_at_once(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 6; seed++) {
		struct fixture fixture;
		fixture_open(&fixture);
		live(&fixture, seed);
		fixture_remove(&fixture);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_histories_fold_alike_bit_by_bit_and_at_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
