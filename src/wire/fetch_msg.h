/* The messages between hilf, hilf-fetch, and the two children that it makes for each request. Each is one packet, little
 * endian.
 *
 *   hilf ──► hilf-fetch     CONF once: what may be connected to.  START: the request's socket beside it
 *   hilf-fetch ──► hilf     HELLO once.  On the request's socket, at the end, REPORT: how its loader ended
 *   hilf ──► loader         REQUEST, over the request's socket, its body as a descriptor beside it
 *   loader ──► hilf         HEAD, BODY..., then END; or FAILURE instead of any of them. Hostile: it reads what strangers send
 *   loader ──► dialler      DIAL: a host and a port
 *   dialler ──► loader      DIALLED, the connected socket beside it; or FAILURE
 *
 *   bytes:  [magic 4 | kind 2 | 0 2 | the fields of the kind, in the order of the struct below]
 *
 * hilf-fetch itself never sees a request, so nothing of one can be found in the children of the next. A reader refuses
 * every packet whose size, kind, numbers or text are not as they must be. */
#ifndef WIRE_FETCH_MSG_H
#define WIRE_FETCH_MSG_H

#include "hilf.h"
#include "wire/web_url.h"

#define FETCH_VERSION      1u
#define FETCH_TEXT_MAX     440u /* bytes of a text, all printable ASCII */
#define FETCH_TYPE_MAX     95u  /* of a content type */
#define FETCH_METHOD_MAX   8u
#define FETCH_HEADERS_MAX  32u    /* of a request */
#define FETCH_HEADERS_SIZE 16384u /* of all of them */
#define FETCH_RULES_MAX    1000u
#define FETCH_PATH_MAX     1024u
#define FETCH_BODY_MAX     (64u * 1024) /* of one BODY packet */
#define FETCH_PACKET_HEAD  8u
/* Of every packet but CONF, which may have as much as a packet holds. */
#define FETCH_PACKET_MAX (FETCH_PACKET_HEAD + FETCH_BODY_MAX)

enum fetch_kind {
	FETCH_HELLO = 1,
	FETCH_CONF = 2,
	FETCH_START = 3,
	FETCH_REQUEST = 4,
	FETCH_DIAL = 5,
	FETCH_DIALLED = 6,
	FETCH_HEAD = 7,
	FETCH_BODY = 8,
	FETCH_END = 9,
	FETCH_FAILURE = 10,
	FETCH_REPORT = 11,
};

struct fetch_text {
	const char *text; /* of a packet that was read: not terminated, points into it */
	size_t size;
};

struct fetch_hello {
	uint32_t version;
	uint32_t walls;         /* enum sandbox_walls, or-ed */
	uint32_t trusted_count; /* certificate authorities */
	int32_t failure;        /* 0, or the hilf_code with which it leaves; text says why */
};

/* Its rules follow as text, for web_rule_read. */
struct fetch_conf_msg {
	uint32_t request_max; /* at once */
	uint8_t only_allowed;
	struct fetch_text ca_file; /* "" for none beside the system's */
	uint32_t rule_count;       /* FETCH_RULES_MAX at most */
	struct fetch_text rules;   /* each ended by a line feed */
};

struct fetch_request_msg {
	uint64_t size_max, body_size;
	uint32_t timeout_ms;
	uint8_t no_redirects;
	uint8_t has_body;         /* a descriptor of body_size bytes is beside the packet */
	struct fetch_text method; /* capital letters */
	struct fetch_text url;
	struct fetch_text headers; /* each ended by a line feed */
};

struct fetch_dial {
	uint32_t timeout_ms;
	uint16_t port;
	struct fetch_text host; /* as struct web_url has it */
};

struct fetch_report {
	uint8_t killed; /* 1: by the signal `number`; 0: exited with the status `number` */
	uint8_t late;   /* 1: hilf-fetch killed it at its deadline */
	uint8_t number;
};

struct fetch_msg {
	enum fetch_kind kind;
	union {
		struct fetch_hello hello;
		struct fetch_conf_msg conf;
		uint32_t start; /* timeout in ms */
		struct fetch_request_msg request;
		struct fetch_dial dial;
		struct web_address dialled;
		uint16_t head; /* the status; text is the content type */
		struct fetch_text body;
		uint64_t end;    /* bytes of body sent */
		int32_t failure; /* a negative hilf_code; text says why */
		struct fetch_report report;
	};
	char text[FETCH_TEXT_MAX + 1]; /* HELLO, HEAD, FAILURE; "" elsewhere */
};

/* Writes the packet and returns its size, or 0 where it does not fit into room. Text that is not printable ASCII is made
 * so, and cut at its limit. */
size_t fetch_msg_write(const struct fetch_msg *msg, uint8_t *ret_bytes, size_t room);
/* false, with ret_msg untouched, for everything that fetch_msg_write does not write. */
bool fetch_msg_read(const uint8_t *bytes, size_t size, struct fetch_msg *ret_msg);

/* Takes the next line of text; false at its end. Lines of a message that was read are all ended. */
bool fetch_next_line(struct fetch_text *text, struct fetch_text *ret_line);

/* Whether it is a header that a caller may give: "Name: value", the name a token, the value printable, and none of those
 * that say where a message ends or goes (Host, Content-Length, Transfer-Encoding, Connection, Accept-Encoding, ...). */
bool fetch_header_valid(const char *text, size_t size);

#endif
