/* Who is signed in, in memory: a hash table of sessions by the hash of their token, each with a reference to its person,
 * whose texts live until the last request has let go of them. Reviewers ask a few times a second, not a hundred thousand
 * times as upload paths do, so one mutex that is held for a look-up is all it takes.
 *
 *   slots   [ - | hash, person 1 | - | hash, person 2 | hash, person 1 | - ]      persons count who holds them
 *
 * When something changed (a setting says so, by chance and not by counting), all is read anew beside the old table and
 * exchanged for it. When a session was used is beside its row, and saved now and then: a crash ends it a minute early. */
#include "engine/people.h"

#include "base/check.h"
#include "base/err.h"
#include "engine/people_parts.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Each takes 64 MB for a tenth of a second. */
#define ENTER_MAX 2u
#define HOUR_MS   (3600 * 1000ll)
#define SWEEP_MS  HOUR_MS
/* A use is noted once a second. */
#define TOUCH_MS 1000

struct known_person {
	_Atomic uint32_t holders;
	struct arena texts;
	struct person person;
	struct known_person *next; /* while it is read */
};

struct session {
	uint8_t hash[32];
	struct known_person *person; /* NULL: a free slot */
	int64_t made_ms, until_ms, used_ms, saved_ms;
};

struct session_table {
	struct session *slots;
	size_t count, mask; /* mask 0: nothing was read yet */
};

struct people {
	pthread_mutex_t mutex; /* of the table */
	struct session_table table;
	pthread_mutex_t refresh_mutex; /* of who reads it anew; for the two below */
	bool was_read;
	char generation[24];
	_Atomic int64_t swept_ms;
	_Atomic unsigned entered;
	struct guard *guard;
	struct passphrase_cost cost;
};

/* ------------------------------------------------------------------------------------------ opening */

int people_new(struct people **ret_people, struct hilf_err *err)
{
	struct people *people = calloc(1, sizeof *people);
	if (!people)
		return err_no_memory(err);
	int rc = guard_new(&people->guard, err);
	if (rc) {
		free(people);
		return rc;
	}
	people->cost = (struct passphrase_cost){PASSPHRASE_PASSES, PASSPHRASE_MEMORY_KB};
	pthread_mutex_init(&people->mutex, NULL);
	pthread_mutex_init(&people->refresh_mutex, NULL);
	*ret_people = people;
	return 0;
}

static void let_go(struct known_person *person)
{
	if (atomic_fetch_sub(&person->holders, 1) != 1)
		return;
	arena_clear(&person->texts);
	free(person);
}

static void free_table(struct session_table *table)
{
	for (size_t i = 0; table->slots && i <= table->mask; i++)
		if (table->slots[i].person)
			let_go(table->slots[i].person);
	free(table->slots);
	*table = (struct session_table){0};
}

void people_free(struct people *people)
{
	if (!people)
		return;
	free_table(&people->table);
	guard_free(people->guard);
	pthread_mutex_destroy(&people->mutex);
	pthread_mutex_destroy(&people->refresh_mutex);
	free(people);
}

struct guard *people_guard(struct hilf *hilf)
{
	return hilf->local->people->guard;
}

struct passphrase_cost *people_cost(struct hilf *hilf)
{
	return &hilf->local->people->cost;
}

bool people_enter(struct hilf *hilf)
{
	struct people *people = hilf->local->people;
	unsigned entered = atomic_load(&people->entered);
	do {
		if (entered >= ENTER_MAX)
			return false;
	} while (!atomic_compare_exchange_weak(&people->entered, &entered, entered + 1));
	return true;
}

void people_leave(struct hilf *hilf)
{
	unsigned before = atomic_fetch_sub(&hilf->local->people->entered, 1);
	ASSERT(before);
}

/* ------------------------------------------------------------------------------------------ reading */

