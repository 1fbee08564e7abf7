/* What the service says of itself, a line at a time, on standard error:
 *
 *   logfmt    time=2026-11-21T22:47:00.123Z level=info event=ready text="answers on 127.0.0.1:5100"
 *   journal   <6>event=ready text="..."            systemd's prefix; it knows the time
 *   json      {"time":"...","level":"info","event":"ready","text":"..."}
 *
 * Whoever says something never waits for the reader: a thread writes, and what it cannot keep up with is dropped and
 * counted. One event is said a few times in ten seconds at most, so that a stranger cannot fill a disk.
 *
 * Nothing that is said holds content, an id of content, a URL's query, a peer's address, or a key. */
#ifndef PROC_LOG_H
#define PROC_LOG_H

#include "base/buf.h"
#include "hilf.h"

enum log_level { LEVEL_ERROR, LEVEL_WARNING, LEVEL_INFO, LEVEL_DEBUG };
enum log_format { LOG_AUTO, LOG_LOGFMT, LOG_JOURNAL, LOG_JSON };

struct log;

int log_new(
	enum log_level level, enum log_format format, struct log **ret_log, struct hilf_err *err);
/* From any thread. */
void log_set(struct log *log, enum log_level level, enum log_format format);
/* Writes what is waiting, then frees. NULL is fine. */
void log_free(struct log *log);

/* event: a word that never changes, such as "feed.behind"; a constant. */
void log_say(struct log *log, enum log_level level, const char *event, const char *format, ...)
	HILF_PRINTF(4, 5);

/* A line with fields of its own. log_begin is false where nobody wants it, and then there is nothing to end.
 * `often`: the line is not held back, however often it comes. */
struct log_line {
	struct log *log;
	enum log_format format;
	struct buf buf;
};
bool log_begin(struct log_line *line, struct log *log, enum log_level level, const char *event,
	bool often);
void log_text(struct log_line *line, const char *key, const char *text);
void log_number(struct log_line *line, const char *key, int64_t number);
void log_end(struct log_line *line);

#endif
