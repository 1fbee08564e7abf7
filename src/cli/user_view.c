/* What is not said is left out of the JSON. A link is a path where nobody said where the console is. */
#include "cli/user_view.h"

#include "os/clock.h"
#include "wire/json.h"

#include <sodium.h>
#include <string.h>

const char *const user_view_roles[] = {"reviewer", "curator", "operator", "auditor", NULL};
const char *const user_view_languages[] = {"en", "fr", "ar", NULL};

const char *user_view_state(const struct person *person, int64_t now_ms)
{
	if (!person->enabled)
		return "disabled";
	if (person->enrolled)
		return "active";
	return person->invited_until_ms > now_ms ? "invited" : "lapsed";
}

static void put_link(struct buf *buf, const struct invitation *invitation, const char *url)
{
	size_t size = url ? strlen(url) : 0;
	while (size && url[size - 1] == '/')
		size--;
	buf_format(buf, "%.*s/enrol#%s", (int)size, url ? url : "", invitation->code);
}

static void put_invitation(struct buf *buf, const struct invitation *invitation, const char *url)
{
	struct buf link = BUF_INIT;
	put_link(&link, invitation, url);
	buf->failed = buf->failed || link.failed;
	json_put_key(buf, "invitation");
	buf_char(buf, '{');
	json_put_key(buf, "code");
	json_put_text(buf, invitation->code);
	json_put_key(buf, "url");
	json_put_text(buf, link.failed ? "" : link.data);
	json_put_key(buf, "until_ms");
	json_put_integer(buf, invitation->until_ms);
	buf_char(buf, '}');
	buf_free(&link);
}

void user_view_json(struct buf *buf, const struct person *person,
	const struct invitation *invitation, const char *url)
{
	buf_char(buf, '{');
	json_put_key(buf, "user");
	json_put_text(buf, person->id);
	json_put_key(buf, "name");
	json_put_text(buf, person->name);
	json_put_key(buf, "role");
	json_put_text(buf, role_name(person->role));
	if (person->bank_count) {
		json_put_key(buf, "banks");
		buf_char(buf, '[');
		for (size_t i = 0; i < person->bank_count; i++) {
			json_put_item(buf);
			json_put_text(buf, person->banks[i]);
		}
		buf_char(buf, ']');
	}
	if (*person->language) {
		json_put_key(buf, "language");
		json_put_text(buf, person->language);
	}
	json_put_key(buf, "state");
	json_put_text(buf, user_view_state(person, clock_now_ms()));
	json_put_key(buf, "created_ms");
	json_put_integer(buf, person->created_ms);
	if (invitation && *invitation->code)
		put_invitation(buf, invitation, url);
	buf_text(buf, "}\n");
}

void user_view_invitation(struct cli *cli, const struct person *person,
	const struct invitation *invitation, const char *url)
{
	put_link(&cli->out.buf, invitation, url);
	buf_char(&cli->out.buf, '\n');
	cli_note(cli,
		"with that %s enrols%s; it is good once, for %d hours, and shown only now: hand it "
		"over by a way that you trust",
		person->name, url ? "" : ", at the console's address", INVITATION_HOURS);
}

static int show(struct cli *cli, const char *who, const struct invitation *invitation,
	const char *url, const char *done, struct hilf_err *err)
{
	struct person person;
	struct arena arena;
	arena_init(&arena, 0);
	int rc = person_get(cli->hilf, who, &arena, &person, err);
	if (!rc && cli->json)
		user_view_json(&cli->out.buf, &person, invitation, url);
	else if (!rc)
		cli_note(cli, "%s %s", person.name, done);
	if (!rc && !cli->json && *invitation->code)
		user_view_invitation(cli, &person, invitation, url);
	arena_clear(&arena);
	return rc;
}

int user_view_change(struct cli *cli, const struct arguments *arguments, const char *activity,
	const struct person_change *change, const char *done)
{
	const char *who = arguments->operands[0];
	struct invitation invitation;
	struct hilf_err err = {0};
	bool invites = change->reset || (change->set_enabled && change->enabled);
	int status = cli_open(cli, CLI_WRITE, activity);
	if (status)
		return status;
	int rc = person_change(cli->hilf, who, change, &invitation, &err);
	if (!rc)
		rc = show(cli, who, &invitation, invites ? arguments_value(arguments, "url") : NULL,
			done, &err);
	sodium_memzero(&invitation, sizeof invitation);
	return rc ? cli_fail(cli, &err) : STATUS_FINE;
}
