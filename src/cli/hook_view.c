/* Lists of events and banks are arrays; what is not said is left out. */
#include "cli/hook_view.h"

#include "base/err.h"
#include "wire/json.h"

const char *const hook_view_event_choices[] = {"check.matched", "check.blocked", "entry.added",
	"entry.changed", "entry.withdrawn", "entry.reversed", "content.recognised", "bank.changed",
	"case.opened", "decision.made", "decision.ended", "decision.reversed", "statement.released",
	"appeal.made", "appeal.decided", "content.restored", "threat.escalated", "ping", "*", NULL};

const char *hook_view_state(const struct hook_info *info)
{
	return info->enabled ? "on" : "off";
}

static void put_list(struct buf *buf, const char *key, const char *const *items, size_t count)
{
	json_put_key(buf, key);
	buf_char(buf, '[');
	for (size_t i = 0; i < count; i++) {
		json_put_item(buf);
		json_put_text(buf, items[i]);
	}
	buf_char(buf, ']');
}

void hook_view_json(struct buf *buf, const struct hook_info *info)
{
	buf_char(buf, '{');
	json_put_key(buf, "id");
	json_put_text(buf, info->id);
	if (info->url && *info->url) {
		json_put_key(buf, "url");
		json_put_text(buf, info->url);
	}
	if (info->event_count)
		put_list(buf, "events", info->events, info->event_count);
	if (info->bank_count)
		put_list(buf, "banks", info->banks, info->bank_count);
	json_put_key(buf, "enabled");
	json_put_bool(buf, info->enabled);
	json_put_key(buf, "created_ms");
	json_put_integer(buf, info->created_ms);
	json_put_key(buf, "waiting");
	json_put_integer(buf, (int64_t)info->outbox_count);
	if (info->note && *info->note) {
		json_put_key(buf, "note");
		json_put_text(buf, info->note);
	}
	if (info->secret[0]) {
		json_put_key(buf, "secret");
		json_put_text(buf, info->secret);
	}
	buf_text(buf, "}\n");
}

void hook_view_delivery_json(struct buf *buf, const struct delivery *delivery)
{
	buf_char(buf, '{');
	json_put_key(buf, "id");
	json_put_integer(buf, (int64_t)delivery->id);
	json_put_key(buf, "webhook");
	json_put_text(buf, delivery->hook);
	json_put_key(buf, "event_id");
	json_put_text(buf, delivery->event_id);
	json_put_key(buf, "event");
	json_put_text(buf, delivery->event);
	json_put_key(buf, "dead");
	json_put_bool(buf, delivery->dead);
	json_put_key(buf, "attempts");
	json_put_integer(buf, delivery->attempts);
	json_put_key(buf, "created_ms");
	json_put_integer(buf, delivery->created_ms);
	json_put_key(buf, delivery->dead ? "failed_ms" : "next_ms");
	json_put_integer(buf, delivery->dead ? delivery->failed_ms : delivery->next_ms);
	if (delivery->attempts) {
		json_put_key(buf, "status");
		json_put_integer(buf, delivery->last_status);
		json_put_key(buf, "error");
		json_put_text(buf, delivery->last_error);
	}
	json_put_key(buf, "body");
	buf_add(buf, delivery->body, delivery->size); /* an object that hilf made */
	buf_text(buf, "}\n");
}

int hook_view_events(const struct arguments *arguments, const char **ret_events, size_t *ret_count,
	struct hilf_err *err)
{
	size_t count = arguments_count(arguments, "event");
	if (count > HOOK_EVENTS_MAX)
		return err_set(err, HILF_E_LIMIT, "a webhook has %d events at most, or * for all",
			HOOK_EVENTS_MAX);
	for (size_t i = 0; i < count; i++)
		ret_events[i] = arguments_nth(arguments, "event", i);
	if (!count)
		ret_events[count++] = "*";
	*ret_count = count;
	return 0;
}
