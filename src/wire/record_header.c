/* Headers of erased records: what is public of a record, in the spelling of records. */
#include "wire/record_header.h"

#include "base/err.h"
#include "base/hex.h"
#include "wire/json.h"

#include <string.h>

bool record_header_has(enum record_kind kind)
{
	return kind == RECORD_ENTRY_ADD || kind == RECORD_ENTRY_CHANGE;
}

/* ------------------------------------------------------------------------------------------ writing */

static void put_uuid(struct buf *buf, const char *key, const uint8_t uuid[UUID_SIZE])
{
	char text[UUID_TEXT_SIZE + 1];
	uuid_format(uuid, text);
	json_put_key(buf, key);
	json_put_text(buf, text);
}

static void put_add(struct buf *buf, const struct record *record)
{
	json_put_key(buf, "class");
	json_put_text(buf, record->add.content_class);
	json_put_key(buf, "count");
	json_put_integer(buf, (int64_t)record->add.entry_count);
	json_put_key(buf, "expires");
	json_put_integer(buf, record->add.expires_ms);
	if (record->add.ground[0]) {
		json_put_key(buf, "ground");
		json_put_text(buf, record->add.ground);
	}
	json_put_key(buf, "onward");
	json_put_bool(buf, record->add.onward);
	json_put_key(buf, "source");
	json_put_text(buf, record_source_name(record->add.source));
	json_put_key(buf, "territory");
	json_put_text(buf, record->add.territory);
}

bool record_header_encode(
	const struct record *record, const uint8_t hash[RECORD_HASH_SIZE], struct buf *buf)
{
	if (!record_header_has(record->kind))
		return false;
	buf_char(buf, '{');
	put_uuid(buf, "author", record->author);
	json_put_key(buf, "body");
	buf_char(buf, '{');
	if (record->kind == RECORD_ENTRY_ADD)
		put_add(buf, record);
	buf_char(buf, '}');
	json_put_key(buf, "hash");
	buf_char(buf, '"');
	buf_hex(buf, hash, RECORD_HASH_SIZE);
	buf_char(buf, '"');
	put_uuid(buf, "id", record->id);
	json_put_key(buf, "kind");
	json_put_text(buf, record_kind_name(record->kind));
	put_uuid(buf, "of", record->of);
	json_put_key(buf, "time");
	json_put_integer(buf, record->time_ms);
	json_put_key(buf, "v");
	json_put_integer(buf, RECORD_VERSION);
	buf_char(buf, '}');
	return !buf->failed;
}

/* ------------------------------------------------------------------------------------------ reading */

static bool is_text(const struct json *value, const char *text)
{
	return value && value->is == JSON_IS_STRING && value->size == strlen(text) &&
	       memcmp(value->text, text, value->size) == 0;
}

static bool take_number(
	const struct json *object, const char *key, int64_t least, int64_t *ret_number)
{
	const struct json *value = json_member(object, key);
	if (!value || value->is != JSON_IS_INTEGER || value->integer < least)
		return false;
	*ret_number = value->integer;
	return true;
}

static bool take_uuid(const struct json *object, const char *key, uint8_t ret_uuid[UUID_SIZE])
{
	const struct json *value = json_member(object, key);
	return value && value->is == JSON_IS_STRING &&
	       uuid_parse(value->text, value->size, ret_uuid);
}

/* A text of the body in the arena; *lacking where there is no memory. */
static const char *take_text(
	const struct json *body, const char *key, struct arena *arena, bool *lacking)
{
	const struct json *value = json_member(body, key);
	if (!value || value->is != JSON_IS_STRING)
		return NULL;
	const char *text = arena_text(arena, value->text, value->size);
	*lacking = *lacking || !text;
	return text;
}

static bool take_source(const struct json *value, enum record_source *ret_source)
{
	for (int i = SOURCE_UNSAID; i <= SOURCE_AUTOMATED; i++) {
		if (!is_text(value, record_source_name((enum record_source)i)))
			continue;
		*ret_source = (enum record_source)i;
		return true;
	}
	return false;
}

static bool take_add(
	const struct json *body, struct arena *arena, struct record *record, bool *lacking)
{
	const struct json *onward = json_member(body, "onward");
	bool has_ground = json_member(body, "ground") != NULL;
	int64_t count;
	record->add.content_class = take_text(body, "class", arena, lacking);
	record->add.ground = has_ground ? take_text(body, "ground", arena, lacking) : "";
	record->add.territory = take_text(body, "territory", arena, lacking);
	if (*lacking || body->count != 6u + has_ground || !record->add.content_class ||
		!record->add.ground || !record->add.territory || !onward ||
		onward->is != JSON_IS_BOOL || !take_number(body, "count", 1, &count) ||
		count > LIMIT_RECORD_ASSERTIONS ||
		!take_number(body, "expires", 1, &record->add.expires_ms) ||
		!take_source(json_member(body, "source"), &record->add.source))
		return false;
	if (record_check_class(record->add.content_class, NULL) != 0 ||
		(has_ground && record_check_ground(record->add.ground, NULL) != 0) ||
		record_check_territory(record->add.territory, NULL) != 0)
		return false;
	record->add.onward = onward->truth;
	record->add.entry_count = (size_t)count;
	record->add.entries = arena_array(arena, (size_t)count, sizeof *record->add.entries);
	*lacking = *lacking || !record->add.entries;
	return true;
}

static bool take_all(const struct json *object, struct arena *arena, struct record *record,
	uint8_t ret_hash[RECORD_HASH_SIZE], bool *lacking)
{
	int64_t version;
	if (object->is != JSON_IS_OBJECT || object->count != 8)
		return false;
	const struct json *body = json_member(object, "body"), *hash = json_member(object, "hash"),
			  *kind = json_member(object, "kind");
	if (!take_number(object, "v", RECORD_VERSION, &version) || version != RECORD_VERSION ||
		!take_number(object, "time", 0, &record->time_ms) ||
		!take_uuid(object, "author", record->author) ||
		!take_uuid(object, "id", record->id) || !take_uuid(object, "of", record->of) ||
		!hash || hash->is != JSON_IS_STRING ||
		!hex_decode(hash->text, hash->size, ret_hash, RECORD_HASH_SIZE) || !body ||
		body->is != JSON_IS_OBJECT)
		return false;
	if (is_text(kind, record_kind_name(RECORD_ENTRY_CHANGE))) {
		record->kind = RECORD_ENTRY_CHANGE;
		return body->count == 0;
	}
	record->kind = RECORD_ENTRY_ADD;
	return is_text(kind, record_kind_name(RECORD_ENTRY_ADD)) &&
	       take_add(body, arena, record, lacking);
}

int record_header_decode(const char *bytes, size_t size, struct arena *arena,
	struct record *ret_record, uint8_t ret_hash[RECORD_HASH_SIZE], struct hilf_err *err)
{
	struct record record = {0};
	struct json *object;
	bool lacking = false;
	int rc = json_parse_canonical(bytes, size, RECORD_HEADER_SIZE, 3, arena, &object, err);
	if (rc)
		return rc;
	bool good = take_all(object, arena, &record, ret_hash, &lacking);
	if (lacking)
		return err_no_memory(err);
	if (!good)
		return err_set(err, HILF_E_INVALID, "it is no header of an erased record");
	*ret_record = record;
	return 0;
}
