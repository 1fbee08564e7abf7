/* hilf-decode-image: the only program that is linked to picture codecs.
 *
 *   promise: fork, wait, and packets on descriptor 3; no files, no network, no other program.
 *   promise of its children, one for each file: read descriptor 3, write descriptor 4, memory and time within limits.
 *
 * The helper never looks at a byte of a file. It forks a fresh child for each, which enters its promise before the
 * first hostile byte and answers over a socket of its own (wire/decode_msg.h); whatever becomes of the child, nothing
 * of it is left for the next one. The helper keeps the time, kills who is late, and reports how the child ended. */
#include "base/check.h"
#include "base/err.h"
#include "base/limits.h"
#include "media/image/image.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/helper.h"
#include "os/sandbox.h"
#include "wire/decode_msg.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef HILF_SANITIZED
#define HILF_SANITIZED 0
#endif

static const struct sandbox_promise helper_promise = {.name = "decode-image",
	.calls = SANDBOX_READ | SANDBOX_WRITE | SANDBOX_MESSAGES | SANDBOX_CHILDREN,
	.descriptors = HELPER_FD + 1,
	.open_files = 16,
	.cpu_seconds = SANDBOX_UNLIMITED};

static const struct sandbox_promise child_promise = {.name = "decode-image child",
	.calls = SANDBOX_READ | SANDBOX_WRITE,
	.descriptors = 5,
	.open_files = 0,
	.cpu_seconds = LIMIT_DECODE_TIME_MS / 1000 + 1,
	.memory_size = LIMIT_DECODE_MEMORY};

#define FILE_FD     3 /* of a child: where the helper has its control socket */
#define REPLY_FD    4
#define EXIT_WALL   3 /* of a child: no wall, so nothing was read */
#define EXIT_ANSWER 4 /* of a child: nobody took its answer */

struct zygote {
	struct sandbox_filter *filter; /* the children's; NULL when insecure */
};

/* ----------------------------------------------------------------------------------------------- the child */

struct answer {
	uint8_t picture_count;
};

static int send_answer(const struct decode_msg *msg)
{
	uint8_t bytes[DECODE_MESSAGE_MAX];
	size_t size = decode_msg_write(msg, bytes);
	return write(REPLY_FD, bytes, size) == (ssize_t)size ? 0 : -1;
}

static int send_head(void *ctx, const struct image_head *head)
{
	(void)ctx;
	struct decode_msg msg = {.kind = DECODE_HEAD,
		.head = {(uint8_t)head->format, head->width, head->height, head->frame_count}};
	return send_answer(&msg);
}

static int send_picture(void *ctx, uint8_t variant, bool partial, const struct pdq_result *result)
{
	struct answer *answer = ctx;
	struct decode_msg msg = {.kind = DECODE_PICTURE, .picture = {.partial = partial}};
	struct hilf_picture *picture = &msg.picture.picture;
	picture->variant = variant;
	picture->quality = result->quality;
	picture->degenerate = result->degenerate;
	memcpy(picture->pdq, result->hash, sizeof picture->pdq);
	answer->picture_count++;
	return send_answer(&msg);
}

static int send_preview(void *ctx, const struct image_shown *shown)
{
	struct decode_msg msg = {.kind = DECODE_PREVIEW,
		.preview = {(uint8_t)shown->kind, (uint16_t)shown->width, (uint16_t)shown->height,
			shown->size}};
	(void)ctx;
	int rc = send_answer(&msg);
	for (uint32_t done = 0; !rc && done < shown->size; done += msg.part.size) {
		uint32_t left = shown->size - done;
		msg.kind = DECODE_PART;
		msg.part = (struct decode_part){
			(uint16_t)(left < DECODE_PART_MAX ? left : DECODE_PART_MAX),
			shown->jpeg + done};
		rc = send_answer(&msg);
	}
	return rc;
}

