/* An API key as people and programs see it, and its options, which creating it in other ways shares. */
#ifndef CLI_KEY_VIEW_H
#define CLI_KEY_VIEW_H

#include "base/buf.h"
#include "engine/keys.h"

/* One object and a line end. key: its text, shown this once; or NULL. */
void key_view_json(struct buf *buf, const struct key_info *info, const char *key);
/* "good", "expired" or "revoked" */
const char *key_view_state(const struct key_info *info, int64_t now_ms);

#endif
