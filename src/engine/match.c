/* Matching: queries against what is known. Similar values come from the index, equal digests from the store; both pass
 * the same test (bank, radius, expiry), the nearest are kept, and the policy says what they mean. */
#include "base/check.h"
#include "base/err.h"
#include "base/uuid.h"
#include "engine/engine.h"
#include "engine/policy.h"
#include "os/clock.h"
#include "signal/signal.h"

#include <stdlib.h>
#include <string.h>

#define KEEP_DEFAULT 100u
#define KEEP_MAX     10000u
/* Queries given to the index at once: enough to hide its memory latency, few enough for the hits' room. */
#define BATCH        64u

struct matching {
	struct hilf *hilf;
	struct known *known;
	bool *selected;      /* by bank id */
	uint32_t bank_count; /* of `selected` */
	unsigned radius;     /* the widest of the selected banks */
	size_t keep;
	int64_t now_ms;
	struct index_hit *hits; /* BATCH * keep */
};

/* A hit before it becomes a match. */
struct found {
	uint32_t link;
	uint16_t distance;
	uint8_t signal_type, orientation, variant;
};

struct found_list {
	struct found *items;
	size_t count, room;
	uint64_t more;
};

static const struct known_group *group_of(const struct known *known, uint32_t link)
{
	const struct known_entry *entry = table_at(&known->entries, link);
	return entry && entry->group ? table_at(&known->groups, entry->group) : NULL;
}

/* Whether an entry counts for this query: its bank is asked for and there, and it has not expired. */
static const struct known_bank *counting_bank(const struct matching *matching, uint32_t link)
{
	const struct known_group *group = group_of(matching->known, link);
	if (!group || group->bank >= matching->bank_count || !matching->selected[group->bank] ||
		group->expires_ms <= matching->now_ms)
		return NULL;
	struct known_bank *bank = known_bank(matching->known, group->bank);
	return bank && !atomic_load_explicit(&bank->removed, memory_order_relaxed) ? bank : NULL;
}

static bool counts(uint32_t link, unsigned distance, void *ctx)
{
	const struct known_bank *bank = counting_bank(ctx, link);
	return bank && distance <= atomic_load_explicit(&bank->pdq_radius, memory_order_relaxed);
}

static bool select_bank(struct matching *matching, uint32_t id)
{
	struct known_bank *bank = known_bank(matching->known, id);
	if (!bank || !bank->name[0] || atomic_load(&bank->removed))
		return false;
	unsigned radius = atomic_load(&bank->pdq_radius);
	matching->selected[id] = true;
	matching->radius = radius > matching->radius ? radius : matching->radius;
	return true;
}

static int select_banks(
	struct matching *matching, const struct hilf_query *query, struct hilf_err *err)
{
	if (!query || !query->banks) {
		for (uint32_t id = 1; id < matching->bank_count; id++)
			select_bank(matching, id);
		return 0;
	}
	for (size_t i = 0; i < query->bank_count; i++) {
		bool found = false;
		for (uint32_t id = 1; id < matching->bank_count; id++) {
			const struct known_bank *bank = known_bank(matching->known, id);
			if (strcmp(bank->name, query->banks[i]) == 0)
				found = select_bank(matching, id) || found;
		}
		if (!found)
			return err_set(err, HILF_E_NOT_FOUND,
				"there is no bank '%.64s'; 'hilf bank list' shows those there are", query->banks[i]);
	}
	return 0;
}

static void matching_end(struct matching *matching)
{
	free(matching->selected);
	free(matching->hits);
}

static int matching_begin(struct matching *matching, struct hilf *hilf,
	const struct hilf_query *query, struct hilf_err *err)
{
	*matching = (struct matching){.hilf = hilf, .known = hilf->known, .now_ms = clock_now_ms()};
	if (!hilf->known)
		return err_set(err, HILF_E_UNSUPPORTED,
			"this handle was opened without an index; open it with no_index false to match");
	int rc = known_apply(hilf->known, hilf->store, err);
	if (rc)
		return rc;
	matching->keep = query && query->limit ? query->limit : KEEP_DEFAULT;
	if (matching->keep > KEEP_MAX)
		matching->keep = KEEP_MAX;
	matching->bank_count = table_count(&hilf->known->banks);
	matching->selected = calloc(matching->bank_count, sizeof *matching->selected);
	matching->hits = calloc(BATCH * matching->keep, sizeof *matching->hits);
	if (!matching->selected || !matching->hits)
		rc = err_no_memory(err);
	if (!rc)
		rc = select_banks(matching, query, err);
	if (rc)
		matching_end(matching);
	return rc;
}

