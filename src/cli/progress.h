/* A bar on standard error for work that takes more than a second, when a person is there to see it. All of it belongs to
 * one thread. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	bool enabled;     /* standard error is a terminal and nobody asked for quiet */
	bool shown;       /* the bar is on the screen now */
	const char *unit; /* "files"; NULL: nothing runs */
	int64_t start_us, drawn_us;
	uint64_t done, total; /* total 0: not known */
	bool guessed;         /* the total is */
};

void progress_start(struct progress *progress, const char *unit, uint64_t total);
/* Draws at most ten times a second. */
void progress_set(struct progress *progress, uint64_t done);
/* Takes the bar off the screen before something else is written there; the next progress_set brings it back. */
void progress_hide(struct progress *progress);
void progress_end(struct progress *progress);

/* The text of the bar, without the terminal's controls, into ret_text[room]. elapsed_us is not 0. */
void progress_text(const struct progress *progress, int64_t elapsed_us, unsigned columns,
	char *ret_text, unsigned room);

#endif
