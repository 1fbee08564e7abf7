/* A bug is an assertion, on in release builds too. No byte from outside may reach one, and its condition has no
 * side effects. */
#ifndef BASE_CHECK_H
#define BASE_CHECK_H

#define ASSERT(condition) \
	((condition) ? (void)0 : check_failed(#condition, __FILE__, __LINE__, __func__))

/* Says which promise was broken on standard error, and aborts. */
_Noreturn void check_failed(const char *condition, const char *file, int line, const char *function);

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

#endif
