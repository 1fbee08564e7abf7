/* One value: read from its text, by its row's type and bounds. */
#include "proc/config_value.h"

#include "base/check.h"
#include "base/err.h"
#include "base/nearest.h"
#include "base/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIST_MAX      1000
#define ITEM_SIZE_MAX 4096

void *config_field(struct config *config, const struct config_row *row)
{
	return (char *)config + row->at;
}

static const struct {
	enum config_type type;
	const char *name;
	uint64_t factor;
} units[] = {
	{CONFIG_NUMBER, "", 1},
	{CONFIG_SIZE, "", 1},
	{CONFIG_SIZE, "kB", KB},
	{CONFIG_SIZE, "MB", MB},
	{CONFIG_SIZE, "GB", GB},
	{CONFIG_TIME, "ms", 1},
	{CONFIG_TIME, "s", SECOND},
	{CONFIG_TIME, "min", MINUTE},
	{CONFIG_TIME, "h", HOUR},
	{CONFIG_TIME, "d", DAY},
};

/* The bound as people write it: 10000 ms is 10s. */
void config_quantity_text(enum config_type type, uint64_t number, char *ret_text, size_t room)
{
	const char *unit = type == CONFIG_TIME ? "ms" : "";
	uint64_t factor = 1;
	for (size_t i = 0; i < COUNT_OF(units); i++)
		if (units[i].type == type && number && number % units[i].factor == 0 &&
			units[i].factor >= factor) {
			factor = units[i].factor;
			unit = units[i].name;
		}
	snprintf(ret_text, room, "%llu%s", (unsigned long long)(number / factor), unit);
}

static bool quantity_read(enum config_type type, const char *text, uint64_t *ret_number)
{
	uint64_t number = 0;
	const char *at = text;
	for (; *at >= '0' && *at <= '9'; at++) {
		if (number > UINT64_MAX / 100)
			return false;
		number = number * 10 + (uint64_t)(*at - '0');
	}
	if (at == text)
		return false;
	while (*at == ' ')
		at++;
	for (size_t i = 0; i < COUNT_OF(units); i++)
		if (units[i].type == type && !strcmp(units[i].name, at)) {
			if (number > UINT64_MAX / units[i].factor)
				return false;
			*ret_number = number * units[i].factor;
			return true;
		}
	return false;
}

static int set_quantity(
	const struct config_row *row, const char *text, uint64_t *ret, struct hilf_err *err)
{
	static const char *const what[] = {[CONFIG_NUMBER] = "a whole number",
		[CONFIG_SIZE] = "a size such as 16MB (kB, MB, GB)",
		[CONFIG_TIME] = "a time such as 30s (ms, s, min, h, d)"};
	char least[32], most[32];
	uint64_t number;
	if (quantity_read(row->type, text, &number) && number >= row->least &&
		number <= row->most) {
		*ret = number;
		return 0;
	}
	config_quantity_text(row->type, row->least, least, sizeof least);
	config_quantity_text(row->type, row->most, most, sizeof most);
	return err_set(err, HILF_E_INVALID, "%s is %s from %s to %s, not '%.80s'", row->name,
		what[row->type], least, most, text);
}

static int set_flag(const struct config_row *row, const char *text, bool *ret, struct hilf_err *err)
{
	static const char *const yes[] = {"yes", "true", "on", "1"};
	static const char *const no[] = {"no", "false", "off", "0"};
	for (size_t i = 0; i < COUNT_OF(yes); i++)
		if (!strcmp(text, yes[i]) || !strcmp(text, no[i])) {
			*ret = !strcmp(text, yes[i]);
			return 0;
		}
	return err_set(err, HILF_E_INVALID, "%s is 'yes' or 'no', not '%.80s'", row->name, text);
}

