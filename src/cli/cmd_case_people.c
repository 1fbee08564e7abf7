/* hilf case people: who is behind the names of a case. Here alone, for whoever runs the node has to be able to answer for
 * what was decided on it. */
#include "cli/list.h"
#include "cli/options.h"
#include "cli/registry.h"
#include "engine/cases.h"
#include "engine/people.h"
#include "wire/json.h"

#include <stdio.h>
#include <string.h>

struct peopling {
	struct cli *cli;
	struct table table;
	struct hilf_err err;
	unsigned count;
};

/* The person's name where it is one who signs in; else "". */
static void name_of(struct peopling *peopling, const char *actor, char *ret_name, size_t room)
{
	static const char prefix[] = "user:";
	struct person person;
	struct hilf_err err;
	struct arena arena;
	*ret_name = '\0';
	if (strncmp(actor, prefix, sizeof prefix - 1) != 0)
		return;
	arena_init(&arena, 0);
	if (!person_get(peopling->cli->hilf, actor + sizeof prefix - 1, &arena, &person, &err))
		snprintf(ret_name, room, "%s", person.name);
	arena_clear(&arena);
}

static int take(const char *alias, const char *actor, void *ctx)
{
	struct peopling *peopling = ctx;
	struct buf *buf = &peopling->cli->out.buf;
	char name[PERSON_NAME_MAX + 1];
	name_of(peopling, actor, name, sizeof name);
	peopling->count++;
	if (peopling->cli->json) {
		buf_text(buf, "{\"alias\":");
		json_put_text(buf, alias);
		json_put_key(buf, "actor");
		json_put_text(buf, actor);
		json_put_key(buf, "name");
		if (*name)
			json_put_text(buf, name);
		else
			buf_text(buf, "null");
		buf_text(buf, "}\n");
		out_settle(&peopling->cli->out);
		return 0;
	}
	table_plain(&peopling->table, alias);
	table_text(&peopling->table, actor);
	table_text(&peopling->table, name);
	return 0;
}

static int run(struct cli *cli, const struct arguments *arguments)
{
	static const char *const headings[] = {"alias", "actor", "name"};
	struct peopling peopling = {.cli = cli};
	struct store_case row;
	struct arena arena;
	uint64_t id;
	if (number_parse("CASE", arguments->operands[0], 1, INT64_MAX, &id, &peopling.err))
		return cli_usage(cli, "%s", peopling.err.text);
	int status = cli_open(cli, CLI_READ, NULL);
	if (status)
		return status;
	arena_init(&arena, 0);
	int rc = case_get(cli->hilf, false, id, &arena, &row, &peopling.err);
	arena_clear(&arena);
	table_init(&peopling.table, &cli->out, cli->out_is_terminal, headings, 3);
	if (!rc)
		rc = case_people(cli->hilf, id, take, &peopling, &peopling.err);
	table_end(&peopling.table);
	if (rc)
		return cli_fail(cli, &peopling.err);
	if (!peopling.count)
		cli_note(cli, "nobody worked on it yet");
	return STATUS_FINE;
}

static const char *const usage[] = {"CASE", NULL};
static const struct operand_spec operands[] = {{"CASE", COMPLETES_NOTHING}, {0}};

const struct command command_case_people = {
	.name = "people",
	.summary = "tell who is behind the names of a case",
	.usage = usage,
	.description =
		"In a case each person has a random name, which is another one in the next case. "
		"This prints whose it is: the key or the user, and a user's name. No API tells it, "
		"and hilf makes no figure of it; look here where a decision has to be answered "
		"for.",
	.operands = operands,
	.run = run,
};
