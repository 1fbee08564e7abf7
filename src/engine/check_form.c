/* The form of what a platform says of a content. */
#include "base/check.h"
#include "base/err.h"
#include "base/utf8.h"
#include "engine/checks_parts.h"

#include <string.h>
#include <strings.h>

int check_text_form(const char *what, const char *text, size_t max, struct hilf_err *err)
{
	size_t size = text ? strnlen(text, max + 1) : 0;
	if (size > max)
		return err_set(err, HILF_E_LIMIT, "%s is longer than %zu bytes", what, max);
	if (size && !utf8_valid(text, size))
		return err_set(err, HILF_E_INVALID, "%s is not UTF-8", what);
	return 0;
}

int check_evidence_form(const char *url, struct hilf_err *err)
{
	static const char *const schemes[] = {"http://", "https://"};
	size_t size = 0;
	if (!url || !*url)
		return 0;
	for (size_t i = 0; i < COUNT_OF(schemes); i++)
		if (strncasecmp(url, schemes[i], strlen(schemes[i])) == 0)
			size = strlen(schemes[i]);
	if (!size)
		return err_set(err, HILF_E_INVALID,
			"evidence_url begins with https:// or http://: whatever else it is, a "
			"browser "
			"is not to open it");
	if (!url[size] || strchr("/?#\\", url[size]))
		return err_set(err, HILF_E_INVALID, "evidence_url names no host");
	for (const char *at = url; *at; at++)
		if ((unsigned char)*at <= ' ' || *at == 0x7f)
			return err_set(err, HILF_E_INVALID,
				"evidence_url has a blank or a control character in it");
	return 0;
}

int check_context_form(const struct check_context *context, struct hilf_err *err)
{
	const struct {
		const char *what, *text;
		size_t max;
	} texts[] = {
		{"content_id", context->content_id, CHECK_CONTENT_ID_MAX},
		{"uploader_ref", context->uploader_ref, CHECK_UPLOADER_MAX},
		{"evidence_url", context->evidence_url, CHECK_URL_MAX},
		{"language", context->language, CHECK_LANGUAGE_MAX},
		{"caption", context->caption, CHECK_CAPTION_MAX},
		{"places", context->places, CHECK_PLACES_SIZE},
	};
	int rc = 0;
	for (size_t i = 0; i < sizeof texts / sizeof *texts && !rc; i++)
		rc = check_text_form(texts[i].what, texts[i].text, texts[i].max, err);
	if (!rc && (unsigned)context->surface > SURFACE_PRIVATE)
		rc = err_set(err, HILF_E_INVALID, "surface %u is none", context->surface);
	if (!rc && (context->reach < 0 || context->reach > CHECK_REACH_MAX))
		rc = err_set(
			err, HILF_E_INVALID, "reach is a number from 0 to %lld", CHECK_REACH_MAX);
	return rc;
}
