/* The command line's words, read by a command's table: GNU long options (--name VALUE, --name=VALUE), short ones (-n 3,
 * -n3, -qj), options and operands in any order, everything after -- an operand, "-" an operand.
 *
 * Long options cannot be shortened, unlike getopt_long's: a script that says --lim would break on the day that --limits
 * is added. The error names the one that was meant. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "cli/command.h"
#include "hilf.h"

struct given {
	const struct option_spec *spec;
	const char *value; /* NULL for a flag */
};

struct arguments {
	const struct option_spec *own;    /* of the command; NULL: none */
	const struct option_spec *common; /* of every command; NULL: none */
	struct given *given;              /* in the order of the line */
	size_t given_count, given_room;
	const char **operands;
	size_t operand_count, operand_room;
};

/* Values and operands point into argv. */
void arguments_free(struct arguments *arguments);

/* Reads argv[0..count), adding to what is there. With stop, reading ends before the first operand (the name of a
 * command). ret_used counts the words read. HILF_E_INVALID says what is wrong with the line, without the name of
 * the program. */
int arguments_read(struct arguments *arguments, int count, char **argv, bool stop, int *ret_used,
	struct hilf_err *err);

/* Checks the number of operands against the table. */
int arguments_check_operands(const struct arguments *arguments, const struct operand_spec *operands,
	struct hilf_err *err);

/* These take names from the table; one that is not there is a bug. */
bool arguments_flag(const struct arguments *arguments, const char *name);
/* The last value, or NULL. */
const char *arguments_value(const struct arguments *arguments, const char *name);
/* Every value: walk with index from 0 until NULL. */
const char *arguments_nth(const struct arguments *arguments, const char *name, size_t index);
size_t arguments_count(const struct arguments *arguments, const char *name);

/* A whole decimal number within bounds; HILF_E_INVALID names the option. */
int number_parse(const char *option, const char *text, uint64_t least, uint64_t most,
	uint64_t *ret_number, struct hilf_err *err);

#endif
