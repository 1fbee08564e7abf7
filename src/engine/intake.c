/* The row before tells most of where a row belongs: lines that are alike come together, and so do the signals of one
 * entry. Everything that waits is in one arena, which is cleared with each batch. */
#include "engine/intake.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/when.h"
#include "os/clock.h"
#include "wire/import_own.h"
#include "wire/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GROUPS_MAX 1024u

/* What is said of some of the entries: that of the whole import, changed by the row's own labels. */
struct group {
	struct group *next;
	struct hilf_entry_meta meta;
	struct import_own own;          /* as the rows have it, but for the entry */
	struct hilf_new_entry *entries; /* of the arena */
	size_t count, room;
};

struct intake {
	struct hilf *hilf;
	const char *bank;
	struct hilf_entry_meta meta;
	bool checking;
	struct arena arena;                /* of the entries that wait */
	struct group *groups, *last_group; /* last: of the last row */
	size_t group_count, waiting;
	struct group *open_group; /* of the last row, if it has an hilf.entry */
	char open_entry[LIMIT_LABEL_VALUE + 1];
	struct hilf_add_result *results;
	struct intake_counts counts;
};

/* Forgets what waits. */
static void forget(struct intake *intake)
{
	intake->groups = intake->last_group = intake->open_group = NULL;
	intake->group_count = intake->waiting = 0;
	arena_clear(&intake->arena);
}

int intake_open(struct hilf *hilf, const char *bank, const struct hilf_entry_meta *meta,
	bool checking, struct intake **ret_intake, struct hilf_err *err)
{
	struct intake *intake = calloc(1, sizeof *intake);
	if (intake)
		intake->results = calloc(INTAKE_BATCH, sizeof *intake->results);
	if (!intake || !intake->results) {
		free(intake);
		return err_no_memory(err);
	}
	intake->hilf = hilf;
	intake->bank = bank;
	intake->meta = *meta;
	intake->checking = checking;
	arena_init(&intake->arena, 0);
	*ret_intake = intake;
	return 0;
}

void intake_close(struct intake *intake)
{
	if (!intake)
		return;
	arena_clear(&intake->arena);
	free(intake->results);
	free(intake);
}

bool intake_waits(const struct intake *intake)
{
	return intake->waiting > 0;
}

struct intake_counts intake_counts(const struct intake *intake)
{
	return intake->counts;
}

static int add_group(struct intake *intake, const struct group *group, struct hilf_err *err)
{
	int rc = hilf_add(intake->hilf, intake->bank, &group->meta, group->entries, group->count,
		intake->results, err);
	for (size_t i = 0; i < group->count && !rc; i++) {
		intake->counts.added += intake->results[i].what == HILF_ADDED;
		intake->counts.already += intake->results[i].what == HILF_ADDED_ALREADY;
		intake->counts.degenerate += intake->results[i].what == HILF_ADDED_DEGENERATE;
	}
	return rc;
}

int intake_flush(struct intake *intake, struct hilf_err *err)
{
	int rc = 0;
	for (struct group *group = intake->groups; group && !rc && !intake->checking;
		group = group->next)
		if (group->count)
			rc = add_group(intake, group, err);
	forget(intake);
	return rc;
}

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static const char *keep(struct intake *intake, const char *text)
{
	return text ? arena_text(&intake->arena, text, strlen(text)) : NULL;
}

/* Checks what the row's own labels say. */
static int read_meta(struct intake *intake, const struct import_own *own, char *ground,
	struct hilf_entry_meta *ret_meta, struct hilf_err *err)
{
	int rc = 0;
	*ret_meta = intake->meta;
	if (own->content_class)
		rc = record_check_class(own->content_class, err);
	if (!rc && own->ground && !import_ground_join(own->ground, own->ground2, ground))
		rc = err_set(
			err, HILF_E_INVALID, "hilf.ground is longer than %u bytes", LIMIT_GROUND);
	if (!rc && own->ground)
		rc = record_check_ground(ground, err);
	if (!rc && own->expires)
		rc = when_parse_expiry(
			"hilf.expires", own->expires, clock_now_ms(), &ret_meta->expires_ms, err);
	return rc;
}

/* Makes the group of what the row's own labels say. */
static int new_group(struct intake *intake, const struct import_own *own, struct group **ret_group,
	struct hilf_err *err)
{
	struct group *group = arena_alloc(&intake->arena, sizeof *group);
	char *ground = arena_alloc(&intake->arena, LIMIT_GROUND + 1);
	if (!group || !ground)
		return err_no_memory(err);
	int rc = read_meta(intake, own, ground, &group->meta, err);
	if (rc)
		return rc;
	group->own.content_class = keep(intake, own->content_class);
	group->own.ground = keep(intake, own->ground);
	group->own.ground2 = keep(intake, own->ground2);
	group->own.expires = keep(intake, own->expires);
	if (group->own.content_class)
		group->meta.content_class = group->own.content_class;
	if (group->own.ground)
		group->meta.ground = ground;
	/* At the end, so that entries are added in the order of the lines where they can be. */
	struct group **last = &intake->groups;
	while (*last)
		last = &(*last)->next;
	*last = group;
	intake->group_count++;
	intake->last_group = group;
	*ret_group = group;
	return 0;
}

