/* Conventions of POSIX.1-2017 section 12.2 with GNU's additions; errors that name the nearest thing that would do. */
#include "cli/options.h"

#include "base/check.h"
#include "base/err.h"
#include "base/nearest.h"

#include <stdlib.h>
#include <string.h>

void arguments_free(struct arguments *arguments)
{
	free(arguments->given);
	free(arguments->operands);
	*arguments = (struct arguments){0};
}

static int add_given(struct arguments *arguments, const struct option_spec *spec, const char *value,
	struct hilf_err *err)
{
	if (arguments->given_count == arguments->given_room) {
		size_t room = arguments->given_room ? arguments->given_room * 2 : 16;
		struct given *more = reallocarray(arguments->given, room, sizeof *more);
		if (!more)
			return err_no_memory(err);
		arguments->given = more;
		arguments->given_room = room;
	}
	arguments->given[arguments->given_count++] = (struct given){spec, value};
	return 0;
}

static int add_operand(struct arguments *arguments, const char *operand, struct hilf_err *err)
{
	if (arguments->operand_count == arguments->operand_room) {
		size_t room = arguments->operand_room ? arguments->operand_room * 2 : 16;
		const char **more = reallocarray(arguments->operands, room, sizeof *more);
		if (!more)
			return err_no_memory(err);
		arguments->operands = more;
		arguments->operand_room = room;
	}
	arguments->operands[arguments->operand_count++] = operand;
	return 0;
}

static const struct option_spec *find_in(
	const struct option_spec *table, const char *name, size_t name_size, char letter)
{
	for (; table && table->name; table++)
		if (name ? strlen(table->name) == name_size && !memcmp(table->name, name, name_size)
			 : table->letter == letter)
			return table;
	return NULL;
}

static const struct option_spec *find(
	const struct arguments *arguments, const char *name, size_t name_size, char letter)
{
	const struct option_spec *spec = find_in(arguments->own, name, name_size, letter);
	return spec ? spec : find_in(arguments->common, name, name_size, letter);
}

static void try_all(struct nearest *nearest, const struct option_spec *table)
{
	for (; table && table->name; table++)
		if (!table->hidden)
			nearest_try(nearest, table->name);
}

static int unknown(
	const struct arguments *arguments, const char *name, size_t name_size, struct hilf_err *err)
{
	char word[65];
	struct nearest nearest;
	if (name_size >= sizeof word)
		name_size = sizeof word - 1;
	memcpy(word, name, name_size);
	word[name_size] = '\0';
	nearest_init(&nearest, word);
	try_all(&nearest, arguments->own);
	try_all(&nearest, arguments->common);
	if (nearest.best)
		return err_set(err, HILF_E_INVALID,
			"there is no option '--%s'; did you mean '--%s'?", word, nearest.best);
	return err_set(err, HILF_E_INVALID, "there is no option '--%s'", word);
}

/* A value outside the choices is refused here, so that no command has to. */
static int check_choice(const struct option_spec *spec, const char *value, struct hilf_err *err)
{
	if (spec->completes != COMPLETES_CHOICE)
		return 0;
	struct nearest nearest;
	char all[200] = "";
	nearest_init(&nearest, value);
	for (size_t i = 0; spec->choices[i]; i++) {
		if (!strcmp(spec->choices[i], value))
			return 0;
		nearest_try(&nearest, spec->choices[i]);
		if (i)
			strncat(all, spec->choices[i + 1] ? ", " : " or ",
				sizeof all - strlen(all) - 1);
		strncat(all, spec->choices[i], sizeof all - strlen(all) - 1);
	}
	if (nearest.best)
		return err_set(err, HILF_E_INVALID, "--%s is %s, not '%s'; did you mean '%s'?",
			spec->name, all, value, nearest.best);
	return err_set(err, HILF_E_INVALID, "--%s is %s, not '%s'", spec->name, all, value);
}

static int take(struct arguments *arguments, const struct option_spec *spec, const char *value,
	struct hilf_err *err)
{
	int rc = check_choice(spec, value, err);
	return rc ? rc : add_given(arguments, spec, value, err);
}

/* argv[at] is "--name" or "--name=value". Returns the words used, or a negative code. */
static int read_long(
	struct arguments *arguments, int at, int count, char **argv, struct hilf_err *err)
{
	const char *name = argv[at] + 2, *equals = strchr(name, '=');
	size_t name_size = equals ? (size_t)(equals - name) : strlen(name);
	const struct option_spec *spec = find(arguments, name, name_size, 0);
	int rc;
	if (!spec)
		return unknown(arguments, name, name_size, err);
	if (!spec->value) {
		if (equals)
			return err_set(err, HILF_E_INVALID, "--%s takes no value", spec->name);
		rc = add_given(arguments, spec, NULL, err);
		return rc ? rc : 1;
	}
	if (equals) {
		rc = take(arguments, spec, equals + 1, err);
		return rc ? rc : 1;
	}
	if (at + 1 >= count)
		return err_set(err, HILF_E_INVALID, "--%s wants a value: --%s %s", spec->name,
			spec->name, spec->value);
	rc = take(arguments, spec, argv[at + 1], err);
	return rc ? rc : 2;
}

