/* From a request to signals: a file that was sent or a URL that is fetched, and what kind of content it is. HMA takes a
 * URL's word for that; here the file itself decides where the word is none of image/ or video/. */
#include "http/hma/hma.h"

#include "base/check.h"

#include <string.h>
#include <strings.h>
#include <unistd.h>

#define FETCH_MS 30000u

static const struct {
	const char *name, *signal;
	uint8_t type;
} kinds[] = {
	[HMA_PHOTO] = {"photo", "pdq", HILF_PDQ},
	[HMA_VIDEO] = {"video", "video_md5", HILF_MD5},
};

void hma_content_types(struct http_request *request)
{
	struct buf buf = BUF_INIT;
	buf_char(&buf, '[');
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		json_put_item(&buf);
		buf_text(&buf, "{\"enabled\":true");
		json_out_text(&buf, "name", kinds[i].name);
		buf_char(&buf, '}');
	}
	buf_char(&buf, ']');
	hma_reply(request, 200, &buf);
}

static bool find_kind(struct http_request *request, const char *name, struct hma_media *ret_media)
{
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		if (strcmp(kinds[i].name, name) != 0)
			continue;
		ret_media->kind = (enum hma_content)i;
		ret_media->type = kinds[i].type;
		return true;
	}
	hma_error(request, 400, "there is no content type '%.40s'; photo and video are", name);
	return false;
}

/* Each kind has one signal type, so `types` can only name that one. */
static bool check_types(struct http_request *request, const struct hma_media *media)
{
	const char *text = http_query(request, "types");
	struct hma_names names;
	if (!text)
		return true;
	if (!hma_split(request, text, &names))
		return false;
	for (size_t i = 0; i < names.count; i++) {
		if (strcmp(names.names[i], kinds[media->kind].signal) == 0)
			continue;
		hma_error(request, 400,
			"signal type '%.40s' does not exist, or not for content of type %s",
			names.names[i], kinds[media->kind].name);
		return false;
	}
	if (!names.count)
		hma_error(request, 400, "types names no signal type");
	return names.count;
}

/* ------------------------------------------------------------------------------------------- reading it */

/* What a video is made of does not matter: its signal is its digest. */
static void settle(struct http_request *request, struct hma_media *media)
{
	if (media->kind == HMA_VIDEO) {
		media->content.decided = media->content.digests;
		media->content.picture_count = 0;
	}
	api_count_decoded(request, &media->content);
}

static bool read_file(struct http_request *request, int fd, struct hma_media *media)
{
	struct hilf_err err;
	if (hilf_hash_fd_within(
		    api_hilf(request), fd, http_left_ms(request), &media->content, &err)) {
		hma_fail(request, &err);
		return false;
	}
	return true;
}

bool hma_media_file(struct http_request *request, struct hma_media *ret_media)
{
	const struct http_file *file = http_file(request);
	struct hma_media media = {0};
	if (!file || !*file->field) {
		hma_error(request, 400,
			"this wants a file, sent as multipart/form-data in a field named photo or "
			"video");
		return false;
	}
	if (!find_kind(request, file->field, &media) || !check_types(request, &media) ||
		!read_file(request, file->fd, &media))
		return false;
	settle(request, &media);
	*ret_media = media;
	return true;
}

/* ------------------------------------------------------------------------------------------- fetching it */

static void say_fetch(struct http_request *request, const struct hilf_err *err)
{
	switch (err->code) {
	case HILF_E_DENIED:
		hma_error(request, 403, "%s", err->text);
		break;
	case HILF_E_LIMIT:
		hma_error(request, 413, "Content too large: %s", err->text);
		break;
	case HILF_E_INVALID:
		hma_error(request, 400, "Invalid or unsafe URL provided: %s", err->text);
		break;
	case HILF_E_NOT_FOUND:
	case HILF_E_IO:
		hma_error(request, 502, "Failed to fetch URL: %s", err->text);
		break;
	default:
		hma_fail(request, err);
	}
}

