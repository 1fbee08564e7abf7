/* A POST, PATCH or DELETE with an Idempotency-Key is done once: what came of it is kept for a day and is the answer to
 * whoever sends the same again (draft-ietf-httpapi-idempotency-key-header). Only successes are kept: a refusal changed
 * nothing, so trying it again is as good as the first time. */
#include "http/api/inside.h"

#include <openssl/evp.h>
#include <string.h>
#include <unistd.h>

#define PIECE (64u * 1024)

static bool digest_file(EVP_MD_CTX *digest, const struct http_file *file)
{
	char piece[PIECE];
	uint64_t at = 0;
	while (at < file->size) {
		ssize_t count = pread(file->fd, piece, sizeof piece, (off_t)at);
		if (count <= 0)
			return false;
		EVP_DigestUpdate(digest, piece, (size_t)count);
		at += (uint64_t)count;
	}
	return true;
}

static void digest_text(EVP_MD_CTX *digest, const char *text)
{
	EVP_DigestUpdate(digest, text, strlen(text) + 1);
}

/* What makes a request the same one: method, path, query and body, in a form's case its fields and its file. */
static bool digest_request(const struct http_request *request, uint8_t ret_digest[32])
{
	const struct http_file *file = http_file(request);
	const char *name, *value;
	size_t size;
	EVP_MD_CTX *digest = EVP_MD_CTX_new();
	bool good = digest && EVP_DigestInit_ex(digest, EVP_sha256(), NULL) == 1;
	if (good) {
		digest_text(digest, http_method(request));
		digest_text(digest, http_path(request));
		for (size_t i = 0; http_query_at(request, i, &name, &value); i++) {
			digest_text(digest, name);
			digest_text(digest, value);
		}
		for (size_t i = 0; http_form_at(request, i, &name, &value); i++) {
			digest_text(digest, name);
			digest_text(digest, value);
		}
		if (file) {
			good = digest_file(digest, file);
		} else {
			value = http_body(request, &size);
			EVP_DigestUpdate(digest, value, size);
		}
		good = EVP_DigestFinal_ex(digest, ret_digest, NULL) == 1 && good;
	}
	EVP_MD_CTX_free(digest);
	return good;
}

static bool is_key(const char *text)
{
	size_t size = strlen(text);
	for (size_t i = 0; i < size; i++)
		if (text[i] < 0x21 || text[i] > 0x7e)
			return false;
	return size && size <= API_IDEMPOTENCY_MAX;
}

static void repeat(struct http_request *request, int status, const char *body, size_t size)
{
	struct buf buf = BUF_INIT;
	http_reply_header(request, "Idempotent-Replayed", "true");
	if (!size) {
		http_reply(request, status, NULL, NULL);
		return;
	}
	buf_add(&buf, body, size);
	http_reply(request, status, "application/json", &buf);
}

static bool settle(struct http_request *request, struct call *call, enum idempotent_state state,
	int status, const char *body, size_t size)
{
	switch (state) {
	case IDEMPOTENT_NEW:
		call->running = true;
		return true;
	case IDEMPOTENT_DONE:
		repeat(request, status, body, size);
		return false;
	case IDEMPOTENT_RUNNING:
		http_reply_header(request, "Retry-After", "1");
		api_error(request, 409, "idempotency_running",
			"a request with this Idempotency-Key is still under way",
			"wait a second and send the same again");
		return false;
	case IDEMPOTENT_OTHER:
		break;
	}
	api_error(request, 422, "idempotency_mismatch",
		"this Idempotency-Key was sent with another request before",
		"make a new key, such as a random UUID, for each thing that is to be done");
	return false;
}

bool idempotency_begin(struct http_request *request, struct call *call)
{
	const char *key = http_header(request, "idempotency-key");
	enum idempotent_state state;
	const char *body = NULL;
	struct hilf_err err;
	size_t size = 0;
	int status = 0;
	/* Strangers have no keys of their own, so those of one would be in the way of another. */
	if (!key || call->rule->harmless || call->rule->verb == VERB_PUBLIC ||
		!strcmp(http_method(request), "GET") || !strcmp(http_method(request), "HEAD"))
		return true;
	if (!is_key(key)) {
		api_error(request, 400, "invalid_header",
			"Idempotency-Key is 1 to 128 visible ASCII characters",
			"send a random UUID");
		return false;
	}
	if (!api_on_worker(request))
		return false;
	call->once = (struct idempotent){.actor = call->access.actor.id, .key = key};
	if (!digest_request(request, call->once.request)) {
		api_error(request, 500, "io", "the node could not read the body back", "try again");
		return false;
	}
	if (idempotent_begin(api_hilf(request), &call->once, http_arena(request), &state, &status,
		    &body, &size, &err)) {
		api_fail(request, &err);
		return false;
	}
	return settle(request, call, state, status, body, size);
}

void idempotency_end(struct call *call, int status, const struct buf *body)
{
	bool success = status >= 200 && status < 300 && body && !body->failed;
	if (!call->running)
		return;
	call->running = false;
	/* When this fails, the mark runs out by itself; what was done is done all the same. */
	idempotent_end(call->access.hilf, &call->once, success ? status : 0,
		success ? (body->data ? body->data : "") : "", success ? body->size : 0, NULL);
}
