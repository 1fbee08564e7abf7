/* What of an entry is more than a signal and its labels, as labels whose keys begin with "hilf." (docs/formats/import.md),
 * so that nothing is lost between an export and an import:
 *
 *   pdq f8f8... event=paris hilf.class=incitement hilf.entry=17 hilf.expires=2027-05-31 hilf.ground=TCO_Art._2(7)(a)
 *
 * Lines that follow each other with the same hilf.entry are signals of one entry. A ground's blanks become '_', which no
 * ground holds; what is over a label's 64 bytes goes to hilf.ground2. */
#ifndef WIRE_IMPORT_OWN_H
#define WIRE_IMPORT_OWN_H

#include "wire/import_row.h"

/* NULL: not said. The texts are the row's. */
struct import_own {
	const char *content_class, *ground, *ground2, *expires, *entry;
};

bool import_is_own(const struct hilf_label *label);
/* HILF_E_INVALID for a key of ours that there is not. The values are not looked at. */
int import_own_read(const struct import_row *row, struct import_own *ret_own, struct hilf_err *err);

/* Writes a ground as up to two label values. */
#define IMPORT_GROUND_SIZE (LIMIT_LABEL_VALUE + 1)
void import_ground_split(const char *ground, char ret_first[IMPORT_GROUND_SIZE],
	char ret_second[IMPORT_GROUND_SIZE]);
/* And back, into ret_ground[LIMIT_GROUND + 1]; second may be NULL. false where it would be too long. */
bool import_ground_join(const char *first, const char *second, char *ret_ground);

#endif
