/* Metas: what is said of entries, stored once however many entries share it. A meta is found by the mark of its
 * content; rows with an equal mark are compared in full. Labels are kept as lines "key=value", sorted by key; neither
 * part can hold a line end, and no key an equals sign (wire/record.h). */
#include "store/db.h"

#include "base/check.h"
#include "base/err.h"

#include <stdlib.h>
#include <string.h>

/* Labels of the record and of the entry. */
#define MERGED_MAX (2 * LIMIT_LABELS)

static int compare_labels(const void *left, const void *right)
{
	const struct hilf_label *a = left, *b = right;
	return strcmp(a->key, b->key);
}

/* Both lists of a record as one, sorted by key; where both have a key the entry's own value stands. */
static size_t merge(const struct record *record, const struct record_entry *entry,
	struct hilf_label *ret_labels)
{
	size_t count = 0;
	ASSERT(record->add.label_count <= LIMIT_LABELS && entry->label_count <= LIMIT_LABELS);
	for (size_t i = 0; i < entry->label_count; i++)
		ret_labels[count++] = entry->labels[i];
	for (size_t i = 0; i < record->add.label_count; i++) {
		size_t own = 0;
		while (own < entry->label_count &&
			strcmp(entry->labels[own].key, record->add.labels[i].key) != 0)
			own++;
		if (own == entry->label_count)
			ret_labels[count++] = record->add.labels[i];
	}
	qsort(ret_labels, count, sizeof *ret_labels, compare_labels);
	return count;
}

/* What a meta says, as one text: the labels' lines, and the whole for the mark. */
struct content {
	const char *content_class, *ground, *territory, *labels;
	int64_t source, onward;
};

static int64_t mark_of_meta(struct store *store, struct buf *scratch, const struct content *content)
{
	const char numbers[2] = {(char)content->source, (char)content->onward};
	size_t start = scratch->size;
	buf_add(scratch, content->content_class, strlen(content->content_class) + 1);
	buf_add(scratch, content->ground, strlen(content->ground) + 1);
	buf_add(scratch, content->territory, strlen(content->territory) + 1);
	buf_add(scratch, numbers, sizeof numbers);
	buf_add(scratch, content->labels, strlen(content->labels));
	return scratch->failed ? 0 : mark_hash(store, scratch->data + start, scratch->size - start);
}

/* Labels, sorted, as lines in fold->text, which from then on must not move: behind them there is room for `more` bytes. */
static int put_lines(struct fold *fold, const struct hilf_label *labels, size_t count, size_t more,
	struct hilf_err *err)
{
	buf_clear(&fold->text);
	buf_text(&fold->text, "");
	for (size_t i = 0; i < count; i++) {
		buf_text(&fold->text, labels[i].key);
		buf_char(&fold->text, '=');
		buf_text(&fold->text, labels[i].value);
		buf_char(&fold->text, '\n');
	}
	if (!buf_reserve(&fold->text, fold->text.size + more + 16))
		return err_no_memory(err);
	buf_char(&fold->text, '\0');
	return 0;
}

static void read_content(sqlite3_stmt *statement, struct content *ret_content)
{
	const char *texts[4];
	static const int columns[4] = {2, 3, 4, 7};
	for (int i = 0; i < 4; i++) {
		texts[i] = (const char *)sqlite3_column_text(statement, columns[i]);
		texts[i] = texts[i] ? texts[i] : "";
	}
	*ret_content = (struct content){texts[0], texts[1], texts[2], texts[3],
		sqlite3_column_int64(statement, 5), sqlite3_column_int64(statement, 6)};
}

static bool equal_content(const struct content *a, const struct content *b)
{
	return strcmp(a->labels, b->labels) == 0 &&
	       strcmp(a->content_class, b->content_class) == 0 &&
	       strcmp(a->ground, b->ground) == 0 && strcmp(a->territory, b->territory) == 0 &&
	       a->source == b->source && a->onward == b->onward;
}

static int find(struct fold *fold, const struct content *content, int64_t mark, uint32_t *ret_meta,
	struct hilf_err *err)
{
	sqlite3_stmt *statement = db_use(fold->conn, SQL_META_HASHED);
	struct content there;
	int rc;
	sqlite3_bind_int64(statement, 1, mark);
	while ((rc = db_step(fold->store, fold->conn, statement, err)) == 1) {
		read_content(statement, &there);
		if (equal_content(content, &there)) {
			*ret_meta = (uint32_t)column_u64(statement, 0);
			break;
		}
	}
	sqlite3_reset(statement);
	return rc;
}

/* ------------------------------------------------------------------------------------------ to be found by it */

