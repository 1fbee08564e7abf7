/* POST /v1/banks/{bank}/import and GET /v1/banks/{bank}/export: whole banks as text, in pieces, so that neither way holds
 * more than a batch in memory. */
#include "http/api/entry.h"

#include "engine/intake.h"
#include "os/clock.h"
#include "wire/export.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE_SIZE    (128u * 1024)
#define PROBLEMS_TOLD 20u
#define CHUNK_SIZE    (64u * 1024)
#define PAGE          500u

/* --------------------------------------------------------------------------------------------- import */

struct import {
	struct intake *intake;
	bool strict;
	uint64_t bad;
	struct buf problems; /* of a JSON list */
	struct hilf_err err; /* of adding, not of a line */
	char first[HILF_REASON_MAX + 32];
};

static int take_bad(struct import *import, const char *text)
{
	if (!import->bad)
		snprintf(import->first, sizeof import->first, "%s", text);
	if (import->bad++ < PROBLEMS_TOLD) {
		if (import->problems.size)
			buf_char(&import->problems, ',');
		json_put_text(&import->problems, text);
	}
	return 0;
}

static int take(const struct import_row *row, const struct hilf_err *problem, void *ctx)
{
	struct import *import = ctx;
	struct hilf_err err;
	char text[sizeof err.text + 32];
	bool bad;
	if (problem)
		return take_bad(import, problem->text);
	int rc = intake_row(import->intake, row, &bad, &err);
	if (rc && !bad) {
		import->err = err;
		return rc;
	}
	snprintf(text, sizeof text, "line %lu: %s", row->line, rc ? err.text : "");
	return rc ? take_bad(import, text) : 0;
}

/* Once through the file; rc of adding, or of input that makes no sense as a whole. */
static int read_file(struct import *import, int fd, struct hilf_err *err)
{
	struct import_reader *rows;
	char *piece = malloc(PIECE_SIZE);
	off_t at = 0;
	ssize_t size;
	int rc = import_open(&rows, err);
	if (rc || !piece) {
		free(piece);
		*err = rc ? *err
			  : (struct hilf_err){.code = HILF_E_NO_MEMORY, .text = "out of memory"};
		return err->code;
	}
	do {
		size = pread(fd, piece, PIECE_SIZE, at);
		if (size < 0) {
			*err = (struct hilf_err){
				.code = HILF_E_IO, .text = "cannot read the body back"};
			rc = HILF_E_IO;
			break;
		}
		at += size;
		rc = import_feed(rows, piece, (size_t)size, size == 0, take, import, err);
		if (rc && import->err.code)
			*err = import->err;
	} while (!rc && size);
	if (!rc)
		rc = intake_flush(import->intake, err);
	import_close(rows);
	free(piece);
	return rc;
}

static int run(struct http_request *request, struct import *import, const char *bank,
	const struct hilf_entry_meta *meta, bool checking, struct hilf_err *err)
{
	int rc = intake_open(api_hilf(request), bank, meta, checking, &import->intake, err);
	return rc ? rc : read_file(import, http_file(request)->fd, err);
}

static void reply_counts(struct http_request *request, const struct import *import)
{
	const struct intake_counts done = intake_counts(import->intake);
	struct buf buf = BUF_INIT;
	buf_char(&buf, '{');
	json_out_integer(&buf, "added", (int64_t)done.added);
	json_out_integer(&buf, "already", (int64_t)done.already);
	json_out_integer(&buf, "degenerate", (int64_t)done.degenerate);
	json_out_integer(&buf, "bad", (int64_t)import->bad);
	json_put_key(&buf, "problems");
	buf_char(&buf, '[');
	buf_add(&buf, import->problems.data, import->problems.size);
	buf_text(&buf, "]}");
	api_reply(request, 200, &buf);
}

static void import_all(struct http_request *request, const char *bank,
	const struct hilf_entry_meta *meta, bool strict)
{
	struct import import = {.strict = strict};
	struct hilf_err err = {0};
	int rc = 0;
	if (strict)
		rc = run(request, &import, bank, meta, true, &err);
	if (!rc && import.bad) {
		char message[sizeof import.first + 80];
		snprintf(message, sizeof message,
			"%llu lines are bad, so nothing was added; the first: %s",
			(unsigned long long)import.bad, import.first);
		api_error(request, 422, "bad_lines", message,
			"mend them, or leave 'strict' out: then the good ones are added");
	} else {
		if (strict)
			intake_close(import.intake);
		import.intake = NULL;
		if (!rc)
			rc = run(request, &import, bank, meta, false, &err);
		if (rc)
			api_fail(request, &err);
		else
			reply_counts(request, &import);
	}
	intake_close(import.intake);
	buf_free(&import.problems);
}