static int set_choice(
	const struct config_row *row, const char *text, int *ret, struct hilf_err *err)
{
	struct nearest nearest;
	char all[200] = "";
	nearest_init(&nearest, text);
	for (int i = 0; row->choices[i]; i++) {
		if (!strcmp(row->choices[i], text)) {
			*ret = i;
			return 0;
		}
		nearest_try(&nearest, row->choices[i]);
		strncat(all,
			!i                    ? ""
			: row->choices[i + 1] ? ", "
					      : " or ",
			sizeof all - strlen(all) - 1);
		strncat(all, row->choices[i], sizeof all - strlen(all) - 1);
	}
	return err_set(err, HILF_E_INVALID, "%s is %s, not '%.80s'%s%s%s", row->name, all, text,
		nearest.best ? "; did you mean '" : "", nearest.best ? nearest.best : "",
		nearest.best ? "'?" : "");
}

static int check_text(
	const struct config_row *row, const char *text, size_t most, struct hilf_err *err)
{
	size_t size = strlen(text);
	if (size > most)
		return err_set(err, HILF_E_INVALID, "%s takes %zu bytes at most, not %zu",
			row->name, most, size);
	if (!utf8_valid(text, size))
		return err_set(err, HILF_E_INVALID, "%s is not UTF-8", row->name);
	for (const char *at = text; *at; at++)
		if ((unsigned char)*at < 0x20 || *at == 0x7f)
			return err_set(
				err, HILF_E_INVALID, "%s holds a control character", row->name);
	return 0;
}

static int set_text(
	const struct config_row *row, const char *text, char **ret, struct hilf_err *err)
{
	int rc = check_text(row, text, row->most, err);
	if (rc)
		return rc;
	char *copy = strdup(text);
	if (!copy)
		return err_no_memory(err);
	free(*ret);
	*ret = copy;
	return 0;
}

static int add_item(const struct config_row *row, const char *text, struct config_list *list,
	struct hilf_err *err)
{
	int rc = check_text(row, text, ITEM_SIZE_MAX, err);
	if (rc)
		return rc;
	if (list->count == LIST_MAX)
		return err_set(
			err, HILF_E_INVALID, "%s is given more than %d times", row->name, LIST_MAX);
	char **more = reallocarray(list->items, list->count + 1, sizeof *more);
	if (!more)
		return err_no_memory(err);
	list->items = more;
	more[list->count] = strdup(text);
	if (!more[list->count])
		return err_no_memory(err);
	list->count++;
	return 0;
}

void config_list_clear(struct config_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i]);
	free(list->items);
	*list = (struct config_list){0};
}

int config_set(
	struct config *config, const struct config_row *row, const char *text, struct hilf_err *err)
{
	void *at = config_field(config, row);
	if (!*text && row->type != CONFIG_TEXT)
		return err_set(err, HILF_E_INVALID, "%s wants a value", row->name);
	switch (row->type) {
	case CONFIG_FLAG:
		return set_flag(row, text, at, err);
	case CONFIG_TEXT:
		return set_text(row, text, at, err);
	case CONFIG_LIST:
		return add_item(row, text, at, err);
	case CONFIG_CHOICE:
		return set_choice(row, text, at, err);
	default:
		return set_quantity(row, text, at, err);
	}
}

bool config_same(const struct config_row *row, const void *a, const void *b)
{
	const struct config_list *list_a = a, *list_b = b;
	switch (row->type) {
	case CONFIG_FLAG:
		return *(const bool *)a == *(const bool *)b;
	case CONFIG_CHOICE:
		return *(const int *)a == *(const int *)b;
	case CONFIG_TEXT:
		return !strcmp(*(char *const *)a, *(char *const *)b);
	case CONFIG_LIST:
		if (list_a->count != list_b->count)
			return false;
		for (size_t i = 0; i < list_a->count; i++)
			if (strcmp(list_a->items[i], list_b->items[i]))
				return false;
		return true;
	default:
		return *(const uint64_t *)a == *(const uint64_t *)b;
	}
}
