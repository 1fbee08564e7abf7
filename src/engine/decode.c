/* The hand-over. A request carries the file and one end of a fresh socket to the helper; the child's answer comes over
 * the other end, the helper's report of how the child ended over the helper's own. While the child decodes, the digests
 * are computed here. Every packet of a child is checked by itself (wire/decode_msg.h) and in its order; a child that
 * breaks the order is called off, and only its own file is undecided. */
#include "engine/decode.h"

#include "base/check.h"
#include "base/err.h"
#include "base/limits.h"
#include "engine/decode_input.h"
#include "engine/decode_reply.h"
#include "os/clock.h"
#include "os/helper.h"
#include "os/sandbox.h"
#include "signal/digest.h"
#include "wire/decode_msg.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define HELPER_NAME    "hilf-decode-image"
#define HELLO_WAIT_MS  60000 /* it is a process that starts, on a machine that may be busy */
#define GRACE_MS       500   /* beyond the file's own time, which the helper keeps */
#define REPORT_WAIT_MS 20000 /* a helper that says nothing for so long is stuck */
#define HELPERS_MAX    256u
#define TIMEOUT_MAX_MS (24u * 3600 * 1000)

struct slot {
	struct helper helper;
	struct digest *digest;
	uint64_t request_id;
	uint32_t walls, formats;
	uint32_t timeout_ms; /* of the file it has now */
	bool busy;
};

struct decode_pool {
	char *helper_dir;
	uint32_t timeout_ms;
	bool insecure;
	pthread_mutex_t lock; /* of every slot's `busy` */
	pthread_cond_t freed;
	size_t slot_count;
	struct slot slots[];
};

/* ---------------------------------------------------------------------------------------------- the pool */

int decode_pool_new(const char *helper_dir, unsigned max, uint32_t timeout_ms, bool insecure,
	struct decode_pool **ret_pool, struct hilf_err *err)
{
	size_t count = max ? max : clock_cores();
	if (count > HELPERS_MAX)
		count = HELPERS_MAX;
	ASSERT(helper_dir);
	struct decode_pool *pool = calloc(1, sizeof *pool + count * sizeof *pool->slots);
	if (!pool || !(pool->helper_dir = strdup(helper_dir))) {
		free(pool);
		return err_no_memory(err);
	}
	pool->timeout_ms = timeout_ms ? timeout_ms : LIMIT_DECODE_TIME_MS;
	if (pool->timeout_ms > TIMEOUT_MAX_MS)
		pool->timeout_ms = TIMEOUT_MAX_MS;
	pool->insecure = insecure;
	pool->slot_count = count;
	for (size_t i = 0; i < count; i++)
		pool->slots[i].helper = (struct helper)HELPER_NONE;
	pthread_condattr_t monotonic;
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->freed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	*ret_pool = pool;
	return 0;
}

void decode_pool_free(struct decode_pool *pool)
{
	if (!pool)
		return;
	for (size_t i = 0; i < pool->slot_count; i++) {
		ASSERT(!pool->slots[i].busy);
		helper_stop(&pool->slots[i].helper);
		digest_free(pool->slots[i].digest);
	}
	pthread_cond_destroy(&pool->freed);
	pthread_mutex_destroy(&pool->lock);
	free(pool->helper_dir);
	free(pool);
}

/* A free slot, one with a running helper if there is any. */
static struct slot *find_slot(struct decode_pool *pool)
{
	struct slot *found = NULL;
	for (size_t i = 0; i < pool->slot_count; i++) {
		struct slot *slot = &pool->slots[i];
		if (!slot->busy && (!found || (!found->helper.pid && slot->helper.pid)))
			found = slot;
	}
	return found;
}

