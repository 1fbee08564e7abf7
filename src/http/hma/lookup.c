/* Look-ups: a signal, a file or a URL against the banks. A look-up by pdq signal is answered on the loop's own thread, with
 * all that came in the same turn of it, a few microseconds after its headers came; whatever needs the store, a helper or a
 * long list goes to a worker. */
#include "http/hma/hma.h"

#include "base/check.h"
#include "http/metrics.h"
#include "os/clock.h"

#include <stdlib.h>
#include <string.h>

/* What is kept at first: with more matches than that the banks are asked once more, without those in shadow, so that
 * these do not crowd out others. */
#define KEEP_FIRST 100u
#define KEEP_ALL   10000u

struct lookup {
	const struct hilf_signal *signal; /* one of these two */
	const struct hilf_content *content;
	bool restricted; /* to these banks */
	struct hma_names banks;
	const char *seed;
	bool unsampled;
};

enum found { FOUND, FOUND_ELSEWHERE /* replied, or on its way to a worker */ };

/* ------------------------------------------------------------------------------------------- asking */

static bool in_scope(const struct http_request *request, const char *bank)
{
	const struct actor *actor = api_actor(request);
	const struct object object = {.kind = OBJECT_BANK, .bank = bank, .own = true};
	return !actor->banks || may(actor, VERB_CHECK, &object, NULL) == 0;
}

/* Shadow never appears, nor what the coin left out. */
static bool visible(const struct http_request *request, const struct lookup *lookup,
	const struct hilf_match *match)
{
	return match->mode != HILF_SHADOW && !match->sampled_out &&
	       (!lookup->restricted || hma_named(&lookup->banks, match->bank)) &&
	       in_scope(request, match->bank);
}

static struct hilf_query query_of(const struct http_request *request, const struct lookup *lookup,
	const struct hma_names *banks, size_t limit)
{
	return (struct hilf_query){.banks = banks ? banks->names : NULL,
		.bank_count = banks ? banks->count : 0,
		.limit = limit,
		.seed = lookup->seed,
		.unsampled = lookup->unsampled,
		.as_is = !api_conf(api_of(request))->hma_all_orientations};
}

static int ask(const struct http_request *request, const struct lookup *lookup,
	const struct hma_names *banks, size_t limit, struct hilf_check *ret_check,
	struct hilf_err *err)
{
	const struct hilf_query query = query_of(request, lookup, banks, limit);
	if (lookup->signal)
		return hilf_match_signals(
			api_hilf(request), &query, lookup->signal, 1, ret_check, err);
	return hilf_match_content(api_hilf(request), &query, lookup->content, ret_check, err);
}

struct choosing {
	struct http_request *request;
	const struct lookup *lookup;
	struct hma_names names;
	size_t room;
};

static int choose(const struct hilf_bank *bank, void *ctx)
{
	struct choosing *choosing = ctx;
	const struct lookup *lookup = choosing->lookup;
	struct arena *arena = http_arena(choosing->request);
	if (bank->mode == HILF_SHADOW || !in_scope(choosing->request, bank->name) ||
		(lookup->restricted && !hma_named(&lookup->banks, bank->name)))
		return 0;
	if (choosing->names.count == choosing->room) {
		size_t room = choosing->room ? 2 * choosing->room : 16;
		const char **names = arena_array(arena, room, sizeof *names);
		if (!names)
			return HILF_E_NO_MEMORY;
		if (choosing->names.count)
			memcpy(names, choosing->names.names, choosing->names.count * sizeof *names);
		choosing->names.names = names;
		choosing->room = room;
	}
	char *name = arena_text(arena, bank->name, strlen(bank->name));
	choosing->names.names[choosing->names.count++] = name;
	return name ? 0 : HILF_E_NO_MEMORY;
}

/* All that is near in the banks that count. */
static int ask_all(struct http_request *request, const struct lookup *lookup,
	struct hilf_check *ret_check, struct hilf_err *err)
{
	int rc = HILF_E_NOT_FOUND;
	/* A bank may go between the two questions. */
	for (int i = 0; i < 3 && rc == HILF_E_NOT_FOUND; i++) {
		struct choosing choosing = {request, lookup, {0}, 0};
		rc = hilf_bank_each(api_hilf(request), choose, &choosing, err);
		if (rc == HILF_E_NO_MEMORY)
			*err = (struct hilf_err){.code = rc};
		if (!rc && !choosing.names.count)
			*ret_check = (struct hilf_check){0};
		else if (!rc)
			rc = ask(request, lookup, &choosing.names, KEEP_ALL, ret_check, err);
	}
	return rc;
}

