/* What whoever subscribed learns of banks and entries: one place for the form of these events. Each is queued within the
 * job that makes it true.
 *
 *   entry.added, entry.changed    {"bank":..,"count":..,"entries":["<uuid>.<n>",..]}               the first 1,000 of count
 *   entry.withdrawn               the same with "reason"
 *   bank.changed                  {"bank":..,"change":"created|renamed|removed|set","gid":..,"was":..}    was: renamed only
 */
#ifndef ENGINE_EVENTS_H
#define ENGINE_EVENTS_H

#include "engine/engine.h"

#define EVENT_ENTRIES_MAX 1000u

/* count: of all entries; ids[EVENT_ENTRIES_MAX at most]. reason: NULL for none. */
int event_entries(struct hilf *hilf, const char *event, const char *bank,
	const struct record_entry_id *ids, size_t count, const char *reason, struct hilf_err *err);
/* was: its name before, or NULL. */
int event_bank(struct hilf *hilf, const struct store_bank *bank, const char *change,
	const char *was, struct hilf_err *err);

#endif
