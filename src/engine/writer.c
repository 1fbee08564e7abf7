/* One commit for many writers. A thread that wants to write queues its job; the first in the queue becomes the leader,
 * takes all that is waiting, runs it in one transaction, and commits once for all (the group commit of databases:
 * DeWitt et al., "Implementation techniques for main memory database systems", SIGMOD 1984). No thread of our own is
 * needed, and with a single writer there is nothing to wait for. */
#include "base/check.h"
#include "base/err.h"
#include "engine/current.h"
#include "engine/engine.h"
#include "os/clock.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PATIENCE_MAX_US 500

/* The node's key and member are made at the first write. */
static int found_member(struct hilf *hilf, struct hilf_err *err)
{
	struct record record = {.kind = RECORD_MEMBER_FOUND, .member.name = ""};
	char text[UUID_TEXT_SIZE + 1];
	uint8_t random[10];
	record.time_ms = clock_now_ms();
	random_bytes(random, sizeof random);
	uuid_make(record.time_ms, random, record.id);
	memcpy(record.author, record.id, UUID_SIZE);
	memcpy(record.of, record.id, UUID_SIZE);
	memcpy(record.member.key, seal_public_key(hilf->seal), sizeof record.member.key);
	int rc = write_records(hilf, &record, 1, err);
	if (rc)
		return rc;
	uuid_format(record.id, text);
	rc = store_setting_set(hilf->store, KNOWN_SETTING_MEMBER, text, err);
	if (rc)
		return rc;
	memcpy(hilf->member, record.id, UUID_SIZE);
	hilf->founded = true;
	return 0;
}

/* Another process may have founded the member since this handle was opened. */
static int read_member(struct hilf *hilf, struct hilf_err *err)
{
	ASSERT(!hilf->has_member);
	return known_read_member(hilf->store, true, hilf->member, &hilf->founded, err);
}

int engine_member(
	struct hilf *hilf, uint8_t ret_member[UUID_SIZE], bool *ret_found, struct hilf_err *err)
{
	if (!hilf->has_member)
		return known_read_member(hilf->store, false, ret_member, ret_found, err);
	memcpy(ret_member, hilf->member, UUID_SIZE);
	*ret_found = true;
	return 0;
}

int engine_check_key(
	const struct seal *seal, const uint8_t key[32], const char *data_dir, struct hilf_err *err)
{
	if (memcmp(key, seal_public_key(seal), 32) == 0)
		return 0;
	return err_set(err, HILF_E_DENIED,
		"the key '%s/key/node.key' is not that of this node's member; restore the right "
		"one from a backup",
		data_dir);
}

/* The seal, opened anew after a failure. A key is made only as long as there is no member it could not speak for. */
static int open_seal(struct hilf *hilf, struct hilf_err *err)
{
	uint8_t key[32];
	if (hilf->seal && seal_works(hilf->seal))
		return 0;
	seal_close(hilf->seal);
	hilf->seal = NULL;
	int rc = seal_open(hilf->helper_dir, hilf->data_dir, !hilf->founded, &hilf->seal, err);
	if (rc || !hilf->founded)
		return rc;
	rc = store_member_key(hilf->store, true, hilf->member, key, err);
	if (!rc)
		rc = engine_check_key(hilf->seal, key, hilf->data_dir, err);
	if (rc) {
		seal_close(hilf->seal);
		hilf->seal = NULL;
	}
	return rc;
}

/* A folder that follows another node's feed would go its own way with the first record of its own. */
static int check_no_replica(struct hilf *hilf, struct hilf_err *err)
{
	char text[8];
	int rc = store_setting_get(hilf->store, true, SETTING_REPLICA, text, sizeof text, err);
	if (rc == HILF_E_NOT_FOUND)
		return 0;
	return rc ? rc
		  : err_set(err, HILF_E_DENIED,
			    "'%s' follows another node's feed; make the change there",
			    hilf->data_dir);
}

static int ensure_member(struct hilf *hilf, struct hilf_err *err)
{
	int rc = 0;
	if (hilf->founded && hilf->seal && seal_works(hilf->seal))
		return 0;
	if (!hilf->helper_dir)
		return err_set(err, HILF_E_HELPER,
			"this handle was opened without helpers, and the key that signs is kept by "
			"one; "
			"open it with helper_dir to write");
	rc = check_no_replica(hilf, err);
	if (!rc && !hilf->founded)
		rc = read_member(hilf, err);
	if (!rc)
		rc = open_seal(hilf, err);
	if (!rc && !hilf->founded)
		rc = found_member(hilf, err);
	return rc;
}

