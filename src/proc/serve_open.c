/* The data folder is opened beside the listeners, for a large one takes its time: until then /healthz says that the process
 * lives, and everything else 503. Then come those who work on it. */
#include "base/err.h"
#include "os/clock.h"
#include "os/file.h"
#include "proc/deliver.h"
#include "proc/follow.h"
#include "proc/keeper.h"
#include "proc/serve_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Where nobody looks at a terminal, a file is the one place that only the owner reads: a journal has many readers. */
static int write_first_key(struct serve *serve, const char *key, struct hilf_err *err)
{
	char text[KEY_TEXT_MAX + 2];
	char *path = file_join(serve->options->data_dir, "first-key");
	if (!path)
		return err_no_memory(err);
	int size = snprintf(text, sizeof text, "%s\n", key);
	int rc = file_write(path, text, (size_t)size, 0600, err);
	if (!rc)
		log_say(serve->log, LEVEL_WARNING, "key.first",
			"this node had no keys; the operator's is in '%s': take it from there and "
			"remove the file",
			path);
	free(path);
	return rc;
}

/* A node without keys would answer nobody. */
static int make_first_key(struct serve *serve, struct hilf *hilf, struct hilf_err *err)
{
	struct key_info info = {.name = "first", .role = ROLE_OPERATOR}, made;
	char key[KEY_TEXT_MAX];
	uint64_t count = 0;
	int rc = key_count(hilf, &count, err);
	if (rc || count || serve->config->open)
		return rc;
	rc = key_create(hilf, &info, NULL, key, &made, err);
	if (rc)
		return rc;
	if (!serve->options->out_is_terminal) {
		rc = write_first_key(serve, key, err);
		if (rc)
			key_revoke(hilf, made.id, NULL);
		return rc;
	}
	printf("\nThis node had no keys. Here is the operator's, which is shown only now:\n\n"
	       "    %s\n\n"
	       "Send it as 'Authorization: Bearer KEY'; make others with POST /v1/keys.\n\n",
		key);
	fflush(stdout);
	return 0;
}

/* A console that nobody can enter is seldom meant. */
static void note_nobody(struct serve *serve, struct hilf *hilf)
{
	uint64_t count = 0;
	if (serve->config->open || people_count(hilf, &count, NULL) || count)
		return;
	log_say(serve->log, LEVEL_INFO, "people.none",
		"nobody has enrolled to sign in to the console; 'hilf user create NAME --role "
		"operator' invites somebody");
}

static int begin_work(struct serve *serve, struct hilf *hilf, struct hilf_err *err)
{
	const struct config *config = serve->config;
	struct keeper_conf keeper = {.api = &serve->api,
		.hilf = hilf,
		.log = serve->log,
		.checkpoint_ms = config->checkpoint_time,
		.checkpoint_after = config->checkpoint_after};
	int rc = keeper_new(&keeper, &serve->keeper, err);
	if (!rc)
		rc = deliver_new(
			&serve->api, hilf, serve->fetch_hooks, serve->log, &serve->deliver, err);
	if (!rc && *config->follow)
		rc = follow_new(&serve->api, hilf, serve->fetch_leader, config->follow_key,
			serve->log, &serve->follow, err);
	return rc;
}

static int open_data(struct serve *serve, struct hilf_err *err)
{
	const struct config *config = serve->config;
	const struct hilf_options options = {
		.abi = HILF_ABI,
		.data_dir = serve->options->data_dir,
		.helper_dir = serve->options->helper_dir,
		.create = true,
		.insecure_decode = serve->options->insecure_decode,
		.decoder_max = (uint32_t)config->decoders,
		.decode_timeout_ms = (uint32_t)config->decode_time,
		.activity = "serve",
		.follower = *config->follow != '\0',
	};
	struct hilf *hilf;
	int rc = hilf_open(&options, &hilf, err);
	if (rc)
		return rc;
	rc = make_first_key(serve, hilf, err);
	if (!rc)
		rc = keys_open(hilf, &serve->api.keys, err);
	if (!rc)
		keys_default_rate(serve->api.keys, (uint32_t)config->rate_limit);
	if (!rc && config->look_back_days)
		rc = lookback_open(hilf, (unsigned)config->look_back_days, config->look_back_max,
			&serve->api.lookback, err);
	if (!rc)
		note_nobody(serve, hilf);
	serve_tell_appeals(hilf, config);
	/* From here on requests may use it, so it stays until the end. */
	atomic_store(&serve->api.hilf, hilf);
	return rc ? rc : begin_work(serve, hilf, err);
}

static void *open_and_tell(void *argument)
{
	struct serve *serve = argument;
	int64_t began_us = clock_monotonic_us();
	struct hilf_index index = {0};
	int rc = open_data(serve, &serve->open_err);
	if (!rc) {
		int loading = API_LOADING;
		atomic_compare_exchange_strong(
			&serve->api.state, &loading, serve->api.follower ? API_BEHIND : API_READY);
		hilf_index_get(atomic_load(&serve->api.hilf), &index, NULL);
		log_say(serve->log, LEVEL_INFO, "ready",
			"the data is open after %lld ms: %llu records; %llu entries were not in "
			"the "
			"snapshot",
			(long long)((clock_monotonic_us() - began_us) / 1000),
			(unsigned long long)index.seq, (unsigned long long)index.told_count);
	}
	atomic_store(&serve->opened, rc ? -1 : 1);
	eventfd_write(serve->event_fd, 1);
	return NULL;
}

int serve_open_begin(struct serve *serve, struct hilf_err *err)
{
	int sys = pthread_create(&serve->opener, NULL, open_and_tell, serve);
	if (sys)
		return err_sys(err, HILF_E_NO_MEMORY, sys, "cannot start a thread");
	serve->opening = true;
	return 0;
}

void serve_open_end(struct serve *serve)
{
	if (serve->opening)
		pthread_join(serve->opener, NULL);
	serve->opening = false;
	if (serve->fetch)
		fetch_pool_abort(serve->fetch);
	if (serve->fetch_leader)
		fetch_pool_abort(serve->fetch_leader);
	if (serve->fetch_hooks)
		fetch_pool_abort(serve->fetch_hooks);
	follow_stop(serve->follow);
	deliver_stop(serve->deliver);
	keeper_stop(serve->keeper);
	serve->follow = NULL;
	serve->deliver = NULL;
	serve->keeper = NULL;
}
