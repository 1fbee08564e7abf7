/* Where a request's body goes: to memory, to an unlinked file, or through a form's parser to either. What it may be is
 * decided at the end of the headers; here every byte is counted before it is kept. */
#include "base/check.h"
#include "base/utf8.h"
#include "http/inside.h"
#include "os/file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* What a form adds to its file: boundaries, headers, fields. */
#define FORM_OVERHEAD FORM_SIZE_MAX
/* Memory that is charged to memory_max at once. */
#define CHARGE_STEP ((uint64_t)64 * 1024)

#define FAULT(name_, status_, code_, message_, word_)                                              \
	static const struct fault name_ = {status_, code_, message_, NULL, word_}

FAULT(fault_unexpected, 400, "body_unexpected", "this route takes no body", "body");
static const struct fault fault_large = {413, "too_large",
	"the body is larger than this route takes",
	"a file may have what the operator's 'file-max' says, 64 MB at most; other bodies less",
	"too_large"};
FAULT(fault_full, 503, "busy", "too many bodies are being received at once", "busy");
FAULT(fault_coding, 400, "bad_chunk", "the body is not in the chunked coding", "protocol");
static const struct fault fault_spool = {503, "no_room", "the body could not be stored",
	"try again, or ask another node; its operator's log says whether the disk is full",
	"spool"};
FAULT(fault_form, 400, "bad_form", "the body is not multipart/form-data of its form", "form");
FAULT(fault_form_large, 413, "too_large", "the form has more or larger fields than are taken",
	"too_large");
FAULT(fault_form_files, 400, "bad_form", "the form has more than one file", "form");
FAULT(fault_form_text, 400, "bad_form", "a field of the form is not UTF-8, or has a zero byte",
	"form");

/* ------------------------------------------------------------------------------- memory and files */

bool body_charge(struct http_request *request, uint64_t size)
{
	struct http_server *server = request->loop->server;
	if (atomic_fetch_add(&server->body_memory, size) + size > server->conf.memory_max) {
		atomic_fetch_sub(&server->body_memory, size);
		return false;
	}
	request->body.charged += size;
	return true;
}

static const struct fault *bytes_keep(struct http_request *request, const char *bytes, size_t size)
{
	uint64_t needed = request->bytes.size + size, charged = request->body.charged;
	if (needed > charged && !body_charge(request, (needed - charged + CHARGE_STEP - 1) /
							      CHARGE_STEP * CHARGE_STEP))
		return &fault_full;
	buf_add(&request->bytes, bytes, size);
	return request->bytes.failed ? &fault_memory : NULL;
}

static int file_new(const char *dir)
{
	if (!dir)
		return memfd_create("hilf-body", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0)
		return fd;
	/* A file system that has no files without a name. */
	char *path = file_join(dir, "body-XXXXXX");
	if (path && (fd = mkostemp(path, O_CLOEXEC)) >= 0)
		unlink(path);
	free(path);
	return fd;
}

static const struct fault *file_open(struct http_request *request)
{
	struct http_file *file = &request->body.file;
	file->fd = file_new(request->loop->server->spool_dir);
	if (file->fd < 0) {
		server_log(request->loop->server, "error", "spool",
			"a body could not be stored: no file could be made for it");
		return &fault_spool;
	}
	return NULL;
}

static const struct fault *file_keep(struct http_request *request, const char *bytes, size_t size)
{
	struct http_file *file = &request->body.file;
	if (size > request->body.max - file->size)
		return &fault_large;
	if (file_write_all(file->fd, bytes, size) != 0) {
		server_log(request->loop->server, "error", "spool",
			"a body could not be stored: its file could not be written");
		return &fault_spool;
	}
	file->size += size;
	return NULL;
}

/* ------------------------------------------------------------------------------- forms */

/* The sink's functions say why they refuse by a pointer to a fault, beside the parser's own errors. */
struct form {
	struct multipart parser;
	struct http_request *request;
	const struct fault *fault;
	struct fault own; /* what the parser says, in its words */
	struct hilf_err err;
};

