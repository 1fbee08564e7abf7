/* Keyed hashes: marks of rows, and the keys under which signals are found. SipHash-2-4 (Aumasson and Bernstein, 2012)
 * with a random key of the store, so that nobody outside can choose signals that share a key. */
#include "store/db.h"

#include "base/check.h"

#include <string.h>

void mark_number(struct mark *mark, uint64_t number)
{
	mark_bytes(mark, &number, sizeof number);
}

void mark_bytes(struct mark *mark, const void *bytes, size_t size)
{
	ASSERT(size <= sizeof mark->bytes - mark->size);
	memcpy(mark->bytes + mark->size, bytes, size);
	mark->size += size;
}

int64_t mark_hash(const struct store *store, const void *bytes, size_t size)
{
	int64_t hash;
	_Static_assert(sizeof hash == crypto_shorthash_BYTES, "one hash is one column");
	crypto_shorthash((unsigned char *)&hash, bytes, size, store->mark_key);
	return hash;
}

int64_t mark_end(const struct store *store, const struct mark *mark)
{
	return mark_hash(store, mark->bytes, mark->size);
}

int64_t key_of_signal(const struct store *store, const struct hilf_signal *signal)
{
	uint8_t bytes[1 + HILF_SIGNAL_SIZE_MAX];
	bytes[0] = signal->type;
	memcpy(bytes + 1, signal->value, signal->size);
	return mark_hash(store, bytes, 1 + (size_t)signal->size);
}

/* 32 bits are enough to find damage, and a million entries are 4 MB smaller. */
int64_t mark_of_entry(const struct store *store, const struct entry_head *head,
	const uint8_t *packed, size_t size)
{
	const uint64_t numbers[] = {head->id, head->meta, head->withdrawn_seq, head->changed_seq,
		(uint64_t)head->expires_ms};
	uint8_t bytes[sizeof numbers + PACK_SIZE_MAX];
	ASSERT(size <= PACK_SIZE_MAX);
	memcpy(bytes, numbers, sizeof numbers);
	memcpy(bytes + sizeof numbers, packed, size);
	return (int32_t)mark_hash(store, bytes, sizeof numbers + size);
}

int64_t mark_of_span(const struct store *store, const struct span *span)
{
	struct mark mark = {.size = 0};
	mark_number(&mark, span->first);
	mark_number(&mark, span->seq);
	mark_number(&mark, span->count);
	mark_number(&mark, span->bank);
	mark_number(&mark, span->withdrawn);
	mark_number(&mark, span->early);
	mark_number(&mark, (uint64_t)span->added_ms);
	mark_number(&mark, (uint64_t)span->expires_ms);
	mark_bytes(&mark, span->record, sizeof span->record);
	return mark_end(store, &mark);
}

size_t pack_size(const struct hilf_signal *signals, size_t count)
{
	size_t size = 0;
	for (size_t i = 0; i < count; i++)
		size += 4 + (size_t)signals[i].size;
	return size;
}

size_t pack_signals(const struct hilf_signal *signals, size_t count, uint8_t *ret_bytes)
{
	uint8_t *to = ret_bytes;
	ASSERT(count <= LIMIT_ENTRY_SIGNALS);
	for (size_t i = 0; i < count; i++) {
		uint16_t quality = (uint16_t)signals[i].quality;
		ASSERT(signals[i].size <= HILF_SIGNAL_SIZE_MAX);
		*to++ = signals[i].type;
		*to++ = signals[i].size;
		*to++ = (uint8_t)quality;
		*to++ = (uint8_t)(quality >> 8);
		memcpy(to, signals[i].value, signals[i].size);
		to += signals[i].size;
	}
	return (size_t)(to - ret_bytes);
}

bool unpack_signals(
	const uint8_t *bytes, size_t size, struct hilf_signal *ret_signals, size_t *ret_count)
{
	size_t count = 0;
	while (size) {
		struct hilf_signal *signal = &ret_signals[count];
		if (size < 4 || count == LIMIT_ENTRY_SIGNALS)
			return false;
		signal->type = bytes[0];
		signal->size = bytes[1];
		signal->quality = (int16_t)(bytes[2] | bytes[3] << 8);
		if (signal->size > HILF_SIGNAL_SIZE_MAX || signal->size > size - 4)
			return false;
		memset(signal->value, 0, sizeof signal->value);
		memcpy(signal->value, bytes + 4, signal->size);
		bytes += 4 + signal->size;
		size -= 4 + (size_t)signal->size;
		count++;
	}
	*ret_count = count;
	return true;
}

static void sql_mark(sqlite3_context *context, int count, sqlite3_value **values)
{
	const struct store *store = sqlite3_user_data(context);
	struct mark mark = {.size = 0};
	for (int i = 0; i < count; i++) {
		if (sqlite3_value_type(values[i]) == SQLITE_INTEGER) {
			mark_number(&mark, (uint64_t)sqlite3_value_int64(values[i]));
			continue;
		}
		const void *bytes = sqlite3_value_blob(values[i]);
		size_t size = (size_t)sqlite3_value_bytes(values[i]);
		if (bytes && size <= UUID_SIZE * 2)
			mark_bytes(&mark, bytes, size);
		else if (bytes)
			mark_number(&mark, (uint64_t)mark_hash(store, bytes, size));
	}
	sqlite3_result_int64(context, mark_end(store, &mark));
}

int mark_register(struct store *store, struct conn *conn)
{
	return sqlite3_create_function(conn->db, "hilf_mark", -1,
		SQLITE_UTF8 | SQLITE_DETERMINISTIC, store, sql_mark, NULL, NULL);
}
