/* Did you mean ...? The nearest of some names to a mistyped word, by the edits that fingers make. */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

struct nearest {
	const char *word;
	const char *best; /* NULL until a name was near enough */
	unsigned distance;
};

void nearest_init(struct nearest *nearest, const char *word);
/* Considers a name, which must live as long as the answer is used. */
void nearest_try(struct nearest *nearest, const char *name);

#endif
