/* POST /v1/check.
 *
 *   file, url ──► bytes ──► helper, within the time that is left ──► signals ─┐
 *   signals ──────────────────────────────────────────────────────────────────┴──► match ──► record ──► answer
 *
 * Whatever could not be looked at is listed as undecided and never reads as no_match. Signals of the similarity index need
 * no disk, so they are matched on the loop's own thread; as soon as something is to be written, the check moves to a
 * worker and is made again there. */
#include "http/api/check.h"

#include "base/check.h"
#include "engine/exemptions.h"
#include "engine/fetch.h"
#include "http/metrics.h"
#include "os/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What is left of the budget for comparing and writing, once the file is hashed. */
#define MATCH_MS 20u
/* Of each signal, when a decision is recorded that rests on more matches than were asked for. */
#define REST_LIMIT 1000u

/* ------------------------------------------------------------------------------------------ what is undecided */

void undecided_add(
	struct check_outcome *outcome, const char *part, const char *code, const char *reason)
{
	ASSERT(outcome->undecided_count < CHECK_UNDECIDED_MAX);
	struct undecided *undecided = &outcome->undecided[outcome->undecided_count++];
	undecided->part = part;
	undecided->code = code;
	snprintf(undecided->reason, sizeof undecided->reason, "%s", reason);
	if (outcome->check.verdict < HILF_UNDECIDED)
		outcome->check.verdict = HILF_UNDECIDED;
	if (outcome->check.shadow_verdict < HILF_UNDECIDED)
		outcome->check.shadow_verdict = HILF_UNDECIDED;
}

void undecided_when_behind(struct http_request *request, struct check_outcome *outcome)
{
	if (api_is_behind(api_of(request)))
		undecided_add(outcome, "node", "behind",
			"this node has not heard of its leader for some time and may know less "
			"than it "
			"should");
}

/* ------------------------------------------------------------------------------------------------- matching */

static int by_distance(const void *a, const void *b)
{
	const struct hilf_match *x = a, *y = b;
	if (x->distance != y->distance)
		return x->distance < y->distance ? -1 : 1;
	return (x->entry > y->entry) - (x->entry < y->entry);
}

/* Several signals are one content: the weightiest verdict, the nearest matches, one of an entry and signal type. */
static int join(struct hilf_check *checks, size_t count, size_t limit, struct hilf_check *ret_check)
{
	size_t total = 0, kept = 0;
	for (size_t i = 0; i < count; i++) {
		total += checks[i].match_count;
		ret_check->match_more += checks[i].match_more;
		if (checks[i].verdict > ret_check->verdict)
			ret_check->verdict = checks[i].verdict;
		if (checks[i].shadow_verdict > ret_check->shadow_verdict)
			ret_check->shadow_verdict = checks[i].shadow_verdict;
	}
	if (!total)
		return 0;
	struct hilf_match *matches = malloc(total * sizeof *matches);
	if (!matches)
		return HILF_E_NO_MEMORY;
	total = 0;
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < checks[i].match_count; j++)
			matches[total++] = checks[i].matches[j];
	qsort(matches, total, sizeof *matches, by_distance);
	for (size_t i = 0; i < total; i++) {
		bool there = false;
		for (size_t j = 0; j < kept && !there; j++)
			there = matches[j].entry == matches[i].entry &&
				matches[j].signal_type == matches[i].signal_type;
		if (there)
			continue;
		if (kept < limit)
			matches[kept++] = matches[i];
		else
			ret_check->match_more++;
	}
	ret_check->matches = matches;
	ret_check->match_count = kept;
	return 0;
}

static int match_signals(struct hilf *hilf, const struct check_input *input,
	struct hilf_check *ret_check, struct hilf_err *err)
{
	struct hilf_check checks[CHECK_SIGNALS_MAX];
	size_t count = input->signal_count;
	int rc = hilf_match_signals(
		hilf, &input->query, input->signals, count, count == 1 ? ret_check : checks, err);
	if (rc || count == 1)
		return rc;
	rc = join(checks, count, input->query.limit, ret_check);
	for (size_t i = 0; i < count; i++)
		hilf_check_free(&checks[i]);
	if (rc)
		*err = (struct hilf_err){.code = HILF_E_NO_MEMORY, .text = "out of memory"};
	return rc;
}

