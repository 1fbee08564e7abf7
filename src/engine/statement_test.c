/* Statements of reasons, whole: what a person reads, in each language. */
#include "engine/statement.h"
#include "test/unit.h"

#include <string.h>

#define APPEAL_MS 1811030400000ll /* 2027-05-23 */
#define ID        "01a2006e-c98f-7f7c-916a-7f417dc7d605"

static const struct hilf_match near_match = {
	.signal_type = HILF_PDQ, .distance = 12, .threshold = 31};

static char *written(const struct statement *statement)
{
	struct buf buf = BUF_INIT;
	statement_write(statement, &buf);
	assert_false(buf.failed);
	return buf.data;
}

static void reads(const struct statement *statement, const char *expected)
{
	char *text = written(statement);
	assert_string_equal(text, expected);
	free(text);
}

static struct statement person(const char *language)
{
	return (struct statement){.language = language,
		.decision = ID,
		.appeal_until_ms = APPEAL_MS,
		.appeal_url = "https://hilf.example/appeal",
		.on_entry = true,
		.content_class = "incitement",
		.source = SOURCE_HUMAN,
		.shared = true,
		.actions = ACTION_REMOVE | ACTION_SUSPEND | ACTION_REFER | ACTION_PRESERVE,
		.basis = BASIS_LAW,
		.article = "Regulation (EU) 2021/784, article 5",
		.text = "It praises the attack.",
		.territory = "DE, FR",
		.until_ms = 1811116800000ll};
}

static void a_person_is_told_what_was_decided_and_what_can_be_done(void **state)
{
	(void)state;
	struct statement en = person("en-GB"), fr = person("fr"), ar = person("ar-EG");
	reads(&en, "This content was removed. The account that published it was suspended. The "
		   "ground is "
		   "the law: Regulation (EU) 2021/784, article 5. The reasons: It praises the "
		   "attack. It "
		   "matches an item that is kept here as known terrorist content. The item is kept "
		   "as: "
		   "incitement to terrorism. The item was shared by another organisation. The "
		   "decision "
		   "applies in: DE, FR. It applies until 2027-05-24. A person made the decision. "
		   "Automated "
		   "means were used only to find the content; nobody reported it. You can contest "
		   "this "
		   "decision, free of charge, until 2027-05-23. Its number is " ID
		   ". Go to https://hilf.example/appeal with the appeal code that came with it. A "
		   "person "
		   "who had no part in it will look at it then. You can also turn to a body for "
		   "settling "
		   "disputes out of court, or to a court.");
	reads(&fr, "Ce contenu a été retiré. Le compte qui l'a publié a été suspendu. Le fondement "
		   "est la loi : "
		   "Regulation (EU) 2021/784, article 5. Les motifs : It praises the attack. Il "
		   "correspond à un "
		   "élément conservé ici comme contenu terroriste connu. L'élément est conservé à "
		   "ce titre : "
		   "incitation au terrorisme. Cet élément a été partagé par une autre "
		   "organisation. La décision "
		   "s'applique dans : DE, FR. Elle s'applique jusqu'au 2027-05-24. Une personne a "
		   "pris la décision. "
		   "Des moyens automatisés n'ont servi qu'à trouver le contenu ; personne ne l'a "
		   "signalé. Vous "
		   "pouvez contester cette décision, gratuitement, jusqu'au 2027-05-23. Son numéro "
		   "est " ID ". Rendez-vous sur https://hilf.example/appeal avec le code de "
		   "recours qui l'accompagne. Une "
		   "personne qui n'y a pas pris part l'examinera alors. Vous pouvez aussi vous "
		   "adresser à un organe "
		   "de règlement extrajudiciaire des litiges, ou à un tribunal.");
	reads(&ar, "أُزيل هذا المحتوى. عُلّق الحساب الذي نشره. الأساس هو القانون: Regulation (EU) "
		   "2021/784, article 5. "
		   "الأسباب: It praises the attack. وهو يطابق مادة محفوظة هنا بوصفها محتوى إرهابيًا "
		   "معروفًا. المادة محفوظة "
		   "بوصفها: التحريض على الإرهاب. شاركت المادةَ جهة أخرى. يسري القرار في: DE, FR. "
		   "ويسري حتى 2027-05-24. "
		   "اتخذ القرارَ شخص. ولم تُستخدم الوسائل الآلية إلا للعثور على المحتوى، ولم يبلّغ "
		   "عنه أحد. يمكنك الاعتراض على "
		   "هذا القرار مجانًا حتى 2027-05-23. رقمه " ID
		   ". اذهب إلى https://hilf.example/appeal ومعك رمز الاعتراض الذي جاء معه، وعندئذ "
		   "ينظر فيه شخص لم يشارك فيه. "
		   "ويمكنك أيضًا اللجوء إلى هيئة لتسوية المنازعات خارج المحكمة أو إلى محكمة.");
}