static int found_add(struct found_list *list, struct found found, struct hilf_err *err)
{
	if (list->count == list->room) {
		size_t room = list->room ? 2 * list->room : 16;
		struct found *items = realloc(list->items, room * sizeof *items);
		if (!items)
			return err_no_memory(err);
		list->items = items;
		list->room = room;
	}
	list->items[list->count++] = found;
	return 0;
}

/* Looks up to BATCH values at once; ret_hits[count] point into matching->hits. */
static int find_values(struct matching *matching, const uint8_t *values, size_t count,
	struct index_hits *ret_hits, struct hilf_err *err)
{
	const struct index_ops *ops = matching->known->index_ops;
	ASSERT(count <= BATCH);
	for (size_t i = 0; i < count; i++)
		ret_hits[i] = (struct index_hits){
			.hits = matching->hits + i * matching->keep, .keep = matching->keep};
	return ops->find_batch(matching->known->index, values, count, matching->radius, counts, matching,
		ret_hits, err);
}

struct equal_ctx {
	struct matching *matching;
	struct found_list *list;
	uint8_t signal_type;
	struct hilf_err *err;
};

static int take_equal(uint64_t entry, uint32_t bank, void *ctx)
{
	struct equal_ctx *equal = ctx;
	(void)bank;
	if (entry > UINT32_MAX || !counting_bank(equal->matching, (uint32_t)entry))
		return 0;
	return found_add(equal->list,
		(struct found){.link = (uint32_t)entry, .signal_type = equal->signal_type}, equal->err);
}

static int find_equal(struct matching *matching, const struct hilf_signal *signal,
	struct found_list *list, struct hilf_err *err)
{
	struct equal_ctx equal = {matching, list, signal->type, err};
	return store_each_equal(matching->hilf->store, signal, take_equal, &equal, err);
}

static int by_entry(const void *a, const void *b)
{
	const struct found *x = a, *y = b;
	if (x->link != y->link)
		return x->link < y->link ? -1 : 1;
	if (x->signal_type != y->signal_type)
		return x->signal_type < y->signal_type ? -1 : 1;
	if (x->distance != y->distance)
		return x->distance < y->distance ? -1 : 1;
	if (x->variant != y->variant)
		return x->variant < y->variant ? -1 : 1;
	return (x->orientation > y->orientation) - (x->orientation < y->orientation);
}

/* Nearest first; an equal file says more than an equal picture. */
static int by_distance(const void *a, const void *b)
{
	const struct found *x = a, *y = b;
	bool x_similar = signal_is_similarity(x->signal_type), y_similar = signal_is_similarity(y->signal_type);
	if (x->distance != y->distance)
		return x->distance < y->distance ? -1 : 1;
	if (x_similar != y_similar)
		return x_similar ? 1 : -1;
	return by_entry(a, b);
}

/* One per entry and signal type, the nearest; then the nearest of all, `keep` at most. */
static void settle(struct found_list *list, size_t keep)
{
	size_t to = 0;
	if (!list->count)
		return;
	qsort(list->items, list->count, sizeof *list->items, by_entry);
	for (size_t i = 1; i < list->count; i++)
		if (list->items[i].link != list->items[to].link ||
			list->items[i].signal_type != list->items[to].signal_type)
			list->items[++to] = list->items[i];
	list->count = to + 1;
	qsort(list->items, list->count, sizeof *list->items, by_distance);
	if (list->count > keep) {
		list->more += list->count - keep;
		list->count = keep;
	}
}

