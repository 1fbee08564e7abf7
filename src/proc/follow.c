/* One thread with one question at a time. There are two: a bell, which waits for something new and is not believed, and
 * a load, which begins with the last record that is here already: so a leader whose feed was put back from a backup, or is
 * another's, is noticed before anything of it is taken over. What comes back is mapped and read where it lies; records are handed to the
 * engine some hundred at once, so that one commit and one sync pay for all of them. The engine verifies; here is decided
 * when to ask again, and when to stop asking. */
#include "proc/follow.h"

#include "base/check.h"
#include "base/err.h"
#include "base/limits.h"
#include "engine/replica.h"
#include "os/clock.h"
#include "os/file.h"
#include "proc/config.h"
#include "proc/notify.h"
#include "wire/feed_line.h"
#include "wire/web_url.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define BATCH_MAX    500
#define ANSWER_MAX   ((uint64_t)BATCH_MAX * FEED_LINE_MAX + REPLICA_SIZE_MAX + 4096)
#define KEY_FILE_MAX 4096
#define WAIT_MAX_S   25u
#define WAIT_MORE_MS 10000u /* for the answer itself, beyond the wait */
#define LOAD_MS      120000u
#define PAUSE_MS     250u /* after the first failure; twice as long after each */
#define PAUSE_MAX_MS 30000u

struct follow {
	struct api *api;
	struct hilf *hilf;
	struct fetch_pool *fetch;
	struct log *log;
	char *key_file; /* NULL: no key */
	pthread_t thread;
	bool running;
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	bool stop;
	/* the thread's */
	bool has_local; /* the leader's policies were taken as of: */
	uint64_t local;
	bool was_heard, has_all;
	uint64_t
		goal; /* the leader's head at goal_ms (0: none is pursued); a busy one always has more by now */
	int64_t goal_ms;
	unsigned failures;
};

/* ------------------------------------------------------------------------------------------- one answer */

/* What an answer brought. */
struct taken {
	bool bell;
	uint64_t from; /* of a load: the record that it must begin with; 0: any */
	bool headed, replica_here, rung;
	bool wrong;     /* what it says is not of the feed that is here */
	uint64_t asked; /* the last record that was here when it was asked */
	int64_t asked_ms;
	uint64_t seq, local;
	struct arena arena; /* of the records of a batch */
};

static int apply_batch(struct follow *follow, struct hilf_record *records, size_t *count,
	struct taken *taken, struct hilf_err *err)
{
	int rc = hilf_feed_apply(follow->hilf, records, *count, err);
	taken->wrong = rc == HILF_E_CORRUPT || rc == HILF_E_DENIED;
	*count = 0;
	arena_clear(&taken->arena);
	return rc;
}

static int wrong_feed(struct taken *taken, struct hilf_err *err)
{
	taken->wrong = true;
	return err_set(err, HILF_E_CORRUPT,
		"record %llu is here, and the leader's feed has it not: the leader lost records, "
		"or is "
		"another one",
		(unsigned long long)taken->from);
}

static int cut_off(struct hilf_err *err)
{
	return err_set(err, HILF_E_IO, "the leader's answer was cut off");
}

/* A leader that has written nothing yet is nobody, and has nothing to say of anything. */
static int take_replica(struct follow *follow, const struct feed_line *line, struct taken *taken,
	struct hilf_err *err)
{
	uint64_t seq, own_local;
	hilf_feed_head(follow->hilf, &seq, &own_local);
	if (!seq)
		return 0;
	int rc = replica_apply(follow->hilf, line->replica, line->replica_size, NULL, err);
	taken->replica_here = !rc;
	taken->wrong = rc == HILF_E_CORRUPT;
	return rc;
}