static struct session *find(const struct session_table *table, const uint8_t hash[32])
{
	uint64_t word;
	if (!table->mask)
		return NULL;
	memcpy(&word, hash, sizeof word);
	for (size_t at = word & table->mask; table->slots[at].person; at = (at + 1) & table->mask)
		if (sodium_memcmp(table->slots[at].hash, hash, 32) == 0)
			return &table->slots[at];
	return NULL;
}

struct loading {
	struct known_person **persons; /* by id, once all are there */
	struct known_person *first;
	size_t person_count;
	struct store_session *sessions; /* their users in `texts` */
	size_t count, room;
	struct arena texts;
	struct hilf_err *err;
};

static int load_person(const struct store_user *row, void *ctx)
{
	struct loading *loading = ctx;
	if (!row->enabled || !row->secret)
		return 0;
	struct known_person *person = calloc(1, sizeof *person);
	if (!person)
		return err_no_memory(loading->err);
	arena_init(&person->texts, 0);
	atomic_store(&person->holders, 1);
	person->next = loading->first;
	loading->first = person;
	loading->person_count++;
	return person_read(row, &person->texts, &person->person, loading->err);
}

static int load_session(const struct store_session *session, void *ctx)
{
	struct loading *loading = ctx;
	if (loading->count == loading->room) {
		size_t room = loading->room ? 2 * loading->room : 16;
		struct store_session *sessions =
			realloc(loading->sessions, room * sizeof *sessions);
		if (!sessions)
			return err_no_memory(loading->err);
		loading->sessions = sessions;
		loading->room = room;
	}
	struct store_session *copy = &loading->sessions[loading->count];
	*copy = *session;
	copy->user = arena_text(&loading->texts, session->user, strlen(session->user));
	if (!copy->user)
		return err_no_memory(loading->err);
	loading->count++;
	return 0;
}

static int by_id(const void *left, const void *right)
{
	const struct known_person *const *a = left, *const *b = right;
	return strcmp((*a)->person.id, (*b)->person.id);
}

static int by_key(const void *key, const void *item)
{
	const struct known_person *const *person = item;
	return strcmp(key, (*person)->person.id);
}

static int sort_persons(struct loading *loading)
{
	size_t count = 0;
	loading->persons = malloc((loading->person_count + 1) * sizeof *loading->persons);
	if (!loading->persons)
		return err_no_memory(loading->err);
	for (struct known_person *person = loading->first; person; person = person->next)
		loading->persons[count++] = person;
	qsort(loading->persons, count, sizeof *loading->persons, by_id);
	return 0;
}

static int build_table(const struct loading *loading, struct session_table *ret_table)
{
	struct session_table table = {.mask = 15};
	while (table.mask < 2 * loading->count)
		table.mask = 2 * table.mask + 1;
	table.slots = calloc(table.mask + 1, sizeof *table.slots);
	if (!table.slots)
		return err_no_memory(loading->err);
	for (size_t i = 0; i < loading->count; i++) {
		const struct store_session *row = &loading->sessions[i];
		struct known_person **person = bsearch(row->user, loading->persons,
			loading->person_count, sizeof *loading->persons, by_key);
		uint64_t word;
		if (!person)
			continue;
		memcpy(&word, row->hash, sizeof word);
		size_t at = word & table.mask;
		while (table.slots[at].person)
			at = (at + 1) & table.mask;
		atomic_fetch_add(&(*person)->holders, 1);
		table.slots[at] = (struct session){.person = *person,
			.made_ms = row->made_ms,
			.until_ms = row->until_ms,
			.used_ms = row->used_ms,
			.saved_ms = row->used_ms};
		memcpy(table.slots[at].hash, row->hash, sizeof row->hash);
		table.count++;
	}
	*ret_table = table;
	return 0;
}

