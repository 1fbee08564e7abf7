/* Where a class or a label is asked for, the store's index of what is said leads to the entries that say it, and each is
 * looked at, for the index goes by hashes and knows neither banks nor states. Where so many different things are said that
 * this would be slower, and where nothing of the kind is asked for, a search goes down from the newest entry in windows of
 * consecutive numbers. Within one the store tells entries by ascending number, so the last ones that fit are kept in a ring,
 * one for each bank that is asked for. A window in which a bank has few entries makes the next one wider: numbers that are
 * others' are passed over without being read. */
#include "engine/search.h"

#include "base/check.h"
#include "base/err.h"
#include "engine/engine.h"
#include "os/clock.h"

#include <stdlib.h>
#include <string.h>

#define WINDOW_MIN  4096u
#define WINDOW_MAX  (1u << 22)
#define WINDOWS_MAX 256u /* in one call */

/* Of one label, say: with more, entries that have it are not rare, and the walk soon finds them. */
#define METAS_MAX 4096u
/* Entries of theirs that are looked at at once. */
#define BATCH 256u
/* One by one: where so many say it and do not fit, because of their state say, walking is faster. */
#define LOOKS_MAX 2048u
/* Banks whose entries are asked for one by one; with more, whichever comes is looked at. */
#define BANKS_MAX 64u

int search_state_parse(const char *name, enum search_state *ret_state, struct hilf_err *err)
{
	static const char *const names[] = {
		"any", "in_force", "expired", "withdrawn", "erased", "muted", "disputed"};
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		if (strcmp(name, names[i]) == 0) {
			*ret_state = (enum search_state)i;
			return 0;
		}
	}
	return err_set(err, HILF_E_INVALID,
		"there is no state '%.40s'; there are any, in_force, expired, withdrawn, erased, "
		"muted, disputed",
		name);
}

struct looking {
	const struct search *search;
	uint8_t member[UUID_SIZE];
	const char *value; /* of the label, behind its '='; NULL: key or value are `label` */
	int64_t now_ms;
	uint64_t high;  /* of the window */
	uint32_t meta;  /* the last one asked, and whether it is wanted: they come in runs */
	uint32_t bank;  /* so do banks */
	uint32_t named; /* the one that was asked for; 0: none */
	bool meta_fits, bank_fits;
	size_t told;
	uint64_t *ring;
	size_t room, found;        /* of the window */
	uint32_t banks[BANKS_MAX]; /* 0 alone: of all */
	size_t bank_count;
};

static bool has_label(const struct looking *looking, const struct store_meta *meta)
{
	const char *label = looking->search->label, *value = looking->value;
	for (size_t i = 0; i < meta->label_count; i++) {
		const struct hilf_label *one = &meta->labels[i];
		size_t size = strlen(one->key);
		if (value ? size == (size_t)(value - 1 - label) && !memcmp(one->key, label, size) &&
					!strcmp(one->value, value)
			  : !strcmp(one->key, label) || !strcmp(one->value, label))
			return true;
	}
	return false;
}

static bool fits_meta(struct looking *looking, const struct store_meta *meta)
{
	const struct search *search = looking->search;
	if (looking->meta == meta->id && meta->id)
		return looking->meta_fits;
	looking->meta = meta->id;
	looking->meta_fits =
		(!search->content_class || !strcmp(search->content_class, meta->content_class)) &&
		(!search->label || has_label(looking, meta));
	return looking->meta_fits;
}

static bool fits_bank(struct looking *looking, const struct store_bank *bank)
{
	const struct search *search = looking->search;
	if (looking->bank == bank->id)
		return looking->bank_fits;
	looking->bank = bank->id;
	looking->bank_fits =
		(!looking->named || looking->named == bank->id) &&
		(!search->member || !memcmp(bank->author, looking->member, UUID_SIZE)) &&
		(!search->may || search->may(bank->name, search->ctx));
	return looking->bank_fits;
}

static bool fits_state(const struct looking *looking, const struct store_told *told)
{
	enum hilf_entry_state state = entry_state(told, looking->now_ms);
	switch (looking->search->state) {
	case SEARCH_ANY:
		return true;
	case SEARCH_IN_FORCE:
		return state == HILF_IN_FORCE;
	case SEARCH_EXPIRED:
		return state == HILF_EXPIRED;
	case SEARCH_WITHDRAWN:
		return state == HILF_WITHDRAWN;
	case SEARCH_ERASED:
		return state == HILF_ERASED;
	case SEARCH_MUTED:
		return state == HILF_IN_FORCE && told->muted_until_ms > looking->now_ms;
	case SEARCH_DISPUTED:
		return state == HILF_IN_FORCE && told->dispute_count;
	}
	return false;
}

