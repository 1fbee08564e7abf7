/* Packets of fixed shape. Writing and reading walk the same fields in the same order; what reading adds is that it
 * believes none of them. */
#include "wire/decode_msg.h"

#include "base/check.h"
#include "base/limits.h"
#include "wire/place.h"

#include <string.h>

#define MAGIC     0x316d6468u /* "hdm1" */
#define HEAD_SIZE 8u

/* Whoever writes has the room that the form takes. */
static void put(struct place *place, uint64_t value, unsigned size)
{
	ASSERT(place->index + size <= place->size);
	place_put(place, value, size);
}

static void put_text(struct place *place, const char *text)
{
	size_t size = strnlen(text, DECODE_TEXT_MAX);
	put(place, size, 2);
	for (size_t i = 0; i < size; i++) {
		uint8_t c = (uint8_t)text[i];
		put(place, c >= 0x20 && c < 0x7f ? c : '?', 1);
	}
}

static void take_text(struct place *place, char *ret_text)
{
	uint64_t size = place_take_within(place, 2, 0, DECODE_TEXT_MAX);
	for (uint64_t i = 0; !place->bad && i < size; i++)
		ret_text[i] = (char)place_take_within(place, 1, 0x20, 0x7e);
	if (!place->bad)
		ret_text[size] = 0;
}

static void put_picture(struct place *place, const struct decode_picture *picture)
{
	put(place, picture->partial, 1);
	put(place, picture->picture.variant, 1);
	put(place, picture->picture.quality, 1);
	put(place, picture->picture.degenerate, 1);
	for (size_t i = 0; i < HILF_ORIENTATION_COUNT; i++)
		for (size_t j = 0; j < sizeof picture->picture.pdq[i]; j++)
			put(place, picture->picture.pdq[i][j], 1);
}

static void take_picture(struct place *place, struct decode_picture *ret_picture)
{
	ret_picture->partial = (uint8_t)place_take_within(place, 1, 0, 1);
	ret_picture->picture.variant = (uint8_t)place_take_within(place, 1, 0, HILF_ON_WHITE);
	ret_picture->picture.quality = (uint8_t)place_take_within(place, 1, 0, 100);
	ret_picture->picture.degenerate = place_take_within(place, 1, 0, 1) != 0;
	for (size_t i = 0; i < HILF_ORIENTATION_COUNT; i++)
		for (size_t j = 0; j < sizeof ret_picture->picture.pdq[i]; j++)
			ret_picture->picture.pdq[i][j] = (uint8_t)place_take(place, 1);
}

static void put_preview(struct place *place, const struct decode_preview *preview)
{
	put(place, preview->kind, 1);
	put(place, preview->width, 2);
	put(place, preview->height, 2);
	put(place, preview->size, 4);
}

static void take_preview(struct place *place, struct decode_preview *ret_preview)
{
	ret_preview->kind = (uint8_t)place_take_within(place, 1, PREVIEW_PAGE, PREVIEW_REGION);
	ret_preview->width = (uint16_t)place_take_within(place, 2, 1, PREVIEW_SIDE_MAX);
	ret_preview->height = (uint16_t)place_take_within(place, 2, 1, PREVIEW_SIDE_MAX);
	ret_preview->size = (uint32_t)place_take_within(place, 4, 1, PREVIEW_SIZE_MAX);
}

static void put_part(struct place *place, const struct decode_part *part)
{
	ASSERT(part->size && part->size <= DECODE_PART_MAX);
	put(place, part->size, 2);
	memcpy(place->bytes + place->index, part->bytes, part->size);
	place->index += part->size;
}

static void take_part(struct place *place, struct decode_part *ret_part)
{
	ret_part->size = (uint16_t)place_take_within(place, 2, 1, DECODE_PART_MAX);
	if (place->bad || ret_part->size > place->size - place->index) {
		place->bad = true;
		return;
	}
	ret_part->bytes = place->read + place->index;
	place->index += ret_part->size;
}

