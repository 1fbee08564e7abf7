/* One line that is drawn over itself: how much is done, how fast, and how long it will take at the mean speed so far. */
#include "cli/progress.h"

#include "os/clock.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define PATIENCE_US (1000 * 1000) /* nobody needs a bar for less */
#define REDRAW_US   (100 * 1000)
#define BAR_WIDTH   24

void progress_start(struct progress *progress, const char *unit, uint64_t total)
{
	progress->unit = unit;
	progress->total = total;
	progress->done = 0;
	progress->guessed = false;
	progress->start_us = clock_monotonic_us();
	progress->drawn_us = 0;
}

static unsigned terminal_columns(void)
{
	struct winsize size;
	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20)
		return size.ws_col;
	return 80;
}

static void put_duration(char *text, size_t room, uint64_t seconds)
{
	if (seconds < 90)
		snprintf(text, room, "%u s", (unsigned)seconds);
	else if (seconds < 90 * 60)
		snprintf(text, room, "%u min", (unsigned)((seconds + 30) / 60));
	else
		snprintf(text, room, "%.1f h", (double)seconds / 3600);
}

void progress_text(const struct progress *progress, int64_t elapsed_us, unsigned columns,
	char *ret_text, unsigned room)
{
	char bar[BAR_WIDTH + 1], left[32];
	double speed = (double)progress->done * 1e6 / (double)elapsed_us;
	int size;
	if (progress->total && progress->done <= progress->total) {
		uint64_t rest = progress->total - progress->done;
		size_t filled = (size_t)(progress->done * BAR_WIDTH / progress->total);
		memset(bar, '.', BAR_WIDTH);
		memset(bar, '#', filled);
		bar[BAR_WIDTH] = '\0';
		if (speed > 0)
			put_duration(left, sizeof left, (uint64_t)((double)rest / speed + 0.5));
		else
			snprintf(left, sizeof left, "?");
		size = snprintf(ret_text, room, "[%s] %llu of %s%llu %s, %.*f/s, %s left", bar,
			(unsigned long long)progress->done, progress->guessed ? "about " : "",
			(unsigned long long)progress->total, progress->unit, speed < 10 ? 1 : 0,
			speed, left);
	} else {
		size = snprintf(ret_text, room, "%llu %s, %.*f/s",
			(unsigned long long)progress->done, progress->unit, speed < 10 ? 1 : 0,
			speed);
	}
	/* A line that wraps could not be drawn over. */
	if (size > 0 && (unsigned)size >= columns && columns <= room)
		ret_text[columns - 1] = '\0';
}

void progress_set(struct progress *progress, uint64_t done)
{
	char text[200], line[220];
	progress->done = done;
	if (!progress->enabled || !progress->unit)
		return;
	int64_t now = clock_monotonic_us();
	if (now - progress->start_us < PATIENCE_US || now - progress->drawn_us < REDRAW_US)
		return;
	progress_text(progress, now - progress->start_us, terminal_columns(), text, sizeof text);
	int size = snprintf(line, sizeof line, "\r%s\x1b[K", text);
	/* A terminal that is gone is no reason to stop. */
	if (write(STDERR_FILENO, line, (size_t)size) < 0)
		progress->enabled = false;
	progress->drawn_us = now;
	progress->shown = true;
}

void progress_hide(struct progress *progress)
{
	if (progress->shown && write(STDERR_FILENO, "\r\x1b[K", 4) < 0)
		progress->enabled = false;
	progress->shown = false;
	progress->drawn_us = 0;
}

void progress_end(struct progress *progress)
{
	progress_hide(progress);
	progress->unit = NULL;
}
