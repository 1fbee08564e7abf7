/* Statements of reasons, in plain words: what was found and how near, under what class and ground, where it applies, that a
 * machine decided, and what can be done about it (Regulation (EU) 2022/2065, article 17; 2021/784, article 11). They name
 * no bank, no member and no uploader. Each language is a row of whole sentences, because grammar does not survive being
 * put together from parts. */
#include "engine/checks_parts.h"

#include "base/check.h"
#include "signal/signal.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

struct words {
	const char *language; /* the primary subtag */
	const char *what;
	const char *same; /* an equal file */
	const char *near; /* bits that differ, of 256, and how many may */
	const char *class_is, *ground_is;
	const char *everywhere, *countries;
	const char *automated;
	const char *appeal; /* day, decision */
	const char *court;
};

/* clang-format off */

/* The formats of a column are the same in every language: a test compares them. */
static const struct words words[] = {
	{
		.language = "en",
		.what = "This content was blocked because it matches an item that is kept here as known terrorist content.",
		.same = "The file is the same as the known item, byte for byte.",
		.near = "Its picture is nearly the same as that of the known item: their fingerprints differ in %u of 256 "
			"bits, and up to %u count as the same picture.",
		.class_is = "The item is kept under the class \"%s\".",
		.ground_is = "The ground is: %s.",
		.everywhere = "The block applies everywhere.",
		.countries = "The block applies in: %s.",
		.automated = "The decision was made by automated means: content was compared with the known items, and no "
			"person looked at it before. Nobody reported it.",
		.appeal = "You can contest this decision, free of charge, until %s. Give its number, %s, and the appeal code "
			"that came with it. A person will look at it then.",
		.court = "You can also turn to a body for settling disputes out of court, or to a court.",
	},
	{
		.language = "fr",
		.what = "Ce contenu a été bloqué parce qu'il correspond à un élément conservé ici comme contenu terroriste connu.",
		.same = "Le fichier est identique à l'élément connu, octet par octet.",
		.near = "Son image est presque identique à celle de l'élément connu : leurs empreintes diffèrent sur %u bits de "
			"256, et jusqu'à %u sont considérés comme la même image.",
		.class_is = "L'élément est conservé dans la catégorie « %s ».",
		.ground_is = "Le fondement est : %s.",
		.everywhere = "Le blocage s'applique partout.",
		.countries = "Le blocage s'applique dans : %s.",
		.automated = "La décision a été prise par des moyens automatisés : le contenu a été comparé aux éléments connus, "
			"et personne ne l'a examiné auparavant. Personne ne l'a signalé.",
		.appeal = "Vous pouvez contester cette décision, gratuitement, jusqu'au %s. Indiquez son numéro, %s, et le code de "
			"recours qui l'accompagne. Une personne l'examinera alors.",
		.court = "Vous pouvez aussi vous adresser à un organe de règlement extrajudiciaire des litiges, ou à un tribunal.",
	},
	{
		.language = "ar",
		.what = "حُجب هذا المحتوى لأنه يطابق مادة محفوظة هنا بوصفها محتوى إرهابيًا معروفًا.",
		.same = "الملف مطابق تمامًا للمادة المعروفة، بايتًا ببايت.",
		.near = "صورته تكاد تطابق صورة المادة المعروفة: تختلف بصمتاهما في %u من 256 بتًا، وما لا يزيد على %u يُعد الصورة "
			"نفسها.",
		.class_is = "المادة محفوظة تحت الفئة \"%s\".",
		.ground_is = "الأساس: %s.",
		.everywhere = "يسري الحجب في كل مكان.",
		.countries = "يسري الحجب في: %s.",
		.automated = "اتُّخذ القرار بوسائل آلية: قورن المحتوى بالمواد المعروفة، ولم ينظر فيه أي شخص قبل ذلك. ولم يبلّغ عنه "
			"أحد.",
		.appeal = "يمكنك الاعتراض على هذا القرار مجانًا حتى %s. اذكر رقمه %s ورمز الاعتراض الذي جاء معه، وعندئذ ينظر فيه "
			"شخص.",
		.court = "ويمكنك أيضًا اللجوء إلى هيئة لتسوية المنازعات خارج المحكمة أو إلى محكمة.",
	},
};

/* clang-format on */

static const struct words *words_of(const char *language)
{
	size_t size = language ? strcspn(language, "-_") : 0;
	for (size_t i = 0; i < COUNT_OF(words) && size == 2; i++)
		if (tolower((unsigned char)language[0]) == words[i].language[0] &&
			tolower((unsigned char)language[1]) == words[i].language[1])
			return &words[i];
	return &words[0];
}

static void sentence(struct buf *buf)
{
	if (buf->size)
		buf_char(buf, ' ');
}

/* Formats of the table above, which the compiler cannot see. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"

static void put_match(const struct words *in, const struct hilf_match *match, struct buf *buf)
{
	sentence(buf);
	if (signal_is_similarity(match->signal_type))
		buf_format(buf, in->near, (unsigned)match->distance, (unsigned)match->threshold);
	else
		buf_text(buf, in->same);
}

static void put_text(const char *format, const char *text, struct buf *buf)
{
	sentence(buf);
	buf_format(buf, format, text);
}

void statement_write(const struct statement *statement, struct buf *buf)
{
	const struct words *in = words_of(statement->language);
	time_t until = (time_t)(statement->appeal_until_ms / 1000);
	char day[24];
	struct tm tm;
	gmtime_r(&until, &tm);
	strftime(day, sizeof day, "%Y-%m-%d", &tm);
	buf_text(buf, in->what);
	if (statement->match)
		put_match(in, statement->match, buf);
	put_text(in->class_is, statement->content_class, buf);
	if (statement->ground[0])
		put_text(in->ground_is, statement->ground, buf);
	if (strcmp(statement->territory, "*") == 0)
		put_text("%s", in->everywhere, buf);
	else
		put_text(in->countries, statement->territory, buf);
	put_text("%s", in->automated, buf);
	sentence(buf);
	buf_format(buf, in->appeal, day, statement->decision);
	put_text("%s", in->court, buf);
}

#pragma GCC diagnostic pop
