/* Completion for bash: one function that first finds which command the line is in, and then what is wanted at the cursor:
 * the value of an option, an option, the next word of a command, or an operand. */
#include "cli/help.h"

#include "hilf.h"

static void names(struct buf *buf, const struct command *command)
{
	for (const struct command *const *child = command->children; child && *child; child++)
		buf_format(buf, "%s%s", child == command->children ? "" : " ", (*child)->name);
}

static void option_names(struct buf *buf, const struct option_spec *option)
{
	for (; option && option->name; option++)
		if (!option->hidden)
			buf_format(buf, "--%s ", option->name);
}

/* After a noun its children, else the commands. */
static void bash_commands(struct buf *buf)
{
	buf_text(buf, "case $prev in ");
	for (const struct command *const *child = cli_root.children; *child; child++)
		if ((*child)->children) {
			buf_format(buf, "%s) _hilf_words '", (*child)->name);
			names(buf, *child);
			buf_text(buf, "' ;; ");
		}
	buf_text(buf, "*) ((count == 0)) && _hilf_words '");
	names(buf, &cli_root);
	buf_text(buf, "' ;; esac");
}

static void bash_values(struct buf *buf, enum completes completes, const char *const *choices)
{
	const char *name;
	switch (completes) {
	case COMPLETES_FILE:
		buf_text(buf, "_hilf_files");
		break;
	case COMPLETES_DIR:
		buf_text(buf, "_hilf_folders");
		break;
	case COMPLETES_BANK:
		buf_text(buf, "_hilf_words \"$(_hilf_banks)\"");
		break;
	case COMPLETES_COMMAND:
		bash_commands(buf);
		break;
	case COMPLETES_CLASS:
		buf_text(buf, "_hilf_words '");
		for (unsigned i = 0; (name = hilf_class_name(i)); i++)
			buf_format(buf, "%s%s", i ? " " : "", name);
		buf_char(buf, '\'');
		break;
	case COMPLETES_CHOICE:
	case COMPLETES_SUCH_AS:
		buf_text(buf, "_hilf_words '");
		for (size_t i = 0; choices[i]; i++)
			buf_format(buf, "%s%s", i ? " " : "", choices[i]);
		buf_char(buf, '\'');
		break;
	default:
		buf_char(buf, ':');
	}
}

static void bash_options(struct buf *buf, const char *path, const struct option_spec *option)
{
	for (; option && option->name; option++) {
		if (!option->value || option->hidden)
			continue;
		buf_format(buf, "\t'%s --%s'", path, option->name);
		if (option->letter)
			buf_format(buf, "|'%s -%c'", path, option->letter);
		buf_text(buf, ") ");
		bash_values(buf, option->completes, option->choices);
		buf_text(buf, "; return ;;\n");
	}
}

/* fn for each command, children after their parents. */
static void each(struct buf *buf, const struct command *command,
	void (*fn)(struct buf *buf, const struct command *command, const char *path))
{
	char path[COMMAND_PATH_MAX];
	command_path(command, path, sizeof path);
	fn(buf, command, path);
	for (const struct command *const *child = command->children; child && *child; child++)
		each(buf, *child, fn);
}

static void bash_value_cases(struct buf *buf, const struct command *command, const char *path)
{
	if (command != &cli_root)
		bash_options(buf, path, command_options(command));
	bash_options(buf, path, cli_root.options);
}

static void bash_word_cases(struct buf *buf, const struct command *command, const char *path)
{
	buf_format(buf, "\t'%s')\n\t\t[[ $cur == -* ]] && { _hilf_words '", path);
	if (command != &cli_root)
		option_names(buf, command_options(command));
	option_names(buf, cli_root.options);
	buf_text(buf, "'; return; }\n\t\t");
	if (command->children) {
		buf_text(buf, "_hilf_words '");
		names(buf, command);
		buf_text(buf, "'\n\t\t;;\n");
		return;
	}
	/* The operand under the cursor; the last one that repeats takes the rest. */
	buf_text(buf, "case $count in\n");
	unsigned count = 0;
	for (const struct operand_spec *operand = command->operands; operand && operand->name;
		operand++) {
		buf_format(buf, operand->repeats ? "\t\t*) " : "\t\t%u) ", count++);
		bash_values(buf, operand->completes, operand->choices);
		buf_text(buf, " ;;\n");
	}
	buf_text(buf, "\t\tesac\n\t\t;;\n");
}

static void bash_path_cases(struct buf *buf, const struct command *command, const char *path)
{
	if (!command->children)
		return;
	for (const struct command *const *child = command->children; *child; child++)
		buf_format(buf, "%s'%s%s%s'", child == command->children ? "\t\t" : "|", path,
			*path ? " " : "", (*child)->name);
	buf_text(buf, ") path=\"${path:+$path }$word\" ;;\n");
}

static void bash_skip_options(struct buf *buf, const struct command *command, const char *path)
{
	const struct option_spec *option = command_options(command);
	(void)path;
	for (; option && option->name; option++) {
		if (option->value)
			buf_format(buf, "|--%s", option->name);
		if (option->value && option->letter)
			buf_format(buf, "|-%c", option->letter);
	}
}

static const char bash_head[] =
	"# bash completion for hilf; made by 'hilf completion bash' from the table of commands.\n"
	"_hilf_words() { COMPREPLY=($(compgen -W \"$1\" -- \"$cur\")); }\n"
	"_hilf_files() { compopt -o filenames; local IFS=$'\\n'; COMPREPLY=($(compgen -f -- "
	"\"$cur\")); }\n"
	"_hilf_folders() { compopt -o filenames; local IFS=$'\\n'; COMPREPLY=($(compgen -d -- "
	"\"$cur\")); }\n"
	"_hilf_banks() { hilf ${data:+--data \"$data\"} bank list 2>/dev/null | cut -f1; }\n"
	"\n"
	"_hilf() {\n"
	"\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} path= data= "
	"count=0 i word\n"
	"\t# '--mode=b' comes as three words.\n"
	"\tif [[ $cur == = ]]; then cur=; elif [[ $prev == = ]]; then prev=${COMP_WORDS[COMP_CWORD "
	"- 2]}; fi\n"
	"\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	"\t\tword=${COMP_WORDS[i]}\n"
	"\t\tcase $word in\n"
	"\t\t--data) [[ ${COMP_WORDS[i + 1]} == = ]] && ((i++)); data=${COMP_WORDS[++i]}; continue "
	";;\n"
	"\t\t-@";

void completion_bash(struct buf *buf)
{
	buf_text(buf, bash_head);
	each(buf, &cli_root, bash_skip_options);
	buf_text(buf, ") [[ ${COMP_WORDS[i + 1]} == = ]] && ((i++)); ((i++)); continue ;;\n"
		      "\t\t-*|=) continue ;;\n\t\tesac\n"
		      "\t\tcase \"${path:+$path }$word\" in\n");
	each(buf, &cli_root, bash_path_cases);
	buf_text(buf, "\t\t*) ((count++)) ;;\n\t\tesac\n\tdone\n\tCOMPREPLY=()\n\tcase \"$path "
		      "$prev\" in\n");
	each(buf, &cli_root, bash_value_cases);
	buf_text(buf, "\tesac\n\tcase $path in\n");
	each(buf, &cli_root, bash_word_cases);
	buf_text(buf, "\tesac\n}\ncomplete -F _hilf hilf\n");
}
