/* Damerau's distance in its "optimal string alignment" form: insert, delete, replace, swap two neighbours, each costing
 * one. A name is near when a third of its letters at most would have to change, or when the word is how it begins. */
#include "base/nearest.h"

#include <stddef.h>
#include <string.h>

#define WORD_MAX 64 /* longer words are nobody's typing error */

void nearest_init(struct nearest *nearest, const char *word)
{
	*nearest = (struct nearest){.word = word};
}

static unsigned smallest(unsigned a, unsigned b, unsigned c)
{
	unsigned ab = a < b ? a : b;
	return ab < c ? ab : c;
}

static unsigned distance(const char *a, size_t a_size, const char *b, size_t b_size)
{
	unsigned rows[3][WORD_MAX + 1];
	unsigned *before = rows[0], *above = rows[1], *now = rows[2];
	for (size_t j = 0; j <= b_size; j++)
		above[j] = (unsigned)j;
	for (size_t i = 1; i <= a_size; i++) {
		now[0] = (unsigned)i;
		for (size_t j = 1; j <= b_size; j++) {
			now[j] = smallest(above[j] + 1, now[j - 1] + 1,
				above[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
				before[j - 2] + 1 < now[j])
				now[j] = before[j - 2] + 1;
		}
		unsigned *spare = before;
		before = above;
		above = now;
		now = spare;
	}
	return above[b_size];
}

void nearest_try(struct nearest *nearest, const char *name)
{
	size_t word_size = strlen(nearest->word), name_size = strlen(name);
	if (!word_size || word_size > WORD_MAX || name_size > WORD_MAX)
		return;
	unsigned apart = distance(nearest->word, word_size, name, name_size);
	size_t longer = word_size > name_size ? word_size : name_size;
	/* The beginning of a name, from two letters on, is as good as one wrong letter. */
	if (word_size >= 2 && word_size < name_size && !strncmp(nearest->word, name, word_size))
		apart = 1;
	if (apart > (longer < 3 ? 1 : longer / 3) || apart >= longer)
		return;
	if (!nearest->best || apart < nearest->distance) {
		nearest->best = name;
		nearest->distance = apart;
	}
}