static void what_was_reported_says_so_and_what_has_no_end_too(void **state)
{
	(void)state;
	const struct statement statement = {.language = "en",
		.decision = ID,
		.appeal_until_ms = APPEAL_MS,
		.actions = ACTION_LABEL | ACTION_RESTRICT,
		.basis = BASIS_TERMS,
		.reported = true,
		.territory = "*"};
	reads(&statement,
		"A label was put on this content. This content was restricted: fewer people can "
		"find or see it. "
		"The ground is the terms of service. The decision applies everywhere. It has no "
		"end date. A "
		"person made the decision, after somebody reported the content. You can contest "
		"this decision, "
		"free of charge, until 2027-05-23. Give its number, " ID
		", and the appeal code that came with it. A person who had no part in it will look "
		"at it then. "
		"You can also turn to a body for settling disputes out of court, or to a court.");
}

static void an_automated_block_says_so(void **state)
{
	(void)state;
	const struct statement statement = {.language = "tlh",
		.decision = ID,
		.appeal_until_ms = APPEAL_MS,
		.automated = true,
		.on_entry = true,
		.match = &near_match,
		.content_class = "unclassified",
		.entry_ground = "list of 2026",
		.source = SOURCE_IMPORT,
		.territory = "*"};
	reads(&statement,
		"This content was blocked because it matches an item that is kept here as known "
		"terrorist "
		"content. Its picture is nearly the same as that of the known item: their "
		"fingerprints differ in "
		"12 of 256 bits, and up to 31 count as the same picture. The item is kept on this "
		"ground: list "
		"of 2026. The item came from a list that was taken over as a whole. The block "
		"applies "
		"everywhere. The decision was made by automated means: content was compared with "
		"the known "
		"items, and no person looked at it before. Nobody reported it. You can contest "
		"this decision, "
		"free of charge, until 2027-05-23. Give its number, " ID
		", and the appeal code that came with it. A person who had no part in it will look "
		"at it then. "
		"You can also turn to a body for settling disputes out of court, or to a court.");
}

/* What the compiler cannot see: every language takes the same arguments in the same order. */
static void every_language_says_everything(void **state)
{
	static const char *const languages[] = {"en", "fr", "ar"};
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		for (unsigned class = 0; hilf_class_name(class); class ++) {
			for (unsigned source = 0; source <= SOURCE_AUTOMATED; source++) {
				struct statement statement = person(languages[i]);
				statement.content_class = hilf_class_name(class);
				statement.entry_ground = "GROUND";
				statement.source = (enum record_source)source;
				statement.match = &near_match;
				statement.shared = false;
				char *text = written(&statement);
				assert_non_null(strstr(text, "GROUND"));
				assert_non_null(strstr(text, "31"));
				assert_non_null(strstr(text, ID));
				assert_null(strstr(text, "(null)"));
				assert_null(strchr(text, '%'));
				assert_null(strstr(text, "  "));
				free(text);
			}
		}
		assert_string_equal(statement_language(languages[i]), languages[i]);
	}
	assert_string_equal(statement_language(NULL), "en");
	assert_string_equal(statement_language("FR_ca"), "fr");
	assert_string_equal(statement_language("french"), "en");
}

static void nobody_is_told_of_what_changes_nothing_for_them(void **state)
{
	(void)state;
	assert_false(statement_is_due(0));
	assert_false(statement_is_due(ACTION_REFER | ACTION_PRESERVE));
	assert_true(statement_is_due(ACTION_LABEL | ACTION_REFER));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_person_is_told_what_was_decided_and_what_can_be_done),
		cmocka_unit_test(what_was_reported_says_so_and_what_has_no_end_too),
		cmocka_unit_test(an_automated_block_says_so),
		cmocka_unit_test(every_language_says_everything),
		cmocka_unit_test(nobody_is_told_of_what_changes_nothing_for_them),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