static int send_end(const struct answer *answer, int rc, const struct hilf_err *err)
{
	struct decode_msg msg = {.kind = DECODE_END, .end = answer->picture_count};
	if (rc) {
		msg.kind = DECODE_FAILURE;
		msg.failure = rc == HILF_E_UNSUPPORTED ? DECODE_UNSUPPORTED
			      : rc == HILF_E_LIMIT     ? DECODE_LIMIT
			      : rc == HILF_E_NO_MEMORY ? DECODE_MEMORY
						       : DECODE_CORRUPT;
		snprintf(msg.text, sizeof msg.text, "%.*s", (int)DECODE_TEXT_MAX, err->text);
	}
	return send_answer(&msg);
}

/* The file's bytes: mapped, or where a file system cannot do that, read. */
static const uint8_t *load(size_t size)
{
	void *data = mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, FILE_FD, 0);
	if (data != MAP_FAILED)
		return data;
	uint8_t *copy = malloc(size);
	size_t done = 0;
	while (copy && done < size) {
		ssize_t count = pread(FILE_FD, copy + done, size - done, (off_t)done);
		if (count <= 0)
			return NULL;
		done += (size_t)count;
	}
	return copy;
}

static int answer_request(const struct decode_request *request)
{
	struct hilf_err err = {0};
	struct answer answer = {0};
	const struct image_out out = {
		&answer, send_head, send_picture, request->previews ? send_preview : NULL};
	const uint8_t *data = load((size_t)request->file_size);
	int rc = data ? image_decode(data, (size_t)request->file_size, &out, &err)
		      : err_set(&err, HILF_E_NO_MEMORY,
				"the file cannot be mapped into the decoder's memory");
	return rc == HILF_E_STOPPED || send_end(&answer, rc, &err) != 0 ? EXIT_ANSWER : 0;
}

static _Noreturn void run_child(
	const struct zygote *zygote, const struct decode_request *request, const int *fds)
{
	struct sandbox_promise promise = child_promise;
	promise.cpu_seconds = request->timeout_ms / 1000 + 1;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (dup2(fds[0], FILE_FD) < 0 || dup2(fds[1], REPLY_FD) < 0)
		_exit(EXIT_WALL);
	if (zygote->filter ? sandbox_enter_child(&promise, zygote->filter) != 0
			   : syscall(SYS_close_range, REPLY_FD + 1, ~0u, 0) != 0)
		_exit(EXIT_WALL);
	_exit(answer_request(request));
}

/* ---------------------------------------------------------------------------------------------- the helper */

/* Whether the client has left or sent a CANCEL for this request. */
static bool called_off(const struct decode_request *request, bool *ret_left)
{
	uint8_t bytes[DECODE_MESSAGE_MAX];
	struct decode_msg msg;
	ssize_t size = helper_receive(HELPER_FD, bytes, sizeof bytes, NULL, NULL, 0);
	*ret_left = size <= 0;
	return *ret_left || (decode_msg_read(bytes, (size_t)size, &msg) &&
				    msg.kind == DECODE_CANCEL && msg.cancel == request->id);
}

/* Waits for the child's end, to its deadline or until the client loses interest; then it is killed. Returns whether
 * it was late. *ret_left: the client is gone. */
static bool watch(int pidfd, const struct decode_request *request, bool *ret_left)
{
	int64_t deadline = clock_monotonic_us() + (int64_t)request->timeout_ms * 1000;
	for (;;) {
		struct pollfd wait[] = {
			{.fd = pidfd, .events = POLLIN}, {.fd = HELPER_FD, .events = POLLIN}};
		int64_t left_us = deadline - clock_monotonic_us();
		int count =
			poll(wait, COUNT_OF(wait), left_us > 0 ? (int)((left_us + 999) / 1000) : 0);
		if (wait[0].revents)
			return false;
		if (count > 0 && wait[1].revents && called_off(request, ret_left))
			return false;
		if (count == 0)
			return true;
	}
}

