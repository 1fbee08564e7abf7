/* Counts of connections by address: a table of chains whose order nobody outside can foresee. It is touched when a
 * connection comes and when it goes, never between. */
#include "base/check.h"
#include "http/inside.h"
#include "os/clock.h"

#include <stdlib.h>
#include <string.h>

#define BUCKETS 4096u

struct place {
	struct place *next;
	struct in6_addr address;
	unsigned count;
};

struct limits {
	pthread_mutex_t mutex;
	uint64_t seed[2];
	struct place *buckets[BUCKETS];
};

struct limits *limits_new(void)
{
	struct limits *limits = calloc(1, sizeof *limits);
	if (!limits)
		return NULL;
	if (pthread_mutex_init(&limits->mutex, NULL) != 0) {
		free(limits);
		return NULL;
	}
	random_bytes(limits->seed, sizeof limits->seed);
	return limits;
}

void limits_free(struct limits *limits)
{
	if (!limits)
		return;
	for (unsigned i = 0; i < BUCKETS; i++)
		for (struct place *place = limits->buckets[i], *next; place; place = next) {
			next = place->next;
			free(place);
		}
	pthread_mutex_destroy(&limits->mutex);
	free(limits);
}

/* IPv4 lies in the last bytes of its mapped form; of IPv6 the first half says whose it is. */
static struct in6_addr key_of(const struct in6_addr *address)
{
	struct in6_addr key = *address;
	if (!IN6_IS_ADDR_V4MAPPED(address))
		memset(&key.s6_addr[8], 0, 8);
	return key;
}

static struct place **find(struct limits *limits, const struct in6_addr *key)
{
	uint64_t halves[2], mixed;
	memcpy(halves, key, sizeof halves);
	mixed = (halves[0] ^ limits->seed[0]) * 0x9e3779b97f4a7c15ull;
	mixed = (mixed ^ mixed >> 29 ^ halves[1] ^ limits->seed[1]) * 0xbf58476d1ce4e5b9ull;
	struct place **at = &limits->buckets[mixed >> 40 & (BUCKETS - 1)];
	while (*at && memcmp(&(*at)->address, key, sizeof *key) != 0)
		at = &(*at)->next;
	return at;
}

bool limits_enter(struct limits *limits, const struct in6_addr *address, unsigned max)
{
	const struct in6_addr key = key_of(address);
	pthread_mutex_lock(&limits->mutex);
	struct place **at = find(limits, &key);
	bool enters = true;
	if (!*at) {
		if ((*at = calloc(1, sizeof **at)))
			(*at)->address = key;
		else
			enters = false;
	}
	if (enters && (*at)->count >= max)
		enters = false;
	if (enters)
		(*at)->count++;
	pthread_mutex_unlock(&limits->mutex);
	return enters;
}

void limits_leave(struct limits *limits, const struct in6_addr *address)
{
	const struct in6_addr key = key_of(address);
	pthread_mutex_lock(&limits->mutex);
	struct place **at = find(limits, &key), *place = *at;
	ASSERT(place && place->count);
	if (--place->count == 0) {
		*at = place->next;
		free(place);
	}
	pthread_mutex_unlock(&limits->mutex);
}
