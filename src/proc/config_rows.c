/* The table of settings, and its dress as a file. */
#include "base/limits.h"
#include "proc/config.h"
#include "proc/config_value.h"

#include <string.h>

#define TEXT_MAX 4096

static const char *const roles[] = {
	"none", "checker", "curator", "reviewer", "operator", "auditor", NULL};
static const char *const levels[] = {"error", "warning", "info", "debug", NULL};
static const char *const formats[] = {"auto", "logfmt", "journal", "json", NULL};

#define AT(field) offsetof(struct config, field)

const struct config_row config_rows[] = {
	{"listen", "listen", CONFIG_LIST, AT(listen), "ADDR", .standard = "127.0.0.1:5100",
		.help = "where the native API answers: HOST:PORT, [IPV6]:PORT or unix:PATH; may be "
			"repeated"},
	{"listen", "hma", CONFIG_LIST, AT(hma), "ADDR", .standard = "",
		.help = "where the drop-in for Hasher-Matcher-Actioner answers; may be repeated"},
	{"listen", "open", CONFIG_FLAG, AT(open), .standard = "no",
		.help = "answer without keys, which is allowed only where every address is of the "
			"loopback"},
	{"listen", "tls-cert", CONFIG_TEXT, AT(tls_cert), "FILE", .most = TEXT_MAX, .standard = "",
		.file = true,
		.help = "PEM file with this server's certificate and those that lead to its root; "
			"its "
			"content, not its name, is read anew on SIGHUP"},
	{"listen", "tls-key", CONFIG_TEXT, AT(tls_key), "FILE", .most = TEXT_MAX, .standard = "",
		.file = true, .help = "PEM file with the certificate's private key"},
	{"listen", "tls-client-ca", CONFIG_TEXT, AT(tls_client_ca), "FILE", .most = TEXT_MAX,
		.standard = "", .file = true,
		.help = "PEM file with the roots of client certificates; clients then must show "
			"one"},
	{"listen", "hma-tls", CONFIG_FLAG, AT(hma_tls), .standard = "no",
		.help = "the drop-in's addresses speak TLS with the same files"},

	{"access", "rate-limit", CONFIG_NUMBER, AT(rate_limit), "COUNT", .most = 10000000,
		.standard = "0", .reload = true,
		.help = "requests a second for each key that has no limit of its own; 0 is none"},
	{"access", "cert-role", CONFIG_CHOICE, AT(cert_role), "ROLE", .choices = roles,
		.standard = "none", .reload = true,
		.help = "the role of a client with a verified certificate and no key"},
	{"access", "hma-open", CONFIG_FLAG, AT(hma_open), .standard = "no", .reload = true,
		.help = "the drop-in asks for no key: its address alone protects it"},
	{"access", "hma-role", CONFIG_CHOICE, AT(hma_role), "ROLE", .choices = roles,
		.standard = "curator", .reload = true,
		.help = "the role of who comes to the drop-in without a key, where that is "
			"allowed"},

	{"access", "trusted-proxy", CONFIG_LIST, AT(trusted_proxy), "ADDR|CIDR", .standard = "",
		.reload = true,
		.help = "this proxy is believed in whom it asks for (X-Forwarded-For, "
			"X-Forwarded-Proto), so that limits of signing in are the client's: an "
			"address, a network or 'unix'; may be repeated"},

	{"checks", "check-time", CONFIG_TIME, AT(check_time), "TIME", .least = 10,
		.most = 10 * MINUTE, .standard = "5s", .reload = true,
		.help = "how long a check may take that names no time itself"},
	{"checks", "file-max", CONFIG_SIZE, AT(file_max), "SIZE", .least = KB,
		.most = LIMIT_IMAGE_FILE_SIZE, .standard = "64MB",
		.help = "the largest file that is taken"},
	{"checks", "batch-max", CONFIG_NUMBER, AT(batch_max), "COUNT", .least = 1,
		.most = LIMIT_ADD_BATCH, .standard = "10000", .reload = true,
		.help = "the most signals of one batch"},
	{"checks", "decoders", CONFIG_NUMBER, AT(decoders), "COUNT", .most = 1024, .standard = "0",
		.help = "how many files are decoded at once; 0: as many as there are cores"},
	{"checks", "decode-time", CONFIG_TIME, AT(decode_time), "TIME", .least = 100,
		.most = 10 * MINUTE, .standard = "10s",
		.help = "how long the decoding of one file may take"},
	{"checks", "look-back-days", CONFIG_NUMBER, AT(look_back_days), "DAYS", .most = 30,
		.standard = "0",
		.help = "keep the signals of checks so long, and report older content when an "
			"entry arrives; 0: off"},
	{"checks", "look-back-max", CONFIG_NUMBER, AT(look_back_max), "COUNT", .least = 1000,
		.most = 1000000000, .standard = "5000000",
		.help = "the most contents that looking back keeps; the oldest go first"},
	{"checks", "public-url", CONFIG_TEXT, AT(public_url), "URL", .most = 255, .standard = "",
		.reload = true,
		.help = "where people reach this service (https://HOST): statements of reasons "
			"and blocks then say where to appeal, URL/appeal"},
	{"checks", "hma-all-orientations", CONFIG_FLAG, AT(hma_all_orientations), .standard = "no",
		.reload = true,
		.help = "the drop-in's look-ups by file compare turned and mirrored copies, too"},

	{"console", "evidence-from", CONFIG_LIST, AT(evidence_from), "ORIGIN", .standard = "",
		.reload = true,
		.help = "the console loads evidence from this origin (https://HOST, https://*.HOST, "
			"http://HOST:PORT) alone; may be repeated; from any https address if not said"},

	{"fetch", "fetch-allow", CONFIG_LIST, AT(fetch_allow), "HOST|CIDR", .standard = "",
		.help = "content may be given by URL from this host (*.HOST: those below it), "
			"address or network, also a private one; may be repeated"},
	{"fetch", "fetch-public", CONFIG_FLAG, AT(fetch_public), .standard = "no",
		.help = "content may be given by URL from any public host"},
	{"fetch", "fetch-max", CONFIG_NUMBER, AT(fetch_max), "COUNT", .least = 1, .most = 1024,
		.standard = "32", .help = "how many URLs are fetched at once"},
	{"fetch", "fetch-ca", CONFIG_TEXT, AT(fetch_ca), "FILE", .most = TEXT_MAX, .standard = "",
		.file = true,
		.help = "PEM file with authorities to trust beside the system's, for content, "
			"webhooks and the leader"},
	{"fetch", "webhook-allow", CONFIG_LIST, AT(webhook_allow), "HOST|CIDR", .standard = "",
		.help = "webhooks may go to this private host, address or network; public ones are "
			"always allowed; may be repeated"},

	{"follow", "follow", CONFIG_TEXT, AT(follow), "URL", .most = 255, .standard = "",
		.help = "follow the node at this address: have all of its feed, answer checks, "
			"refuse writes"},
	{"follow", "follow-key", CONFIG_TEXT, AT(follow_key), "FILE", .most = TEXT_MAX,
		.standard = "", .file = true,
		.help = "file with the leader's key for this node (role operator), else the "
			"credential 'follow-key'"},
	{"follow", "lag-max", CONFIG_TIME, AT(lag_max), "TIME", .least = 5 * SECOND,
		.most = 30 * DAY, .standard = "60s", .reload = true,
		.help = "a follower that has not heard of its leader for so long is not ready"},

	{"server", "loops", CONFIG_NUMBER, AT(loops), "COUNT", .most = 256, .standard = "0",
		.help = "threads that own connections; 0: as many as there are cores"},
	{"server", "workers", CONFIG_NUMBER, AT(workers), "COUNT", .least = 1, .most = 1024,
		.standard = "32", .help = "threads for what takes longer"},
	{"server", "queue-max", CONFIG_NUMBER, AT(queue_max), "COUNT", .least = 1, .most = 1000000,
		.standard = "1024",
		.help = "requests that may wait for such a thread; more are answered 503"},
	{"server", "connections", CONFIG_NUMBER, AT(connections), "COUNT", .most = 1000000,
		.standard = "0",
		.help = "the most connections; 0: 20,000, or as many as there are descriptors for"},
	{"server", "connections-per-address", CONFIG_NUMBER, AT(connections_per_address), "COUNT",
		.most = 1000000, .standard = "0",
		.help = "the most connections of one address; 0: 256, and no limit for this "
			"machine's own"},
	{"server", "header-time", CONFIG_TIME, AT(header_time), "TIME", .least = 100,
		.most = 10 * MINUTE, .standard = "10s",
		.help = "how long the head of a request may take"},
	{"server", "idle-time", CONFIG_TIME, AT(idle_time), "TIME", .least = 100, .most = HOUR,
		.standard = "60s", .help = "how long a connection may rest between requests"},
	{"server", "body-rate", CONFIG_SIZE, AT(body_rate), "SIZE", .least = 1, .most = GB,
		.standard = "1kB",
		.help = "how much of a body must arrive each second, on average after ten"},
	{"server", "body-memory", CONFIG_SIZE, AT(body_memory), "SIZE", .least = MB,
		.most = 64 * GB, .standard = "256MB",
		.help = "memory for all bodies together; more are answered 503"},
	{"server", "spool", CONFIG_TEXT, AT(spool), "DIR", .most = TEXT_MAX, .standard = "",
		.folder = true,
		.help = "where bodies that are files wait, without a name; DATA/spool if not said"},
	{"server", "drain-time", CONFIG_TIME, AT(drain_time), "TIME", .most = HOUR,
		.standard = "20s", .reload = true,
		.help = "how long requests under way may take when hilf is asked to stop"},

	{"data", "checkpoint-time", CONFIG_TIME, AT(checkpoint_time), "TIME", .least = SECOND,
		.most = 7 * DAY, .standard = "5min", .reload = true,
		.help = "write a snapshot of the index no more often than this"},
	{"data", "checkpoint-after", CONFIG_NUMBER, AT(checkpoint_after), "COUNT", .least = 1,
		.most = 1000000000, .standard = "10000", .reload = true,
		.help = "and only when so many entries are new"},

	{"log", "log-level", CONFIG_CHOICE, AT(log_level), "LEVEL", .choices = levels,
		.standard = "info", .reload = true, .help = "what is said on standard error"},
	{"log", "log-format", CONFIG_CHOICE, AT(log_format), "FORMAT", .choices = formats,
		.standard = "auto", .reload = true,
		.help = "how; auto: journal when systemd reads it, else logfmt"},
	{"log", "log-requests", CONFIG_FLAG, AT(log_requests), .standard = "no", .reload = true,
		.help = "a line for each request, without content, queries, addresses and keys"},
	{"log", "log-slow", CONFIG_TIME, AT(log_slow), "TIME", .most = HOUR, .standard = "2s",
		.reload = true, .help = "a line for each request that takes longer; 0s: none"},
	{0},
};

