/* The review desk's settings: numbers with bounds, kept in the store beside the node's other settings, so that a person
 * can change them in the console and every process sees it. One row of the table in desk_settings.c feeds the check, the
 * API's list and the console's help. */
#ifndef ENGINE_DESK_SETTINGS_H
#define ENGINE_DESK_SETTINGS_H

#include "hilf.h"

#include <stdint.h>

enum desk_setting {
	DESK_SAMPLE_DAILY = 0,     /* automatic blocks that people look at again, a day */
	DESK_UNDO_SECONDS,         /* a decision can be taken back for so long */
	DESK_LEASE_MINUTES,        /* a case is somebody's for so long after the last touch */
	DESK_CASE_DAYS,            /* decided and closed cases are kept for so long */
	DESK_SESSION_HOURS,        /* a session ends after so long, whatever happens in it */
	DESK_SESSION_IDLE_MINUTES, /* and after so long without a request */
	DESK_VAULT,                /* whether previews are kept: 0 or 1 */
	DESK_VAULT_DAYS,           /* previews are kept for so long */
	DESK_VAULT_PRESERVE_DAYS,  /* and for so long where a decision preserves them */
	DESK_REPORTS_PER_MINUTE, /* users' reports that are taken from one actor; 0: without limit */
	DESK_COUNT
};

struct desk_setting_info {
	const char *name; /* "undo_seconds" */
	const char *unit; /* "s", "min", "h", "d", "1/d", "1/min"; "": a number; "bool": 0 or 1 */
	int64_t min, value, max; /* value: where nobody set it */
	const char *help;        /* a sentence or two for people */
};
const struct desk_setting_info *desk_setting_info(enum desk_setting which);
/* HILF_E_NOT_FOUND, with the nearest name there is. */
int desk_setting_parse(const char *name, enum desk_setting *ret_which, struct hilf_err *err);

/* From memory: no lock, no query but at a handle's first use; from whatever thread, also within a write job. One that
 * cannot be read is as if nobody had set it, and the next desk_settings_refresh says why. */
int64_t desk_setting(struct hilf *hilf, enum desk_setting which);
/* HILF_E_INVALID outside the bounds. It counts here at once, and in processes beside when they refresh. */
int desk_setting_set(
	struct hilf *hilf, enum desk_setting which, int64_t value, struct hilf_err *err);
/* Reads them anew where they changed; cheap otherwise. keys_refresh does it, each 100 ms where the service runs. */
int desk_settings_refresh(struct hilf *hilf, struct hilf_err *err);

#endif
