/* Failures as values: fill the caller's struct hilf_err and return its code in one line. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "hilf.h"

/* Sets err (which may be NULL) and returns code. The text says what is wrong, where, and what to do. */
int err_set(struct hilf_err *err, enum hilf_code code, const char *format, ...) HILF_PRINTF(3, 4);

/* The same for a refused system call: ": " and strerror(sys) are added. ENOSPC, EDQUOT, ENOMEM, EACCES, EPERM
 * and EROFS bring their own code (IO, NO_MEMORY, DENIED) whatever `code` says. */
int err_sys(struct hilf_err *err, enum hilf_code code, int sys, const char *format, ...)
	HILF_PRINTF(4, 5);

/* Out of memory, said without allocating. */
int err_no_memory(struct hilf_err *err);

#endif
