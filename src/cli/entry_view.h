/* An entry as a JSON object and as a row of a table. */
#ifndef CLI_ENTRY_VIEW_H
#define CLI_ENTRY_VIEW_H

#include "base/buf.h"
#include "cli/out.h"
#include "hilf.h"

/* The object's members, without its braces. */
void entry_view_members(struct buf *buf, const struct hilf_entry *entry);
/* The whole object and a line end. */
void entry_view_json(struct buf *buf, const struct hilf_entry *entry);

/* ">entry", "bank", "state", "signals", "class", "added", "expires", "labels" */
#define ENTRY_VIEW_COLUMNS 8
extern const char *const entry_view_headings[ENTRY_VIEW_COLUMNS];
void entry_view_row(struct table *table, const struct hilf_entry *entry);
/* "in_force", or what keeps the entry from matching or blocking: "expired", "withdrawn", "erased", "muted", "disputed". */
const char *entry_view_state(const struct hilf_entry *entry);

#endif