/* false when the client is gone. */
static bool serve(const struct zygote *zygote, const struct decode_request *request, const int *fds)
{
	struct decode_msg msg = {
		.kind = DECODE_REPORT, .report = {.id = request->id, .number = EXIT_WALL}};
	bool left = false;
	pid_t pid = fork();
	if (pid == 0)
		run_child(zygote, request, fds);
	close(fds[0]);
	close(fds[1]);
	if (pid > 0) {
		int status = 0, pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
		msg.report.late = pidfd < 0 || watch(pidfd, request, &left);
		if (pidfd >= 0)
			syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		if (pidfd >= 0)
			close(pidfd);
		msg.report.killed = WIFSIGNALED(status);
		msg.report.number =
			(uint8_t)(WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	}
	uint8_t bytes[DECODE_MESSAGE_MAX];
	size_t size = decode_msg_write(&msg, bytes);
	return !left && helper_send(HELPER_FD, bytes, size, NULL, 0) == 0;
}

static bool good_request(const struct decode_msg *msg, size_t fd_count)
{
	return msg->kind == DECODE_REQUEST && fd_count == 2 && msg->request.file_size > 0 &&
	       msg->request.file_size <= LIMIT_IMAGE_FILE_SIZE &&
	       msg->request.timeout_ms <= 24 * 3600 * 1000;
}

static void serve_all(const struct zygote *zygote)
{
	for (bool on = true; on;) {
		uint8_t bytes[DECODE_MESSAGE_MAX];
		struct decode_msg msg;
		int fds[HELPER_FDS_MAX];
		size_t fd_count = 0;
		ssize_t size = helper_receive(HELPER_FD, bytes, sizeof bytes, fds, &fd_count, -1);
		if (size <= 0)
			return;
		if (decode_msg_read(bytes, (size_t)size, &msg) && good_request(&msg, fd_count)) {
			on = serve(zygote, &msg.request, fds);
			continue;
		}
		/* A CANCEL that came too late, or nonsense: it has no answer. */
		for (size_t i = 0; i < fd_count; i++)
			close(fds[i]);
	}
}

static int enter(struct zygote *zygote, bool insecure, struct decode_msg *hello)
{
	struct hilf_err err = {0};
	int rc = 0;
	if (!helper_silence(!insecure && !HILF_SANITIZED))
		rc = err_sys(&err, HILF_E_HELPER, errno, "cannot open /dev/null");
	/* Without a handle on its children it could not stop them. */
	int pidfd = (int)syscall(SYS_pidfd_open, getpid(), 0);
	if (!rc && pidfd < 0)
		rc = err_sys(&err, HILF_E_SANDBOX, errno,
			"decoders cannot be watched: hilf needs Linux 5.3 or newer (pidfd_open)");
	if (pidfd >= 0)
		close(pidfd);
	if (insecure)
		fprintf(stderr, "hilf-decode-image: INSECURE: decoding WITHOUT THE SANDBOX, "
				"because it was told to. "
				"A hostile file can take over this account.\n");
	if (!rc && !insecure)
		rc = sandbox_filter_new(&child_promise, &zygote->filter, &err);
	if (!rc && !insecure)
		rc = sandbox_enter(&helper_promise, &hello->hello.walls, &err);
	hello->hello.failure = rc;
	snprintf(hello->text, sizeof hello->text, "%.*s", (int)DECODE_TEXT_MAX, err.text);
	return rc;
}

int main(int argc, char **argv)
{
	struct zygote zygote = {0};
	struct decode_msg hello = {.kind = DECODE_HELLO, .hello = {.version = DECODE_VERSION}};
	uint8_t bytes[DECODE_MESSAGE_MAX];
	bool insecure = argc == 2 && strcmp(argv[1], "--insecure") == 0;
	if ((argc != 1 && !insecure) || fcntl(HELPER_FD, F_GETFD) < 0) {
		fprintf(stderr,
			"hilf-decode-image is started by hilf, with a socket on descriptor %d\n",
			HELPER_FD);
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	mallopt(M_ARENA_MAX, 1);
	hello.hello.formats = image_prepare();
	int rc = enter(&zygote, insecure, &hello);
	size_t size = decode_msg_write(&hello, bytes);
	if (helper_send(HELPER_FD, bytes, size, NULL, 0) == 0 && !rc)
		serve_all(&zygote);
	return 0;
}
