/* A walk feeding a pool. Trouble with one file is that file's result; trouble with the machine (no sandbox, no helper)
 * would be every file's, so it is said once and ends the scan. */
#include "cli/scan.h"

#include "base/check.h"
#include "base/err.h"
#include "cli/pool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define COUNT_LIMIT_MS 500 /* for the progress bar's total */

struct item {
	struct walk_item walk;
	struct scan_result result;
	bool ends; /* the scan: err says why */
	struct hilf_err err;
};

struct run {
	struct scan *scan;
	struct walk walk;
	uint64_t pictures, others; /* of the folder at hand */
	bool any;                  /* path was named */
	bool no_memory;            /* for one more item */
};

static void free_item(struct item *item)
{
	if (item->result.checked)
		hilf_check_free(&item->result.check);
	free(item->walk.path);
	free(item->walk.trouble);
	free(item);
}

static int next(void *ctx, void **ret_item)
{
	struct run *run = ctx;
	struct item *item = calloc(1, sizeof *item);
	if (!item) {
		run->no_memory = true;
		return 0;
	}
	int rc = walk_next(&run->walk, &item->walk, &item->err);
	if (!rc) {
		free(item);
		return 0;
	}
	item->ends = rc < 0;
	*ret_item = item;
	return 1;
}

/* Opened without waiting for the other end of a pipe that came in between. */
static int open_file(const char *path, struct hilf_err *err)
{
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &status) != 0) {
		int sys = errno;
		if (fd >= 0)
			close(fd);
		return err_set(err, HILF_E_IO, "%s", walk_why(sys));
	}
	if (!S_ISREG(status.st_mode)) {
		close(fd);
		return err_set(err, HILF_E_INVALID, "this is no regular file");
	}
	return fd;
}

/* What every file would meet. */
static bool is_of_the_machine(int code)
{
	return code == HILF_E_SANDBOX || code == HILF_E_HELPER || code == HILF_E_CORRUPT ||
	       code == HILF_E_NOT_FOUND || code == HILF_E_VERSION || code == HILF_E_UNSUPPORTED;
}

static void work(void *ctx, void *pointer)
{
	struct run *run = ctx;
	struct item *item = pointer;
	struct scan_result *result = &item->result;
	struct hilf *hilf = run->scan->cli->hilf;
	result->path = item->walk.path;
	result->met = item->walk.met;
	if (item->ends || item->walk.kind == WALK_FOLDER_END)
		return;
	if (item->walk.kind == WALK_TROUBLE) {
		snprintf(result->trouble, sizeof result->trouble, "%s", item->walk.trouble);
		return;
	}
	int fd = open_file(item->walk.path, &item->err);
	int rc = fd < 0 ? fd : hilf_hash_fd(hilf, fd, &result->content, &item->err);
	if (fd >= 0)
		close(fd);
	if (!rc)
		result->read = true;
	if (!rc && run->scan->query) {
		rc = hilf_match_content(
			hilf, run->scan->query, &result->content, &result->check, &item->err);
		result->checked = !rc;
		result->read = !rc;
	}
	if (rc) {
		snprintf(result->trouble, sizeof result->trouble, "%s", item->err.text);
		item->ends = fd >= 0 && is_of_the_machine(rc);
	}
}

static bool has_picture_name(const char *path)
{
	static const char *const endings[] = {"jpg", "jpeg", "jpe", "jfif", "png", "apng", "webp",
		"gif", "tif", "tiff", "heic", "heif", "hif", "avif", "bmp", "dib", "pnm", "pbm",
		"pgm", "ppm", "pam"};
	const char *point = strrchr(path, '.');
	for (size_t i = 0; point && i < COUNT_OF(endings); i++)
		if (!strcasecmp(point + 1, endings[i]))
			return true;
	return false;
}

/* What a person can do about it, by the library's code of the reason; "" where the reason says it all. */
static const char *remedy(const char *reason_code)
{
	static const struct {
		const char *code, *text;
	} remedies[] = {
		{"unsupported", "; hilf reads JPEG, PNG, WebP, GIF, TIFF, HEIC, AVIF, BMP and PNM"},
		{"corrupt", "; get the file again from where it came"},
		{"limit", "; have a person look at it, or a smaller copy made"},
		{"memory", "; have a person look at it, or a smaller copy made"},
		{"timeout", "; try it again by itself, or have a person look at it"},
		{"crash", "; open it nowhere else, keep it, and report it"},
		{"forbidden", "; open it nowhere else, keep it, and report it"},
		{"garbage", "; open it nowhere else, keep it, and report it"},
		{"changed", "; try again when it is written whole"},
	};
	for (size_t i = 0; i < COUNT_OF(remedies); i++)
		if (!strcmp(remedies[i].code, reason_code))
			return remedies[i].text;
	return "";
}

