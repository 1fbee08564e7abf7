/* The handle: what hangs from it, opened in order and closed in reverse. */
#include "base/check.h"
#include "base/err.h"
#include "engine/current.h"
#include "engine/engine.h"
#include "engine/local.h"
#include "engine/match_room.h"
#include "engine/tally_parts.h"

#include <stdlib.h>
#include <string.h>

static int copy_text(const char *text, char **ret_copy, struct hilf_err *err)
{
	if (!text)
		return 0;
	*ret_copy = strdup(text);
	return *ret_copy ? 0 : err_no_memory(err);
}

static int read_member(struct hilf *hilf, struct hilf_err *err)
{
	int rc = known_read_member(hilf->store, false, hilf->member, &hilf->founded, err);
	hilf->has_member = hilf->founded;
	return rc;
}

static int open_parts(struct hilf *hilf, const struct hilf_options *options, struct hilf_err *err)
{
	const struct store_conf conf = {
		.dir = options->data_dir,
		.read_only = options->read_only,
		.create = options->create && !options->read_only,
		.activity = options->activity,
	};
	int rc = copy_text(options->data_dir, &hilf->data_dir, err);
	if (!rc)
		rc = copy_text(options->helper_dir, &hilf->helper_dir, err);
	if (!rc && hilf->data_dir)
		rc = store_open(&conf, &hilf->store, err);
	if (!rc)
		rc = local_open(hilf, err);
	if (!rc)
		rc = tally_open(hilf, err);
	if (!rc && hilf->data_dir)
		rc = read_member(hilf, err);
	if (!rc && hilf->helper_dir)
		rc = decode_pool_new(hilf->helper_dir, options->decoder_max,
			options->decode_timeout_ms, options->insecure_decode, &hilf->decoders, err);
	if (rc || options->no_index || !hilf->data_dir)
		return rc;
	return current_begin(hilf, err);
}

static int check_abi(const struct hilf_options *options, struct hilf_err *err)
{
	if (options->abi != HILF_ABI)
		return err_set(err, HILF_E_UNSUPPORTED,
			"the program was built for interface %u of libhilf, this is %u; build it "
			"anew",
			options->abi, HILF_ABI);
	return 0;
}

int engine_check_options(const struct hilf_options *options, struct hilf_err *err)
{
	int rc = check_abi(options, err);
	if (!rc && (!options->data_dir || !*options->data_dir))
		rc = err_set(err, HILF_E_INVALID, "no data folder was given");
	return rc;
}

int hilf_open(const struct hilf_options *options, struct hilf **ret_hilf, struct hilf_err *err)
{
	ASSERT(options && ret_hilf);
	int rc = options->data_dir ? engine_check_options(options, err) : check_abi(options, err);
	if (rc)
		return rc;
	struct hilf *hilf = calloc(1, sizeof *hilf);
	if (!hilf)
		return err_no_memory(err);
	pthread_mutex_init(&hilf->write_mutex, NULL);
	pthread_mutex_init(&hilf->mend_mutex, NULL);
	pthread_mutex_init(&hilf->note_mutex, NULL);
	pthread_cond_init(&hilf->write_arrived, NULL);
	hilf->write_last = &hilf->write_first;
	hilf->read_only = options->read_only;
	hilf->follower = options->follower;
	rc = open_parts(hilf, options, err);
	if (rc) {
		hilf_close(hilf);
		return rc;
	}
	*ret_hilf = hilf;
	return 0;
}

void hilf_close(struct hilf *hilf)
{
	if (!hilf)
		return;
	decode_pool_free(hilf->decoders);
	tally_close(hilf);
	current_end(hilf);
	match_rooms_free(hilf);
	seal_close(hilf->seal);
	local_close(hilf);
	store_close(hilf->store);
	pthread_cond_destroy(&hilf->write_arrived);
	pthread_mutex_destroy(&hilf->write_mutex);
	pthread_mutex_destroy(&hilf->mend_mutex);
	pthread_mutex_destroy(&hilf->note_mutex);
	free(hilf->data_dir);
	free(hilf->helper_dir);
	free(hilf);
}

int hilf_refresh(struct hilf *hilf, struct hilf_err *err)
{
	ASSERT(hilf);
	return atomic_load(&hilf->known) ? current_refresh(hilf, err) : 0;
}

int hilf_hash_fd(struct hilf *hilf, int fd, struct hilf_content *ret_content, struct hilf_err *err)
{
	return hilf_hash_fd_within(hilf, fd, 0, ret_content, err);
}

int hilf_hash_fd_within(struct hilf *hilf, int fd, uint32_t timeout_ms,
	struct hilf_content *ret_content, struct hilf_err *err)
{
	ASSERT(hilf && ret_content);
	if (!hilf->decoders)
		return err_set(err, HILF_E_HELPER,
			"this handle was opened without helpers, which alone decode files; give "
			"helper_dir");
	return decode_file(hilf->decoders, fd, timeout_ms, ret_content, err);
}
