/* The feed as lines of JSON, for followers and for whoever reads it: GET /v1/feed. The record is a text, so that its bytes
 * come out as they were signed whatever reads the JSON; lines are canonical (wire/json.h).
 *
 *   {"received_ms":N,"record":"{...}","salt":"<64 hex>","seq":N,"signature":"<128 hex>"}
 *   {"header":"{...}","received_ms":N,"record":null,...}    it was erased, and this is what stays of it
 *   {"replica":{...}}               with replica=1: what engine/replica.h says, where it may have changed
 *   {"head":{"local":N,"seq":N}}    always the last: the feed's end; an answer without it was cut off
 *
 * seq and local are those of hilf_feed_head, read before the lines were. */
#ifndef WIRE_FEED_LINE_H
#define WIRE_FEED_LINE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "hilf.h"

/* The longest line of a record; a replica's line may be longer. */
#define FEED_LINE_MAX (2 * LIMIT_RECORD_SIZE + 1024)

/* Each appends one line with its end. */
void feed_line_record(struct buf *buf, const struct hilf_record *record);
void feed_line_replica(struct buf *buf, const char *text, size_t size);
void feed_line_head(struct buf *buf, uint64_t seq, uint64_t local);

enum feed_line_kind { FEED_LINE_RECORD, FEED_LINE_REPLICA, FEED_LINE_HEAD };
struct feed_line {
	enum feed_line_kind kind;
	struct hilf_record record; /* its bytes are in the arena or in the line */
	const char *replica;       /* into the line */
	size_t replica_size;
	uint64_t seq, local; /* of the head */
};
/* Reads one line without its end. HILF_E_INVALID: none of the three. The record itself is not read. */
int feed_line_read(const char *line, size_t size, struct arena *arena, struct feed_line *ret_line,
	struct hilf_err *err);

#endif
