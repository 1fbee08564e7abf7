/* The settings of the file and of the line, put together. The file is read with inih, line by line through a reader of ours
 * that counts, so that an error names the line it is in. */
#include "proc/config_value.h"

#include "base/err.h"
#include "base/nearest.h"
#include "os/file.h"

#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_SIZE_MAX (1024 * 1024)
/* inih's buffer as Debian builds it, less the line's end and the terminator. */
#define LINE_SIZE_MAX 198
#define ROWS_MAX      100

/* --------------------------------------------------------------------------------------------- file */

struct reading {
	struct config *config;
	const char *path;
	const char *at, *end; /* what is not read yet */
	unsigned line;
	int rc;
	unsigned set_line[ROWS_MAX]; /* 0: not in the file */
	struct hilf_err *err;
};

/* Puts "FILE:LINE: " before the text. */
static int at_line(struct reading *reading, struct hilf_err *err)
{
	char text[HILF_REASON_MAX];
	snprintf(text, sizeof text, "%s", err->text);
	return err_set(reading->err, err->code, "%s:%u: %s", reading->path, reading->line, text);
}

static const struct config_row *find_row(const char *name)
{
	for (const struct config_row *row = config_rows; row->name; row++)
		if (!strcmp(row->name, name))
			return row;
	return NULL;
}

static int unknown(const char *section, const char *name, struct hilf_err *err)
{
	struct nearest nearest, near_section;
	bool known = false;
	nearest_init(&nearest, name);
	nearest_init(&near_section, section);
	for (const struct config_row *row = config_rows; row->name; row++) {
		nearest_try(&nearest, row->name);
		nearest_try(&near_section, row->section);
		known |= !strcmp(row->section, section);
	}
	if (nearest.best)
		return err_set(err, HILF_E_INVALID,
			"there is no setting '%.80s'; did you mean '%s', in section [%s]?", name,
			nearest.best, find_row(nearest.best)->section);
	if (!known && *section)
		return err_set(err, HILF_E_INVALID, "there is no section [%.80s]%s%s%s", section,
			near_section.best ? "; did you mean [" : "",
			near_section.best ? near_section.best : "", near_section.best ? "]?" : "");
	return err_set(err, HILF_E_INVALID,
		"there is no setting '%.80s'; 'hilf serve --print-config' shows all", name);
}

/* inih's handler: 1 goes on. It goes on to the end by itself, so what is wrong first is kept. */
static int on_setting(void *ctx, const char *section, const char *name, const char *value)
{
	struct reading *reading = ctx;
	struct hilf_err err = {0};
	const struct config_row *row = find_row(name);
	int rc = 0;
	if (reading->rc)
		return 1;
	unsigned *before = row ? &reading->set_line[row - config_rows] : NULL;
	if (!row)
		rc = unknown(section, name, &err);
	else if (strcmp(row->section, section))
		rc = err_set(
			&err, HILF_E_INVALID, "%s belongs into section [%s]", name, row->section);
	else if (*before && row->type != CONFIG_LIST)
		rc = err_set(&err, HILF_E_INVALID, "%s stands already in line %u", name, *before);
	else
		rc = config_set(reading->config, row, value, &err);
	if (rc) {
		reading->rc = at_line(reading, &err);
		return 1;
	}
	*before = reading->line;
	return 1;
}

/* inih's reader: one line, as fgets. */
static char *read_line(char *line, int room, void *ctx)
{
	struct reading *reading = ctx;
	struct hilf_err err = {0};
	if (reading->at == reading->end || reading->rc)
		return NULL;
	const char *end = memchr(reading->at, '\n', (size_t)(reading->end - reading->at));
	size_t size = (size_t)((end ? end : reading->end) - reading->at);
	reading->line++;
	if (size > LINE_SIZE_MAX || size + 2 > (size_t)room) {
		err_set(&err, HILF_E_INVALID,
			"a line has %d bytes at most; give each item of a list a line of its own",
			LINE_SIZE_MAX);
		reading->rc = at_line(reading, &err);
		return NULL;
	}
	if (memchr(reading->at, 0, size)) {
		err_set(&err, HILF_E_INVALID, "there is a zero byte");
		reading->rc = at_line(reading, &err);
		return NULL;
	}
	memcpy(line, reading->at, size);
	line[size] = '\n';
	line[size + 1] = '\0';
	reading->at += size + (end != NULL);
	return line;
}