/* Puts it in the place of the old one, which knows better when its sessions were used. */
static void exchange(struct people *people, struct session_table *table)
{
	pthread_mutex_lock(&people->mutex);
	struct session_table old = people->table;
	for (size_t i = 0; old.slots && i <= old.mask; i++) {
		struct session *session =
			old.slots[i].person ? find(table, old.slots[i].hash) : NULL;
		if (session && session->used_ms < old.slots[i].used_ms)
			session->used_ms = old.slots[i].used_ms;
	}
	people->table = *table;
	pthread_mutex_unlock(&people->mutex);
	free_table(&old);
}

static int load(struct hilf *hilf, struct hilf_err *err)
{
	struct loading loading = {.err = err};
	struct session_table table;
	arena_init(&loading.texts, 0);
	int rc = store_user_each(hilf->store, false, load_person, &loading, err);
	if (!rc)
		rc = store_session_each(hilf->store, false, load_session, &loading, err);
	if (!rc)
		rc = sort_persons(&loading);
	if (!rc)
		rc = build_table(&loading, &table);
	if (!rc)
		exchange(hilf->local->people, &table);
	while (loading.first) {
		struct known_person *person = loading.first;
		loading.first = person->next;
		let_go(person);
	}
	free(loading.persons);
	free(loading.sessions);
	arena_clear(&loading.texts);
	return rc;
}

/* The generation is read before the rows: what changes in between is read once more, not missed. */
int people_refresh(struct hilf *hilf, struct hilf_err *err)
{
	struct people *people = hilf->local->people;
	char generation[24];
	if (!hilf->store)
		return 0;
	pthread_mutex_lock(&people->refresh_mutex);
	int rc = local_generation(hilf, false, PEOPLE_GENERATION, generation, err);
	if (!rc && (!people->was_read || strcmp(generation, people->generation) != 0)) {
		rc = load(hilf, err);
		if (!rc) {
			people->was_read = true;
			memcpy(people->generation, generation, sizeof people->generation);
		}
	}
	pthread_mutex_unlock(&people->refresh_mutex);
	return rc;
}

/* That memory could not follow is the next refresh's to say: the change is durable. */
void people_changed(struct hilf *hilf)
{
	people_refresh(hilf, NULL);
}

/* ------------------------------------------------------------------------------------------ use */

static bool is_over(struct hilf *hilf, const struct session *session, int64_t now_ms)
{
	int64_t most_ms = desk_setting(hilf, DESK_SESSION_HOURS) * HOUR_MS;
	int64_t idle_ms = desk_setting(hilf, DESK_SESSION_IDLE_MINUTES) * 60000;
	return now_ms >= session->until_ms || now_ms - session->made_ms >= most_ms ||
	       now_ms - session->used_ms >= idle_ms;
}

static int64_t ends(struct hilf *hilf, const struct session *session)
{
	int64_t most_ms = session->made_ms + desk_setting(hilf, DESK_SESSION_HOURS) * HOUR_MS;
	return most_ms < session->until_ms ? most_ms : session->until_ms;
}

void session_use(struct hilf *hilf, const char *token, size_t size, int64_t now_ms, bool touch,
	struct session_use *ret_use)
{
	struct people *people = hilf->local->people;
	struct session_use use = {.state = SESSION_OVER};
	ASSERT(token && ret_use);
	if (size == SESSION_TOKEN_SIZE) {
		crypto_hash_sha256(use.hash, (const uint8_t *)token, size);
		pthread_mutex_lock(&people->mutex);
		struct session *session = find(&people->table, use.hash);
		if (session && !is_over(hilf, session, now_ms)) {
			use.state = SESSION_GOOD;
			use.reference = session->person;
			use.until_ms = ends(hilf, session);
			atomic_fetch_add(&session->person->holders, 1);
			if (touch && now_ms - session->used_ms >= TOUCH_MS)
				session->used_ms = now_ms;
		}
		pthread_mutex_unlock(&people->mutex);
	}
	if (use.reference) {
		use.person = &((struct known_person *)use.reference)->person;
		use.actor.role = use.person->role;
		use.actor.banks = use.person->bank_count ? use.person->banks : NULL;
		use.actor.bank_count = use.person->bank_count;
		snprintf(use.actor.id, sizeof use.actor.id, "user:%s", use.person->id);
	}
	*ret_use = use;
}