static int take_line(struct follow *follow, const struct feed_line *line,
	struct hilf_record *records, size_t *count, struct taken *taken, struct hilf_err *err)
{
	int rc = 0;
	if (taken->headed)
		return err_set(err, HILF_E_INVALID, "the leader's answer goes on after its head");
	if (line->kind == FEED_LINE_RECORD && taken->bell) {
		taken->rung = true;
		return 0;
	}
	if (line->kind == FEED_LINE_RECORD) {
		if (taken->from && line->record.seq != taken->from)
			return wrong_feed(taken, err);
		taken->from = 0;
		records[(*count)++] = line->record;
		return *count == BATCH_MAX ? apply_batch(follow, records, count, taken, err) : 0;
	}
	if (*count)
		rc = apply_batch(follow, records, count, taken, err);
	if (!rc && line->kind == FEED_LINE_REPLICA) {
		rc = take_replica(follow, line, taken, err);
	} else if (!rc) {
		taken->headed = true;
		taken->seq = line->seq;
		taken->local = line->local;
	}
	return rc;
}

static int take_lines(struct follow *follow, const char *bytes, size_t size, struct taken *taken,
	struct hilf_err *err)
{
	struct hilf_record *records = calloc(BATCH_MAX, sizeof *records);
	size_t count = 0;
	int rc = records ? 0 : err_no_memory(err);
	arena_init(&taken->arena, 0);
	for (const char *at = bytes, *end = bytes + size; at < end && !rc;) {
		const char *line_end = memchr(at, '\n', (size_t)(end - at));
		struct feed_line line;
		if (!line_end) {
			rc = cut_off(err);
			break;
		}
		rc = feed_line_read(at, (size_t)(line_end - at), &taken->arena, &line, err);
		if (!rc)
			rc = take_line(follow, &line, records, &count, taken, err);
		at = line_end + 1;
	}
	if (!rc && !taken->headed)
		rc = cut_off(err);
	else if (!rc && taken->from)
		rc = wrong_feed(taken, err);
	arena_clear(&taken->arena);
	free(records);
	return rc;
}

static int take_answer(struct follow *follow, const struct fetched *fetched, struct taken *taken,
	struct hilf_err *err)
{
	if (fetched->fd < 0 || !fetched->size)
		return cut_off(err);
	void *bytes = mmap(NULL, fetched->size, PROT_READ, MAP_PRIVATE, fetched->fd, 0);
	if (bytes == MAP_FAILED)
		return err_sys(err, HILF_E_NO_MEMORY, errno, "cannot map the leader's answer");
	int rc = take_lines(follow, bytes, fetched->size, taken, err);
	munmap(bytes, fetched->size);
	return rc;
}

/* --------------------------------------------------------------------------------------------- one turn */

/* "Authorization: Bearer KEY", or "" without a key file. Read each time, so that a new key needs no start. */
static int read_key(
	const struct follow *follow, char *ret_header, size_t room, struct hilf_err *err)
{
	struct buf text = BUF_INIT;
	*ret_header = '\0';
	if (!follow->key_file)
		return 0;
	int rc = file_read(follow->key_file, KEY_FILE_MAX, &text, err);
	if (rc) {
		const struct hilf_err cause = *err;
		err_set(err, rc, "the leader's key: %s", cause.text);
	} else {
		const char *key = text.data ? text.data : "";
		key += strspn(key, " \t\r\n");
		int size = (int)strcspn(key, " \t\r\n");
		if (size)
			snprintf(ret_header, room, "Authorization: Bearer %.*s", size, key);
		else
			rc = err_set(
				err, HILF_E_INVALID, "there is no key in '%s'", follow->key_file);
	}
	buf_free(&text);
	return rc;
}

static int status_error(const struct follow *follow, int status, struct hilf_err *err)
{
	const char *leader = follow->api->leader_url;
	switch (status) {
	case 401:
	case 403:
		return err_set(err, HILF_E_DENIED,
			"%s answers %d: it wants a key of role operator; make one there and put it "
			"into the file that follow-key names",
			leader, status);
	case 404:
		return err_set(err, HILF_E_NOT_FOUND,
			"%s answers 404: it has no feed; is it a node of hilf, and its native API?",
			leader);
	default:
		return err_set(err, HILF_E_IO, "%s answers %d", leader, status);
	}
}

