/* hilf version: which program and which library. */
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/registry.h"
#include "wire/json.h"

static int run(struct cli *cli, const struct arguments *arguments)
{
	struct buf *buf = &cli->out.buf;
	(void)arguments;
	if (!cli->json) {
		buf_format(buf, "hilf %s, libhilf %s\n", HILF_VERSION, hilf_version());
		return STATUS_FINE;
	}
	buf_char(buf, '{');
	json_put_key(buf, "version");
	json_put_text(buf, HILF_VERSION);
	json_put_key(buf, "library");
	json_put_text(buf, hilf_version());
	json_put_key(buf, "abi");
	json_put_integer(buf, HILF_ABI);
	buf_text(buf, "}\n");
	return STATUS_FINE;
}

static const char *const usage[] = {"", NULL};

const struct command command_version = {
	.name = "version",
	.summary = "say which hilf this is",
	.usage = usage,
	.description = "Prints the version of the program and of the library it runs with.",
	.run = run,
};
