/* GET and POST /appeal: the page to which statements of reasons send people who want to contest a decision. It works in any
 * browser, without script, without a cookie and without the console, in English, French and Arabic; it says nothing of who
 * runs the node, and nothing of the content. What people typed is never lost to an error: the form comes back with it. */
#include "http/api/desk.h"

#include "base/check.h"
#include "base/utf8.h"
#include "base/when.h"
#include "wire/percent.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------ words */

struct texts {
	const char *language, *direction, *name;
	const char *title, *intro, *token, *token_hint, *text, *text_hint, *send, *status;
	const char *sent, *sent_more;
	const char *open, *rejected, *upheld, *answer, *not_made; /* not_made: a day */
	const char *no_token, *used, *over, *need_text, *too_long, *loading, *failed;
};

/* clang-format off */
static const struct texts all_texts[] = {
	{
		.language = "en", .direction = "ltr", .name = "English",
		.title = "Contest a decision",
		.intro = "If your content was blocked, removed, restricted or labelled, or your account was suspended, you can contest "
			"that here, free of charge. A person who had no part in the decision will look at it.",
		.token = "Appeal code",
		.token_hint = "It came with the statement of reasons and begins with appeal_",
		.text = "Why is the decision wrong?",
		.text_hint = "Say what the content shows and why you published it. You can write in any language.",
		.send = "Send",
		.status = "What became of my appeal?",
		.sent = "Your appeal has been received.",
		.sent_more = "Keep the appeal code: with it you can ask here what became of it.",
		.open = "Your appeal has been received, and nobody has decided it yet.",
		.rejected = "Your appeal was rejected: the decision stands.",
		.upheld = "Your appeal was upheld: the decision no longer applies to your content.",
		.answer = "The reasons:",
		.not_made = "Nobody has appealed with this code yet. You can until %s.",
		.no_token = "There is no such appeal code. Please copy the whole code from the statement of reasons.",
		.used = "Somebody has appealed with this code already. It can be used once.",
		.over = "This decision cannot be contested here any more: its time is over, or it no longer applies. A body for "
			"settling disputes out of court, or a court, may still help.",
		.need_text = "Please say why the decision is wrong.",
		.too_long = "The text is too long. 5,000 bytes are read, which is about two pages.",
		.loading = "This service is just starting. Please try again in a minute; nothing was sent.",
		.failed = "Something went wrong here, and nothing was sent. Please try again later.",
	},
	{
		.language = "fr", .direction = "ltr", .name = "Français",
		.title = "Contester une décision",
		.intro = "Si votre contenu a été bloqué, retiré, limité ou marqué d'une mention, ou si votre compte a été suspendu, vous "
			"pouvez le contester ici, gratuitement. Une personne qui n'a pas pris part à la décision l'examinera.",
		.token = "Code de recours",
		.token_hint = "Il accompagne l'exposé des motifs et commence par appeal_",
		.text = "Pourquoi la décision est-elle erronée ?",
		.text_hint = "Dites ce que montre le contenu et pourquoi vous l'avez publié. Vous pouvez écrire dans toute langue.",
		.send = "Envoyer",
		.status = "Où en est mon recours ?",
		.sent = "Votre recours a bien été reçu.",
		.sent_more = "Conservez le code de recours : il vous permet de demander ici où en est votre recours.",
		.open = "Votre recours a bien été reçu ; personne ne s'est encore prononcé.",
		.rejected = "Votre recours a été rejeté : la décision est maintenue.",
		.upheld = "Votre recours a été accueilli : la décision ne s'applique plus à votre contenu.",
		.answer = "Les motifs :",
		.not_made = "Personne n'a encore formé de recours avec ce code. Vous le pouvez jusqu'au %s.",
		.no_token = "Ce code de recours n'existe pas. Veuillez copier le code entier de l'exposé des motifs.",
		.used = "Un recours a déjà été formé avec ce code. Il ne sert qu'une fois.",
		.over = "Cette décision ne peut plus être contestée ici : le délai est passé, ou elle ne s'applique plus. Un organe de "
			"règlement extrajudiciaire des litiges, ou un tribunal, peut encore vous aider.",
		.need_text = "Veuillez dire pourquoi la décision est erronée.",
		.too_long = "Le texte est trop long. 5 000 octets sont lus, soit environ deux pages.",
		.loading = "Ce service est en train de démarrer. Veuillez réessayer dans une minute ; rien n'a été envoyé.",
		.failed = "Une erreur s'est produite ici, et rien n'a été envoyé. Veuillez réessayer plus tard.",
	},
	{
		.language = "ar", .direction = "rtl", .name = "العربية",
		.title = "الاعتراض على قرار",
		.intro = "إذا حُجب محتواك أو أُزيل أو قُيّد أو وُضعت عليه علامة، أو عُلّق حسابك، فيمكنك الاعتراض هنا مجانًا. وسينظر في "
			"اعتراضك شخص لم يشارك في القرار.",
		.token = "رمز الاعتراض",
		.token_hint = "جاء مع بيان الأسباب ويبدأ بـ appeal_",
		.text = "لماذا ترى القرار خاطئًا؟",
		.text_hint = "قل ما الذي يظهر في المحتوى ولماذا نشرته. يمكنك الكتابة بأي لغة.",
		.send = "إرسال",
		.status = "ما مصير اعتراضي؟",
		.sent = "وصل اعتراضك.",
		.sent_more = "احتفظ برمز الاعتراض: به تستطيع أن تسأل هنا عمّا آل إليه.",
		.open = "وصل اعتراضك، ولم يبتّ فيه أحد بعد.",
		.rejected = "رُفض اعتراضك: القرار باقٍ.",
		.upheld = "قُبل اعتراضك: لم يعد القرار ساريًا على محتواك.",
		.answer = "الأسباب:",
		.not_made = "لم يعترض أحد بهذا الرمز بعد. يمكنك ذلك حتى %s.",
		.no_token = "لا يوجد رمز اعتراض كهذا. انسخ الرمز كاملًا من بيان الأسباب.",
		.used = "سبق أن قُدّم اعتراض بهذا الرمز، ولا يُستخدم إلا مرة واحدة.",
		.over = "لم يعد ممكنًا الاعتراض على هذا القرار هنا: انقضت مدته أو لم يعد ساريًا. وقد تفيدك هيئة لتسوية المنازعات خارج "
			"المحكمة أو محكمة.",
		.need_text = "قل لماذا ترى القرار خاطئًا.",
		.too_long = "النص أطول مما يُقرأ هنا: 5000 بايت، أي نحو صفحتين.",
		.loading = "هذه الخدمة تبدأ عملها الآن. حاول مرة أخرى بعد دقيقة؛ لم يُرسل شيء.",
		.failed = "حدث خطأ هنا ولم يُرسل شيء. حاول مرة أخرى لاحقًا.",
	},
};

