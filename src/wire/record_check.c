/* What a record may say, field by field, whoever made it: the encoder asks before it writes and the
 * decoder after it has read, so that the two can never differ. JSON's form is not a matter of this
 * file. */
#include "base/check.h"
#include "base/err.h"
#include "base/nearest.h"
#include "base/utf8.h"
#include "wire/record.h"
#include "wire/record_inside.h"
#include "wire/signal_text.h"

#include <stdio.h>
#include <string.h>

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_alpha(char c)
{
	return is_lower(c) || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Control characters, and those that are not seen but reorder, break or pad a line. The two joiners
 * (U+200C, U+200D) are none of them: Persian, Urdu and Pashto are not written rightly without. */
static bool is_unseen(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0xad || code == 0x61c ||
	       code == 0x115f || code == 0x1160 || code == 0x180e || code == 0x200b ||
	       (code >= 0x200e && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
	       (code >= 0x2060 && code <= 0x206f) || code == 0x3164 || code == 0xfeff ||
	       code == 0xffa0 || (code >= 0xfff0 && code <= 0xffff) ||
	       (code >= 0xe000 && code <= 0xf8ff) || code >= 0xe0000;
}

static bool is_blank(uint32_t code)
{
	return code == ' ' || code == 0xa0 || code == 0x1680 ||
	       (code >= 0x2000 && code <= 0x200a) || code == 0x202f || code == 0x205f ||
	       code == 0x3000;
}

static bool is_uuid7(const uint8_t uuid[UUID_SIZE])
{
	return uuid[6] >> 4 == 7 && uuid[8] >> 6 == 2;
}

/* Text for a message: never steers a terminal, never longer than it helps. */
struct shown {
	char text[72];
};

static struct shown show(const char *text, size_t size)
{
	struct shown shown;
	utf8_printable(text, size, shown.text, sizeof shown.text);
	return shown;
}

int record_check_bank_name(const char *name, struct hilf_err *err)
{
	size_t size = strnlen(name, LIMIT_BANK_NAME + 1);
	if (size == 0)
		return err_set(err, HILF_E_INVALID,
			"a bank's name is empty; give it one, such as 'attacks'");
	if (size > LIMIT_BANK_NAME)
		return err_set(err, HILF_E_INVALID,
			"the bank name '%s...' is too long: %u bytes are allowed",
			show(name, 24).text, LIMIT_BANK_NAME);
	if (!is_alpha(name[0]) && name[0] != '_')
		return err_set(err, HILF_E_INVALID,
			"the bank name '%s' must begin with a letter a-z, A-Z or '_'",
			show(name, size).text);
	for (size_t i = 1; i < size; i++)
		if (!is_alpha(name[i]) && !is_digit(name[i]) && !strchr("_.-", name[i]))
			return err_set(err, HILF_E_INVALID,
				"the bank name '%s' may hold letters a-z and A-Z, digits, '_', '.' "
				"and '-' only",
				show(name, size).text);
	return HILF_OK;
}

static int check_label_key(const char *key, size_t size, struct hilf_err *err)
{
	if (size == 0)
		return err_set(err, HILF_E_INVALID, "a label without a key; write KEY=VALUE");
	if (size > LIMIT_LABEL_KEY)
		return err_set(err, HILF_E_INVALID,
			"the label key '%s...' is too long: %u bytes are allowed",
			show(key, 24).text, LIMIT_LABEL_KEY);
	bool good = is_lower(key[0]);
	for (size_t i = 1; good && i < size; i++)
		good = is_lower(key[i]) || is_digit(key[i]) || key[i] == '_' || key[i] == '.' ||
		       key[i] == '-';
	if (!good)
		return err_set(err, HILF_E_INVALID,
			"the label key '%s' must be a letter a-z, then letters, digits, '_', '.' "
			"or '-'",
			show(key, size).text);
	if (size == 7 && !memcmp(key, "quality", 7))
		return err_set(err, HILF_E_INVALID,
			"the label key 'quality' is taken: it is the quality of a signal in import "
			"lines");
	return HILF_OK;
}

int record_check_label_text(const char *key, size_t key_size, const char *value, size_t value_size,
	struct hilf_err *err)
{
	int rc = check_label_key(key, key_size, err);
	if (rc)
		return rc;
	struct shown name = show(key, key_size);
	if (value_size == 0)
		return err_set(err, HILF_E_INVALID, "the label '%s' has no value", name.text);
	if (value_size > LIMIT_LABEL_VALUE)
		return err_set(err, HILF_E_INVALID,
			"the value of label '%s' has %zu bytes, of which %u are allowed", name.text,
			value_size, LIMIT_LABEL_VALUE);
	for (size_t at = 0; at < value_size;) {
		uint32_t code;
		size_t step = utf8_next(value + at, value_size - at, &code);
		if (!step)
			return err_set(err, HILF_E_INVALID, "the value of label '%s' is not UTF-8",
				name.text);
		if (is_blank(code) || is_unseen(code) || code == '@')
			return err_set(err, HILF_E_INVALID,
				"the value of label '%s' holds %s; a label is one word that names "
				"no person",
				name.text,
				code == '@'      ? "'@'"
				: is_blank(code) ? "a blank"
						 : "an unseen character");
		at += step;
	}
	return HILF_OK;
}

int record_check_label(const struct hilf_label *label, struct hilf_err *err)
{
	if (!label->key || !label->value)
		return err_set(err, HILF_E_INVALID, "a label needs a key and a value");
	return record_check_label_text(
		label->key, strlen(label->key), label->value, strlen(label->value), err);
}

int record_check_class(const char *name, struct hilf_err *err)
{
	for (unsigned i = 0; hilf_class_name(i); i++)
		if (!strcmp(hilf_class_name(i), name))
			return HILF_OK;
	struct nearest nearest;
	char known[256] = "";
	size_t used = 0;
	nearest_init(&nearest, name);
	for (unsigned i = 0; hilf_class_name(i); i++) {
		nearest_try(&nearest, hilf_class_name(i));
		used += (size_t)snprintf(known + used, sizeof known - used, "%s%s", i ? ", " : "",
			hilf_class_name(i));
	}
	if (nearest.best)
		return err_set(err, HILF_E_INVALID, "there is no class '%s'; did you mean '%s'?",
			show(name, strnlen(name, 64)).text, nearest.best);
	return err_set(err, HILF_E_INVALID, "there is no class '%s'; there are: %s",
		show(name, strnlen(name, 64)).text, known);
}

int record_check_ground(const char *ground, struct hilf_err *err)
{
	size_t size = strnlen(ground, LIMIT_GROUND + 1);
	if (size > LIMIT_GROUND)
		return err_set(err, HILF_E_INVALID,
			"the ground is longer than %u bytes; it is a citation, not a text",
			LIMIT_GROUND);
	if (size && (ground[0] == ' ' || ground[size - 1] == ' '))
		return err_set(err, HILF_E_INVALID, "the ground begins or ends with a blank");
	for (size_t at = 0; at < size;) {
		uint32_t code;
		size_t step = utf8_next(ground + at, size - at, &code);
		if (!step)
			return err_set(err, HILF_E_INVALID, "the ground is not UTF-8");
		bool good = code < 0x80 ? is_alpha((char)code) || is_digit((char)code) ||
						  (code && strchr(" .,:;/()-'&+", (int)code))
					: !is_unseen(code) && !is_blank(code);
		if (!good)
			return err_set(err, HILF_E_INVALID,
				"the ground holds '%s'; a citation is letters, digits, blanks and "
				".,:;/()-'&+",
				show(ground + at, step).text);
		at += step;
	}
	return HILF_OK;
}

int record_check_territory(const char *territory, struct hilf_err *err)
{
	size_t size = strnlen(territory, 3 * LIMIT_TERRITORIES);
	if (size == 1 && territory[0] == '*')
		return HILF_OK;
	bool good = size % 3 == 2 && size < 3 * LIMIT_TERRITORIES;
	for (size_t at = 0; good && at < size; at += 3) {
		const char *code = territory + at;
		good = is_alpha(code[0]) && !is_lower(code[0]) && is_alpha(code[1]) &&
		       !is_lower(code[1]) && (at + 2 == size || code[2] == ',');
		if (good && at && memcmp(code - 3, code, 2) >= 0)
			return err_set(err, HILF_E_INVALID,
				"the territory '%s' has countries out of order or twice; sort them",
				show(territory, size).text);
	}
	if (!good)
		return err_set(err, HILF_E_INVALID,
			"the territory '%s' must be '*' or two-letter countries as in 'DE,FR'",
			show(territory, size).text);
	return HILF_OK;
}

int record_check_signal(const struct hilf_signal *signal, struct hilf_err *err)
{
	size_t want = signal_text_value_size(signal->type);
	if (!want)
		return err_set(err, HILF_E_INVALID, "unknown signal type number %u", signal->type);
	if (signal->size != want)
		return err_set(err, HILF_E_INVALID, "a %s value has %zu bytes, this one has %u",
			signal_text_type_name(signal->type), want, signal->size);
	if (signal->quality != HILF_QUALITY_UNKNOWN &&
		(signal->quality < 0 || signal->quality > 100))
		return err_set(err, HILF_E_INVALID, "a signal's quality is %d; it is 0 to 100",
			signal->quality);
	return HILF_OK;
}

/* The labels need not be sorted: whoever encodes them does it. */
static int check_labels(const struct hilf_label *labels, size_t count, struct hilf_err *err)
{
	if (count > LIMIT_LABELS)
		return err_set(err, HILF_E_LIMIT, "%zu labels, of which %u are allowed", count,
			LIMIT_LABELS);
	for (size_t i = 0; i < count; i++) {
		int rc = record_check_label(&labels[i], err);
		if (rc)
			return rc;
		for (size_t k = 0; k < i; k++)
			if (!strcmp(labels[k].key, labels[i].key))
				return err_set(err, HILF_E_INVALID, "the label '%s' is there twice",
					labels[i].key);
	}
	return HILF_OK;
}

static int check_entry(const struct record_entry *entry, struct hilf_err *err)
{
	if (entry->signal_count == 0)
		return err_set(err, HILF_E_INVALID, "an entry without a signal");
	if (entry->signal_count > LIMIT_ENTRY_SIGNALS)
		return err_set(err, HILF_E_LIMIT,
			"%zu signals in one entry, of which %u are allowed", entry->signal_count,
			LIMIT_ENTRY_SIGNALS);
	for (size_t i = 0; i < entry->signal_count; i++) {
		int rc = record_check_signal(&entry->signals[i], err);
		if (rc)
			return rc;
	}
	return check_labels(entry->labels, entry->label_count, err);
}

int record_check_count(size_t count, struct hilf_err *err)
{
	if (count == 0)
		return err_set(err, HILF_E_INVALID, "a record without an entry");
	if (count > LIMIT_RECORD_ASSERTIONS)
		return err_set(err, HILF_E_LIMIT,
			"%zu entries in one record, of which %u are allowed", count,
			LIMIT_RECORD_ASSERTIONS);
	return HILF_OK;
}

static int check_expiry(const struct record *record, int64_t expires_ms, struct hilf_err *err)
{
	if (expires_ms < 1 || expires_ms > LIMIT_JSON_INTEGER)
		return err_set(
			err, HILF_E_INVALID, "the expiry is no time in milliseconds since 1970");
	if (expires_ms > record->time_ms && expires_ms - record->time_ms > LIMIT_EXPIRY_MS)
		return err_set(err, HILF_E_INVALID,
			"the expiry is more than 24 months (731 days) after the record's time; "
			"choose an "
			"earlier one");
	return HILF_OK;
}

static int check_add(const struct record *record, struct hilf_err *err)
{
	int rc = record_check_class(record->add.content_class, err);
	if (!rc)
		rc = record_check_ground(record->add.ground, err);
	if (!rc)
		rc = record_check_territory(record->add.territory, err);
	if (!rc && !record_source_name(record->add.source))
		rc = err_set(
			err, HILF_E_INVALID, "unknown source number %d", (int)record->add.source);
	if (!rc)
		rc = check_expiry(record, record->add.expires_ms, err);
	if (!rc)
		rc = check_labels(record->add.labels, record->add.label_count, err);
	if (!rc)
		rc = record_check_count(record->add.entry_count, err);
	for (size_t i = 0; !rc && i < record->add.entry_count; i++) {
		struct hilf_err inner;
		rc = check_entry(&record->add.entries[i], &inner);
		if (rc)
			err_set(err, inner.code, "entry %zu: %s", i, inner.text);
	}
	return rc;
}

static int check_ids(const struct record_entry_id *ids, size_t count, struct hilf_err *err)
{
	int rc = record_check_count(count, err);
	for (size_t i = 0; !rc && i < count; i++)
		if (ids[i].ordinal >= LIMIT_RECORD_ASSERTIONS || !is_uuid7(ids[i].record))
			rc = err_set(err, HILF_E_INVALID,
				"entry %zu: its id must be a UUID of version 7 and an ordinal up "
				"to %u",
				i, LIMIT_RECORD_ASSERTIONS - 1);
	return rc;
}

static int check_withdraw(const struct record *record, struct hilf_err *err)
{
	if (!record_reason_name(record->withdraw.reason))
		return err_set(err, HILF_E_INVALID, "unknown reason number %d",
			(int)record->withdraw.reason);
	return check_ids(record->withdraw.entries, record->withdraw.entry_count, err);
}

static int check_change(const struct record *record, struct hilf_err *err)
{
	int rc = 0;
	if (!record->change.content_class && !record->change.ground && !record->change.expires_ms &&
		!record->change.set_labels)
		return err_set(err, HILF_E_INVALID, "a change that changes nothing");
	if (record->change.content_class)
		rc = record_check_class(record->change.content_class, err);
	if (!rc && record->change.ground)
		rc = record_check_ground(record->change.ground, err);
	if (!rc && record->change.expires_ms)
		rc = check_expiry(record, record->change.expires_ms, err);
	if (!rc && record->change.set_labels)
		rc = check_labels(record->change.labels, record->change.label_count, err);
	if (!rc)
		rc = check_ids(record->change.entries, record->change.entry_count, err);
	return rc;
}

static int check_opinion(const struct record *record, struct hilf_err *err)
{
	if ((unsigned)record->opinion.opinion > HILF_SEEN)
		return err_set(err, HILF_E_INVALID, "unknown opinion number %d",
			(int)record->opinion.opinion);
	return check_ids(record->opinion.entries, record->opinion.entry_count, err);
}

int record_check_member_name(const char *name, struct hilf_err *err)
{
	size_t size = strnlen(name, LIMIT_MEMBER_NAME + 1);
	if (size > LIMIT_MEMBER_NAME)
		return err_set(err, HILF_E_INVALID, "the member's name is longer than %u bytes",
			LIMIT_MEMBER_NAME);
	for (size_t at = 0; at < size;) {
		uint32_t code;
		size_t step = utf8_next(name + at, size - at, &code);
		if (!step || is_unseen(code))
			return err_set(err, HILF_E_INVALID, "the member's name holds %s",
				step ? "an unseen character" : "bytes that are not UTF-8");
		at += step;
	}
	return HILF_OK;
}

int record_check(const struct record *record, struct hilf_err *err)
{
	if (!is_uuid7(record->id) || !is_uuid7(record->author) || !is_uuid7(record->of))
		return err_set(err, HILF_E_INVALID,
			"a record's id, author and of must be UUIDs of version 7");
	if (record->time_ms < 0 || record->time_ms > LIMIT_JSON_INTEGER)
		return err_set(err, HILF_E_INVALID,
			"the record's time is none in milliseconds since 1970");
	bool self = record->kind == RECORD_MEMBER_FOUND || record->kind == RECORD_BANK_CREATE;
	if (self && memcmp(record->of, record->id, UUID_SIZE) != 0)
		return err_set(err, HILF_E_INVALID, "a record of kind %s must be of itself",
			record_kind_name(record->kind));
	switch (record->kind) {
	case RECORD_MEMBER_FOUND:
		return record_check_member_name(record->member.name, err);
	case RECORD_BANK_CREATE:
	case RECORD_BANK_RENAME:
		return record_check_bank_name(record->bank.name, err);
	case RECORD_BANK_REMOVE:
		return HILF_OK;
	case RECORD_ENTRY_ADD:
		return check_add(record, err);
	case RECORD_ENTRY_WITHDRAW:
		return check_withdraw(record, err);
	case RECORD_ENTRY_CHANGE:
		return check_change(record, err);
	case RECORD_OPINION_GIVE:
		return check_opinion(record, err);
	}
	return err_set(err, HILF_E_INVALID, "unknown record kind number %d", (int)record->kind);
}
