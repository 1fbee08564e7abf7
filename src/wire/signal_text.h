/* Signals as text: a type's name and a value in lower-case hexadecimal, which is how import lines,
 * records and the command line spell them. What a value means is the business of signal/; here is
 * only its form.
 *
 *   pdq     64 digits      sha256  64 digits      md5     32 digits */
#ifndef WIRE_SIGNAL_TEXT_H
#define WIRE_SIGNAL_TEXT_H

#include "hilf.h"

/* The type with this name, 0 where there is none. */
uint8_t signal_text_type(const char *name, size_t size);
/* "pdq", "sha256", "md5"; NULL for a type that is not known. */
const char *signal_text_type_name(uint8_t type);
/* The bytes of a value of the type; 0 for a type that is not known. */
size_t signal_text_value_size(uint8_t type);

/* Reads a signal; its quality is HILF_QUALITY_UNKNOWN. HILF_E_INVALID says what is wrong: a type
 * that is not known (and names those that are), too many or too few digits, a capital, or the first
 * character that is no digit. */
int signal_text_parse(const char *type, size_t type_size, const char *value, size_t value_size,
	struct hilf_signal *ret_signal, struct hilf_err *err);
/* The same with the type at hand, which must be a known one. */
int signal_text_parse_value(uint8_t type, const char *value, size_t value_size,
	struct hilf_signal *ret_signal, struct hilf_err *err);
/* Writes the value's digits and a terminator; returns their number. */
size_t signal_text_format(const struct hilf_signal *signal, char ret_text[HILF_SIGNAL_TEXT_MAX]);

#endif
