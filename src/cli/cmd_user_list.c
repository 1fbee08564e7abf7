/* hilf user list: everybody who may sign in, by name. */
#include "cli/list.h"
#include "cli/options.h"
#include "cli/registry.h"
#include "cli/user_view.h"
#include "os/clock.h"

static int take(const struct person *person, void *ctx)
{
	struct list *list = ctx;
	list->count++;
	if (list->cli->json) {
		user_view_json(&list->cli->out.buf, person, NULL, NULL);
		out_settle(&list->cli->out);
		return 0;
	}
	table_text(&list->table, person->name);
	table_plain(&list->table, role_name(person->role));
	table_plain(&list->table, user_view_state(person, clock_now_ms()));
	list_texts(list, person->banks, person->bank_count, "all");
	table_plain(&list->table, person->language);
	list_day(list, person->created_ms);
	table_plain(&list->table, person->id);
	return 0;
}

static int each(struct list *list, struct hilf_err *err)
{
	return person_each(list->cli->hilf, take, list, err);
}

static int run(struct cli *cli, const struct arguments *arguments)
{
	static const char *const headings[] = {
		"name", "role", "state", "banks", "language", "created", "id", NULL};
	(void)arguments;
	return list_run(
		cli, &(struct list_spec){headings, each,
			     "nobody was invited yet; 'hilf user create NAME --role ROLE' does"});
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
