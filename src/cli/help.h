/* The table in three dresses: help for a terminal, a man page, a completion script. All append to buf. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "base/buf.h"
#include "cli/command.h"

/* What `hilf` alone prints: what it is, and the first steps. */
void help_overview(struct buf *buf);
/* What --help prints. */
void help_command(struct buf *buf, const struct command *command);
/* The man page as roff (man(7)). */
void man_command(struct buf *buf, const struct command *command);
/* Completion scripts. Each shell gets a plain script with everything written out: a key press costs no process but for
 * the names of banks. */
void completion_bash(struct buf *buf);
void completion_zsh(struct buf *buf);
void completion_fish(struct buf *buf);

/* "--name VALUE" or "-n, --name VALUE". */
void help_option_form(struct buf *buf, const struct option_spec *option);
/* The choices of an option in words, "" where it has none. */
void help_choices(struct buf *buf, const struct option_spec *option);

#endif