/* argv[at] is "-abc" or "-nVALUE" or "-n". Returns the words used, or a negative code. */
static int read_short(
	struct arguments *arguments, int at, int count, char **argv, struct hilf_err *err)
{
	for (const char *letter = argv[at] + 1; *letter; letter++) {
		const struct option_spec *spec = find(arguments, NULL, 0, *letter);
		int rc;
		if (!spec)
			return err_set(err, HILF_E_INVALID,
				"there is no option '-%c'; if '%s' is a file, write './%s', or put "
				"'--' before it",
				*letter, argv[at], argv[at]);
		if (!spec->value) {
			rc = add_given(arguments, spec, NULL, err);
			if (rc)
				return rc;
			continue;
		}
		if (letter[1]) {
			rc = take(arguments, spec, letter + 1, err);
			return rc ? rc : 1;
		}
		if (at + 1 >= count)
			return err_set(err, HILF_E_INVALID, "-%c wants a value: -%c %s", *letter,
				*letter, spec->value);
		rc = take(arguments, spec, argv[at + 1], err);
		return rc ? rc : 2;
	}
	return 1;
}

int arguments_read(struct arguments *arguments, int count, char **argv, bool stop, int *ret_used,
	struct hilf_err *err)
{
	int at = 0;
	bool only_operands = false;
	while (at < count) {
		const char *word = argv[at];
		int used = 1, rc = 0;
		if (!only_operands && !strcmp(word, "--"))
			only_operands = true;
		else if (!only_operands && word[0] == '-' && word[1] == '-')
			used = read_long(arguments, at, count, argv, err);
		else if (!only_operands && word[0] == '-' && word[1])
			used = read_short(arguments, at, count, argv, err);
		else if (stop)
			break;
		else
			rc = add_operand(arguments, word, err);
		if (used < 0 || rc)
			return rc ? rc : used;
		at += used;
	}
	*ret_used = at;
	return 0;
}

int arguments_check_operands(const struct arguments *arguments, const struct operand_spec *operands,
	struct hilf_err *err)
{
	size_t count = 0;
	bool endless = false;
	for (const struct operand_spec *operand = operands; operand && operand->name;
		operand++, count++) {
		if (count >= arguments->operand_count && !operand->optional)
			return err_set(err, HILF_E_INVALID, "%s is missing", operand->name);
		endless = operand->repeats;
	}
	if (arguments->operand_count > count && !endless)
		return err_set(err, HILF_E_INVALID, "'%s' is one word too many",
			arguments->operands[count]);
	return 0;
}

static const struct option_spec *must_find(const struct arguments *arguments, const char *name)
{
	const struct option_spec *spec = find(arguments, name, strlen(name), 0);
	ASSERT(spec);
	return spec;
}

bool arguments_flag(const struct arguments *arguments, const char *name)
{
	return arguments_count(arguments, name) > 0;
}

const char *arguments_value(const struct arguments *arguments, const char *name)
{
	const struct option_spec *spec = must_find(arguments, name);
	for (size_t i = arguments->given_count; i > 0; i--)
		if (arguments->given[i - 1].spec == spec)
			return arguments->given[i - 1].value;
	return NULL;
}

const char *arguments_nth(const struct arguments *arguments, const char *name, size_t index)
{
	const struct option_spec *spec = must_find(arguments, name);
	for (size_t i = 0; i < arguments->given_count; i++)
		if (arguments->given[i].spec == spec && index-- == 0)
			return arguments->given[i].value;
	return NULL;
}

size_t arguments_count(const struct arguments *arguments, const char *name)
{
	const struct option_spec *spec = must_find(arguments, name);
	size_t count = 0;
	for (size_t i = 0; i < arguments->given_count; i++)
		count += arguments->given[i].spec == spec;
	return count;
}

int number_parse(const char *option, const char *text, uint64_t least, uint64_t most,
	uint64_t *ret_number, struct hilf_err *err)
{
	uint64_t number = 0;
	bool good = *text != '\0';
	for (const char *digit = text; good && *digit; digit++) {
		good = *digit >= '0' && *digit <= '9' && number <= (UINT64_MAX - 9) / 10;
		if (good)
			number = number * 10 + (uint64_t)(*digit - '0');
	}
	if (!good || number < least || number > most)
		return err_set(err, HILF_E_INVALID, "%s is a number from %llu to %llu, not '%s'",
			option, (unsigned long long)least, (unsigned long long)most, text);
	*ret_number = number;
	return 0;
}