/* With the first answer, where that is not all. */
static enum found find_rest(
	struct http_request *request, const struct lookup *lookup, struct hilf_check *io_check)
{
	const struct api *api = api_of(request);
	struct hilf_check check = *io_check;
	struct hilf_err err;
	if (check.match_more) {
		hilf_check_free(&check);
		if (hma_to_worker(request))
			return FOUND_ELSEWHERE;
		if (ask_all(request, lookup, &check, &err)) {
			hma_fail(request, &err);
			return FOUND_ELSEWHERE;
		}
	}
	tally_lookups(api_hilf(request), &check, 1);
	if (api->metrics)
		metrics_check(api->metrics, check.verdict, check.shadow_verdict,
			lookup->content && !lookup->content->decided ? lookup->content->reason_code
								     : "",
			1);
	*io_check = check;
	return FOUND;
}

static enum found find(
	struct http_request *request, const struct lookup *lookup, struct hilf_check *ret_check)
{
	struct hilf_check check;
	struct hilf_err err;
	if (api_must_catch_up(request))
		return FOUND_ELSEWHERE;
	if (ask(request, lookup, NULL, KEEP_FIRST, &check, &err)) {
		hma_fail(request, &err);
		return FOUND_ELSEWHERE;
	}
	if (find_rest(request, lookup, &check) != FOUND)
		return FOUND_ELSEWHERE;
	*ret_check = check;
	return FOUND;
}

/* ------------------------------------------------------------------------------------------- writing */

/* Banks by name, in each the nearest first. */
static int by_bank(const void *a, const void *b)
{
	const struct hilf_match *x = *(const struct hilf_match *const *)a;
	const struct hilf_match *y = *(const struct hilf_match *const *)b;
	int order = strcmp(x->bank, y->bank);
	if (order)
		return order;
	if (x->distance != y->distance)
		return x->distance < y->distance ? -1 : 1;
	return x->entry < y->entry ? -1 : x->entry > y->entry;
}

static int by_entry(const void *a, const void *b)
{
	const struct hilf_match *x = *(const struct hilf_match *const *)a;
	const struct hilf_match *y = *(const struct hilf_match *const *)b;
	if (x->entry != y->entry)
		return x->entry < y->entry ? -1 : 1;
	return (x->distance > y->distance) - (x->distance < y->distance);
}

/* What is to be shown, each entry once, the nearest; in the arena. false: replied. */
static bool select_visible(struct http_request *request, const struct lookup *lookup,
	const struct hilf_check *check, const struct hilf_match ***ret_matches, size_t *ret_count)
{
	const struct hilf_match **matches = NULL;
	size_t count = 0, to = 0;
	if (check->match_count)
		matches = arena_array(http_arena(request), check->match_count, sizeof(void *));
	if (check->match_count && !matches) {
		hma_error(request, 503, "this node is out of memory; try again");
		return false;
	}
	for (size_t i = 0; i < check->match_count; i++)
		if (visible(request, lookup, &check->matches[i]))
			matches[count++] = &check->matches[i];
	if (count > 1) {
		qsort(matches, count, sizeof *matches, by_entry);
		for (size_t i = 1; i < count; i++)
			if (matches[i]->entry != matches[to]->entry)
				matches[++to] = matches[i];
		count = to + 1;
	}
	*ret_matches = matches;
	*ret_count = count;
	return true;
}

static void put_match(struct buf *buf, const struct hilf_match *match)
{
	buf_text(buf, "{\"bank_content_id\":");
	json_put_integer(buf, (int64_t)match->entry);
	/* A string, as HMA has it. */
	buf_text(buf, ",\"distance\":\"");
	json_put_integer(buf, match->distance);
	buf_text(buf, "\"}");
}

static void put_banks(struct buf *buf, const struct hilf_match **matches, size_t count)
{
	if (count > 1)
		qsort(matches, count, sizeof *matches, by_bank);
	buf_char(buf, '{');
	for (size_t i = 0; i < count; i++) {
		if (!i || strcmp(matches[i - 1]->bank, matches[i]->bank) != 0) {
			if (i)
				buf_char(buf, ']');
			json_put_key(buf, matches[i]->bank);
			buf_char(buf, '[');
		} else {
			buf_char(buf, ',');
		}
		put_match(buf, matches[i]);
	}
	if (count)
		buf_char(buf, ']');
	buf_char(buf, '}');
}

/* ------------------------------------------------------------------------------------------- handlers */