/* until_us: of the monotonic clock, 0 for ever; NULL where none was free by then. */
static struct slot *take_slot(struct decode_pool *pool, int64_t until_us)
{
	const struct timespec until = {until_us / 1000000, until_us % 1000000 * 1000};
	struct slot *slot;
	int sys = 0;
	pthread_mutex_lock(&pool->lock);
	while (!(slot = find_slot(pool)) && sys != ETIMEDOUT)
		sys = until_us ? pthread_cond_timedwait(&pool->freed, &pool->lock, &until)
			       : pthread_cond_wait(&pool->freed, &pool->lock);
	if (slot)
		slot->busy = true;
	pthread_mutex_unlock(&pool->lock);
	return slot;
}

static void give_back(struct decode_pool *pool, struct slot *slot)
{
	pthread_mutex_lock(&pool->lock);
	slot->busy = false;
	pthread_cond_signal(&pool->freed);
	pthread_mutex_unlock(&pool->lock);
}

/* -------------------------------------------------------------------------------------------- the helper */

/* One packet of the helper; 0 or the errno of what was wrong with it. */
static int receive(struct slot *slot, int timeout_ms, struct decode_msg *ret_msg)
{
	uint8_t bytes[DECODE_MESSAGE_MAX];
	ssize_t size =
		helper_receive(slot->helper.socket, bytes, sizeof bytes, NULL, NULL, timeout_ms);
	if (size <= 0)
		return size == 0 ? EPIPE : (int)-size;
	return decode_msg_read(bytes, (size_t)size, ret_msg) ? 0 : EPROTO;
}

static int greet(struct decode_pool *pool, struct slot *slot, struct hilf_err *err)
{
	struct decode_msg hello;
	int sys = receive(slot, HELLO_WAIT_MS, &hello);
	if (sys)
		return err_sys(err, HILF_E_HELPER, sys, "the helper '%s/%s' did not come up",
			pool->helper_dir, HELPER_NAME);
	if (hello.kind != DECODE_HELLO || hello.hello.version != DECODE_VERSION)
		return err_set(err, HILF_E_HELPER,
			"the helper '%s/%s' is of another version of hilf; install hilf whole",
			pool->helper_dir, HELPER_NAME);
	if (hello.hello.failure)
		return err_set(err, (enum hilf_code)hello.hello.failure, "%s", hello.text);
	if (!pool->insecure &&
		(hello.hello.walls & SANDBOX_WALLS_MANDATORY) != SANDBOX_WALLS_MANDATORY)
		return err_set(err, HILF_E_SANDBOX,
			"the helper '%s/%s' runs without its mandatory walls", pool->helper_dir,
			HELPER_NAME);
	slot->walls = hello.hello.walls;
	slot->formats = hello.hello.formats;
	return 0;
}

static int start_helper(struct decode_pool *pool, struct slot *slot, struct hilf_err *err)
{
	const char *const arguments[] = {pool->insecure ? "--insecure" : NULL, NULL};
	if (slot->helper.pid)
		return 0;
	int rc = helper_start(&slot->helper, pool->helper_dir, HELPER_NAME, arguments, err);
	if (rc)
		return rc;
	rc = greet(pool, slot, err);
	if (rc)
		helper_stop(&slot->helper);
	return rc;
}

static void send_bytes(struct slot *slot, const struct decode_msg *msg)
{
	uint8_t bytes[DECODE_MESSAGE_MAX];
	helper_send(slot->helper.socket, bytes, decode_msg_write(msg, bytes), NULL, 0);
}

/* Sends the request; *ret_reply is where the child will answer. 0 or an errno. */
static int send_request(
	struct slot *slot, const struct decode_input *input, bool showing, int *ret_reply)
{
	int pair[2];
	uint8_t bytes[DECODE_MESSAGE_MAX];
	struct decode_msg msg = {.kind = DECODE_REQUEST,
		.request = {++slot->request_id, input->size, slot->timeout_ms, showing}};
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return errno;
	const int fds[] = {input->fd, pair[1]};
	int sys = helper_send(
		slot->helper.socket, bytes, decode_msg_write(&msg, bytes), fds, COUNT_OF(fds));
	close(pair[1]);
	if (sys)
		close(pair[0]);
	else
		*ret_reply = pair[0];
	return sys;
}

