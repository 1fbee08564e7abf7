/* The answer to a check as JSON, appended by hand: look-ups are answered in microseconds. */
#include "base/check.h"
#include "http/api/check.h"

#include <stdio.h>

static const char *const orientation_words[HILF_ORIENTATION_COUNT] = {
	[HILF_ROTATE90] = ", turned by 90 degrees",
	[HILF_ROTATE180] = ", turned by 180 degrees",
	[HILF_ROTATE270] = ", turned by 270 degrees",
	[HILF_FLIPX] = ", mirrored upside down",
	[HILF_FLIPY] = ", mirrored left to right",
	[HILF_FLIP_PLUS1] = ", mirrored along its diagonal",
	[HILF_FLIP_MINUS1] = ", mirrored along its other diagonal",
};

static void put_number(struct buf *buf, uint64_t number)
{
	json_put_integer(buf, (int64_t)number);
}

#define put_literal(buf, text) buf_add(buf, text, sizeof(text) - 1)

/* In plain words. Bank names and the words below need no escapes. */
static void put_reason(struct buf *buf, const struct hilf_match *match)
{
	json_out_key(buf, "reason");
	if (match->signal_type == HILF_PDQ) {
		put_literal(buf, "\"looks like entry ");
		put_number(buf, match->entry);
		put_literal(buf, " of bank ");
		buf_text(buf, match->bank);
		put_literal(buf, ": ");
		put_number(buf, match->distance);
		put_literal(buf, " of 256 bits differ, and up to ");
		put_number(buf, match->threshold);
		put_literal(buf, " count as the same picture");
		if (match->orientation < HILF_ORIENTATION_COUNT &&
			orientation_words[match->orientation])
			buf_text(buf, orientation_words[match->orientation]);
		if (match->variant == HILF_ON_BLACK)
			put_literal(buf, ", seen on black");
		if (match->variant == HILF_ON_WHITE)
			put_literal(buf, ", seen on white");
	} else {
		put_literal(buf, "\"is the very file of entry ");
		put_number(buf, match->entry);
		put_literal(buf, " of bank ");
		buf_text(buf, match->bank);
		put_literal(buf, ": its ");
		buf_text(buf, hilf_signal_type_name(match->signal_type));
		put_literal(buf, " is equal");
	}
	if (match->mode == HILF_SHADOW)
		put_literal(buf, "; the bank is in shadow, so this is counted only");
	else if (match->exempt[0])
		put_literal(buf, "; this content is exempt from the entry, so it is told only");
	else if (match->sampled_out)
		put_literal(buf, "; the bank's sampling left this one out, so it is counted only");
	else if (match->disputed)
		put_literal(buf, "; a member disputes the entry, so it does not block");
	buf_char(buf, '"');
}

static void put_match(struct buf *buf, const struct hilf_match *match)
{
	json_put_item(buf);
	put_literal(buf, "{\"entry\":");
	put_number(buf, match->entry);
	put_literal(buf, ",\"gid\":\"");
	buf_text(buf, match->gid);
	put_literal(buf, "\",\"bank\":\"");
	buf_text(buf, match->bank);
	put_literal(buf, "\",\"mode\":\"");
	buf_text(buf, hilf_mode_name(match->mode));
	put_literal(buf, "\",\"signal\":\"");
	buf_text(buf, hilf_signal_type_name(match->signal_type));
	put_literal(buf, "\",\"distance\":");
	put_number(buf, match->distance);
	put_literal(buf, ",\"threshold\":");
	put_number(buf, match->threshold);
	if (match->signal_type == HILF_PDQ) {
		put_literal(buf, ",\"orientation\":\"");
		buf_text(buf, hilf_orientation_name(match->orientation));
		put_literal(buf, "\",\"variant\":\"");
		buf_text(buf, hilf_variant_name(match->variant));
		buf_char(buf, '"');
	}
	/* Whole pictures and whole files are all that is compared yet. */
	put_literal(buf, ",\"share\":1.0,\"class\":");
	json_put_text(buf, match->content_class);
	json_out_labels(buf, "labels", match->labels, match->label_count);
	if (match->disputed)
		put_literal(buf, ",\"disputed\":true");
	if (match->sampled_out)
		put_literal(buf, ",\"sampled_out\":true");
	if (match->exempt[0]) {
		put_literal(buf, ",\"exempt\":\"");
		buf_text(buf, match->exempt);
		buf_char(buf, '"');
	}
	put_reason(buf, match);
	buf_char(buf, '}');
}

static const char *verdict_of(enum hilf_verdict verdict, bool decided)
{
	if (!decided && verdict == HILF_VERDICT_BLOCK)
		verdict = HILF_VERDICT_REVIEW;
	return hilf_verdict_name(verdict);
}

void answer_check(struct buf *buf, const struct hilf_check *check, bool decided)
{
	json_out_key(buf, "verdict");
	buf_char(buf, '"');
	buf_text(buf, verdict_of(check->verdict, decided));
	put_literal(buf, "\",\"shadow_verdict\":\"");
	buf_text(buf, verdict_of(check->shadow_verdict, decided));
	put_literal(buf, "\",\"matches\":[");
	for (size_t i = 0; i < check->match_count; i++)
		put_match(buf, &check->matches[i]);
	put_literal(buf, "],\"more\":");
	put_number(buf, check->match_more);
}

void answer_undecided(struct buf *buf, const struct check_outcome *outcome)
{
	json_out_key(buf, "undecided");
	buf_char(buf, '[');
	for (size_t i = 0; i < outcome->undecided_count; i++) {
		const struct undecided *undecided = &outcome->undecided[i];
		json_put_item(buf);
		buf_char(buf, '{');
		json_out_text(buf, "part", undecided->part);
		json_out_text(buf, "code", undecided->code);
		json_out_text(buf, "reason", undecided->reason);
		buf_char(buf, '}');
	}
	buf_char(buf, ']');
}

static void put_hex(struct buf *buf, const char *key, const uint8_t *bytes, size_t size)
{
	json_put_key(buf, key);
	buf_char(buf, '"');
	buf_hex(buf, bytes, size);
	buf_char(buf, '"');
}

void answer_content(struct buf *buf, const struct hilf_content *content)
{
	json_put_key(buf, "content");
	buf_char(buf, '{');
	json_out_integer(buf, "size", (int64_t)content->size);
	json_out_text(buf, "format", *content->format ? content->format : NULL);
	if (content->width) {
		json_out_integer(buf, "width", content->width);
		json_out_integer(buf, "height", content->height);
	}
	if (content->picture_count)
		json_out_integer(buf, "quality", content->pictures[0].quality);
	if (content->digests) {
		put_hex(buf, "sha256", content->sha256, sizeof content->sha256);
		put_hex(buf, "md5", content->md5, sizeof content->md5);
	}
	buf_char(buf, '}');
}

void answer_decision(struct buf *buf, const struct check_decision *decision, const char *appeal_url)
{
	json_put_key(buf, "decision");
	buf_char(buf, '{');
	json_out_text(buf, "id", decision->id);
	json_out_bool(buf, "automated", true);
	json_out_text(buf, "statement", decision->statement);
	/* Kept as a hash alone, so it is told once. */
	json_out_text(buf, "appeal_token", *decision->appeal_token ? decision->appeal_token : NULL);
	json_out_time(buf, "appeal_until", decision->appeal_until_ms);
	if (*appeal_url)
		json_out_text(buf, "appeal_url", appeal_url);
	json_out_bool(buf, "repeated", decision->repeated);
	buf_char(buf, '}');
}
