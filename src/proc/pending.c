/* Parts that are being written today, weak until they are there. This file goes as soon as they are. */
#include "base/err.h"

__attribute__((weak)) int hilf_entry_erase(struct hilf *hilf, const char *entry, const char *reason,
	uint64_t *ret_count, struct hilf_err *err)
{
	(void)hilf;
	(void)entry;
	(void)reason;
	(void)ret_count;
	return err_set(err, HILF_E_UNSUPPORTED, "this build cannot erase yet");
}
