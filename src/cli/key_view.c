/* Times that are not are left out of the JSON; a key for all banks has no list of them. */
#include "cli/key_view.h"

#include "os/clock.h"
#include "wire/json.h"

const char *key_view_state(const struct key_info *info, int64_t now_ms)
{
	if (info->revoked_ms)
		return "revoked";
	if (info->expires_ms && info->expires_ms <= now_ms)
		return "expired";
	return info->holder.id[0] && !info->holder.able ? "resting" : "good";
}

static void put_time(struct buf *buf, const char *key, int64_t time_ms)
{
	if (!time_ms)
		return;
	json_put_key(buf, key);
	json_put_integer(buf, time_ms);
}

void key_view_json(struct buf *buf, const struct key_info *info, const char *key)
{
	buf_char(buf, '{');
	json_put_key(buf, "id");
	json_put_text(buf, info->id);
	if (key) {
		json_put_key(buf, "key");
		json_put_text(buf, key);
	}
	json_put_key(buf, "name");
	json_put_text(buf, info->name);
	json_put_key(buf, "role");
	json_put_text(buf, role_name(info->role));
	if (info->bank_count) {
		json_put_key(buf, "banks");
		buf_char(buf, '[');
		for (size_t i = 0; i < info->bank_count; i++) {
			json_put_item(buf);
			json_put_text(buf, info->banks[i]);
		}
		buf_char(buf, ']');
	}
	if (info->holder.id[0]) {
		json_put_key(buf, "held_by");
		buf_char(buf, '{');
		json_put_key(buf, "id");
		json_put_text(buf, info->holder.id);
		json_put_key(buf, "name");
		json_put_text(buf, info->holder.name);
		buf_char(buf, '}');
	}
	json_put_key(buf, "state");
	json_put_text(buf, key_view_state(info, clock_now_ms()));
	put_time(buf, "created_ms", info->created_ms);
	put_time(buf, "expires_ms", info->expires_ms);
	put_time(buf, "revoked_ms", info->revoked_ms);
	put_time(buf, "used_ms", info->used_ms);
	if (info->rate_per_s) {
		json_put_key(buf, "rate_per_s");
		json_put_integer(buf, info->rate_per_s);
	}
	if (info->quota_per_day) {
		json_put_key(buf, "quota_per_day");
		json_put_integer(buf, (int64_t)info->quota_per_day);
	}
	buf_text(buf, "}\n");
}
