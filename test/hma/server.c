/* hma-server: the drop-in on a port of the loopback, in the states that a node of its own is hard to bring into. For the
 * sessions beside; `hilf serve --hma` is what people run.
 *
 *   hma-server DATA HELPERS OPTION...       prints "port N" and each key, serves until its standard input ends
 *
 * Options: open, turned, fetch=ITEM (of the allow list), state=loading|behind|failed, follower=URL, and NAME=ROLE or
 * NAME=ROLE:BANK or NAME=ROLE@RATE for a key. */
#include "http/api.h"

#include "base/check.h"
#include "os/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ALLOW_MAX 8

struct node {
	struct api api;
	struct api_conf conf;
	const char *allow[ALLOW_MAX];
	size_t allow_count;
};

static _Noreturn void stop(const char *what, const struct hilf_err *err)
{
	fprintf(stderr, "hma-server: %s: %s\n", what, err->text);
	exit(2);
}

static void say(const char *level, const char *event, const char *text, void *ctx)
{
	(void)ctx;
	fprintf(stderr, "%s %s %s\n", level, event, text);
}

static void make_key(struct node *node, char *name, char *role)
{
	struct key_info info = {0}, made;
	char text[KEY_TEXT_MAX], *bank = strchr(role, ':'), *rate = strchr(role, '@');
	struct hilf_err err;
	if (rate) {
		*rate++ = '\0';
		info.rate_per_s = (uint32_t)strtoul(rate, NULL, 10);
	}
	if (bank)
		*bank++ = '\0';
	snprintf(info.name, sizeof info.name, "%s", name);
	info.banks = bank ? (const char *const *)&bank : NULL;
	info.bank_count = bank != NULL;
	if (role_parse(role, &info.role, &err) ||
		key_create(node->api.hilf, &info, NULL, text, &made, &err))
		stop("key", &err);
	printf("key %s %s\n", name, text);
}

static int state_of(const char *name)
{
	static const char *const names[] = {
		[API_LOADING] = "loading", [API_BEHIND] = "behind", [API_FAILED] = "failed"};
	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (names[i] && strcmp(names[i], name) == 0)
			return (int)i;
	return API_READY;
}

static void take_option(struct node *node, char *option)
{
	char *value = strchr(option, '=');
	if (value)
		*value++ = '\0';
	if (strcmp(option, "open") == 0)
		node->conf.hma_open = true;
	else if (strcmp(option, "turned") == 0)
		node->conf.hma_all_orientations = true;
	else if (strcmp(option, "state") == 0) {
		node->api.state = state_of(value);
		node->api.follower |= node->api.state == API_BEHIND; /* only they can be */
	} else if (strcmp(option, "fetch") == 0 && node->allow_count < ALLOW_MAX)
		node->allow[node->allow_count++] = value;
	else if (strcmp(option, "follower") == 0) {
		node->api.follower = true;
		snprintf(node->api.leader_url, sizeof node->api.leader_url, "%s", value);
	} else {
		make_key(node, option, value);
	}
}

static struct hilf *open_data(const char *data, const char *helpers)
{
	const struct hilf_options options = {
		.abi = HILF_ABI, .data_dir = data, .helper_dir = helpers, .create = true};
	struct hilf *hilf;
	struct hilf_err err;
	if (hilf_open(&options, &hilf, &err))
		stop("open", &err);
	return hilf;
}

int main(int argc, char **argv)
{
	static struct node node = {
		.conf = {.hma_role = ROLE_OPERATOR, .file_max = 8u << 20, .batch_max = 1000}};
	struct http_app app;
	struct http_server *server;
	struct hilf_err err;
	char byte;
	if (argc < 3)
		return 2;
	struct hilf *hilf = open_data(argv[1], argv[2]);
	node.api.hilf = hilf;
	node.api.state = API_READY;
	node.api.started_ms = clock_now_ms();
	node.api.conf = &node.conf;
	node.api.log = say;
	for (int i = 3; i < argc; i++)
		take_option(&node, argv[i]);
	const struct fetch_conf fetch = {.helper_dir = argv[2],
		.allow = node.allow,
		.allow_count = node.allow_count,
		.max = 2};
	if (node.allow_count && fetch_pool_new(&fetch, &node.api.fetch, &err))
		stop("fetch", &err);
	node.conf.fetch_urls = node.allow_count != 0;
	if (keys_open(hilf, &node.api.keys, &err))
		stop("keys", &err);
	/* While it loads there is no node yet. */
	if (node.api.state == API_LOADING)
		node.api.hilf = NULL;
	hma_app(&node.api, &app);
	const struct http_listen listen = {.address = "127.0.0.1:0", .fd = -1, .app = &app};
	const struct http_conf conf = {.listens = &listen,
		.listen_count = 1,
		.loop_count = 1,
		.worker_count = 4,
		.spool_dir = argv[1],
		.log = say};
	if (http_start(&conf, &server, &err))
		stop("start", &err);
	printf("port %u\n", http_port(server, 0));
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		if (byte == 't' && hma_turn(&node.api, &err))
			stop("turn", &err);
	http_stop(server);
	keys_close(node.api.keys);
	fetch_pool_free(node.api.fetch);
	hilf_close(hilf);
	return 0;
}
