/* Keeps the nearest hits of a query in the room that its caller gave, and counts them all. Equal distances go by link,
 * so that every implementation keeps the same. */
#ifndef INDEX_NEAREST_H
#define INDEX_NEAREST_H

#include "index/index.h"

void nearest_start(struct index_hits *hits);
void nearest_offer(struct index_hits *hits, struct index_hit hit);
/* Puts what was kept in order, nearest first. */
void nearest_finish(struct index_hits *hits);

#endif