static void describe(const struct matching *matching, const struct found *found,
	struct hilf_match *ret_match)
{
	const struct known *known = matching->known;
	const struct known_entry *entry = table_at(&known->entries, found->link);
	const struct known_group *group = group_of(known, found->link);
	const struct known_bank *bank = known_bank(known, group->bank);
	const struct known_meta *meta = table_at(&known->metas, entry->meta);
	struct record_entry_id gid = {.ordinal = entry->ordinal};
	memcpy(gid.record, group->record, UUID_SIZE);
	*ret_match = (struct hilf_match){
		.entry = found->link,
		.mode = (enum hilf_mode)atomic_load(&bank->mode),
		.signal_type = found->signal_type,
		.orientation = found->orientation,
		.variant = found->variant,
		.distance = found->distance,
		.threshold = signal_is_similarity(found->signal_type) ?
			(uint16_t)atomic_load(&bank->pdq_radius) : 0,
		.content_class = meta->content_class,
		.labels = meta->labels,
		.label_count = meta->label_count,
	};
	record_entry_id_format(&gid, ret_match->gid);
	memcpy(ret_match->bank, bank->name, sizeof ret_match->bank);
}

/* Turns what was found into the answer. `partial`: not all of the query was read. */
static int answer(const struct matching *matching, struct found_list *list, bool partial,
	struct hilf_check *ret_check, struct hilf_err *err)
{
	struct hilf_check check = {.verdict = partial ? HILF_UNDECIDED : HILF_NO_MATCH};
	settle(list, matching->keep);
	check.shadow_verdict = check.verdict;
	check.match_more = list->more;
	if (list->count) {
		check.matches = calloc(list->count, sizeof *check.matches);
		if (!check.matches)
			return err_no_memory(err);
	}
	for (size_t i = 0; i < list->count; i++) {
		struct hilf_match *match = &check.matches[check.match_count++];
		describe(matching, &list->items[i], match);
		const struct known_group *group = group_of(matching->known, list->items[i].link);
		bool own = known_bank(matching->known, group->bank)->own;
		/* An equal digest is the whole file, read or not. */
		bool part = partial && signal_is_similarity(match->signal_type);
		enum hilf_mode would = match->mode == HILF_SHADOW ? HILF_REVIEW : match->mode;
		check.verdict = policy_worst(check.verdict, policy_verdict(match->mode, own, part));
		check.shadow_verdict =
			policy_worst(check.shadow_verdict, policy_verdict(would, own, part));
	}
	*ret_check = check;
	return 0;
}

/* All orientations of all variants of a picture, three pictures at most: one batch of the index. */
static int find_pictures(struct matching *matching, const struct hilf_content *content,
	struct found_list *list, struct hilf_err *err)
{
	uint8_t values[HILF_PICTURE_MAX * HILF_ORIENTATION_COUNT][32];
	struct found of[HILF_PICTURE_MAX * HILF_ORIENTATION_COUNT];
	struct index_hits hits[HILF_PICTURE_MAX * HILF_ORIENTATION_COUNT];
	size_t count = 0;
	ASSERT(content->picture_count <= HILF_PICTURE_MAX);
	for (size_t i = 0; i < content->picture_count; i++) {
		const struct hilf_picture *picture = &content->pictures[i];
		for (uint8_t j = 0; j < HILF_ORIENTATION_COUNT && !picture->degenerate; j++) {
			memcpy(values[count], picture->pdq[j], 32);
			of[count++] = (struct found){
				.signal_type = HILF_PDQ, .orientation = j, .variant = picture->variant};
		}
	}
	if (!count)
		return 0;
	int rc = find_values(matching, values[0], count, hits, err);
	for (size_t i = 0; i < count && !rc; i++) {
		/* The same entry may be beyond the limit in several orientations: an upper bound. */
		list->more += hits[i].total - hits[i].count;
		for (size_t j = 0; j < hits[i].count && !rc; j++) {
			struct found found = of[i];
			found.link = hits[i].hits[j].link;
			found.distance = hits[i].hits[j].distance;
			rc = found_add(list, found, err);
		}
	}
	return rc;
}

