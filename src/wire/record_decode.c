/* Bytes to records. json.h has refused every second spelling of the JSON; here each object is held
 * against the list of its fields, its values are turned into the struct, and record_check says
 * whether it may say that. */
#include "base/check.h"
#include "base/err.h"
#include "base/hex.h"
#include "base/utf8.h"
#include "wire/json.h"
#include "wire/record.h"
#include "wire/record_inside.h"
#include "wire/signal_text.h"

#include <string.h>

struct decoder {
	struct arena *arena; /* of the caller, for what the record points to */
	struct hilf_err *err;
};

static const char *const is_names[] = {
	[JSON_IS_NULL] = "null",
	[JSON_IS_BOOL] = "true or false",
	[JSON_IS_INTEGER] = "an integer",
	[JSON_IS_STRING] = "a string",
	[JSON_IS_ARRAY] = "an array",
	[JSON_IS_OBJECT] = "an object",
};

static int refuse(const struct decoder *decoder, const struct json *value, const char *what)
{
	return err_set(
		decoder->err, HILF_E_INVALID, "not a record: at byte %u: %s", value->at, what);
}

static int want(const struct decoder *decoder, const struct json *value, enum json_is is)
{
	if (value->is == is)
		return HILF_OK;
	return err_set(decoder->err, HILF_E_INVALID,
		"not a record: at byte %u: %s was expected, not %s", value->at, is_names[is],
		is_names[value->is]);
}

/* --------------------------------------------------------------------------------------- objects */

struct field {
	const char *key;
	enum json_is is;
	bool optional;
	const struct json **ret_value; /* NULL where an optional one is not there */
};

static int compare_key(const struct json *member, const char *key)
{
	size_t size = strlen(key);
	int order = memcmp(member->key, key, member->key_size < size ? member->key_size : size);
	return order ? order : (member->key_size > size) - (member->key_size < size);
}

/* Takes an object's members apart. Fields are listed in ascending order, as members come. */
static int take_fields(const struct decoder *decoder, const struct json *object,
	const struct field *fields, size_t count)
{
	int rc = want(decoder, object, JSON_IS_OBJECT);
	if (rc)
		return rc;
	for (size_t i = 0; i < count; i++)
		*fields[i].ret_value = NULL;
	const struct json *member = object->first;
	for (size_t i = 0; i < count; i++) {
		int order = member ? compare_key(member, fields[i].key) : 1;
		if (order < 0)
			break;
		if (order > 0) {
			if (fields[i].optional)
				continue;
			return err_set(decoder->err, HILF_E_INVALID,
				"not a record: at byte %u: the key '%s' is missing", object->at,
				fields[i].key);
		}
		rc = want(decoder, member, fields[i].is);
		if (rc)
			return rc;
		*fields[i].ret_value = member;
		member = member->next;
	}
	if (!member)
		return HILF_OK;
	char shown[48];
	utf8_printable(member->key, member->key_size, shown, sizeof shown);
	return err_set(decoder->err, HILF_E_INVALID, "not a record: at byte %u: unknown key '%s'",
		member->at, shown);
}

static int take_uuid(
	const struct decoder *decoder, const struct json *string, uint8_t ret_uuid[UUID_SIZE])
{
	if (!uuid_parse(string->text, string->size, ret_uuid))
		return refuse(decoder, string, "a UUID of version 7 in lower case was expected");
	return HILF_OK;
}

static int take_text(
	const struct decoder *decoder, const struct json *string, const char **ret_text)
{
	*ret_text = arena_text(decoder->arena, string->text, string->size);
	return *ret_text ? HILF_OK : err_no_memory(decoder->err);
}

/* ---------------------------------------------------------------------------------------- bodies */

static int take_member(
	const struct decoder *decoder, const struct json *body, struct record *record)
{
	const struct json *key, *name;
	const struct field fields[] = {
		{"key", JSON_IS_STRING, false, &key},
		{"name", JSON_IS_STRING, false, &name},
	};
	int rc = take_fields(decoder, body, fields, COUNT_OF(fields));
	if (rc)
		return rc;
	if (!hex_decode(key->text, key->size, record->member.key, sizeof record->member.key))
		return refuse(
			decoder, key, "a key of 64 hexadecimal digits in lower case was expected");
	return take_text(decoder, name, &record->member.name);
}

static int take_bank(const struct decoder *decoder, const struct json *body, struct record *record)
{
	const struct json *name;
	const struct field fields[] = {{"name", JSON_IS_STRING, false, &name}};
	int rc = take_fields(decoder, body, fields, COUNT_OF(fields));
	return rc ? rc : take_text(decoder, name, &record->bank.name);
}