static uint32_t left_of(const struct http_request *request, const struct check_input *input)
{
	int64_t left = (int64_t)input->budget_ms - api_took_us(request) / 1000;
	return left > 0 ? (uint32_t)left : 0;
}

/* Whether somebody may have to look at it, and the vault keeps what they will need then. Private surfaces are never kept. */
static bool wants_previews(
	struct hilf *hilf, const struct check_input *input, const struct check_outcome *outcome)
{
	return outcome->check.verdict >= HILF_VERDICT_REVIEW && input->context.content_id &&
	       input->context.surface != SURFACE_PRIVATE && vault_is_on(hilf);
}

/* Hashes within what is left and compares; a budget that is used up is not the file's fault, so it has a code of its
 * own. */
static int match_file(struct http_request *request, const struct check_input *input, int fd,
	struct check_outcome *outcome, struct hilf_err *err)
{
	struct hilf *hilf = api_hilf(request);
	struct hilf_content *content = &outcome->content;
	uint32_t left_ms = left_of(request, input);
	left_ms = left_ms > MATCH_MS ? left_ms - MATCH_MS : 1;
	int rc = hilf_hash_fd_within(hilf, fd, left_ms, content, err);
	if (!rc)
		rc = hilf_match_content(hilf, &input->query, content, &outcome->check, err);
	if (rc)
		return rc;
	outcome->has_content = true;
	api_count_decoded(request, content);
	left_ms = left_of(request, input);
	if (left_ms > MATCH_MS && wants_previews(hilf, input, outcome))
		vault_show(hilf, fd, left_ms - MATCH_MS, content->sha256, &outcome->previews);
	if (content->decided)
		return 0;
	bool late =
		!strcmp(content->reason_code, "timeout") && left_of(request, input) <= 2 * MATCH_MS;
	undecided_add(outcome, "picture", late ? "budget" : content->reason_code,
		late ? "the time for this check was over before the picture was decoded"
		     : content->reason);
	return 0;
}

/* What a fetch that failed is called; the content is then undecided, and the answer is a 200. */
static const char *fetch_code(int rc)
{
	switch (rc) {
	case HILF_E_DENIED:
		return "fetch_refused";
	case HILF_E_LIMIT:
		return "limit";
	case HILF_E_INVALID:
		return "fetch_invalid";
	default:
		return "fetch_failed";
	}
}

static int match_url(struct http_request *request, const struct check_input *input,
	struct check_outcome *outcome, struct hilf_err *err)
{
	struct api *api = api_of(request);
	struct fetched fetched = {.fd = -1};
	char reason[64];
	if (!api->fetch || !api_conf(api)->fetch_urls) {
		undecided_add(outcome, "url", "fetch_off",
			"this node fetches nothing; send the file itself, or have the operator "
			"turn fetching "
			"on");
		return 0;
	}
	int rc = api_fetch(
		request, input->url, left_of(request, input), &fetched, &outcome->is_parked, err);
	if (outcome->is_parked)
		return rc;
	if (api->metrics)
		metrics_event(api->metrics,
			!rc                   ? METRIC_FETCHED
			: rc == HILF_E_DENIED ? METRIC_FETCH_REFUSED
					      : METRIC_FETCH_FAILED,
			1);
	if (rc == HILF_E_HELPER || rc == HILF_E_NO_MEMORY)
		return rc;
	if (rc) {
		undecided_add(outcome, "url", left_of(request, input) ? fetch_code(rc) : "budget",
			err->text);
		return 0;
	}
	if (fetched.status < 200 || fetched.status > 299 || fetched.fd < 0) {
		if (fetched.status < 200 || fetched.status > 299)
			snprintf(reason, sizeof reason, "the address answered %d", fetched.status);
		else
			snprintf(reason, sizeof reason, "the address answered with nothing");
		undecided_add(outcome, "url", "fetch_failed", reason);
		rc = 0;
	} else {
		rc = match_file(request, input, fetched.fd, outcome, err);
	}
	if (fetched.fd >= 0)
		close(fetched.fd);
	return rc;
}

static int match(struct http_request *request, const struct check_input *input,
	struct check_outcome *outcome, struct hilf_err *err)
{
	if (input->file)
		return match_file(request, input, input->file->fd, outcome, err);
	if (input->url)
		return match_url(request, input, outcome, err);
	if (input->signals)
		return match_signals(api_hilf(request), input, &outcome->check, err);
	undecided_add(outcome, "text", "unsupported", "this version of hilf compares no text yet");
	return 0;
}

