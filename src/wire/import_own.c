/* Labels of our own, read from a row and written for one. */
#include "wire/import_own.h"

#include "base/err.h"

#include <string.h>

bool import_is_own(const struct hilf_label *label)
{
	return !strncmp(label->key, IMPORT_OWN_PREFIX, strlen(IMPORT_OWN_PREFIX));
}

static int take(struct import_own *own, const struct hilf_label *label, struct hilf_err *err)
{
	const struct {
		const char *key;
		const char **value;
	} keys[] = {{"class", &own->content_class}, {"ground", &own->ground},
		{"ground2", &own->ground2}, {"expires", &own->expires}, {"entry", &own->entry}};
	const char *key = label->key + strlen(IMPORT_OWN_PREFIX);
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (!strcmp(keys[i].key, key)) {
			*keys[i].value = label->value;
			return 0;
		}
	return err_set(err, HILF_E_INVALID,
		"there is no '%.40s': hilf's own labels are hilf.class, hilf.entry, hilf.expires, "
		"hilf.ground and hilf.ground2",
		label->key);
}

int import_own_read(const struct import_row *row, struct import_own *ret_own, struct hilf_err *err)
{
	struct import_own own = {0};
	for (size_t i = 0; i < row->label_count; i++) {
		int rc = import_is_own(&row->labels[i]) ? take(&own, &row->labels[i], err) : 0;
		if (rc)
			return rc;
	}
	*ret_own = own;
	return 0;
}

void import_ground_split(
	const char *ground, char ret_first[IMPORT_GROUND_SIZE], char ret_second[IMPORT_GROUND_SIZE])
{
	size_t size = strnlen(ground, LIMIT_GROUND), first = size;
	if (first > LIMIT_LABEL_VALUE)
		for (first = LIMIT_LABEL_VALUE; ((unsigned char)ground[first] & 0xc0) == 0x80;)
			first--;
	memcpy(ret_first, ground, first);
	ret_first[first] = '\0';
	memcpy(ret_second, ground + first, size - first);
	ret_second[size - first] = '\0';
	for (char *parts[] = {ret_first, ret_second, NULL}, **part = parts; *part; part++)
		for (char *c = *part; *c; c++)
			if (*c == ' ')
				*c = '_';
}

bool import_ground_join(const char *first, const char *second, char *ret_ground)
{
	size_t first_size = strlen(first), second_size = second ? strlen(second) : 0;
	if (first_size + second_size > LIMIT_GROUND)
		return false;
	memcpy(ret_ground, first, first_size);
	memcpy(ret_ground + first_size, second ? second : "", second_size);
	ret_ground[first_size + second_size] = '\0';
	for (char *c = ret_ground; *c; c++)
		if (*c == '_')
			*c = ' ';
	return true;
}
