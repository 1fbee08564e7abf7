/* The form of what people say on the desk, and the names that decisions, appeals, exemptions and escalations share. */
#include "base/check.h"
#include "base/err.h"
#include "base/utf8.h"
#include "engine/decide_parts.h"
#include "engine/local_parts.h"
#include "os/clock.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const char *const action_names[ACTION_COUNT] = {
	"label", "restrict", "remove", "suspend", "refer", "preserve"};
static const char *const basis_names[] = {"law", "terms"};
static const char *const state_names[DECISION_STATE_COUNT] = {
	"pending", "waiting_second", "standing", "undone", "refused", "reversed", "expired"};

const char *action_name(unsigned index)
{
	return index < ACTION_COUNT ? action_names[index] : NULL;
}

int action_parse(const char *name, unsigned *ret_bit, struct hilf_err *err)
{
	for (unsigned i = 0; i < ACTION_COUNT; i++) {
		if (strcmp(name, action_names[i]) == 0) {
			*ret_bit = 1u << i;
			return 0;
		}
	}
	if (strcmp(name, "none") == 0) {
		*ret_bit = 0;
		return 0;
	}
	return err_set(err, HILF_E_INVALID,
		"action '%.40s' is none of none, label, restrict, remove, suspend, refer, preserve",
		name);
}

const char *basis_name(enum decide_basis basis)
{
	return (unsigned)basis < COUNT_OF(basis_names) ? basis_names[basis] : "unknown";
}

int basis_parse(const char *name, enum decide_basis *ret_basis, struct hilf_err *err)
{
	for (unsigned i = 0; i < COUNT_OF(basis_names); i++) {
		if (strcmp(name, basis_names[i]) == 0) {
			*ret_basis = (enum decide_basis)i;
			return 0;
		}
	}
	return err_set(err, HILF_E_INVALID, "basis '%.40s' is none of law, terms", name);
}

const char *decision_state_name(enum decision_state state)
{
	return (unsigned)state < DECISION_STATE_COUNT ? state_names[state] : "unknown";
}

int decision_state_parse(const char *name, enum decision_state *ret_state, struct hilf_err *err)
{
	for (unsigned i = 0; i < DECISION_STATE_COUNT; i++) {
		if (strcmp(name, state_names[i]) == 0) {
			*ret_state = (enum decision_state)i;
			return 0;
		}
	}
	return err_set(err, HILF_E_INVALID,
		"state '%.40s' is none of pending, waiting_second, standing, undone, refused, "
		"reversed, expired",
		name);
}

/* ------------------------------------------------------------------------------------------ texts */

/* Characters that steer what stands around them: most controls, and what turns the direction of a line. */
static bool steers(uint32_t c)
{
	if (c < 0x20)
		return c != '\n' && c != '\t';
	return (c >= 0x7f && c < 0xa0) || (c >= 0x202a && c <= 0x202e) || c == 0x2028 ||
	       c == 0x2029 || c == 0xfeff;
}

static bool has_more_than_blanks(const char *text)
{
	return text[strspn(text, " \t\n")] != '\0';
}

int desk_check_text(
	const char *name, const char *text, size_t max, bool may_be_empty, struct hilf_err *err)
{
	size_t size = text ? strnlen(text, max + 1) : 0;
	uint32_t c;
	if (size > max)
		return err_set(err, HILF_E_LIMIT, "%s is longer than %zu bytes", name, max);
	if (size && !utf8_valid(text, size))
		return err_set(err, HILF_E_INVALID, "%s is not UTF-8", name);
	for (size_t at = 0; at < size;) {
		at += utf8_next(text + at, size - at, &c);
		if (steers(c))
			return err_set(err, HILF_E_INVALID, "%s has a control character, U+%04X",
				name, (unsigned)c);
	}
	if (!may_be_empty && (!size || !has_more_than_blanks(text)))
		return err_set(err, HILF_E_INVALID, "%s is needed", name);
	return 0;
}

int desk_check_language(const char *language, struct hilf_err *err)
{
	size_t size = strnlen(language, CHECK_LANGUAGE_MAX + 1);
	bool good = size >= 2 && size <= CHECK_LANGUAGE_MAX;
	for (size_t i = 0; i < size && good; i++)
		good = isascii(language[i]) &&
		       (isalnum((unsigned char)language[i]) || language[i] == '-');
	return good ? 0
		    : err_set(err, HILF_E_INVALID,
			      "language '%.40s' is no language tag, such as 'fr' or 'ar-EG'",
			      language);
}

/* ------------------------------------------------------------------------------------------ ids */

void desk_new_id(int64_t now_ms, uint8_t ret_id[UUID_SIZE])
{
	uint8_t random[10];
	random_bytes(random, sizeof random);
	uuid_make(now_ms, random, ret_id);
}

int desk_read_id(
	const char *what, const char *text, uint8_t ret_id[UUID_SIZE], struct hilf_err *err)
{
	if (uuid_parse(text, strlen(text), ret_id))
		return 0;
	return err_set(err, HILF_E_NOT_FOUND, "there is no %s '%.40s'", what, text);
}