static const char style[] =
	":root{color-scheme:light dark;--ink:#1a1d21;--soft:#4a5158;--page:#fff;--line:#767d85;--key:#0b5cad;--onkey:#fff;"
	"--good:#e7f4ea;--bad:#fbeaea}"
	"@media(prefers-color-scheme:dark){:root{--ink:#eceef0;--soft:#b6bdc4;--page:#15181b;--line:#8b939b;--key:#7db8f2;"
	"--onkey:#10171d;--good:#16301d;--bad:#3d1d1d}}"
	"*{box-sizing:border-box}"
	"body{margin:0;background:var(--page);color:var(--ink);font:1.0625rem/1.55 system-ui,sans-serif}"
	"header,main{max-width:42rem;margin-inline:auto;padding:1rem}"
	"nav{display:flex;gap:1rem;flex-wrap:wrap}"
	"h1{font-size:1.6rem;line-height:1.25}"
	"a{color:var(--key)}"
	"label{display:block;font-weight:600;margin-block-start:1.25rem}"
	".hint{color:var(--soft);margin:.25rem 0 .4rem}"
	"input,textarea{width:100%;font:inherit;color:inherit;background:var(--page);border:1px solid var(--line);"
	"border-radius:.35rem;padding:.6rem}"
	"textarea{min-height:11rem;resize:vertical}"
	".code{font-family:ui-monospace,monospace;direction:ltr;text-align:start}"
	".actions{display:flex;gap:.75rem;flex-wrap:wrap;margin-block-start:1.25rem}"
	"button{font:inherit;font-weight:600;padding:.6rem 1.1rem;border-radius:.35rem;border:1px solid var(--key);"
	"background:var(--key);color:var(--onkey);cursor:pointer;min-height:2.75rem}"
	"button.other{background:transparent;color:var(--key)}"
	"a:focus-visible,input:focus-visible,textarea:focus-visible,button:focus-visible{outline:3px solid var(--key);"
	"outline-offset:2px}"
	".said{border:1px solid var(--line);border-radius:.35rem;padding:.8rem 1rem;margin-block:1rem;background:var(--good)}"
	".wrong{background:var(--bad)}"
	"blockquote{margin:.5rem 0 0;white-space:pre-wrap;overflow-wrap:anywhere}";
