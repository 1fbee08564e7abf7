/* What the files of record.h share among themselves. */
#ifndef WIRE_RECORD_INSIDE_H
#define WIRE_RECORD_INSIDE_H

#include "wire/record.h"

/* Every rule of every field; the text names the entry. */
int record_check(const struct record *record, struct hilf_err *err);
/* 1 to LIMIT_RECORD_ASSERTIONS: asked before an array of them is allocated. */
int record_check_count(size_t count, struct hilf_err *err);

bool record_kind_parse(const char *text, size_t size, enum record_kind *ret_kind);
bool record_opinion_parse(const char *text, size_t size, enum hilf_opinion *ret_opinion);
bool record_source_parse(const char *text, size_t size, enum record_source *ret_source);

#endif
