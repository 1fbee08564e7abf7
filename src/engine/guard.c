/* Who got it wrong too often waits, and longer each time. A name waits where it is tried from, so that whoever knows
 * somebody's name keeps them out of where they are themselves and nowhere else; only after many more failures does it wait
 * everywhere, and then not for long. Where no address is known, all who try a name are one. Each table has rows of a few
 * places: what is new takes the place of what failed least, so that nobody can wash a name out of it that failed often
 * without waiting for as many others. Names that are nobody's count like all, so that a refusal tells nothing. All are in
 * memory alone: after a restart everybody has a few tries more, which no guess of a passphrase and a code lives on. */
#include "base/check.h"
#include "base/err.h"
#include "engine/people_parts.h"
#include "os/clock.h"
#include "wire/web_address.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define ROWS   512
#define PLACES 8
#define WAIT_MS                                                                                    \
	15000ll /* after the first failure that is one too many; then twice as long each time */
#define WAIT_MAX_MS (15 * 60 * 1000ll)
#define FORGET_MS   (24 * 3600 * 1000ll)
/* Behind one address there may be a whole office. */
#define NAME_FREE 5u
/* Of one name from all over: as many as NIST SP 800-63B allows (5.2.2). */
#define EVERYWHERE_FREE 100u
/* Then one of a crowd is let in so often, and its owner may be quicker. */
#define EVERYWHERE_MAX_MS (60 * 1000ll)
#define ADDRESS_FREE      30u

struct place {
	uint64_t key; /* 0: free */
	uint32_t count;
	int64_t last_ms;
};

struct guard {
	pthread_mutex_t mutex;
	uint8_t key[crypto_shorthash_KEYBYTES];
	struct place names[ROWS][PLACES], everywhere[ROWS][PLACES], addresses[ROWS][PLACES];
};

int guard_new(struct guard **ret_guard, struct hilf_err *err)
{
	struct guard *guard = calloc(1, sizeof *guard);
	if (!guard)
		return err_no_memory(err);
	pthread_mutex_init(&guard->mutex, NULL);
	random_bytes(guard->key, sizeof guard->key);
	*ret_guard = guard;
	return 0;
}

void guard_free(struct guard *guard)
{
	if (!guard)
		return;
	pthread_mutex_destroy(&guard->mutex);
	free(guard);
}

static uint64_t hash_of(const struct guard *guard, const void *bytes, size_t size)
{
	uint64_t hash;
	_Static_assert(sizeof hash == crypto_shorthash_BYTES, "as much");
	crypto_shorthash((uint8_t *)&hash, bytes, size, guard->key);
	return hash ? hash : 1;
}

/* Of IPv6 the network, within which one person has as many addresses as they like. False: this machine's own, behind which
 * a proxy has everybody. */
static bool address_key(const struct guard *guard, const char *text, uint64_t *ret_key)
{
	struct web_address address;
	const char *special;
	if (!web_address_read(text, strlen(text), &address))
		return false;
	special = web_address_special(&address);
	if (special && strcmp(special, "loopback") == 0)
		return false;
	*ret_key = hash_of(guard, address.bytes, web_address_is_v4(&address) ? 16 : 8);
	return true;
}

static struct place *find(struct place (*table)[PLACES], uint64_t key, int64_t now_ms)
{
	struct place *row = table[key % ROWS], *least = row;
	for (size_t i = 0; i < PLACES; i++) {
		struct place *place = &row[i];
		if (place->key && now_ms - place->last_ms > FORGET_MS)
			*place = (struct place){0};
		if (place->key == key)
			return place;
		if (place->count < least->count ||
			(place->count == least->count && place->last_ms < least->last_ms))
			least = place;
	}
	*least = (struct place){.key = key};
	return least;
}

static int64_t wait_of(
	const struct place *place, uint32_t free_count, int64_t max_ms, int64_t now_ms)
{
	if (place->count < free_count)
		return 0;
	uint32_t more = place->count - free_count;
	int64_t wait_ms = more < 16 ? WAIT_MS << more : max_ms;
	if (wait_ms > max_ms)
		wait_ms = max_ms;
	/* A clock that was set back must not hold anybody for as long. */
	int64_t since_ms = now_ms > place->last_ms ? now_ms - place->last_ms : 0;
	return since_ms < wait_ms ? wait_ms - since_ms : 0;
}

static void count(struct place *place, int64_t now_ms)
{
	place->count++;
	place->last_ms = now_ms;
}

/* A name, where it is tried from. */
static uint64_t name_key(const struct guard *guard, const char *login, uint64_t address)
{
	uint64_t key[2] = {hash_of(guard, login, strlen(login)), address};
	return hash_of(guard, key, sizeof key);
}

static int64_t longer(int64_t a_ms, int64_t b_ms)
{
	return a_ms > b_ms ? a_ms : b_ms;
}

/* What failed before an operator unlocked it. */
static void forgive(struct place *place, int64_t since_ms)
{
	if (place->last_ms <= since_ms)
		place->count = 0;
}

uint32_t guard_try(struct guard *guard, const char *login, const char *address, int64_t now_ms,
	int64_t since_ms)
{
	uint64_t key = 0;
	struct place *of_address = NULL;
	pthread_mutex_lock(&guard->mutex);
	bool known = address_key(guard, address, &key);
	struct place *of_name = find(guard->names, name_key(guard, login, key), now_ms);
	struct place *anywhere = find(guard->everywhere, name_key(guard, login, 0), now_ms);
	forgive(of_name, since_ms);
	forgive(anywhere, since_ms);
	int64_t wait_ms = longer(wait_of(of_name, NAME_FREE, WAIT_MAX_MS, now_ms),
		wait_of(anywhere, EVERYWHERE_FREE, EVERYWHERE_MAX_MS, now_ms));
	if (known) {
		of_address = find(guard->addresses, key, now_ms);
		wait_ms = longer(wait_ms, wait_of(of_address, ADDRESS_FREE, WAIT_MAX_MS, now_ms));
	}
	if (!wait_ms) {
		count(of_name, now_ms);
		count(anywhere, now_ms);
		if (of_address)
			count(of_address, now_ms);
	}
	pthread_mutex_unlock(&guard->mutex);
	return (uint32_t)wait_ms;
}

void guard_good(struct guard *guard, const char *login, const char *address)
{
	uint64_t key = 0;
	pthread_mutex_lock(&guard->mutex);
	bool known = address_key(guard, address, &key);
	*find(guard->names, name_key(guard, login, key), 0) = (struct place){0};
	*find(guard->everywhere, name_key(guard, login, 0), 0) = (struct place){0};
	/* One who is right does not wash away what others at the same address had wrong. */
	if (known) {
		struct place *place = find(guard->addresses, key, 0);
		place->count -= place->count > 0;
		if (!place->count)
			*place = (struct place){0};
	}
	pthread_mutex_unlock(&guard->mutex);
}
