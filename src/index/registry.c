/* Every kind of similarity index there is. */
#include "index/index.h"

const struct index_ops *const index_kinds[] = {
	&index_linear,
	&index_hamming,
	NULL,
};
