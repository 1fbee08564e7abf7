/* A memfd (memfd_create(2)) that moves into an O_TMPFILE file once it is large. */
#include "os/spool.h"

#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

static int temporary_file(void)
{
	const char *dir = getenv("TMPDIR");
	return open(dir && *dir ? dir : "/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
}

/* The position of the file is behind what was moved. */
static int move_to_file(struct spool *spool)
{
	off_t from = 0;
	int file = temporary_file();
	if (file < 0)
		return errno;
	while ((uint64_t)from < spool->size) {
		ssize_t count =
			sendfile(file, spool->fd, &from, (size_t)(spool->size - (uint64_t)from));
		if (count <= 0 && !(count < 0 && errno == EINTR)) {
			int sys = count < 0 ? errno : EIO;
			close(file);
			return sys;
		}
	}
	close(spool->fd);
	spool->fd = file;
	spool->in_memory = false;
	return 0;
}

static int begin(struct spool *spool)
{
	spool->fd = memfd_create("spool", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	spool->in_memory = true;
	return spool->fd < 0 ? errno : 0;
}

int spool_add(struct spool *spool, const void *bytes, size_t size)
{
	int sys = spool->fd < 0 ? begin(spool) : 0;
	if (!sys && spool->in_memory && spool->size + size > SPOOL_MEMORY_SIZE)
		sys = move_to_file(spool);
	if (!sys)
		sys = file_write_all(spool->fd, bytes, size);
	if (!sys)
		spool->size += size;
	return sys;
}

int spool_finish(struct spool *spool, int *ret_fd)
{
	int sys = spool->fd < 0 ? begin(spool) : 0;
	if (!sys && spool->in_memory &&
		fcntl(spool->fd, F_ADD_SEALS,
			F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0)
		sys = errno;
	if (!sys && lseek(spool->fd, 0, SEEK_SET) != 0)
		sys = errno;
	if (sys)
		return sys;
	*ret_fd = spool->fd;
	spool->fd = -1;
	return 0;
}

void spool_close(struct spool *spool)
{
	if (spool->fd >= 0)
		close(spool->fd);
	spool->fd = -1;
}
