/* Reading a hostile answer: each packet by its form, the packets by their order, and the end by the word of the helper,
 * which waited for the child, rather than by the child's own. */
#include "engine/decode_reply.h"

#include "base/check.h"
#include "os/clock.h"
#include "os/helper.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void decode_undecided(
	struct hilf_content *content, enum decode_reason reason, const char *format, ...)
{
	va_list arguments;
	ASSERT(reason != DECODE_DECIDED);
	va_start(arguments, format);
	vsnprintf(content->reason, sizeof content->reason, format, arguments);
	va_end(arguments);
	content->decided = false;
	snprintf(content->reason_code, sizeof content->reason_code, "%s",
		decode_reason_name(reason));
}

static bool take_head(struct decode_reply *reply, const struct decode_head *head)
{
	if (reply->head || reply->content->picture_count)
		return false;
	reply->head = true;
	reply->content->width = head->width;
	reply->content->height = head->height;
	snprintf(reply->content->format, sizeof reply->content->format, "%s",
		image_format_name((enum image_format)head->format));
	return true;
}

/* Variants come in order, without a gap; a hash of low quality stands for nothing whatever the child says. */
static bool take_picture(struct decode_reply *reply, const struct decode_picture *picture)
{
	size_t count = reply->content->picture_count;
	if (!reply->head || count == HILF_PICTURE_MAX || picture->picture.variant != count ||
		(count && (picture->partial != 0) != reply->partial))
		return false;
	reply->partial = picture->partial != 0;
	reply->content->pictures[count] = picture->picture;
	reply->content->pictures[count].degenerate |= picture->picture.quality < 50;
	reply->content->picture_count++;
	return true;
}

static bool take(struct decode_reply *reply, const struct decode_msg *msg)
{
	switch (msg->kind) {
	case DECODE_HEAD:
		return take_head(reply, &msg->head);
	case DECODE_PICTURE:
		return take_picture(reply, &msg->picture);
	case DECODE_END:
		reply->ended = true;
		return msg->end == reply->content->picture_count && msg->end && !reply->partial;
	case DECODE_FAILURE:
		reply->ended = true;
		reply->failure = msg->failure;
		memcpy(reply->text, msg->text, sizeof reply->text);
		return true;
	default:
		return false;
	}
}

void decode_reply_read(struct decode_reply *reply, int socket, int timeout_ms)
{
	int64_t deadline = clock_monotonic_us() + (int64_t)timeout_ms * 1000;
	while (!reply->ended && !reply->broken) {
		uint8_t bytes[DECODE_MESSAGE_MAX];
		struct decode_msg msg;
		int64_t left = (deadline - clock_monotonic_us()) / 1000;
		ssize_t size = helper_receive(
			socket, bytes, sizeof bytes, NULL, NULL, left > 0 ? (int)left : 0);
		if (size == 0)
			return;
		reply->broken = size < 0 || !decode_msg_read(bytes, (size_t)size, &msg) ||
				!take(reply, &msg);
	}
}

static const char *signal_text(int number)
{
	const char *name = sigabbrev_np(number);
	return name ? name : "unknown signal";
}

void decode_reply_judge(struct decode_reply *reply, const struct decode_report *report)
{
	struct hilf_content *content = reply->content;
	int number = report->number;
	if (report->late || (report->killed && number == SIGXCPU))
		decode_undecided(content, DECODE_TIMEOUT, "decoding it took longer than it may");
	else if (report->killed && number == SIGSYS)
		decode_undecided(content, DECODE_FORBIDDEN,
			"its decoder made a system call that it has no business to make: the file "
			"is likely an attack");
	else if (reply->broken)
		decode_undecided(content, DECODE_GARBAGE, "its decoder answered nonsense");
	else if (report->killed && number == SIGKILL && !reply->ended)
		decode_undecided(
			content, DECODE_MEMORY, "its decoder was killed, as when memory runs out");
	else if (report->killed && !reply->ended)
		decode_undecided(
			content, DECODE_CRASH, "its decoder crashed (SIG%s)", signal_text(number));
	else if (report->killed || number != 0)
		decode_undecided(content, DECODE_CRASH, "its decoder did not end well (%s %d)",
			report->killed ? "signal" : "status", number);
	else if (!reply->ended)
		decode_undecided(content, DECODE_GARBAGE, "its decoder ended without an answer");
	else if (reply->failure)
		decode_undecided(content, reply->failure, "%.*s", (int)sizeof content->reason - 1,
			reply->text);
	else
		content->decided = true;
}
