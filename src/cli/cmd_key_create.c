/* hilf key create: an API key, shown once. */
#include "base/when.h"
#include "cli/cli.h"
#include "cli/key_view.h"
#include "cli/options.h"
#include "cli/registry.h"
#include "os/clock.h"
#include "os/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY_FILE_MAX 4096u

static int read_number(const struct arguments *arguments, const char *name, uint64_t most,
	uint64_t *ret_number, struct hilf_err *err)
{
	const char *text = arguments_value(arguments, name);
	char option[40];
	snprintf(option, sizeof option, "--%s", name);
	return text ? number_parse(option, text, 1, most, ret_number, err) : 0;
}

static int read_info(const struct arguments *arguments, struct key_info *info, const char **banks,
	struct hilf_err *err)
{
	const char *role = arguments_value(arguments, "role");
	const char *expires = arguments_value(arguments, "expires");
	uint64_t rate = 0;
	snprintf(info->name, sizeof info->name, "%s", arguments->operands[0]);
	for (const char *bank; (bank = arguments_nth(arguments, "bank", info->bank_count));)
		banks[info->bank_count++] = bank;
	info->banks = banks;
	int rc = role_parse(role, &info->role, err);
	if (!rc && expires)
		rc = when_parse_expiry(
			"--expires", expires, clock_now_ms(), &info->expires_ms, err);
	if (!rc)
		rc = read_number(arguments, "rate", KEY_RATE_MAX, &rate, err);
	if (!rc)
		rc = read_number(arguments, "quota", KEY_QUOTA_MAX, &info->quota_per_day, err);
	info->rate_per_s = (uint32_t)rate;
	return rc;
}

/* A bank may come after its key; more often its name is mistyped. */
static void note_banks(struct cli *cli, const struct key_info *info)
{
	struct hilf_bank bank;
	struct hilf_err err;
	for (size_t i = 0; i < info->bank_count; i++)
		if (hilf_bank_get(cli->hilf, info->banks[i], &bank, &err) == HILF_E_NOT_FOUND)
			cli_note(cli,
				"there is no bank '%s' yet; until there is, the key is of no use "
				"for it",
				info->banks[i]);
}

/* The key of another node, in a file of its own, alone but for blanks around it. */
static int adopt(struct cli *cli, const struct key_info *info, const char *held_by,
	const char *path, char ret_key[KEY_TEXT_MAX], struct key_info *ret_made,
	struct hilf_err *err)
{
	struct buf text = BUF_INIT;
	int rc = file_read(path, KEY_FILE_MAX, &text, err);
	while (!rc && text.size && strchr(" \t\r\n", text.data[text.size - 1]))
		text.size--;
	if (!rc)
		rc = key_adopt(cli->hilf, info, held_by, text.size ? text.data : "", text.size,
			ret_made, err);
	if (!rc)
		snprintf(ret_key, KEY_TEXT_MAX, "%.*s", (int)text.size, text.data);
	buf_free(&text);
	return rc;
}

static int create(
	struct cli *cli, const struct key_info *info, const char *held_by, const char *same_as)
{
	char key[KEY_TEXT_MAX];
	struct key_info made;
	struct hilf_err err = {0};
	int status = cli_open(cli, CLI_WRITE | CLI_CREATE, "key create");
	if (status)
		return status;
	if (same_as ? adopt(cli, info, held_by, same_as, key, &made, &err)
		    : key_create(cli->hilf, info, held_by, key, &made, &err))
		return cli_fail(cli, &err);
	if (cli->json) {
		key_view_json(&cli->out.buf, &made, key);
	} else {
		buf_format(&cli->out.buf, "%s\n", key);
		cli_note(cli,
			"that is the key of '%s'; it is kept nowhere, so put it where it is used; "
			"'hilf key revoke %s' ends it",
			made.name, made.id);
	}
	note_banks(cli, info);
	if (held_by && !made.holder.able)
		cli_note(cli, "'%s' has not enrolled yet; until they have, the key is refused",
			made.holder.name);
	memset(key, 0, sizeof key);
	return STATUS_FINE;
}