/* ---------------------------------------------------------------------------------------------- the check */

/* Whether it can be answered where it came in: nothing of it touches a disk or another process. */
static bool is_quick(const struct check_input *input)
{
	if (!input->signals || input->context.content_id ||
		input->context.surface == SURFACE_PRIVATE)
		return false;
	for (size_t i = 0; i < input->signal_count; i++)
		if (input->signals[i].type != HILF_PDQ)
			return false;
	return true;
}

bool check_may_surface(struct http_request *request, enum surface surface)
{
	char basis[512];
	struct hilf_err err;
	if (surface != SURFACE_PRIVATE)
		return true;
	if (checks_private_basis(api_hilf(request), basis, sizeof basis, &err)) {
		api_fail(request, &err);
		return false;
	}
	if (*basis)
		return true;
	api_error(request, 403, "private_surface",
		"private surfaces are not checked: no legal basis for it is recorded on this node",
		"an operator records one with PUT /v1/settings/private_basis");
	return false;
}

/* A content's signals as a later entry may be compared with: an entry holds its picture as it is, so turned and mirrored
 * copies are found only when what is kept of them is turned and mirrored. */
static size_t kept_signals(
	const struct hilf_content *content, struct hilf_signal ret_signals[LOOKBACK_SIGNALS_MAX])
{
	_Static_assert(
		HILF_PICTURE_MAX * HILF_ORIENTATION_COUNT + 2 <= LOOKBACK_SIGNALS_MAX, "fit");
	struct hilf_signal held[3];
	size_t count = 0, held_count = check_signals_of(content, held);
	for (size_t i = 0; i < content->picture_count; i++) {
		const struct hilf_picture *picture = &content->pictures[i];
		for (size_t j = 0; j < HILF_ORIENTATION_COUNT && !picture->degenerate; j++) {
			struct hilf_signal *pdq = &ret_signals[count++];
			*pdq = (struct hilf_signal){
				.type = HILF_PDQ, .size = 32, .quality = (int16_t)picture->quality};
			memcpy(pdq->value, picture->pdq[j], 32);
		}
	}
	for (size_t i = 0; i < held_count; i++)
		if (held[i].type != HILF_PDQ)
			ret_signals[count++] = held[i];
	return count;
}

static void look_back(struct http_request *request, const struct check_input *input,
	const struct check_outcome *outcome)
{
	struct lookback *lookback = api_of(request)->lookback;
	struct hilf_signal signals[LOOKBACK_SIGNALS_MAX];
	if (!lookback || !input->context.content_id || input->context.surface == SURFACE_PRIVATE)
		return;
	if (input->signals)
		lookback_note(lookback, &input->context, input->signals, input->signal_count);
	else if (outcome->has_content)
		lookback_note(lookback, &input->context, signals,
			kept_signals(&outcome->content, signals));
}

static void count(struct http_request *request, const struct check_outcome *outcome, size_t signals)
{
	struct metrics *metrics = api_of(request)->metrics;
	tally_check(api_hilf(request), &outcome->check,
		outcome->has_content && !outcome->content.decided);
	if (metrics)
		metrics_check(metrics, outcome->check.verdict, outcome->check.shadow_verdict,
			outcome->undecided_count ? outcome->undecided[0].code : "", signals);
}

static void put_outcome(struct http_request *request, const struct check_outcome *outcome,
	bool token, struct buf *buf)
{
	struct check_decision decision = outcome->decision;
	buf_reserve(buf, CHECK_REPLY_SIZE);
	buf_char(buf, '{');
	answer_check(buf, &outcome->check, true);
	answer_undecided(buf, outcome);
	if (outcome->has_content)
		answer_content(buf, &outcome->content);
	if (!token)
		*decision.appeal_token = '\0';
	if (*decision.id) {
		char appeal_url[DECIDE_URL_TEXT];
		decide_appeal_url(api_hilf(request), appeal_url);
		answer_decision(buf, &decision, appeal_url);
	}
	json_out_took(buf, "took_ms", api_took_us(request));
	buf_char(buf, '}');
}

