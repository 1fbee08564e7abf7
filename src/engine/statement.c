/* The sentences of statements of reasons (Regulation (EU) 2022/2065, article 17; 2021/784, article 11). Each language is a
 * row of whole sentences, because grammar does not survive being put together from parts. */
#include "engine/statement.h"

#include "base/check.h"
#include "base/when.h"
#include "signal/signal.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define CLASS_COUNT 7u /* without "unclassified" */

struct words {
	const char *language;             /* the primary subtag */
	const char *blocked;              /* what an automated decision did, and why */
	const char *actions[4];           /* label, restrict, remove, suspend */
	const char *classes[CLASS_COUNT]; /* in the order of hilf_class_name from 1 */
	const char *matches;              /* a person's decision on a known item */
	const char *same;                 /* an equal file */
	const char *near;                 /* bits that differ, of 256, and how many may */
	const char *class_is, *ground_is;
	const char *source_human, *source_import, *source_automated, *source_shared;
	const char *law, *law_article, *terms, *terms_article;
	const char *reasons; /* free text */
	const char *block_everywhere, *block_countries, *everywhere, *countries;
	const char *until, *no_end;
	const char *automated, *by_person, *by_person_found, *by_person_reported;
	const char *by_machine, *by_machine_reported;
	const char *appeal, *appeal_at; /* day, decision; and the address */
	const char *court;
};

/* clang-format off */

