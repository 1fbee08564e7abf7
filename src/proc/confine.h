/* Fewer rights for a process that goes on to do many things: no new privileges, and where the kernel has Landlock, nothing
 * is written, made, renamed or removed outside some folders. Reading and the network stay. */
#ifndef PROC_CONFINE_H
#define PROC_CONFINE_H

#include "hilf.h"

/* For this thread and all that it starts from now on, programs included. Folders that are not there are passed over.
 * *ret_limited: false where this kernel has no Landlock. HILF_E_SANDBOX: privileges cannot be given up. */
int confine_writes(
	const char *const *folders, size_t count, bool *ret_limited, struct hilf_err *err);

#endif