void write_stamp(struct hilf *hilf, struct record *record)
{
	uint8_t random[10];
	record->time_ms = clock_now_ms();
	random_bytes(random, sizeof random);
	uuid_make(record->time_ms, random, record->id);
	memcpy(record->author, hilf->member, UUID_SIZE);
	if (record->kind == RECORD_BANK_CREATE)
		memcpy(record->of, record->id, UUID_SIZE);
}

/* The records' bytes one after the other, and where each begins. */
struct encoded {
	struct buf bytes;
	size_t *starts; /* count + 1 */
	struct seal_item *items;
	uint8_t (*signatures)[64];
};

static void encoded_free(struct encoded *encoded)
{
	buf_free(&encoded->bytes);
	free(encoded->starts);
	free(encoded->items);
	free(encoded->signatures);
}

static int encode_all(
	struct encoded *encoded, const struct record *records, size_t count, struct hilf_err *err)
{
	encoded->starts = calloc(count + 1, sizeof *encoded->starts);
	encoded->items = calloc(count, sizeof *encoded->items);
	encoded->signatures = calloc(count, sizeof *encoded->signatures);
	if (!encoded->starts || !encoded->items || !encoded->signatures)
		return err_no_memory(err);
	for (size_t i = 0; i < count; i++) {
		int rc = record_encode(&records[i], &encoded->bytes, err);
		if (rc)
			return rc;
		encoded->starts[i + 1] = encoded->bytes.size;
	}
	for (size_t i = 0; i < count; i++) {
		encoded->items[i].bytes = encoded->bytes.data + encoded->starts[i];
		encoded->items[i].size = encoded->starts[i + 1] - encoded->starts[i];
	}
	return 0;
}

static int append_all(struct hilf *hilf, const struct encoded *encoded,
	const struct record *records, size_t count, struct hilf_err *err)
{
	for (size_t i = 0; i < count; i++) {
		uint8_t salt[32];
		uint64_t seq;
		bool effect = false;
		random_bytes(salt, sizeof salt);
		const struct store_append append = {
			.bytes = encoded->items[i].bytes,
			.size = encoded->items[i].size,
			.signature = encoded->signatures[i],
			.record = &records[i],
			.salt = salt,
			.received_ms = clock_now_ms(),
		};
		int rc = store_append(hilf->store, &append, &seq, &effect, err);
		if (rc)
			return rc;
		if (!effect)
			return err_set(err, HILF_E_DENIED,
				"this node's member has no right to '%s' here",
				record_kind_name(records[i].kind));
	}
	return 0;
}

int write_records(
	struct hilf *hilf, const struct record *records, size_t count, struct hilf_err *err)
{
	struct encoded encoded = {0};
	int rc = encode_all(&encoded, records, count, err);
	if (!rc)
		rc = open_seal(hilf, err); /* an earlier job of this transaction may have lost it */
	if (!rc) {
		rc = seal_sign(hilf->seal, encoded.items, count, encoded.signatures, err);
		if (rc) { /* the next write starts a new helper */
			seal_close(hilf->seal);
			hilf->seal = NULL;
		}
	}
	if (!rc)
		rc = append_all(hilf, &encoded, records, count, err);
	encoded_free(&encoded);
	return rc;
}

static void fail_all(struct write_job *jobs, int rc, const struct hilf_err *err)
{
	for (struct write_job *job = jobs; job; job = job->next) {
		if (job->rc)
			continue;
		job->rc = rc;
		job->err = *err;
	}
}

/* ------------------------------------------------------------------------------------------ running */

/* Runs something that can be taken back by itself. A failure of the machine that cannot be is *ret_lost. */
struct attempt {
	struct hilf *hilf;
	bool marked;  /* others share the transaction */
	bool founded; /* before */
	bool lost;
};

static int attempt_begin(struct attempt *attempt, struct hilf_err *err)
{
	attempt->founded = attempt->hilf->founded;
	return attempt->marked ? store_mark(attempt->hilf->store, err) : 0;
}

