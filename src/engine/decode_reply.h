/* A child's answer, believed only as far as it keeps to its form: HEAD?, PICTURE (0 to 3, as is, on black, on white),
 * PREVIEW with its PARTs (where they were asked for), then END or FAILURE, and nothing after. */
#ifndef ENGINE_DECODE_REPLY_H
#define ENGINE_DECODE_REPLY_H

#include "engine/decode.h"
#include "wire/decode_msg.h"

struct decode_reply {
	struct hilf_content *content; /* what was answered, checked, lands here at once */
	struct previews *previews;    /* the same of these; NULL: none may come */
	uint32_t part_size;           /* bytes of the last preview that have come */
	bool no_memory;               /* for a preview: the answer was not read on */
	bool head, partial;
	bool ended;  /* END or FAILURE came */
	bool broken; /* the answer is not one, or took too long: call the child off */
	enum decode_reason failure;
	char text[DECODE_TEXT_MAX + 1];
};

/* Reads packets from the socket until the answer has ended, broke, or nobody is left to answer. */
void decode_reply_read(struct decode_reply *reply, int socket, int timeout_ms);
/* With how the child ended, decides or leaves undecided. */
void decode_reply_judge(struct decode_reply *reply, const struct decode_report *report);

/* Leaves content undecided for that reason; what it holds stays. */
void decode_undecided(struct hilf_content *content, enum decode_reason reason, const char *format,
	...) HILF_PRINTF(3, 4);

#endif
