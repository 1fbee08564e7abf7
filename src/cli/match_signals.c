/* Lines into answers at the index's own speed: blocks of lines go through a pool, so that reading, comparing and writing
 * overlap. A block ends where the next line would have to be waited for: whoever writes a line and waits for its answer
 * gets it. */
#include "cli/match.h"
#include "cli/pool.h"
#include "cli/reader.h"
#include "wire/import_row.h"
#include "wire/lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_LINES   1024
#define PROBLEMS_SAID 20

struct line {
	unsigned long number;
	uint32_t at, size; /* of its text in block->text */
	int rc;            /* of reading it; its signal is not compared unless 0 */
	char why[200];
};

struct block {
	struct buf text;
	size_t count, signal_count;
	bool unreadable; /* the input is; err says why */
	int rc;          /* of comparing */
	struct hilf_err err;
	struct line lines[BLOCK_LINES];
	struct hilf_signal signals[BLOCK_LINES]; /* of the good lines, in order */
	struct hilf_check checks[BLOCK_LINES];
	struct out answers; /* written by the worker where the form allows it */
	bool written;
	uint64_t matched_count;
};

struct run {
	struct matching *matching;
	struct reader reader;
	unsigned long line;
	uint64_t problems;
	bool ended, no_memory;
};

static void free_block(struct block *block)
{
	if (!block->rc)
		for (size_t i = 0; i < block->signal_count; i++)
			hilf_check_free(&block->checks[i]);
	buf_free(&block->text);
	buf_free(&block->answers.buf);
	free(block);
}

/* Some editors begin a file with it. */
static bool begins_with_mark(const char *text, size_t size)
{
	return size >= 3 && !memcmp(text, "\xef\xbb\xbf", 3);
}

static bool says_nothing(const char *text, size_t size)
{
	size_t at = 0;
	while (at < size && (text[at] == ' ' || text[at] == '\t' || text[at] == '\r'))
		at++;
	return at == size || text[at] == '#';
}

/* Reads lines until the block is full or the next one is not there yet; false at the end of all. */
static bool fill_block(struct run *run, struct block *block)
{
	while (block->count < BLOCK_LINES && (!block->count || reader_ready(&run->reader, '\n'))) {
		char *text;
		size_t size;
		int rc =
			reader_line(&run->reader, '\n', LIMIT_LINE_SIZE, &text, &size, &block->err);
		if (rc <= 0) {
			block->unreadable = rc < 0;
			run->ended = true;
			return block->count || block->unreadable;
		}
		if (!run->line++ && begins_with_mark(text, size)) {
			text += 3;
			size -= 3;
		}
		if (says_nothing(text, size))
			continue;
		if (text[size - 1] == '\r')
			size--;
		block->lines[block->count++] = (struct line){.number = run->line,
			.at = (uint32_t)block->text.size,
			.size = (uint32_t)size};
		buf_add(&block->text, text, size);
		buf_char(&block->text, '\0');
	}
	return true;
}

static int next(void *ctx, void **ret_item)
{
	struct run *run = ctx;
	if (run->ended)
		return 0;
	struct block *block = malloc(sizeof *block);
	if (!block) {
		run->no_memory = true;
		return 0;
	}
	memset(block, 0, offsetof(struct block, lines));
	block->answers = (struct out){.fd = -1};
	block->written = false;
	block->matched_count = 0;
	if (!fill_block(run, block)) {
		free_block(block);
		return 0;
	}
	*ret_item = block;
	return 1;
}

static void parse(struct block *block)
{
	struct import_row row;
	for (size_t i = 0; i < block->count; i++) {
		struct line *line = &block->lines[i];
		struct hilf_err err;
		import_row_begin(&row, line->number);
		line->rc = lines_parse(block->text.data + line->at, line->size, &row, &err);
		if (line->rc)
			snprintf(line->why, sizeof line->why, "%.*s", (int)sizeof line->why - 1,
				err.text);
		else
			block->signals[block->signal_count++] = row.signal;
	}
}

/* "TYPE:VALUE" into text[HILF_SIGNAL_TEXT_MAX + 8]. */
static void name_signal(const struct hilf_signal *signal, char *ret_text)
{
	const char *type = hilf_signal_type_name(signal->type);
	size_t size = strlen(type);
	memcpy(ret_text, type, size);
	ret_text[size] = ':';
	hilf_signal_format(signal, ret_text + size + 1);
}