enum session_state session_again(struct hilf *hilf, const struct session_use *use, int64_t now_ms)
{
	struct people *people = hilf->local->people;
	pthread_mutex_lock(&people->mutex);
	const struct session *session = find(&people->table, use->hash);
	bool good = session && !is_over(hilf, session, now_ms);
	pthread_mutex_unlock(&people->mutex);
	return good ? SESSION_GOOD : SESSION_OVER;
}

void session_release(struct session_use *use)
{
	if (use->reference)
		let_go(use->reference);
	*use = (struct session_use){.state = SESSION_OVER};
}

void session_csrf(const char *token, char ret_csrf[CSRF_TOKEN_SIZE + 1])
{
	static const char what[] = "hilf session csrf 1";
	uint8_t hash[CSRF_TOKEN_SIZE / 2];
	crypto_generichash(hash, sizeof hash, (const uint8_t *)what, sizeof what,
		(const uint8_t *)token, strnlen(token, SESSION_TOKEN_SIZE));
	sodium_bin2hex(ret_csrf, CSRF_TOKEN_SIZE + 1, hash, sizeof hash);
}

bool session_csrf_check(const char *token, const char *csrf)
{
	char right[CSRF_TOKEN_SIZE + 1];
	if (!csrf || strlen(csrf) != CSRF_TOKEN_SIZE)
		return false;
	session_csrf(token, right);
	return sodium_memcmp(right, csrf, CSRF_TOKEN_SIZE) == 0;
}

/* ------------------------------------------------------------------------------------------ saving */

struct saving {
	struct saved {
		uint8_t hash[32];
		int64_t used_ms;
	} * items;
	size_t count;
	int64_t now_ms;
};

static int gather(struct people *people, struct saving *saving, struct hilf_err *err)
{
	pthread_mutex_lock(&people->mutex);
	const struct session_table *table = &people->table;
	saving->items = malloc((table->count + 1) * sizeof *saving->items);
	for (size_t i = 0; saving->items && table->slots && i <= table->mask; i++) {
		const struct session *session = &table->slots[i];
		if (!session->person || session->used_ms == session->saved_ms)
			continue;
		struct saved *item = &saving->items[saving->count++];
		memcpy(item->hash, session->hash, sizeof item->hash);
		item->used_ms = session->used_ms;
	}
	pthread_mutex_unlock(&people->mutex);
	return saving->items ? 0 : err_no_memory(err);
}

static int save(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	const struct saving *saving = ctx;
	int rc = 0;
	for (size_t i = 0; i < saving->count && !rc; i++)
		rc = store_session_used(
			hilf->store, saving->items[i].hash, saving->items[i].used_ms, err);
	/* Also what was noted of a session that ended meanwhile. */
	return rc ? rc : store_people_sweep(hilf->store, saving->now_ms, err);
}

static void note_saved(struct people *people, const struct saving *saving)
{
	pthread_mutex_lock(&people->mutex);
	for (size_t i = 0; i < saving->count; i++) {
		struct session *session = find(&people->table, saving->items[i].hash);
		if (session)
			session->saved_ms = saving->items[i].used_ms;
	}
	pthread_mutex_unlock(&people->mutex);
}

int people_save(struct hilf *hilf, int64_t now_ms, struct hilf_err *err)
{
	struct people *people = hilf->local->people;
	struct saving saving = {.now_ms = now_ms};
	int rc = gather(people, &saving, err);
	bool sweep = now_ms - atomic_load(&people->swept_ms) >= SWEEP_MS;
	if (!rc && (saving.count || sweep)) {
		rc = local_submit(hilf, save, &saving, err);
		if (!rc) {
			note_saved(people, &saving);
			atomic_store(&people->swept_ms, now_ms);
		}
	}
	free(saving.items);
	return rc;
}
