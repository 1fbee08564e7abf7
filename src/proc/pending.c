/* Parts that are being written today, weak until they are there. This file goes as soon as they are. */
#include "base/err.h"
#include "engine/checks.h"

__attribute__((weak)) int hilf_entry_erase(struct hilf *hilf, const char *entry, const char *reason,
	uint64_t *ret_count, struct hilf_err *err)
{
	(void)hilf;
	(void)entry;
	(void)reason;
	(void)ret_count;
	return err_set(err, HILF_E_UNSUPPORTED, "this build cannot erase yet");
}

__attribute__((weak)) int lookback_open(struct hilf *hilf, unsigned days, uint64_t max_count,
	struct lookback **ret_lookback, struct hilf_err *err)
{
	(void)hilf;
	(void)days;
	(void)max_count;
	(void)ret_lookback;
	return err_set(err, HILF_E_UNSUPPORTED, "this build cannot look back yet");
}

__attribute__((weak)) void lookback_close(struct lookback *lookback)
{
	(void)lookback;
}

__attribute__((weak)) void lookback_note(struct lookback *lookback,
	const struct check_context *context, const struct hilf_signal *signals, size_t count)
{
	(void)lookback;
	(void)context;
	(void)signals;
	(void)count;
}

__attribute__((weak)) int lookback_turn(
	struct lookback *lookback, bool *ret_more, struct hilf_err *err)
{
	(void)lookback;
	(void)ret_more;
	(void)err;
	return 0;
}

__attribute__((weak)) int lookback_erase(struct lookback *lookback, const char *content_id,
	uint64_t *ret_count, struct hilf_err *err)
{
	(void)lookback;
	(void)content_id;
	(void)ret_count;
	return err_set(err, HILF_E_UNSUPPORTED, "this build cannot look back yet");
}

__attribute__((weak)) uint64_t lookback_count(const struct lookback *lookback)
{
	(void)lookback;
	return 0;
}