/* The formats of a column are the same in every language: a test compares them. */
static const struct words words[] = {
	{
		.language = "en",
		.blocked = "This content was blocked because it matches an item that is kept here as known terrorist content.",
		.actions = {
			"A label was put on this content.",
			"This content was restricted: fewer people can find or see it.",
			"This content was removed.",
			"The account that published it was suspended.",
		},
		.classes = {
			"incitement to terrorism",
			"asking others to commit a terrorist offence",
			"asking others to take part in the activities of a terrorist group",
			"instructions for making or using weapons or explosives",
			"a threat to commit a terrorist offence",
			"content made by the perpetrators of an attack",
			"an official publication of an organisation that is designated as terrorist",
		},
		.matches = "It matches an item that is kept here as known terrorist content.",
		.same = "The file is the same as the known item, byte for byte.",
		.near = "Its picture is nearly the same as that of the known item: their fingerprints differ in %u of 256 "
			"bits, and up to %u count as the same picture.",
		.class_is = "The item is kept as: %s.",
		.ground_is = "The item is kept on this ground: %s.",
		.source_human = "A person here entered the item after looking at it.",
		.source_import = "The item came from a list that was taken over as a whole.",
		.source_automated = "The item was entered by automated means.",
		.source_shared = "The item was shared by another organisation.",
		.law = "The ground is the law.",
		.law_article = "The ground is the law: %s.",
		.terms = "The ground is the terms of service.",
		.terms_article = "The ground is the terms of service: %s.",
		.reasons = "The reasons: %s",
		.block_everywhere = "The block applies everywhere.",
		.block_countries = "The block applies in: %s.",
		.everywhere = "The decision applies everywhere.",
		.countries = "The decision applies in: %s.",
		.until = "It applies until %s.",
		.no_end = "It has no end date.",
		.automated = "The decision was made by automated means: content was compared with the known items, and no "
			"person looked at it before. Nobody reported it.",
		.by_person = "A person made the decision.",
		.by_person_found = "A person made the decision. Automated means were used only to find the content; nobody "
			"reported it.",
		.by_person_reported = "A person made the decision, after somebody reported the content.",
		.by_machine = "The decision was made by automated means; no person is known to have looked at it before.",
		.by_machine_reported = "The decision was made by automated means, after somebody reported the content; no "
			"person is known to have looked at it before.",
		.appeal = "You can contest this decision, free of charge, until %s. Give its number, %s, and the appeal code "
			"that came with it. A person who had no part in it will look at it then.",
		.appeal_at = "You can contest this decision, free of charge, until %s. Its number is %s. Go to %s with the appeal "
			"code that came with it. A person who had no part in it will look at it then.",
		.court = "You can also turn to a body for settling disputes out of court, or to a court.",
	},
	{
		.language = "fr",
		.blocked = "Ce contenu a été bloqué parce qu'il correspond à un élément conservé ici comme contenu terroriste connu.",
		.actions = {
			"Une mention a été apposée sur ce contenu.",
			"La visibilité de ce contenu a été limitée : moins de personnes peuvent le trouver ou le voir.",
			"Ce contenu a été retiré.",
			"Le compte qui l'a publié a été suspendu.",
		},
		.classes = {
			"incitation au terrorisme",
			"sollicitation à commettre une infraction terroriste",
			"sollicitation à participer aux activités d'un groupe terroriste",
			"instructions pour fabriquer ou utiliser des armes ou des explosifs",
			"menace de commettre une infraction terroriste",
			"contenu produit par les auteurs d'un attentat",
			"publication officielle d'une organisation désignée comme terroriste",
		},
		.matches = "Il correspond à un élément conservé ici comme contenu terroriste connu.",
		.same = "Le fichier est identique à l'élément connu, octet par octet.",
		.near = "Son image est presque identique à celle de l'élément connu : leurs empreintes diffèrent sur %u bits de "
			"256, et jusqu'à %u sont considérés comme la même image.",
		.class_is = "L'élément est conservé à ce titre : %s.",
		.ground_is = "L'élément est conservé sur ce fondement : %s.",
		.source_human = "Une personne a enregistré cet élément ici après l'avoir examiné.",
		.source_import = "Cet élément provient d'une liste reprise en bloc.",
		.source_automated = "Cet élément a été enregistré par des moyens automatisés.",
		.source_shared = "Cet élément a été partagé par une autre organisation.",
		.law = "Le fondement est la loi.",
		.law_article = "Le fondement est la loi : %s.",
		.terms = "Le fondement est constitué par les conditions d'utilisation.",
		.terms_article = "Le fondement est constitué par les conditions d'utilisation : %s.",
		.reasons = "Les motifs : %s",
		.block_everywhere = "Le blocage s'applique partout.",
		.block_countries = "Le blocage s'applique dans : %s.",
		.everywhere = "La décision s'applique partout.",
		.countries = "La décision s'applique dans : %s.",
		.until = "Elle s'applique jusqu'au %s.",
		.no_end = "Elle n'a pas de date de fin.",
		.automated = "La décision a été prise par des moyens automatisés : le contenu a été comparé aux éléments connus, "
			"et personne ne l'a examiné auparavant. Personne ne l'a signalé.",
		.by_person = "Une personne a pris la décision.",
		.by_person_found = "Une personne a pris la décision. Des moyens automatisés n'ont servi qu'à trouver le contenu ; "
			"personne ne l'a signalé.",
		.by_person_reported = "Une personne a pris la décision, après un signalement du contenu.",
		.by_machine = "La décision a été prise par des moyens automatisés ; à notre connaissance, personne ne l'a examinée "
			"auparavant.",
		.by_machine_reported = "La décision a été prise par des moyens automatisés, après un signalement du contenu ; à notre "
			"connaissance, personne ne l'a examinée auparavant.",
		.appeal = "Vous pouvez contester cette décision, gratuitement, jusqu'au %s. Indiquez son numéro, %s, et le code de "
			"recours qui l'accompagne. Une personne qui n'y a pas pris part l'examinera alors.",
		.appeal_at = "Vous pouvez contester cette décision, gratuitement, jusqu'au %s. Son numéro est %s. Rendez-vous sur %s "
			"avec le code de recours qui l'accompagne. Une personne qui n'y a pas pris part l'examinera alors.",
		.court = "Vous pouvez aussi vous adresser à un organe de règlement extrajudiciaire des litiges, ou à un tribunal.",
	},
	{
		.language = "ar",
		.blocked = "حُجب هذا المحتوى لأنه يطابق مادة محفوظة هنا بوصفها محتوى إرهابيًا معروفًا.",
		.actions = {
			"وُضعت علامة تنبيه على هذا المحتوى.",
			"قُيّد ظهور هذا المحتوى: صار عدد أقل من الناس يجده أو يراه.",
			"أُزيل هذا المحتوى.",
			"عُلّق الحساب الذي نشره.",
		},
		.classes = {
			"التحريض على الإرهاب",
			"حضّ الغير على ارتكاب جريمة إرهابية",
			"حضّ الغير على المشاركة في أنشطة جماعة إرهابية",
			"تعليمات لصنع أسلحة أو متفجرات أو استخدامها",
			"التهديد بارتكاب جريمة إرهابية",
			"محتوى أنتجه منفذو هجوم",
			"منشور رسمي لمنظمة مصنفة إرهابية",
		},
		.matches = "وهو يطابق مادة محفوظة هنا بوصفها محتوى إرهابيًا معروفًا.",
		.same = "الملف مطابق تمامًا للمادة المعروفة، بايتًا ببايت.",
		.near = "صورته تكاد تطابق صورة المادة المعروفة: تختلف بصمتاهما في %u من 256 بتًا، وما لا يزيد على %u يُعد الصورة "
			"نفسها.",
		.class_is = "المادة محفوظة بوصفها: %s.",
		.ground_is = "أساس حفظ المادة: %s.",
		.source_human = "أدخل شخص هنا هذه المادة بعد أن اطّلع عليها.",
		.source_import = "جاءت المادة من قائمة أُخذت كاملة.",
		.source_automated = "أُدخلت المادة بوسائل آلية.",
		.source_shared = "شاركت المادةَ جهة أخرى.",
		.law = "الأساس هو القانون.",
		.law_article = "الأساس هو القانون: %s.",
		.terms = "الأساس هو شروط الاستخدام.",
		.terms_article = "الأساس هو شروط الاستخدام: %s.",
		.reasons = "الأسباب: %s",
		.block_everywhere = "يسري الحجب في كل مكان.",
		.block_countries = "يسري الحجب في: %s.",
		.everywhere = "يسري القرار في كل مكان.",
		.countries = "يسري القرار في: %s.",
		.until = "ويسري حتى %s.",
		.no_end = "وليس له تاريخ انتهاء.",
		.automated = "اتُّخذ القرار بوسائل آلية: قورن المحتوى بالمواد المعروفة، ولم ينظر فيه أي شخص قبل ذلك. ولم يبلّغ عنه "
			"أحد.",
		.by_person = "اتخذ القرارَ شخص.",
		.by_person_found = "اتخذ القرارَ شخص. ولم تُستخدم الوسائل الآلية إلا للعثور على المحتوى، ولم يبلّغ عنه أحد.",
		.by_person_reported = "اتخذ القرارَ شخص، بعد أن بُلّغ عن المحتوى.",
		.by_machine = "اتُّخذ القرار بوسائل آلية، ولا نعلم أن أي شخص نظر فيه قبل ذلك.",
		.by_machine_reported = "اتُّخذ القرار بوسائل آلية بعد أن بُلّغ عن المحتوى، ولا نعلم أن أي شخص نظر فيه قبل ذلك.",
		.appeal = "يمكنك الاعتراض على هذا القرار مجانًا حتى %s. اذكر رقمه %s ورمز الاعتراض الذي جاء معه، وعندئذ ينظر فيه "
			"شخص لم يشارك فيه.",
		.appeal_at = "يمكنك الاعتراض على هذا القرار مجانًا حتى %s. رقمه %s. اذهب إلى %s ومعك رمز الاعتراض الذي جاء معه، "
			"وعندئذ ينظر فيه شخص لم يشارك فيه.",
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

const char *statement_language(const char *language)
{
	return words_of(language)->language;
}

bool statement_is_due(unsigned actions)
{
	return (actions & (ACTION_LABEL | ACTION_RESTRICT | ACTION_REMOVE | ACTION_SUSPEND)) != 0;
}

/* ------------------------------------------------------------------------------------------ sentences */

static bool is_said(const char *text)
{
	return text && *text;
}

static void sentence(struct buf *buf)
{
	if (buf->size)
		buf_char(buf, ' ');
}

static void put(const char *text, struct buf *buf)
{
	sentence(buf);
	buf_text(buf, text);
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

static void put_class(const struct words *in, const char *content_class, struct buf *buf)
{
	for (unsigned i = 0; i < CLASS_COUNT && content_class; i++)
		if (strcmp(content_class, hilf_class_name(i + 1)) == 0)
			put_text(in->class_is, in->classes[i], buf);
}

static void put_source(const struct words *in, const struct statement *statement, struct buf *buf)
{
	if (statement->shared)
		put(in->source_shared, buf);
	else if (statement->source == SOURCE_HUMAN)
		put(in->source_human, buf);
	else if (statement->source == SOURCE_IMPORT)
		put(in->source_import, buf);
	else if (statement->source == SOURCE_AUTOMATED)
		put(in->source_automated, buf);
}

static void put_entry(const struct words *in, const struct statement *statement, struct buf *buf)
{
	if (statement->match)
		put_match(in, statement->match, buf);
	put_class(in, statement->content_class, buf);
	if (is_said(statement->entry_ground))
		put_text(in->ground_is, statement->entry_ground, buf);
	put_source(in, statement, buf);
}

static void put_where(const struct words *in, const struct statement *statement, struct buf *buf)
{
	bool block = statement->automated;
	if (strcmp(statement->territory, "*") == 0)
		put(block ? in->block_everywhere : in->everywhere, buf);
	else
		put_text(block ? in->block_countries : in->countries, statement->territory, buf);
}

static void put_appeal(const struct words *in, const struct statement *statement, struct buf *buf)
{
	char day[WHEN_TEXT_SIZE];
	when_format_day(statement->appeal_until_ms, day);
	sentence(buf);
	if (is_said(statement->appeal_url))
		buf_format(buf, in->appeal_at, day, statement->decision, statement->appeal_url);
	else
		buf_format(buf, in->appeal, day, statement->decision);
	put(in->court, buf);
}

/* A person's: what was done, on what ground and why, how the content was found, where, how long, by whom. */
static void put_person(const struct words *in, const struct statement *statement, struct buf *buf)
{
	bool law = statement->basis == BASIS_LAW, article = is_said(statement->article);
	char day[WHEN_TEXT_SIZE];
	for (unsigned i = 0; i < COUNT_OF(in->actions); i++)
		if (statement->actions >> i & 1)
			put(in->actions[i], buf);
	if (article)
		put_text(law ? in->law_article : in->terms_article, statement->article, buf);
	else
		put(law ? in->law : in->terms, buf);
	if (is_said(statement->text))
		put_text(in->reasons, statement->text, buf);
	if (statement->on_entry) {
		put(in->matches, buf);
		put_entry(in, statement, buf);
	}
	put_where(in, statement, buf);
	when_format_day(statement->until_ms, day);
	if (statement->until_ms)
		put_text(in->until, day, buf);
	else
		put(in->no_end, buf);
	if (statement->by_machine)
		put(statement->reported ? in->by_machine_reported : in->by_machine, buf);
	else if (statement->reported)
		put(in->by_person_reported, buf);
	else
		put(statement->on_entry ? in->by_person_found : in->by_person, buf);
}

#pragma GCC diagnostic pop

void statement_write(const struct statement *statement, struct buf *buf)
{
	const struct words *in = words_of(statement->language);
	_Static_assert(ACTION_LABEL == 1 && ACTION_SUSPEND == 8, "in the order of words.actions");
	if (statement->automated) {
		put(in->blocked, buf);
		put_entry(in, statement, buf);
		put_where(in, statement, buf);
		put(in->automated, buf);
	} else {
		put_person(in, statement, buf);
	}
	put_appeal(in, statement, buf);
}
