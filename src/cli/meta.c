/* Options into struct hilf_entry_meta. The library checks the same rules; here they are checked before the first file is
 * decoded, with the option's name in the message. */
#include "cli/meta.h"

#include "base/err.h"
#include "base/nearest.h"
#include "cli/when.h"
#include "os/clock.h"
#include "wire/record.h"

#include <stdlib.h>
#include <string.h>

void meta_free(struct meta *meta)
{
	for (size_t i = 0; i < LIMIT_LABELS; i++)
		free(meta->texts[i]);
}

int meta_check_class(const char *name, struct hilf_err *err)
{
	struct nearest nearest;
	const char *known;
	char all[400] = "";
	nearest_init(&nearest, name);
	for (unsigned i = 0; (known = hilf_class_name(i)); i++) {
		if (!strcmp(known, name))
			return 0;
		nearest_try(&nearest, known);
		if (i)
			strncat(all, ", ", sizeof all - strlen(all) - 1);
		strncat(all, known, sizeof all - strlen(all) - 1);
	}
	if (nearest.best)
		return err_set(err, HILF_E_INVALID, "there is no class '%.40s'; did you mean '%s'?",
			name, nearest.best);
	return err_set(err, HILF_E_INVALID, "there is no class '%.40s'; there are: %s", name, all);
}

static int add_label(struct meta *meta, const char *text, struct hilf_err *err)
{
	const char *equals = strchr(text, '=');
	size_t count = meta->meta.label_count;
	if (!equals)
		return err_set(err, HILF_E_INVALID,
			"--label is KEY=VALUE, such as event=paris, not '%.80s'", text);
	if (!strncmp(text, META_PREFIX, strlen(META_PREFIX)))
		return err_set(err, HILF_E_INVALID,
			"--label %.80s: keys that begin with '" META_PREFIX
			"' are hilf's own; take another",
			text);
	if (count == LIMIT_LABELS)
		return err_set(err, HILF_E_LIMIT, "an entry has %u labels at most", LIMIT_LABELS);
	char *key = meta->texts[count] = strdup(text);
	if (!key)
		return err_no_memory(err);
	key[equals - text] = '\0';
	for (size_t i = 0; i < count; i++)
		if (!strcmp(meta->labels[i].key, key))
			return err_set(err, HILF_E_INVALID,
				"--label %.40s is there twice; a label has one value", key);
	meta->labels[count] = (struct hilf_label){key, key + (equals - text) + 1};
	meta->meta.label_count++;
	return record_check_label(&meta->labels[count], err);
}

int meta_read_said(const struct arguments *arguments, struct meta *ret_meta, struct hilf_err *err)
{
	struct hilf_entry_meta *meta = &ret_meta->meta;
	const char *label;
	int rc = 0;
	*ret_meta = (struct meta){.meta = {.labels = ret_meta->labels}};
	for (size_t i = 0; !rc && (label = arguments_nth(arguments, "label", i)); i++)
		rc = add_label(ret_meta, label, err);
	meta->content_class = arguments_value(arguments, "class");
	if (!rc && meta->content_class)
		rc = meta_check_class(meta->content_class, err);
	meta->ground = arguments_value(arguments, "ground");
	if (!rc && meta->ground)
		rc = record_check_ground(meta->ground, err);
	return rc;
}

int meta_read(const struct arguments *arguments, const char *source, struct meta *ret_meta,
	struct hilf_err *err)
{
	const char *expires = arguments_value(arguments, "expires");
	int rc = meta_read_said(arguments, ret_meta, err);
	ret_meta->meta.source = source;
	if (!rc && expires)
		rc = when_parse_expiry(
			"--expires", expires, clock_now_ms(), &ret_meta->meta.expires_ms, err);
	return rc;
}

void meta_note_already(struct cli *cli, const struct meta *meta, uint64_t already_count)
{
	const struct hilf_entry_meta *said = &meta->meta;
	if (!already_count ||
		!(said->label_count || said->content_class || said->ground || said->expires_ms))
		return;
	cli_note(cli, "what is there already stays as it is, with its own labels, class, ground "
		      "and expiry; "
		      "'hilf entry set' changes them");
}

void meta_ground_to_labels(
	const char *ground, char ret_first[META_GROUND_SIZE], char ret_second[META_GROUND_SIZE])
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

bool meta_ground_from_labels(const char *first, const char *second, char *ret_ground)
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
