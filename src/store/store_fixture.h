/* For the tests of the store: a store in a folder of its own, and members who sign real records. */
#ifndef STORE_STORE_FIXTURE_H
#define STORE_STORE_FIXTURE_H

#include "store/store.h"

/* A member with a real key. */
struct fixture_member {
	uint8_t id[UUID_SIZE], public_key[32], secret_key[64];
};

struct fixture {
	char dir[64];
	struct store *store;
	struct fixture_member me;
	struct hilf_err err;
};

/* Makes the folder and opens the store in it; stops the program where that fails. */
void fixture_open(struct fixture *fixture);
/* Opens the store once more, on the same folder. */
void fixture_reopen(struct fixture *fixture);
void fixture_close(struct fixture *fixture);
/* Closes the store and removes the folder. */
void fixture_remove(struct fixture *fixture);
/* dir/name in a buffer of the fixture's caller. */
void fixture_path(const struct fixture *fixture, const char *name, char ret_path[128]);

/* A folder with the database that a golden SQL text (test/golden/store/NAME/hilf.sql) makes, not opened. */
void fixture_golden(struct fixture *fixture, const char *name);
/* The number that a pragma of a database file answers. */
int64_t fixture_pragma(const char *path, const char *pragma);

/* Fills id, author and time. */
void fixture_stamp(const struct fixture_member *author, struct record *record);
/* Encodes, signs and appends a stamped record within a write. */
int fixture_append(struct fixture *fixture, const struct fixture_member *author,
	const struct record *record, bool *ret_effect);
/* The same in a write of its own. */
int fixture_write(struct fixture *fixture, const struct fixture_member *author,
	const struct record *record, bool *ret_effect);

/* Each writes one record and says whether it had an effect. */
bool fixture_found(struct fixture *fixture, struct fixture_member *ret_member);
bool fixture_bank(struct fixture *fixture, const struct fixture_member *author, const char *name,
	uint8_t ret_gid[UUID_SIZE]);
/* count entries of one pdq value each, which value_of(first + i) gives. ret_record may be NULL. */
bool fixture_add(struct fixture *fixture, const struct fixture_member *author,
	const uint8_t bank[UUID_SIZE], uint32_t first, size_t count, uint8_t *ret_record);
bool fixture_withdraw(struct fixture *fixture, const struct fixture_member *author,
	const uint8_t bank[UUID_SIZE], const uint8_t entry[UUID_SIZE], uint32_t ordinal);
bool fixture_remove_bank(struct fixture *fixture, const struct fixture_member *author,
	const uint8_t bank[UUID_SIZE]);

/* A fixture of its own whose member has a bank "alpha" with entries 0 to 19; NULL where that fails. The caller frees it. */
struct fixture *fixture_alpha(uint8_t ret_bank[UUID_SIZE]);

struct hilf_signal fixture_signal(uint32_t number);

#endif
