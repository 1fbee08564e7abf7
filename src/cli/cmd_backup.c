/* hilf backup: store and key into a folder, while others write. */
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/registry.h"
#include "engine/vault.h"
#include "wire/json.h"

/* Whoever relies on the backup for them must know it now. */
static void say_vault(struct cli *cli)
{
	struct vault_state state;
	struct hilf_err err;
	if (vault_state(cli->hilf, &state, &err) == 0 && state.count)
		cli_note(cli,
			"it holds %llu preview%s of the vault, sealed, and not their key: keep a "
			"copy "
			"of '%s/vault.key' somewhere else, or they cannot be seen after a restore",
			(unsigned long long)state.count, state.count == 1 ? "" : "s",
			cli->data_dir);
}

static int run(struct cli *cli, const struct arguments *arguments)
{
	const char *to = arguments->operands[0];
	struct hilf_err err = {0};
	int status = cli_open(cli, CLI_READ, "backup");
	if (status)
		return status;
	if (hilf_backup(cli->hilf, to, &err))
		return cli_fail(cli, &err);
	if (cli->json) {
		struct buf *buf = &cli->out.buf;
		buf_char(buf, '{');
		json_put_key(buf, "backup");
		json_put_text(buf, to);
		buf_text(buf, "}\n");
		return STATUS_FINE;
	}
	cli_note(cli,
		"the backup '%s' is made and checked; it holds the node's key, so keep it where "
		"nobody else can read it",
		to);
	say_vault(cli);
	return STATUS_FINE;
}

static const char *const usage[] = {"DIR", NULL};
static const struct operand_spec operands[] = {{"DIR", COMPLETES_DIR}, {0}};
static const struct example examples[] = {
	{"backup /backup/hilf-$(date +%F)", "A folder a day."},
	{0},
};

const struct command command_backup = {
	.name = "backup",
	.summary = "write a checked copy of data and key into a new folder",
	.usage = usage,
	.description =
		"Copies the store as it is at one moment, and the node's key, into DIR, which must "
		"not "
		"be there. Whoever reads and writes meanwhile goes on. Every record of the copy is "
		"verified before DIR gets its name, so a folder of that name is a whole backup.\n\n"
		"Previews of the vault are in it, sealed; the key that opens them, vault.key, is "
		"not, so that no backup holds pictures.\n\n"
		"The snapshot of the index is no part of it; it is made anew. 'hilf restore' makes "
		"a "
		"data folder from it.",
	.operands = operands,
	.examples = examples,
	.run = run,
};
