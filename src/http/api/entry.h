/* Entries as the API shows them, and the way from a path to one. */
#ifndef HTTP_API_ENTRY_H
#define HTTP_API_ENTRY_H

#include "http/api/fields.h"
#include "http/api/inside.h"

/* One entry as an object, with the item's comma. */
void entry_put(struct buf *buf, const struct hilf_entry *entry);
/* An entry somebody names, as far as rights are concerned. */
struct entry_object {
	uint64_t id;
	char gid[HILF_ID_TEXT_MAX];
	char bank[HILF_BANK_NAME_MAX + 1];
	bool own;
	struct object object; /* refers to bank above: not to be copied */
};
/* Loads the path's {entry} and asks whether the actor may; false: replied. */
bool entry_param(struct http_request *request, enum verb verb, struct entry_object *ret_entry);
/* The same of whatever names one. */
bool entry_named(struct http_request *request, const char *name, enum verb verb,
	struct entry_object *ret_entry);
/* Whether the actor may read entries of the bank, looked up in a small memory of the last one. */
struct entry_reader {
	struct http_request *request;
	char bank[HILF_BANK_NAME_MAX + 1];
	bool may;
};
bool entry_may_read(struct entry_reader *reader, const char *bank);
/* GET /v1/entries without a signal. */
void api_entry_search(struct http_request *request);
/* Replies with the entry as it stands. */
void entry_reply(struct http_request *request, int status, const char *entry);

/* What is said of entries that are added: class, ground, expires, source, labels. Texts live as long as the request. */
void entry_read_meta(struct fields *fields, struct hilf_entry_meta *ret_meta);

#endif