/* clang-format on */

static const struct texts *texts_named(const char *language, size_t size)
{
	for (size_t i = 0; i < COUNT_OF(all_texts) && size >= 2; i++)
		if (tolower((unsigned char)language[0]) == all_texts[i].language[0] &&
			tolower((unsigned char)language[1]) == all_texts[i].language[1] &&
			(size == 2 || language[2] == '-'))
			return &all_texts[i];
	return NULL;
}

/* The first of Accept-Language that there is; browsers send them in order. */
static const struct texts *choose(const struct http_request *request, const char *asked)
{
	const char *header = http_header(request, "accept-language");
	const struct texts *found = asked ? texts_named(asked, strlen(asked)) : NULL;
	for (const char *at = header; at && *at && !found;) {
		at += strspn(at, " \t,");
		found = texts_named(at, strcspn(at, " \t,;"));
		at += strcspn(at, ",");
	}
	return found ? found : &all_texts[0];
}

/* ------------------------------------------------------------------------------------------ the page */

static void put(struct buf *buf, const char *text)
{
	for (; *text; text++) {
		if (*text == '&')
			buf_text(buf, "&amp;");
		else if (*text == '<')
			buf_text(buf, "&lt;");
		else if (*text == '>')
			buf_text(buf, "&gt;");
		else if (*text == '"')
			buf_text(buf, "&quot;");
		else if (*text == '\'')
			buf_text(buf, "&#39;");
		else
			buf_char(buf, *text);
	}
}

static void put_tag(struct buf *buf, const char *open, const char *text, const char *close)
{
	buf_text(buf, open);
	put(buf, text);
	buf_text(buf, close);
}

struct shown {
	const struct texts *in;
	const char *token, *text;  /* as they were typed; "" */
	const char *said, *answer; /* what is told; NULL: nothing */
	const char *more;          /* beneath it; or NULL */
	bool wrong, form;
	int status;
};

static void put_languages(struct buf *buf, const struct texts *in)
{
	buf_text(buf, "<header><nav>");
	for (size_t i = 0; i < COUNT_OF(all_texts); i++) {
		const struct texts *other = &all_texts[i];
		if (other == in)
			continue;
		buf_format(buf, "<a href=\"/appeal?lang=%s\" hreflang=\"%s\" lang=\"%s\">",
			other->language, other->language, other->language);
		put_tag(buf, "", other->name, "</a>");
	}
	buf_text(buf, "</nav></header>");
}

static void put_said(struct buf *buf, const struct shown *shown)
{
	if (!shown->said)
		return;
	buf_format(buf, "<div class=\"said%s\" role=\"%s\">", shown->wrong ? " wrong" : "",
		shown->wrong ? "alert" : "status");
	put_tag(buf, "<strong>", shown->said, "</strong>");
	if (shown->more)
		put_tag(buf, "<p>", shown->more, "</p>");
	if (shown->answer) {
		put_tag(buf, "<p>", shown->in->answer, "</p>");
		put_tag(buf, "<blockquote dir=\"auto\">", shown->answer, "</blockquote>");
	}
	buf_text(buf, "</div>");
}

