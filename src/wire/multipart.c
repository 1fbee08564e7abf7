/* A boundary holds no CR, so a delimiter that began and did not go on can only begin anew at the byte that broke it: a
 * count of what matched is all there is to remember between two pieces. Within a piece memmem finds it. See multipart.h. */
#include "wire/multipart.h"

#include "base/check.h"
#include "base/err.h"
#include "base/utf8.h"

#include <string.h>
#include <strings.h>

enum {
	IN_PREAMBLE,
	BEHIND_DELIMITER, /* "--", or blanks and CR LF */
	BEHIND_DASH,
	BEHIND_BLANKS,
	BEHIND_CR,
	IN_HEAD,
	IN_BYTES,
	IN_EPILOGUE,
};

static int refuse(struct hilf_err *err, const char *what)
{
	return err_set(err, HILF_E_INVALID, "not multipart/form-data: %s", what);
}

/* ------------------------------------------------------------------------------- header parameters */

/* Of ';'-separated parameters behind a value: finds `name` and copies its value without quotes. 1: found, 0: not there,
 * -1: not of the form or longer than room. */
static int parameter_find(const char *text, const char *name, char *ret_value, size_t room)
{
	size_t name_size = strlen(name);
	for (const char *at = strchr(text, ';'); at; at = *at == ';' ? at : NULL) {
		at += 1 + strspn(at + 1, " \t");
		if (!*at)
			return 0; /* a last ';' too many harms nobody */
		const char *key = at;
		at += strcspn(at, "=; \t\"");
		bool wanted =
			(size_t)(at - key) == name_size && strncasecmp(key, name, name_size) == 0;
		if (*at != '=')
			return -1;
		at++;
		size_t size = 0;
		bool quoted = *at == '"';
		at += quoted;
		while (*at && (quoted ? *at != '"' : !strchr("; \t\"", *at))) {
			/* Browsers and curl escape quotes in different ways; a backslash counts for a quote alone,
			 * so that the paths of old Windows browsers stay what they are. */
			if (quoted && at[0] == '\\' && at[1] == '"')
				at++;
			if (wanted) {
				if (size + 1 >= room)
					return -1;
				ret_value[size] = *at;
			}
			size++;
			at++;
		}
		if (quoted && *at++ != '"')
			return -1;
		if (wanted) {
			ret_value[size] = '\0';
			return 1;
		}
		at += strspn(at, " \t");
		if (*at && *at != ';')
			return -1;
	}
	return 0;
}

static bool value_is(const char *text, const char *value)
{
	size_t size = strlen(value);
	return strncasecmp(text, value, size) == 0 && strchr("; \t", text[size]);
}

int multipart_init(struct multipart *multipart, const char *content_type,
	const struct multipart_sink *sink, struct hilf_err *err)
{
	char boundary[MULTIPART_BOUNDARY_MAX + 1];
	ASSERT(sink->part && sink->bytes && sink->end);
	if (!value_is(content_type, "multipart/form-data"))
		return refuse(err, "the Content-Type is another");
	if (parameter_find(content_type, "boundary", boundary, sizeof boundary) != 1)
		return refuse(
			err, "the Content-Type has no boundary, or one longer than 70 characters");
	size_t size = strlen(boundary);
	for (size_t i = 0; i < size; i++)
		if ((unsigned char)boundary[i] < 0x20 || (unsigned char)boundary[i] > 0x7e)
			return refuse(err, "the boundary is not of printable ASCII");
	if (!size || boundary[size - 1] == ' ')
		return refuse(err, "the boundary is empty or ends with a blank");
	*multipart = (struct multipart){.sink = *sink, .state = IN_PREAMBLE};
	memcpy(multipart->delimiter, "\r\n--", 4);
	memcpy(multipart->delimiter + 4, boundary, size);
	multipart->delimiter_size = (uint8_t)(size + 4);
	multipart->matched = 2; /* the first one may be where the body begins */
	return 0;
}

/* ------------------------------------------------------------------------------- the head of a part */

/* The value of a header's line if its name is this; NULL otherwise. */
static const char *header_value(const char *line, const char *name)
{
	size_t size = strlen(name);
	if (strncasecmp(line, name, size) != 0 || line[size] != ':')
		return NULL;
	return line + size + 1 + strspn(line + size + 1, " \t");
}

