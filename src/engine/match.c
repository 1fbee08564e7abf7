/* Matching: queries against what is known. Similar values come from the index, equal digests from the store; both pass
 * the same test (bank, radius, expiry), the nearest are kept, and the policy says what they mean. */
#include "base/check.h"
#include "base/err.h"
#include "base/uuid.h"
#include "engine/current.h"
#include "engine/engine.h"
#include "engine/match_room.h"
#include "engine/policy.h"
#include "os/clock.h"
#include "signal/signal.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define KEEP_DEFAULT 100u
#define KEEP_MAX     10000u
/* Queries given to the index at once: enough to hide its memory latency, few enough for the hits' room. */
#define BATCH    64u
#define HITS_MAX (256u * 1024)

struct matching {
	struct hilf *hilf;
	struct known *known;
	struct match_room *room;
	uint32_t bank_count; /* of room->selected */
	unsigned radius;     /* the widest of the selected banks */
	size_t keep;
	int64_t now_ms;
	bool sampled; /* some selected bank does not count all of its matches */
	bool as_is, no_shadow;
	uint8_t sample_key[crypto_shorthash_KEYBYTES]; /* of the seed, or by chance */
	bool has_seed;
	uint64_t check_count; /* begun so far: each has its own chance where there is no seed */
	size_t each; /* hits for each query: `keep` entries, all with as many values as an entry may have */
	size_t batch; /* queries that go to the index at once, batch * each hits */
};

/* Of one check; its items are the room's, so there is one at a time. */
struct found_list {
	struct match_room *room;
	size_t count;
	uint64_t more;
	bool partial;    /* not all of the query was read */
	uint64_t chance; /* of this check, where there is no seed */
	enum hilf_verdict verdict, shadow_verdict;
};

static const struct known_group *group_of(const struct known *known, uint32_t link)
{
	struct known_entry *entry = table_at(&known->entries, link);
	uint32_t group = entry ? atomic_load_explicit(&entry->group, memory_order_acquire) : 0;
	return group ? table_at(&known->groups, group) : NULL;
}

static bool is_disputed(const struct known *known, uint32_t link)
{
	struct known_entry *entry = table_at(&known->entries, link);
	return entry && atomic_load_explicit(&entry->place, memory_order_relaxed) & KNOWN_DISPUTED;
}

/* Whether an entry counts for this query: its bank is asked for and there, it has not expired and is not mute here. */
static const struct known_bank *counting_bank(const struct matching *matching, uint32_t link)
{
	const struct known_group *group = group_of(matching->known, link);
	if (!group || group->bank >= matching->bank_count ||
		!matching->room->selected[group->bank] || group->expires_ms <= matching->now_ms)
		return NULL;
	struct known_bank *bank = known_bank(matching->known, group->bank);
	if (!bank || atomic_load_explicit(&bank->removed, memory_order_relaxed))
		return NULL;
	return known_is_mute(matching->known, link, matching->now_ms) ? NULL : bank;
}

static bool counts(uint32_t link, unsigned distance, void *ctx)
{
	const struct known_bank *bank = counting_bank(ctx, link);
	return bank && distance <= atomic_load_explicit(&bank->pdq_radius, memory_order_relaxed);
}

/* Whether this check is among those that the bank does not count. The same for all its matches; with a seed, the same
 * whenever it is asked again. */
static bool is_sampled_out(const struct matching *matching, const struct found_list *list,
	const struct known_bank *bank)
{
	uint8_t bytes[UUID_SIZE + sizeof list->chance];
	uint64_t hash;
	if (!matching->sampled)
		return false;
	uint32_t sample_ppm = atomic_load_explicit(&bank->sample_ppm, memory_order_relaxed);
	if (sample_ppm >= STORE_SAMPLE_ALL)
		return false;
	memcpy(bytes, bank->gid, UUID_SIZE);
	memcpy(bytes + UUID_SIZE, &list->chance, sizeof list->chance);
	crypto_shorthash((unsigned char *)&hash, bytes, sizeof bytes, matching->sample_key);
	return hash % STORE_SAMPLE_ALL >= sample_ppm;
}

/* What one match does to the verdicts. An equal digest is the whole file, read or not. One that is sampled out does
 * nothing, like one of a bank in shadow. */
