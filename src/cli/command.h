/* What a subcommand is: one file, one const entry. The parser, --help, the man pages and the completion of three shells
 * read the same entry, so that none of them can know less than another.
 *
 *   cli_root ──► bank ──► create, list, show, remove      a noun has children and no run
 *            ──► add, import, export, ...                 a verb has run and no children
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

struct cli;
struct arguments;

/* What a shell offers where a value is wanted. */
enum completes {
	COMPLETES_NOTHING = 0,
	COMPLETES_FILE,
	COMPLETES_DIR,
	COMPLETES_BANK,
	COMPLETES_CLASS,   /* the closed list of hilf_class_name */
	COMPLETES_CHOICE,  /* the choices, and of an option nothing else is accepted */
	COMPLETES_SUCH_AS, /* the choices, among others */
	COMPLETES_COMMAND, /* the names of the commands */
};

/* An array of these ends with a NULL name. */
struct option_spec {
	const char *name;    /* without its dashes */
	char letter;         /* of the short form; 0: none */
	const char *value;   /* what its value is called in help, such as "DIR"; NULL: a flag */
	const char *summary; /* one sentence without a full stop; help wraps it */
	enum completes completes;
	const char *const *choices; /* NULL-ended */
	bool repeats; /* may be given many times, and every value counts; else the last one does */
	bool hidden;  /* works, but help and completion do not offer it */
};

/* An array of these ends with a NULL name. Optional ones come after those that are not. */
struct operand_spec {
	const char *name; /* "BANK" */
	enum completes completes;
	bool optional;
	bool repeats;               /* the last one only */
	const char *const *choices; /* NULL-ended */
};

/* An array of these ends with a NULL line. */
struct example {
	const char *line; /* without "hilf " */
	const char *what; /* a sentence */
};

struct command {
	const char *name;
	const char *summary;      /* one line for lists, lower case, no full stop */
	const char *const *usage; /* what follows the name, a line per form, NULL-ended */
	const char *
		description; /* paragraphs, with an empty line between; one that begins with two spaces
	                                 * is kept as it is */
	const struct option_spec *options;               /* NULL: none but the global ones */
	const struct option_spec *(*make_options)(void); /* instead, where another table has them */
	const struct operand_spec *operands;             /* NULL: none */
	const struct example *examples;                  /* NULL: none */
	const char *statuses; /* what the exit statuses mean; NULL: 0 done, 2 trouble */
	const struct command *const *children; /* of a noun, NULL-ended */
	/* Returns the exit status. */
	int (*run)(struct cli *cli, const struct arguments *arguments);
};

/* The top: its children are the commands in the order of help, its options the global ones. */
extern const struct command cli_root;

/* The options of its own, made where they have to be; by the main thread alone. */
const struct option_spec *command_options(const struct command *command);
/* The child called name; NULL where there is none. */
const struct command *command_child(const struct command *parent, const char *name);
/* The whole name, such as "bank create", into text[room]; "" for the root. */
void command_path(const struct command *command, char *ret_text, size_t room);

#define COMMAND_PATH_MAX 48

#endif
