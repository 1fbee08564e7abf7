/* hilf user list: everybody who may sign in, by name. */
#include "base/when.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/registry.h"
#include "cli/user_view.h"
#include "os/clock.h"

struct list {
	struct cli *cli;
	struct table table;
	unsigned count;
};

static void put_banks(struct table *table, const struct person *person)
{
	struct buf buf = BUF_INIT;
	for (size_t i = 0; i < person->bank_count; i++)
		buf_format(&buf, "%s%s", i ? "," : "", person->banks[i]);
	table_text(table, person->bank_count && !buf.failed ? buf.data : "all");
	buf_free(&buf);
}

static int take(const struct person *person, void *ctx)
{
	struct list *list = ctx;
	char day[WHEN_TEXT_SIZE];
	list->count++;
	if (list->cli->json) {
		user_view_json(&list->cli->out.buf, person, NULL, NULL);
		out_settle(&list->cli->out);
		return 0;
	}
	when_format_day(person->created_ms, day);
	table_text(&list->table, person->name);
	table_plain(&list->table, role_name(person->role));
	table_plain(&list->table, user_view_state(person, clock_now_ms()));
	put_banks(&list->table, person);
	table_plain(&list->table, person->language);
	table_plain(&list->table, day);
	table_plain(&list->table, person->id);
	return 0;
}

static int run(struct cli *cli, const struct arguments *arguments)
{
	static const char *const headings[] = {
		"name", "role", "state", "banks", "language", "created", "id"};
	struct list list = {.cli = cli};
	struct hilf_err err = {0};
	(void)arguments;
	int status = cli_open(cli, CLI_READ, NULL);
	if (status)
		return status;
	table_init(&list.table, &cli->out, cli->out_is_terminal, headings, 7);
	int rc = person_each(cli->hilf, take, &list, &err);
	table_end(&list.table);
	if (rc)
		return cli_fail(cli, &err);
	if (!list.count)
		cli_note(cli, "nobody was invited yet; 'hilf user create NAME --role ROLE' does");
	return STATUS_FINE;
}

static const char *const usage[] = {"", NULL};

const struct command command_user_list = {
	.name = "list",
	.summary = "list who may sign in to the console",
	.usage = usage,
	.description =
		"Prints a line for each person: name, role, state, the banks that they are limited "
		"to, language, the day on which they were invited first, and id. The state is "
		"'invited' until they enrolled, 'lapsed' where they did not in time, 'active' or "
		"'disabled'.",
	.run = run,
};
