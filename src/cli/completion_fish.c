/* Completion for fish: a line per thing that can be completed, each with the condition under which it is. */
#include "cli/help.h"

#include "hilf.h"

static void quoted(struct buf *buf, const char *text)
{
	buf_char(buf, '\'');
	for (; *text; text++) {
		if (*text == '\'' || *text == '\\')
			buf_char(buf, '\\');
		buf_char(buf, *text);
	}
	buf_char(buf, '\'');
}

static void names(struct buf *buf, const struct command *command)
{
	for (const struct command *const *child = command->children; *child; child++)
		buf_format(buf, " %s", (*child)->name);
}

static void values(struct buf *buf, enum completes completes, const char *const *choices)
{
	const char *name;
	switch (completes) {
	case COMPLETES_FILE:
		buf_text(buf, " -F");
		break;
	case COMPLETES_DIR:
		buf_text(buf, " -f -a '(__fish_complete_directories)'");
		break;
	case COMPLETES_BANK:
		buf_text(buf, " -f -a '(hilf bank list 2>/dev/null | cut -f1)'");
		break;
	case COMPLETES_CHOICE:
	case COMPLETES_SUCH_AS:
		buf_text(buf, " -f -a '");
		for (size_t i = 0; choices[i]; i++)
			buf_format(buf, "%s%s", i ? " " : "", choices[i]);
		buf_char(buf, '\'');
		break;
	case COMPLETES_CLASS:
		buf_text(buf, " -f -a '");
		for (unsigned i = 0; (name = hilf_class_name(i)); i++)
			buf_format(buf, "%s%s", i ? " " : "", name);
		buf_char(buf, '\'');
		break;
	case COMPLETES_COMMAND:
		buf_text(buf, " -f -a '");
		names(buf, &cli_root);
		buf_char(buf, '\'');
		break;
	default:
		buf_text(buf, " -f");
	}
}

static void options(struct buf *buf, const struct option_spec *option, const struct buf *condition)
{
	for (; option && option->name; option++) {
		if (option->hidden)
			continue;
		buf_text(buf, "complete -c hilf");
		if (condition)
			buf_format(buf, " -n '%s'", condition->data);
		buf_format(buf, " -l %s", option->name);
		if (option->letter)
			buf_format(buf, " -s %c", option->letter);
		if (option->value) {
			buf_text(buf, " -r");
			values(buf, option->completes, option->choices);
		}
		buf_text(buf, " -d ");
		quoted(buf, option->summary);
		buf_char(buf, '\n');
	}
}

static void children(struct buf *buf, const struct command *command, const struct buf *condition);

static void below(struct buf *buf, const struct command *command, const struct buf *condition)
{
	if (command->children) {
		children(buf, command, condition);
		return;
	}
	options(buf, command_options(command), condition);
	for (const struct operand_spec *operand = command->operands; operand && operand->name;
		operand++) {
		buf_format(buf, "complete -c hilf -n '%s'", condition->data);
		values(buf, operand->completes, operand->choices);
		buf_char(buf, '\n');
	}
}

/* condition: that the words before were said; NULL at the top. */
static void children(struct buf *buf, const struct command *command, const struct buf *condition)
{
	for (const struct command *const *child = command->children; *child; child++) {
		buf_text(buf, "complete -c hilf -f -n '");
		if (condition) {
			buf_format(buf, "%s; and not __fish_seen_subcommand_from", condition->data);
			names(buf, command);
		} else {
			buf_text(buf, "__fish_use_subcommand");
		}
		buf_format(buf, "' -a %s -d ", (*child)->name);
		quoted(buf, (*child)->summary);
		buf_char(buf, '\n');
	}
	for (const struct command *const *child = command->children; *child; child++) {
		struct buf inner = BUF_INIT;
		if (condition)
			buf_format(&inner, "%s; and ", condition->data);
		buf_format(&inner, "__fish_seen_subcommand_from %s", (*child)->name);
		if (inner.failed)
			buf->failed = true;
		else
			below(buf, *child, &inner);
		buf_free(&inner);
	}
}

void completion_fish(struct buf *buf)
{
	buf_text(buf, "# fish completion for hilf; made by 'hilf completion fish' from the table "
		      "of commands.\n");
	options(buf, cli_root.options, NULL);
	children(buf, &cli_root, NULL);
}
