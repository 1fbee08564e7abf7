/* Decisions for a person are a paragraph of facts, then the words; for a program they are what the API answers. */
#include "cli/decision_view.h"

#include "base/utf8.h"
#include "base/when.h"
#include "cli/options.h"
#include "http/api/desk.h"

#include <string.h>

#define LIMIT_DEFAULT 100

/* Each is made by itself: what stands before it in the buffer is another line. */
static void put_line(struct cli *cli, struct buf *object)
{
	buf_char(object, '\n');
	if (object->failed)
		cli->out.buf.failed = true;
	else
		buf_add(&cli->out.buf, object->data, object->size);
	buf_free(object);
	out_settle(&cli->out);
}

void decision_view_json(struct cli *cli, const struct decision_info *info)
{
	struct buf object = BUF_INIT;
	decision_put(&object, info);
	put_line(cli, &object);
}

void decision_view_appeal_json(
	struct cli *cli, const struct appeal_info *info, const struct decision_info *decision)
{
	struct buf object = BUF_INIT;
	appeal_put(&object, info, decision);
	put_line(cli, &object);
}

void decision_view_actions(struct buf *ret_text, unsigned actions)
{
	size_t begin = ret_text->size;
	for (unsigned i = 0; i < ACTION_COUNT; i++)
		if (actions >> i & 1)
			buf_format(ret_text, "%s%s", ret_text->size > begin ? "," : "",
				action_name(i));
	if (ret_text->size == begin)
		buf_text(ret_text, "none");
}

void decision_view_quote(struct cli *cli, const char *text)
{
	struct buf *buf = &cli->out.buf;
	while (*text) {
		size_t size = strcspn(text, "\n");
		buf_text(buf, "  ");
		out_printable(buf, text, size);
		buf_char(buf, '\n');
		text += size + (text[size] == '\n');
	}
}

static void put_time(struct buf *buf, const char *before, int64_t time_ms)
{
	char when[WHEN_TEXT_SIZE];
	when_format(time_ms, when);
	buf_format(buf, "%s%s", before, when);
}

static void put_by(struct buf *buf, const struct decision_info *info)
{
	if (info->block)
		buf_text(buf, ", by hilf itself");
	else if (info->automated)
		buf_format(buf, ", by a program, %s", info->by);
	else if (info->by[0])
		buf_format(buf, ", by %s", info->by);
	if (info->second_given)
		buf_format(buf, ", and %s by %s", info->second_agreed ? "agreed to" : "refused",
			info->second_by);
	else if (info->second_needed)
		buf_text(buf, ", and a second person is awaited");
}

static void put_about(struct buf *buf, const struct decision_info *info)
{
	if (info->case_id)
		buf_format(buf, "about: case %llu, cluster %u, %llu contents\n",
			(unsigned long long)info->case_id, info->cluster,
			(unsigned long long)info->upload_count);
	if (info->entry[0])
		buf_format(buf, "entry: %s, bank %s\n", info->entry, info->bank);
}

static void put_scope(struct buf *buf, const struct decision_info *info)
{
	buf_text(buf, "where: ");
	for (size_t i = 0; i < info->territory_count; i++)
		buf_format(buf, "%s%s", i ? "," : "", info->territory[i]);
	buf_text(buf, info->territory_count ? "" : "everywhere");
	if (info->until_ms)
		put_time(buf, ", until ", info->until_ms);
	buf_char(buf, '\n');
}

static void put_texts(struct cli *cli, const struct decision_info *info)
{
	struct buf *buf = &cli->out.buf;
	if (info->text && *info->text) {
		buf_text(buf, "\nreasons\n");
		decision_view_quote(cli, info->text);
	}
	if (info->second_text && *info->second_text) {
		buf_text(buf, "\nthe second person's\n");
		decision_view_quote(cli, info->second_text);
	}
	if (info->statement && *info->statement) {
		buf_format(buf, "\nstatement to who is concerned, in %s\n",
			info->language && *info->language ? info->language : "en");
		decision_view_quote(cli, info->statement);
	}
}

void decision_view_text(struct cli *cli, const struct decision_info *info)
{
	struct buf *buf = &cli->out.buf;
	buf_format(buf, "decision %s: ", info->id);
	decision_view_actions(buf, info->actions);
	buf_format(buf, ", %s\n", decision_state_name(info->state));
	put_time(buf, "made: ", info->made_ms);
	put_by(buf, info);
	buf_char(buf, '\n');
	put_about(buf, info);
	buf_format(buf, "ground: %s", basis_name(info->basis));
	if (info->article && *info->article) {
		buf_text(buf, ", ");
		out_printable(buf, info->article, strlen(info->article));
	}
	buf_char(buf, '\n');
	put_scope(buf, info);
	if (info->opinion)
		buf_format(buf, "of the entry: %s\n",
			hilf_opinion_name((enum hilf_opinion)info->opinion));
	if (info->withheld_until_ms) {
		put_time(buf, info->released ? "was withheld until: " : "withheld until: ",
			info->withheld_until_ms);
		buf_text(buf, ", for ");
		out_printable(buf, info->authority, strlen(info->authority));
		buf_char(buf, '\n');
	}
	if (info->appeal_until_ms) {
		put_time(buf, "appeals until: ", info->appeal_until_ms);
		buf_char(buf, '\n');
	}
	put_texts(cli, info);
	out_settle(&cli->out);
}

int decision_view_limit(
	const struct arguments *arguments, size_t most, size_t *ret_limit, struct hilf_err *err)
{
	const char *text = arguments_value(arguments, "limit");
	uint64_t limit = LIMIT_DEFAULT;
	int rc = text ? number_parse("--limit", text, 1, most, &limit, err) : 0;
	if (!rc)
		*ret_limit = (size_t)limit;
	return rc;
}

void decision_view_more(struct cli *cli)
{
	cli_note(cli, "there are more; --limit says how many are listed");
}
