/* Folding captions: what Unicode calls compatible letters become one (UAX 15, NFKC, and full case folding, both by utf8proc),
 * except where that would make another number of it; for Arabic what search engines fold (Larkey, Ballesteros and Connell,
 * "Light stemming for Arabic information retrieval", 2007, section 3) without its stemming, and without what tells words
 * apart. Then the words, which blanks part, lose the punctuation at their ends. Links are left as they are: their letters' case and
 * their marks say where they lead. */
#include "engine/caption.h"

#include "base/check.h"
#include "base/utf8.h"

#include <string.h>
#include <utf8proc.h>

/* clang-format off */
/* To one value each. */
static const struct { uint32_t from, to; } same[] = {
	{0x622, 0x627}, {0x623, 0x627}, {0x625, 0x627}, {0x671, 0x627}, /* alef with madda, hamza, wasla */
	{0x6CC, 0x64A}, {0x6A9, 0x643}, /* as keyboards for Persian write yeh and kaf */
	{0x130, 'i'},
	{0x60C, ','}, {0x61B, ';'}, {0x61F, '?'}, {0x6D4, '.'}, {0x66A, '%'}, {0x66B, '.'}, {0x66C, ','},
	{0xB4, '\''}, {0x2018, '\''}, {0x2019, '\''}, {0x201B, '\''}, {0x2BC, '\''},
	{0xAB, '"'}, {0xBB, '"'}, {0x201C, '"'}, {0x201D, '"'}, {0x201E, '"'}, {0x201F, '"'},
	{0x2010, '-'}, {0x2011, '-'}, {0x2012, '-'}, {0x2013, '-'}, {0x2014, '-'}, {0x2015, '-'}, {0x2212, '-'},
	{0x3001, ','}, {0x3002, '.'}, {0xB7, '.'}, {0x2022, '.'},
};
/* Not seen, or seen by those alone who know how to write them. */
static const struct { uint32_t first, last; } unseen[] = {
	{0xAD, 0xAD}, {0x61C, 0x61C}, {0x640, 0x640}, {0x64B, 0x65F}, {0x670, 0x670}, {0x6D6, 0x6DC}, {0x6DF, 0x6E4},
	{0x6E7, 0x6E8}, {0x6EA, 0x6ED}, {0x200B, 0x200F}, {0x202A, 0x202E}, {0x2060, 0x2064}, {0x2066, 0x2069},
	{0xFE00, 0xFE0F}, {0xFEFF, 0xFEFF}, {0xE0000, 0xE007F}, {0xE0100, 0xE01EF},
};
/* clang-format on */

/* Code points, in the order in which they are read. */
struct points {
	struct buf bytes;
};

static size_t count_of(const struct points *points)
{
	return points->bytes.size / sizeof(int32_t);
}

static int32_t *all_of(struct points *points)
{
	return (int32_t *)(void *)points->bytes.data;
}

static void push(struct points *points, int32_t c)
{
	buf_add(&points->bytes, (const char *)&c, sizeof c);
}

