/* What hilf needs of this machine, tried for real: the folder, the key's helper, the decoding helper and its walls,
 * the clock, the kernels. */
#include "base/check.h"
#include "base/err.h"
#include "base/when.h"
#include "engine/checkpoint.h"
#include "engine/engine.h"
#include "engine/fetch.h"
#include "engine/vault.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/sandbox.h"
#include "simd/cpu.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Less free room than this is worth a word: an import of a million entries takes about half of it. */
#define ROOM_LOW (1024ull * 1024 * 1024)
/* hilf did not exist before; a clock that says so is wrong. */
#define CLOCK_FIRST_MS 1735689600000ll /* 2025-01-01 */

struct doctor {
	const struct hilf_options *options;
	hilf_finding_fn *fn;
	void *ctx;
};

static int tell(struct doctor *doctor, const char *level, const char *what, const char *text)
{
	return doctor->fn(level, what, text, doctor->ctx);
}

static int look_at_folder(struct doctor *doctor)
{
	const char *dir = doctor->options->data_dir;
	char text[512];
	uint64_t available, size;
	if (access(dir, F_OK) != 0) {
		snprintf(text, sizeof text,
			"'%.300s' is not there yet; the first 'hilf bank create' makes it", dir);
		return tell(doctor, "note", "data folder", text);
	}
	if (access(dir, R_OK | X_OK) != 0) {
		snprintf(text, sizeof text, "'%.300s' cannot be read: %s", dir, strerror(errno));
		return tell(doctor, "problem", "data folder", text);
	}
	if (access(dir, W_OK) != 0) {
		snprintf(text, sizeof text,
			"'%.300s' can be read but not written; matching works, adding does not",
			dir);
		return tell(doctor, "warning", "data folder", text);
	}
	if (file_room(dir, &available, &size, NULL) == 0) {
		snprintf(text, sizeof text, "'%.300s', %llu MB free", dir,
			(unsigned long long)(available / 1000000));
		return tell(doctor, available < ROOM_LOW ? "warning" : "ok", "data folder", text);
	}
	return tell(doctor, "ok", "data folder", dir);
}

/* The helper that keeps the key, started and asked whose key it is; nothing is signed. */
static int try_seal(struct doctor *doctor, struct hilf *hilf, char *ret_walls, size_t room,
	struct hilf_err *err)
{
	uint8_t key[32];
	struct seal *seal;
	int rc = store_member_key(hilf->store, false, hilf->member, key, err);
	if (!rc)
		rc = seal_open(doctor->options->helper_dir, hilf->data_dir, false, &seal, err);
	if (rc)
		return rc;
	rc = engine_check_key(seal, key, hilf->data_dir, err);
	sandbox_walls_text(seal_walls(seal), ret_walls, room);
	seal_close(seal);
	return rc;
}

static int look_at_key(struct doctor *doctor, struct hilf *hilf)
{
	struct hilf_err err;
	char walls[256], text[320];
	if (!hilf->has_member)
		return tell(doctor, "note", "key", "none yet; the first write makes it");
	if (try_seal(doctor, hilf, walls, sizeof walls, &err) != 0)
		return tell(doctor, "problem", "key", err.text);
	snprintf(text, sizeof text, "this node's, kept by hilf-seal behind: %s", walls);
	return tell(doctor, "ok", "key", text);
}

static int look_at_index(struct doctor *doctor, uint64_t feed_count)
{
	struct checkpoint_info info;
	char text[160];
	if (checkpoint_look(doctor->options->data_dir, &info, NULL) != 0)
		return tell(doctor, "ok", "index", "no snapshot; a start reads the whole store");
	snprintf(text, sizeof text, "a snapshot of %llu of %llu records, %llu MB",
		(unsigned long long)info.seq, (unsigned long long)feed_count,
		(unsigned long long)(info.size + 999999) / 1000000);
	return tell(doctor, "ok", "index", text);
}

/* Nothing to say where the vault is off and empty. */
static int look_at_vault(struct doctor *doctor, struct hilf *hilf)
{
	struct vault_state state;
	struct hilf_err err;
	char text[HILF_REASON_MAX + 200], last[WHEN_TEXT_SIZE] = "";
	if (vault_state(hilf, &state, &err))
		return tell(doctor, "problem", "vault", err.text);
	if (state.last_until_ms)
		when_format_day(state.last_until_ms, last);
	if (*state.why || state.locked_count) {
		snprintf(text, sizeof text,
			"%llu of %llu previews are sealed with a key that is not in vault.key%s%s; "
			"put it back as it was when they were kept, or they go unseen, the last on "
			"%s",
			(unsigned long long)state.locked_count, (unsigned long long)state.count,
			*state.why ? ": " : "", state.why, *last ? last : "no day");
		return tell(doctor, "warning", "vault", state.locked_count ? text : state.why);
	}
	if (!state.on && !state.count)
		return 0;
	snprintf(text, sizeof text, "%s, %llu preview%s of %llu kB%s%s", state.on ? "on" : "off",
		(unsigned long long)state.count, state.count == 1 ? "" : "s",
		(unsigned long long)(state.size + 999) / 1000, *last ? ", the last goes on " : "",
		last);
	return tell(doctor, "ok", "vault", text);
}

