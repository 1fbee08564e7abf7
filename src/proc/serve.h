/* The process `hilf serve`: what it is made of, the order in which it comes up and goes down, and its signals.
 *
 *   settings ─► data folder, serve.lock ─► helpers ─► promise ─► listeners (healthz 200, the rest 503)
 *        ─► a thread opens the data ─► keeper, deliveries, follower ─► ready
 *   SIGHUP: settings and certificates anew    SIGTERM, SIGINT: drain, snapshot, end; a second one ends at once
 *
 * Its promise: no new privileges (so no program with a set-user bit), and nothing is written outside the data folder, the
 * spool and the folders for temporary files, where the kernel has Landlock. The mandatory walls are around those who touch
 * what strangers send: the decoders, the seal, hilf-fetch. */
#ifndef PROC_SERVE_H
#define PROC_SERVE_H

#include "proc/config.h"

struct serve_options {
	const char *data_dir, *helper_dir;
	bool insecure_decode;
	const char *config_file; /* NULL: none */
	const struct config_given *given;
	size_t given_count;
	bool out_is_terminal; /* else a first key goes to a file */
};

/* Serves until it is asked to stop: 0, or why it could not begin or go on. To be called with one thread, once. */
int serve_run(const struct serve_options *options, struct hilf_err *err);

#endif
