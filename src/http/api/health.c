/* Whether the node lives, whether it can be asked, and its counters: for balancers and monitors, which send no key for the
 * first two. */
#include "http/api/inside.h"
#include "http/metrics.h"
#include "os/clock.h"

static void reply_state(
	struct http_request *request, int status, const char *text, const char *reason)
{
	struct buf buf = BUF_INIT;
	buf_char(&buf, '{');
	json_out_text(&buf, "status", text);
	if (reason)
		json_out_text(&buf, "reason", reason);
	buf_char(&buf, '}');
	api_reply(request, status, &buf);
}

void api_healthz(struct http_request *request)
{
	reply_state(request, 200, "ok", NULL);
}

void api_readyz(struct http_request *request)
{
	static const char *const words[] = {[API_LOADING] = "loading",
		[API_READY] = "ready",
		[API_BEHIND] = "behind",
		[API_DRAINING] = "draining",
		[API_FAILED] = "failed"};
	static const char *const reasons[] = {[API_LOADING] = "the node is reading its data",
		[API_BEHIND] = "the node has not heard of its leader for some time",
		[API_DRAINING] = "the node is stopping",
		[API_FAILED] = "the node could not open its data; its log says why"};
	int state = atomic_load(&api_of(request)->state);
	if (state == API_READY) {
		reply_state(request, 200, words[state], NULL);
		return;
	}
	http_reply_header(request, "Retry-After", "1");
	reply_state(request, 503, words[state], reasons[state]);
}

void api_metrics(struct http_request *request)
{
	struct api *api = api_of(request);
	struct buf buf = BUF_INIT;
	struct hilf_err err;
	if (!api->metrics) {
		api_error(request, 501, "unsupported", "this node keeps no counters", NULL);
		return;
	}
	if (metrics_write(api->metrics, api, &buf, &err)) {
		buf_free(&buf);
		api_fail(request, &err);
		return;
	}
	http_reply(request, 200, "text/plain; version=0.0.4; charset=utf-8", &buf);
}
