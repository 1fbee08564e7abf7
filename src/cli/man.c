/* The man page of a command, in man(7) as groff and mandoc read it. A page's name joins the words with dashes, as git's
 * do: hilf-bank-create(1). */
#include "cli/help.h"

#include "hilf.h"

#include <string.h>

/* Text of a paragraph: a backslash, a dash, and a point or quote that begins a line mean something to roff. */
static void text(struct buf *buf, const char *from, size_t size)
{
	bool begins = true;
	for (const char *end = from + size; from < end; from++) {
		if (begins && (*from == '.' || *from == '\''))
			buf_text(buf, "\\&");
		begins = *from == '\n';
		if (*from == '\\')
			buf_text(buf, "\\e");
		else if (*from == '-')
			buf_text(buf, "\\-");
		else if (*from == '\'')
			buf_text(buf, "\\(aq");
		else
			buf_char(buf, *from);
	}
}

static void words(struct buf *buf, const char *from)
{
	text(buf, from, strlen(from));
}

static void paragraphs(struct buf *buf, const char *from)
{
	while (from && *from) {
		const char *end = strstr(from, "\n\n");
		size_t size = end ? (size_t)(end - from) : strlen(from);
		bool kept = !strncmp(from, "  ", 2);
		buf_text(buf, kept ? ".PP\n.nf\n" : ".PP\n");
		text(buf, from, size);
		buf_text(buf, kept ? "\n.fi\n" : "\n");
		from = end ? end + 2 : NULL;
	}
}

static void options(struct buf *buf, const char *heading, const struct option_spec *option)
{
	bool headed = false;
	for (; option && option->name; option++) {
		struct buf summary = BUF_INIT;
		if (option->hidden)
			continue;
		if (!headed)
			buf_format(buf, ".SH %s\n", heading);
		headed = true;
		buf_text(buf, ".TP\n\\fB");
		if (option->letter)
			buf_format(buf, "\\-%c\\fR, \\fB", option->letter);
		buf_text(buf, "\\-\\-");
		words(buf, option->name);
		buf_text(buf, "\\fR");
		if (option->value) {
			buf_text(buf, " \\fI");
			words(buf, option->value);
			buf_text(buf, "\\fR");
		}
		buf_char(buf, '\n');
		buf_text(&summary, option->summary);
		help_choices(&summary, option);
		if (summary.failed)
			buf->failed = true;
		else
			words(buf, summary.data);
		buf_char(buf, '\n');
		buf_free(&summary);
	}
}

/* "hilf-bank-create" for "bank create". */
static void page_name(char *ret_name, size_t room, const struct command *command)
{
	char path[COMMAND_PATH_MAX];
	command_path(command, path, sizeof path);
	ret_name[0] = '\0';
	strncat(ret_name, "hilf", room - 1);
	if (*path)
		strncat(ret_name, "-", room - strlen(ret_name) - 1);
	for (char *c = path; *c; c++)
		if (*c == ' ')
			*c = '-';
	strncat(ret_name, path, room - strlen(ret_name) - 1);
}

static void synopsis(struct buf *buf, const struct command *command)
{
	char path[COMMAND_PATH_MAX];
	command_path(command, path, sizeof path);
	buf_text(buf, ".SH SYNOPSIS\n.nf\n");
	for (const char *const *line = command->usage; *line; line++) {
		buf_format(buf, "\\fBhilf%s%s\\fR ", *path ? " " : "", path);
		words(buf, *line);
		buf_char(buf, '\n');
	}
	buf_text(buf, ".fi\n");
}

static void see(struct buf *buf, const struct command *command, const char *before)
{
	char name[COMMAND_PATH_MAX + 8];
	page_name(name, sizeof name, command);
	buf_format(buf, "%s.BR ", before);
	words(buf, name);
	buf_text(buf, " (1)");
}

static void see_also(struct buf *buf, const struct command *command)
{
	const char *before = "";
	buf_text(buf, ".SH SEE ALSO\n");
	if (command != &cli_root) {
		see(buf, &cli_root, before);
		before = ",\n";
	}
	for (const struct command *const *child = command->children; child && *child;
		child++, before = ",\n")
		see(buf, *child, before);
	buf_char(buf, '\n');
}

static const char environment[] =
	".SH ENVIRONMENT\n"
	".TP\n\\fBHILF_DATA\\fR\nThe data folder, where \\fB\\-\\-data\\fR does not name it.\n"
	".TP\n\\fBXDG_DATA_HOME\\fR\nWithout either, the data is in \\fI$XDG_DATA_HOME/hilf\\fR, "
	"or in "
	"\\fI~/.local/share/hilf\\fR.\n"
	".TP\n\\fBHILF_HELPERS\\fR\nThe folder of hilf's helper programs, where they are not "
	"beside it.\n";

void man_command(struct buf *buf, const struct command *command)
{
	char name[COMMAND_PATH_MAX + 8], upper[COMMAND_PATH_MAX + 8];
	page_name(name, sizeof name, command);
	memcpy(upper, name, sizeof upper);
	for (char *c = upper; *c; c++)
		if (*c >= 'a' && *c <= 'z')
			*c = (char)(*c - 'a' + 'A');
	buf_format(buf,
		".\\\" Made by 'hilf help --man' from the table of commands.\n.TH %s 1 \"\" \"hilf "
		"%s\" "
		"\"hilf manual\"\n.SH NAME\n",
		upper, HILF_VERSION);
	words(buf, name);
	buf_text(buf, " \\- ");
	words(buf, command->summary);
	buf_char(buf, '\n');
	synopsis(buf, command);
	buf_text(buf, ".SH DESCRIPTION\n");
	paragraphs(buf, command->description);
	if (command->children) {
		buf_text(buf, ".SH COMMANDS\n");
		for (const struct command *const *child = command->children; *child; child++) {
			buf_format(buf, ".TP\n\\fB%s\\fR\n", (*child)->name);
			words(buf, (*child)->summary);
			buf_char(buf, '\n');
		}
	}
	if (command != &cli_root)
		options(buf, "OPTIONS", command_options(command));
	options(buf, "OPTIONS OF EVERY COMMAND", cli_root.options);
	if (command->examples) {
		buf_text(buf, ".SH EXAMPLES\n");
		for (const struct example *example = command->examples; example->line; example++) {
			buf_text(buf, ".TP\n\\fBhilf ");
			words(buf, example->line);
			buf_text(buf, "\\fR\n");
			words(buf, example->what);
			buf_char(buf, '\n');
		}
	}
	buf_text(buf, ".SH EXIT STATUS\n");
	paragraphs(buf, command->statuses ? command->statuses
					  : "0 when it is done, 2 when there was trouble.");
	if (command == &cli_root)
		buf_text(buf, environment);
	see_also(buf, command);
}