int refuse(struct refusal *ret_refusal, const char *code, const uint8_t decision[UUID_SIZE],
	struct hilf_err *err, enum hilf_code rc, const char *text)
{
	*ret_refusal = (struct refusal){.code = code};
	if (decision)
		uuid_format(decision, ret_refusal->decision);
	return err_set(err, rc, "%s", text);
}

const char *desk_territory_text(const char *lines, struct arena *arena)
{
	struct buf buf = BUF_INIT;
	if (!*lines)
		return "*";
	for (const char *at = lines; *at; at++)
		if (*at == '\n')
			buf_text(&buf, ", ");
		else
			buf_char(&buf, *at);
	char *text = buf.failed ? NULL : arena_text(arena, buf.data, buf.size);
	buf_free(&buf);
	return text;
}

int desk_need_person(const struct actor *actor, struct refusal *ret_refusal,
	const uint8_t decision[UUID_SIZE], struct hilf_err *err)
{
	if (person_is_named(actor_person(actor)))
		return 0;
	return refuse(ret_refusal, "person_needed", decision, err, HILF_E_DENIED,
		person_is_machine(actor_person(actor))
			? "this is for a person, and nobody holds this key"
			: "this is for a person by name, and nobody is signed in");
}

int desk_name_entry(struct hilf *hilf, bool in_write, uint64_t entry, struct arena *arena,
	const char **ret_entry, const char **ret_bank, struct hilf_err *err)
{
	struct store_entry_row row;
	struct store_bank bank;
	char *gid = arena_alloc(arena, HILF_ID_TEXT_MAX);
	*ret_entry = *ret_bank = "";
	if (!gid)
		return err_no_memory(err);
	int rc = entry ? store_entry_get(hilf->store, in_write, entry, NULL, &row, err)
		       : HILF_E_NOT_FOUND;
	if (!rc)
		rc = store_bank_by_id(hilf->store, in_write, row.bank, &bank, err);
	if (rc)
		return rc == HILF_E_NOT_FOUND ? 0 : rc;
	record_entry_id_format(&row.gid, gid);
	const char *name = arena_text(arena, bank.name, strlen(bank.name));
	if (!name)
		return err_no_memory(err);
	*ret_entry = gid;
	*ret_bank = name;
	return 0;
}

int desk_bank_name(struct hilf *hilf, uint32_t bank, char ret_name[HILF_BANK_NAME_MAX + 1],
	struct hilf_err *err)
{
	struct store_bank row;
	ret_name[0] = '\0';
	int rc = bank ? store_bank_by_id(hilf->store, false, bank, &row, err) : 0;
	if (!rc && bank)
		memcpy(ret_name, row.name, sizeof row.name);
	return rc == HILF_E_NOT_FOUND ? 0 : rc;
}

/* ------------------------------------------------------------------------------------------ settings */

void decide_set_appeal_url(struct hilf *hilf, const char *url)
{
	struct local *local = hilf->local;
	ASSERT(hilf && url);
	pthread_rwlock_wrlock(&local->exempt_lock);
	snprintf(local->appeal_url, sizeof local->appeal_url, "%s", url);
	pthread_rwlock_unlock(&local->exempt_lock);
}

void decide_appeal_url(struct hilf *hilf, char ret_url[DECIDE_URL_TEXT])
{
	struct local *local = hilf->local;
	_Static_assert(DECIDE_URL_TEXT >= sizeof local->appeal_url, "it fits");
	pthread_rwlock_rdlock(&local->exempt_lock);
	memcpy(ret_url, local->appeal_url, sizeof local->appeal_url);
	pthread_rwlock_unlock(&local->exempt_lock);
}

#define EYES_NAME_SIZE (32 + UUID_TEXT_SIZE)

static void name_eyes(const struct store_bank *bank, char ret_name[EYES_NAME_SIZE])
{
	char gid[UUID_TEXT_SIZE + 1];
	uuid_format(bank->gid, gid);
	snprintf(ret_name, EYES_NAME_SIZE, "bank.second_eyes.%s", gid);
}

int bank_second_eyes(
	struct hilf *hilf, bool in_write, const char *bank, bool *ret_on, struct hilf_err *err)
{
	struct store_bank row;
	char name[EYES_NAME_SIZE], value[8] = "0";
	int rc = bank_find(hilf, in_write, bank, &row, err);
	if (rc)
		return rc;
	name_eyes(&row, name);
	rc = store_setting_get(hilf->store, in_write, name, value, sizeof value, err);
	if (rc && rc != HILF_E_NOT_FOUND)
		return rc;
	*ret_on = !rc && value[0] == '1';
	return 0;
}

struct eyes {
	const char *bank;
	bool on;
};

static int set_eyes(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	const struct eyes *eyes = ctx;
	struct store_bank row;
	char name[EYES_NAME_SIZE];
	int rc = bank_find(hilf, true, eyes->bank, &row, err);
	if (rc)
		return rc;
	name_eyes(&row, name);
	return store_setting_set(hilf->store, name, eyes->on ? "1" : "0", err);
}

int bank_second_eyes_set(struct hilf *hilf, const char *bank, bool on, struct hilf_err *err)
{
	struct eyes eyes = {bank, on};
	ASSERT(hilf && bank);
	return local_submit(hilf, set_eyes, &eyes, err);
}
