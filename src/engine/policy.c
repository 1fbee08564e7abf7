/* Sharing is knowledge, not command: the receiver's mode decides, shadow never raises a verdict, and what was not read
 * whole, or is disputed, never blocks. */
#include "engine/policy.h"

#include "base/check.h"
#include "base/err.h"

#include <string.h>

static const char *const mode_names[] = {"shadow", "review", "block"};

const char *hilf_mode_name(enum hilf_mode mode)
{
	return (unsigned)mode <= HILF_BLOCK ? mode_names[mode] : "unknown";
}

int hilf_mode_parse(const char *name, enum hilf_mode *ret_mode, struct hilf_err *err)
{
	for (size_t i = 0; i < COUNT_OF(mode_names); i++) {
		if (strcmp(name, mode_names[i]) == 0) {
			*ret_mode = (enum hilf_mode)i;
			return 0;
		}
	}
	return err_set(err, HILF_E_INVALID, "mode '%.40s' is none of shadow, review, block", name);
}

const char *hilf_verdict_name(enum hilf_verdict verdict)
{
	static const char *const names[] = {"no_match", "undecided", "review", "block"};
	return (unsigned)verdict <= HILF_VERDICT_BLOCK ? names[verdict] : "unknown";
}

enum hilf_verdict policy_verdict(enum hilf_mode mode, bool own, bool partial, bool disputed)
{
	switch (mode) {
	case HILF_SHADOW:
		return HILF_NO_MATCH;
	case HILF_REVIEW:
		return HILF_VERDICT_REVIEW;
	case HILF_BLOCK:
		return own && !partial && !disputed ? HILF_VERDICT_BLOCK : HILF_VERDICT_REVIEW;
	}
	ASSERT(!"a mode that is none");
	return HILF_VERDICT_REVIEW;
}

enum hilf_verdict policy_worst(enum hilf_verdict a, enum hilf_verdict b)
{
	return a > b ? a : b;
}
