/* The messages between hilf, a decoding helper and the helper's children. Each is one packet of a fixed shape, little
 * endian: a few hundred bytes, and up to DECODE_MESSAGE_MAX where it carries a part of a preview.
 *
 *   hilf ──► helper   REQUEST (with the file and the child's end of a reply socket beside it), CANCEL
 *   helper ──► hilf   HELLO once, then a REPORT per request: how the child ended
 *   child ──► hilf    HEAD, PICTURE (0 to 3), where asked PREVIEWs, each with its PARTs, then END or FAILURE; over the
 *                     reply socket, and hostile
 *
 *   bytes:  [magic 4 | kind 2 | size 2 | the fields of the kind, in the order of the struct below]
 *
 * A reader refuses every packet whose size, kind, numbers or text are not as they must be; what the parts must be to
 * each other (one HEAD, pictures in order) is for the client to check. */
#ifndef WIRE_DECODE_MSG_H
#define WIRE_DECODE_MSG_H

#include "hilf.h"
#include "wire/image_head.h"
#include "wire/preview.h"

#define DECODE_MESSAGE_MAX 4096u
#define DECODE_PART_MAX    (DECODE_MESSAGE_MAX - 10) /* behind the packet's head and the part's size */
#define DECODE_TEXT_MAX    440u                      /* bytes of a text, all printable ASCII */
#define DECODE_VERSION     2u

/* The numbers are those on the wire. */
enum decode_kind {
	DECODE_HELLO = 1,
	DECODE_REQUEST = 2,
	DECODE_CANCEL = 3,
	DECODE_REPORT = 4,
	DECODE_HEAD = 5,
	DECODE_PICTURE = 6,
	DECODE_FAILURE = 7,
	DECODE_END = 8,
	DECODE_PREVIEW = 9,
	DECODE_PART = 10,
};

/* Why content is undecided. The first few may be said by a child; the others are found by its parents. */
enum decode_reason {
	DECODE_DECIDED = 0,
	DECODE_UNSUPPORTED = 1, /* no picture, or a kind of it that hilf does not read */
	DECODE_CORRUPT = 2,     /* broken or cut short */
	DECODE_LIMIT = 3,       /* larger than hilf decodes */
	DECODE_MEMORY = 4,      /* needs more memory than a decoder gets */
	DECODE_REASON_CHILD_MAX = DECODE_MEMORY,
	DECODE_TIMEOUT = 5,
	DECODE_CRASH = 6,
	DECODE_FORBIDDEN = 7, /* the decoder made a call outside its promise */
	DECODE_GARBAGE = 8,   /* the decoder's answer is not one */
	DECODE_CHANGED = 9,   /* the file changed while it was read */
	DECODE_REASON_COUNT
};

struct decode_hello {
	uint32_t version;
	uint32_t walls;   /* enum sandbox_walls, or-ed */
	uint32_t formats; /* 1 << enum image_format, or-ed */
	int32_t failure;  /* 0, or the hilf_code with which the helper leaves; text says why */
};

struct decode_request {
	uint64_t id;
	uint64_t file_size;
	uint32_t timeout_ms;
	uint8_t previews; /* 1: they are wanted */
};

struct decode_report {
	uint64_t id;
	uint8_t killed; /* 1: by the signal `number`; 0: exited with the status `number` */
	uint8_t late;   /* 1: the helper killed it at its deadline */
	uint8_t number;
};

struct decode_head {
	uint8_t format;         /* enum image_format */
	uint32_t width, height; /* 1 to LIMIT_IMAGE_SIDE */
	uint32_t frame_count;   /* 1 to IMAGE_FRAMES_COUNTED */
};

struct decode_picture {
	uint8_t partial; /* 1: only what could be read */
	struct hilf_picture picture;
};

struct decode_preview {
	uint8_t kind;           /* enum preview_kind */
	uint16_t width, height; /* 1 to PREVIEW_SIDE_MAX */
	uint32_t size; /* of all of its parts, which follow at once: 1 to PREVIEW_SIZE_MAX */
};

struct decode_part {
	uint16_t size;        /* 1 to DECODE_PART_MAX */
	const uint8_t *bytes; /* read: within the packet */
};

struct decode_msg {
	enum decode_kind kind;
	union {
		struct decode_hello hello;
		struct decode_request request;
		uint64_t cancel; /* the id of the request */
		struct decode_report report;
		struct decode_head head;
		struct decode_picture picture;
		enum decode_reason failure;
		uint8_t end; /* pictures sent */
		struct decode_preview preview;
		struct decode_part part;
	};
	char text[DECODE_TEXT_MAX + 1]; /* HELLO and FAILURE; "" elsewhere */
};

/* Writes the packet and returns its size. Text that is not printable ASCII is made so, and cut at its limit. */
size_t decode_msg_write(const struct decode_msg *msg, uint8_t ret_bytes[DECODE_MESSAGE_MAX]);
/* false, with ret_msg untouched, for everything that decode_msg_write does not write. */
bool decode_msg_read(const uint8_t *bytes, size_t size, struct decode_msg *ret_msg);

/* The reason_code of struct hilf_content: "unsupported", "corrupt", ...; "" for DECODE_DECIDED. */
const char *decode_reason_name(enum decode_reason reason);

#endif
