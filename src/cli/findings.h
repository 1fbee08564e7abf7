/* The findings of doctor and fsck: a row each. */
#ifndef CLI_FINDINGS_H
#define CLI_FINDINGS_H

#include "cli/cli.h"

struct findings {
	struct cli *cli;
	struct table table;
	unsigned problems, warnings;
};

void findings_begin(struct findings *findings, struct cli *cli);
/* A hilf_finding_fn; ctx is the findings. */
int findings_take(const char *level, const char *what, const char *text, void *ctx);
void findings_end(struct findings *findings);

#endif
