/* What a check is asked, and what comes of it. */
#ifndef HTTP_API_CHECK_H
#define HTTP_API_CHECK_H

#include "engine/checks.h"
#include "engine/vault.h"
#include "http/api/fields.h"
#include "http/api/inside.h"

#define CHECK_SIGNALS_MAX   64u
#define CHECK_BANKS_MAX     64u
#define CHECK_LIMIT         100u
#define CHECK_LIMIT_MAX     1000u
#define CHECK_BUDGET_MAX    60000u
#define CHECK_SEED_MAX      128u
#define CHECK_TEXT_MAX      (128u * 1024)
#define CHECK_UNDECIDED_MAX 4u
#define CHECK_REPLY_SIZE    1000u /* with a match or two */

struct check_input {
	struct check_context context;
	struct hilf_query query;
	uint32_t budget_ms;
	const struct http_file *file; /* one of these four */
	const char *url, *text;
	const struct hilf_signal *signals;
	size_t signal_count;
};

/* A part of the content that nothing is said of. code is stable, reason is for a person. */
struct undecided {
	const char *part, *code;
	char reason[HILF_REASON_MAX];
};

struct check_outcome {
	struct hilf_check check;
	bool is_parked; /* there is no outcome yet: it waits for a fetch */
	bool has_content;
	struct hilf_content content;
	struct previews previews; /* of a file that matched, where the vault is on */
	struct undecided undecided[CHECK_UNDECIDED_MAX];
	size_t undecided_count;
	struct check_decision decision;
};

/* Reads all of it; false: replied. */
bool check_read(struct http_request *request, struct check_input *ret_input);
/* A file, or JSON with "signals" and nothing else. */
bool check_read_thing(struct http_request *request, struct check_input *ret_input);
/* Whether content of that surface may be looked at here; false: replied. */
bool check_may_surface(struct http_request *request, enum surface surface);
/* What the platform says of a content: content_id to places. */
void check_read_context(struct fields *fields, struct check_context *ret_context);
/* "signals"; *ret_signals NULL where there are none. */
void check_read_signals(
	struct fields *fields, const struct hilf_signal **ret_signals, size_t *ret_count);
/* banks, limit and seed: for look-ups and batches, too. Whoever is limited to banks asks those. false: replied. */
bool check_read_query(
	struct http_request *request, struct fields *fields, struct hilf_query *ret_query);
/* The same of a request that says nothing of these. */
void check_plain_query(const struct http_request *request, struct hilf_query *ret_query);
/* Content's signals as an entry would hold them: the picture's, unless it stands for nothing, and the digests. */
size_t check_signals_of(const struct hilf_content *content, struct hilf_signal ret_signals[3]);

void undecided_add(
	struct check_outcome *outcome, const char *part, const char *code, const char *reason);
/* A follower that has not heard of its leader for too long knows less than it should. */
void undecided_when_behind(struct http_request *request, struct check_outcome *outcome);

/* `"verdict":..,"shadow_verdict":..,"matches":[..],"more":N`, within an object. decided: verdicts up to block; a look-up
 * decides nothing, so its verdicts go up to review. */
void answer_check(struct buf *buf, const struct hilf_check *check, bool decided);
void answer_undecided(struct buf *buf, const struct check_outcome *outcome);
void answer_content(struct buf *buf, const struct hilf_content *content);
/* appeal_url: "" where nobody said. */
void answer_decision(
	struct buf *buf, const struct check_decision *decision, const char *appeal_url);

#endif
