/* The ground under the commands: where the data is, who hears of trouble, and how to be asked to stop. */
#include "cli/cli.h"

#include "base/err.h"
#include "base/nearest.h"
#include "base/utf8.h"
#include "wire/json.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Room for a sentence of the library and a path of PATH_MAX with every byte escaped. */
#define LINE_MAX_SIZE (8 * 1024)

void cli_free(struct cli *cli)
{
	hilf_close(cli->hilf);
	cli->hilf = NULL;
	free(cli->data_dir_made);
	free(cli->helper_dir_made);
	buf_free(&cli->out.buf);
}

static void say(struct cli *cli, const char *format, va_list arguments)
{
	char plain[LINE_MAX_SIZE], line[4 * LINE_MAX_SIZE];
	vsnprintf(plain, sizeof plain, format, arguments);
	utf8_printable(plain, strlen(plain), line, sizeof line);
	/* Rows before it first: both streams may go to one file. */
	out_flush(&cli->out);
	progress_hide(&cli->progress);
	fprintf(stderr, "hilf: %s\n", line);
}

void cli_say(struct cli *cli, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	say(cli, format, arguments);
	va_end(arguments);
}

void cli_note(struct cli *cli, const char *format, ...)
{
	va_list arguments;
	if (cli->quiet)
		return;
	va_start(arguments, format);
	say(cli, format, arguments);
	va_end(arguments);
}

int cli_usage(struct cli *cli, const char *format, ...)
{
	char path[COMMAND_PATH_MAX];
	va_list arguments;
	va_start(arguments, format);
	say(cli, format, arguments);
	va_end(arguments);
	command_path(cli->command, path, sizeof path);
	fprintf(stderr, "hilf: 'hilf %s%s--help' says more\n", path, *path ? " " : "");
	return STATUS_TROUBLE;
}

int cli_fail(struct cli *cli, const struct hilf_err *err)
{
	cli_say(cli, "%s", err->text);
	return STATUS_TROUBLE;
}

static int try_bank(const struct hilf_bank *bank, void *ctx)
{
	struct nearest *nearest = ctx;
	char *name = strdup(bank->name);
	if (!name)
		return HILF_E_STOPPED;
	const char *before = nearest->best;
	nearest_try(nearest, name);
	free(nearest->best == before ? name : (char *)before);
	return 0;
}

int cli_fail_bank(struct cli *cli, const char *bank, const struct hilf_err *err)
{
	struct nearest nearest;
	if (err->code != HILF_E_NOT_FOUND)
		return cli_fail(cli, err);
	nearest_init(&nearest, bank);
	hilf_bank_each(cli->hilf, try_bank, &nearest, NULL);
	if (nearest.best)
		cli_say(cli, "there is no bank '%s'; did you mean '%s'? 'hilf bank list' shows all",
			bank, nearest.best);
	else
		cli_say(cli,
			"there is no bank '%s'; 'hilf bank list' shows all, 'hilf bank create "
			"NAME' makes one",
			bank);
	free((char *)nearest.best);
	return STATUS_TROUBLE;
}

int cli_options(
	struct cli *cli, unsigned how, const char *activity, struct hilf_options *ret_options)
{
	if (!cli->data_dir) {
		cli_say(cli, "no data folder: HOME is not set; say --data DIR, or set HILF_DATA");
		return STATUS_TROUBLE;
	}
	*ret_options = (struct hilf_options){
		.abi = HILF_ABI,
		.data_dir = cli->data_dir,
		.helper_dir = how & (CLI_DECODE | CLI_WRITE) ? cli->helper_dir : NULL,
		.read_only = !(how & CLI_WRITE),
		.create = how & CLI_CREATE,
		.no_index = !(how & CLI_INDEX),
		.insecure_decode = cli->insecure_decode,
		.activity = activity,
	};
	return 0;
}

static int no_helpers(struct cli *cli)
{
	cli_say(cli,
		"hilf's helper programs are not where they belong, beside hilf or in '%s'; install "
		"hilf whole ('make install')",
		HILF_LIBEXECDIR);
	return STATUS_TROUBLE;
}

int cli_open(struct cli *cli, unsigned how, const char *activity)
{
	struct hilf_options options;
	struct hilf_err err = {0};
	int rc = cli_options(cli, how, activity, &options);
	if (rc)
		return rc;
	if (how & (CLI_DECODE | CLI_WRITE) && !cli->helper_dir)
		return no_helpers(cli);
	rc = hilf_open(&options, &cli->hilf, &err);
	struct stat status;
	if (rc && stat(cli->data_dir, &status) == 0 && !S_ISDIR(status.st_mode)) {
		cli_say(cli,
			"'%s' is no folder, so no data can be in it; name another with --data DIR",
			cli->data_dir);
		return STATUS_TROUBLE;
	}
	if (rc == HILF_E_NOT_FOUND && !(how & CLI_CREATE)) {
		cli_say(cli,
			"there is no data in '%s' yet; 'hilf bank create NAME' begins it, --data "
			"DIR names "
			"another place",
			cli->data_dir);
		return STATUS_TROUBLE;
	}
	/* The library names the place; what to do is the same wherever no right was found. */
	if (rc && (err.sys == EACCES || err.sys == EPERM) && !strstr(err.text, "--data")) {
		cli_say(cli,
			"%s; run as one who has the right, or name another place with --data DIR",
			err.text);
		return STATUS_TROUBLE;
	}
	return rc ? cli_fail(cli, &err) : 0;
}