/* So that a leader who is silent is missed before lag-max (5 s at least) is over. */
static uint32_t wait_for(const struct follow *follow)
{
	uint32_t wait_s = api_conf(follow->api)->lag_max_ms / 4000;
	return wait_s > WAIT_MAX_S ? WAIT_MAX_S : wait_s ? wait_s : 1;
}

static int ask(struct follow *follow, struct taken *taken, struct hilf_err *err)
{
	char url[512], local[40] = "", key[KEY_FILE_MAX + 64];
	const char *headers[] = {
		"Accept: application/x-ndjson", "User-Agent: hilf/" HILF_VERSION, key, NULL};
	uint64_t seq, own_local, after;
	struct fetched fetched = {.fd = -1};
	uint32_t wait_s = wait_for(follow);
	int rc = read_key(follow, key, sizeof key, err);
	if (rc)
		return rc;
	if (!*key)
		headers[2] = NULL;
	hilf_feed_head(follow->hilf, &seq, &own_local);
	if (follow->has_local)
		snprintf(local, sizeof local, "&local=%llu", (unsigned long long)follow->local);
	taken->asked = seq;
	taken->asked_ms = clock_now_ms();
	taken->bell = follow->has_all;
	taken->from = taken->bell ? 0 : seq;
	after = taken->bell || !seq ? seq : seq - 1;
	snprintf(url, sizeof url, "%s/v1/feed?after=%llu&limit=%d&wait=%u&replica=1%s",
		follow->api->leader_url, (unsigned long long)after, taken->bell ? 1 : BATCH_MAX,
		taken->bell ? wait_s : 0, local);
	const struct fetch fetch = {.url = url,
		.headers = headers,
		.size_max = ANSWER_MAX,
		.timeout_ms = taken->bell ? wait_s * 1000 + WAIT_MORE_MS : LOAD_MS,
		.no_redirects = true};
	rc = fetch_url(follow->fetch, &fetch, &fetched, err);
	if (rc)
		return rc;
	rc = fetched.status == 200 ? take_answer(follow, &fetched, taken, err)
				   : status_error(follow, fetched.status, err);
	if (fetched.fd >= 0)
		close(fetched.fd);
	/* The bell's answer was made at its end. */
	if (taken->bell)
		taken->asked_ms = clock_now_ms();
	return rc;
}

static int see_taken(struct follow *follow, struct taken *taken, struct hilf_err *err)
{
	uint64_t seq, own_local;
	if (taken->replica_here) {
		follow->has_local = true;
		follow->local = taken->local;
	}
	hilf_feed_head(follow->hilf, &seq, &own_local);
	/* Records may have come after the head was read, so it is compared with what was here before. */
	taken->from = taken->asked;
	if (taken->seq < taken->asked)
		return wrong_feed(taken, err);
	follow->has_all = taken->seq <= seq && !taken->rung;
	if (!follow->goal_ms) {
		follow->goal = taken->seq;
		follow->goal_ms = taken->asked_ms;
	}
	if (seq < follow->goal)
		return 0;
	atomic_store(&follow->api->heard_ms, follow->has_all ? taken->asked_ms : follow->goal_ms);
	follow->goal_ms = 0;
	if (!follow->was_heard || follow->failures)
		log_say(follow->log, LEVEL_INFO, "follow",
			"has all of the leader's feed: %llu records", (unsigned long long)seq);
	follow->was_heard = true;
	return 0;
}

/* ------------------------------------------------------------------------------------------- the thread */

/* Whether to go on after that long. */
static bool pause_for(struct follow *follow, uint32_t wait_ms)
{
	int64_t until_us = clock_monotonic_us() + (int64_t)wait_ms * 1000;
	struct timespec until = {
		.tv_sec = until_us / 1000000, .tv_nsec = until_us % 1000000 * 1000};
	pthread_mutex_lock(&follow->mutex);
	while (!follow->stop && clock_monotonic_us() < until_us)
		pthread_cond_timedwait(&follow->changed, &follow->mutex, &until);
	bool stop = follow->stop;
	pthread_mutex_unlock(&follow->mutex);
	return !stop;
}

