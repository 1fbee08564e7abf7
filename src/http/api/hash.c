/* POST /v1/hash: a file's signals, for whoever compares or adds them elsewhere. */
#include "http/api/check.h"

static void put_picture(struct buf *buf, const struct hilf_picture *picture, bool all)
{
	json_put_item(buf);
	buf_char(buf, '{');
	json_out_text(buf, "variant", hilf_variant_name(picture->variant));
	json_out_integer(buf, "quality", picture->quality);
	json_out_bool(buf, "degenerate", picture->degenerate);
	json_put_key(buf, "pdq");
	buf_char(buf, '{');
	for (uint8_t i = 0; i < (all ? HILF_ORIENTATION_COUNT : 1); i++) {
		json_put_key(buf, hilf_orientation_name(i));
		buf_char(buf, '"');
		buf_hex(buf, picture->pdq[i], sizeof picture->pdq[i]);
		buf_char(buf, '"');
	}
	buf_text(buf, "}}");
}

void api_hash(struct http_request *request)
{
	struct check_outcome outcome = {0};
	struct hilf_content *content = &outcome.content;
	struct hilf_signal signals[3];
	struct check_input input;
	struct buf buf = BUF_INIT;
	struct hilf_err err;
	bool all;
	if (!api_query_bool(request, "orientations", &all) || !check_read_thing(request, &input))
		return;
	if (hilf_hash_fd_within(
		    api_hilf(request), input.file->fd, http_left_ms(request), content, &err)) {
		api_fail(request, &err);
		return;
	}
	api_count_decoded(request, content);
	if (!content->decided)
		undecided_add(&outcome, "picture", content->reason_code, content->reason);
	buf_text(&buf, "{\"signals\":[");
	for (size_t i = 0, count = check_signals_of(content, signals); i < count; i++)
		json_out_signal(&buf, &signals[i]);
	buf_text(&buf, "],\"pictures\":[");
	for (size_t i = 0; i < content->picture_count; i++)
		put_picture(&buf, &content->pictures[i], all);
	buf_char(&buf, ']');
	answer_undecided(&buf, &outcome);
	answer_content(&buf, content);
	json_out_took(&buf, "took_ms", api_took_us(request));
	buf_char(&buf, '}');
	api_reply(request, 200, &buf);
}