static int take_some_labels(const struct decoder *decoder, const struct json *object,
	const struct hilf_label **ret_labels, size_t *ret_count)
{
	if (object->count > LIMIT_LABELS)
		return err_set(decoder->err, HILF_E_LIMIT,
			"not a record: at byte %u: %u labels, of which %u are allowed", object->at,
			object->count, LIMIT_LABELS);
	struct hilf_label *labels = arena_array(decoder->arena, object->count, sizeof *labels);
	if (!labels)
		return err_no_memory(decoder->err);
	size_t count = 0;
	for (const struct json *member = object->first; member; member = member->next, count++) {
		int rc = want(decoder, member, JSON_IS_STRING);
		if (!rc)
			rc = take_text(decoder, member, &labels[count].value);
		if (rc)
			return rc;
		labels[count].key = arena_text(decoder->arena, member->key, member->key_size);
		if (!labels[count].key)
			return err_no_memory(decoder->err);
	}
	*ret_labels = labels;
	*ret_count = count;
	return HILF_OK;
}

/* object: NULL where there is none. */
static int take_labels(const struct decoder *decoder, const struct json *object,
	const struct hilf_label **ret_labels, size_t *ret_count)
{
	*ret_labels = NULL;
	*ret_count = 0;
	if (!object)
		return HILF_OK;
	if (object->count == 0)
		return refuse(decoder, object, "empty labels, which are left out");
	return take_some_labels(decoder, object, ret_labels, ret_count);
}

static int take_signal(
	const struct decoder *decoder, const struct json *array, struct hilf_signal *ret_signal)
{
	int rc = want(decoder, array, JSON_IS_ARRAY);
	if (rc)
		return rc;
	if (array->count < 2 || array->count > 3)
		return refuse(decoder, array, "a signal is a type, a value and at most a quality");
	const struct json *type = array->first, *value = type->next, *quality = value->next;
	rc = want(decoder, type, JSON_IS_STRING);
	if (!rc)
		rc = want(decoder, value, JSON_IS_STRING);
	if (!rc && quality)
		rc = want(decoder, quality, JSON_IS_INTEGER);
	if (rc)
		return rc;
	struct hilf_err inner;
	if (signal_text_parse(type->text, type->size, value->text, value->size, ret_signal, &inner))
		return refuse(decoder, array, inner.text);
	if (quality) {
		if (quality->integer < 0 || quality->integer > 100)
			return refuse(decoder, quality, "a quality is 0 to 100");
		ret_signal->quality = (int16_t)quality->integer;
	}
	return HILF_OK;
}

static int take_entry(
	const struct decoder *decoder, const struct json *object, struct record_entry *ret_entry)
{
	const struct json *labels, *signals;
	const struct field fields[] = {
		{"labels", JSON_IS_OBJECT, true, &labels},
		{"signals", JSON_IS_ARRAY, false, &signals},
	};
	int rc = take_fields(decoder, object, fields, COUNT_OF(fields));
	if (!rc)
		rc = take_labels(decoder, labels, &ret_entry->labels, &ret_entry->label_count);
	if (rc)
		return rc;
	if (signals->count > LIMIT_ENTRY_SIGNALS)
		return err_set(decoder->err, HILF_E_LIMIT,
			"not a record: at byte %u: %u signals in one entry, of which %u are "
			"allowed",
			signals->at, signals->count, LIMIT_ENTRY_SIGNALS);
	struct hilf_signal *taken = arena_array(decoder->arena, signals->count, sizeof *taken);
	if (!taken)
		return err_no_memory(decoder->err);
	ret_entry->signals = taken;
	for (const struct json *item = signals->first; item; item = item->next) {
		rc = take_signal(decoder, item, &taken[ret_entry->signal_count++]);
		if (rc)
			return rc;
	}
	return HILF_OK;
}

/* Asked before an array is allocated for them. */
static int check_count(const struct decoder *decoder, const struct json *array)
{
	struct hilf_err inner;
	if (record_check_count(array->count, &inner))
		return err_set(decoder->err, inner.code, "not a record: at byte %u: %s", array->at,
			inner.text);
	return HILF_OK;
}

static int take_entries(
	const struct decoder *decoder, const struct json *array, struct record *record)
{
	int rc = check_count(decoder, array);
	if (rc)
		return rc;
	struct record_entry *entries = arena_array(decoder->arena, array->count, sizeof *entries);
	if (!entries)
		return err_no_memory(decoder->err);
	record->add.entries = entries;
	for (const struct json *item = array->first; item; item = item->next) {
		rc = take_entry(decoder, item, &entries[record->add.entry_count++]);
		if (rc)
			return rc;
	}
	return HILF_OK;
}

