/* What both apps write as JSON beyond wire/json.h: members with their keys, times, durations, signals, labels. Commas come
 * by themselves. */
#ifndef HTTP_JSON_OUT_H
#define HTTP_JSON_OUT_H

#include "base/buf.h"
#include "hilf.h"
#include "wire/json.h"

#include <string.h>

/* A key that is a literal, for hot paths: `,"name":` or `"name":` in one append. */
#define json_out_key(buf, name)                                                                    \
	json_out_key_sized(buf, ",\"" name "\":", sizeof(",\"" name "\":") - 1)
void json_out_key_sized(struct buf *buf, const char *key, size_t size);

/* "key":"text"; null for a NULL. */
void json_out_text(struct buf *buf, const char *key, const char *text);
void json_out_integer(struct buf *buf, const char *key, int64_t value);
void json_out_bool(struct buf *buf, const char *key, bool value);
/* RFC 3339 in UTC with milliseconds, "2027-05-31T13:05:09.000Z"; null for 0. */
void json_out_time(struct buf *buf, const char *key, int64_t ms);
/* Milliseconds with three decimals, from microseconds. */
void json_out_took(struct buf *buf, const char *key, int64_t us);
void json_out_labels(
	struct buf *buf, const char *key, const struct hilf_label *labels, size_t count);
/* {"type":"pdq","value":"..","quality":100}: quality only where it is known. */
void json_out_signal(struct buf *buf, const struct hilf_signal *signal);
/* ["a","b"]; null for a NULL. */
void json_out_texts(struct buf *buf, const char *key, const char *const *texts, size_t count);

#endif
