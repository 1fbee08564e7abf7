/* The slots are an array in which positions are links of the index, and names a chained hash table of positions. What is
 * gone leaves its nodes behind; they are passed over, and building anew clears them away. */
#include "engine/kept.h"

#include "base/check.h"
#include "base/err.h"
#include "index/index.h"
#include "os/clock.h"
#include "signal/signal.h"

#include <sodium/crypto_shorthash.h>
#include <stdlib.h>
#include <string.h>

#define VALUE_SIZE 32u
/* Below this nothing is built anew: it would be often and for little. */
#define REBUILD_FROM 65536u
#define NO_NODE      UINT32_MAX

struct node {
	uint64_t hash;
	uint32_t slot, next;
};

struct kept {
	const struct index_ops *ops;
	struct index *index;
	struct kept_item **slots;
	size_t slot_count, slot_room, first, count; /* first: none is before it */
	struct node *nodes;
	size_t node_count, node_room;
	uint32_t *heads;
	size_t head_count; /* a power of two */
	uint8_t hash_key[crypto_shorthash_KEYBYTES];
};

struct kept_item *kept_item_new(
	const char *content_id, int64_t time_ms, const struct hilf_signal *signals, size_t count)
{
	size_t text = strlen(content_id) + 1;
	struct kept_item *item = malloc(sizeof *item + count * sizeof *signals + text);
	if (!item)
		return NULL;
	*item = (struct kept_item){.time_ms = time_ms};
	for (size_t i = 0; i < count; i++)
		if (!signal_degenerate(&signals[i]))
			item->signals[item->signal_count++] = signals[i];
	item->content_id = (char *)&item->signals[count];
	memcpy(item->content_id, content_id, text);
	return item;
}

/* ------------------------------------------------------------------------------------------ names */

/* Ids of contents and digests share the table; a byte tells them apart. */
static uint64_t hash_text(const struct kept *kept, const char *content_id)
{
	uint64_t hash;
	crypto_shorthash(
		(uint8_t *)&hash, (const uint8_t *)content_id, strlen(content_id), kept->hash_key);
	return hash;
}

static uint64_t hash_signal(const struct kept *kept, const struct hilf_signal *signal)
{
	uint64_t hash;
	uint8_t bytes[1 + HILF_SIGNAL_SIZE_MAX];
	bytes[0] = signal->type;
	memcpy(bytes + 1, signal->value, signal->size);
	crypto_shorthash((uint8_t *)&hash, bytes, 1 + (size_t)signal->size, kept->hash_key);
	return ~hash;
}

static bool grow_heads(struct kept *kept)
{
	size_t room = kept->head_count ? 2 * kept->head_count : 1024;
	uint32_t *heads = malloc(room * sizeof *heads);
	if (!heads)
		return false;
	memset(heads, 0xff, room * sizeof *heads);
	for (size_t i = 0; i < kept->node_count; i++) {
		uint32_t *head = &heads[kept->nodes[i].hash & (room - 1)];
		kept->nodes[i].next = *head;
		*head = (uint32_t)i;
	}
	free(kept->heads);
	kept->heads = heads;
	kept->head_count = room;
	return true;
}

static bool reserve_nodes(struct kept *kept, size_t count)
{
	size_t want = kept->node_count + count, room = kept->node_room ? kept->node_room : 1024;
	while (room < want)
		room *= 2;
	if (room > kept->node_room) {
		struct node *nodes = realloc(kept->nodes, room * sizeof *nodes);
		if (!nodes)
			return false;
		kept->nodes = nodes;
		kept->node_room = room;
	}
	while (kept->head_count < want)
		if (!grow_heads(kept))
			return false;
	return want < NO_NODE;
}

static void add_node(struct kept *kept, uint64_t hash, uint32_t slot)
{
	uint32_t *head = &kept->heads[hash & (kept->head_count - 1)];
	kept->nodes[kept->node_count] = (struct node){hash, slot, *head};
	*head = (uint32_t)kept->node_count++;
}

/* The next node of a hash whose slot is not gone; NO_NODE at the end. */
static uint32_t node_after(const struct kept *kept, uint32_t node, uint64_t hash)
{
	while (node != NO_NODE &&
		(kept->nodes[node].hash != hash || !kept->slots[kept->nodes[node].slot]))
		node = kept->nodes[node].next;
	return node;
}

