/* prctl(2) and landlock(7), by number, for Debian 12's C library has no names for the latter. */
#include "proc/confine.h"

#include "base/err.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Of the third interface (Linux 6.2), later than the headers. */
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ull << 14)
#endif
#ifndef LANDLOCK_ACCESS_FS_REFER
#define LANDLOCK_ACCESS_FS_REFER (1ull << 13)
#endif

#define WRITES                                                                                     \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |                           \
		LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR |                    \
		LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |                        \
		LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |                      \
		LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM)

/* Not every folder is there, and one that cannot be named stays closed. */
static void allow(int rules, const char *folder, uint64_t rights)
{
	struct landlock_path_beneath_attr rule = {.allowed_access = rights};
	rule.parent_fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (rule.parent_fd < 0)
		return;
	syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
	close(rule.parent_fd);
}

int confine_writes(
	const char *const *folders, size_t count, bool *ret_limited, struct hilf_err *err)
{
	*ret_limited = false;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return err_sys(err, HILF_E_SANDBOX, errno, "cannot give up new privileges");
	long version =
		syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	/* The first one forbids renaming from folder to folder, even within what is allowed. */
	if (version < 2)
		return 0;
	struct landlock_ruleset_attr rights = {
		.handled_access_fs = WRITES | LANDLOCK_ACCESS_FS_REFER};
	if (version >= 3)
		rights.handled_access_fs |= LANDLOCK_ACCESS_FS_TRUNCATE;
	int rules = (int)syscall(SYS_landlock_create_ruleset, &rights, sizeof rights, 0);
	if (rules < 0)
		return 0;
	for (size_t i = 0; i < count; i++)
		allow(rules, folders[i], rights.handled_access_fs);
	*ret_limited = syscall(SYS_landlock_restrict_self, rules, 0) == 0;
	close(rules);
	return 0;
}