/* Of these bytes behind the kind's letter. */
static int64_t hash_of_said(struct store *store, enum store_said what, const char *text,
	size_t size, struct buf *scratch)
{
	static const char letters[] = {'c', 'l', 'k', 'v'};
	buf_clear(scratch);
	buf_char(scratch, letters[what]);
	buf_add(scratch, text, size);
	return scratch->failed ? 0 : mark_hash(store, scratch->data, scratch->size);
}

static int say(struct fold *fold, enum store_said what, const char *text, size_t size,
	uint64_t meta, struct buf *scratch, struct hilf_err *err)
{
	sqlite3_stmt *statement = db_use(fold->conn, SQL_SAID_ADD);
	sqlite3_bind_int64(statement, 1, hash_of_said(fold->store, what, text, size, scratch));
	sqlite3_bind_int64(statement, 2, (int64_t)meta);
	return scratch->failed ? err_no_memory(err)
			       : db_run(fold->store, fold->conn, statement, err);
}

static int say_all(
	struct fold *fold, const struct content *content, uint64_t meta, struct hilf_err *err)
{
	struct buf scratch = BUF_INIT;
	int rc = say(fold, STORE_SAID_CLASS, content->content_class, strlen(content->content_class),
		meta, &scratch, err);
	for (const char *line = content->labels; *line && !rc;) {
		size_t size = strcspn(line, "\n"), key = strcspn(line, "=");
		ASSERT(key < size && line[size]);
		rc = say(fold, STORE_SAID_LABEL, line, size, meta, &scratch, err);
		if (!rc)
			rc = say(fold, STORE_SAID_KEY, line, key, meta, &scratch, err);
		if (!rc)
			rc = say(fold, STORE_SAID_VALUE, line + key + 1, size - key - 1, meta,
				&scratch, err);
		line += size + 1;
	}
	buf_free(&scratch);
	return rc;
}

int store_metas_saying(struct store *store, enum store_said what, const char *text,
	uint32_t *ret_metas, size_t room, size_t *ret_count, struct hilf_err *err)
{
	struct buf scratch = BUF_INIT;
	struct conn *conn;
	size_t count = 0;
	int rc = read_begin(store, false, &conn, err);
	if (rc)
		return rc;
	sqlite3_stmt *statement = db_use(conn, SQL_SAID_FIND);
	sqlite3_bind_int64(statement, 1, hash_of_said(store, what, text, strlen(text), &scratch));
	sqlite3_bind_int64(statement, 2, (int64_t)room + 1);
	rc = scratch.failed ? err_no_memory(err) : 1;
	while (rc == 1 && (rc = db_step(store, conn, statement, err)) == 1) {
		if (count < room)
			ret_metas[count] = (uint32_t)column_u64(statement, 0);
		count++;
	}
	sqlite3_reset(statement);
	read_end(store, false, conn);
	buf_free(&scratch);
	if (!rc)
		*ret_count = count;
	return rc;
}

/* ------------------------------------------------------------------------------------------ storing */

static int add(struct fold *fold, const struct content *content, int64_t mark, uint64_t seq,
	uint32_t *ret_meta, struct hilf_err *err)
{
	sqlite3_stmt *statement = db_use(fold->conn, SQL_META_ADD);
	uint64_t id = fold->state.metas + 1;
	if (id > UINT32_MAX)
		return err_set(err, HILF_E_LIMIT,
			"'%s' holds all the %u different label sets it can number",
			fold->store->path, UINT32_MAX);
	sqlite3_bind_int64(statement, 1, (int64_t)id);
	sqlite3_bind_int64(statement, 2, (int64_t)seq);
	sqlite3_bind_text(statement, 3, content->content_class, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 4, content->ground, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 5, content->territory, -1, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 6, content->source);
	sqlite3_bind_int64(statement, 7, content->onward);
	sqlite3_bind_text(statement, 8, content->labels, -1, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 9, mark);
	int rc = db_run(fold->store, fold->conn, statement, err);
	if (rc)
		return rc;
	rc = say_all(fold, content, id, err);
	if (rc)
		return rc;
	fold->state.metas = id;
	*ret_meta = (uint32_t)id;
	return 0;
}

/* The id of what is said, with these labels, sorted. */
static int intern(struct fold *fold, struct content content, const struct hilf_label *labels,
	size_t count, uint64_t seq, uint32_t *ret_meta, struct hilf_err *err)
{
	size_t more =
		strlen(content.content_class) + strlen(content.ground) + strlen(content.territory);
	int rc = put_lines(fold, labels, count, more, err);
	if (rc)
		return rc;
	content.labels = fold->text.data;
	int64_t mark = mark_of_meta(fold->store, &fold->text, &content);
	ASSERT(!fold->text.failed && content.labels == fold->text.data);
	rc = find(fold, &content, mark, ret_meta, err);
	return rc == 0 ? add(fold, &content, mark, seq, ret_meta, err) : rc < 0 ? rc : 0;
}