/* Half of it to all of it, so that many followers do not come back at once. */
static uint32_t back_off(unsigned failures)
{
	uint32_t wait_ms = PAUSE_MS << (failures > 7 ? 7 : failures - 1), random;
	if (wait_ms > PAUSE_MAX_MS)
		wait_ms = PAUSE_MAX_MS;
	random_bytes(&random, sizeof random);
	return wait_ms / 2 + random % (wait_ms / 2 + 1);
}

/* Nothing that asking again could mend. */
static void give_up(struct follow *follow, const struct hilf_err *err)
{
	atomic_store(&follow->api->heard_ms, 0);
	log_say(follow->log, LEVEL_ERROR, "follow.diverged",
		"%s; this node follows no more and is not ready, but answers from what it has. If "
		"the leader was put back from a backup or replaced, stop this node, move its data "
		"folder away, and start it again: it then takes over all of the leader's feed",
		err->text);
	notify_status("follows no more: the leader's feed is another one");
}

static void *run(void *argument)
{
	struct follow *follow = argument;
	do {
		struct hilf_err err = {0};
		struct taken taken = {0};
		int rc = ask(follow, &taken, &err);
		if (!rc)
			rc = see_taken(follow, &taken, &err);
		if (rc == HILF_E_STOPPED)
			break;
		if (taken.wrong) {
			give_up(follow, &err);
			break;
		}
		if (!rc) {
			follow->failures = 0;
			continue;
		}
		/* Who was away may come back as another. */
		follow->has_all = false;
		if (follow->failures++ % 20 == 0)
			log_say(follow->log, LEVEL_WARNING, "follow.failed",
				"cannot follow the leader now, and tries again: %s", err.text);
	} while (pause_for(follow, follow->failures ? back_off(follow->failures) : 0));
	return NULL;
}

/* --------------------------------------------------------------------------------------------- the outside */

static char *find_key_file(const char *key_file)
{
	return *key_file ? strdup(key_file) : config_credential("follow-key");
}

int follow_new(struct api *api, struct hilf *hilf, struct fetch_pool *fetch, const char *key_file,
	struct log *log, struct follow **ret_follow, struct hilf_err *err)
{
	pthread_condattr_t monotonic;
	char key[KEY_FILE_MAX + 64];
	struct follow *follow = calloc(1, sizeof *follow);
	if (!follow)
		return err_no_memory(err);
	*follow = (struct follow){.api = api, .hilf = hilf, .fetch = fetch, .log = log};
	pthread_mutex_init(&follow->mutex, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&follow->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	follow->key_file = find_key_file(key_file);
	int rc = read_key(follow, key, sizeof key, err);
	explicit_bzero(key, sizeof key);
	int sys = rc ? 0 : pthread_create(&follow->thread, NULL, run, follow);
	if (sys)
		rc = err_sys(err, HILF_E_NO_MEMORY, sys, "cannot start a thread");
	follow->running = !rc;
	if (rc)
		follow_stop(follow);
	else
		*ret_follow = follow;
	return rc;
}

void follow_stop(struct follow *follow)
{
	if (!follow)
		return;
	pthread_mutex_lock(&follow->mutex);
	follow->stop = true;
	pthread_cond_broadcast(&follow->changed);
	pthread_mutex_unlock(&follow->mutex);
	if (follow->running)
		pthread_join(follow->thread, NULL);
	pthread_cond_destroy(&follow->changed);
	pthread_mutex_destroy(&follow->mutex);
	free(follow->key_file);
	free(follow);
}

int follow_host(const char *url, char *ret_host, size_t room, struct hilf_err *err)
{
	struct web_url read;
	struct hilf_err why = {0};
	if (web_url_read(url, strlen(url), &read, &why))
		return err_set(err, HILF_E_INVALID, "follow: %s", why.text);
	if (strpbrk(url, "?#"))
		return err_set(err, HILF_E_INVALID,
			"follow is the leader's address alone, such as "
			"https://hilf-1.example:5100");
	bool six = read.is_address && !web_address_is_v4(&read.address);
	snprintf(ret_host, room, "%s%s%s:%u", six ? "[" : "", read.host, six ? "]" : "",
		(unsigned)read.port);
	return 0;
}