static int make_room(struct intake *intake, struct group *group, struct hilf_err *err)
{
	if (group->count < group->room)
		return 0;
	size_t room = group->room ? 2 * group->room : 16;
	struct hilf_new_entry *entries = arena_array(&intake->arena, room, sizeof *entries);
	if (!entries)
		return err_no_memory(err);
	if (group->count)
		memcpy(entries, group->entries, group->count * sizeof *entries);
	group->entries = entries;
	group->room = room;
	return 0;
}

static bool is_of(const struct group *group, const struct import_own *own)
{
	return same(group->own.content_class, own->content_class) &&
	       same(group->own.ground, own->ground) && same(group->own.ground2, own->ground2) &&
	       same(group->own.expires, own->expires);
}

static int find_group(struct intake *intake, const struct import_own *own, struct group **ret_group,
	struct hilf_err *err)
{
	/* Lines that are alike come together. */
	if (intake->last_group && is_of(intake->last_group, own)) {
		*ret_group = intake->last_group;
		return 0;
	}
	for (struct group *group = intake->groups; group; group = group->next)
		if (is_of(group, own)) {
			*ret_group = intake->last_group = group;
			return 0;
		}
	return new_group(intake, own, ret_group, err);
}

/* The row's labels but ours, into the arena. */
static int keep_labels(struct intake *intake, const struct import_row *row,
	struct hilf_new_entry *entry, struct hilf_err *err)
{
	struct hilf_label *labels = NULL;
	for (size_t i = 0; i < row->label_count; i++) {
		if (import_is_own(&row->labels[i]))
			continue;
		if (!labels)
			labels = arena_array(&intake->arena, row->label_count, sizeof *labels);
		if (!labels)
			return err_no_memory(err);
		struct hilf_label *label = &labels[entry->label_count++];
		label->key = keep(intake, row->labels[i].key);
		label->value = keep(intake, row->labels[i].value);
		if (!label->key || !label->value)
			return err_no_memory(err);
	}
	entry->labels = labels;
	return 0;
}

/* One more signal of the entry that the row before was of? */
static bool is_more(const struct intake *intake, const struct import_own *own)
{
	const struct group *group = intake->open_group;
	return group && own->entry && !strcmp(own->entry, intake->open_entry) && group->count &&
	       group->entries[group->count - 1].signal_count < LIMIT_ENTRY_SIGNALS;
}

static int add_entry(struct intake *intake, const struct import_row *row,
	const struct import_own *own, struct hilf_err *err)
{
	struct group *group = NULL;
	struct hilf_new_entry entry = {.signal_count = 1};
	int rc = find_group(intake, own, &group, err);
	if (!rc)
		rc = make_room(intake, group, err);
	if (!rc)
		rc = keep_labels(intake, row, &entry, err);
	if (rc)
		return rc;
	struct hilf_signal *signals =
		arena_array(&intake->arena, own->entry ? LIMIT_ENTRY_SIGNALS : 1, sizeof *signals);
	if (!signals)
		return err_no_memory(err);
	signals[0] = row->signal;
	entry.signals = signals;
	group->entries[group->count++] = entry;
	intake->waiting++;
	intake->open_group = own->entry ? group : NULL;
	if (own->entry)
		snprintf(intake->open_entry, sizeof intake->open_entry, "%s", own->entry);
	return 0;
}

int intake_row(
	struct intake *intake, const struct import_row *row, bool *ret_bad, struct hilf_err *err)
{
	struct import_own own;
	*ret_bad = false;
	int rc = import_own_read(row, &own, err);
	if (!rc && is_more(intake, &own)) {
		struct hilf_new_entry *entry =
			&intake->open_group->entries[intake->open_group->count - 1];
		((struct hilf_signal *)entry->signals)[entry->signal_count++] = row->signal;
		return 0;
	}
	/* Not between the signals of one entry. */
	if (!rc && (intake->waiting == INTAKE_BATCH || intake->group_count == GROUPS_MAX)) {
		rc = intake_flush(intake, err);
		if (rc)
			return rc;
	}
	if (!rc)
		rc = add_entry(intake, row, &own, err);
	*ret_bad = rc && rc != HILF_E_NO_MEMORY;
	return rc;
}
