/* Webhooks and deliveries as people and programs see them, and the options that adding and changing one share. */
#ifndef CLI_HOOK_VIEW_H
#define CLI_HOOK_VIEW_H

#include "cli/options.h"
#include "engine/hooks.h"

/* One object and a line end; a secret that is there is shown. */
void hook_view_json(struct buf *buf, const struct hook_info *info);
void hook_view_delivery_json(struct buf *buf, const struct delivery *delivery);
/* "on" or "off" */
const char *hook_view_state(const struct hook_info *info);

/* The events of --event, or with none of them "*"; ret_events has room for HOOK_EVENTS_MAX. HILF_E_LIMIT. */
int hook_view_events(const struct arguments *arguments, const char **ret_events, size_t *ret_count,
	struct hilf_err *err);
extern const char *const hook_view_event_choices[];

#endif
