/* Lines from a file or from standard input, as they come: a wait for more ends when hilf is asked to stop, and whoever
 * reads knows whether the next line would have to be waited for. */
#ifndef CLI_READER_H
#define CLI_READER_H

#include "hilf.h"

struct reader {
	int fd;
	char *data; /* data[from..to) is read and not yet given */
	size_t from, to, room;
	size_t searched; /* no delimiter before here */
	bool ended;
	const char *name; /* for messages */
};

/* path "-": standard input. path lives as long as the reader. */
int reader_open(struct reader *ret_reader, const char *path, struct hilf_err *err);
void reader_close(struct reader *reader);

/* The next line without its delimiter, which a terminator replaces: 1, or 0 at the end (also when hilf was asked to
 * stop), or a negative code. The text lives until the next call. Its last line needs no delimiter. HILF_E_LIMIT for
 * a line of more than size_max bytes: the stream cannot be read on. */
int reader_line(struct reader *reader, char delimiter, size_t size_max, char **ret_text,
	size_t *ret_size, struct hilf_err *err);
/* Whether the next line is here already. */
bool reader_ready(struct reader *reader, char delimiter);
/* Whatever comes next, at most size bytes: the count, 0 at the end, or a negative code. */
int reader_bytes(struct reader *reader, void *ret_bytes, size_t size, size_t *ret_count,
	struct hilf_err *err);
/* Whether more (or the end) comes within timeout_ms. */
bool reader_wait(struct reader *reader, int timeout_ms);
/* Back to the beginning of a file. */
int reader_rewind(struct reader *reader, struct hilf_err *err);

#endif
