/* Help for a terminal: 80 columns, whatever the terminal, so that it reads the same in a mail and in a test. */
#include "cli/help.h"

#include "hilf.h"

#include <string.h>

#define WIDTH  79
#define INDENT 2

void help_option_form(struct buf *buf, const struct option_spec *option)
{
	if (option->letter)
		buf_format(buf, "-%c, ", option->letter);
	buf_format(buf, "--%s", option->name);
	if (option->value)
		buf_format(buf, " %s", option->value);
}

void help_choices(struct buf *buf, const struct option_spec *option)
{
	const char *before = ": ", *name;
	if (option->completes == COMPLETES_CHOICE)
		for (size_t i = 0; option->choices[i]; i++, before = ", ")
			buf_format(buf, "%s%s", before, option->choices[i]);
	else if (option->completes == COMPLETES_CLASS)
		for (unsigned i = 0; (name = hilf_class_name(i)); i++, before = ", ")
			buf_format(buf, "%s%s", before, name);
}

static void blanks(struct buf *buf, size_t count)
{
	while (count--)
		buf_char(buf, ' ');
}

/* Words of text[0..size), the first line beginning at column `at`, the others at `indent`. */
static void wrap(struct buf *buf, const char *text, size_t size, size_t at, size_t indent)
{
	const char *end = text + size;
	bool first = true;
	while (text < end) {
		size_t word = strcspn(text, " \n");
		if (word > (size_t)(end - text))
			word = (size_t)(end - text);
		if (!first && at + 1 + word > WIDTH) {
			buf_char(buf, '\n');
			blanks(buf, indent);
			at = indent;
		} else if (!first) {
			buf_char(buf, ' ');
			at++;
		}
		buf_add(buf, text, word);
		at += word;
		first = false;
		text += word;
		while (text < end && (*text == ' ' || *text == '\n'))
			text++;
	}
	buf_char(buf, '\n');
}

static void paragraphs(struct buf *buf, const char *text)
{
	while (text && *text) {
		const char *end = strstr(text, "\n\n");
		size_t size = end ? (size_t)(end - text) : strlen(text);
		if (!strncmp(text, "  ", 2)) {
			buf_add(buf, text, size);
			buf_char(buf, '\n');
		} else {
			wrap(buf, text, size, 0, 0);
		}
		text = end ? end + 2 : NULL;
		if (text)
			buf_char(buf, '\n');
	}
}

/* A term and what it means, beside each other where the term is short. */
static void entry(struct buf *buf, const struct buf *term, const char *text, size_t column)
{
	blanks(buf, INDENT);
	buf_add(buf, term->data, term->size);
	size_t at = INDENT + term->size;
	if (at + 2 > column) {
		buf_char(buf, '\n');
		at = 0;
	}
	blanks(buf, column - at);
	wrap(buf, text, strlen(text), column, column);
}

static void options(struct buf *buf, const char *heading, const struct option_spec *option)
{
	struct buf form = BUF_INIT, text = BUF_INIT;
	bool headed = false;
	for (; option && option->name; option++) {
		if (option->hidden)
			continue;
		if (!headed)
			buf_format(buf, "\n%s\n", heading);
		headed = true;
		buf_clear(&form);
		buf_clear(&text);
		if (!option->letter)
			blanks(&form, 4);
		help_option_form(&form, option);
		buf_text(&text, option->summary);
		help_choices(&text, option);
		if (form.failed || text.failed) {
			buf->failed = true;
			break;
		}
		entry(buf, &form, text.data, 28);
	}
	buf_free(&form);
	buf_free(&text);
}

static void children(struct buf *buf, const struct command *command)
{
	size_t widest = 0;
	for (const struct command *const *child = command->children; *child; child++)
		if (strlen((*child)->name) > widest)
			widest = strlen((*child)->name);
	for (const struct command *const *child = command->children; *child; child++) {
		struct buf name = BUF_INIT;
		buf_text(&name, (*child)->name);
		if (name.failed)
			buf->failed = true;
		else
			entry(buf, &name, (*child)->summary, INDENT + widest + 3);
		buf_free(&name);
	}
}

static void usage(struct buf *buf, const struct command *command)
{
	char path[COMMAND_PATH_MAX];
	command_path(command, path, sizeof path);
	for (const char *const *line = command->usage; *line; line++)
		buf_format(buf, "%s hilf%s%s%s%s\n", line == command->usage ? "Usage:" : "      ",
			*path ? " " : "", path, **line ? " " : "", *line);
}

void help_command(struct buf *buf, const struct command *command)
{
	usage(buf, command);
	buf_char(buf, '\n');
	paragraphs(buf, command->description);
	if (command->children) {
		buf_text(buf, "\nCommands:\n");
		children(buf, command);
	}
	options(buf, "Options:", command == &cli_root ? NULL : command_options(command));
	if (command->examples) {
		buf_text(buf, "\nExamples:\n");
		for (const struct example *example = command->examples; example->line; example++) {
			buf_format(buf, "  hilf %s\n", example->line);
			blanks(buf, 6);
			wrap(buf, example->what, strlen(example->what), 6, 6);
		}
	}
	if (command->statuses) {
		buf_text(buf, "\nExit status:\n");
		paragraphs(buf, command->statuses);
	}
	options(buf, "Options of every command:", cli_root.options);
	if (command == &cli_root)
		buf_text(buf, "\n'hilf help COMMAND' says more of each.\n");
}

void help_overview(struct buf *buf)
{
	paragraphs(buf, cli_root.description);
	buf_text(buf, "\nThe first steps:\n");
	for (const struct example *example = cli_root.examples; example->line; example++) {
		size_t size = strlen(example->line);
		buf_format(buf, "  hilf %s", example->line);
		blanks(buf, size < 32 ? 32 - size : 1);
		buf_format(buf, "%s\n", example->what);
	}
	buf_text(buf, "\nCommands:\n");
	children(buf, &cli_root);
	buf_text(
		buf, "\n'hilf help COMMAND' says more of each, 'hilf --help' lists the options.\n");
}