static int attempt_end(struct attempt *attempt, int rc, struct hilf_err *err)
{
	struct hilf_err own;
	if (!rc)
		return attempt->marked ? store_mark_keep(attempt->hilf->store, err) : 0;
	attempt->hilf->founded = attempt->founded;
	if (!attempt->marked || store_mark_back(attempt->hilf->store, &own) != 0)
		attempt->lost = true;
	return rc;
}

static int run_one(struct attempt *attempt, struct write_job *job)
{
	int rc = attempt_begin(attempt, &job->err);
	if (rc)
		return rc;
	rc = job->local ? 0 : ensure_member(attempt->hilf, &job->err);
	if (!rc)
		rc = job->run(attempt->hilf, job->ctx, &job->err);
	return attempt_end(attempt, rc, &job->err);
}

/* Runs the job with those behind it that are like it. Where there are none, or it does not come off, nothing happened. */
static void run_alike(
	struct attempt *attempt, struct write_job *first, void **ctxs, struct hilf_err *err)
{
	size_t count = 0;
	for (struct write_job *job = first; job && first->alike; job = job->next)
		if (!job->ran && job->alike == first->alike &&
			(job == first || first->alike(first->ctx, job->ctx)))
			ctxs[count++] = job->ctx;
	if (count < 2 || attempt_begin(attempt, err) != 0)
		return;
	int rc = ensure_member(attempt->hilf, err);
	if (!rc)
		rc = first->run_many(attempt->hilf, ctxs, count, err);
	if (attempt_end(attempt, rc, err) != 0)
		return;
	size_t at = 0;
	for (struct write_job *job = first; job && at < count; job = job->next) {
		if (job->ctx != ctxs[at])
			continue;
		job->ran = true;
		at++;
	}
}

/* Runs the jobs in one transaction. A job that failed keeps its own error and the others go on; with none left there is
 * nothing to commit. */
static int run_all(struct hilf *hilf, struct write_job *jobs, size_t count, struct hilf_err *err)
{
	struct attempt attempt = {.hilf = hilf, .marked = count > 1};
	void **ctxs = count > 1 ? calloc(count, sizeof *ctxs) : NULL;
	size_t good = 0;
	int rc = 0;
	for (struct write_job *job = jobs; job && !attempt.lost; job = job->next) {
		if (!job->ran && ctxs)
			run_alike(&attempt, job, ctxs, err);
		if (attempt.lost) {
			rc = err->code;
			break;
		}
		if (!job->ran) {
			job->ran = true;
			job->rc = run_one(&attempt, job);
		}
		good += !job->rc;
		if (job->rc) {
			rc = job->rc;
			*err = job->err;
		}
	}
	free(ctxs);
	return attempt.lost || !good ? rc : store_make_durable(hilf->store, err);
}

/* The leader's work on what it took from the queue. */
static void lead(struct hilf *hilf, struct write_job *jobs, size_t count)
{
	struct hilf_err err = {0};
	int rc = store_begin(hilf->store, &err);
	if (!rc) {
		bool was_founded = hilf->founded;
		rc = run_all(hilf, jobs, count, &err);
		if (rc) {
			store_rollback(hilf->store);
			hilf->founded = was_founded;
		} else {
			hilf->has_member =
				hilf->founded; /* durable: from now on anybody may read it */
			current_follow(hilf);
			store_leave(hilf->store);
		}
	}
	/* Durable from here on. That memory could not follow is the next query's to say, not this write's. */
	if (!rc && atomic_load(&hilf->known))
		current_refresh(hilf, NULL);
	if (rc)
		fail_all(jobs, rc, &err);
}

/* ------------------------------------------------------------------------------------------ the queue */

/* Those for whom the last commit was are on their way with their next job, as a rule. Waiting for them a little spares a
 * commit for one, which takes as long as one for all. It is threads that are waited for: one that spoke for forty before and
 * speaks for three now is all there is. */
static void wait_for_others(struct hilf *hilf)
{
	int64_t patience_us =
		hilf->write_us / 4 < PATIENCE_MAX_US ? hilf->write_us / 4 : PATIENCE_MAX_US;
	struct timespec until;
	if (hilf->write_group <= hilf->write_waiting || !patience_us)
		return;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += (long)patience_us * 1000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	hilf->write_wanted = hilf->write_group;
	while (hilf->write_waiting < hilf->write_wanted &&
		pthread_cond_timedwait(&hilf->write_arrived, &hilf->write_mutex, &until) == 0)
		;
	hilf->write_wanted = 0;
}