void api_bank_import(struct http_request *request)
{
	struct hilf_entry_meta meta;
	struct hilf_bank bank;
	struct fields fields;
	bool strict;
	if (!api_bank_param(request, VERB_ENTRY_ADD, &bank) ||
		!api_query_bool(request, "strict", &strict))
		return;
	if (!http_file(request)) {
		api_error(request, 400, "no_file", "the request has no lines",
			"send them as the body, with Content-Type: text/plain, text/csv or "
			"application/jsonl");
		return;
	}
	fields_form(&fields, request);
	entry_read_meta(&fields, &meta);
	if (fields_end(&fields)) {
		meta.source = "import";
		import_all(request, bank.name, &meta, strict);
	}
}

/* --------------------------------------------------------------------------------------------- export */

struct export
{
	struct hilf *hilf;
	struct export_writer writer;
	char bank[HILF_BANK_NAME_MAX + 1];
	uint64_t after;
	bool begun;
	struct buf *chunk;
	size_t count;
};

static int look(const struct hilf_entry *entry, void *ctx)
{
	struct export *export = ctx;
	export_look(&export->writer, entry);
	export->after = entry->id;
	export->count++;
	return export->writer.too_many ? HILF_E_STOPPED : 0;
}

static int put(const struct hilf_entry *entry, void *ctx)
{
	struct export *export = ctx;
	if (export->chunk->size >= CHUNK_SIZE)
		return HILF_E_STOPPED;
	export_entry(&export->writer, entry, export->chunk);
	export->after = entry->id;
	export->count++;
	return 0;
}

/* CSV wants every key in its header. An entry that comes meanwhile with a key of its own is exported without it. */
static int look_at_all(struct export *export, struct hilf_err *err)
{
	int rc;
	do {
		export->count = 0;
		rc = hilf_entry_page(
			export->hilf, export->bank, export->after, PAGE, false, look, export, err);
	} while (!rc && export->count);
	export->after = 0;
	return rc;
}

static int next(void *ctx, struct buf *chunk, bool *ret_end)
{
	struct export *export = ctx;
	export->chunk = chunk;
	export->count = 0;
	if (!export->begun)
		export_header(&export->writer, chunk);
	export->begun = true;
	int rc = hilf_entry_page(
		export->hilf, export->bank, export->after, PAGE, false, put, export, NULL);
	*ret_end = !rc && !export->count;
	return rc == HILF_E_STOPPED ? 0 : rc;
}

static void close_export(void *ctx)
{
	free(ctx);
}

static bool read_form(
	struct http_request *request, enum export_form *ret_form, const char **ret_type)
{
	static const struct {
		const char *name, *type;
		enum export_form form;
	} forms[] = {{"jsonl", "application/jsonl", EXPORT_JSON},
		{"csv", "text/csv; charset=utf-8", EXPORT_CSV},
		{"lines", "text/plain; charset=utf-8", EXPORT_LINES}};
	const char *name = http_query(request, "format");
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		if (name && strcmp(name, forms[i].name) != 0)
			continue;
		*ret_form = forms[i].form;
		*ret_type = forms[i].type;
		return true;
	}
	api_error(request, 400, "invalid_parameter",
		"the query parameter 'format' is jsonl, csv or lines", "leave it out for jsonl");
	return false;
}

void api_bank_export(struct http_request *request)
{
	struct hilf_bank bank;
	enum export_form form;
	struct hilf_err err;
	const char *type;
	if (!api_bank_param(request, VERB_ENTRY_READ, &bank) || !read_form(request, &form, &type))
		return;
	struct export *export = calloc(1, sizeof *export);
	if (!export) {
		api_error(request, 503, "no_memory", "the node is out of memory", NULL);
		return;
	}
	export->hilf = api_hilf(request);
	export->writer = (struct export_writer){.form = form, .now_ms = clock_now_ms()};
	snprintf(export->bank, sizeof export->bank, "%s", bank.name);
	int rc = form == EXPORT_CSV ? look_at_all(export, &err) : 0;
	if (!rc) {
		const struct http_source source = {
			.next = next, .close = close_export, .ctx = export};
		http_reply_source(request, 200, type, &source);
		return;
	}
	if (export->writer.too_many)
		api_error(request, 422, "too_many_labels",
			"the bank has more label keys than CSV can have columns",
			"ask for format=jsonl or format=lines");
	else
		api_fail(request, &err);
	free(export);
}
