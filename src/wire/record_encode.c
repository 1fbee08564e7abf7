/* Records to bytes. Import signs a million entries in a few seconds, so an entry is written by
 * plain stores into room that was reserved for all of it; everything around the entries goes
 * through json.h. */
#include "base/check.h"
#include "base/err.h"
#include "base/hex.h"
#include "wire/json.h"
#include "wire/record.h"
#include "wire/record_inside.h"
#include "wire/signal_text.h"

#include <string.h>

static void put_uuid(struct buf *buf, const char *key, const uint8_t uuid[UUID_SIZE])
{
	char text[UUID_TEXT_SIZE + 1];
	uuid_format(uuid, text);
	json_put_key(buf, key);
	json_put_string(buf, text, UUID_TEXT_SIZE);
}

/* Labels in the order of their keys; there are few, so they are moved into place one by one. */
static void sort_labels(const struct hilf_label *labels, size_t count,
	const struct hilf_label *ret_sorted[LIMIT_LABELS])
{
	for (size_t i = 0; i < count; i++) {
		size_t at = i;
		for (; at > 0 && strcmp(ret_sorted[at - 1]->key, labels[i].key) > 0; at--)
			ret_sorted[at] = ret_sorted[at - 1];
		ret_sorted[at] = &labels[i];
	}
}

static void put_labels(struct buf *buf, const struct hilf_label *labels, size_t count)
{
	const struct hilf_label *sorted[LIMIT_LABELS];
	sort_labels(labels, count, sorted);
	json_put_key(buf, "labels");
	buf_char(buf, '{');
	for (size_t i = 0; i < count; i++) {
		json_put_key(buf, sorted[i]->key);
		json_put_text(buf, sorted[i]->value);
	}
	buf_char(buf, '}');
}

static char *put(char *to, const char *text, size_t size)
{
	memcpy(to, text, size);
	return to + size;
}

/* The longest: ["sha256","<64 digits>",100] and a comma. */
#define SIGNAL_SIZE_MAX (2 * HILF_SIGNAL_SIZE_MAX + 24)

static char *put_signal(char *to, const struct hilf_signal *signal)
{
	const char *name = signal_text_type_name(signal->type);
	to = put(to, "[\"", 2);
	to = put(to, name, strlen(name));
	to = put(to, "\",\"", 3);
	hex_encode(signal->value, signal->size, to);
	to += 2 * (size_t)signal->size;
	*to++ = '"';
	if (signal->quality != HILF_QUALITY_UNKNOWN) {
		unsigned quality = (unsigned)signal->quality;
		*to++ = ',';
		if (quality == 100)
			*to++ = '1';
		if (quality >= 10)
			*to++ = (char)('0' + quality / 10 % 10);
		*to++ = (char)('0' + quality % 10);
	}
	*to++ = ']';
	return to;
}

static void put_entry(struct buf *buf, const struct record_entry *entry)
{
	json_put_item(buf);
	buf_char(buf, '{');
	if (entry->label_count)
		put_labels(buf, entry->labels, entry->label_count);
	json_put_key(buf, "signals");
	if (!buf_reserve(buf, entry->signal_count * SIGNAL_SIZE_MAX + 3))
		return;
	char *to = buf->data + buf->size;
	*to++ = '[';
	for (size_t i = 0; i < entry->signal_count; i++) {
		if (i)
			*to++ = ',';
		to = put_signal(to, &entry->signals[i]);
	}
	to = put(to, "]}", 3);
	buf->size = (size_t)(to - 1 - buf->data);
}

static void put_add(struct buf *buf, const struct record *record)
{
	size_t start = buf->size;
	json_put_key(buf, "class");
	json_put_text(buf, record->add.content_class);
	json_put_key(buf, "entries");
	buf_char(buf, '[');
	for (size_t i = 0; i < record->add.entry_count; i++) {
		put_entry(buf, &record->add.entries[i]);
		if (buf->size - start > LIMIT_RECORD_SIZE)
			return; /* record_encode refuses it */
	}
	buf_char(buf, ']');
	json_put_key(buf, "expires");
	json_put_integer(buf, record->add.expires_ms);
	if (*record->add.ground) {
		json_put_key(buf, "ground");
		json_put_text(buf, record->add.ground);
	}
	if (record->add.label_count)
		put_labels(buf, record->add.labels, record->add.label_count);
	json_put_key(buf, "onward");
	json_put_bool(buf, record->add.onward);
	json_put_key(buf, "source");
	json_put_text(buf, record_source_name(record->add.source));
	json_put_key(buf, "territory");
	json_put_text(buf, record->add.territory);
}

static void put_ids(struct buf *buf, const struct record_entry_id *ids, size_t count)
{
	json_put_key(buf, "entries");
	buf_char(buf, '[');
	for (size_t i = 0; i < count; i++) {
		char text[HILF_ID_TEXT_MAX];
		record_entry_id_format(&ids[i], text);
		json_put_item(buf);
		json_put_text(buf, text);
	}
	buf_char(buf, ']');
}