/* What a thread waits for: its jobs are done, or it leads. */
struct write_turn {
	sem_t come;
	bool leads;
};

/* Leads all that wait, then lets somebody lead those who came meanwhile. */
static void take_the_lead(struct hilf *hilf)
{
	pthread_mutex_lock(&hilf->write_mutex);
	wait_for_others(hilf);
	struct write_job *jobs = hilf->write_first;
	size_t threads = hilf->write_waiting;
	hilf->write_first = NULL;
	hilf->write_last = &hilf->write_first;
	hilf->write_waiting = 0;
	pthread_mutex_unlock(&hilf->write_mutex);
	size_t count = 0;
	for (const struct write_job *job = jobs; job; job = job->next)
		count++;
	int64_t start_us = clock_monotonic_us();
	lead(hilf, jobs, count);
	pthread_mutex_lock(&hilf->write_mutex);
	hilf->write_group = threads;
	hilf->write_us = clock_monotonic_us() - start_us;
	struct write_turn *next = hilf->write_first ? hilf->write_first->turn : NULL;
	hilf->writing = next != NULL;
	if (next)
		next->leads = true;
	pthread_mutex_unlock(&hilf->write_mutex);
	/* A thread's jobs lie one behind the other, and are gone as soon as it is told. */
	for (struct write_job *job = jobs, *after; job; job = after) {
		struct write_turn *turn = job->turn;
		for (after = job; after && after->turn == turn;)
			after = after->next;
		sem_post(&turn->come);
	}
	if (next)
		sem_post(&next->come);
}

static void wait_for_turn(struct write_turn *turn)
{
	while (sem_wait(&turn->come) != 0)
		;
}

/* Comes back when the jobs, from first to last, are done, or their thread leads. */
static void join_the_queue(struct hilf *hilf, struct write_job *first, struct write_job *last)
{
	struct write_turn *turn = first->turn;
	pthread_mutex_lock(&hilf->write_mutex);
	*hilf->write_last = first;
	hilf->write_last = &last->next;
	hilf->write_waiting++;
	bool leads = !hilf->writing;
	turn->leads = leads;
	hilf->writing = true;
	if (hilf->write_wanted && hilf->write_waiting >= hilf->write_wanted)
		pthread_cond_signal(&hilf->write_arrived);
	pthread_mutex_unlock(&hilf->write_mutex);
	if (!leads)
		wait_for_turn(turn);
}

static int check_submit(struct hilf *hilf, const struct write_job *job, struct hilf_err *err)
{
	if (!hilf->store)
		return err_set(err, HILF_E_UNSUPPORTED,
			"this handle was opened without a data folder, to hash files alone");
	if (hilf->read_only)
		return err_set(err, HILF_E_DENIED, "'%s' is open for reading only", hilf->data_dir);
	if (hilf->follower && !job->local)
		return err_set(err, HILF_E_DENIED,
			"this node follows another one, which alone says what is known; make the "
			"change "
			"there");
	return 0;
}

void write_submit_all(struct hilf *hilf, struct write_job *jobs, size_t count)
{
	struct write_job *first = NULL, **last = &first, *end = NULL;
	struct write_turn turn = {.leads = false};
	for (size_t i = 0; i < count; i++) {
		struct write_job *job = &jobs[i];
		job->next = NULL;
		job->turn = &turn;
		job->ran = false;
		if ((job->rc = check_submit(hilf, job, &job->err)) != 0)
			continue;
		*last = end = job;
		last = &job->next;
	}
	if (!first)
		return;
	sem_init(&turn.come, 0, 0);
	join_the_queue(hilf, first, end);
	while (turn.leads) {
		turn.leads = false;
		take_the_lead(hilf);
		wait_for_turn(&turn);
	}
	sem_destroy(&turn.come);
}

int write_submit(struct hilf *hilf, struct write_job *job, struct hilf_err *err)
{
	write_submit_all(hilf, job, 1);
	if (job->rc && err)
		*err = job->err;
	return job->rc;
}
