/* What SIGHUP changes: a new api_conf is put in the place of the old one as a whole, the log and the keeper are told, and
 * certificates are read again. What cannot be changed is named, and what is wrong leaves everything as it was. */
#include "base/err.h"
#include "engine/decide.h"
#include "os/clock.h"
#include "proc/keeper.h"
#include "proc/serve_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* For what the opener made; when it has, see_opened comes here. */
void serve_apply_opened(struct serve *serve, const struct config *config)
{
	if (atomic_load(&serve->opened) <= 0)
		return;
	keeper_set(serve->keeper, config->checkpoint_time, config->checkpoint_after);
	keys_default_rate(serve->api.keys, (uint32_t)config->rate_limit);
	serve_tell_appeals(atomic_load(&serve->api.hilf), config);
}

void serve_tell_appeals(struct hilf *hilf, const struct config *config)
{
	char url[DECIDE_URL_TEXT];
	size_t size = strlen(config->public_url);
	while (size && config->public_url[size - 1] == '/')
		size--;
	snprintf(url, sizeof url, "%.*s%s", (int)size, config->public_url, size ? "/appeal" : "");
	decide_set_appeal_url(hilf, url);
}

/* An origin goes into a header's list, so it has the letters of one: scheme, host, port, and no path. */
static bool is_origin(const char *text)
{
	const char *host = !strncmp(text, "https://", 8)  ? text + 8
			   : !strncmp(text, "http://", 7) ? text + 7
							  : NULL;
	return host && *host &&
	       strspn(host,
		       "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:*[]") ==
		       strlen(host);
}

static int set_evidence(
	struct api_conf *conf, const struct config_list *origins, struct hilf_err *err)
{
	size_t size = 0;
	if (!origins->count)
		snprintf(conf->evidence_from, sizeof conf->evidence_from, "https:");
	for (size_t i = 0; i < origins->count; i++) {
		const char *origin = origins->items[i];
		if (!is_origin(origin))
			return err_set(err, HILF_E_INVALID,
				"evidence-from: '%s' is no origin such as "
				"https://media.example.org",
				origin);
		int added = snprintf(conf->evidence_from + size, sizeof conf->evidence_from - size,
			"%s%s", size ? " " : "", origin);
		if (added < 0 || (size += (size_t)added) >= sizeof conf->evidence_from)
			return err_set(err, HILF_E_LIMIT,
				"evidence-from: more than %zu bytes of origins",
				sizeof conf->evidence_from);
	}
	return 0;
}

static int set_proxies(
	struct api_conf *conf, const struct config_list *proxies, struct hilf_err *err)
{
	struct hilf_err wrong;
	int rc = 0;
	for (size_t i = 0; i < proxies->count && !rc; i++)
		rc = client_proxies_add(&conf->proxies, proxies->items[i], &wrong);
	return rc ? err_set(err, rc, "trusted-proxy: %s", wrong.text) : 0;
}

int serve_apply(struct serve *serve, const struct config *config, struct hilf_err *err)
{
	const struct config *start = serve->config;
	struct serve_conf *next = calloc(1, sizeof *next);
	if (!next)
		return err_no_memory(err);
	next->before = serve->conf;
	next->conf = (struct api_conf){
		.open = start->open,
		.fetch_urls = serve->fetch != NULL,
		.hma_open = config->hma_open,
		.hma_all_orientations = config->hma_all_orientations,
		.cert_actors = config->cert_role != ROLE_NONE,
		.cert_role = (enum role)config->cert_role,
		.hma_role = (enum role)config->hma_role,
		.rate_per_s = (uint32_t)config->rate_limit,
		.check_budget_ms = (uint32_t)config->check_time,
		.file_max = start->file_max,
		.batch_max = (uint32_t)config->batch_max,
		.lag_max_ms = (uint32_t)config->lag_max,
	};
	int rc = set_evidence(&next->conf, &config->evidence_from, err);
	if (!rc)
		rc = set_proxies(&next->conf, &config->trusted_proxy, err);
	if (rc) {
		free(next);
		return rc;
	}
	snprintf(next->conf.public_url, sizeof next->conf.public_url, "%s", config->public_url);
	serve->conf = next;
	atomic_store(&serve->api.conf, &next->conf);
	atomic_store(&serve->log_requests, config->log_requests);
	atomic_store(&serve->log_slow_us, config->log_slow * 1000);
	log_set(serve->log, (enum log_level)config->log_level, (enum log_format)config->log_format);
	serve_apply_opened(serve, config);
	return 0;
}

static void say_unchangeable(struct serve *serve, const struct config *next)
{
	struct buf names = BUF_INIT;
	config_unchangeable(serve->config, next, &names);
	if (names.size && !names.failed)
		log_say(serve->log, LEVEL_WARNING, "reload.partly",
			"changed, but in force only after a new start: %s", names.data);
	buf_free(&names);
}

void serve_reload(struct serve *serve)
{
	char text[80];
	struct config *next = NULL;
	struct hilf_err err = {0};
	snprintf(text, sizeof text, "RELOADING=1\nMONOTONIC_USEC=%lld",
		(long long)clock_monotonic_us());
	notify_send(text);
	int rc = config_load(serve->options->config_file, serve->options->given,
		serve->options->given_count, &next, &err);
	if (!rc)
		rc = http_reload_tls(serve->api.server, &err);
	if (!rc)
		rc = serve_apply(serve, next, &err);
	if (rc) {
		log_say(serve->log, LEVEL_ERROR, "reload.failed",
			"the settings stay as they were: %s", err.text);
		config_free(next);
	} else {
		say_unchangeable(serve, next);
		if (serve->live != serve->config)
			config_free(serve->live);
		serve->live = next;
		log_say(serve->log, LEVEL_INFO, "reload", "settings and certificates were read");
	}
	notify_send("READY=1");
}