static uint32_t node_first(const struct kept *kept, uint64_t hash)
{
	if (!kept->head_count)
		return NO_NODE;
	return node_after(kept, kept->heads[hash & (kept->head_count - 1)], hash);
}

/* ------------------------------------------------------------------------------------------ opening */

int kept_open(struct kept **ret_kept, struct hilf_err *err)
{
	struct kept *kept = calloc(1, sizeof *kept);
	if (!kept)
		return err_no_memory(err);
	kept->ops = &index_hamming;
	random_bytes(kept->hash_key, sizeof kept->hash_key);
	int rc = kept->ops->open(&kept->index, err);
	if (rc) {
		free(kept);
		return rc;
	}
	*ret_kept = kept;
	return 0;
}

void kept_close(struct kept *kept)
{
	if (!kept)
		return;
	for (size_t i = kept->first; i < kept->slot_count; i++)
		free(kept->slots[i]);
	kept->ops->close(kept->index);
	free(kept->slots);
	free(kept->nodes);
	free(kept->heads);
	free(kept);
}

/* ------------------------------------------------------------------------------------------ adding */

static bool reserve_slots(struct kept *kept, size_t count)
{
	size_t want = kept->slot_count + count, room = kept->slot_room ? kept->slot_room : 1024;
	while (room < want)
		room *= 2;
	if (room > kept->slot_room) {
		struct kept_item **slots = realloc(kept->slots, room * sizeof(struct kept_item *));
		if (!slots)
			return false;
		kept->slots = slots;
		kept->slot_room = room;
	}
	return want < UINT32_MAX;
}

/* Their PDQ hashes into the index at once, with the slots that they are about to have. */
static int add_values(
	struct kept *kept, struct kept_item *const *items, size_t count, struct hilf_err *err)
{
	size_t values = 0, to = 0;
	for (size_t i = 0; i < count; i++)
		values += items[i]->signal_count;
	uint8_t *bytes = malloc(values ? values * VALUE_SIZE : 1);
	uint32_t *links = malloc(values ? values * sizeof *links : 1);
	int rc = bytes && links ? 0 : err_no_memory(err);
	for (size_t i = 0; i < count && !rc; i++) {
		for (size_t j = 0; j < items[i]->signal_count; j++) {
			if (items[i]->signals[j].type != HILF_PDQ)
				continue;
			memcpy(bytes + to * VALUE_SIZE, items[i]->signals[j].value, VALUE_SIZE);
			links[to++] = (uint32_t)(kept->slot_count + i);
		}
	}
	if (!rc && to)
		rc = kept->ops->add(kept->index, bytes, links, to, err);
	free(bytes);
	free(links);
	return rc;
}

int kept_add(struct kept *kept, struct kept_item *const *items, size_t count, struct hilf_err *err)
{
	size_t names = count;
	for (size_t i = 0; i < count; i++)
		names += items[i]->signal_count;
	if (!reserve_slots(kept, count) || !reserve_nodes(kept, names))
		return err_no_memory(err);
	int rc = add_values(kept, items, count, err);
	if (rc)
		return rc;
	for (size_t i = 0; i < count; i++) {
		uint32_t slot = (uint32_t)kept->slot_count++;
		kept->slots[slot] = items[i];
		kept->count++;
		add_node(kept, hash_text(kept, items[i]->content_id), slot);
		for (size_t j = 0; j < items[i]->signal_count; j++)
			if (!signal_is_similarity(items[i]->signals[j].type))
				add_node(kept, hash_signal(kept, &items[i]->signals[j]), slot);
	}
	return 0;
}

size_t kept_count(const struct kept *kept)
{
	return kept->count;
}

/* ------------------------------------------------------------------------------------------ removing */

/* The same items in another one, without what is gone. Without memory things stay as they are, until the next time. */
static void rebuild(struct kept *kept)
{
	struct kept *fresh = NULL;
	size_t to = 0;
	if (kept_open(&fresh, NULL) != 0)
		return;
	struct kept_item **items =
		malloc((kept->count ? kept->count : 1) * sizeof(struct kept_item *));
	for (size_t i = kept->first; i < kept->slot_count && items; i++)
		if (kept->slots[i])
			items[to++] = kept->slots[i];
	memcpy(fresh->hash_key, kept->hash_key, sizeof fresh->hash_key);
	if (items && kept_add(fresh, items, to, NULL) == 0) {
		struct kept old = *kept;
		*kept = *fresh;
		*fresh = old;
		fresh->first = fresh->slot_count; /* the items are the other one's now */
	} else {
		fresh->first = fresh->slot_count;
	}
	free(items);
	kept_close(fresh);
}

