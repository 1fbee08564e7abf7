/* A node that follows another: it reads the leader's feed, record by record, takes it over after verifying each signature,
 * and takes the leader's modes, thresholds and mutes with it, so that it answers as the leader does.
 *
 *   GET LEADER/v1/feed?after=N&wait=S&replica=1 ──► lines ──► hilf_feed_apply ──► heard
 *        no answer: again, later each time, up to half a minute          state behind after lag-max
 *        another feed than ours: stops for good, says so, state failed   nothing of it was applied
 */
#ifndef PROC_FOLLOW_H
#define PROC_FOLLOW_H

#include "http/api.h"
#include "proc/log.h"

struct follow;

/* key_file "": the credential 'follow-key' where there is one, else no key is sent. api->leader_url is the leader. */
int follow_new(struct api *api, struct hilf *hilf, struct fetch_pool *fetch, const char *key_file,
	struct log *log, struct follow **ret_follow, struct hilf_err *err);
void follow_stop(struct follow *follow);

/* "HOST:PORT" of the leader's URL, for what hilf-fetch may reach. HILF_E_INVALID: no http or https URL, or one with
 * credentials, a query or a fragment. */
int follow_host(const char *url, char *ret_host, size_t room, struct hilf_err *err);

#endif
