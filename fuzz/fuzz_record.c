/* Whatever the decoder takes, the encoder must give back byte for byte, within the sizes that it foretold. */
#include "base/check.h"
#include "wire/record.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data;
	struct arena arena;
	struct record record;
	struct hilf_err err = {.text = ""};
	arena_init(&arena, 0);
	int rc = record_decode(bytes, size, &arena, &record, &err);
	if (!rc) {
		struct buf again = BUF_INIT;
		rc = record_encode(&record, &again, &err);
		ASSERT(rc == HILF_E_NO_MEMORY ||
			(!rc && again.size == size && !memcmp(again.data, bytes, size)));
		if (record.kind == RECORD_ENTRY_ADD) {
			size_t foretold = record_add_size(&record);
			for (size_t i = 0; i < record.add.entry_count; i++)
				foretold += record_entry_size(&record.add.entries[i]);
			ASSERT(foretold >= size);
		}
		buf_free(&again);
	} else {
		ASSERT(rc == (int)err.code && strlen(err.text) > 0);
	}
	arena_clear(&arena);
	return 0;
}
