/* Finds what is within a radius of queries in a view. */
#ifndef INDEX_SEARCH_H
#define INDEX_SEARCH_H

#include "index/index.h"
#include "index/view.h"

#define SEARCH_RADIUS_MAX 48u

struct search {
	const struct hamming_ops *ops;
	const struct view *view;
	const struct links *removed;
	index_filter_fn *filter; /* or NULL */
	void *ctx;
	unsigned radius; /* at most SEARCH_RADIUS_MAX */
};

/* Fills ret_hits[count] for count queries of HAMMING_SIZE bytes each; at most INDEX_BATCH_MAX. Fails only where a level
 * was loaded and is damaged (HILF_E_CORRUPT); then all hits are empty. */
int search_run(const struct search *search, const uint8_t *queries, size_t count,
	struct index_hits *ret_hits, struct hilf_err *err);

#endif
