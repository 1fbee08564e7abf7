/* A new key is written aside under a name of its own, synced, and put in its place only if there is none yet
 * (renameat2 with RENAME_NOREPLACE, or link where the file system does not know that): the first one wins. */
#include "proc/node_key.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/hex.h"
#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD      "hilf-key-1 "
#define HEX_SIZE  64
#define TEXT_SIZE (sizeof HEAD - 1 + HEX_SIZE + 1 + HEX_SIZE + 1)

static void format(
	const uint8_t seed[32], const uint8_t public_key[32], char ret_text[TEXT_SIZE + 1])
{
	char *to = ret_text;
	memcpy(to, HEAD, sizeof HEAD - 1);
	to += sizeof HEAD - 1;
	hex_encode(seed, 32, to);
	to[HEX_SIZE] = ' ';
	hex_encode(public_key, 32, to + HEX_SIZE + 1);
	memcpy(ret_text + TEXT_SIZE - 1, "\n", 2);
}

static bool parse(const char *text, size_t size, struct node_key *ret_key)
{
	uint8_t seed[32], public_key[32];
	const char *seed_text = text + sizeof HEAD - 1;
	bool good = size == TEXT_SIZE && memcmp(text, HEAD, sizeof HEAD - 1) == 0 &&
		    hex_decode(seed_text, HEX_SIZE, seed, sizeof seed) &&
		    seed_text[HEX_SIZE] == ' ' &&
		    hex_decode(seed_text + HEX_SIZE + 1, HEX_SIZE, public_key, sizeof public_key) &&
		    text[TEXT_SIZE - 1] == '\n';
	if (good) {
		crypto_sign_seed_keypair(ret_key->public_key, ret_key->secret_key, seed);
		good = memcmp(public_key, ret_key->public_key, sizeof public_key) == 0;
	}
	sodium_memzero(seed, sizeof seed);
	return good;
}

/* Refuses what others could have read, before it is trusted. */
static int check_mode(int fd, const char *path, struct hilf_err *err)
{
	struct stat status;
	if (fstat(fd, &status) != 0)
		return err_sys(err, HILF_E_IO, errno, "cannot look at '%s'", path);
	if (!S_ISREG(status.st_mode))
		return err_set(err, HILF_E_CORRUPT,
			"'%s' is no file; restore the key from a backup", path);
	if (status.st_mode & 077)
		return err_set(err, HILF_E_DENIED,
			"the key '%s' can be read or changed by others (mode %04o); "
			"if nobody did, run 'chmod 600' on it",
			path, (unsigned)(status.st_mode & 07777));
	return 0;
}

static int read_key(int fd, const char *path, struct node_key *ret_key, struct hilf_err *err)
{
	char text[TEXT_SIZE + 1];
	int rc = check_mode(fd, path, err);
	if (rc)
		return rc;
	ssize_t size = file_read_all(fd, text, sizeof text);
	if (size < 0)
		rc = err_sys(err, HILF_E_IO, (int)-size, "cannot read the key '%s'", path);
	else if (!parse(text, (size_t)size, ret_key))
		rc = err_set(err, HILF_E_CORRUPT,
			"the key '%s' is damaged; restore it from a backup, because "
			"without it this node cannot speak for its member",
			path);
	sodium_memzero(text, sizeof text);
	return rc;
}

static int open_key(const char *path, struct node_key *ret_key, struct hilf_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
	if (fd < 0 && errno == ENOENT)
		return err_set(err, HILF_E_NOT_FOUND,
			"the key '%s' is missing; restore it from a backup, because "
			"without it this node cannot speak for its member",
			path);
	if (fd < 0)
		return err_sys(err, HILF_E_IO, errno, "cannot open the key '%s'", path);
	int rc = read_key(fd, path, ret_key, err);
	close(fd);
	return rc;
}

static int write_aside(const char *aside, const char *path, struct hilf_err *err)
{
	uint8_t seed[32], public_key[32], secret_key[64];
	char text[TEXT_SIZE + 1];
	int fd = open(aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return err_sys(err, HILF_E_IO, errno, "cannot make the key '%s'", path);
	randombytes_buf(seed, sizeof seed);
	crypto_sign_seed_keypair(public_key, secret_key, seed);
	format(seed, public_key, text);
	int sys = file_write_all(fd, text, TEXT_SIZE);
	if (!sys && fsync(fd) != 0)
		sys = errno;
	if (close(fd) != 0 && !sys)
		sys = errno;
	sodium_memzero(seed, sizeof seed);
	sodium_memzero(secret_key, sizeof secret_key);
	sodium_memzero(text, sizeof text);
	return sys ? err_sys(err, HILF_E_IO, sys, "cannot write the key '%s'", path) : 0;
}

/* Puts the new file in its place unless one is there, which is fine too. 0 or an errno. */
static int put_in_place(const char *aside, const char *path)
{
	if (renameat2(AT_FDCWD, aside, AT_FDCWD, path, RENAME_NOREPLACE) == 0 || errno == EEXIST)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return errno;
	return link(aside, path) == 0 || errno == EEXIST ? 0 : errno;
}

static int make_key(const char *dir, const char *path, struct hilf_err *err)
{
	char *aside;
	int rc = file_make_dir(dir, err);
	if (rc)
		return rc;
	if (asprintf(&aside, "%s.%ld.new", path, (long)getpid()) < 0)
		return err_no_memory(err);
	unlink(aside); /* of a process with this number that died */
	rc = write_aside(aside, path, err);
	if (!rc) {
		int sys = put_in_place(aside, path);
		rc = sys ? err_sys(err, HILF_E_IO, sys, "cannot put the key '%s' in its place",
				   path)
			 : file_sync_dir(dir, err);
	}
	unlink(aside);
	free(aside);
	return rc;
}

int node_key_load(const char *data_dir, bool create, struct node_key *ret_key, struct hilf_err *err)
{
	char *dir = file_join(data_dir, "key"), *path = dir ? file_join(dir, "node.key") : NULL;
	int rc = path ? 0 : err_no_memory(err);
	if (!rc && create && access(path, F_OK) != 0 && errno == ENOENT)
		rc = make_key(dir, path, err);
	if (!rc)
		rc = open_key(path, ret_key, err);
	free(dir);
	free(path);
	return rc;
}
