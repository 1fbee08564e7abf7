/* The vault's key and its seals: XChaCha20-Poly1305 (libsodium), whose nonces are long enough to be drawn by chance. What is
 * said of a preview is bound to its bytes as associated data, so that no row can be given another's picture.
 *
 * The key is apart from all that is copied away: whoever takes a backup, or the database alone, has no picture. It is in the
 * memory of the service while it runs, which must show previews. */
#include "engine/local_parts.h"
#include "engine/vault_parts.h"

#include "base/check.h"
#include "base/err.h"
#include "base/hex.h"
#include "os/clock.h"
#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_NAME "vault.key"
#define HEAD      "hilf-vault-1 "
#define KEY_HEX   (2 * VAULT_KEY_SIZE)
#define NAME_HEX  (2 * STORE_VAULT_KEY)
#define TEXT_SIZE (sizeof HEAD - 1 + KEY_HEX + 1 + NAME_HEX + 1)

_Static_assert(STORE_VAULT_NONCE == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES &&
		       VAULT_KEY_SIZE == crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
	"as libsodium has them");

void vault_key_wipe(struct vault_key *key)
{
	sodium_memzero(key, sizeof *key);
}

/* ------------------------------------------------------------------------------------------ the file */

static void name_key(struct vault_key *key)
{
	static const char context[] = "hilf vault key";
	uint8_t hash[32];
	crypto_generichash(hash, sizeof hash, (const uint8_t *)context, sizeof context, key->key,
		sizeof key->key);
	memcpy(key->name, hash, sizeof key->name);
}

static void format(const struct vault_key *key, char ret_text[TEXT_SIZE + 1])
{
	char *to = ret_text;
	memcpy(to, HEAD, sizeof HEAD - 1);
	to += sizeof HEAD - 1;
	hex_encode(key->key, sizeof key->key, to);
	to[KEY_HEX] = ' ';
	hex_encode(key->name, sizeof key->name, to + KEY_HEX + 1);
	memcpy(ret_text + TEXT_SIZE - 1, "\n", 2);
}

static bool parse(const char *text, size_t size, struct vault_key *ret_key)
{
	uint8_t name[STORE_VAULT_KEY];
	const char *hex = text + sizeof HEAD - 1;
	if (size != TEXT_SIZE || memcmp(text, HEAD, sizeof HEAD - 1) != 0 ||
		!hex_decode(hex, KEY_HEX, ret_key->key, sizeof ret_key->key) ||
		hex[KEY_HEX] != ' ' || text[TEXT_SIZE - 1] != '\n' ||
		!hex_decode(hex + KEY_HEX + 1, NAME_HEX, name, sizeof name))
		return false;
	name_key(ret_key);
	return memcmp(name, ret_key->name, sizeof name) == 0;
}

static int read_key(int fd, const char *path, struct stat *status, struct vault_key *ret_key,
	struct hilf_err *err)
{
	char text[TEXT_SIZE + 1];
	if (fstat(fd, status) != 0)
		return err_sys(err, HILF_E_IO, errno, "cannot look at '%s'", path);
	if (!S_ISREG(status->st_mode))
		return err_set(err, HILF_E_CORRUPT, "'%s' is no file", path);
	if (status->st_mode & 077)
		return err_set(err, HILF_E_DENIED,
			"the key '%s' can be read or changed by others (mode %04o); "
			"if nobody did, run 'chmod 600' on it",
			path, (unsigned)(status->st_mode & 07777));
	ssize_t size = file_read_all(fd, text, sizeof text);
	int rc = 0;
	if (size < 0)
		rc = err_sys(err, HILF_E_IO, (int)-size, "cannot read the key '%s'", path);
	else if (!parse(text, (size_t)size, ret_key))
		rc = err_set(err, HILF_E_CORRUPT,
			"the key '%s' is damaged; put the right one in its place, or remove it: "
			"then a new one is made, and previews kept so far stay unreadable",
			path);
	sodium_memzero(text, sizeof text);
	return rc;
}

static int open_key(
	const char *path, struct stat *ret_status, struct vault_key *ret_key, struct hilf_err *err)
{
	struct vault_key key = {.name = {0}};
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
	if (fd < 0 && errno == ENOENT)
		return err_set(err, HILF_E_NOT_FOUND, "the key '%s' is not there", path);
	if (fd < 0)
		return err_sys(err, HILF_E_IO, errno, "cannot open the key '%s'", path);
	int rc = read_key(fd, path, ret_status, &key, err);
	close(fd);
	if (!rc)
		*ret_key = key;
	vault_key_wipe(&key);
	return rc;
}

static int make_key(const char *path, struct hilf_err *err)
{
	struct vault_key key;
	char text[TEXT_SIZE + 1];
	randombytes_buf(key.key, sizeof key.key);
	name_key(&key);
	format(&key, text);
	int rc = file_write(path, text, TEXT_SIZE, 0600, err);
	vault_key_wipe(&key);
	sodium_memzero(text, sizeof text);
	return rc;
}

/* ------------------------------------------------------------------------------------------ what is remembered */