static void weigh(const struct matching *matching, struct found_list *list,
	const struct known_bank *bank, uint32_t link, bool similar)
{
	ASSERT(bank);
	bool disputed = is_disputed(matching->known, link);
	bool partial = list->partial && similar;
	enum hilf_mode mode =
		(enum hilf_mode)atomic_load_explicit(&bank->mode, memory_order_relaxed);
	enum hilf_mode would = mode == HILF_SHADOW ? HILF_REVIEW : mode;
	if (is_sampled_out(matching, list, bank))
		mode = HILF_SHADOW;
	list->verdict =
		policy_worst(list->verdict, policy_verdict(mode, bank->own, partial, disputed));
	list->shadow_verdict = policy_worst(
		list->shadow_verdict, policy_verdict(would, bank->own, partial, disputed));
}

static bool select_bank(struct matching *matching, uint32_t id)
{
	struct known_bank *bank = known_bank(matching->known, id);
	if (!bank || !atomic_load(&bank->name) || atomic_load(&bank->removed))
		return false;
	if (matching->no_shadow && atomic_load(&bank->mode) == HILF_SHADOW)
		return true;
	unsigned radius = atomic_load(&bank->pdq_radius);
	matching->room->selected[id] = true;
	matching->sampled |= atomic_load(&bank->sample_ppm) < STORE_SAMPLE_ALL;
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
	bool any = false;
	for (size_t i = 0; i < query->bank_count; i++) {
		bool found = false;
		for (uint32_t id = 1; id < matching->bank_count; id++) {
			const struct known_bank *bank = known_bank(matching->known, id);
			const char *name = atomic_load(&bank->name);
			if (name && strcmp(name, query->banks[i]) == 0)
				found = select_bank(matching, id) || found;
		}
		if (!found && !query->lenient)
			return err_set(err, HILF_E_NOT_FOUND,
				"there is no bank '%.64s'; 'hilf bank list' shows those there are",
				query->banks[i]);
		any = any || found;
	}
	/* Compared with nothing, everything would be clean. */
	if (!any && query->bank_count)
		return err_set(err, HILF_E_NOT_FOUND,
			"there is none of the banks that are to be compared with, such as '%.64s': "
			"they were renamed or removed",
			query->banks[0]);
	return 0;
}

static void matching_end(struct matching *matching)
{
	match_room_give(matching->hilf, matching->room);
}

static void begin_sampling(struct matching *matching, const struct hilf_query *query)
{
	matching->sampled = matching->sampled && !(query && query->unsampled);
	if (!matching->sampled)
		return;
	matching->has_seed = query && query->seed;
	if (matching->has_seed)
		crypto_generichash(matching->sample_key, sizeof matching->sample_key,
			(const unsigned char *)query->seed, strlen(query->seed), NULL, 0);
	else
		random_bytes(matching->sample_key, sizeof matching->sample_key);
}

/* count: of values to look for, 0 when there are none. */
static int matching_begin(struct matching *matching, struct hilf *hilf, struct known *known,
	const struct hilf_query *query, size_t count, struct hilf_err *err)
{
	*matching = (struct matching){.hilf = hilf, .known = known, .now_ms = clock_now_ms()};
	matching->keep = query && query->limit ? query->limit : KEEP_DEFAULT;
	if (matching->keep > KEEP_MAX)
		matching->keep = KEEP_MAX;
	matching->bank_count = table_count(&known->banks);
	matching->each = matching->keep * LIMIT_ENTRY_SIGNALS;
	matching->batch = HITS_MAX / matching->each ? HITS_MAX / matching->each : 1;
	matching->batch = matching->batch > BATCH ? BATCH : matching->batch;
	matching->batch = count && count < matching->batch ? count : matching->batch;
	matching->no_shadow = query && query->no_shadow;
	matching->room =
		match_room_take(hilf, matching->batch * matching->each, matching->bank_count);
	int rc = matching->room ? select_banks(matching, query, err) : err_no_memory(err);
	if (rc) {
		matching_end(matching);
		return rc;
	}
	matching->as_is = query && query->as_is;
	begin_sampling(matching, query);
	return 0;
}

static struct found_list list_begin(struct matching *matching)
{
	struct found_list list = {
		.room = matching->room, .chance = matching->has_seed ? 0 : ++matching->check_count};
	return list;
}

static int found_add(struct found_list *list, struct found found, struct hilf_err *err)
{
	if (list->count == list->room->item_room && !match_room_grow(list->room))
		return err_no_memory(err);
	list->room->items[list->count++] = found;
	return 0;
}

/* What the table of entries has of each hit, of all queries: asked for at once, so that they wait for memory together. */
static void expect_entries(
	const struct matching *matching, const struct index_hits *hits, size_t count)
{
	const struct table *entries = &matching->known->entries;
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < hits[i].count; j++)
			__builtin_prefetch(table_at(entries, hits[i].hits[j].link));
}

