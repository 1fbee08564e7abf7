/* Statements of reasons, in plain words for the person concerned: what was decided, on what ground, how the content was
 * found, where and how long it applies, who or what decided, and what can be done about it. In English, French and Arabic,
 * whole sentences each. They name no bank, no member, no reviewer and no uploader, and say nothing of whether an authority was
 * told: nobody is to be warned by them. */
#ifndef ENGINE_STATEMENT_H
#define ENGINE_STATEMENT_H

#include "base/buf.h"
#include "engine/decide.h"
#include "wire/record.h"

struct statement {
	const char *language; /* BCP 47; NULL, or one that is not there: English */
	const char *decision; /* its id */
	int64_t appeal_until_ms;
	const char *appeal_url; /* "" or NULL: not told */
	bool automated;
	bool on_entry; /* it matches a known item; match, class, entry_ground, source are of that */
	const struct hilf_match *match; /* the nearest; NULL: told without how near */
	const char *content_class;      /* NULL or "unclassified": not told */
	const char *entry_ground;       /* "" or NULL */
	enum record_source source;      /* how the item came to be known, not through whom */
	bool shared;                    /* it came from another organisation */
	/* of a person's decision: */
	unsigned actions;
	enum decide_basis basis;
	const char *article, *text; /* "" or NULL: not said */
	bool reported;              /* a notice led to it */
	bool by_machine; /* in truth not a person's: a program decided, with a key that nobody holds */
	/* of either: */
	const char *territory; /* "*" or "FR, DE" */
	int64_t until_ms;      /* 0: no end */
};
/* Whether there is anything that somebody has to be told: of what changes nothing for them, there is not. */
bool statement_is_due(unsigned actions);
void statement_write(const struct statement *statement, struct buf *buf);
/* The language that a statement will be in: "en", "fr" or "ar". */
const char *statement_language(const char *language);

#endif