/* The token is a secret that is told once; a repetition by Idempotency-Key gets the rest. */
static void reply(struct http_request *request, const struct check_outcome *outcome)
{
	struct buf buf = BUF_INIT, kept = BUF_INIT;
	put_outcome(request, outcome, true, &buf);
	if (!*outcome->decision.appeal_token) {
		api_reply(request, 200, &buf);
		return;
	}
	put_outcome(request, outcome, false, &kept);
	api_reply_secret(request, 200, &buf, &kept);
}

/* What a decision rests on is all that counts, however few matches are to be shown and however many of banks in shadow are
 * nearer: else one withdrawal would reverse what another entry upholds, or none would. */
static int match_again(struct http_request *request, const struct check_input *input,
	const struct check_outcome *outcome, struct hilf_check *ret_check, struct hilf_err *err)
{
	struct check_input all = *input;
	all.query.limit = REST_LIMIT;
	all.query.no_shadow = true;
	if (outcome->has_content)
		return hilf_match_content(
			api_hilf(request), &all.query, &outcome->content, ret_check, err);
	return match_signals(api_hilf(request), &all, ret_check, err);
}

static void settle_undecided(struct check_outcome *outcome)
{
	if (outcome->undecided_count && outcome->check.verdict < HILF_UNDECIDED)
		outcome->check.verdict = HILF_UNDECIDED;
	if (outcome->undecided_count && outcome->check.shadow_verdict < HILF_UNDECIDED)
		outcome->check.shadow_verdict = HILF_UNDECIDED;
}

/* What this content is exempt from raises no verdict. Where there are more matches than are shown, all that count are asked
 * for: the others may be of entries that it is not exempt from. */
static int exempt(struct http_request *request, const struct check_input *input,
	struct check_outcome *outcome, struct hilf_err *err)
{
	struct hilf *hilf = api_hilf(request);
	struct hilf_check all = {0};
	if (outcome->check.verdict < HILF_VERDICT_REVIEW || !exemptions_any(hilf))
		return 0;
	exemptions_apply(hilf, &input->context, input->url, &outcome->check);
	if (outcome->check.match_more) {
		int rc = match_again(request, input, outcome, &all, err);
		if (rc)
			return rc;
		exemptions_apply(hilf, &input->context, input->url, &all);
		outcome->check.verdict = all.verdict;
		hilf_check_free(&all);
	}
	settle_undecided(outcome);
	return 0;
}

static int record(struct http_request *request, const struct check_input *input,
	struct check_outcome *outcome, struct hilf_err *err)
{
	struct hilf_check all = {0}, *rests = &outcome->check;
	if (outcome->check.match_more) {
		int rc = match_again(request, input, outcome, &all, err);
		if (rc)
			return rc;
		exemptions_apply(api_hilf(request), &input->context, input->url, &all);
		/* It is the later one, and the one that is recorded. */
		outcome->check.verdict = all.verdict;
		settle_undecided(outcome);
		rests = &all;
	}
	struct check_context context = input->context;
	context.previews = &outcome->previews;
	int rc = check_record(
		api_hilf(request), &context, rests, http_arena(request), &outcome->decision, err);
	if (rests == &all)
		hilf_check_free(&all);
	return rc;
}

void api_check(struct http_request *request)
{
	struct check_input input;
	struct check_outcome outcome = {0};
	struct hilf_err err;
	if (!check_read(request, &input))
		return;
	/* One coin for all of it, however often it is compared. */
	if (!input.query.seed)
		input.query.seed = http_id(request);
	if (!is_quick(&input) && !api_on_worker(request))
		return;
	if (!check_may_surface(request, input.context.surface))
		return;
	if (api_must_catch_up(request))
		return;
	int rc = match(request, &input, &outcome, &err);
	if (outcome.is_parked)
		return;
	if (!rc)
		rc = exempt(request, &input, &outcome, &err);
	if (!rc) {
		undecided_when_behind(request, &outcome);
		bool writes = check_needs_record(api_hilf(request), &input.context, &outcome.check);
		if (writes && !api_on_worker(request)) {
			hilf_check_free(&outcome.check);
			return;
		}
		if (writes)
			rc = record(request, &input, &outcome, &err);
	}
	if (rc) {
		api_fail(request, &err);
	} else {
		look_back(request, &input, &outcome);
		count(request, &outcome, input.signals ? input.signal_count : 1);
		reply(request, &outcome);
	}
	hilf_check_free(&outcome.check);
	previews_clear(&outcome.previews);
}