int meta_intern(struct fold *fold, const struct record *record, const struct record_entry *entry,
	uint64_t seq, uint32_t *ret_meta, struct hilf_err *err)
{
	struct hilf_label labels[MERGED_MAX];
	size_t count = merge(record, entry, labels);
	const struct content content = {record->add.content_class, record->add.ground,
		record->add.territory, NULL, record->add.source, record->add.onward};
	return intern(fold, content, labels, count, seq, ret_meta, err);
}

int meta_change(struct fold *fold, uint32_t meta, const struct record *record, uint64_t seq,
	uint32_t *ret_meta, struct hilf_err *err)
{
	struct hilf_label labels[MERGED_MAX];
	struct store_meta now;
	struct arena arena;
	arena_init(&arena, 0);
	int rc = load_meta(fold->store, fold->conn, meta, &arena, &now, err);
	if (!rc) {
		bool set = record->change.set_labels;
		const struct hilf_label *from = set ? record->change.labels : now.labels;
		size_t count = set ? record->change.label_count : now.label_count;
		ASSERT(count <= MERGED_MAX);
		if (count)
			memcpy(labels, from, count * sizeof *labels);
		qsort(labels, count, sizeof *labels, compare_labels);
		const struct content content = {record->change.content_class
							? record->change.content_class
							: now.content_class,
			record->change.ground ? record->change.ground : now.ground, now.territory,
			NULL, now.source, now.onward};
		rc = intern(fold, content, labels, count, seq, ret_meta, err);
	}
	arena_clear(&arena);
	return rc;
}

/* Cuts the lines of a text (which is changed) into labels; false where it has another form. */
static bool cut_labels(char *text, struct arena *arena, struct store_meta *ret_meta)
{
	struct hilf_label labels[MERGED_MAX];
	size_t count = 0;
	while (*text) {
		char *equals = strchr(text, '='), *end = strchr(text, '\n');
		if (!equals || !end || equals > end || count == MERGED_MAX)
			return false;
		*equals = *end = '\0';
		labels[count++] = (struct hilf_label){text, equals + 1};
		text = end + 1;
	}
	struct hilf_label *kept = arena_array(arena, count, sizeof *kept);
	if (!kept)
		return false;
	memcpy(kept, labels, count * sizeof *kept);
	ret_meta->labels = kept;
	ret_meta->label_count = count;
	return true;
}

int row_meta(struct store *store, sqlite3_stmt *statement, struct arena *arena,
	struct store_meta *ret_meta, struct hilf_err *err)
{
	struct content content;
	struct buf scratch = BUF_INIT;
	read_content(statement, &content);
	int64_t mark = mark_of_meta(store, &scratch, &content);
	bool failed = scratch.failed;
	buf_free(&scratch);
	if (failed)
		return err_no_memory(err);
	if (mark != sqlite3_column_int64(statement, 8) || content.source < SOURCE_UNSAID ||
		content.source > SOURCE_AUTOMATED)
		return db_damaged(store, "what is said of an entry", err);
	char *labels = arena_text(arena, content.labels, strlen(content.labels));
	struct store_meta meta = {
		.id = (uint32_t)column_u64(statement, 0),
		.mark = mark,
		.content_class =
			arena_text(arena, content.content_class, strlen(content.content_class)),
		.ground = arena_text(arena, content.ground, strlen(content.ground)),
		.territory = arena_text(arena, content.territory, strlen(content.territory)),
		.source = (enum record_source)content.source,
		.onward = content.onward != 0,
	};
	if (!labels || !meta.content_class || !meta.ground || !meta.territory ||
		!cut_labels(labels, arena, &meta))
		return err_no_memory(err);
	*ret_meta = meta;
	return 0;
}

int load_meta(struct store *store, struct conn *conn, uint32_t id, struct arena *arena,
	struct store_meta *ret_meta, struct hilf_err *err)
{
	sqlite3_stmt *statement = db_use(conn, SQL_META_GET);
	sqlite3_bind_int64(statement, 1, id);
	int rc = db_step(store, conn, statement, err);
	if (rc == 1)
		rc = row_meta(store, statement, arena, ret_meta, err);
	else if (rc == 0)
		rc = db_damaged(store, "what is said of an entry, which is missing,", err);
	sqlite3_reset(statement);
	return rc;
}