static void put_change(struct buf *buf, const struct record *record)
{
	if (record->change.content_class) {
		json_put_key(buf, "class");
		json_put_text(buf, record->change.content_class);
	}
	put_ids(buf, record->change.entries, record->change.entry_count);
	if (record->change.expires_ms) {
		json_put_key(buf, "expires");
		json_put_integer(buf, record->change.expires_ms);
	}
	if (record->change.ground) {
		json_put_key(buf, "ground");
		json_put_text(buf, record->change.ground);
	}
	if (record->change.set_labels)
		put_labels(buf, record->change.labels, record->change.label_count);
}

static void put_withdraw(struct buf *buf, const struct record *record)
{
	put_ids(buf, record->withdraw.entries, record->withdraw.entry_count);
	json_put_key(buf, "reason");
	json_put_text(buf, record_reason_name(record->withdraw.reason));
}

static void put_body(struct buf *buf, const struct record *record)
{
	json_put_key(buf, "body");
	buf_char(buf, '{');
	switch (record->kind) {
	case RECORD_MEMBER_FOUND:
		json_put_key(buf, "key");
		buf_char(buf, '"');
		buf_hex(buf, record->member.key, sizeof record->member.key);
		buf_char(buf, '"');
		json_put_key(buf, "name");
		json_put_text(buf, record->member.name);
		break;
	case RECORD_BANK_CREATE:
	case RECORD_BANK_RENAME:
		json_put_key(buf, "name");
		json_put_text(buf, record->bank.name);
		break;
	case RECORD_BANK_REMOVE:
		break;
	case RECORD_ENTRY_ADD:
		put_add(buf, record);
		break;
	case RECORD_ENTRY_WITHDRAW:
		put_withdraw(buf, record);
		break;
	case RECORD_ENTRY_CHANGE:
		put_change(buf, record);
		break;
	case RECORD_OPINION_GIVE:
		put_ids(buf, record->opinion.entries, record->opinion.entry_count);
		json_put_key(buf, "opinion");
		json_put_text(buf, hilf_opinion_name(record->opinion.opinion));
		break;
	}
	buf_char(buf, '}');
}

int record_encode(const struct record *record, struct buf *buf, struct hilf_err *err)
{
	int rc = record_check(record, err);
	if (rc)
		return rc;
	if (buf->failed)
		return err_no_memory(err);
	size_t start = buf->size;
	buf_char(buf, '{');
	put_uuid(buf, "author", record->author);
	put_body(buf, record);
	put_uuid(buf, "id", record->id);
	json_put_key(buf, "kind");
	json_put_text(buf, record_kind_name(record->kind));
	put_uuid(buf, "of", record->of);
	json_put_key(buf, "time");
	json_put_integer(buf, record->time_ms);
	json_put_key(buf, "v");
	json_put_integer(buf, RECORD_VERSION);
	buf_char(buf, '}');
	size_t size = buf->size - start;
	if (!buf->failed && size <= LIMIT_RECORD_SIZE)
		return HILF_OK;
	rc = buf->failed ? err_no_memory(err)
			 : err_set(err, HILF_E_LIMIT,
				   "the record is larger than %u bytes; put fewer entries into it",
				   LIMIT_RECORD_SIZE);
	buf->failed = false;
	buf->size = start;
	if (buf->data)
		buf->data[start] = '\0';
	return rc;
}

/* With the comma that follows. */
static size_t labels_size(const struct hilf_label *labels, size_t count)
{
	size_t size = strlen("\"labels\":{},") - 1;
	for (size_t i = 0; i < count; i++)
		size += strlen("\"\":,") + strlen(labels[i].key) +
			json_string_size(labels[i].value, strlen(labels[i].value));
	return count ? size : 0;
}

size_t record_entry_size(const struct record_entry *entry)
{
	size_t size = strlen("{\"signals\":[]},") + labels_size(entry->labels, entry->label_count);
	for (size_t i = 0; i < entry->signal_count; i++) {
		const struct hilf_signal *signal = &entry->signals[i];
		const char *name = signal_text_type_name(signal->type);
		size += strlen("[\"\",\"\"],") + (name ? strlen(name) : 0) +
			2 * (size_t)signal->size;
		if (signal->quality != HILF_QUALITY_UNKNOWN)
			size += signal->quality < 10 ? 2 : signal->quality < 100 ? 3 : 4;
	}
	return size - (entry->signal_count > 0);
}

size_t record_add_size(const struct record *record)
{
	static const char around[] =
		"{\"author\":\"\",\"body\":{\"class\":\"\",\"entries\":[],\"expires\":,\"ground\":,"
		"\"onward\":false,\"source\":\"automated\",\"territory\":\"\"},\"id\":\"\","
		"\"kind\":\"entry.add\",\"of\":\"\",\"time\":,\"v\":1}";
	const size_t integer_size = 16; /* of 2^53 - 1 */
	ASSERT(record->kind == RECORD_ENTRY_ADD);
	return sizeof around + 3 * UUID_TEXT_SIZE + 2 * integer_size +
	       strlen(record->add.content_class) +
	       json_string_size(record->add.ground, strlen(record->add.ground)) +
	       labels_size(record->add.labels, record->add.label_count) +
	       strlen(record->add.territory);
}