static int find_content(struct matching *matching, const struct hilf_content *content,
	struct found_list *list, struct hilf_err *err)
{
	struct hilf_signal sha256 = {.type = HILF_SHA256, .size = 32}, md5 = {.type = HILF_MD5, .size = 16};
	int rc = 0;
	if (content->digests) {
		memcpy(sha256.value, content->sha256, sizeof content->sha256);
		memcpy(md5.value, content->md5, sizeof content->md5);
		rc = find_equal(matching, &sha256, list, err);
		if (!rc)
			rc = find_equal(matching, &md5, list, err);
	}
	return rc ? rc : find_pictures(matching, content, list, err);
}

int hilf_match_content(struct hilf *hilf, const struct hilf_query *query,
	const struct hilf_content *content, struct hilf_check *ret_check, struct hilf_err *err)
{
	struct found_list list = {0};
	struct matching matching;
	ASSERT(hilf && content && ret_check);
	int rc = matching_begin(&matching, hilf, query, err);
	if (rc)
		return rc;
	rc = find_content(&matching, content, &list, err);
	if (!rc)
		rc = answer(&matching, &list, !content->decided, ret_check, err);
	free(list.items);
	matching_end(&matching);
	return rc;
}

static int answer_hits(const struct matching *matching, const struct index_hits *hits,
	struct hilf_check *ret_check, struct hilf_err *err)
{
	struct found_list list = {.more = hits->total - hits->count};
	int rc = 0;
	for (size_t i = 0; i < hits->count && !rc; i++)
		rc = found_add(&list,
			(struct found){.link = hits->hits[i].link, .distance = hits->hits[i].distance,
				.signal_type = HILF_PDQ}, err);
	if (!rc)
		rc = answer(matching, &list, false, ret_check, err);
	free(list.items);
	return rc;
}

static int match_equal(struct matching *matching, const struct hilf_signal *signal,
	struct hilf_check *ret_check, struct hilf_err *err)
{
	struct found_list list = {0};
	int rc = find_equal(matching, signal, &list, err);
	if (!rc)
		rc = answer(matching, &list, false, ret_check, err);
	free(list.items);
	return rc;
}

/* Up to BATCH signals: the similar ones together, the others one by one. */
static int match_block(struct matching *matching, const struct hilf_signal *signals, size_t count,
	struct hilf_check *ret_checks, struct hilf_err *err)
{
	uint8_t values[BATCH][32];
	size_t of[BATCH], similar_count = 0;
	struct index_hits hits[BATCH];
	int rc = 0;
	for (size_t i = 0; i < count && !rc; i++) {
		ret_checks[i] = (struct hilf_check){0};
		if (!signal_is_similarity(signals[i].type)) {
			rc = match_equal(matching, &signals[i], &ret_checks[i], err);
		} else if (!signal_degenerate(&signals[i])) {
			memcpy(values[similar_count], signals[i].value, 32);
			of[similar_count++] = i;
		}
	}
	if (!rc && similar_count)
		rc = find_values(matching, values[0], similar_count, hits, err);
	for (size_t i = 0; i < similar_count && !rc; i++)
		rc = answer_hits(matching, &hits[i], &ret_checks[of[i]], err);
	return rc;
}

int hilf_match_signals(struct hilf *hilf, const struct hilf_query *query,
	const struct hilf_signal *signals, size_t count, struct hilf_check *ret_checks,
	struct hilf_err *err)
{
	struct matching matching;
	ASSERT(hilf && (signals || !count));
	int rc = matching_begin(&matching, hilf, query, err);
	if (rc)
		return rc;
	for (size_t i = 0; i < count; i++)
		ret_checks[i] = (struct hilf_check){0};
	for (size_t at = 0; at < count && !rc; at += BATCH) {
		size_t block = count - at < BATCH ? count - at : BATCH;
		rc = match_block(&matching, signals + at, block, ret_checks + at, err);
	}
	for (size_t i = 0; i < count && rc; i++)
		hilf_check_free(&ret_checks[i]);
	matching_end(&matching);
	return rc;
}

void hilf_check_free(struct hilf_check *check)
{
	if (!check)
		return;
	free(check->matches);
	check->matches = NULL;
	check->match_count = 0;
}
