/* hilf restore: a data folder from a backup. */
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/registry.h"
#include "engine/vault.h"
#include "wire/json.h"

/* How many previews cannot be seen, because their key is in no backup. What fails here fails again, and aloud, with the
 * next command. */
static uint64_t count_locked(const struct hilf_options *restored)
{
	struct hilf_options options = *restored;
	struct vault_state state = {.locked_count = 0};
	struct hilf *hilf = NULL;
	options.read_only = true;
	options.create = false;
	options.no_index = true;
	options.helper_dir = NULL;
	if (hilf_open(&options, &hilf, NULL) == 0)
		vault_state(hilf, &state, NULL);
	hilf_close(hilf);
	return state.locked_count;
}

static int run(struct cli *cli, const struct arguments *arguments)
{
	const char *from = arguments->operands[0];
	struct hilf_options options;
	struct hilf_err err = {0};
	int status = cli_options(cli, CLI_WRITE, "restore", &options);
	if (status)
		return status;
	if (hilf_restore(from, options.data_dir, &err))
		return cli_fail(cli, &err);
	uint64_t locked = count_locked(&options);
	if (cli->json) {
		struct buf *buf = &cli->out.buf;
		buf_char(buf, '{');
		json_put_key(buf, "data");
		json_put_text(buf, options.data_dir);
		if (locked) {
			json_put_key(buf, "locked_previews");
			json_put_integer(buf, (int64_t)locked);
		}
		buf_text(buf, "}\n");
		return STATUS_FINE;
	}
	cli_note(cli, "'%s' is as the backup '%s' was; what was written after it is not there",
		options.data_dir, from);
	if (locked)
		cli_say(cli,
			"%llu preview%s of the vault cannot be seen: the key is in no backup; put "
			"vault.key into '%s' as it was, or they go unseen at their time",
			(unsigned long long)locked, locked == 1 ? "" : "s", options.data_dir);
	return STATUS_FINE;
}

static const char *const usage[] = {"FROM", NULL};
static const struct operand_spec operands[] = {{"FROM", COMPLETES_DIR}, {0}};
static const struct example examples[] = {
	{"restore /backup/hilf-2026-11-21 --data /var/lib/hilf", "Begin again from a backup."},
	{0},
};

const struct command command_restore = {
	.name = "restore",
	.summary = "make the data folder from a backup",
	.usage = usage,
	.description =
		"Makes the data folder that --data names, in which there must be no data, from the "
		"backup in FROM, after verifying every record of it and the digest of every "
		"file.\n\n"
		"Two nodes must never write with the same key: restore where the first one is "
		"gone. "
		"Previews of the vault stay locked until its key, which no backup holds, is put "
		"back. "
		"Nodes that follow it and have records that the backup lacks must begin anew, with "
		"an "
		"empty folder.",
	.operands = operands,
	.examples = examples,
	.run = run,
};