static int look_at_store(struct doctor *doctor)
{
	struct hilf_options options = *doctor->options;
	struct hilf_err err;
	struct hilf *hilf;
	char text[160];
	options.read_only = true;
	options.create = false;
	options.no_index = true;
	options.helper_dir = NULL;
	int rc = hilf_open(&options, &hilf, &err);
	if (rc == HILF_E_NOT_FOUND)
		return tell(doctor, "note", "store", "none yet");
	if (rc)
		return tell(doctor, "problem", "store", err.text);
	struct hilf_stats stats;
	rc = hilf_stats_get(hilf, &stats, &err);
	if (rc) {
		hilf_close(hilf);
		return tell(doctor, "problem", "store", err.text);
	}
	snprintf(text, sizeof text, "%llu records, %llu entries in %llu bank%s",
		(unsigned long long)stats.feed_count, (unsigned long long)stats.entry_count,
		(unsigned long long)stats.bank_count, stats.bank_count == 1 ? "" : "s");
	rc = tell(doctor, "ok", "store", text);
	if (!rc)
		rc = look_at_index(doctor, stats.feed_count);
	if (!rc)
		rc = look_at_vault(doctor, hilf);
	if (!rc && doctor->options->helper_dir)
		rc = look_at_key(doctor, hilf);
	hilf_close(hilf);
	return rc;
}

static int look_at_walls(struct doctor *doctor)
{
	const struct hilf_options *options = doctor->options;
	struct decode_pool *pool;
	struct hilf_err err;
	char formats[256], names[256], text[600];
	unsigned walls = 0;
	if (!options->helper_dir)
		return tell(doctor, "problem", "decoding",
			"the helper programs were not found; is hilf installed whole?");
	int rc = decode_pool_new(options->helper_dir, 1, options->decode_timeout_ms,
		options->insecure_decode, &pool, &err);
	if (!rc) {
		rc = decode_pool_walls(pool, &walls, formats, sizeof formats, &err);
		decode_pool_free(pool);
	}
	if (rc)
		return tell(doctor, "problem", "decoding", err.text);
	snprintf(text, sizeof text, "hilf-decode-image reads %.200s", formats);
	rc = tell(doctor, "ok", "decoding", text);
	if (rc)
		return rc;
	sandbox_walls_text(walls, names, sizeof names);
	snprintf(text, sizeof text, "around each file: %s", names);
	bool mandatory = (walls & SANDBOX_WALLS_MANDATORY) == SANDBOX_WALLS_MANDATORY;
	rc = tell(doctor, mandatory ? "ok" : "problem", "walls", text);
	if (rc || (walls & SANDBOX_WALLS_ALL) == SANDBOX_WALLS_ALL)
		return rc;
	sandbox_walls_text(SANDBOX_WALLS_ALL & ~walls, names, sizeof names);
	snprintf(text, sizeof text, "not built here (they are extra): %s", names);
	return tell(doctor, "note", "walls", text);
}

/* Started as the service does when something is to be fetched; nothing is. */
static int look_at_fetching(struct doctor *doctor)
{
	const struct fetch_conf conf = {.helper_dir = doctor->options->helper_dir, .max = 1};
	struct fetch_pool *pool;
	struct hilf_err err;
	char names[256], text[320];
	if (!conf.helper_dir)
		return 0; /* said already */
	if (fetch_pool_new(&conf, &pool, &err) != 0)
		return tell(doctor, "problem", "fetching", err.text);
	unsigned trusted = fetch_pool_trusted(pool);
	sandbox_walls_text(fetch_pool_walls(pool), names, sizeof names);
	fetch_pool_free(pool);
	snprintf(text, sizeof text, "hilf-fetch stands behind: %s", names);
	int rc = tell(doctor, "ok", "fetching", text);
	if (rc || trusted)
		return rc;
	return tell(doctor, "warning", "fetching",
		"no certificate authority is known here, so nothing is fetched by https; install "
		"ca-certificates");
}

static int look_at_machine(struct doctor *doctor)
{
	char text[120];
	int64_t now = clock_now_ms();
	int rc = now < CLOCK_FIRST_MS ? tell(doctor, "problem", "clock",
						"the clock is years behind; records and expiry "
						"need the right time")
				      : tell(doctor, "ok", "clock", "plausible");
	if (rc)
		return rc;
	enum simd_level level = simd_level();
	snprintf(text, sizeof text, "%s kernels, %u core%s", simd_level_name(level), clock_cores(),
		clock_cores() == 1 ? "" : "s");
	return tell(doctor, level == SIMD_PORTABLE ? "note" : "ok", "processor", text);
}

int hilf_doctor(
	const struct hilf_options *options, hilf_finding_fn *fn, void *ctx, struct hilf_err *err)
{
	struct doctor doctor = {options, fn, ctx};
	ASSERT(options && fn);
	int rc = engine_check_options(options, err);
	if (!rc)
		rc = look_at_folder(&doctor);
	if (!rc)
		rc = look_at_store(&doctor);
	if (!rc)
		rc = look_at_walls(&doctor);
	if (!rc)
		rc = look_at_fetching(&doctor);
	return rc ? rc : look_at_machine(&doctor);
}
