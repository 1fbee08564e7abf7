/* What every command has at hand: the global options, the open handle, the two streams, and the words for trouble.
 *
 * Standard output carries results and nothing else; standard error carries notes, trouble and the progress bar, each
 * line "hilf: what is wrong, where, what to do". All of it is used from the main thread alone, but for cli_stopped. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "cli/command.h"
#include "cli/out.h"
#include "cli/progress.h"
#include "hilf.h"

enum {
	STATUS_FINE = 0,
	STATUS_NOTHING = 1, /* match: nothing matched */
	STATUS_TROUBLE = 2,
};

struct cli {
	const struct command *command; /* the one that runs */
	bool json, quiet, insecure_decode;
	bool in_is_terminal, out_is_terminal, err_is_terminal;
	const char *data_dir;   /* the folder that was meant; NULL where none can be: no HOME */
	const char *helper_dir; /* NULL: none was found */
	char *data_dir_made, *helper_dir_made; /* what cli_free frees */
	struct hilf *hilf;
	struct out out;
	struct progress progress;
};

void cli_free(struct cli *cli);

/* A line on standard error, "hilf: ...". Control characters of names come out as \xHH. */
void cli_say(struct cli *cli, const char *format, ...) HILF_PRINTF(2, 3);
/* The same unless --quiet: what is good to know but no trouble. */
void cli_note(struct cli *cli, const char *format, ...) HILF_PRINTF(2, 3);
/* Says what is wrong with the line and where help is; returns STATUS_TROUBLE. */
int cli_usage(struct cli *cli, const char *format, ...) HILF_PRINTF(2, 3);
/* Says err; returns STATUS_TROUBLE. */
int cli_fail(struct cli *cli, const struct hilf_err *err);
/* The same for something about a bank: where there is none of that name it offers the nearest. */
int cli_fail_bank(struct cli *cli, const char *bank, const struct hilf_err *err);

enum cli_open {
	CLI_READ = 0,  /* read only, without the index */
	CLI_INDEX = 1, /* with the index, to match */
	CLI_WRITE = 2,
	CLI_CREATE = 4, /* and make the data folder where it is not there */
	CLI_DECODE = 8, /* with the helpers that decode */
};

/* Opens the data folder into cli->hilf, or says why not. Returns 0 or STATUS_TROUBLE. */
int cli_open(struct cli *cli, unsigned how, const char *activity);
/* Opens a handle that can do nothing but hash files. */
int cli_open_decoder(struct cli *cli);
/* The options that cli_open would use, for doctor and fsck; 0 or STATUS_TROUBLE. */
int cli_options(
	struct cli *cli, unsigned how, const char *activity, struct hilf_options *ret_options);

/* Ctrl-C and SIGTERM ask for a clean end, a second one is not asked. Any thread may look. */
void cli_catch_signals(void);
bool cli_stopped(void);
/* The signal that asked, or 0. */
int cli_stop_signal(void);

/* {"key":"value",...} made of text from outside: bytes that are no UTF-8 become U+FFFD, and "KEY_hex" beside it holds
 * them all. Appends to an object that was begun. */
void cli_json_text(struct buf *buf, const char *key, const char *text);
/* What is known of a file: its format and size, or that it was undecided and why. content NULL: it could not be read
 * at all, which trouble explains. */
void cli_json_content(struct buf *buf, const struct hilf_content *content, const char *trouble);
/* Labels as {"key":"value"}; the key "labels". */
void cli_json_labels(struct buf *buf, const struct hilf_label *labels, size_t count);
/* "key=value key=value" for a cell. */
void cli_labels_text(struct buf *buf, const struct hilf_label *labels, size_t count);
/* Reads "TYPE:VALUE"; HILF_E_INVALID says what is wrong. */
int cli_signal_parse(const char *text, struct hilf_signal *ret_signal, struct hilf_err *err);

#endif