static void comment(struct buf *buf, const char *text)
{
	size_t column = 0;
	while (*text) {
		size_t word = strcspn(text, " ");
		if (column && column + 1 + word > 98) {
			buf_text(buf, "\n");
			column = 0;
		}
		buf_text(buf, column ? " " : "# ");
		column += word + (column ? 1 : 2);
		buf_add(buf, text, word);
		text += word + (text[word] == ' ');
	}
	buf_char(buf, '\n');
}

static void print_bounds(struct buf *buf, const struct config_row *row)
{
	char least[32], most[32];
	if (row->type == CONFIG_CHOICE) {
		buf_text(buf, "# One of:");
		for (size_t i = 0; row->choices[i]; i++)
			buf_format(buf, "%s %s", i ? "," : "", row->choices[i]);
		buf_text(buf, ".\n");
	} else if (row->type == CONFIG_NUMBER || row->type == CONFIG_SIZE ||
		   row->type == CONFIG_TIME) {
		config_quantity_text(row->type, row->least, least, sizeof least);
		config_quantity_text(row->type, row->most, most, sizeof most);
		buf_format(buf, "# From %s to %s.\n", least, most);
	}
}

void config_print(struct buf *buf)
{
	const char *section = "";
	buf_format(buf,
		"# Settings of 'hilf serve' %s. What is commented out is the default.\n"
		"# 'systemctl reload hilf' (SIGHUP) reads this file again; what needs a start to "
		"change says so.\n",
		HILF_VERSION);
	for (const struct config_row *row = config_rows; row->name; row++) {
		if (strcmp(section, row->section))
			buf_format(buf, "\n[%s]\n", row->section);
		section = row->section;
		buf_char(buf, '\n');
		struct buf text = BUF_INIT;
		buf_format(&text, "%c%s%s.%s",
			row->help[0] >= 'a' && row->help[0] <= 'z' ? row->help[0] - 32
								   : row->help[0],
			row->help + 1, row->type == CONFIG_FLAG ? " (yes or no)" : "",
			row->reload ? "" : " Needs a start.");
		if (text.failed)
			buf->failed = true;
		else
			comment(buf, text.data);
		buf_free(&text);
		print_bounds(buf, row);
		buf_format(buf, "#%s =%s%s\n", row->name, *row->standard ? " " : "", row->standard);
	}
}