size_t decode_msg_write(const struct decode_msg *msg, uint8_t ret_bytes[DECODE_MESSAGE_MAX])
{
	struct place place = {.bytes = ret_bytes, .size = DECODE_MESSAGE_MAX};
	put(&place, MAGIC, 4);
	put(&place, msg->kind, 2);
	put(&place, 0, 2);
	switch (msg->kind) {
	case DECODE_HELLO:
		put(&place, msg->hello.version, 4);
		put(&place, msg->hello.walls, 4);
		put(&place, msg->hello.formats, 4);
		put(&place, (uint32_t)msg->hello.failure, 4);
		put_text(&place, msg->text);
		break;
	case DECODE_REQUEST:
		put(&place, msg->request.id, 8);
		put(&place, msg->request.file_size, 8);
		put(&place, msg->request.timeout_ms, 4);
		put(&place, msg->request.previews, 1);
		break;
	case DECODE_CANCEL:
		put(&place, msg->cancel, 8);
		break;
	case DECODE_REPORT:
		put(&place, msg->report.id, 8);
		put(&place, msg->report.killed, 1);
		put(&place, msg->report.late, 1);
		put(&place, msg->report.number, 1);
		break;
	case DECODE_HEAD:
		put(&place, msg->head.format, 1);
		put(&place, msg->head.width, 4);
		put(&place, msg->head.height, 4);
		put(&place, msg->head.frame_count, 4);
		break;
	case DECODE_PICTURE:
		put_picture(&place, &msg->picture);
		break;
	case DECODE_FAILURE:
		put(&place, msg->failure, 1);
		put_text(&place, msg->text);
		break;
	case DECODE_END:
		put(&place, msg->end, 1);
		break;
	case DECODE_PREVIEW:
		put_preview(&place, &msg->preview);
		break;
	case DECODE_PART:
		put_part(&place, &msg->part);
		break;
	}
	ret_bytes[6] = (uint8_t)place.index;
	ret_bytes[7] = (uint8_t)(place.index >> 8);
	return place.index;
}

static void take_hello(struct place *place, struct decode_msg *msg)
{
	msg->hello.version = (uint32_t)place_take(place, 4);
	msg->hello.walls = (uint32_t)place_take(place, 4);
	msg->hello.formats =
		(uint32_t)place_take_within(place, 4, 0, (1u << IMAGE_FORMAT_COUNT) - 1);
	msg->hello.failure = (int32_t)(uint32_t)place_take(place, 4);
	if (msg->hello.failure > 0 || msg->hello.failure < HILF_E_STOPPED)
		place->bad = true;
	take_text(place, msg->text);
}

static void take_report(struct place *place, struct decode_report *ret_report)
{
	ret_report->id = place_take(place, 8);
	ret_report->killed = (uint8_t)place_take_within(place, 1, 0, 1);
	ret_report->late = (uint8_t)place_take_within(place, 1, 0, 1);
	ret_report->number = (uint8_t)place_take(place, 1);
}

static void take_head(struct place *place, struct decode_head *ret_head)
{
	ret_head->format = (uint8_t)place_take_within(place, 1, 1, IMAGE_FORMAT_COUNT - 1);
	ret_head->width = (uint32_t)place_take_within(place, 4, 1, LIMIT_IMAGE_SIDE);
	ret_head->height = (uint32_t)place_take_within(place, 4, 1, LIMIT_IMAGE_SIDE);
	ret_head->frame_count = (uint32_t)place_take_within(place, 4, 1, IMAGE_FRAMES_COUNTED);
}

bool decode_msg_read(const uint8_t *bytes, size_t size, struct decode_msg *ret_msg)
{
	struct place place = {.read = bytes, .size = size};
	struct decode_msg msg = {0};
	if (place_take(&place, 4) != MAGIC)
		return false;
	msg.kind = (enum decode_kind)place_take_within(&place, 2, DECODE_HELLO, DECODE_PART);
	place_take_within(&place, 2, size, size);
	if (place.bad)
		return false;
	switch (msg.kind) {
	case DECODE_HELLO:
		take_hello(&place, &msg);
		break;
	case DECODE_REQUEST:
		msg.request.id = place_take(&place, 8);
		msg.request.file_size = place_take(&place, 8);
		msg.request.timeout_ms = (uint32_t)place_take(&place, 4);
		msg.request.previews = (uint8_t)place_take_within(&place, 1, 0, 1);
		break;
	case DECODE_CANCEL:
		msg.cancel = place_take(&place, 8);
		break;
	case DECODE_REPORT:
		take_report(&place, &msg.report);
		break;
	case DECODE_HEAD:
		take_head(&place, &msg.head);
		break;
	case DECODE_PICTURE:
		take_picture(&place, &msg.picture);
		break;
	case DECODE_FAILURE:
		msg.failure = (enum decode_reason)place_take_within(
			&place, 1, 1, DECODE_REASON_CHILD_MAX);
		take_text(&place, msg.text);
		break;
	case DECODE_END:
		msg.end = (uint8_t)place_take_within(&place, 1, 0, HILF_PICTURE_MAX);
		break;
	case DECODE_PREVIEW:
		take_preview(&place, &msg.preview);
		break;
	case DECODE_PART:
		take_part(&place, &msg.part);
		break;
	}
	if (place.bad || place.index != size)
		return false;
	*ret_msg = msg;
	return true;
}

const char *decode_reason_name(enum decode_reason reason)
{
	static const char *const names[DECODE_REASON_COUNT] = {"", "unsupported", "corrupt",
		"limit", "memory", "timeout", "crash", "forbidden", "garbage", "changed"};
	return reason < DECODE_REASON_COUNT ? names[reason] : "";
}
