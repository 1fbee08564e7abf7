/* Completion for zsh: a function per command, made for _arguments. */
#include "cli/help.h"

#include "hilf.h"

#include <string.h>

/* Inside '...' and inside the [...] and :...: of _arguments. */
static void quoted(struct buf *buf, const char *text)
{
	for (; *text; text++) {
		if (*text == '\'')
			buf_text(buf, "'\\''");
		else if (strchr("[]:\\", *text))
			buf_format(buf, "\\%c", *text);
		else
			buf_char(buf, *text);
	}
}

static void action(struct buf *buf, enum completes completes, const char *const *choices)
{
	const char *name;
	switch (completes) {
	case COMPLETES_FILE:
		buf_text(buf, "_files");
		break;
	case COMPLETES_DIR:
		buf_text(buf, "_files -/");
		break;
	case COMPLETES_BANK:
		buf_text(buf, "_hilf_banks");
		break;
	case COMPLETES_CHOICE:
	case COMPLETES_SUCH_AS:
		buf_char(buf, '(');
		for (size_t i = 0; choices[i]; i++)
			buf_format(buf, "%s%s", i ? " " : "", choices[i]);
		buf_char(buf, ')');
		break;
	case COMPLETES_CLASS:
		buf_char(buf, '(');
		for (unsigned i = 0; (name = hilf_class_name(i)); i++)
			buf_format(buf, "%s%s", i ? " " : "", name);
		buf_char(buf, ')');
		break;
	case COMPLETES_COMMAND:
		buf_char(buf, '(');
		for (const struct command *const *child = cli_root.children; *child; child++)
			buf_format(
				buf, "%s%s", child == cli_root.children ? "" : " ", (*child)->name);
		buf_char(buf, ')');
		break;
	default:
		buf_char(buf, ' ');
	}
}

static void option_form(struct buf *buf, const struct option_spec *option, const char *form)
{
	buf_format(buf, "\t\t'%s%s%s[", option->repeats ? "*" : "", form, option->value ? "=" : "");
	quoted(buf, option->summary);
	buf_char(buf, ']');
	if (option->value) {
		buf_char(buf, ':');
		quoted(buf, option->value);
		buf_char(buf, ':');
		action(buf, option->completes, option->choices);
	}
	buf_text(buf, "' \\\n");
}

static void options(struct buf *buf, const struct option_spec *option)
{
	for (; option && option->name; option++) {
		char form[80] = "--";
		if (option->hidden)
			continue;
		strncat(form, option->name, sizeof form - 3);
		option_form(buf, option, form);
		if (option->letter) {
			char letter[3] = {'-', option->letter, '\0'};
			option_form(buf, option, letter);
		}
	}
}

static void function_name(struct buf *buf, const struct command *command)
{
	char path[COMMAND_PATH_MAX];
	command_path(command, path, sizeof path);
	buf_text(buf, "_hilf");
	if (*path)
		buf_char(buf, '_');
	for (char *c = path; *c; c++)
		buf_char(buf, *c == ' ' ? '_' : *c);
}

/* A noun, or the root: complete a child's name, then go on in the child's function. */
static void noun(struct buf *buf, const struct command *command)
{
	buf_text(buf,
		"\t\t'1:command:->command' '*::argument:->argument'\n\tcase $state in\n\tcommand)\n"
		"\t\tchildren=(\n");
	for (const struct command *const *child = command->children; *child; child++) {
		buf_format(buf, "\t\t\t'%s:", (*child)->name);
		quoted(buf, (*child)->summary);
		buf_text(buf, "'\n");
	}
	buf_text(buf,
		"\t\t)\n\t\t_describe command children ;;\n\targument)\n\t\tcase $words[1] in\n");
	for (const struct command *const *child = command->children; *child; child++) {
		buf_format(buf, "\t\t%s) ", (*child)->name);
		function_name(buf, *child);
		buf_text(buf, " ;;\n");
	}
	buf_text(buf, "\t\tesac ;;\n\tesac\n");
}

static void verb(struct buf *buf, const struct command *command)
{
	unsigned position = 1;
	for (const struct operand_spec *operand = command->operands; operand && operand->name;
		operand++) {
		if (operand->repeats)
			buf_text(buf, "\t\t'*:");
		else
			buf_format(buf, "\t\t'%u:%s", position++, operand->optional ? ":" : "");
		quoted(buf, operand->name);
		buf_char(buf, ':');
		action(buf, operand->completes, operand->choices);
		buf_text(buf, "' \\\n");
	}
	buf_text(buf, "\t\t&& return\n");
}

static void function(struct buf *buf, const struct command *command)
{
	for (const struct command *const *child = command->children; child && *child; child++)
		function(buf, *child);
	function_name(buf, command);
	buf_text(buf, "() {\n\tlocal state line\n\tlocal -a children\n\t_arguments -s -S ");
	buf_text(buf, command->children ? "-C \\\n" : "\\\n");
	if (command != &cli_root)
		options(buf, command_options(command));
	options(buf, cli_root.options);
	if (command->children)
		noun(buf, command);
	else
		verb(buf, command);
	buf_text(buf, "}\n\n");
}

void completion_zsh(struct buf *buf)
{
	buf_text(buf, "#compdef hilf\n# zsh completion for hilf; made by 'hilf completion zsh' "
		      "from the table of "
		      "commands.\n\n"
		      "_hilf_banks() {\n\tlocal -a banks\n"
		      "\tbanks=(${(f)\"$(hilf bank list 2>/dev/null | cut -f1)\"})\n\tcompadd -a "
		      "banks\n}\n\n");
	function(buf, &cli_root);
	buf_text(buf, "_hilf \"$@\"\n");
}