static size_t slot_of(const struct kept *kept, const struct kept_item *item)
{
	uint64_t hash = hash_text(kept, item->content_id);
	uint32_t node = node_first(kept, hash);
	while (node != NO_NODE && kept->slots[kept->nodes[node].slot] != item)
		node = node_after(kept, kept->nodes[node].next, hash);
	ASSERT(node != NO_NODE);
	return kept->nodes[node].slot;
}

void kept_remove(struct kept *kept, struct kept_item *item)
{
	size_t slot = slot_of(kept, item);
	kept->ops->remove(
		kept->index, (uint32_t)slot, NULL); /* what is found there still is passed over */
	kept->slots[slot] = NULL;
	kept->count--;
	free(item);
	while (kept->first < kept->slot_count && !kept->slots[kept->first])
		kept->first++;
	if (kept->slot_count > REBUILD_FROM && kept->slot_count > 2 * kept->count)
		rebuild(kept);
}

void kept_maintain(struct kept *kept)
{
	bool more;
	kept->ops->maintain(kept->index, &more, NULL);
}

/* ------------------------------------------------------------------------------------------ looking */

struct kept_item *kept_find(const struct kept *kept, const char *content_id)
{
	uint64_t hash = hash_text(kept, content_id);
	for (uint32_t node = node_first(kept, hash); node != NO_NODE;
		node = node_after(kept, kept->nodes[node].next, hash)) {
		struct kept_item *item = kept->slots[kept->nodes[node].slot];
		if (strcmp(item->content_id, content_id) == 0)
			return item;
	}
	return NULL;
}

struct kept_item *kept_oldest(struct kept *kept)
{
	return kept->count ? kept->slots[kept->first] : NULL;
}

int kept_each(
	struct kept *kept, uint64_t after, int (*fn)(struct kept_item *item, void *ctx), void *ctx)
{
	size_t at = kept->slot_count;
	int rc = 0;
	while (at > kept->first && (!kept->slots[at - 1] || kept->slots[at - 1]->id > after))
		at--;
	for (; at < kept->slot_count && !rc; at++)
		if (kept->slots[at])
			rc = fn(kept->slots[at], ctx);
	return rc;
}

static void add_hit(struct kept_hits *hits, struct kept_item *item, unsigned distance)
{
	if (hits->count == hits->room) {
		size_t room = hits->room ? 2 * hits->room : 64;
		struct kept_hit *more = realloc(hits->hits, room * sizeof *more);
		if (!more) {
			hits->failed = true;
			return;
		}
		hits->hits = more;
		hits->room = room;
	}
	hits->hits[hits->count++] = (struct kept_hit){item, (uint16_t)distance};
}

struct matching {
	struct kept *kept;
	struct kept_hits *hits;
};

/* A filter that keeps nothing and takes everything. */
static bool take(uint32_t link, unsigned distance, void *ctx)
{
	struct matching *matching = ctx;
	if (matching->kept->slots[link])
		add_hit(matching->hits, matching->kept->slots[link], distance);
	return false;
}

static void match_equal(struct kept *kept, const struct hilf_signal *signal, struct kept_hits *hits)
{
	uint64_t hash = hash_signal(kept, signal);
	for (uint32_t node = node_first(kept, hash); node != NO_NODE;
		node = node_after(kept, kept->nodes[node].next, hash)) {
		struct kept_item *item = kept->slots[kept->nodes[node].slot];
		for (size_t i = 0; i < item->signal_count; i++)
			if (item->signals[i].type == signal->type &&
				memcmp(item->signals[i].value, signal->value, signal->size) == 0)
				add_hit(hits, item, 0);
	}
}

int kept_match(struct kept *kept, const struct hilf_signal *signals, size_t count, unsigned radius,
	struct kept_hits *hits, struct hilf_err *err)
{
	struct matching matching = {kept, hits};
	struct index_hits none = {0};
	int rc = 0;
	for (size_t i = 0; i < count && !rc; i++) {
		if (signal_degenerate(&signals[i]))
			continue;
		if (signals[i].type == HILF_PDQ)
			rc = kept->ops->find(
				kept->index, signals[i].value, radius, take, &matching, &none, err);
		else
			match_equal(kept, &signals[i], hits);
	}
	return !rc && hits->failed ? err_no_memory(err) : rc;
}
