/* Asking everybody how the node is. Each part may fail by itself, and then it is left out: whoever looks at a node that is
 * not well needs the rest all the more. */
#include "http/api.h"
#include "http/metrics/inside.h"
#include "os/clock.h"

const char *const node_states[NODE_STATES] = {[API_LOADING] = "loading",
	[API_READY] = "ready",
	[API_BEHIND] = "behind",
	[API_DRAINING] = "draining",
	[API_FAILED] = "failed"};

void node_view_get(struct api *api, struct node_view *ret_view)
{
	struct hilf *hilf = atomic_load(&api->hilf);
	struct node_view *view = ret_view;
	uint64_t local = 0;
	*view = (struct node_view){.now_ms = clock_now_ms(),
		.started_ms = api->started_ms,
		.heard_ms = atomic_load(&api->heard_ms),
		.state = node_states[atomic_load(&api->state)],
		.follower = api->follower,
		.lookback_count = api->lookback ? lookback_count(api->lookback) : 0};
	if (!hilf)
		return;
	hilf_feed_head(hilf, &view->head, &local);
	view->has_stats = hilf_stats_get(hilf, &view->stats, NULL) == 0;
	view->has_index = hilf_index_get(hilf, &view->index, NULL) == 0;
	if (view->has_index && view->head > view->index.seq)
		view->lag = view->head - view->index.seq;
	view->has_outbox = deliveries_count(hilf, &view->outbox, NULL) == 0;
	view->has_keys = key_count(hilf, &view->keys, NULL) == 0;
	view->has_room = insight_room(hilf, &view->room_free, &view->room_size, NULL) == 0;
	view->has_cases = insight_cases(hilf, view->cases, NULL) == 0;
	view->has_totals = insight_totals(hilf, view->totals, NULL) == 0;
}