static int take_add(const struct decoder *decoder, const struct json *body, struct record *record)
{
	const struct json *class, *entries, *expires, *ground, *labels, *onward, *source,
		*territory;
	const struct field fields[] = {
		{"class", JSON_IS_STRING, false, &class},
		{"entries", JSON_IS_ARRAY, false, &entries},
		{"expires", JSON_IS_INTEGER, false, &expires},
		{"ground", JSON_IS_STRING, true, &ground},
		{"labels", JSON_IS_OBJECT, true, &labels},
		{"onward", JSON_IS_BOOL, false, &onward},
		{"source", JSON_IS_STRING, false, &source},
		{"territory", JSON_IS_STRING, false, &territory},
	};
	int rc = take_fields(decoder, body, fields, COUNT_OF(fields));
	if (rc)
		return rc;
	record->add.expires_ms = expires->integer;
	record->add.onward = onward->truth;
	record->add.ground = "";
	if (ground && ground->size == 0)
		return refuse(decoder, ground, "an empty ground, which is left out");
	if (!record_source_parse(source->text, source->size, &record->add.source))
		return refuse(decoder, source, "an unknown source");
	rc = take_text(decoder, class, &record->add.content_class);
	if (!rc && ground)
		rc = take_text(decoder, ground, &record->add.ground);
	if (!rc)
		rc = take_text(decoder, territory, &record->add.territory);
	if (!rc)
		rc = take_labels(decoder, labels, &record->add.labels, &record->add.label_count);
	return rc ? rc : take_entries(decoder, entries, record);
}

static int take_ids(const struct decoder *decoder, const struct json *array,
	const struct record_entry_id **ret_ids, size_t *ret_count)
{
	int rc = check_count(decoder, array);
	if (rc)
		return rc;
	struct record_entry_id *ids = arena_array(decoder->arena, array->count, sizeof *ids);
	if (!ids)
		return err_no_memory(decoder->err);
	size_t count = 0;
	for (const struct json *item = array->first; item; item = item->next) {
		rc = want(decoder, item, JSON_IS_STRING);
		if (rc)
			return rc;
		if (!record_entry_id_parse(item->text, item->size, &ids[count++]))
			return refuse(decoder, item, "an entry's id, as UUID.NUMBER, was expected");
	}
	*ret_ids = ids;
	*ret_count = count;
	return HILF_OK;
}

static int take_withdraw(
	const struct decoder *decoder, const struct json *body, struct record *record)
{
	const struct json *entries, *reason;
	const struct field fields[] = {
		{"entries", JSON_IS_ARRAY, false, &entries},
		{"reason", JSON_IS_STRING, false, &reason},
	};
	int rc = take_fields(decoder, body, fields, COUNT_OF(fields));
	if (rc)
		return rc;
	if (!record_reason_parse(reason->text, reason->size, &record->withdraw.reason))
		return refuse(decoder, reason, "an unknown reason");
	return take_ids(decoder, entries, &record->withdraw.entries, &record->withdraw.entry_count);
}

static int take_change(
	const struct decoder *decoder, const struct json *body, struct record *record)
{
	const struct json *class, *entries, *expires, *ground, *labels;
	const struct field fields[] = {
		{"class", JSON_IS_STRING, true, &class},
		{"entries", JSON_IS_ARRAY, false, &entries},
		{"expires", JSON_IS_INTEGER, true, &expires},
		{"ground", JSON_IS_STRING, true, &ground},
		{"labels", JSON_IS_OBJECT, true, &labels},
	};
	int rc = take_fields(decoder, body, fields, COUNT_OF(fields));
	if (!rc && expires) {
		record->change.expires_ms = expires->integer;
		if (!expires->integer) /* which stands for none */
			rc = refuse(decoder, expires,
				"the expiry is no time in milliseconds since 1970");
	}
	if (!rc && class)
		rc = take_text(decoder, class, &record->change.content_class);
	if (!rc && ground)
		rc = take_text(decoder, ground, &record->change.ground);
	record->change.set_labels = labels != NULL;
	if (!rc && labels)
		rc = take_some_labels(
			decoder, labels, &record->change.labels, &record->change.label_count);
	return rc ? rc
		  : take_ids(
			    decoder, entries, &record->change.entries, &record->change.entry_count);
}

