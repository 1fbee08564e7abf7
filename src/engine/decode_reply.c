/* Reading a hostile answer: each packet by its form, the packets by their order, and the end by the word of the helper,
 * which waited for the child, rather than by the child's own. */
#include "engine/decode_reply.h"

#include "base/check.h"
#include "os/clock.h"
#include "os/helper.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
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
	bool shown = reply->previews && reply->previews->count;
	if (!reply->head || shown || count == HILF_PICTURE_MAX ||
		picture->picture.variant != count ||
		(count && (picture->partial != 0) != reply->partial))
		return false;
	reply->partial = picture->partial != 0;
	reply->content->pictures[count] = picture->picture;
	reply->content->pictures[count].degenerate |= picture->picture.quality < 50;
	reply->content->picture_count++;
	return true;
}

/* Bytes of the last preview that are still to come. */
static uint32_t preview_left(const struct decode_reply *reply)
{
	const struct previews *previews = reply->previews;
	return previews && previews->count
		       ? previews->items[previews->count - 1].size - reply->part_size
		       : 0;
}

static bool take_preview(struct decode_reply *reply, const struct decode_preview *announced)
{
	struct previews *previews = reply->previews;
	if (!previews || previews->count == PREVIEW_MAX || !reply->content->picture_count)
		return false;
	struct preview *preview = &previews->items[previews->count];
	*preview = (struct preview){.kind = announced->kind,
		.width = announced->width,
		.height = announced->height,
		.size = announced->size};
	preview->jpeg = malloc(preview->size);
	reply->part_size = 0;
	previews->count += preview->jpeg != NULL;
	reply->no_memory = !preview->jpeg;
	return preview->jpeg != NULL;
}

/* Begins and ends as a JPEG does, and its own head says the size that was announced. */
static bool is_jpeg(const struct preview *preview)
{
	struct image_head head;
	const uint8_t *end = preview->jpeg + preview->size;
	return preview->size > 4 && preview->jpeg[0] == 0xff && preview->jpeg[1] == 0xd8 &&
	       end[-2] == 0xff && end[-1] == 0xd9 &&
	       image_head_read(preview->jpeg, preview->size, &head, NULL) == 0 &&
	       head.format == IMAGE_JPEG && head.width == preview->width &&
	       head.height == preview->height;
}

static bool take_part(struct decode_reply *reply, const struct decode_part *part)
{
	if (part->size > preview_left(reply))
		return false;
	struct preview *preview = &reply->previews->items[reply->previews->count - 1];
	memcpy(preview->jpeg + reply->part_size, part->bytes, part->size);
	reply->part_size += part->size;
	return reply->part_size < preview->size || is_jpeg(preview);
}

static bool take(struct decode_reply *reply, const struct decode_msg *msg)
{
	if (preview_left(reply) && msg->kind != DECODE_PART)
		return false;
	switch (msg->kind) {
	case DECODE_HEAD:
		return take_head(reply, &msg->head);
	case DECODE_PICTURE:
		return take_picture(reply, &msg->picture);
	case DECODE_PREVIEW:
		return take_preview(reply, &msg->preview);
	case DECODE_PART:
		return take_part(reply, &msg->part);
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
