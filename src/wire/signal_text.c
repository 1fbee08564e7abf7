/* One table holds what text needs to know of each signal type. The values of today are all
 * hexadecimal; a failure is looked into only after the fast path has refused, so that the good case
 * stays a table look-up per digit. */
#include "wire/signal_text.h"

#include "base/check.h"
#include "base/err.h"
#include "base/hex.h"
#include "base/utf8.h"

#include <string.h>

static const struct {
	const char *name;
	uint8_t name_size;
	uint8_t value_size;
} types[] = {
	[HILF_PDQ] = {"pdq", 3, 32},
	[HILF_SHA256] = {"sha256", 6, 32},
	[HILF_MD5] = {"md5", 3, 16},
};

#define KNOWN_TYPES "pdq, sha256 and md5"

uint8_t signal_text_type(const char *name, size_t size)
{
	for (uint8_t type = 1; type < COUNT_OF(types); type++)
		if (types[type].name_size == size && !memcmp(types[type].name, name, size))
			return type;
	return 0;
}

const char *signal_text_type_name(uint8_t type)
{
	return type < COUNT_OF(types) ? types[type].name : NULL;
}

size_t signal_text_value_size(uint8_t type)
{
	return type < COUNT_OF(types) ? types[type].value_size : 0;
}

static int refuse_type(const char *name, size_t size, struct hilf_err *err)
{
	char shown[64], small[16];
	utf8_printable(name, size, shown, sizeof shown);
	if (!size)
		return err_set(err, HILF_E_INVALID,
			"the signal type is missing; known types are " KNOWN_TYPES);
	if (size < sizeof small) {
		for (size_t i = 0; i < size; i++)
			small[i] =
				name[i] >= 'A' && name[i] <= 'Z' ? (char)(name[i] | 0x20) : name[i];
		if (signal_text_type(small, size))
			return err_set(err, HILF_E_INVALID,
				"unknown signal type '%s': write it in lower case", shown);
	}
	return err_set(err, HILF_E_INVALID,
		"unknown signal type '%s'; known types are " KNOWN_TYPES, shown);
}

static bool is_digit(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

static int refuse_value(uint8_t type, const char *value, size_t size, struct hilf_err *err)
{
	const char *name = types[type].name;
	size_t want = 2 * (size_t)types[type].value_size;
	bool capitals = false;
	for (size_t i = 0; i < size; i++) {
		if (is_digit(value[i]))
			continue;
		if (value[i] >= 'A' && value[i] <= 'F') {
			capitals = true;
			continue;
		}
		uint32_t code;
		size_t step = utf8_next(value + i, size - i, &code);
		char shown[24];
		utf8_printable(value + i, step ? step : 1, shown, sizeof shown);
		return err_set(err, HILF_E_INVALID,
			"a %s value is %zu hexadecimal digits, but character %zu is '%s'", name,
			want, i + 1, shown);
	}
	if (size != want)
		return err_set(err, HILF_E_INVALID,
			"a %s value has %zu hexadecimal digits, this one has %zu", name, want,
			size);
	ASSERT(capitals);
	return err_set(
		err, HILF_E_INVALID, "a %s value has capital digits: write it in lower case", name);
}

int signal_text_parse_value(uint8_t type, const char *value, size_t value_size,
	struct hilf_signal *ret_signal, struct hilf_err *err)
{
	struct hilf_signal signal = {.type = type, .quality = HILF_QUALITY_UNKNOWN};
	ASSERT(type > 0 && type < COUNT_OF(types));
	signal.size = types[type].value_size;
	if (!hex_decode(value, value_size, signal.value, signal.size))
		return refuse_value(type, value, value_size, err);
	*ret_signal = signal;
	return HILF_OK;
}

int signal_text_parse(const char *type, size_t type_size, const char *value, size_t value_size,
	struct hilf_signal *ret_signal, struct hilf_err *err)
{
	uint8_t number = signal_text_type(type, type_size);
	if (!number)
		return refuse_type(type, type_size, err);
	return signal_text_parse_value(number, value, value_size, ret_signal, err);
}

size_t signal_text_format(const struct hilf_signal *signal, char ret_text[HILF_SIGNAL_TEXT_MAX])
{
	ASSERT(signal->size <= HILF_SIGNAL_SIZE_MAX);
	hex_encode(signal->value, signal->size, ret_text);
	return 2 * (size_t)signal->size;
}
