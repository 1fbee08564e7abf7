/* What stays of a record that was erased: its public header, which shows what kind of thing was said, by whom and when,
 * without the thing; and the hash by which a ledger still proves it. Canonical JSON:
 *
 *   {"author":"<uuid>","body":{...},"hash":"<64 hex>","id":"<uuid>","kind":"entry.add","of":"<uuid>","time":ms,"v":1}
 *
 *   entry.add       {"class":"...","count":3,"expires":ms,"ground":"..."?,"onward":false,"source":"...","territory":"..."}
 *   entry.change    {}
 *
 * hash is SHA-256(salt, signature, record). Records of other kinds hold nothing that is erased. */
#ifndef WIRE_RECORD_HEADER_H
#define WIRE_RECORD_HEADER_H

#include "wire/record.h"

#define RECORD_HASH_SIZE   32
#define RECORD_HEADER_SIZE 4096u /* longer than any */

/* Whether a record of the kind can be erased. */
bool record_header_has(enum record_kind kind);
/* Appends the header of a record. false without memory, or where the kind has none. */
bool record_header_encode(
	const struct record *record, const uint8_t hash[RECORD_HASH_SIZE], struct buf *buf);
/* Reads one as a record: entries without signals, as many as there were; a change names none. In the arena. */
int record_header_decode(const char *bytes, size_t size, struct arena *arena,
	struct record *ret_record, uint8_t ret_hash[RECORD_HASH_SIZE], struct hilf_err *err);

#endif
