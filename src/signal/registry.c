/* One line for each signal type, and the names that people read. */
#include "base/check.h"
#include "signal/pdq.h"
#include "signal/signal.h"
#include "wire/signal_text.h"

#include <string.h>

static bool pdq_degenerate(const struct hilf_signal *signal)
{
	if (signal->quality != HILF_QUALITY_UNKNOWN && signal->quality < PDQ_QUALITY_MIN)
		return true;
	return pdq_value_degenerate(signal->value);
}

static const struct signal_type types[] = {
	{HILF_PDQ, true, HILF_PDQ_RADIUS, HILF_PDQ_RADIUS_MAX, pdq_degenerate},
	{HILF_SHA256, false, 0, 0, NULL},
	{HILF_MD5, false, 0, 0, NULL},
};

const struct signal_type *signal_type_of(uint8_t id)
{
	for (size_t i = 0; i < COUNT_OF(types); i++)
		if (types[i].id == id)
			return &types[i];
	return NULL;
}

bool signal_is_similarity(uint8_t id)
{
	const struct signal_type *type = signal_type_of(id);
	return type && type->similarity;
}

bool signal_degenerate(const struct hilf_signal *signal)
{
	const struct signal_type *type = signal_type_of(signal->type);
	return type && type->degenerate && type->degenerate(signal);
}

int hilf_signal_parse(
	const char *type, const char *value, struct hilf_signal *ret_signal, struct hilf_err *err)
{
	return signal_text_parse(type, strlen(type), value, strlen(value), ret_signal, err);
}

size_t hilf_signal_format(const struct hilf_signal *signal, char *ret_text)
{
	return signal_text_format(signal, ret_text);
}

const char *hilf_signal_type_name(uint8_t type)
{
	return signal_text_type_name(type);
}

const char *hilf_variant_name(uint8_t variant)
{
	static const char *const names[] = {
		[HILF_AS_IS] = "as_is",
		[HILF_ON_BLACK] = "on_black",
		[HILF_ON_WHITE] = "on_white",
	};
	return variant < COUNT_OF(names) ? names[variant] : "unknown";
}

const char *hilf_orientation_name(uint8_t orientation)
{
	static const char *const names[HILF_ORIENTATION_COUNT] = {
		[HILF_ORIGINAL] = "original",
		[HILF_ROTATE90] = "rotate90",
		[HILF_ROTATE180] = "rotate180",
		[HILF_ROTATE270] = "rotate270",
		[HILF_FLIPX] = "flipx",
		[HILF_FLIPY] = "flipy",
		[HILF_FLIP_PLUS1] = "flip_plus1",
		[HILF_FLIP_MINUS1] = "flip_minus1",
	};
	return orientation < COUNT_OF(names) ? names[orientation] : "unknown";
}
