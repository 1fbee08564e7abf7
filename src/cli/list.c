/* What all lists have in common. */
#include "cli/list.h"

#include "base/when.h"

int list_run(struct cli *cli, const struct list_spec *spec)
{
	struct list list = {.cli = cli};
	struct hilf_err err = {0};
	unsigned columns = 0;
	int status = cli_open(cli, CLI_READ, NULL);
	if (status)
		return status;
	while (spec->headings[columns])
		columns++;
	table_init(&list.table, &cli->out, cli->out_is_terminal, spec->headings, columns);
	int rc = spec->each(&list, &err);
	table_end(&list.table);
	if (rc)
		return cli_fail(cli, &err);
	if (!list.count)
		cli_note(cli, "%s", spec->none);
	return STATUS_FINE;
}

void list_texts(struct list *list, const char *const *items, size_t count, const char *none)
{
	struct buf buf = BUF_INIT;
	for (size_t i = 0; i < count; i++)
		buf_format(&buf, "%s%s", i ? "," : "", items[i]);
	table_text(&list->table, count && !buf.failed ? buf.data : none);
	buf_free(&buf);
}

void list_day(struct list *list, int64_t time_ms)
{
	char day[WHEN_TEXT_SIZE] = "";
	if (time_ms)
		when_format_day(time_ms, day);
	table_plain(&list->table, day);
}
