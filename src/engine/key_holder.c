/* Whose key it is, and what that takes from it: a key does what both it and its holder may. What of that a role decides is
 * may's; here are the banks, and whether the holder is able to do anything at all. */
#include "base/check.h"
#include "base/err.h"
#include "engine/keys_parts.h"
#include "engine/local_parts.h"
#include "engine/people_parts.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

static enum role role_of(uint32_t role)
{
	return role < ROLE_COUNT ? (enum role)role : ROLE_NONE;
}

int keys_find_holder(struct hilf *hilf, const char *held_by, enum role role, struct arena *arena,
	struct key_holder *ret_holder, struct hilf_err *err)
{
	struct store_user user;
	int rc = person_row(hilf, true, held_by, arena, &user, err);
	if (rc)
		return rc;
	if (!user.enabled)
		return err_set(err, HILF_E_INVALID,
			"'%.64s' is disabled and can hold no key; enable them first", user.name);
	if (!role_covers(role_of(user.role), role))
		return err_set(err, HILF_E_INVALID,
			"a key does no more than who holds it may: '%.64s' has the role %s, which "
			"is not all of %s",
			user.name, role_name(role_of(user.role)), role_name(role));
	struct key_holder holder = {.role = role_of(user.role), .able = user.secret != NULL};
	snprintf(holder.id, sizeof holder.id, "%s", user.id);
	snprintf(holder.name, sizeof holder.name, "%s", user.name);
	*ret_holder = holder;
	return 0;
}

int keys_read_holder(const struct store_key *key, struct arena *arena,
	struct key_holder *ret_holder, struct hilf_err *err)
{
	const struct store_holder *row = &key->holder;
	struct key_holder holder = {.role = role_of(row->role)};
	/* Without a role they may nothing, and an actor that is held as none would be held by nothing. */
	holder.able = row->name && row->enabled && row->enrolled && holder.role != ROLE_NONE;
	int rc = local_split(arena, row->banks, &holder.banks, &holder.bank_count, err);
	if (rc)
		return rc;
	snprintf(holder.id, sizeof holder.id, "%s", key->held_by);
	snprintf(holder.name, sizeof holder.name, "%s", row->name ? row->name : "");
	*ret_holder = holder;
	return 0;
}

static bool has_bank(const struct key_holder *holder, const char *name)
{
	for (size_t i = 0; i < holder->bank_count; i++)
		if (strcmp(holder->banks[i], name) == 0)
			return true;
	return !holder->bank_count;
}

int keys_limit(struct key_info *info, struct arena *arena, const char *const **ret_banks,
	size_t *ret_count, struct hilf_err *err)
{
	const struct key_holder *holder = &info->holder;
	const char *const *from = info->bank_count ? info->banks : holder->banks;
	size_t from_count = info->bank_count ? info->bank_count : holder->bank_count, count = 0;
	if (!from_count) {
		*ret_banks = NULL;
		*ret_count = 0;
		return 0;
	}
	const char **banks = arena_array(arena, from_count, sizeof *banks);
	if (!banks)
		return err_no_memory(err);
	for (size_t i = 0; i < from_count; i++)
		if (has_bank(holder, from[i]))
			banks[count++] = from[i];
	info->holder.able = holder->able && count;
	*ret_banks = banks;
	*ret_count = count;
	return 0;
}

void keys_act_as(const struct key_holder *holder, struct actor *actor)
{
	if (!holder->id[0])
		return;
	memcpy(actor->person, "user:", 5);
	memcpy(actor->person + 5, holder->id, sizeof holder->id);
	actor->held_as = holder->role;
}

uint64_t keys_holding(const struct key_holder *holder, const char *const *banks, size_t count)
{
	const uint8_t what[] = {(uint8_t)holder->role, holder->able};
	crypto_generichash_state state;
	uint8_t hash[crypto_generichash_BYTES_MIN];
	uint64_t number;
	if (!holder->id[0])
		return 0;
	crypto_generichash_init(&state, NULL, 0, sizeof hash);
	crypto_generichash_update(&state, what, sizeof what);
	for (size_t i = 0; i < count; i++)
		crypto_generichash_update(&state, (const uint8_t *)banks[i], strlen(banks[i]) + 1);
	crypto_generichash_final(&state, hash, sizeof hash);
	memcpy(&number, hash, sizeof number);
	return number;
}