static int look(const struct store_told *told, void *ctx)
{
	struct looking *looking = ctx;
	if (told->entry.id > looking->high)
		return HILF_E_STOPPED;
	looking->told++;
	if (fits_bank(looking, told->bank) && fits_meta(looking, told->meta) &&
		fits_state(looking, told))
		looking->ring[looking->found++ % looking->room] = told->entry.id;
	return 0;
}

/* What was found in the window, newest first, behind what there is already. */
static void take(const struct looking *looking, uint64_t *entries, size_t *count)
{
	size_t kept = looking->found < looking->room ? looking->found : looking->room;
	for (size_t i = 1; i <= kept; i++)
		entries[(*count)++] = looking->ring[(looking->found - i) % looking->room];
}

/* ------------------------------------------------------------------------------------------ by what is said */

struct metas {
	uint32_t all[2 * METAS_MAX];
	size_t count;
	bool many;
};

static int add_metas(struct hilf *hilf, enum store_said what, const char *text, struct metas *metas,
	struct hilf_err *err)
{
	size_t count = 0;
	int rc = store_metas_saying(
		hilf->store, what, text, metas->all + metas->count, METAS_MAX, &count, err);
	if (rc)
		return rc;
	metas->many = metas->many || count > METAS_MAX;
	metas->count += count < METAS_MAX ? count : METAS_MAX;
	return 0;
}

/* A label is rarer than a class, so it leads where both are asked for. */
static int read_metas(
	struct hilf *hilf, const struct looking *looking, struct metas *metas, struct hilf_err *err)
{
	const struct search *search = looking->search;
	if (!search->label)
		return add_metas(hilf, STORE_SAID_CLASS, search->content_class, metas, err);
	if (looking->value)
		return add_metas(hilf, STORE_SAID_LABEL, search->label, metas, err);
	int rc = add_metas(hilf, STORE_SAID_KEY, search->label, metas, err);
	return rc || metas->many ? rc
				 : add_metas(hilf, STORE_SAID_VALUE, search->label, metas, err);
}

/* One may come twice, by a key and by a value: then it is told twice in a row. */
static int look_at(struct hilf *hilf, struct looking *looking, const struct metas *metas,
	uint64_t *high, uint64_t *entries, size_t *count, struct hilf_err *err)
{
	uint64_t batch[BATCH];
	size_t room = looking->room, found = 0, looked = 0;
	int rc = 0;
	for (bool more = true; more && *high && *count < room && looked < LOOKS_MAX;) {
		rc = store_entries_of_metas(hilf->store, metas->all, metas->count, *high + 1, batch,
			BATCH, &found, err);
		for (size_t i = 0; i < found && !rc && *count < room; i++, looked++) {
			uint64_t before = looking->found;
			*high = batch[i] - 1;
			if (i && batch[i] == batch[i - 1])
				continue;
			rc = store_entry_tell(hilf->store, batch[i], NULL, look, looking, err);
			if (!rc && looking->found > before)
				entries[(*count)++] = batch[i];
		}
		more = !rc && found == BATCH;
		if (!rc && !more && *count < room)
			*high = 0;
	}
	return rc;
}

/* ------------------------------------------------------------------------------------------ by walking */

/* The banks whose entries can fit: all, the one that was named, or those that fit by themselves. */
static int choose_banks(struct hilf *hilf, struct looking *looking, struct hilf_err *err)
{
	const struct search *search = looking->search;
	struct store_bank bank;
	bool others = false;
	int rc = 0;
	looking->bank_count = 1;
	looking->banks[0] = looking->named;
	if (looking->named || (!search->member && !search->may))
		return 0;
	size_t count = 0;
	for (uint32_t id = 1; !rc && count <= BANKS_MAX; id++) {
		rc = store_bank_by_id(hilf->store, false, id, &bank, err);
		if (!rc && !fits_bank(looking, &bank))
			others = true;
		else if (!rc && count++ < BANKS_MAX)
			looking->banks[count - 1] = id;
	}
	if (rc && rc != HILF_E_NOT_FOUND)
		return rc;
	looking->bank_count = count;
	if (!others || count > BANKS_MAX) {
		looking->bank_count = 1;
		looking->banks[0] = 0;
	}
	return 0;
}

static int descending(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
	return (a < b) - (a > b);
}