static int form_refuse(struct form *form, const struct fault *fault)
{
	form->fault = fault;
	return HILF_E_STOPPED;
}

static int form_part(const struct multipart_part *part, void *ctx, struct hilf_err *err)
{
	struct form *form = ctx;
	struct http_request *request = form->request;
	struct body *body = &request->body;
	char *name = arena_text(&request->arena, part->name, strlen(part->name));
	(void)err;
	if (!name)
		return form_refuse(form, &fault_memory);
	if (!part->is_file) {
		if (body->field_count++ == FORM_COUNT_MAX)
			return form_refuse(form, &fault_form_large);
		body->field_name = name;
		buf_clear(&request->bytes);
		return 0;
	}
	if (body->has_file)
		return form_refuse(form, &fault_form_files);
	const struct fault *bad = file_open(request);
	if (bad)
		return form_refuse(form, bad);
	body->has_file = true;
	body->field_name = NULL;
	body->file.field = name;
	body->file.content_type =
		arena_text(&request->arena, part->content_type, strlen(part->content_type));
	return body->file.content_type ? 0 : form_refuse(form, &fault_memory);
}

static int form_bytes(const char *bytes, size_t size, void *ctx, struct hilf_err *err)
{
	struct form *form = ctx;
	struct http_request *request = form->request;
	const struct fault *bad;
	(void)err;
	if (!request->body.field_name) {
		bad = file_keep(request, bytes, size);
	} else {
		request->body.form_size += size;
		bad = request->bytes.size + size > FORM_FIELD_MAX ||
				      request->body.form_size > FORM_SIZE_MAX
			      ? &fault_form_large
			      : bytes_keep(request, bytes, size);
	}
	return bad ? form_refuse(form, bad) : 0;
}

static int form_end(void *ctx, struct hilf_err *err)
{
	struct form *form = ctx;
	struct http_request *request = form->request;
	(void)err;
	if (!request->body.field_name)
		return 0;
	const char *text = request->bytes.data ? request->bytes.data : "";
	size_t size = request->bytes.size;
	struct form_field *field = arena_alloc(&request->arena, sizeof *field);
	char *value = arena_text(&request->arena, text, size);
	if (!field || !value)
		return form_refuse(form, &fault_memory);
	if (memchr(text, '\0', size) || !utf8_valid(text, size))
		return form_refuse(form, &fault_form_text);
	*field = (struct form_field){.name = request->body.field_name, .value = value};
	struct form_field **last = &request->body.fields;
	while (*last)
		last = &(*last)->next;
	*last = field;
	buf_clear(&request->bytes);
	return 0;
}

static const struct fault *form_result(struct http_request *request, int rc)
{
	struct form *form = (struct form *)request->body.multipart;
	if (rc == 0 || form->fault)
		return rc == 0 ? NULL : form->fault;
	form->own = rc == HILF_E_LIMIT ? fault_form_large : fault_form;
	form->own.message = form->err.text;
	return &form->own;
}

static struct hilf_err *form_err(struct http_request *request)
{
	return &((struct form *)request->body.multipart)->err;
}

static const struct fault *form_begin(struct http_request *request)
{
	struct form *form = arena_alloc(&request->arena, sizeof *form);
	if (!form)
		return &fault_memory;
	form->request = request;
	request->body.multipart = &form->parser;
	const struct multipart_sink sink = {form_part, form_bytes, form_end, form};
	return form_result(
		request, multipart_init(&form->parser, http_header(request, "content-type"), &sink,
				 &form->err));
}

/* ------------------------------------------------------------------------------- the body */

/* Whether a comma-separated list of media types has this one. */
static bool type_listed(const char *list, const char *type)
{
	size_t size = strlen(type);
	while (list && *list) {
		list += strspn(list, ", ");
		size_t here = strcspn(list, ", ");
		if (size && here == size && memcmp(list, type, size) == 0)
			return true;
		list += here;
	}
	return false;
}

static uint64_t first_of(uint64_t one, uint64_t other, uint64_t last)
{
	return one ? one : other ? other : last;
}

