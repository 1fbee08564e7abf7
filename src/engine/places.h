/* Where in a content something is, as a platform says it and a console shows it: a part of the picture, a stretch of time, a
 * page, a passage of text. Kept and answered as one JSON text:
 *
 *   [{"kind":"region","x":0.1,"y":0,"w":0.5,"h":0.25},{"kind":"time","from_s":3,"to_s":4.5},
 *    {"kind":"page","page":2},{"kind":"text","quote":"..."}] */
#ifndef ENGINE_PLACES_H
#define ENGINE_PLACES_H

#include "base/buf.h"
#include "hilf.h"

#define PLACE_PARTS     10000u /* of a picture's side */
#define PLACE_TIME_MAX  (1000ll * 86400 * 30)
#define PLACE_PAGE_MAX  1000000u
#define PLACE_QUOTE_MAX 500u

enum place_kind { PLACE_REGION = 0, PLACE_TIME, PLACE_PAGE, PLACE_TEXT };
int place_kind_parse(const char *name, enum place_kind *ret_kind, struct hilf_err *err);

struct content_place {
	enum place_kind kind;
	uint32_t x, y, w, h;    /* of a region, in PLACE_PARTS of the side */
	int64_t from_ms, to_ms; /* of a time */
	uint32_t page;          /* from 1 */
	const char *quote;
};
/* HILF_E_INVALID, HILF_E_LIMIT with what is wrong. */
int place_check(const struct content_place *place, struct hilf_err *err);
/* Places that were checked, as above. */
void places_write(const struct content_place *places, size_t count, struct buf *buf);

#endif