void previews_clear(struct previews *previews)
{
	for (size_t i = 0; i < previews->count; i++)
		free(previews->items[i].jpeg);
	previews->count = 0;
}

/* The report of this request; those of earlier ones cannot be under way. The child has ended, is called off, or is
 * out of time, so it comes at once unless the helper itself is stuck. 0 or an errno. */
static int wait_report(struct slot *slot, struct decode_report *ret_report)
{
	struct decode_msg msg;
	int sys = receive(slot, REPORT_WAIT_MS, &msg);
	if (!sys && (msg.kind != DECODE_REPORT || msg.report.id != slot->request_id))
		sys = EPROTO;
	if (!sys)
		*ret_report = msg.report;
	return sys;
}

/* ---------------------------------------------------------------------------------------------- the file */

/* One try with a running helper. *ret_sys: what broke the helper, which says nothing of the file. */
static int exchange(struct slot *slot, struct decode_input *input, struct hilf_content *content,
	struct previews *previews, int *ret_sys, struct hilf_err *err)
{
	struct decode_reply reply = {.content = content, .previews = previews};
	struct decode_report report;
	int socket = -1, sys = send_request(slot, input, previews != NULL, &socket);
	*ret_sys = sys;
	if (sys)
		return 0;
	int rc = decode_input_digest(input, slot->digest, err);
	if (!rc)
		decode_reply_read(&reply, socket, (int)slot->timeout_ms + GRACE_MS);
	close(socket);
	if (rc || reply.broken) {
		struct decode_msg msg = {.kind = DECODE_CANCEL, .cancel = slot->request_id};
		send_bytes(slot, &msg);
	}
	*ret_sys = wait_report(slot, &report);
	if (rc || *ret_sys)
		return rc;
	if (reply.no_memory)
		return err_no_memory(err);
	decode_reply_judge(&reply, &report);
	/* Nothing is shown of a decoder that went astray. */
	if (previews &&
		(reply.broken || !reply.ended || report.killed || report.late || report.number))
		previews_clear(previews);
	return 0;
}

static int decode_input(struct decode_pool *pool, struct slot *slot, struct decode_input *input,
	struct hilf_content *content, struct previews *previews, struct hilf_err *err)
{
	int sys = 0;
	/* A helper may have died since its last file, for no fault of this one: a second one gets a chance. */
	for (int attempt = 0; attempt < 2; attempt++) {
		struct hilf_content fresh = {.size = input->size};
		int rc = start_helper(pool, slot, err);
		if (!rc)
			rc = exchange(slot, input, &fresh, previews, &sys, err);
		if (sys)
			helper_stop(&slot->helper);
		if ((sys || rc) && previews)
			previews_clear(previews);
		if (rc)
			return rc;
		if (!sys) {
			*content = fresh;
			return 0;
		}
	}
	return err_sys(err, HILF_E_HELPER, sys, "the helper '%s/%s' broke twice", pool->helper_dir,
		HELPER_NAME);
}

/* What needs no decoder to be undecided. */
static bool refuse(const struct decode_input *input, struct hilf_content *content)
{
	if (!input->size)
		decode_undecided(content, DECODE_UNSUPPORTED, "the file is empty");
	else if (input->size > LIMIT_IMAGE_FILE_SIZE)
		decode_undecided(content, DECODE_LIMIT,
			"the file has %llu bytes; a picture may have %llu",
			(unsigned long long)input->size, (unsigned long long)LIMIT_IMAGE_FILE_SIZE);
	else
		return false;
	return true;
}