static const struct fault *sink_pick(struct http_request *request, uint64_t *ret_wire_max)
{
	const struct http_route *route = request->route;
	const struct http_app *app = request->app;
	struct body *body = &request->body;
	bool listed = type_listed(route->memory_types, request->media_type);
	if (route->body == HTTP_BODY_MEMORY || (route->body == HTTP_BODY_FILE && listed)) {
		body->sink = SINK_MEMORY;
		/* A bound for files is none for memory. */
		body->max = first_of(route->body == HTTP_BODY_MEMORY ? route->body_max : 0,
			app->memory_max, 1024 * 1024);
		*ret_wire_max = body->max;
		return NULL;
	}
	body->max = first_of(route->body_max, app->file_max, 64 * 1024 * 1024);
	bool form = strcmp(request->media_type, "multipart/form-data") == 0;
	body->sink = form ? SINK_FORM : SINK_FILE;
	*ret_wire_max = body->max + (form ? FORM_OVERHEAD : 0);
	return form ? form_begin(request) : NULL;
}

const struct fault *body_begin(struct http_request *request)
{
	struct body *body = &request->body;
	const struct fault *bad;
	uint64_t wire_max;
	body->left = request->content_size;
	if (request->route->body == HTTP_BODY_NONE) {
		if (body->is_chunked || body->left)
			return &fault_unexpected;
		body->is_complete = true;
		return NULL;
	}
	if ((bad = sink_pick(request, &wire_max)))
		return bad;
	if (body->left > wire_max)
		return &fault_large;
	body->is_complete = !body->is_chunked && !body->left;
	if (body->is_complete)
		return body->sink == SINK_FORM ? &fault_form : NULL;
	if (body->sink == SINK_FILE) {
		if ((bad = file_open(request)))
			return bad;
		body->has_file = true;
		body->file.field = "";
		body->file.content_type = request->media_type;
	}
	return NULL;
}

static const struct fault *body_keep(struct http_request *request, const char *bytes, size_t size)
{
	struct body *body = &request->body;
	body->received += size;
	switch (body->sink) {
	case SINK_MEMORY:
		return body->received > body->max ? &fault_large : bytes_keep(request, bytes, size);
	case SINK_FILE:
		return file_keep(request, bytes, size);
	default:
		if (body->received > body->max + FORM_OVERHEAD)
			return &fault_large;
		return form_result(
			request, multipart_feed(body->multipart, bytes, size, form_err(request)));
	}
}

static const struct fault *body_end(struct http_request *request)
{
	struct body *body = &request->body;
	body->is_complete = true;
	if (body->sink == SINK_FORM) {
		const struct fault *bad =
			form_result(request, multipart_finish(body->multipart, form_err(request)));
		if (bad)
			return bad;
	}
	if (body->has_file && lseek(body->file.fd, 0, SEEK_SET) != 0)
		return &fault_spool;
	return NULL;
}

const struct fault *body_feed(
	struct http_request *request, const char *bytes, size_t size, size_t *ret_taken)
{
	struct body *body = &request->body;
	const struct fault *bad = NULL;
	size_t at = 0;
	*ret_taken = 0;
	if (!body->is_chunked) {
		at = body->left < size ? (size_t)body->left : size;
		body->left -= at;
		*ret_taken = at;
		bad = body_keep(request, bytes, at);
		return bad || body->left ? bad : body_end(request);
	}
	while (!bad) {
		const char *data;
		size_t data_size;
		switch (chunked_next(&body->chunked, bytes, size, &at, &data, &data_size)) {
		case CHUNKED_DATA:
			bad = body_keep(request, data, data_size);
			break;
		case CHUNKED_END:
			*ret_taken = at;
			return body_end(request);
		case CHUNKED_MORE:
			*ret_taken = at;
			return NULL;
		default:
			bad = &fault_coding;
		}
	}
	*ret_taken = at;
	return bad;
}

void body_release(struct http_request *request)
{
	struct body *body = &request->body;
	if (body->file.fd >= 0)
		close(body->file.fd);
	body->file.fd = -1;
	if (body->charged)
		atomic_fetch_sub(&request->loop->server->body_memory, body->charged);
	body->charged = 0;
}
