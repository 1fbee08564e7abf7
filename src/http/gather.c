/* Requests that are answered together at the end of a turn. Who asks an index gains by asking it for several at once: they
 * hide each other's memory latency, and what the network's code drove out of the caches is fetched once for all of them.
 *
 *   events of a turn:  read, parse, put off │ read, parse, put off │ ...      then: together(requests) │ reply │ reply │ ...
 *
 * The turn's end is an event that is made active with the first of them. libevent runs what becomes active meanwhile behind
 * all that the kernel has told, in the same pass, so nobody waits for more to come: one request alone is answered as soon
 * as it would have been. What is put off by such an end itself (the next request of a connection that sends them in one
 * piece) waits for the kernel to be asked in between, so that nobody has the loop for himself. */
#include "base/check.h"
#include "http/inside.h"
#include "os/clock.h"

void http_gather(struct http_request *request, http_together *together)
{
	ASSERT(request->outcome == OUTCOME_NONE);
	if (request->on_worker || request->loop->gathered_count == HTTP_GATHER_MAX) {
		together(&request, 1);
		return;
	}
	request->outcome = OUTCOME_GATHER;
	request->together = together;
}

void http_gather_on_worker(struct http_request *request, http_together *together)
{
	ASSERT(request->outcome == OUTCOME_NONE);
	if (request->on_worker) {
		together(&request, 1);
		return;
	}
	request->outcome = OUTCOME_GATHER_ON_WORKER;
	request->together = together;
}

void loop_gather(struct http_request *request)
{
	struct loop *loop = request->loop;
	const struct timeval now = {0, 0};
	ASSERT(loop->gathered_count < HTTP_GATHER_MAX);
	if (!loop->gathered_count && loop->is_gathering)
		event_add(&loop->gather, &now);
	else if (!loop->gathered_count)
		event_active(&loop->gather, EV_TIMEOUT, 0);
	request->gathered = true;
	loop->gathered[loop->gathered_count++] = request;
}

void loop_ungather(struct http_request *request)
{
	struct loop *loop = request->loop;
	unsigned at = 0;
	while (loop->gathered[at] != request)
		ASSERT(++at < loop->gathered_count);
	loop->gathered[at] = loop->gathered[--loop->gathered_count];
	request->gathered = false;
}

unsigned gather_answer(struct http_request **requests, unsigned count)
{
	http_together *together = requests[0]->together;
	int64_t from_us = clock_monotonic_us();
	unsigned alike = 0;
	for (unsigned i = 0; i < count; i++) {
		struct http_request *request = requests[i];
		if (request->together != together)
			continue;
		requests[i] = requests[alike];
		requests[alike++] = request;
		request->outcome = OUTCOME_NONE;
	}
	together(requests, alike);
	int64_t each_us = (clock_monotonic_us() - from_us) / alike;
	for (unsigned i = 0; i < alike; i++) {
		ASSERT(requests[i]->outcome != OUTCOME_NONE &&
			requests[i]->outcome != OUTCOME_GATHER);
		requests[i]->worked_us += each_us;
	}
	return alike;
}

void gather_came(evutil_socket_t fd, short what, void *ctx)
{
	struct loop *loop = ctx;
	struct http_request *requests[HTTP_GATHER_MAX];
	unsigned count = loop->gathered_count;
	(void)fd;
	(void)what;
	loop->gathered_count = 0;
	for (unsigned i = 0; i < count; i++) {
		requests[i] = loop->gathered[i];
		requests[i]->gathered = false;
	}
	loop->is_gathering = true;
	for (unsigned at = 0; at < count;)
		at += gather_answer(requests + at, count - at);
	loop_time(loop);
	for (unsigned i = 0; i < count; i++)
		conn_gathered(requests[i]);
	loop->is_gathering = false;
}
