/* A search goes down from the newest entry in windows of consecutive numbers. Within one the store tells entries by
 * ascending number, so the last ones that fit are kept in a ring. A window in which a bank has few entries makes the next one
 * wider: numbers that are others' are passed over without being read. */
#include "engine/search.h"

#include "base/check.h"
#include "base/err.h"
#include "engine/engine.h"
#include "os/clock.h"

#include <stdlib.h>
#include <string.h>

#define WINDOW_MIN  4096u
#define WINDOW_MAX  (1u << 22)
#define WINDOWS_MAX 256u /* in one call */

int search_state_parse(const char *name, enum search_state *ret_state, struct hilf_err *err)
{
	static const char *const names[] = {
		"any", "in_force", "expired", "withdrawn", "erased", "muted", "disputed"};
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		if (strcmp(name, names[i]) == 0) {
			*ret_state = (enum search_state)i;
			return 0;
		}
	}
	return err_set(err, HILF_E_INVALID,
		"there is no state '%.40s'; there are any, in_force, expired, withdrawn, erased, "
		"muted, disputed",
		name);
}

struct looking {
	const struct search *search;
	uint8_t member[UUID_SIZE];
	const char *value; /* of the label, behind its '='; NULL: key or value are `label` */
	int64_t now_ms;
	uint64_t high; /* of the window */
	uint32_t meta; /* the last one asked, and whether it is wanted: they come in runs */
	uint32_t bank; /* so do banks */
	bool meta_fits, bank_fits;
	size_t told;
	uint64_t *ring;
	size_t room, found; /* of the window */
};

static bool has_label(const struct looking *looking, const struct store_meta *meta)
{
	const char *label = looking->search->label, *value = looking->value;
	for (size_t i = 0; i < meta->label_count; i++) {
		const struct hilf_label *one = &meta->labels[i];
		size_t size = strlen(one->key);
		if (value ? size == (size_t)(value - 1 - label) && !memcmp(one->key, label, size) &&
					!strcmp(one->value, value)
			  : !strcmp(one->key, label) || !strcmp(one->value, label))
			return true;
	}
	return false;
}

static bool fits_meta(struct looking *looking, const struct store_meta *meta)
{
	const struct search *search = looking->search;
	if (looking->meta == meta->id && meta->id)
		return looking->meta_fits;
	looking->meta = meta->id;
	looking->meta_fits =
		(!search->content_class || !strcmp(search->content_class, meta->content_class)) &&
		(!search->label || has_label(looking, meta));
	return looking->meta_fits;
}

static bool fits_bank(struct looking *looking, const struct store_bank *bank)
{
	const struct search *search = looking->search;
	if (looking->bank == bank->id)
		return looking->bank_fits;
	looking->bank = bank->id;
	looking->bank_fits =
		(!search->member || !memcmp(bank->author, looking->member, UUID_SIZE)) &&
		(!search->may || search->may(bank->name, search->ctx));
	return looking->bank_fits;
}

static bool fits_state(const struct looking *looking, const struct store_told *told)
{
	enum hilf_entry_state state = entry_state(told, looking->now_ms);
	switch (looking->search->state) {
	case SEARCH_ANY:
		return true;
	case SEARCH_IN_FORCE:
		return state == HILF_IN_FORCE;
	case SEARCH_EXPIRED:
		return state == HILF_EXPIRED;
	case SEARCH_WITHDRAWN:
		return state == HILF_WITHDRAWN;
	case SEARCH_ERASED:
		return state == HILF_ERASED;
	case SEARCH_MUTED:
		return state == HILF_IN_FORCE && told->muted_until_ms > looking->now_ms;
	case SEARCH_DISPUTED:
		return state == HILF_IN_FORCE && told->dispute_count;
	}
	return false;
}

static int look(const struct store_told *told, void *ctx)
{
	struct looking *looking = ctx;
	if (told->entry.id > looking->high)
		return HILF_E_STOPPED;
	looking->told++;
	if (fits_bank(looking, told->bank) && fits_meta(looking, told->meta) &&
		fits_state(looking, told))
		looking->ring[looking->found++ % looking->room] = told->entry.id;
	return 0;
}

/* What was found in the window, newest first, behind what there is already. */
static void take(const struct looking *looking, uint64_t *entries, size_t *count)
{
	size_t kept = looking->found < looking->room ? looking->found : looking->room;
	for (size_t i = 1; i <= kept; i++)
		entries[(*count)++] = looking->ring[(looking->found - i) % looking->room];
}

static int begin(struct hilf *hilf, const struct search *search, struct looking *looking,
	uint32_t *ret_bank, struct hilf_err *err)
{
	struct store_bank bank;
	int rc = search->content_class ? record_check_class(search->content_class, err) : 0;
	if (rc)
		return rc;
	if (search->member && !uuid_parse(search->member, strlen(search->member), looking->member))
		return err_set(err, HILF_E_INVALID, "'%.60s' is no member's id", search->member);
	const char *equals = search->label ? strchr(search->label, '=') : NULL;
	looking->value = equals ? equals + 1 : NULL;
	*ret_bank = 0;
	if (!search->bank)
		return 0;
	rc = bank_find(hilf, false, search->bank, &bank, err);
	if (!rc)
		*ret_bank = bank.id;
	return rc;
}

static int newest(struct hilf *hilf, uint64_t *ret_high, struct hilf_err *err)
{
	struct store_counts counts;
	int rc = store_counts(hilf->store, 0, &counts, err);
	if (!rc)
		*ret_high = counts.entry_count + counts.expired_count + counts.withdrawn_count;
	return rc;
}

int search_entries(struct hilf *hilf, const struct search *search, uint64_t before,
	uint64_t *ret_entries, size_t room, size_t *ret_count, uint64_t *ret_next,
	struct hilf_err *err)
{
	struct looking looking = {.search = search, .now_ms = clock_now_ms()};
	uint64_t high = 0, window = WINDOW_MIN;
	size_t count = 0, looked = 0;
	uint32_t bank = 0;
	ASSERT(hilf && search && room);
	int rc = begin(hilf, search, &looking, &bank, err);
	if (!rc)
		rc = newest(hilf, &high, err);
	if (rc)
		return rc;
	if (before && before <= high)
		high = before - 1;
	uint64_t *ring = calloc(room, sizeof *ring);
	if (!ring)
		return err_no_memory(err);
	looking.ring = ring;
	for (size_t i = 0; high && i < WINDOWS_MAX && looked < SEARCH_LOOK_MAX; i++) {
		uint64_t low = high > window ? high - window : 0;
		looking.high = high;
		looking.told = looking.found = 0;
		looking.room = room - count;
		rc = store_entry_page(
			hilf->store, bank, low, window, true, looking.now_ms, look, &looking, err);
		if (rc && rc != HILF_E_STOPPED)
			break;
		rc = 0;
		take(&looking, ret_entries, &count);
		looked += looking.told;
		high = low;
		if (count == room) {
			high = ret_entries[count - 1] - 1;
			break;
		}
		if (looking.told < window / 16)
			window = window < WINDOW_MAX ? window * 4 : window;
		else
			window = WINDOW_MIN;
	}
	free(ring);
	if (rc)
		return rc;
	*ret_count = count;
	*ret_next = high ? high + 1 : 0;
	return 0;
}