/* Those of a window behind what there is already: entries has room for twice as many as are wanted. */
static int look_through(struct hilf *hilf, struct looking *looking, uint64_t low, uint64_t window,
	uint64_t *entries, size_t *count, struct hilf_err *err)
{
	size_t had = *count;
	for (size_t i = 0; i < looking->bank_count; i++) {
		looking->found = 0;
		int rc = store_entry_page(hilf->store, looking->banks[i], low, window, true,
			looking->now_ms, look, looking, err);
		if (rc && rc != HILF_E_STOPPED)
			return rc;
		take(looking, entries, count);
		if (looking->bank_count > 1)
			qsort(entries + had, *count - had, sizeof *entries, descending);
		*count = *count < had + looking->room ? *count : had + looking->room;
	}
	return 0;
}

static int walk(struct hilf *hilf, struct looking *looking, size_t room, uint64_t *high,
	uint64_t *entries, size_t *count, struct hilf_err *err)
{
	uint64_t window = WINDOW_MIN;
	size_t looked = 0;
	for (size_t i = 0; *high && i < WINDOWS_MAX && looked < SEARCH_LOOK_MAX; i++) {
		uint64_t low = *high > window ? *high - window : 0;
		looking->high = *high;
		looking->told = 0;
		looking->room = room - *count;
		int rc = look_through(hilf, looking, low, window, entries, count, err);
		if (rc)
			return rc;
		looked += looking->told;
		*high = low;
		if (*count == room) {
			*high = entries[*count - 1] - 1;
			return 0;
		}
		if (looking->told >= window / 16)
			window = WINDOW_MIN;
		else if (window < WINDOW_MAX)
			window *= 4;
	}
	return 0;
}

static int begin(struct hilf *hilf, const struct search *search, struct looking *looking,
	struct hilf_err *err)
{
	struct store_bank bank;
	int rc = search->content_class ? record_check_class(search->content_class, err) : 0;
	if (rc)
		return rc;
	if (search->member && !uuid_parse(search->member, strlen(search->member), looking->member))
		return err_set(err, HILF_E_INVALID, "'%.60s' is no member's id", search->member);
	const char *equals = search->label ? strchr(search->label, '=') : NULL;
	looking->value = equals ? equals + 1 : NULL;
	if (!search->bank)
		return 0;
	rc = bank_find(hilf, false, search->bank, &bank, err);
	if (!rc)
		looking->named = bank.id;
	return rc;
}

static int newest(struct hilf *hilf, uint64_t *ret_high, struct hilf_err *err)
{
	struct store_counts counts;
	int rc = store_counts(hilf->store, 0, &counts, err);
	if (!rc)
		*ret_high = counts.entry_count + counts.expired_count + counts.withdrawn_count;
	return rc;
}

static int find(struct hilf *hilf, struct looking *looking, size_t room, uint64_t *high,
	uint64_t *entries, size_t *count, struct hilf_err *err)
{
	const struct search *search = looking->search;
	struct metas *metas = calloc(1, sizeof *metas);
	if (!metas)
		return err_no_memory(err);
	metas->many = !search->label && !search->content_class;
	int rc = metas->many ? 0 : read_metas(hilf, looking, metas, err);
	looking->high = UINT64_MAX;
	looking->room = room;
	if (!rc && !metas->many)
		rc = look_at(hilf, looking, metas, high, entries, count, err);
	if (!rc && *count < room)
		rc = walk(hilf, looking, room, high, entries, count, err);
	free(metas);
	return rc;
}

int search_entries(struct hilf *hilf, const struct search *search, uint64_t before,
	uint64_t *ret_entries, size_t room, size_t *ret_count, uint64_t *ret_next,
	struct hilf_err *err)
{
	struct looking looking = {.search = search, .now_ms = clock_now_ms()};
	uint64_t high = 0;
	size_t count = 0;
	ASSERT(hilf && search && room);
	int rc = begin(hilf, search, &looking, err);
	if (!rc)
		rc = choose_banks(hilf, &looking, err);
	if (!rc)
		rc = newest(hilf, &high, err);
	if (rc)
		return rc;
	if (before && before <= high)
		high = before - 1;
	/* The ring, and the entries with what a window adds before they are cut. */
	uint64_t *memory = calloc(3 * room, sizeof *memory);
	if (!memory)
		return err_no_memory(err);
	looking.ring = memory;
	rc = find(hilf, &looking, room, &high, memory + room, &count, err);
	if (!rc) {
		memcpy(ret_entries, memory + room, count * sizeof *ret_entries);
		*ret_count = count;
		*ret_next = high ? high + 1 : 0;
	}
	free(memory);
	return rc;
}
