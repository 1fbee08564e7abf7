/* Lines are made by whoever speaks and written by a thread of the log. The journal's prefix is that of sd-daemon(3), and
 * whether systemd reads standard error is told by $JOURNAL_STREAM, as systemd.exec(5) says. */
#include "proc/log.h"

#include "base/err.h"
#include "base/utf8.h"
#include "base/when.h"
#include "os/clock.h"
#include "os/file.h"
#include "wire/json.h"

#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PENDING_MAX   (1024 * 1024)
#define EVENTS_MAX    64
#define EVENT_BURST   20
#define EVENT_TIME_US (10 * 1000000ll)
#define TEXT_SIZE     1024

static const char *const level_names[] = {"error", "warning", "info", "debug"};
static const int level_numbers[] = {3, 4, 6, 7}; /* syslog's */

struct event_count {
	const char *event;
	int64_t since_us;
	unsigned count, held_back;
};

struct log {
	_Atomic int level, format;
	pthread_t thread;
	bool running;
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	bool stop;
	struct buf pending;
	uint64_t dropped;
	struct event_count events[EVENTS_MAX];
};

static bool is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat status;
	return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
	       fstat(STDERR_FILENO, &status) == 0 && status.st_dev == device &&
	       status.st_ino == inode;
}

static void *write_on(void *argument)
{
	struct log *log = argument;
	pthread_mutex_lock(&log->mutex);
	for (;;) {
		while (!log->pending.size && !log->stop)
			pthread_cond_wait(&log->changed, &log->mutex);
		if (!log->pending.size)
			break;
		struct buf taken = log->pending;
		uint64_t dropped = log->dropped;
		log->pending = (struct buf)BUF_INIT;
		log->dropped = 0;
		pthread_mutex_unlock(&log->mutex);
		if (!taken.failed)
			file_write_all(STDERR_FILENO, taken.data, taken.size);
		buf_free(&taken);
		if (dropped)
			log_say(log, LEVEL_WARNING, "log.dropped",
				"%llu lines were not said, for nobody read them in time",
				(unsigned long long)dropped);
		pthread_mutex_lock(&log->mutex);
	}
	pthread_mutex_unlock(&log->mutex);
	return NULL;
}

int log_new(
	enum log_level level, enum log_format format, struct log **ret_log, struct hilf_err *err)
{
	sigset_t all, before;
	struct log *log = calloc(1, sizeof *log);
	if (!log)
		return err_no_memory(err);
	pthread_mutex_init(&log->mutex, NULL);
	pthread_cond_init(&log->changed, NULL);
	log_set(log, level, format);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	log->running = pthread_create(&log->thread, NULL, write_on, log) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	*ret_log = log;
	return 0;
}

void log_set(struct log *log, enum log_level level, enum log_format format)
{
	if (format == LOG_AUTO)
		format = is_journal() ? LOG_JOURNAL : LOG_LOGFMT;
	atomic_store(&log->level, (int)level);
	atomic_store(&log->format, (int)format);
}

void log_free(struct log *log)
{
	if (!log)
		return;
	pthread_mutex_lock(&log->mutex);
	log->stop = true;
	pthread_cond_signal(&log->changed);
	pthread_mutex_unlock(&log->mutex);
	if (log->running)
		pthread_join(log->thread, NULL);
	buf_free(&log->pending);
	pthread_mutex_destroy(&log->mutex);
	pthread_cond_destroy(&log->changed);
	free(log);
}

/* Whether the event may be said now; how many of it were held back before. Under the mutex. */
static bool allow(struct log *log, const char *event, unsigned *ret_held_back)
{
	int64_t now_us = clock_monotonic_us();
	struct event_count *count = NULL;
	for (size_t i = 0; i < EVENTS_MAX && !count; i++)
		if (!log->events[i].event || !strcmp(log->events[i].event, event))
			count = &log->events[i];
	if (!count)
		return true;
	count->event = event;
	if (now_us - count->since_us > EVENT_TIME_US) {
		*ret_held_back = count->held_back;
		count->since_us = now_us;
		count->count = count->held_back = 0;
	}
	if (count->count >= EVENT_BURST) {
		count->held_back++;
		return false;
	}
	count->count++;
	return true;
}

static void put_time(struct log_line *line)
{
	char text[WHEN_TEXT_SIZE];
	when_format_ms(clock_now_ms(), text);
	log_text(line, "time", text);
}

bool log_begin(
	struct log_line *line, struct log *log, enum log_level level, const char *event, bool often)
{
	unsigned held_back = 0;
	if ((int)level > atomic_load_explicit(&log->level, memory_order_relaxed))
		return false;
	if (!often) {
		pthread_mutex_lock(&log->mutex);
		bool allowed = allow(log, event, &held_back);
		pthread_mutex_unlock(&log->mutex);
		if (!allowed)
			return false;
	}
	*line = (struct log_line){.log = log, .format = (enum log_format)atomic_load(&log->format)};
	if (line->format == LOG_JOURNAL)
		buf_format(&line->buf, "<%d>", level_numbers[level]);
	else if (line->format == LOG_JSON)
		buf_char(&line->buf, '{');
	if (line->format != LOG_JOURNAL) {
		put_time(line);
		log_text(line, "level", level_names[level]);
	}
	log_text(line, "event", event);
	if (held_back)
		log_number(line, "held_back", held_back);
	return true;
}

static void put_key(struct log_line *line, const char *key)
{
	struct buf *buf = &line->buf;
	if (line->format == LOG_JSON) {
		json_put_key(buf, key);
		return;
	}
	if (buf->size && buf->data[buf->size - 1] != '>')
		buf_char(buf, ' ');
	buf_text(buf, key);
	buf_char(buf, '=');
}

static bool is_plain(const char *text)
{
	for (const char *at = text; *at; at++)
		if (*at <= ' ' || *at == '"' || *at == '=' || *at == '\\' ||
			(unsigned char)*at >= 0x7f)
			return false;
	return *text != '\0';
}

/* Texts of ours, but they may name files: whatever is no printable text is escaped. */
void log_text(struct log_line *line, const char *key, const char *text)
{
	char printable[4 * TEXT_SIZE];
	utf8_printable(text, strnlen(text, TEXT_SIZE), printable, sizeof printable);
	put_key(line, key);
	if (line->format == LOG_JSON || !is_plain(printable))
		json_put_text(&line->buf, printable); /* logfmt quotes as JSON does */
	else
		buf_text(&line->buf, printable);
}

void log_number(struct log_line *line, const char *key, int64_t number)
{
	put_key(line, key);
	buf_format(&line->buf, "%lld", (long long)number);
}

void log_end(struct log_line *line)
{
	struct log *log = line->log;
	buf_text(&line->buf, line->format == LOG_JSON ? "}\n" : "\n");
	pthread_mutex_lock(&log->mutex);
	if (line->buf.failed || log->pending.size + line->buf.size > PENDING_MAX)
		log->dropped++;
	else if (log->running)
		buf_add(&log->pending, line->buf.data, line->buf.size);
	else
		file_write_all(STDERR_FILENO, line->buf.data, line->buf.size);
	pthread_cond_signal(&log->changed);
	pthread_mutex_unlock(&log->mutex);
	buf_free(&line->buf);
}

void log_say(struct log *log, enum log_level level, const char *event, const char *format, ...)
{
	struct log_line line;
	char text[TEXT_SIZE];
	va_list arguments;
	if (!log_begin(&line, log, level, event, false))
		return;
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	log_text(&line, "text", text);
	log_end(&line);
}