static bool same_file(const struct stat *one, const struct stat *other)
{
	return one->st_ino == other->st_ino && one->st_dev == other->st_dev &&
	       one->st_size == other->st_size && one->st_mode == other->st_mode &&
	       one->st_mtim.tv_sec == other->st_mtim.tv_sec &&
	       one->st_mtim.tv_nsec == other->st_mtim.tv_nsec;
}

/* With the mutex. */
static int load(struct hilf *hilf, const char *path, bool create, struct hilf_err *err)
{
	struct local *local = hilf->local;
	struct stat status;
	if (local->vault_key && stat(path, &status) == 0 &&
		same_file(&status, &local->vault_status))
		return 0;
	if (!local->vault_key && !(local->vault_key = calloc(1, sizeof *local->vault_key)))
		return err_no_memory(err);
	int rc = open_key(path, &status, local->vault_key, err);
	if (rc == HILF_E_NOT_FOUND && create) {
		rc = make_key(path, err);
		if (!rc)
			rc = open_key(path, &status, local->vault_key, err);
	}
	if (!rc) {
		local->vault_status = status;
		return 0;
	}
	vault_key_wipe(local->vault_key);
	free(local->vault_key);
	local->vault_key = NULL;
	return rc;
}

int vault_key_load(struct hilf *hilf, bool create, struct vault_key *ret_key, struct hilf_err *err)
{
	struct local *local = hilf->local;
	struct hilf_err own;
	char *path = file_join(hilf->data_dir, FILE_NAME);
	err = err ? err : &own;
	if (!path)
		return err_no_memory(err);
	pthread_mutex_lock(&local->vault_mutex);
	int rc = load(hilf, path, create, err);
	if (!rc)
		*ret_key = *local->vault_key;
	if (create)
		snprintf(local->vault_why, sizeof local->vault_why, "%s", rc ? err->text : "");
	pthread_mutex_unlock(&local->vault_mutex);
	free(path);
	return rc;
}

void vault_key_trouble(struct hilf *hilf, char ret_why[HILF_REASON_MAX])
{
	pthread_mutex_lock(&hilf->local->vault_mutex);
	snprintf(ret_why, HILF_REASON_MAX, "%s", hilf->local->vault_why);
	pthread_mutex_unlock(&hilf->local->vault_mutex);
}

void vault_forget_key(struct local *local)
{
	if (local->vault_key)
		vault_key_wipe(local->vault_key);
	free(local->vault_key);
	local->vault_key = NULL;
}

/* ------------------------------------------------------------------------------------------ seals */

#define BOUND_MAX 80u

/* What is said of the preview, for its seal: the entry that a check matched apart, which gets another number where a record
 * is erased. */
static size_t bind(const struct store_preview *preview, uint8_t ret_bound[BOUND_MAX])
{
	static const char context[] = "hilf-vault-1";
	const uint64_t numbers[] = {preview->check ? VAULT_CHECK : VAULT_ENTRY,
		preview->check ? preview->check : preview->entry, preview->kind, preview->width,
		preview->height, preview->size};
	uint8_t *to = ret_bound;
	_Static_assert(sizeof context + UUID_SIZE + sizeof numbers <= BOUND_MAX, "room");
	memcpy(to, context, sizeof context);
	to += sizeof context;
	memcpy(to, preview->id, UUID_SIZE);
	to += UUID_SIZE;
	for (size_t i = 0; i < COUNT_OF(numbers); i++)
		for (int j = 0; j < 8; j++)
			*to++ = (uint8_t)(numbers[i] >> 8 * j);
	return (size_t)(to - ret_bound);
}

int vault_seal(const struct vault_key *key, struct store_preview *preview, const uint8_t *jpeg,
	struct hilf_err *err)
{
	uint8_t bound[BOUND_MAX];
	unsigned long long size;
	uint8_t *sealed = malloc(preview->size + crypto_aead_xchacha20poly1305_ietf_ABYTES);
	if (!sealed)
		return err_no_memory(err);
	memcpy(preview->key, key->name, sizeof preview->key);
	randombytes_buf(preview->nonce, sizeof preview->nonce);
	crypto_aead_xchacha20poly1305_ietf_encrypt(sealed, &size, jpeg, preview->size, bound,
		bind(preview, bound), NULL, preview->nonce, key->key);
	preview->sealed = sealed;
	preview->sealed_size = (size_t)size;
	return 0;
}

int vault_open(const struct vault_key *key, const struct store_preview *preview, uint8_t *ret_jpeg,
	struct hilf_err *err)
{
	uint8_t bound[BOUND_MAX];
	unsigned long long size;
	if (preview->sealed_size != preview->size + crypto_aead_xchacha20poly1305_ietf_ABYTES ||
		crypto_aead_xchacha20poly1305_ietf_decrypt(ret_jpeg, &size, NULL, preview->sealed,
			preview->sealed_size, bound, bind(preview, bound), preview->nonce,
			key->key) != 0)
		return err_set(err, HILF_E_CORRUPT,
			"the preview is damaged: its seal does not open; run 'hilf fsck'");
	return 0;
}