static void put_form(struct buf *buf, const struct shown *shown)
{
	const struct texts *in = shown->in;
	put_tag(buf, "<p>", in->intro, "</p>");
	buf_format(buf,
		"<form method=\"post\" action=\"/appeal\" accept-charset=\"utf-8\">"
		"<input type=\"hidden\" name=\"lang\" value=\"%s\">",
		in->language);
	put_tag(buf, "<label for=\"token\">", in->token, "</label>");
	put_tag(buf, "<p class=\"hint\" id=\"token-hint\">", in->token_hint, "</p>");
	buf_text(buf, "<input class=\"code\" id=\"token\" name=\"token\" required maxlength=\"64\" "
		      "autocomplete=\"off\" spellcheck=\"false\" aria-describedby=\"token-hint\" "
		      "value=\"");
	put_tag(buf, "", shown->token, "\">");
	put_tag(buf, "<label for=\"text\">", in->text, "</label>");
	put_tag(buf, "<p class=\"hint\" id=\"text-hint\">", in->text_hint, "</p>");
	/* A line break right behind the tag is not of the text, so one is given. */
	buf_text(buf, "<textarea id=\"text\" name=\"text\" maxlength=\"5000\" dir=\"auto\" "
		      "aria-describedby=\"text-hint\">\n");
	put_tag(buf, "", shown->text, "</textarea>");
	buf_text(buf, "<div class=\"actions\"><button name=\"do\" value=\"send\">");
	put(buf, in->send);
	buf_text(buf, "</button><button class=\"other\" name=\"do\" value=\"status\">");
	put_tag(buf, "", in->status, "</button></div></form>");
}

static void reply_page(struct http_request *request, const struct shown *shown)
{
	const struct texts *in = shown->in;
	struct buf buf = BUF_INIT;
	uint8_t digest[32];
	char text[48], policy[256];
	EVP_Digest(style, sizeof style - 1, digest, NULL, EVP_sha256(), NULL);
	EVP_EncodeBlock((unsigned char *)text, digest, sizeof digest);
	snprintf(policy, sizeof policy,
		"default-src 'none'; style-src 'sha256-%s'; form-action 'self'; base-uri 'none'; "
		"frame-ancestors 'none'",
		text);
	buf_format(&buf,
		"<!doctype html><html lang=\"%s\" dir=\"%s\"><head><meta charset=\"utf-8\">",
		in->language, in->direction);
	buf_text(&buf, "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
		       "<meta name=\"robots\" content=\"noindex\">");
	put_tag(&buf, "<title>", in->title, "</title>");
	buf_format(&buf, "<style>%s</style></head><body>", style);
	put_languages(&buf, in);
	put_tag(&buf, "<main><h1>", in->title, "</h1>");
	put_said(&buf, shown);
	if (shown->form)
		put_form(&buf, shown);
	buf_text(&buf, "</main></body></html>\n");
	http_reply_header(request, "Content-Security-Policy", policy);
	http_reply_header(request, "Referrer-Policy", "no-referrer");
	http_reply_header(request, "Content-Language", in->language);
	http_reply_header(request, "Vary", "Accept-Language");
	http_reply(request, shown->status, "text/html; charset=utf-8", &buf);
}

void api_appeal_page(struct http_request *request)
{
	const struct shown shown = {.in = choose(request, http_query(request, "lang")),
		.token = "",
		.text = "",
		.form = true,
		.status = 200};
	reply_page(request, &shown);
}

/* ------------------------------------------------------------------------------------------ what it sends */

struct sent {
	const char *token, *text, *language;
	bool status; /* asks what became of it */
};

static const char *without_blanks(struct arena *arena, const char *text)
{
	text += strspn(text, " \t\r\n");
	size_t size = strlen(text);
	while (size && strchr(" \t\r\n", text[size - 1]))
		size--;
	return arena_text(arena, text, size);
}

