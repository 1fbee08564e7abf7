/* A person as people and programs see them, and how the commands that change one end. */
#ifndef CLI_USER_VIEW_H
#define CLI_USER_VIEW_H

#include "base/buf.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "engine/people.h"

/* One object and a line end; invitation: shown this once, or NULL or empty. url: where the console is; NULL: not said. */
void user_view_json(struct buf *buf, const struct person *person,
	const struct invitation *invitation, const char *url);
/* "active", "invited", "lapsed" (invited too long ago) or "disabled" */
const char *user_view_state(const struct person *person, int64_t now_ms);
/* The link alone, and a note on what to do with it. */
void user_view_invitation(struct cli *cli, const struct person *person,
	const struct invitation *invitation, const char *url);

/* Opens the data, changes the person that the first operand names, and says `done` of them: "is disabled". */
int user_view_change(struct cli *cli, const struct arguments *arguments, const char *activity,
	const struct person_change *change, const char *done);

extern const char *const user_view_roles[];
extern const char *const user_view_languages[];

#endif
