/* What the files of the configuration share: values and units. */
#ifndef PROC_CONFIG_VALUE_H
#define PROC_CONFIG_VALUE_H

#include "proc/config.h"

#define SECOND 1000ull
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)
#define KB     1024ull
#define MB     (1024 * KB)
#define GB     (1024 * MB)

void *config_field(struct config *config, const struct config_row *row);
/* Reads one value into its field, or adds it to its list. HILF_E_INVALID begins with the name. */
int config_set(struct config *config, const struct config_row *row, const char *text,
	struct hilf_err *err);
void config_list_clear(struct config_list *list);
/* A bound as people write it: 10000 ms is "10s". */
void config_quantity_text(enum config_type type, uint64_t number, char *ret_text, size_t room);
/* Whether two fields of the row's type hold the same. */
bool config_same(const struct config_row *row, const void *a, const void *b);

#endif
