/* hilf vault show: what the vault holds. */
#include "base/when.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/registry.h"
#include "engine/vault.h"
#include "wire/json.h"

static void put_json(struct buf *buf, const struct vault_state *state)
{
	buf_char(buf, '{');
	json_put_key(buf, "on");
	buf_text(buf, state->on ? "true" : "false");
	json_put_key(buf, "previews");
	json_put_integer(buf, (int64_t)state->count);
	json_put_key(buf, "bytes");
	json_put_integer(buf, (int64_t)state->size);
	json_put_key(buf, "locked");
	json_put_integer(buf, (int64_t)state->locked_count);
	json_put_key(buf, "views");
	json_put_integer(buf, (int64_t)state->view_count);
	json_put_key(buf, "last_until_ms");
	json_put_integer(buf, state->last_until_ms);
	json_put_key(buf, "key");
	buf_text(buf, state->has_key ? "true" : "false");
	json_put_key(buf, "trouble");
	json_put_text(buf, state->why);
	buf_text(buf, "}\n");
}

static void put_row(struct table *table, const char *what, uint64_t number, const char *meaning)
{
	table_plain(table, what);
	table_number(table, number);
	table_plain(table, meaning);
}

static int run(struct cli *cli, const struct arguments *arguments)
{
	static const char *const headings[] = {"what", ">number", "meaning"};
	char last[WHEN_TEXT_SIZE] = "";
	struct vault_state state;
	struct hilf_err err = {0};
	struct table table;
	(void)arguments;
	int status = cli_open(cli, CLI_READ, NULL);
	if (status)
		return status;
	if (vault_state(cli->hilf, &state, &err))
		return cli_fail(cli, &err);
	if (cli->json) {
		put_json(&cli->out.buf, &state);
		return STATUS_FINE;
	}
	table_init(&table, &cli->out, cli->out_is_terminal, headings, 3);
	put_row(&table, "on", state.on, "whether previews are kept");
	put_row(&table, "previews", state.count, "kept now");
	put_row(&table, "bytes", state.size, "of their JPEGs");
	put_row(&table, "locked", state.locked_count, "sealed with a key that is not in vault.key");
	put_row(&table, "views", state.view_count, "recorded");
	table_end(&table);
	if (state.last_until_ms) {
		when_format_day(state.last_until_ms, last);
		cli_note(cli, "the last of them goes on %s", last);
	}
	if (*state.why)
		cli_say(cli, "%s", state.why);
	return state.locked_count || *state.why ? STATUS_TROUBLE : STATUS_FINE;
}

static const char *const usage[] = {"", NULL};

const struct command command_vault_show = {
	.name = "show",
	.summary = "say what the vault holds",
	.usage = usage,
	.description =
		"Prints in numbers what is kept. What is locked was sealed with a key that is not "
		"here: it can be seen again when vault.key is put back as it was, and goes "
		"unseen otherwise.",
	.statuses = "0 when all can be seen, 2 when something is locked or the key cannot be used.",
	.run = run,
};