static int take_opinion(
	const struct decoder *decoder, const struct json *body, struct record *record)
{
	const struct json *entries, *opinion;
	const struct field fields[] = {
		{"entries", JSON_IS_ARRAY, false, &entries},
		{"opinion", JSON_IS_STRING, false, &opinion},
	};
	int rc = take_fields(decoder, body, fields, COUNT_OF(fields));
	if (rc)
		return rc;
	if (!record_opinion_parse(opinion->text, opinion->size, &record->opinion.opinion))
		return refuse(decoder, opinion, "an unknown opinion");
	return take_ids(decoder, entries, &record->opinion.entries, &record->opinion.entry_count);
}

static int take_body(const struct decoder *decoder, const struct json *body, struct record *record)
{
	switch (record->kind) {
	case RECORD_MEMBER_FOUND:
		return take_member(decoder, body, record);
	case RECORD_BANK_CREATE:
	case RECORD_BANK_RENAME:
		return take_bank(decoder, body, record);
	case RECORD_BANK_REMOVE:
		return take_fields(decoder, body, NULL, 0);
	case RECORD_ENTRY_ADD:
		return take_add(decoder, body, record);
	case RECORD_ENTRY_WITHDRAW:
		return take_withdraw(decoder, body, record);
	case RECORD_ENTRY_CHANGE:
		return take_change(decoder, body, record);
	case RECORD_OPINION_GIVE:
		return take_opinion(decoder, body, record);
	}
	ASSERT(false); /* record_kind_parse knows no other */
	return HILF_E_INVALID;
}

/* ------------------------------------------------------------------------------------ the record */

/* Comes first: what else a record of a newer version holds is not for this hilf to judge. */
static int check_version(const struct decoder *decoder, const struct json *root)
{
	int rc = want(decoder, root, JSON_IS_OBJECT);
	if (rc)
		return rc;
	const struct json *version = json_member(root, "v");
	if (!version)
		return refuse(decoder, root, "the key 'v' is missing");
	rc = want(decoder, version, JSON_IS_INTEGER);
	if (rc)
		return rc;
	if (version->integer > RECORD_VERSION)
		return err_set(decoder->err, HILF_E_VERSION,
			"a record of version %lld, of which this hilf reads %d; a newer hilf is "
			"needed",
			(long long)version->integer, RECORD_VERSION);
	if (version->integer < RECORD_VERSION)
		return refuse(decoder, version, "a version that never was");
	return HILF_OK;
}

static int take_record(
	const struct decoder *decoder, const struct json *root, struct record *record)
{
	const struct json *author, *body, *id, *kind, *of, *time, *version;
	const struct field fields[] = {
		{"author", JSON_IS_STRING, false, &author},
		{"body", JSON_IS_OBJECT, false, &body},
		{"id", JSON_IS_STRING, false, &id},
		{"kind", JSON_IS_STRING, false, &kind},
		{"of", JSON_IS_STRING, false, &of},
		{"time", JSON_IS_INTEGER, false, &time},
		{"v", JSON_IS_INTEGER, false, &version},
	};
	int rc = check_version(decoder, root);
	if (!rc)
		rc = take_fields(decoder, root, fields, COUNT_OF(fields));
	if (rc)
		return rc;
	if (!record_kind_parse(kind->text, kind->size, &record->kind))
		return refuse(decoder, kind, "an unknown kind");
	record->time_ms = time->integer;
	rc = take_uuid(decoder, author, record->author);
	if (!rc)
		rc = take_uuid(decoder, id, record->id);
	if (!rc)
		rc = take_uuid(decoder, of, record->of);
	if (!rc)
		rc = take_body(decoder, body, record);
	if (rc)
		return rc;
	struct hilf_err inner;
	rc = record_check(record, &inner);
	return rc ? err_set(decoder->err, inner.code, "not a record: %s", inner.text) : HILF_OK;
}

int record_decode(const char *bytes, size_t size, struct arena *arena, struct record *ret_record,
	struct hilf_err *err)
{
	const struct decoder decoder = {.arena = arena, .err = err};
	struct record record;
	struct json *root;
	struct arena scratch;
	memset(&record, 0, sizeof record);
	arena_init(&scratch, 0);
	int rc = json_parse_canonical(
		bytes, size, LIMIT_RECORD_SIZE, LIMIT_JSON_DEPTH, &scratch, &root, err);
	if (!rc)
		rc = take_record(&decoder, root, &record);
	arena_clear(&scratch);
	if (!rc)
		*ret_record = record;
	return rc;
}
