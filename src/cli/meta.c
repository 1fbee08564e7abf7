/* Options into struct hilf_entry_meta. The library checks the same rules; here they are checked before the first file is
 * decoded, with the option's name in the message. */
#include "cli/meta.h"

#include "base/err.h"
#include "base/when.h"
#include "os/clock.h"
#include "wire/record.h"

#include <stdlib.h>
#include <string.h>

void meta_free(struct meta *meta)
{
	for (size_t i = 0; i < LIMIT_LABELS; i++)
		free(meta->texts[i]);
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
		rc = record_check_class(meta->content_class, err);
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
