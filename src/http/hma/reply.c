/* Answers as HMA spells them: JSON without blanks and with a line end, errors under "message". */
#include "http/hma/hma.h"

#include "base/check.h"
#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MESSAGE_MAX 400

void hma_reply(struct http_request *request, int status, struct buf *buf)
{
	buf_char(buf, '\n');
	http_reply(request, status, "application/json", buf);
}

void hma_message(struct http_request *request, int status, const char *message)
{
	struct buf buf = BUF_INIT;
	buf_char(&buf, '{');
	json_out_text(&buf, "message", message);
	buf_char(&buf, '}');
	hma_reply(request, status, &buf);
}

/* One client takes whatever object a look-up answers for banks that matched, without a glance at the status: a failure that
 * is none of its own making must not be an object. */
static bool must_be_text(const struct http_request *request, int status)
{
	const char *path = http_path(request);
	return (status == 401 || status == 429 || status >= 500) && path &&
	       strcmp(path, "/m/lookup") == 0 && strcmp(http_method(request), "GET") == 0;
}

static void reply_text(struct http_request *request, int status, const char *text)
{
	struct buf buf = BUF_INIT;
	buf_text(&buf, text);
	buf_char(&buf, '\n');
	http_reply(request, status, "text/plain; charset=utf-8", &buf);
}

void hma_error(struct http_request *request, int status, const char *format, ...)
{
	char text[MESSAGE_MAX], clean[MESSAGE_MAX];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	/* What was cut may end inside a character. */
	utf8_printable(text, strlen(text), clean, sizeof clean);
	if (must_be_text(request, status))
		reply_text(request, status, clean);
	else
		hma_message(request, status, clean);
}

struct failure {
	enum hilf_code code;
	int status;
};

/* HILF_E_NOT_FOUND and HILF_E_INVALID are not here: 404 and 400 mean something to clients that only who knows what was
 * asked can say. */
static const struct failure failures[] = {
	{HILF_E_DENIED, 403},
	{HILF_E_EXISTS, 403},
	{HILF_E_WITHDRAWN, 403},
	{HILF_E_LIMIT, 413},
	{HILF_E_BUSY, 503},
	{HILF_E_NO_MEMORY, 503},
	{HILF_E_HELPER, 503},
	{HILF_E_SANDBOX, 503},
	{HILF_E_UNSUPPORTED, 501},
};

void hma_fail(struct http_request *request, const struct hilf_err *err)
{
	const struct api *api = api_of(request);
	int status = 500;
	for (size_t i = 0; i < COUNT_OF(failures); i++)
		if (failures[i].code == err->code)
			status = failures[i].status;
	if (status < 500) {
		hma_error(request, status, "%s", err->text);
		return;
	}
	/* The text may name places of this machine. */
	if (api->log)
		api->log("error", hilf_code_name(err->code), err->text, api->log_ctx);
	if (status == 503)
		http_reply_header(request, "Retry-After", "1");
	hma_error(request, status, "this node failed inside (%s, request %s); its log says how",
		hilf_code_name(err->code), http_id(request));
}

void hma_put_ratio(struct buf *buf, uint32_t ppm)
{
	char text[16];
	int size = snprintf(text, sizeof text, "%u.%06u", ppm / 1000000u, ppm % 1000000u);
	while (text[size - 1] == '0' && text[size - 2] != '.')
		size--;
	buf_add(buf, text, (size_t)size);
}

bool hma_to_worker(struct http_request *request)
{
	if (http_on_worker(request))
		return false;
	http_to_worker(request);
	return true;
}