static bool load(struct http_request *request, const char *url, struct fetched *ret_fetched)
{
	const struct api *api = api_of(request);
	const struct api_conf *conf = api_conf(api);
	uint32_t left_ms = http_left_ms(request);
	struct hilf_err err;
	bool parked;
	if (!conf->fetch_urls || !api->fetch) {
		hma_error(request, 403,
			"this node fetches no URLs (missing role): send the file itself, or start "
			"it "
			"with --fetch-allow HOST, which lets it fetch from there");
		return false;
	}
	if (left_ms > FETCH_MS)
		left_ms = FETCH_MS;
	if (api_fetch(request, url, left_ms, ret_fetched, &parked, &err)) {
		if (!parked)
			say_fetch(request, &err);
		return false;
	}
	if (ret_fetched->status >= 200 && ret_fetched->status < 300 && ret_fetched->fd >= 0)
		return true;
	if (ret_fetched->fd >= 0)
		close(ret_fetched->fd);
	if (ret_fetched->status >= 200 && ret_fetched->status < 300)
		hma_error(request, 502, "Failed to fetch URL: its server answered with nothing");
	else
		hma_error(request, 502, "Failed to fetch URL: its server answered %d",
			ret_fetched->status);
	return false;
}

/* What the server says, where it says it; else what the file is. */
static bool guess_kind(
	struct http_request *request, const char *content_type, struct hma_media *media)
{
	if (strncasecmp(content_type, "video", 5) == 0)
		return find_kind(request, "video", media);
	if (strncasecmp(content_type, "image", 5) == 0 || media->content.picture_count)
		return find_kind(request, "photo", media);
	hma_error(request, 422,
		"what the URL holds is called '%.60s' and was not read as a picture (%s); if it is "
		"a "
		"photo or a video, say so with content_type",
		content_type, media->content.reason);
	return false;
}

bool hma_media_url(struct http_request *request, const char *url, struct hma_media *ret_media)
{
	const char *named = http_query(request, "content_type");
	struct hma_media media = {0};
	struct fetched fetched;
	if (named && !*named)
		named = NULL;
	if (named && (!find_kind(request, named, &media) || !check_types(request, &media)))
		return false;
	if (!load(request, url, &fetched))
		return false;
	bool good = read_file(request, fetched.fd, &media);
	close(fetched.fd);
	if (good && !named)
		good = guess_kind(request, fetched.content_type, &media) &&
		       check_types(request, &media);
	if (!good)
		return false;
	settle(request, &media);
	*ret_media = media;
	return true;
}

/* ------------------------------------------------------------------------------------------- what came of it */

/* What took too long may have waited for others most of the time: it can be tried again. */
void hma_undecided(struct http_request *request, const struct hma_media *media)
{
	bool late = strcmp(media->content.reason_code, "timeout") == 0;
	if (late)
		http_reply_header(request, "Retry-After", "1");
	hma_error(request, late ? 503 : 422,
		"this %s could not be read whole (%s: %s), so it is not known what it is: that is "
		"not 'no match'",
		kinds[media->kind].name, media->content.reason_code, media->content.reason);
}

bool hma_media_signal(const struct hma_media *media, struct hilf_signal *ret_signal)
{
	const struct hilf_content *content = &media->content;
	*ret_signal = (struct hilf_signal){.type = media->type, .quality = HILF_QUALITY_UNKNOWN};
	if (media->type == HILF_MD5) {
		ret_signal->size = sizeof content->md5;
		memcpy(ret_signal->value, content->md5, sizeof content->md5);
		return content->digests;
	}
	if (!content->picture_count || content->pictures[0].degenerate)
		return false;
	ret_signal->size = sizeof content->pictures[0].pdq[HILF_ORIGINAL];
	ret_signal->quality = content->pictures[0].quality;
	memcpy(ret_signal->value, content->pictures[0].pdq[HILF_ORIGINAL],
		sizeof content->pictures[0].pdq[HILF_ORIGINAL]);
	return true;
}

void hma_put_media(struct buf *buf, const struct hma_media *media)
{
	struct hilf_signal signal;
	char text[HILF_SIGNAL_TEXT_MAX];
	buf_char(buf, '{');
	if (hma_media_signal(media, &signal)) {
		hilf_signal_format(&signal, text);
		json_out_text(buf, hma_type_name(signal.type), text);
	}
	buf_char(buf, '}');
}

/* A part that could be read is no hash to go by: whoever looks it up and finds nothing would take that for an answer. */
static void answer(struct http_request *request, const struct hma_media *media)
{
	struct buf buf = BUF_INIT;
	if (!media->content.decided) {
		hma_undecided(request, media);
		return;
	}
	hma_put_media(&buf, media);
	hma_reply(request, 200, &buf);
}

void hma_hash_get(struct http_request *request)
{
	const char *url = http_query(request, "url");
	struct hma_media media;
	if (!url)
		hma_error(request, 400, "url is required");
	else if (hma_media_url(request, url, &media))
		answer(request, &media);
}

void hma_hash_post(struct http_request *request)
{
	struct hma_media media;
	if (hma_media_file(request, &media))
		answer(request, &media);
}
