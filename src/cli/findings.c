/* Problems come as they are found, so that a long check shows that it lives. */
#include "cli/findings.h"

#include "wire/json.h"

#include <string.h>

static const char *const headings[] = {"level", "what", "finding"};

void findings_begin(struct findings *findings, struct cli *cli)
{
	*findings = (struct findings){.cli = cli};
	table_init(&findings->table, &cli->out, cli->out_is_terminal, headings, 3);
}

int findings_take(const char *level, const char *what, const char *text, void *ctx)
{
	struct findings *findings = ctx;
	struct buf *buf = &findings->cli->out.buf;
	findings->problems += !strcmp(level, "problem");
	findings->warnings += !strcmp(level, "warning");
	if (findings->cli->json) {
		buf_char(buf, '{');
		cli_json_text(buf, "level", level);
		cli_json_text(buf, "what", what);
		cli_json_text(buf, "text", text);
		buf_text(buf, "}\n");
		out_settle(&findings->cli->out);
	} else {
		table_text(&findings->table, level);
		table_text(&findings->table, what);
		table_text(&findings->table, text);
	}
	return cli_stopped() ? HILF_E_STOPPED : 0;
}

void findings_end(struct findings *findings)
{
	table_end(&findings->table);
}