/* Leaves the hits that count. More than there was room for are looked for again, so that none of those is pushed out by one
 * that does not. */
static int keep_counting(struct matching *matching, const uint8_t *value, struct index_hits *hits,
	struct hilf_err *err)
{
	const struct known *known = matching->known;
	size_t kept = 0;
	if (hits->total > hits->count) {
		hits->count = hits->total = 0;
		return known->index_ops->find(
			known->index, value, matching->radius, counts, matching, hits, err);
	}
	for (size_t i = 0; i < hits->count; i++)
		if (counts(hits->hits[i].link, hits->hits[i].distance, matching))
			hits->hits[kept++] = hits->hits[i];
	hits->total = hits->count = kept;
	return 0;
}

/* Looks up to matching->batch values at once; ret_hits[count] point into the room's hits. */
static int find_values(struct matching *matching, const uint8_t *values, size_t count,
	struct index_hits *ret_hits, struct hilf_err *err)
{
	struct known *known = matching->known;
	ASSERT(count <= matching->batch);
	for (size_t i = 0; i < count; i++)
		ret_hits[i] = (struct index_hits){
			.hits = matching->room->hits + i * matching->each, .keep = matching->each};
	int rc = known->index_ops->find_batch(
		known->index, values, count, matching->radius, NULL, NULL, ret_hits, err);
	expect_entries(matching, ret_hits, rc ? 0 : count);
	for (size_t i = 0; i < count && !rc; i++)
		rc = keep_counting(matching, values + i * 32, &ret_hits[i], err);
	return known_index_failed(known, rc, err);
}

struct weighing {
	struct matching *matching;
	struct found_list *list;
};

/* A filter that keeps nothing and weighs everything. */
static bool weigh_hit(uint32_t link, unsigned distance, void *ctx)
{
	struct weighing *weighing = ctx;
	if (counts(link, distance, weighing->matching))
		weigh(weighing->matching, weighing->list, counting_bank(weighing->matching, link),
			link, true);
	return false;
}

/* Takes one value's hits over. However few are kept, all of them count for the verdict: a thousand near copies in a
 * shadow bank must not hide the one in a bank that blocks. */
static int take_hits(struct matching *matching, const uint8_t *value, const struct index_hits *hits,
	struct found found, struct found_list *list, struct hilf_err *err)
{
	struct weighing weighing = {matching, list};
	struct index_hits none = {0};
	int rc = 0;
	for (size_t i = 0; i < hits->count && !rc; i++) {
		found.link = hits->hits[i].link;
		found.distance = hits->hits[i].distance;
		rc = found_add(list, found, err);
	}
	if (rc || hits->total == hits->count)
		return rc;
	/* The same entry may be beyond the room several times: an upper bound. */
	list->more += hits->total - hits->count;
	struct known *known = matching->known;
	rc = known->index_ops->find(
		known->index, value, matching->radius, weigh_hit, &weighing, &none, err);
	return known_index_failed(known, rc, err);
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
		(struct found){.link = (uint32_t)entry, .signal_type = equal->signal_type},
		equal->err);
}

static int find_equal(struct matching *matching, const struct hilf_signal *signal,
	struct found_list *list, struct hilf_err *err)
{
	struct equal_ctx equal = {matching, list, signal->type, err};
	return store_each_equal(matching->hilf->store, signal, take_equal, &equal, err);
}

/* One per entry and signal type; the nearest of them, `keep` at most. */
static void settle(struct found_list *list, size_t keep)
{
	list->count = found_settle(list->room->items, list->count);
	if (list->count > keep) {
		list->more += list->count - keep;
		list->count = keep;
	}
}