static bool read_common(struct http_request *request, struct lookup *lookup)
{
	const char *banks = http_query(request, "banks");
	lookup->restricted = banks && *banks;
	lookup->seed = http_query(request, "seed");
	return !lookup->restricted || hma_split(request, banks, &lookup->banks);
}

/* {"BANK":[...]}, within {"pdq":...} where outer names it. */
static void reply_banks(struct http_request *request, const struct lookup *lookup,
	const struct hilf_check *check, const char *outer)
{
	const struct hilf_match **matches;
	size_t count;
	if (!select_visible(request, lookup, check, &matches, &count))
		return;
	struct buf buf = http_reply_room(request);
	if (outer) {
		buf_char(&buf, '{');
		json_put_key(&buf, outer);
	}
	put_banks(&buf, matches, count);
	if (outer)
		buf_char(&buf, '}');
	hma_reply(request, 200, &buf);
}

static bool any_visible(const struct http_request *request, const struct lookup *lookup,
	const struct hilf_check *check)
{
	for (size_t i = 0; i < check->match_count; i++)
		if (visible(request, lookup, &check->matches[i]))
			return true;
	return false;
}

/* A file that was read. An equal digest is told under the content type's one signal type, at distance 0: that is the file
 * itself. What was not read whole may still match; if it does not, nobody knows. */
static void look_up_media(struct http_request *request, struct lookup *lookup,
	const struct hma_media *media, bool inner)
{
	struct hilf_check check;
	lookup->content = &media->content;
	if (find(request, lookup, &check) != FOUND)
		return;
	if (!media->content.decided && !any_visible(request, lookup, &check))
		hma_undecided(request, media);
	else
		reply_banks(request, lookup, &check, inner ? NULL : hma_type_name(media->type));
	hilf_check_free(&check);
}

struct half {
	struct lookup lookup;
	struct hilf_signal signal;
};

static void look_up_one(struct http_request *request, const struct lookup *lookup)
{
	struct hilf_check check;
	if (find(request, lookup, &check) != FOUND)
		return;
	reply_banks(request, lookup, &check, NULL);
	hilf_check_free(&check);
}

/* Those without a seed ask the same of their signals. What fails for several fails for each by itself, if it does. */
static void look_up_alike(struct http_request *const *requests, size_t count)
{
	struct hilf_signal signals[HTTP_GATHER_MAX];
	struct hilf_check checks[HTTP_GATHER_MAX];
	struct hilf_err err;
	for (size_t i = 0; i < count; i++)
		signals[i] = ((const struct half *)hma_call_of(requests[i])->half)->signal;
	const struct half *first = hma_call_of(requests[0])->half;
	const struct hilf_query query = query_of(requests[0], &first->lookup, NULL, KEEP_FIRST);
	int rc = hilf_match_signals(api_hilf(requests[0]), &query, signals, count, checks, &err);
	for (size_t i = 0; i < count; i++) {
		const struct half *half = hma_call_of(requests[i])->half;
		if (rc) {
			look_up_one(requests[i], &half->lookup);
		} else if (find_rest(requests[i], &half->lookup, &checks[i]) == FOUND) {
			reply_banks(requests[i], &half->lookup, &checks[i], NULL);
			hilf_check_free(&checks[i]);
		}
	}
}

static void look_up_all(struct http_request *const *requests, size_t count)
{
	struct http_request *alike[HTTP_GATHER_MAX];
	size_t alike_count = 0;
	for (size_t i = 0; i < count; i++) {
		const struct half *half = hma_call_of(requests[i])->half;
		if (half->lookup.seed || half->signal.type != HILF_PDQ)
			look_up_one(requests[i], &half->lookup);
		else if (!api_must_catch_up(requests[i]))
			alike[alike_count++] = requests[i];
	}
	if (alike_count)
		look_up_alike(alike, alike_count);
}

static void look_up_signal(struct http_request *request, const struct lookup *lookup)
{
	const char *value = http_query(request, "signal"),
		   *type = http_query(request, "signal_type");
	struct half *half = arena_alloc(http_arena(request), sizeof *half);
	if (!value || !*value || !type || !*type) {
		hma_error(request, 400, "either url, or both signal and signal_type, is required");
		return;
	}
	if (!half) {
		hma_error(request, 503, "this node is out of memory; try again");
		return;
	}
	if (!hma_signal(request, type, value, &half->signal))
		return;
	/* Digests are in the store. */
	if (half->signal.type != HILF_PDQ && hma_to_worker(request))
		return;
	half->lookup = *lookup;
	half->lookup.signal = &half->signal;
	hma_call_of(request)->half = half;
	http_gather(request, look_up_all);
}