static int run(struct cli *cli, const struct arguments *arguments)
{
	struct key_info info = {.name = ""};
	struct hilf_err err = {0};
	const char *banks[KEY_BANKS_MAX];
	if (!arguments_value(arguments, "role"))
		return cli_usage(cli, "say what the key may do: --role checker, curator, reviewer, "
				      "operator or auditor");
	if (arguments_count(arguments, "bank") > KEY_BANKS_MAX)
		return cli_usage(cli, "a key is limited to %d banks at most", KEY_BANKS_MAX);
	if (strlen(arguments->operands[0]) > KEY_NAME_MAX)
		return cli_usage(cli, "a key's name is UTF-8 of %d bytes at most", KEY_NAME_MAX);
	if (read_info(arguments, &info, banks, &err))
		return cli_usage(cli, "%s", err.text);
	return create(cli, &info, arguments_value(arguments, "held-by"),
		arguments_value(arguments, "same-as"));
}

static const char *const usage[] = {
	"NAME --role ROLE [--held-by USER] [--bank BANK]... [OPTION]...", NULL};
static const char *const roles[] = {"checker", "curator", "reviewer", "operator", "auditor", NULL};

static const struct option_spec options[] = {
	{.name = "role",
		.value = "ROLE",
		.completes = COMPLETES_CHOICE,
		.choices = roles,
		.summary = "what it may do"},
	{.name = "bank",
		.value = "BANK",
		.completes = COMPLETES_BANK,
		.repeats = true,
		.summary = "a bank that it is limited to; all if none is named"},
	{.name = "held-by",
		.value = "USER",
		.summary = "the person whose key it is; a machine's if nobody is named"},
	{.name = "same-as",
		.value = "FILE",
		.completes = COMPLETES_FILE,
		.summary =
			"take the key in this file, which another node made, so that both know it"},
	{.name = "expires",
		.value = "WHEN",
		.summary = "when it ends: a day such as 2027-05-31, a duration such as 90d"},
	{.name = "rate",
		.value = "N",
		.summary = "requests a second; what the node has set if not said"},
	{.name = "quota", .value = "N", .summary = "checks a day; no limit if not said"},
	{0},
};

static const struct operand_spec operands[] = {{.name = "NAME"}, {0}};

static const struct example examples[] = {
	{"key create 'upload servers' --role checker", "For what asks at upload."},
	{"key create 'trust and safety' --role curator --bank known --expires 365d",
		"For people who fill one bank, for a year."},
	{"key create 'my tools' --role reviewer --held-by amal",
		"Amal's: what it decides, Amal decided."},
	{"key create uploads --role checker --same-as uploads.key",
		"On a second node: the key of the first, for who asks either."},
	{0},
};

const struct command command_key_create = {
	.name = "create",
	.summary = "make an API key and show it once",
	.usage = usage,
	.description =
		"Makes a key for the API of 'hilf serve' and prints it. hilf keeps a digest of it "
		"alone: what is lost cannot be shown again. NAME is what people call it.\n\n"
		"A checker compares content with what is known. A curator also adds, changes and "
		"withdraws entries, gives opinions and makes banks. A reviewer reads entries and "
		"recorded checks, gives opinions and withdraws. An operator may do everything, "
		"keys "
		"and webhooks included. An auditor reads everything but who uploaded, and changes "
		"nothing.\n\n"
		"A key that somebody holds acts as that person: where another one is asked for "
		"than "
		"decided, their key is not another. It never does more than they may, and is "
		"refused while they are disabled; who holds it never changes. A key that nobody "
		"holds is a machine's: what it decides is automated, and it judges no appeal and "
		"is nobody's second.",
	.options = options,
	.operands = operands,
	.examples = examples,
	.run = run,
};