static void describe(const struct matching *matching, const struct found_list *list,
	const struct found *found, struct hilf_match *ret_match)
{
	const struct known *known = matching->known;
	struct known_entry *entry = table_at(&known->entries, found->link);
	const struct known_group *group = group_of(known, found->link);
	const struct known_bank *bank = known_bank(known, group->bank);
	const struct known_meta *meta =
		table_at(&known->metas, atomic_load_explicit(&entry->meta, memory_order_acquire));
	const uint32_t place = atomic_load_explicit(&entry->place, memory_order_relaxed);
	struct record_entry_id gid = {.ordinal = place & KNOWN_ORDINAL};
	memcpy(gid.record, group->record, UUID_SIZE);
	*ret_match = (struct hilf_match){
		.entry = found->link,
		.mode = (enum hilf_mode)atomic_load(&bank->mode),
		.signal_type = found->signal_type,
		.orientation = found->orientation,
		.variant = found->variant,
		.distance = found->distance,
		.threshold = signal_is_similarity(found->signal_type)
				     ? (uint16_t)atomic_load(&bank->pdq_radius)
				     : 0,
		.content_class = meta->content_class,
		.labels = meta->labels,
		.label_count = meta->label_count,
		.disputed = place & KNOWN_DISPUTED,
		.sampled_out = is_sampled_out(matching, list, bank),
	};
	if (!ret_match->sampled_out)
		ret_match->verdict = policy_verdict(ret_match->mode, bank->own,
			list->partial && signal_is_similarity(found->signal_type),
			ret_match->disputed);
	record_entry_id_format(&gid, ret_match->gid);
	strcpy(ret_match->bank, atomic_load(&bank->name));
}

/* Turns what was found into the answer. */
static int answer(const struct matching *matching, struct found_list *list,
	struct hilf_check *ret_check, struct hilf_err *err)
{
	struct hilf_check check = {0};
	/* An entry that could not be read was passed over. From here on all are read that will be. */
	if (damage_found(&matching->known->damage))
		return damage_tell(&matching->known->damage, err);
	if (list->partial) {
		list->verdict = policy_worst(list->verdict, HILF_UNDECIDED);
		list->shadow_verdict = policy_worst(list->shadow_verdict, HILF_UNDECIDED);
	}
	for (size_t i = 0; i < list->count; i++) {
		const struct found *found = &list->room->items[i];
		const struct known_group *group = group_of(matching->known, found->link);
		weigh(matching, list, known_bank(matching->known, group->bank), found->link,
			signal_is_similarity(found->signal_type));
	}
	check.verdict = list->verdict;
	check.shadow_verdict = list->shadow_verdict;
	settle(list, matching->keep);
	check.match_more = list->more;
	if (list->count) {
		check.matches = malloc(list->count * sizeof *check.matches);
		if (!check.matches)
			return err_no_memory(err);
	}
	for (size_t i = 0; i < list->count; i++)
		describe(
			matching, list, &list->room->items[i], &check.matches[check.match_count++]);
	*ret_check = check;
	return 0;
}

#define CONTENT_VALUES (HILF_PICTURE_MAX * HILF_ORIENTATION_COUNT)

/* All orientations of all variants of a picture, three pictures at most. */
static int find_pictures(struct matching *matching, const struct hilf_content *content,
	struct found_list *list, struct hilf_err *err)
{
	uint8_t values[CONTENT_VALUES][32];
	struct found of[CONTENT_VALUES];
	struct index_hits hits[BATCH];
	size_t count = 0, block = 0;
	int rc = 0;
	for (size_t i = 0; i < content->picture_count; i++) {
		const struct hilf_picture *picture = &content->pictures[i];
		uint8_t turns = matching->as_is ? 1 : HILF_ORIENTATION_COUNT;
		for (uint8_t j = 0; j < turns && !picture->degenerate; j++) {
			memcpy(values[count], picture->pdq[j], 32);
			of[count++] = (struct found){.signal_type = HILF_PDQ,
				.orientation = j,
				.variant = picture->variant};
		}
	}
	for (size_t at = 0; at < count && !rc; at += block) {
		block = count - at < matching->batch ? count - at : matching->batch;
		rc = find_values(matching, values[at], block, hits, err);
		for (size_t i = 0; i < block && !rc; i++)
			rc = take_hits(matching, values[at + i], &hits[i], of[at + i], list, err);
	}
	return rc;
}

