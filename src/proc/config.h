/* The settings of `hilf serve`. One table (config_rows) feeds the reader of the file, the options of the command line, the
 * bounds, the defaults, --help, the man page and --print-config; so none of them can know less than another.
 *
 *   defaults ──► file (INI: [section], name = value) ──► command line (--name VALUE) ──► struct config
 *
 * A name is the same in the file and on the line, and there is only one of it in all sections. What is said on the line
 * wins; a list there replaces the file's. Secrets are never values: a setting names the file that has them, or
 * $CREDENTIALS_DIRECTORY does (systemd's LoadCredential=). */
#ifndef PROC_CONFIG_H
#define PROC_CONFIG_H

#include "base/buf.h"
#include "hilf.h"

struct config_list {
	char **items;
	size_t count;
};

/* Times in milliseconds, sizes in bytes. A text that was not set is "". */
struct config {
	struct config_list listen, hma;
	bool open, hma_tls;
	char *tls_cert, *tls_key, *tls_client_ca;

	int cert_role, hma_role; /* enum role */
	bool hma_open;
	uint64_t rate_limit;

	uint64_t check_time, file_max, batch_max, decoders, decode_time, look_back_days,
		look_back_max;
	bool hma_all_orientations;
	char *public_url;

	struct config_list trusted_proxy;

	struct config_list evidence_from;

	struct config_list fetch_allow, webhook_allow;
	bool fetch_public;
	char *fetch_ca;
	uint64_t fetch_max;

	char *follow, *follow_key;
	uint64_t lag_max;

	uint64_t loops, workers, queue_max, connections, connections_per_address, header_time,
		idle_time, body_rate, body_memory, drain_time;
	char *spool;

	uint64_t checkpoint_time, checkpoint_after;

	int log_level, log_format; /* enum log_level, enum log_format */
	bool log_requests;
	uint64_t log_slow;
};

enum config_type {
	CONFIG_FLAG,   /* yes, no */
	CONFIG_NUMBER, /* within least and most */
	CONFIG_SIZE,   /* the same in bytes, with kB, MB or GB (powers of 1,024) */
	CONFIG_TIME,   /* the same in milliseconds, with ms, s, min, h or d */
	CONFIG_TEXT,   /* at most `most` bytes of UTF-8 without control characters */
	CONFIG_LIST,   /* texts, one each time that the name is given */
	CONFIG_CHOICE, /* one of choices: its position */
};

struct config_row {
	const char *section, *name;
	enum config_type type;
	size_t at;         /* in struct config */
	const char *value; /* what a value is called: "ADDR" */
	uint64_t least, most;
	const char *const *choices; /* NULL-ended */
	const char *standard;       /* as it would stand in the file; "": none */
	bool reload;                /* SIGHUP changes it; else the next start does */
	bool file, folder;          /* for completion */
	const char *help;           /* one sentence without a full stop */
};

/* Ends with a NULL name. Rows of one section follow each other. */
extern const struct config_row config_rows[];

/* One setting as the command line gives it; value NULL: a flag that is set. */
struct config_given {
	const struct config_row *row;
	const char *value;
};

/* Reads the file (NULL: none) and what was given over it. HILF_E_INVALID begins with "FILE:LINE: " or "--name: " and says
 * what is wrong, what is allowed, and perhaps what was meant. Release with config_free. */
int config_load(const char *file, const struct config_given *given, size_t given_count,
	struct config **ret_config, struct hilf_err *err);
void config_free(struct config *config);

/* A file that says all defaults, each commented out and explained. */
void config_print(struct buf *buf);

/* The names of settings that differ and need a start to change, as "a, b", "" where none does. */
void config_unchangeable(const struct config *from, const struct config *to, struct buf *buf);

/* The path of the credential of that name in $CREDENTIALS_DIRECTORY where there is one, in a new string; else NULL. */
char *config_credential(const char *name);

#endif
