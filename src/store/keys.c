/* Keys on their way into d_key. Their order is random, and a B-tree filled at random touches a page for each; so they
 * are gathered in a small open-addressing table, which finds see as well, and go in sorted when the transaction ends
 * or the table has grown large. */
#include "store/db.h"

#include "base/check.h"
#include "base/err.h"

#include <stdlib.h>
#include <string.h>

#define PENDING_FIRST 1024
#define KEPT_MAX      ((size_t)65536) /* slots that are kept for the next write */
#define FLUSH_ROWS    ((size_t)1024)  /* in one statement */

static void put(struct pending *pending, int64_t key, uint64_t entry)
{
	size_t mask = pending->room - 1, at = (size_t)key & mask;
	while (pending->slots[at].entry)
		at = (at + 1) & mask;
	pending->slots[at] = (struct pending_key){key, entry};
	pending->count++;
}

static int grow(struct pending *pending, struct hilf_err *err)
{
	struct pending larger = {.room = pending->room ? pending->room * 2 : PENDING_FIRST};
	larger.slots = calloc(larger.room, sizeof *larger.slots);
	if (!larger.slots)
		return err_no_memory(err);
	for (size_t i = 0; i < pending->room; i++)
		if (pending->slots[i].entry)
			put(&larger, pending->slots[i].key, pending->slots[i].entry);
	free(pending->slots);
	*pending = larger;
	return 0;
}

int pending_add(struct pending *pending, int64_t key, uint64_t entry, struct hilf_err *err)
{
	ASSERT(entry);
	if (pending->count * 2 >= pending->room) {
		int rc = grow(pending, err);
		if (rc)
			return rc;
	}
	put(pending, key, entry);
	return 0;
}

uint64_t pending_next(const struct pending *pending, int64_t key, size_t *cursor)
{
	if (!pending->count)
		return 0;
	size_t mask = pending->room - 1;
	for (;;) {
		const struct pending_key *slot = &pending->slots[((size_t)key + *cursor) & mask];
		if (!slot->entry)
			return 0;
		++*cursor;
		if (slot->key == key)
			return slot->entry;
	}
}

static int compare_keys(const void *left, const void *right)
{
	const struct pending_key *a = left, *b = right;
	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return a->entry < b->entry ? -1 : a->entry > b->entry;
}

/* Moves what is used to the front of the table, which is then no table any more, and sorts it. */
static void sort(struct pending *pending)
{
	size_t count = 0;
	for (size_t i = 0; i < pending->room; i++)
		if (pending->slots[i].entry)
			pending->slots[count++] = pending->slots[i];
	ASSERT(count == pending->count);
	qsort(pending->slots, count, sizeof *pending->slots, compare_keys);
}

int pending_flush(struct fold *fold, struct hilf_err *err)
{
	struct pending *pending = &fold->pending;
	struct batch_row *rows = NULL;
	int rc = 0;
	if (!pending->count)
		return 0;
	if (fold->marked)
		rc = pending_copy(&fold->mark_pending, pending, fold->mark_state.entries, err);
	if (rc)
		return rc;
	sort(pending);
	rows = malloc(FLUSH_ROWS * sizeof *rows);
	if (!rows)
		rc = err_no_memory(err);
	for (size_t done = 0; done < pending->count && !rc;) {
		size_t count = 0;
		for (; count < FLUSH_ROWS && done < pending->count; count++, done++) {
			const struct pending_key *key = &pending->slots[done];
			rows[count] =
				(struct batch_row){{key->key, (int64_t)key->entry, 0}, NULL, 0};
		}
		rc = batch_run(fold->store, fold->conn, SQL_KEY_ADD, rows, count, err);
	}
	free(rows);
	pending_clear(pending);
	return rc;
}

int pending_copy(
	struct pending *to, const struct pending *from, uint64_t last, struct hilf_err *err)
{
	int rc = 0;
	for (size_t i = 0; i < from->room && !rc && from->count; i++)
		if (from->slots[i].entry && from->slots[i].entry <= last)
			rc = pending_add(to, from->slots[i].key, from->slots[i].entry, err);
	return rc;
}

void pending_clear(struct pending *pending)
{
	if (!pending->count)
		return;
	/* What an import made large would be wiped for every small write after it. */
	if (pending->room > KEPT_MAX)
		pending_free(pending);
	else
		memset(pending->slots, 0, pending->room * sizeof *pending->slots);
	pending->count = 0;
}

void pending_free(struct pending *pending)
{
	free(pending->slots);
	*pending = (struct pending){0};
}