/* slot NULL: no decoder was free in time, and the file is digested alone. */
static int decode_with(struct decode_pool *pool, struct slot *slot, struct digest *digest, int fd,
	struct hilf_content *ret_content, struct previews *previews, struct hilf_err *err)
{
	struct decode_input input;
	struct hilf_content content = {0};
	int rc = decode_input_open(fd, digest, &input, err);
	if (rc)
		return rc;
	content.size = input.size;
	bool refused = refuse(&input, &content);
	if (!refused && !slot)
		decode_undecided(
			&content, DECODE_TIMEOUT, "no decoder was free in the time there was");
	if (refused || !slot)
		rc = decode_input_digest(&input, digest, err);
	else
		rc = decode_input(pool, slot, &input, &content, previews, err);
	content.digests = !decode_input_changed(&input);
	if (!content.digests && previews)
		previews_clear(previews);
	if (!content.digests)
		decode_undecided(&content, DECODE_CHANGED, "the file changed while it was read");
	memcpy(content.sha256, input.sha256, sizeof content.sha256);
	memcpy(content.md5, input.md5, sizeof content.md5);
	decode_input_close(&input);
	if (!rc)
		*ret_content = content;
	return rc;
}

static int decode_in_slot(struct decode_pool *pool, struct slot *slot, int fd,
	struct hilf_content *ret_content, struct previews *previews, struct hilf_err *err)
{
	int rc = slot->digest ? 0 : digest_new(&slot->digest, err);
	return rc ? rc : decode_with(pool, slot, slot->digest, fd, ret_content, previews, err);
}

static int decode_without(
	struct decode_pool *pool, int fd, struct hilf_content *ret_content, struct hilf_err *err)
{
	struct digest *digest = NULL;
	int rc = digest_new(&digest, err);
	if (!rc)
		rc = decode_with(pool, NULL, digest, fd, ret_content, NULL, err);
	digest_free(digest);
	return rc;
}

static int decode(struct decode_pool *pool, int fd, uint32_t timeout_ms,
	struct hilf_content *ret_content, struct previews *previews, struct hilf_err *err)
{
	bool bounded = timeout_ms && timeout_ms < pool->timeout_ms;
	int64_t until_us = clock_monotonic_us() + (int64_t)timeout_ms * 1000;
	struct slot *slot = take_slot(pool, timeout_ms ? until_us : 0);
	if (!slot)
		return decode_without(pool, fd, ret_content, err);
	slot->timeout_ms = pool->timeout_ms;
	if (bounded) {
		int64_t left_ms = (until_us - clock_monotonic_us()) / 1000;
		slot->timeout_ms = left_ms > 0 ? (uint32_t)left_ms : 1;
	}
	int rc = decode_in_slot(pool, slot, fd, ret_content, previews, err);
	give_back(pool, slot);
	return rc;
}

int decode_file(struct decode_pool *pool, int fd, uint32_t timeout_ms,
	struct hilf_content *ret_content, struct hilf_err *err)
{
	return decode(pool, fd, timeout_ms, ret_content, NULL, err);
}

int decode_file_showing(struct decode_pool *pool, int fd, uint32_t timeout_ms,
	struct hilf_content *ret_content, struct previews *ret_previews, struct hilf_err *err)
{
	struct previews previews = {.count = 0};
	int rc = decode(pool, fd, timeout_ms, ret_content, &previews, err);
	*ret_previews = rc ? *ret_previews : previews;
	if (rc)
		previews_clear(&previews);
	return rc;
}

int decode_pool_walls(struct decode_pool *pool, unsigned *ret_walls, char *ret_formats, size_t room,
	struct hilf_err *err)
{
	struct slot *slot = take_slot(pool, 0);
	int rc = start_helper(pool, slot, err);
	if (!rc) {
		size_t size = 0;
		ret_formats[0] = 0;
		for (unsigned i = 1; i < IMAGE_FORMAT_COUNT && size + 1 < room; i++)
			if (slot->formats >> i & 1)
				size += (size_t)snprintf(ret_formats + size, room - size, "%s%s",
					size ? " " : "", image_format_name(i));
		*ret_walls = slot->walls;
	}
	give_back(pool, slot);
	return rc;
}
