/* A limit on everything that comes from outside, each with its reason. */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

#include <stdint.h>

/* Records. 64 kB keeps a signature check (53 us for 500 bytes) cheap and a page of the feed small; 1,000
 * assertions fill it with the shortest entries there are. */
#define LIMIT_RECORD_SIZE       (64u * 1024)
#define LIMIT_RECORD_ASSERTIONS 1000u
/* An entry with every signal type of every variant stays far below this. */
#define LIMIT_ENTRY_SIGNALS     16u
#define LIMIT_LABELS            32u
#define LIMIT_LABEL_KEY         32u
#define LIMIT_LABEL_VALUE       64u
#define LIMIT_GROUND            96u
#define LIMIT_MEMBER_NAME       64u
/* ISO 3166-1 has 249 countries and territories. */
#define LIMIT_TERRITORIES       250u
#define LIMIT_REASON_TEXT       2000u
#define LIMIT_BANK_NAME         64u
#define LIMIT_BANKS             10000u
/* Sharing rules: an entry expires after 24 months at most (counted as 731 days). */
#define LIMIT_EXPIRY_MS         (731ll * 24 * 3600 * 1000)
/* JSON nests no deeper than records need, with room to grow. */
#define LIMIT_JSON_DEPTH        16u
#define LIMIT_JSON_INTEGER      9007199254740991ll /* 2^53 - 1, RFC 8785 */

/* Import: a line is a type, a value and a few labels. */
#define LIMIT_LINE_SIZE         (16u * 1024)
#define LIMIT_ADD_BATCH         65536u

/* A page of entries: a few megabytes of JSON. */
#define LIMIT_ENTRY_PAGE        10000u

/* Files that are to be decoded. */
#define LIMIT_IMAGE_FILE_SIZE   (64ull * 1024 * 1024)
#define LIMIT_IMAGE_PIXELS      (50ull * 1000 * 1000)
/* JPEG is decoded at reduced size, so more pixels cost no more memory. */
#define LIMIT_JPEG_PIXELS       (100ull * 1000 * 1000)
#define LIMIT_IMAGE_SIDE        65535u
/* Above 4 megapixels a picture that packs better than this is a bomb or empty. */
#define LIMIT_IMAGE_RATIO       500u
#define LIMIT_IMAGE_RATIO_FROM  (4ull * 1000 * 1000)
#define LIMIT_DECODE_MEMORY     (512ull * 1024 * 1024)
#define LIMIT_DECODE_TIME_MS    10000u

/* What is loaded from URLs: as much as a picture may have. Following a feed waits up to a minute for news. */
#define LIMIT_FETCH_SIZE        LIMIT_IMAGE_FILE_SIZE
#define LIMIT_FETCH_TIME_MS     30000u
#define LIMIT_FETCH_TIME_MAX_MS (15u * 60 * 1000)
#define LIMIT_FETCH_BODY        (16u * 1024 * 1024) /* of a request that is sent */

/* API keys, revoked ones included: all are in memory. */
#define LIMIT_KEYS              10000u
/* People of this node: all who are signed in are in memory. */
#define LIMIT_PEOPLE            10000u
/* Webhooks: each event is looked at by all of them. */
#define LIMIT_HOOKS             1000u

/* The time a writer waits for another one on the same data. */
#define LIMIT_WRITER_WAIT_MS    5000u

#endif
