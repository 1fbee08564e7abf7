/* Bytes of unknown size on their way to somebody who wants a file: in memory up to SPOOL_MEMORY_SIZE, in an unlinked file
 * of the temporary folder above. */
#ifndef OS_SPOOL_H
#define OS_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SPOOL_MEMORY_SIZE (16u * 1024 * 1024)

struct spool {
	int fd; /* -1: none yet */
	bool in_memory;
	uint64_t size;
};

#define SPOOL_NONE                                                                                 \
	{                                                                                          \
		-1, false, 0                                                                       \
	}

/* Appends; 0 or an errno, after which the spool is only to be closed. */
int spool_add(struct spool *spool, const void *bytes, size_t size);
/* Hands over the descriptor (close-on-exec) at its beginning; memory is sealed: nobody changes it any more. One without a
 * byte is there, too. 0 or an errno. */
int spool_finish(struct spool *spool, int *ret_fd);
/* Forgets what was not handed over. */
void spool_close(struct spool *spool);

#endif