static int type_copy(const char *value, char ret_type[MULTIPART_TYPE_MAX], struct hilf_err *err)
{
	size_t size = strcspn(value, "; \t");
	if (size >= MULTIPART_TYPE_MAX)
		return refuse(err, "a part's Content-Type is too long");
	for (size_t i = 0; i < size; i++) {
		char c = value[i];
		if (c <= 0x20 || c >= 0x7f)
			return refuse(err, "a part's Content-Type is none");
		ret_type[i] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
	}
	ret_type[size] = '\0';
	return 0;
}

struct part_head {
	char name[MULTIPART_NAME_MAX + 1];
	char type[MULTIPART_TYPE_MAX];
	bool disposed, is_file;
};

static int disposition_read(const char *value, struct part_head *head, struct hilf_err *err)
{
	char filename[1024];
	if (head->disposed || !value_is(value, "form-data"))
		return refuse(err, "a part's Content-Disposition is not form-data, once");
	head->disposed = true;
	int named = parameter_find(value, "name", head->name, sizeof head->name);
	if (named != 1)
		return refuse(err, "a part has no name, or one longer than 64 bytes");
	for (const char *c = head->name; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			return refuse(err, "a part's name has control characters");
	if (!utf8_valid(head->name, strlen(head->name)))
		return refuse(err, "a part's name is not UTF-8");
	int filed = parameter_find(value, "filename", filename, sizeof filename);
	if (filed == 0)
		filed = parameter_find(value, "filename*", filename, sizeof filename);
	if (filed < 0)
		return refuse(err, "a part's filename is not of its form");
	head->is_file = filed == 1;
	return 0;
}

static int line_read(const char *line, struct part_head *head, struct hilf_err *err)
{
	const char *value;
	if (*line == ' ' || *line == '\t' || !strchr(line, ':'))
		return refuse(err, "a part has a header line that is none");
	if ((value = header_value(line, "content-disposition")))
		return disposition_read(value, head, err);
	if ((value = header_value(line, "content-type")))
		return type_copy(value, head->type, err);
	if ((value = header_value(line, "content-transfer-encoding")) &&
		strcasecmp(value, "binary") != 0 && strcasecmp(value, "8bit") != 0 &&
		strcasecmp(value, "7bit") != 0)
		return refuse(
			err, "a part has a Content-Transfer-Encoding; send its bytes as they are");
	return 0;
}

/* The lines of multipart->head, without the empty one. */
static int head_read(struct multipart *multipart, struct hilf_err *err)
{
	struct part_head head = {.name = ""};
	char *line = multipart->head;
	char *end = line + multipart->head_size;
	if (memchr(line, '\0', multipart->head_size))
		return refuse(err, "a part's headers have a zero byte");
	*end = '\0';
	while (line < end) {
		char *stop = strstr(line, "\r\n");
		stop = stop ? stop : end;
		*stop = '\0';
		if (strpbrk(line, "\r\n"))
			return refuse(err, "a part's headers have a line end that is none");
		int rc = line_read(line, &head, err);
		if (rc)
			return rc;
		line = stop + 2;
	}
	if (!head.disposed)
		return refuse(err, "a part has no Content-Disposition");
	struct multipart_part part = {
		.name = head.name, .content_type = head.type, .is_file = head.is_file};
	multipart->in_part = true;
	return multipart->sink.part(&part, multipart->sink.ctx, err);
}

/* One byte of a head; the empty line ends it. */
static int head_byte(struct multipart *multipart, char c, struct hilf_err *err)
{
	if (multipart->head_size == MULTIPART_HEAD_MAX)
		return err_set(err, HILF_E_LIMIT, "the headers of a part are longer than %u bytes",
			MULTIPART_HEAD_MAX);
	multipart->head[multipart->head_size++] = c;
	const char *end = multipart->head + multipart->head_size;
	bool done = multipart->head_size >= 4
			    ? memcmp(end - 4, "\r\n\r\n", 4) == 0
			    : multipart->head_size == 2 && memcmp(multipart->head, "\r\n", 2) == 0;
	if (!done)
		return 0;
	multipart->head_size = multipart->head_size >= 4 ? multipart->head_size - 4 : 0;
	multipart->state = IN_BYTES;
	int rc = head_read(multipart, err);
	multipart->head_size = 0;
	return rc;
}

/* ------------------------------------------------------------------------------- bytes */

static int emit(struct multipart *multipart, const char *bytes, size_t size, struct hilf_err *err)
{
	if (!size || multipart->state != IN_BYTES)
		return 0;
	return multipart->sink.bytes(bytes, size, multipart->sink.ctx, err);
}

/* The delimiter is complete. */
static int part_end(struct multipart *multipart, struct hilf_err *err)
{
	bool in_part = multipart->in_part;
	multipart->in_part = false;
	multipart->matched = 0;
	multipart->state = BEHIND_DELIMITER;
	return in_part ? multipart->sink.end(multipart->sink.ctx, err) : 0;
}

/* Goes on with a delimiter that has begun; stops where it breaks or is complete. */
static int delimiter_go_on(struct multipart *multipart, const char *bytes, size_t size,
	size_t *io_at, struct hilf_err *err)
{
	size_t at = *io_at, matched = multipart->matched;
	while (at < size && matched < multipart->delimiter_size &&
		bytes[at] == multipart->delimiter[matched]) {
		at++;
		matched++;
	}
	*io_at = at;
	multipart->matched = (uint8_t)matched;
	if (matched == multipart->delimiter_size)
		return part_end(multipart, err);
	if (at == size)
		return 0;
	multipart->matched = 0;
	return emit(multipart, multipart->delimiter, matched, err);
}

static int bytes_read(struct multipart *multipart, const char *bytes, size_t size, size_t *io_at,
	struct hilf_err *err)
{
	if (multipart->matched)
		return delimiter_go_on(multipart, bytes, size, io_at, err);
	const char *from = bytes + *io_at;
	size_t left = size - *io_at, delimiter_size = multipart->delimiter_size;
	const char *found = memmem(from, left, multipart->delimiter, delimiter_size);
	if (found) {
		*io_at += (size_t)(found - from) + delimiter_size;
		int rc = emit(multipart, from, (size_t)(found - from), err);
		return rc ? rc : part_end(multipart, err);
	}
	/* What may be a delimiter's beginning is the last CR of the piece's end, if all that follows fits. */
	size_t tail = left < delimiter_size ? left : delimiter_size - 1;
	const char *cr = memrchr(from + left - tail, '\r', tail);
	size_t plain = left;
	if (cr && memcmp(cr, multipart->delimiter, (size_t)(from + left - cr)) == 0) {
		plain = (size_t)(cr - from);
		multipart->matched = (uint8_t)(left - plain);
	}
	*io_at = size;
	return emit(multipart, from, plain, err);
}

/* One byte between a delimiter and what follows it. */
static int between(struct multipart *multipart, char c, struct hilf_err *err)
{
	switch (multipart->state) {
	case BEHIND_DELIMITER:
		if (c == '-') {
			multipart->state = BEHIND_DASH;
			return 0;
		}
		/* fall through */
	case BEHIND_BLANKS:
		if (c != ' ' && c != '\t' && c != '\r')
			return refuse(err, "a boundary is followed by something else");
		multipart->state = c == '\r' ? BEHIND_CR : BEHIND_BLANKS;
		return 0;
	case BEHIND_DASH:
		if (c != '-')
			return refuse(err, "a boundary is followed by something else");
		multipart->state = IN_EPILOGUE;
		return 0;
	default:
		if (c != '\n')
			return refuse(err, "a boundary is followed by something else");
		multipart->state = IN_HEAD;
		multipart->head_size = 0;
		return 0;
	}
}

int multipart_feed(
	struct multipart *multipart, const char *bytes, size_t size, struct hilf_err *err)
{
	size_t at = 0;
	int rc = 0;
	while (at < size && rc == 0) {
		switch (multipart->state) {
		case IN_PREAMBLE:
		case IN_BYTES:
			rc = bytes_read(multipart, bytes, size, &at, err);
			break;
		case IN_HEAD:
			rc = head_byte(multipart, bytes[at++], err);
			break;
		case IN_EPILOGUE:
			return 0;
		default:
			rc = between(multipart, bytes[at++], err);
		}
	}
	return rc;
}

int multipart_finish(struct multipart *multipart, struct hilf_err *err)
{
	if (multipart->state != IN_EPILOGUE)
		return refuse(err, "it ends before its last boundary");
	return 0;
}