int cli_open_decoder(struct cli *cli)
{
	struct hilf_options options;
	struct hilf_err err = {0};
	int rc = cli_options(cli, CLI_DECODE, "hash", &options);
	if (rc)
		return rc;
	if (!cli->helper_dir)
		return no_helpers(cli);
	options.data_dir = NULL;
	return hilf_open(&options, &cli->hilf, &err) == 0 ? 0 : cli_fail(cli, &err);
}

static atomic_int stop_signal; /* lock-free, so a handler may write and any thread read it */

static void on_signal(int number)
{
	stop_signal = number;
}

void cli_catch_signals(void)
{
	/* Without SA_RESTART, so that a wait for input ends; with SA_RESETHAND, so that the second one kills. */
	struct sigaction stop = {.sa_handler = on_signal, .sa_flags = SA_RESETHAND};
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	sigemptyset(&stop.sa_mask);
	/* Whoever started hilf may have said that Ctrl-C is not for it, as shells do for what runs behind. */
	struct sigaction before;
	if (sigaction(SIGINT, NULL, &before) != 0 || before.sa_handler != SIG_IGN)
		sigaction(SIGINT, &stop, NULL);
	sigaction(SIGTERM, &stop, NULL);
	/* A reader that is gone shows as EPIPE where we write, and what is half done can be ended well. */
	sigaction(SIGPIPE, &ignore, NULL);
	/* So does a limit on the size of files, as EFBIG. */
	sigaction(SIGXFSZ, &ignore, NULL);
}

bool cli_stopped(void)
{
	return stop_signal != 0;
}

int cli_stop_signal(void)
{
	return stop_signal;
}

void cli_json_text(struct buf *buf, const char *key, const char *text)
{
	size_t size = strlen(text);
	struct buf clean = BUF_INIT;
	char hex_key[64];
	if (utf8_valid(text, size)) {
		json_put_key(buf, key);
		json_put_string(buf, text, size);
		return;
	}
	for (size_t at = 0; at < size;) {
		uint32_t code;
		size_t step = utf8_next(text + at, size - at, &code);
		if (step)
			buf_add(&clean, text + at, step);
		else
			buf_text(&clean, "\xef\xbf\xbd");
		at += step ? step : 1;
	}
	if (clean.failed) {
		buf->failed = true;
	} else {
		snprintf(hex_key, sizeof hex_key, "%s_hex", key);
		json_put_key(buf, key);
		json_put_string(buf, clean.data, clean.size);
		json_put_key(buf, hex_key);
		buf_char(buf, '"');
		buf_hex(buf, text, size);
		buf_char(buf, '"');
	}
	buf_free(&clean);
}

void cli_json_content(struct buf *buf, const struct hilf_content *content, const char *trouble)
{
	const char *code = content ? content->reason_code : "unreadable";
	const char *reason = content ? content->reason : trouble;
	if (content && content->format[0]) {
		json_put_key(buf, "format");
		json_put_text(buf, content->format);
	}
	if (content && content->width) {
		json_put_key(buf, "width");
		json_put_integer(buf, content->width);
		json_put_key(buf, "height");
		json_put_integer(buf, content->height);
	}
	if (content && content->decided)
		return;
	json_put_key(buf, "undecided");
	buf_char(buf, '{');
	json_put_key(buf, "code");
	json_put_text(buf, code);
	cli_json_text(buf, "reason", reason);
	buf_char(buf, '}');
}

void cli_json_labels(struct buf *buf, const struct hilf_label *labels, size_t count)
{
	json_put_key(buf, "labels");
	buf_char(buf, '{');
	for (size_t i = 0; i < count; i++) {
		json_put_key(buf, labels[i].key);
		json_put_text(buf, labels[i].value);
	}
	buf_char(buf, '}');
}

void cli_labels_text(struct buf *buf, const struct hilf_label *labels, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (i)
			buf_char(buf, ' ');
		buf_text(buf, labels[i].key);
		buf_char(buf, '=');
		buf_text(buf, labels[i].value);
	}
}

int cli_signal_parse(const char *text, struct hilf_signal *ret_signal, struct hilf_err *err)
{
	const char *colon = strchr(text, ':');
	char type[16];
	if (!colon || (size_t)(colon - text) >= sizeof type)
		return err_set(err, HILF_E_INVALID,
			"a signal is TYPE:VALUE, such as pdq: and 64 hexadecimal digits, not "
			"'%.80s'",
			text);
	memcpy(type, text, (size_t)(colon - text));
	type[colon - text] = '\0';
	return hilf_signal_parse(type, colon + 1, ret_signal, err);
}