static int find_content(struct matching *matching, const struct hilf_content *content,
	struct found_list *list, struct hilf_err *err)
{
	struct hilf_signal sha256 = {.type = HILF_SHA256, .size = 32},
			   md5 = {.type = HILF_MD5, .size = 16};
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

struct content_query {
	const struct hilf_query *query;
	const struct hilf_content *content;
	struct hilf_check *ret_check;
};

static int match_content(struct hilf *hilf, struct known *known, void *ctx, struct hilf_err *err)
{
	const struct content_query *asked = ctx;
	struct matching matching;
	int rc = matching_begin(&matching, hilf, known, asked->query, CONTENT_VALUES, err);
	if (rc)
		return rc;
	struct found_list list = list_begin(&matching);
	list.partial = !asked->content->decided;
	rc = find_content(&matching, asked->content, &list, err);
	if (!rc)
		rc = answer(&matching, &list, asked->ret_check, err);
	matching_end(&matching);
	return rc;
}

int hilf_match_content(struct hilf *hilf, const struct hilf_query *query,
	const struct hilf_content *content, struct hilf_check *ret_check, struct hilf_err *err)
{
	struct content_query asked = {query, content, ret_check};
	ASSERT(hilf && content && ret_check);
	if (content->picture_count > HILF_PICTURE_MAX)
		return err_set(err, HILF_E_INVALID, "content has %d pictures at most, not %zu",
			HILF_PICTURE_MAX, content->picture_count);
	return current_use(hilf, match_content, &asked, err);
}

static int match_similar(struct matching *matching, const uint8_t *value,
	const struct index_hits *hits, struct hilf_check *ret_check, struct hilf_err *err)
{
	struct found_list list = list_begin(matching);
	int rc = take_hits(
		matching, value, hits, (struct found){.signal_type = HILF_PDQ}, &list, err);
	if (!rc)
		rc = answer(matching, &list, ret_check, err);
	return rc;
}

static int match_equal(struct matching *matching, const struct hilf_signal *signal,
	struct hilf_check *ret_check, struct hilf_err *err)
{
	struct found_list list = list_begin(matching);
	int rc = find_equal(matching, signal, &list, err);
	if (!rc)
		rc = answer(matching, &list, ret_check, err);
	return rc;
}

/* Up to matching->batch signals: the similar ones together, the others one by one. checks are zeroed. */
static int match_block(struct matching *matching, const struct hilf_signal *signals, size_t count,
	struct hilf_check *checks, struct hilf_err *err)
{
	uint8_t values[BATCH][32];
	size_t of[BATCH], similar_count = 0;
	struct index_hits hits[BATCH];
	int rc = 0;
	for (size_t i = 0; i < count && !rc; i++) {
		if (!signal_is_similarity(signals[i].type)) {
			rc = match_equal(matching, &signals[i], &checks[i], err);
		} else if (!signal_degenerate(&signals[i])) {
			memcpy(values[similar_count], signals[i].value, 32);
			of[similar_count++] = i;
		}
	}
	if (!rc && similar_count)
		rc = find_values(matching, values[0], similar_count, hits, err);
	for (size_t i = 0; i < similar_count && !rc; i++)
		rc = match_similar(matching, values[i], &hits[i], &checks[of[i]], err);
	return rc;
}

static int match_all(struct matching *matching, const struct hilf_signal *signals, size_t count,
	struct hilf_check *ret_checks, struct hilf_err *err)
{
	struct hilf_check few[BATCH], *checks = few;
	if (count > BATCH)
		checks = calloc(count, sizeof *checks);
	else
		memset(few, 0, count * sizeof *few);
	int rc = checks ? 0 : err_no_memory(err);
	for (size_t at = 0; at < count && !rc; at += matching->batch) {
		size_t block = count - at < matching->batch ? count - at : matching->batch;
		rc = match_block(matching, signals + at, block, checks + at, err);
	}
	if (!rc && count)
		memcpy(ret_checks, checks, count * sizeof *checks);
	for (size_t i = 0; i < count && rc && checks; i++)
		hilf_check_free(&checks[i]);
	if (checks != few)
		free(checks);
	return rc;
}

struct signal_query {
	const struct hilf_query *query;
	const struct hilf_signal *signals;
	size_t count;
	struct hilf_check *ret_checks;
};

static int match_signals(struct hilf *hilf, struct known *known, void *ctx, struct hilf_err *err)
{
	const struct signal_query *asked = ctx;
	struct matching matching;
	int rc = matching_begin(&matching, hilf, known, asked->query, asked->count, err);
	if (rc)
		return rc;
	rc = match_all(&matching, asked->signals, asked->count, asked->ret_checks, err);
	matching_end(&matching);
	return rc;
}

int hilf_match_signals(struct hilf *hilf, const struct hilf_query *query,
	const struct hilf_signal *signals, size_t count, struct hilf_check *ret_checks,
	struct hilf_err *err)
{
	struct signal_query asked = {query, signals, count, ret_checks};
	ASSERT(hilf && ((signals && ret_checks) || !count));
	for (size_t i = 0; i < count; i++) {
		int rc = record_check_signal(&signals[i], err);
		if (rc)
			return rc;
	}
	return current_use(hilf, match_signals, &asked, err);
}

void hilf_check_free(struct hilf_check *check)
{
	if (!check)
		return;
	free(check->matches);
	check->matches = NULL;
	check->match_count = 0;
}