void hma_lookup_get(struct http_request *request)
{
	const char *url = http_query(request, "url"), *type = http_query(request, "signal_type");
	struct lookup lookup = {0};
	struct hma_media media;
	bool ignored;
	if (!read_common(request, &lookup) ||
		!hma_query_bool(request, "bypass_coinflip", false, &ignored))
		return;
	if (!url || !*url) {
		look_up_signal(request, &lookup);
		return;
	}
	if (hma_to_worker(request) || !hma_media_url(request, url, &media))
		return;
	if (!type || hma_type(type) == media.type)
		look_up_media(request, &lookup, &media, type);
	else /* HMA has hashed it, but not to that type */
		http_reply_const(request, 200, "application/json", "{}\n", 3);
}

void hma_lookup_post(struct http_request *request)
{
	const char *bypass = http_query(request, "bypass_coinflip");
	struct lookup lookup = {.unsampled = bypass && strcmp(bypass, "true") == 0};
	struct hma_media media;
	if (read_common(request, &lookup) && hma_media_file(request, &media))
		look_up_media(request, &lookup, &media, false);
}

static void reply_raw(struct http_request *request, const struct lookup *lookup,
	const struct hilf_check *check, bool with_distance)
{
	const struct hilf_match **matches;
	struct buf buf = BUF_INIT;
	size_t count;
	if (!select_visible(request, lookup, check, &matches, &count))
		return;
	buf_text(&buf, "{\"matches\":[");
	for (size_t i = 0; i < count; i++) {
		json_put_item(&buf);
		if (with_distance)
			put_match(&buf, matches[i]);
		else
			json_put_integer(&buf, (int64_t)matches[i]->entry);
	}
	buf_text(&buf, "]}");
	hma_reply(request, 200, &buf);
}

/* Without coins, as in HMA; but what is in shadow does not show here either. */
void hma_raw_lookup(struct http_request *request)
{
	const char *value = http_query(request, "signal"),
		   *type = http_query(request, "signal_type");
	struct lookup lookup = {.unsampled = true};
	struct hilf_signal signal;
	struct hilf_check check;
	bool with_distance;
	if (!read_common(request, &lookup) ||
		!hma_query_bool(request, "include_distance", false, &with_distance))
		return;
	if (!value || !type) {
		hma_error(request, 400, "%s is required", value ? "signal_type" : "signal");
		return;
	}
	if (!hma_signal(request, type, value, &signal) ||
		(signal.type != HILF_PDQ && hma_to_worker(request)))
		return;
	lookup.signal = &signal;
	if (find(request, &lookup, &check) != FOUND)
		return;
	reply_raw(request, &lookup, &check, with_distance);
	hilf_check_free(&check);
}

/* ------------------------------------------------------------------------------------------- comparing */

static unsigned distance(const struct hilf_signal *a, const struct hilf_signal *b)
{
	unsigned bits = 0;
	for (size_t i = 0; i < a->size; i++)
		bits += (unsigned)__builtin_popcount(a->value[i] ^ b->value[i]);
	return bits;
}

static bool compare(
	struct http_request *request, const char *type, const json_t *pair, struct buf *buf)
{
	struct hilf_signal signals[2];
	if (!json_is_array(pair) || json_array_size(pair) != 2) {
		hma_error(request, 400, "%.40s: a list of exactly two signals is wanted", type);
		return false;
	}
	for (size_t i = 0; i < 2; i++) {
		const char *value = json_string_value(json_array_get(pair, i));
		if (!value) {
			hma_error(request, 400, "%.40s: a signal is a string", type);
			return false;
		}
		if (!hma_signal(request, type, value, &signals[i]))
			return false;
	}
	unsigned bits = distance(&signals[0], &signals[1]);
	json_put_key(buf, type);
	if (signals[0].type == HILF_PDQ)
		buf_format(buf, "[%s,{\"distance\":%u}]",
			bits <= HILF_PDQ_RADIUS ? "true" : "false", bits);
	else /* equal or not: HMA has nothing more to say of them */
		buf_format(buf, "[%s,{}]", bits ? "false" : "true");
	return true;
}

void hma_compare(struct http_request *request)
{
	json_t *json = hma_json(request), *pair;
	struct buf buf = BUF_INIT;
	const char *type;
	if (!json)
		return;
	buf_char(&buf, '{');
	json_object_foreach(json, type, pair)
	{
		if (compare(request, type, pair, &buf))
			continue;
		buf_free(&buf);
		return;
	}
	buf_char(&buf, '}');
	hma_reply(request, 200, &buf);
}
