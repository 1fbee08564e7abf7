/* Records: what a member asserts, as canonical JSON that is signed once and never rewritten.
 *
 *   {"author":"<uuid>","body":{...},"id":"<uuid>","kind":"entry.add","of":"<uuid>","time":1763750000000,"v":1}
 *
 * A record has one kind and holds up to LIMIT_RECORD_ASSERTIONS assertions of it, in at most LIMIT_RECORD_SIZE
 * bytes. An entry's global id is its record's id and its ordinal there, "<uuid>.<ordinal>". The form is RFC 8785
 * within integers of 2^53 - 1 and ASCII keys; a record that is not byte for byte what encoding its decoded form
 * gives is refused, so that one assertion has one spelling. docs/formats/record.md describes every body.
 *
 *   kind             of      body
 *   member.found     self    {"key":"<64 hex>","name":"..."}           the first record of a member, by itself
 *   bank.create      self    {"name":"..."}                            the record's id is the bank's global id
 *   bank.remove      bank    {}
 *   bank.rename      bank    {"name":"..."}
 *   entry.add        bank    {"class":"...","entries":[{"labels":{..}?,"signals":[["pdq","<hex>",100?],..]},..],
 *                             "expires":ms,"ground":"..."?,"labels":{..}?,"onward":false,"source":"...",
 *                             "territory":"..."}
 *   entry.withdraw   bank    {"entries":["<uuid>.<n>",..],"reason":"error"}
 *   entry.change     bank    {"class":"..."?,"entries":["<uuid>.<n>",..],"expires":ms?,"ground":"..."?,"labels":{..}?}
 *   opinion.give     bank    {"entries":["<uuid>.<n>",..],"opinion":"confirm"}
 *
 * Fields marked ? are left out when empty; in a change, when they stay as they are. Nothing here is free text and nothing names a person. */
#ifndef WIRE_RECORD_H
#define WIRE_RECORD_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/uuid.h"
#include "hilf.h"

#define RECORD_VERSION 1

enum record_kind {
	RECORD_MEMBER_FOUND = 1,
	RECORD_BANK_CREATE = 2,
	RECORD_BANK_REMOVE = 3,
	RECORD_ENTRY_ADD = 4,
	RECORD_ENTRY_WITHDRAW = 5,
	RECORD_BANK_RENAME = 6,
	RECORD_ENTRY_CHANGE = 7,
	RECORD_OPINION_GIVE = 8,
};

/* Frozen numbers: they are stored. */
enum record_source { SOURCE_UNSAID = 0, SOURCE_HUMAN = 1, SOURCE_IMPORT = 2, SOURCE_AUTOMATED = 3 };
enum record_reason {
	REASON_OTHER = 0, REASON_ERROR = 1, REASON_DUPLICATE = 2, REASON_APPEAL = 3,
	REASON_DISPUTE = 4, REASON_COURT = 5, REASON_EXPIRED = 6,
};

/* Texts are terminated and their sizes bounded by base/limits.h. Arrays belong to whoever made the record: the
 * arena of record_decode, or the caller who fills one to encode it. */
struct record_entry {
	const struct hilf_signal *signals;
	size_t signal_count;
	const struct hilf_label *labels; /* sorted by key when decoded; sorted by the encoder otherwise */
	size_t label_count;
};

struct record_entry_id {
	uint8_t record[UUID_SIZE];
	uint32_t ordinal;
};

struct record {
	enum record_kind kind;
	uint8_t id[UUID_SIZE];
	uint8_t author[UUID_SIZE];
	uint8_t of[UUID_SIZE]; /* the bank; the record's own id where the table above says self */
	int64_t time_ms;
	union {
		struct {
			uint8_t key[32]; /* Ed25519 */
			const char *name; /* "" allowed */
		} member;
		struct {
			const char *name;
		} bank; /* bank.create, bank.rename */
		struct {
			const char *content_class;
			const char *ground;    /* "" when there is none */
			const char *territory; /* "*" or upper-case ISO 3166-1 codes with commas */
			enum record_source source;
			bool onward;           /* whoever receives it may share it further */
			int64_t expires_ms;
			const struct hilf_label *labels;
			size_t label_count;
			const struct record_entry *entries;
			size_t entry_count;
		} add;
		struct {
			enum record_reason reason;
			const struct record_entry_id *entries;
			size_t entry_count;
		} withdraw;
		struct {
			/* What stands in the place of what was said; at least one of them. */
			const char *content_class; /* NULL: stays */
			const char *ground;        /* NULL: stays; "": there is none any more */
			int64_t expires_ms;        /* 0: stays */
			bool set_labels;           /* false: they stay */
			const struct hilf_label *labels; /* all of them; none: there are none any more */
			size_t label_count;
			const struct record_entry_id *entries;
			size_t entry_count;
		} change;
		struct {
			enum hilf_opinion opinion;
			const struct record_entry_id *entries;
			size_t entry_count;
		} opinion;
	};
};

/* Appends the canonical form to buf. Checks every field as strictly as record_decode does; HILF_E_LIMIT where the
 * record would be larger than LIMIT_RECORD_SIZE (buf is then as it was). */
int record_encode(const struct record *record, struct buf *buf, struct hilf_err *err);

/* The bytes that an entry takes in an entry.add record, with its comma, to fill records without encoding twice. */
size_t record_entry_size(const struct record_entry *entry);
/* The same for the record around the entries, everything but them: an upper bound, at most 32 bytes above. */
size_t record_add_size(const struct record *record);

/* Reads a record; everything it points to is in arena. Refuses with HILF_E_INVALID (and the place) whatever is not
 * exactly canonical, HILF_E_LIMIT what is too large, HILF_E_VERSION a record of a newer version. */
int record_decode(const char *bytes, size_t size, struct arena *arena, struct record *ret_record,
	struct hilf_err *err);

const char *record_kind_name(enum record_kind kind);
const char *record_source_name(enum record_source source);
const char *record_reason_name(enum record_reason reason);
/* false where the text names none. */
bool record_reason_parse(const char *text, size_t size, enum record_reason *ret_reason);
/* The rules of names, also for whoever takes them from a person; the text says which rule was broken. */
int record_check_bank_name(const char *name, struct hilf_err *err);
int record_check_label(const struct hilf_label *label, struct hilf_err *err);
/* The same for key and value that are not terminated. */
int record_check_label_text(const char *key, size_t key_size, const char *value, size_t value_size,
	struct hilf_err *err);
int record_check_class(const char *name, struct hilf_err *err);
int record_check_ground(const char *ground, struct hilf_err *err);
/* "*" or countries as in "DE,FR": two capitals each, sorted. */
int record_check_territory(const char *territory, struct hilf_err *err);
int record_check_member_name(const char *name, struct hilf_err *err);
int record_check_signal(const struct hilf_signal *signal, struct hilf_err *err);

/* "<uuid>.<ordinal>", at most HILF_ID_TEXT_MAX with its terminator. */
void record_entry_id_format(const struct record_entry_id *id, char ret_text[HILF_ID_TEXT_MAX]);
bool record_entry_id_parse(const char *text, size_t size, struct record_entry_id *ret_id);

#endif
