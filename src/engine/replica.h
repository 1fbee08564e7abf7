/* What a follower needs of its leader beside the feed, so that both give the same answers: whose node it is, what it does
 * with each bank's matches, which entries are mute there, which records were erased there (and are here as well, then). It is a text to be sent and compared:
 *
 *   {"banks":[["<uuid>",mode,pdq_radius,sample_ppm],...],"erased":[[seq,"<header>"],...],"local":7,"member":"<uuid>",
 *    "mutes":[[entry,until_ms],...],"v":1}
 *
 * "local" is hilf_feed_head's second number: as long as it stands, so does the text. Numbers of entries are the same on
 * both, because the feed is. A mute of an entry that the follower does not have yet waits for it. */
#ifndef ENGINE_REPLICA_H
#define ENGINE_REPLICA_H

#include "base/buf.h"
#include "hilf.h"

/* Larger ones are refused. */
#define REPLICA_SIZE_MAX (64u * 1024 * 1024)

/* Appends the text, of one moment. */
int replica_export(struct hilf *hilf, struct buf *buf, struct hilf_err *err);
/* Of a follower: makes it so here, in one transaction, where it differs (*ret_changed; may be NULL). HILF_E_INVALID: not of
 * that form; HILF_E_CORRUPT: of another member than this replica's; HILF_E_DENIED: not opened as a follower; HILF_E_BUSY: the feed here has not come
 * as far yet, or a reader stands in the way of an erasure: try again. */
int replica_apply(
	struct hilf *hilf, const char *text, size_t size, bool *ret_changed, struct hilf_err *err);

#endif