static bool is_blank(int32_t c)
{
	return c <= 0x20 || (c >= 0x7F && c <= 0xA0) || c == 0x1680 ||
	       (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
	       c == 0x205F || c == 0x3000;
}

static bool is_unseen(int32_t c)
{
	for (size_t i = 0; i < COUNT_OF(unseen); i++)
		if ((uint32_t)c >= unseen[i].first && (uint32_t)c <= unseen[i].last)
			return true;
	return false;
}

static bool is_digit(int32_t c)
{
	return c >= '0' && c <= '9';
}

/* Anything beyond ASCII counts as one: emoji end words, too. */
static bool is_letter(int32_t c)
{
	return c >= 0x80 || is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Says nothing at the end of a word. Not '?' and '"': who asks or quotes says something else. */
static bool is_mark(int32_t c)
{
	return c == '.' || c == ',' || c == ';' || c == ':' || c == '!' || c == '-';
}

/* Before a digit it makes another number. */
static bool is_sign(int32_t c)
{
	return c == '-' || c == '.' || c == ',';
}

/* ------------------------------------------------------------------------------------------ letters */

static int32_t one_of_same(int32_t c)
{
	if (c < 0x80)
		return c;
	for (size_t i = 0; i < COUNT_OF(same); i++)
		if ((uint32_t)c == same[i].from)
			return (int32_t)same[i].to;
	if (c >= 0x660 && c <= 0x669)
		return '0' + (c - 0x660);
	if (c >= 0x6F0 && c <= 0x6F9)
		return '0' + (c - 0x6F0);
	return c;
}

/* 10² is not 102, and ½ is not 1/2 in 1½. */
static bool may_be_compatible(int32_t c)
{
	const utf8proc_property_t *property = utf8proc_get_property(c);
	return property->category != UTF8PROC_CATEGORY_NO &&
	       property->decomp_type != UTF8PROC_DECOMP_TYPE_SUPER &&
	       property->decomp_type != UTF8PROC_DECOMP_TYPE_SUB &&
	       property->decomp_type != UTF8PROC_DECOMP_TYPE_FRACTION;
}

static void push_folded(struct points *points, int32_t c)
{
	int32_t into[32];
	int class = 0;
	c = one_of_same(c);
	if (c < 0x80) {
		push(points, c >= 'A' && c <= 'Z' ? c + 32 : c);
		return;
	}
	utf8proc_option_t how = UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD;
	if (may_be_compatible(c))
		how |= UTF8PROC_COMPAT;
	utf8proc_ssize_t count = utf8proc_decompose_char(c, into, COUNT_OF(into), how, &class);
	if (count <= 0 || count > (utf8proc_ssize_t)COUNT_OF(into)) {
		push(points, c);
		return;
	}
	for (utf8proc_ssize_t i = 0; i < count; i++)
		if (!is_unseen(into[i]))
			push(points, one_of_same(into[i]));
}

/* Marks above and below one letter in the order that Unicode has for them, then with their letter where there is such a one. */
static void compose(struct points *points, size_t begin)
{
	int32_t *all = all_of(points);
	size_t count = count_of(points);
	if (points->bytes.failed || begin == count)
		return;
	for (size_t i = begin + 1; i < count; i++) {
		int class = utf8proc_get_property(all[i])->combining_class;
		for (size_t at = i; class && at > begin; at--) {
			if (utf8proc_get_property(all[at - 1])->combining_class <= class)
				break;
			int32_t swapped = all[at];
			all[at] = all[at - 1];
			all[at - 1] = swapped;
		}
	}
	utf8proc_ssize_t size = utf8proc_normalize_utf32(
		all + begin, (utf8proc_ssize_t)(count - begin), UTF8PROC_COMPOSE | UTF8PROC_STABLE);
	ASSERT(size >= 0 && (size_t)size <= count - begin);
	points->bytes.size = (begin + (size_t)size) * sizeof(int32_t);
}

/* ------------------------------------------------------------------------------------------ words */

/* "https://x", "t.me/x" */
static bool is_link(const int32_t *word, size_t count)
{
	bool host = false;
	for (size_t i = 1; i + 1 < count; i++) {
		if (i + 2 < count && word[i] == ':' && word[i + 1] == '/' && word[i + 2] == '/')
			return true;
		if (word[i] == '.' && is_letter(word[i - 1]) && is_letter(word[i + 1]))
			host = true;
		else if (word[i] == '/' && host)
			return true;
	}
	return false;
}

static size_t word_end(const int32_t *all, size_t at, size_t count)
{
	while (at < count && !is_blank(all[at]))
		at++;
	return at;
}

/* Takes away the blanks and marks at the end, but for a question mark; where it ends now. */
static size_t draw_near(struct points *to, size_t end)
{
	const int32_t *all = all_of(to);
	bool asks = false;
	while (end && (all[end - 1] == ' ' || is_mark(all[end - 1]) || all[end - 1] == '?'))
		asks = all[--end] == '?' || asks;
	to->bytes.size = end * sizeof(int32_t);
	if (asks)
		push(to, '?');
	return count_of(to);
}

static void fold_letters(struct points *from, struct points *to)
{
	const int32_t *all = all_of(from);
	size_t count = count_of(from);
	for (size_t at = 0; at < count;) {
		if (is_blank(all[at])) {
			push(to, ' ');
			at++;
			continue;
		}
		size_t end = word_end(all, at, count), begin = count_of(to);
		bool link = is_link(all + at, end - at);
		/* French sets its quotation marks apart; « belongs to what comes, » to what was. */
		if (end == at + 1 && all[at] == 0xBB)
			begin = draw_near(to, begin);
		bool opens = end == at + 1 && all[at] == 0xAB;
		for (; at < end; at++) {
			if (link)
				push(to, all[at]);
			else
				push_folded(to, all[at]);
		}
		if (!link)
			compose(to, begin);
		while (opens && at < count && is_blank(all[at]))
			at++;
	}
}

static void put(struct buf *buf, int32_t c)
{
	utf8proc_uint8_t bytes[4];
	buf_add(buf, bytes, (size_t)utf8proc_encode_char(c, bytes));
}

/* A word is [marks and "] what is said [marks, " and ?]. Where what is said does not begin or end with a letter, a smiley
 * say, that end stays as it is. */
struct word {
	const int32_t *all;
	size_t count, from, to; /* what is said: [from, to) */
};

static bool is_tail(const struct word *word, size_t at, bool link)
{
	int32_t c = word->all[at];
	return is_mark(c) || c == '"' || (c == '?' && !link);
}

static struct word part(const int32_t *all, size_t count)
{
	struct word word = {.all = all, .count = count, .to = count};
	bool link = is_link(all, count);
	while (word.to && is_tail(&word, word.to - 1, link))
		word.to--;
	if (word.to && !is_letter(all[word.to - 1]))
		word.to = count;
	while (word.from < word.to && (is_mark(all[word.from]) || all[word.from] == '"'))
		word.from++;
	if (word.from < word.to && !is_letter(all[word.from]))
		word.from = 0;
	else if (word.from < word.to && is_digit(all[word.from]))
		while (word.from && is_sign(all[word.from - 1]))
			word.from--;
	return word;
}

static void put_word(struct buf *buf, size_t begin, const int32_t *all, size_t count)
{
	const struct word word = part(all, count);
	bool quotes = false, asks = false;
	for (size_t i = 0; i < count; i++) {
		quotes = quotes || all[i] == '"';
		asks = asks || all[i] == '?';
	}
	bool said = word.from < word.to;
	if (!said && !quotes && !asks)
		return;
	/* French sets the question mark apart, others do not. */
	if ((said || quotes) && buf->size > begin)
		buf_char(buf, ' ');
	for (size_t i = 0; i < word.from; i++)
		if (all[i] == '"')
			put(buf, '"');
	for (size_t i = word.from; i < word.to; i++)
		put(buf, all[i]);
	for (size_t i = word.to; i < count; i++) {
		bool again = all[i] == '?' && !buf->failed && buf->size > begin &&
			     buf->data[buf->size - 1] == '?';
		if (!is_mark(all[i]) && !again)
			put(buf, all[i]);
	}
}

void caption_fold(const char *text, struct buf *buf)
{
	struct points raw = {BUF_INIT}, folded = {BUF_INIT};
	size_t left = text ? strlen(text) : 0, begin = buf->size;
	while (left) {
		uint32_t c;
		size_t size = utf8_next(text, left, &c);
		if (!size) { /* not UTF-8: as it is */
			c = 0xFFFD;
			size = 1;
		}
		text += size;
		left -= size;
		if (!is_unseen((int32_t)c))
			push(&raw, (int32_t)c);
	}
	if (!raw.bytes.failed)
		fold_letters(&raw, &folded);
	if (raw.bytes.failed || folded.bytes.failed)
		buf->failed = true;
	const int32_t *all = all_of(&folded);
	size_t count = folded.bytes.failed ? 0 : count_of(&folded);
	for (size_t at = 0; at < count;) {
		size_t end = word_end(all, at, count);
		if (end > at)
			put_word(buf, begin, all + at, end - at);
		at = end + (end < count);
	}
	buf_free(&raw.bytes);
	buf_free(&folded.bytes);
}