static int read_file(struct config *config, const char *path, struct hilf_err *err)
{
	struct buf text = BUF_INIT;
	struct reading *reading = calloc(1, sizeof *reading);
	int rc = reading ? file_read(path, FILE_SIZE_MAX, &text, err) : err_no_memory(err);
	if (rc) {
		free(reading);
		buf_free(&text);
		return rc;
	}
	*reading = (struct reading){.config = config,
		.path = path,
		.at = text.data,
		.end = text.data + text.size,
		.err = err};
	int line = text.size ? ini_parse_stream(read_line, reading, on_setting, reading) : 0;
	rc = reading->rc;
	/* Of two errors the one that stands first. */
	if (line > 0 && (!rc || (unsigned)line < reading->line)) {
		struct hilf_err wrong = {0};
		reading->line = (unsigned)line;
		err_set(&wrong, HILF_E_INVALID,
			"this is neither 'name = value' nor '[section]' nor a comment ('#')");
		rc = at_line(reading, &wrong);
	} else if (line < 0 && !rc) {
		rc = err_no_memory(err);
	}
	free(reading);
	buf_free(&text);
	return rc;
}

/* ------------------------------------------------------------------------------------------- together */

static int set_defaults(struct config *config, struct hilf_err *err)
{
	for (const struct config_row *row = config_rows; row->name; row++) {
		if (row->type == CONFIG_LIST)
			continue; /* when nothing was said: serve.c decides, for sockets may be handed over */
		int rc = config_set(config, row, row->standard, err);
		if (rc)
			return rc;
	}
	return 0;
}

static int set_given(
	struct config *config, const struct config_given *given, size_t count, struct hilf_err *err)
{
	for (size_t i = 0; i < count; i++) {
		const struct config_row *row = given[i].row;
		struct hilf_err wrong = {0};
		bool first = true;
		for (size_t before = 0; before < i; before++)
			first = first && given[before].row != row;
		if (row->type == CONFIG_LIST && first)
			config_list_clear(config_field(config, row));
		int rc = config_set(config, row, given[i].value ? given[i].value : "yes", &wrong);
		if (rc)
			return err_set(err, wrong.code, "--%s", wrong.text);
	}
	return 0;
}

int config_load(const char *file, const struct config_given *given, size_t given_count,
	struct config **ret_config, struct hilf_err *err)
{
	struct config *config = calloc(1, sizeof *config);
	if (!config)
		return err_no_memory(err);
	int rc = set_defaults(config, err);
	if (!rc && file)
		rc = read_file(config, file, err);
	if (!rc)
		rc = set_given(config, given, given_count, err);
	if (rc) {
		config_free(config);
		return rc;
	}
	*ret_config = config;
	return 0;
}

void config_free(struct config *config)
{
	if (!config)
		return;
	for (const struct config_row *row = config_rows; row->name; row++) {
		if (row->type == CONFIG_TEXT)
			free(*(char **)config_field(config, row));
		else if (row->type == CONFIG_LIST)
			config_list_clear(config_field(config, row));
	}
	free(config);
}

void config_unchangeable(const struct config *from, const struct config *to, struct buf *buf)
{
	buf_text(buf, "");
	for (const struct config_row *row = config_rows; row->name; row++)
		if (!row->reload &&
			!config_same(row, (const char *)from + row->at, (const char *)to + row->at))
			buf_format(buf, "%s%s", buf->size ? ", " : "", row->name);
}

char *config_credential(const char *name)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");
	char *path = dir && *dir ? file_join(dir, name) : NULL;
	if (path && access(path, R_OK) != 0) {
		free(path);
		path = NULL;
	}
	return path;
}
