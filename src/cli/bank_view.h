/* A bank as a JSON object, and what options say of one. */
#ifndef CLI_BANK_VIEW_H
#define CLI_BANK_VIEW_H

#include "base/buf.h"
#include "hilf.h"

void bank_view_json(struct buf *buf, const struct hilf_bank *bank);

/* "pdq=31" */
int bank_threshold_parse(const char *text, uint32_t *ret_radius, struct hilf_err *err);
/* "10%", "0.5%", "all", as parts of a million. */
int bank_sample_parse(const char *text, uint32_t *ret_ppm, struct hilf_err *err);
/* The same back; "all" of a million. */
#define BANK_SAMPLE_TEXT_SIZE 16
void bank_sample_format(uint32_t ppm, char ret_text[BANK_SAMPLE_TEXT_SIZE]);

#endif
