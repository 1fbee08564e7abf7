/* What the glances at a body of JSON say must be so: a body that passes costs no more values and no more depth than was
 * allowed, and lists that were read quickly are the lists that the careful reader finds. */
#include "base/check.h"
#include "base/hex.h"
#include "http/api/scan.h"

#include <jansson.h>
#include <string.h>

#define DEPTH_MAX 6u
#define NODES_MAX 60u
#define ROOM      24u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t count_nodes(const json_t *value, size_t depth, size_t *io_deepest)
{
	const char *key;
	json_t *one;
	size_t count = 1, i;
	if (json_is_object(value) || json_is_array(value))
		depth++;
	*io_deepest = depth > *io_deepest ? depth : *io_deepest;
	json_object_foreach((json_t *)value, key, one)
	{
		count += count_nodes(one, depth, io_deepest);
	}
	json_array_foreach(value, i, one)
	{
		count += count_nodes(one, depth, io_deepest);
	}
	return count;
}

static void same_lists(const json_t *root, const struct hilf_signal *signals, size_t count)
{
	size_t at = 0, i, keys = 0;
	const json_t *value;
	for (uint8_t type = HILF_PDQ; type <= HILF_MD5; type++) {
		const json_t *list = json_object_get(root, hilf_signal_type_name(type));
		keys += list != NULL;
		json_array_foreach(list, i, value)
		{
			char text[HILF_SIGNAL_TEXT_MAX];
			ASSERT(at < count && signals[at].type == type);
			hilf_signal_format(&signals[at++], text);
			ASSERT(!strcmp(text, json_string_value(value)));
		}
	}
	ASSERT(at == count && json_object_size(root) == keys);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hilf_signal signals[ROOM];
	const char *text = (const char *)data, *what;
	size_t count, deepest = 0;
	json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
	if (root && scan_json(text, size, DEPTH_MAX, NODES_MAX, &what)) {
		ASSERT(count_nodes(root, 0, &deepest) <= 2 * NODES_MAX);
		ASSERT(deepest <= DEPTH_MAX);
	}
	if (scan_lists(text, size, signals, ROOM, &count)) {
		ASSERT(root && count <= ROOM);
		same_lists(root, signals, count);
	}
	json_decref(root);
	return 0;
}
