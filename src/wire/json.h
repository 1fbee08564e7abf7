/* Canonical JSON: RFC 8785 narrowed to what records need. One value has one spelling:
 *
 *   no blanks · keys ASCII, ascending, each once · integers within 2^53 - 1, no reals, no "-0"
 *   strings valid UTF-8, never normalised, without U+0000; escaped are only \" \\ \b \t \n \f
 *   \r and, as \u00xx in lower case, the other control characters
 *
 * The writer appends to a struct buf and the reader refuses every other spelling where it meets it,
 * so that nothing is ever encoded again to be compared. Any JSON a person or a client writes
 * (blanks, reals, keys in any order) is not for this reader. */
#ifndef WIRE_JSON_H
#define WIRE_JSON_H

#include "base/arena.h"
#include "base/buf.h"
#include "hilf.h"

/* --------------------------------------------------------------------------------------- writing */

/* Commas come by themselves: json_put_key and json_put_item add one unless they follow '{', '[' or ':'.
 * Braces are the caller's (buf_char), and so is the order of keys. Memory that is lacking is asked
 * once, at the end: buf->failed.
 *
 *   buf_char(buf, '{');
 *   json_put_key(buf, "n");     json_put_integer(buf, 1);
 *   json_put_key(buf, "s");     json_put_text(buf, "one");
 *   buf_char(buf, '}');                                        {"n":1,"s":"one"} */
void json_put_key(struct buf *buf, const char *key); /* key: plain ASCII that needs no escape */
void json_put_item(struct buf *buf);
/* text must be valid UTF-8 without U+0000. */
void json_put_string(struct buf *buf, const char *text, size_t size);
void json_put_text(struct buf *buf, const char *text);
void json_put_integer(struct buf *buf, int64_t value); /* within LIMIT_JSON_INTEGER */
void json_put_bool(struct buf *buf, bool value);
/* The bytes that json_put_string would append, quotes included. */
size_t json_string_size(const char *text, size_t size);

/* --------------------------------------------------------------------------------------- reading */

enum json_is {
	JSON_IS_NULL,
	JSON_IS_BOOL,
	JSON_IS_INTEGER,
	JSON_IS_STRING,
	JSON_IS_ARRAY,
	JSON_IS_OBJECT,
};

/* A value, its items or members chained in the order of the text:
 *
 *   {"a":[1,2],"b":"x"}     object ─first─► "a" array ─next─► "b" string
 *                                             └first─► 1 ─next─► 2               */
struct json {
	enum json_is is;
	uint32_t at;    /* the offset where the value begins, for messages */
	uint32_t count; /* items of an array, members of an object */
	uint32_t size;  /* bytes of text */
	union {
		bool truth;
		int64_t integer;
		const char *text; /* of a string, terminated only if it had escapes: mind size */
		struct json *first;
	};
	struct json *next;
	const char *key; /* of a member, not terminated */
	uint32_t key_size;
};

/* Reads one value that fills all of bytes. The values are in arena; texts without escapes point
 * into bytes. depth_max: how deep arrays and objects may nest. HILF_E_LIMIT: more than size_max
 * bytes, or nested deeper; HILF_E_INVALID: anything not canonical, with its offset. */
int json_parse_canonical(const char *bytes, size_t size, size_t size_max, unsigned depth_max,
	struct arena *arena, struct json **ret_value, struct hilf_err *err);
/* The member with this key, or NULL. */
const struct json *json_member(const struct json *object, const char *key);

#endif
