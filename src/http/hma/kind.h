/* Where exchanges read from, each a const struct of functions: what HMA calls an exchange API. */
#ifndef HTTP_HMA_KIND_H
#define HTTP_HMA_KIND_H

#include "http/hma/hma.h"

/* What came of reading one: signals, an entry each. Lines that are none are counted and passed over, as in HMA. */
struct kind_taking {
	struct hilf *hilf;
	const char *bank;
	struct hilf_signal *signals; /* on their way into the bank */
	size_t pending;
	uint64_t taken, skipped;
};
/* The value of a type that HMA names; one that is none is counted. */
int kind_take(struct kind_taking *taking, const char *type, size_t type_size, const char *value,
	size_t value_size, struct hilf_err *err);

struct exchange_kind {
	const char *name;
	const char *config_schema; /* JSON: {"fields":[...]} */
	const char *const *fields; /* of api_json, NULL-ended */
	/* What is wrong with api_json, before an exchange is made; HILF_E_INVALID. */
	int (*check)(const struct api *api, const json_t *config, struct hilf_err *err);
	/* A text that changes when there is something new to read. */
	int (*stamp)(
		struct hilf *hilf, const json_t *config, char ret_stamp[64], struct hilf_err *err);
	int (*read)(struct kind_taking *taking, const json_t *config, struct hilf_err *err);
};
/* NULL for a name that is none; by number, NULL past the end. */
const struct exchange_kind *kind_find(const char *name);
const struct exchange_kind *kind_at(size_t position);

/* Reads all of it into the bank. */
int kind_read(struct hilf *hilf, const struct exchange_kind *kind, const char *bank,
	const json_t *config, uint64_t *ret_taken, uint64_t *ret_skipped, struct hilf_err *err);

#endif
