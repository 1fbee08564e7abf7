/* The signal types, their ratios, and what the index has of each. HMA keeps a ratio for a type and then never asks it (its
 * test is whether it is negative); here it is kept and told as well, and changes nothing. */
#include "http/hma/hma.h"

#include "base/check.h"
#include "engine/beside.h"
#include "os/clock.h"

#include <stdlib.h>
#include <string.h>

#define SETTING "hma.signal_types"

/* Those that HMA has by default; look-ups by others are answered, too. */
static const struct {
	const char *name;
	uint8_t type;
} listed[] = {{"pdq", HILF_PDQ}, {"video_md5", HILF_MD5}};

static json_t *parse(const char *text)
{
	json_t *ratios = *text ? json_loads(text, 0, NULL) : NULL;
	if (ratios && json_is_object(ratios))
		return ratios;
	json_decref(ratios);
	return json_object();
}

void hma_signal_types(struct http_request *request)
{
	struct buf buf = BUF_INIT;
	struct hilf_err err;
	const char *text;
	if (beside_setting(api_hilf(request), SETTING, http_arena(request), &text, &err)) {
		hma_fail(request, &err);
		return;
	}
	json_t *ratios = parse(text);
	buf_char(&buf, '[');
	for (size_t i = 0; i < COUNT_OF(listed); i++) {
		const json_t *ratio = json_object_get(ratios, listed[i].name);
		json_put_item(&buf);
		buf_text(&buf, "{\"enabled_ratio\":");
		hma_put_ratio(&buf, ratio ? (uint32_t)json_integer_value(ratio) : HMA_RATIO_ALL);
		json_out_text(&buf, "name", listed[i].name);
		buf_char(&buf, '}');
	}
	buf_char(&buf, ']');
	json_decref(ratios);
	hma_reply(request, 200, &buf);
}

struct ratio {
	const char *name;
	uint32_t ppm;
};

static int set_ratio(const char *old, struct buf *text, void *ctx, struct hilf_err *err)
{
	const struct ratio *ratio = ctx;
	json_t *ratios = parse(old);
	(void)err;
	json_object_set_new(ratios, ratio->name, json_integer(ratio->ppm));
	char *made = json_dumps(ratios, JSON_COMPACT | JSON_SORT_KEYS);
	if (made)
		buf_text(text, made);
	else
		text->failed = true;
	free(made);
	json_decref(ratios);
	return 0;
}

static bool check_listed(struct http_request *request, const char *name)
{
	for (size_t i = 0; i < COUNT_OF(listed); i++)
		if (strcmp(listed[i].name, name) == 0)
			return true;
	hma_error(request, 400, "there is no signal type '%.40s'; pdq and video_md5 are", name);
	return false;
}

void hma_signal_type_update(struct http_request *request)
{
	struct ratio ratio = {http_param(request, "type"), 0};
	json_t *json = hma_json(request);
	struct hilf_err err;
	bool found;
	if (!json || !check_listed(request, ratio.name) ||
		!hma_read_ratio(request, json, "enabled_ratio", &found, &ratio.ppm))
		return;
	if (!found)
		hma_error(request, 400, "enabled_ratio is required");
	else if (beside_setting_change(api_hilf(request), SETTING, set_ratio, &ratio, &err))
		hma_fail(request, &err);
	else
		http_reply_const(request, 204, NULL, NULL, 0);
}

/* ------------------------------------------------------------------------------------------- the index */

struct newest {
	int64_t time_s;
};

static int take_newest(const struct hilf_record *record, void *ctx)
{
	((struct newest *)ctx)->time_s = record->received_ms / 1000;
	return 0;
}

typedef void put_index(struct buf *buf, uint64_t count, int64_t newest_s);

/* {"pdq":{...},"video_md5":{...}}. Every answer comes from all that was added until then, so there is nothing that the
 * index does not have yet. */
static void reply_index(struct http_request *request, put_index *put)
{
	const char *only = http_query(request, "signal_type");
	struct newest newest = {-1};
	struct hilf_stats stats;
	struct buf buf = BUF_INIT;
	struct hilf_err err;
	uint64_t head, local;
	if (only && !check_listed(request, only))
		return;
	hilf_feed_head(api_hilf(request), &head, &local);
	if (hilf_stats_get(api_hilf(request), &stats, &err) ||
		(head && hilf_feed_read(
				 api_hilf(request), head - 1, 1, take_newest, &newest, &err))) {
		hma_fail(request, &err);
		return;
	}
	buf_char(&buf, '{');
	for (size_t i = 0; i < COUNT_OF(listed); i++) {
		uint64_t count = stats.signal_count[listed[i].type];
		if (only && strcmp(only, listed[i].name) != 0)
			continue;
		json_put_key(&buf, listed[i].name);
		buf_char(&buf, '{');
		put(&buf, count, count ? newest.time_s : -1);
		buf_char(&buf, '}');
	}
	buf_char(&buf, '}');
	hma_reply(request, 200, &buf);
}

static void put_matching(struct buf *buf, uint64_t count, int64_t newest_s)
{
	json_out_integer(buf, "built_to", newest_s);
	json_out_bool(buf, "present", true);
	json_out_integer(buf, "size", (int64_t)count);
}

void hma_index_status(struct http_request *request)
{
	reply_index(request, put_matching);
}

static void put_curation(struct buf *buf, uint64_t count, int64_t newest_s)
{
	json_out_integer(buf, "db_size", (int64_t)count);
	json_out_integer(buf, "index_built_to", newest_s);
	json_out_bool(buf, "index_out_of_date", false);
	json_out_integer(buf, "index_size", (int64_t)count);
	json_out_integer(buf, "newest_db_item", newest_s);
}

void hma_signal_type_index(struct http_request *request)
{
	reply_index(request, put_curation);
}