/* Forms send line ends as CR LF. */
static const char *with_line_ends(struct arena *arena, const char *text)
{
	char *copy = arena_text(arena, text, strlen(text)), *to = copy;
	for (const char *from = copy; from && *from; from++)
		if (from[0] != '\r')
			*to++ = *from;
	if (copy)
		*to = '\0';
	return copy;
}

static bool read_form(struct http_request *request, struct sent *ret_sent)
{
	struct arena *arena = http_arena(request);
	struct sent sent = {.token = "", .text = "", .language = NULL};
	const char *name, *value;
	size_t size, at = 0;
	bool more = true;
	const char *body = http_body(request, &size);
	char *copy = arena_text(arena, body, size);
	while (copy && more) {
		if (percent_query_next(copy, size, &at, &more, &name, &value) != PERCENT_OK)
			return false;
		if (more && strcmp(name, "token") == 0)
			sent.token = without_blanks(arena, value);
		else if (more && strcmp(name, "text") == 0)
			sent.text = with_line_ends(arena, value);
		else if (more && strcmp(name, "lang") == 0)
			sent.language = value;
		else if (more && strcmp(name, "do") == 0)
			sent.status = strcmp(value, "status") == 0;
	}
	*ret_sent = sent;
	return copy && sent.token && sent.text;
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"

static void show_status(struct http_request *request, struct shown *shown)
{
	struct appeal_info info;
	struct hilf_err err;
	int64_t until_ms;
	char day[WHEN_TEXT_SIZE], text[400];
	bool made;
	int rc = appeal_status(api_hilf(request), shown->token, http_arena(request), &made, &info,
		&until_ms, &err);
	if (rc) {
		shown->said = rc == HILF_E_NOT_FOUND ? shown->in->no_token : shown->in->failed;
		shown->wrong = true;
		shown->status = rc == HILF_E_NOT_FOUND ? 404 : 500;
		return;
	}
	if (!made) {
		when_format_day(until_ms, day);
		snprintf(text, sizeof text, shown->in->not_made, day);
		shown->said = arena_text(http_arena(request), text, strlen(text));
		return;
	}
	shown->form = false;
	shown->said = info.outcome == APPEAL_UPHELD     ? shown->in->upheld
		      : info.outcome == APPEAL_REJECTED ? shown->in->rejected
							: shown->in->open;
	shown->answer = *info.answer ? info.answer : NULL;
}

#pragma GCC diagnostic pop

static void show_made(struct http_request *request, struct shown *shown)
{
	struct appeal_info info;
	struct refusal refusal;
	struct hilf_err err;
	int rc = appeal_make(api_hilf(request), shown->token, shown->text, shown->in->language,
		http_arena(request), &info, &refusal, &err);
	shown->wrong = rc != 0;
	if (!rc) {
		shown->form = false;
		shown->said = shown->in->sent;
		shown->more = shown->in->sent_more;
	} else if (rc == HILF_E_NOT_FOUND) {
		shown->said = shown->in->no_token;
		shown->status = 404;
	} else if (refusal.code && strcmp(refusal.code, "token_used") == 0) {
		shown->said = shown->in->used;
		shown->status = 409;
	} else if (refusal.code) {
		shown->said = shown->in->over;
		shown->status = 410;
	} else if (rc == HILF_E_LIMIT) {
		shown->said = shown->in->too_long;
		shown->status = 400;
	} else if (rc == HILF_E_INVALID) {
		shown->said = shown->in->need_text;
		shown->status = 400;
	} else {
		shown->said = shown->in->failed;
		shown->status = 500;
	}
}

void api_appeal_send(struct http_request *request)
{
	struct sent sent;
	struct shown shown = {.status = 200, .form = true};
	if (!read_form(request, &sent)) {
		api_error(request, 400, "bad_form", "the form is not of its form",
			"GET /appeal is the page that sends it");
		return;
	}
	shown.in = choose(request, sent.language);
	shown.token = sent.token;
	shown.text = sent.text;
	if (sent.status)
		show_status(request, &shown);
	else
		show_made(request, &shown);
	reply_page(request, &shown);
}