/* What the worker can do itself: everything but aligned columns, counted output and trouble. */
static void write_answers(const struct matching *matching, struct block *block)
{
	struct table table;
	char text[HILF_SIGNAL_TEXT_MAX + 8];
	if (matching->cli->out_is_terminal || matching->matches_only ||
		block->signal_count < block->count)
		return;
	table_init(&table, &block->answers, false, match_view_headings, MATCH_VIEW_COLUMNS);
	for (size_t i = 0; i < block->signal_count; i++) {
		const struct hilf_check *check = &block->checks[i];
		name_signal(&block->signals[i], text);
		const struct match_answer answer = {
			"signal", text, NULL, check, NULL, matching->entry_max};
		if (matching->cli->json)
			match_view_json(&block->answers.buf, &answer);
		else
			match_view_rows(&table, &answer);
		block->matched_count += check->verdict > HILF_UNDECIDED;
	}
	block->written = true;
}

static void work(void *ctx, void *item)
{
	struct run *run = ctx;
	struct block *block = item;
	if (block->text.failed) {
		block->rc = HILF_E_NO_MEMORY;
		snprintf(block->err.text, sizeof block->err.text,
			"out of memory while reading lines");
		return;
	}
	parse(block);
	if (block->signal_count)
		block->rc = hilf_match_signals(run->matching->cli->hilf, &run->matching->query,
			block->signals, block->signal_count, block->checks, &block->err);
	if (!block->rc)
		write_answers(run->matching, block);
}

static void answer_bad_line(struct run *run, const struct block *block, const struct line *line)
{
	const char *text = block->text.data + line->at;
	run->matching->troubled = true;
	matching_answer(
		run->matching, &(struct match_answer){"signal", text, NULL, NULL, line->why, 0});
	if (run->problems++ < PROBLEMS_SAID)
		cli_say(run->matching->cli, "%s: line %lu: %s", run->reader.name, line->number,
			line->why);
}

static void answer_lines(struct run *run, const struct block *block)
{
	char text[HILF_SIGNAL_TEXT_MAX + 8];
	size_t signal = 0;
	for (size_t i = 0; i < block->count; i++) {
		if (block->lines[i].rc) {
			answer_bad_line(run, block, &block->lines[i]);
			continue;
		}
		name_signal(&block->signals[signal], text);
		matching_answer(run->matching,
			&(struct match_answer){"signal", text, NULL, &block->checks[signal++], NULL,
				run->matching->entry_max});
	}
}

static int done(void *ctx, void *item)
{
	struct run *run = ctx;
	struct block *block = item;
	struct matching *matching = run->matching;
	struct cli *cli = matching->cli;
	int status = 0;
	if (block->rc) {
		status = cli_fail(cli, &block->err);
	} else if (block->written) {
		buf_add(&cli->out.buf, block->answers.buf.data, block->answers.buf.size);
		cli->out.buf.failed |= block->answers.buf.failed;
		matching->count += block->count;
		matching->matched_count += block->matched_count;
		matching->matched |= block->matched_count > 0;
		out_settle(&cli->out);
	} else {
		answer_lines(run, block);
	}
	if (!status && block->unreadable)
		status = cli_fail(cli, &block->err);
	if (cli->out.sys)
		status = STATUS_TROUBLE;
	progress_set(&cli->progress, matching->count);
	free_block(block);
	return status;
}

static void drop(void *ctx, void *item)
{
	(void)ctx;
	free_block(item);
}

static void idle(void *ctx)
{
	struct run *run = ctx;
	table_idle(&run->matching->table);
	out_flush(&run->matching->cli->out);
	progress_set(&run->matching->cli->progress, run->matching->count);
}

int match_signal_lines(struct matching *matching, const char *path)
{
	static const struct pool how = {
		.next = next, .work = work, .done = done, .drop = drop, .idle = idle};
	struct run run = {.matching = matching};
	struct hilf_err err = {0};
	if (reader_open(&run.reader, path, &err))
		return cli_fail(matching->cli, &err);
	progress_start(&matching->cli->progress, "signals", 0);
	int status = pool_run(&how, &run);
	progress_end(&matching->cli->progress);
	if (!status && run.no_memory) {
		cli_say(matching->cli, "out of memory; the lines from here on were not compared");
		status = STATUS_TROUBLE;
	}
	if (!status && !matching->count && !cli_stopped()) {
		cli_say(matching->cli, "%s: there are no signals in it", run.reader.name);
		matching->troubled = true;
	}
	if (run.problems > PROBLEMS_SAID)
		cli_say(matching->cli, "%s: and %llu more lines that could not be read",
			run.reader.name, (unsigned long long)(run.problems - PROBLEMS_SAID));
	reader_close(&run.reader);
	return status;
}