bool scan_say_trouble(struct cli *cli, const struct scan_result *result)
{
	const struct hilf_content *content = &result->content;
	const char *path = *result->path ? result->path : "''";
	if (!result->read)
		cli_say(cli, "%s: %s", path, result->trouble);
	else if (!content->decided && content->size == 0)
		cli_say(cli, "%s: %s; get the file again from where it came", path,
			content->reason);
	else if (!content->decided)
		cli_say(cli, "%s: %s%s", path, content->reason, remedy(content->reason_code));
	return !result->read || !content->decided;
}

bool scan_is_other(const struct scan_result *result)
{
	return result->met && result->read && !result->content.decided &&
	       !*result->content.format && !has_picture_name(result->path);
}

/* Whoever named a folder without pictures has named the wrong one, or thinks something is checked that is not. */
static void end_folder(struct run *run, const char *path)
{
	struct scan *scan = run->scan;
	if (!run->pictures && !run->others)
		cli_say(scan->cli, "%s: there is nothing in this folder; name one with pictures",
			path);
	else if (!run->pictures)
		cli_say(scan->cli,
			"%s: there are no pictures in this folder, only %llu other file%s; name "
			"one with "
			"pictures",
			path, (unsigned long long)run->others, run->others == 1 ? "" : "s");
	else if (run->others)
		cli_note(scan->cli, "%s: %llu file%s no picture: %s", path,
			(unsigned long long)run->others, run->others == 1 ? " is" : "s are",
			scan->others);
	scan->troubled |= !run->pictures;
	run->pictures = run->others = 0;
}

static int done(void *ctx, void *pointer)
{
	struct run *run = ctx;
	struct item *item = pointer;
	struct scan *scan = run->scan;
	int rc = 0;
	run->any = true;
	if (item->ends) {
		rc = cli_fail(scan->cli, &item->err);
	} else if (item->walk.kind == WALK_FOLDER_END) {
		end_folder(run, item->walk.path);
	} else {
		if (item->walk.met && scan_is_other(&item->result))
			run->others++;
		else if (item->walk.met)
			run->pictures++;
		scan->files++;
		rc = scan->result(scan->ctx, &item->result);
		progress_set(&scan->cli->progress, scan->files);
	}
	free_item(item);
	return rc;
}

static void drop(void *ctx, void *pointer)
{
	(void)ctx;
	free_item(pointer);
}

static void idle(void *ctx)
{
	struct run *run = ctx;
	struct scan *scan = run->scan;
	if (scan->idle)
		scan->idle(scan->ctx);
	progress_set(&scan->cli->progress, scan->files);
}

int scan_run(struct scan *scan)
{
	static const struct pool how = {
		.next = next, .work = work, .done = done, .drop = drop, .idle = idle};
	struct run run = {.scan = scan};
	uint64_t total = 0;
	if (scan->cli->progress.enabled && !scan->list)
		total = walk_count(scan->paths, scan->count, COUNT_LIMIT_MS);
	progress_start(&scan->cli->progress, "files", total);
	walk_init(&run.walk, scan->paths, scan->count, scan->list, scan->delimiter);
	int rc = pool_run(&how, &run);
	walk_free(&run.walk);
	progress_end(&scan->cli->progress);
	if (!rc && run.no_memory) {
		cli_say(scan->cli, "out of memory; the files from here on were not looked at");
		rc = STATUS_TROUBLE;
	}
	if (!rc && !run.any && !cli_stopped()) {
		cli_say(scan->cli, "no file was named: the list of paths is empty");
		scan->troubled = true;
	}
	return rc;
}

const char *scan_list(const struct arguments *arguments, size_t path_count)
{
	const char *list = arguments_value(arguments, "files-from");
	return !list && !path_count && arguments_flag(arguments, "null") ? "-" : list;
}
