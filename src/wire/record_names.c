/* The closed lists of records and their spelling. Numbers are frozen where record.h says so; names
 * always are. */
#include "base/check.h"
#include "base/err.h"
#include "base/utf8.h"
#include "wire/record.h"
#include "wire/record_inside.h"

#include <stdio.h>
#include <string.h>

static const char *const kinds[] = {
	[RECORD_MEMBER_FOUND] = "member.found",
	[RECORD_BANK_CREATE] = "bank.create",
	[RECORD_BANK_REMOVE] = "bank.remove",
	[RECORD_ENTRY_ADD] = "entry.add",
	[RECORD_ENTRY_WITHDRAW] = "entry.withdraw",
	[RECORD_BANK_RENAME] = "bank.rename",
	[RECORD_ENTRY_CHANGE] = "entry.change",
	[RECORD_OPINION_GIVE] = "opinion.give",
};

static const char *const sources[] = {
	[SOURCE_UNSAID] = "unsaid",
	[SOURCE_HUMAN] = "human",
	[SOURCE_IMPORT] = "import",
	[SOURCE_AUTOMATED] = "automated",
};

static const char *const reasons[] = {
	[REASON_OTHER] = "other",
	[REASON_ERROR] = "error",
	[REASON_DUPLICATE] = "duplicate",
	[REASON_APPEAL] = "appeal",
	[REASON_DISPUTE] = "dispute",
	[REASON_COURT] = "court",
	[REASON_EXPIRED] = "expired",
};

static const char *const opinions[] = {
	[HILF_OPINION_NONE] = "none",
	[HILF_CONFIRM] = "confirm",
	[HILF_DISPUTE] = "dispute",
	[HILF_SEEN] = "seen",
};

/* After "unclassified": Regulation (EU) 2021/784, article 2(7) (a) to (e); then content made by the
 * perpetrators of an attack, and official publications of a designated entity. */
static const char *const classes[] = {
	"unclassified",
	"incitement",
	"solicit-offence",
	"solicit-participation",
	"instruction",
	"threat",
	"perpetrator",
	"publication",
};

const char *hilf_class_name(unsigned index)
{
	return index < COUNT_OF(classes) ? classes[index] : NULL;
}

const char *record_kind_name(enum record_kind kind)
{
	return (size_t)kind < COUNT_OF(kinds) ? kinds[kind] : NULL;
}

const char *record_source_name(enum record_source source)
{
	return (size_t)source < COUNT_OF(sources) ? sources[source] : NULL;
}

const char *record_reason_name(enum record_reason reason)
{
	return (size_t)reason < COUNT_OF(reasons) ? reasons[reason] : NULL;
}

static bool find(
	const char *const *names, size_t count, const char *text, size_t size, unsigned *ret_index)
{
	for (unsigned i = 0; i < count; i++)
		if (names[i] && strlen(names[i]) == size && !memcmp(names[i], text, size)) {
			*ret_index = i;
			return true;
		}
	return false;
}

bool record_kind_parse(const char *text, size_t size, enum record_kind *ret_kind)
{
	unsigned index;
	if (!find(kinds, COUNT_OF(kinds), text, size, &index))
		return false;
	*ret_kind = (enum record_kind)index;
	return true;
}

bool record_source_parse(const char *text, size_t size, enum record_source *ret_source)
{
	unsigned index;
	if (!find(sources, COUNT_OF(sources), text, size, &index))
		return false;
	*ret_source = (enum record_source)index;
	return true;
}

bool record_reason_parse(const char *text, size_t size, enum record_reason *ret_reason)
{
	unsigned index;
	if (!find(reasons, COUNT_OF(reasons), text, size, &index))
		return false;
	*ret_reason = (enum record_reason)index;
	return true;
}

const char *hilf_opinion_name(enum hilf_opinion opinion)
{
	return (size_t)opinion < COUNT_OF(opinions) ? opinions[opinion] : "unknown";
}

bool record_opinion_parse(const char *text, size_t size, enum hilf_opinion *ret_opinion)
{
	unsigned index;
	if (!find(opinions, COUNT_OF(opinions), text, size, &index))
		return false;
	*ret_opinion = (enum hilf_opinion)index;
	return true;
}

int hilf_opinion_parse(const char *name, enum hilf_opinion *ret_opinion, struct hilf_err *err)
{
	if (record_opinion_parse(name, strlen(name), ret_opinion))
		return HILF_OK;
	char shown[48];
	utf8_printable(name, strnlen(name, 40), shown, sizeof shown);
	return err_set(
		err, HILF_E_INVALID, "opinion '%s' is none of confirm, dispute, seen, none", shown);
}

void record_entry_id_format(const struct record_entry_id *id, char ret_text[HILF_ID_TEXT_MAX])
{
	char *to = ret_text + UUID_TEXT_SIZE;
	ASSERT(id->ordinal < LIMIT_RECORD_ASSERTIONS);
	uuid_format(id->record, ret_text);
	/* By hand: a look-up tells one for each of its matches. */
	*to++ = '.';
	if (id->ordinal >= 100)
		*to++ = (char)('0' + id->ordinal / 100);
	if (id->ordinal >= 10)
		*to++ = (char)('0' + id->ordinal / 10 % 10);
	*to++ = (char)('0' + id->ordinal % 10);
	*to = '\0';
}

bool record_entry_id_parse(const char *text, size_t size, struct record_entry_id *ret_id)
{
	struct record_entry_id id = {.ordinal = 0};
	if (size < UUID_TEXT_SIZE + 2 || size > UUID_TEXT_SIZE + 4 || text[UUID_TEXT_SIZE] != '.' ||
		!uuid_parse(text, UUID_TEXT_SIZE, id.record))
		return false;
	const char *digits = text + UUID_TEXT_SIZE + 1;
	size_t count = size - UUID_TEXT_SIZE - 1;
	if (digits[0] == '0' && count > 1)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (digits[i] < '0' || digits[i] > '9')
			return false;
		id.ordinal = id.ordinal * 10 + (uint32_t)(digits[i] - '0');
	}
	*ret_id = id;
	return true;
}
