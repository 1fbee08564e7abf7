/* A bank as a row and as a JSON object. */
#ifndef CLI_BANK_VIEW_H
#define CLI_BANK_VIEW_H

#include "base/buf.h"
#include "hilf.h"

void bank_view_json(struct buf *buf, const struct hilf_bank *bank);

#endif
