/* The signal types, and what they mean: which are compared by likeness, how far, and when a value stands for nothing.
 * How they are spelled is wire/signal_text.h. A new type is one line in registry.c.
 *
 * hilf_signal_parse, hilf_signal_format, hilf_signal_type_name, hilf_orientation_name and hilf_variant_name
 * (include/hilf.h) are here as well. */
#ifndef SIGNAL_SIGNAL_H
#define SIGNAL_SIGNAL_H

#include "hilf.h"

struct signal_type {
	uint8_t id;          /* enum hilf_signal_type */
	bool similarity;     /* compared by Hamming distance; otherwise equal or not */
	uint16_t radius;     /* bits within which values are alike unless a bank says otherwise */
	uint16_t radius_max; /* the widest that a bank may say */
	/* Whether a value stands for nothing, so that it would match what it has nothing to do with. NULL: never. */
	bool (*degenerate)(const struct hilf_signal *signal);
};

/* NULL for a type that is not known. */
const struct signal_type *signal_type_of(uint8_t id);
/* Whether the type is known and compared by distance. */
bool signal_is_similarity(uint8_t id);
/* Whether the signal is of a known type and stands for nothing: kept out of indexes and matches. */
bool signal_degenerate(const struct hilf_signal *signal);

#endif
