/* Bytes come back as they went in, from memory and from a file. */
#include "os/spool.h"

#include "os/file.h"
#include "test/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define STEP 100003u

static uint8_t byte_at(uint64_t at)
{
	return (uint8_t)(at * 31 + (at >> 16));
}

static void go_through(uint64_t size, bool in_memory)
{
	static uint8_t block[STEP], back[STEP];
	struct spool spool = SPOOL_NONE;
	int fd = -1;
	for (uint64_t at = 0; at < size;) {
		size_t part = size - at < STEP ? (size_t)(size - at) : STEP;
		for (size_t i = 0; i < part; i++)
			block[i] = byte_at(at + i);
		assert_int_equal(spool_add(&spool, block, part), 0);
		at += part;
	}
	assert_int_equal(spool.size, size);
	assert_int_equal(spool_finish(&spool, &fd), 0);
	spool_close(&spool); /* nothing any more */
	int seals = fcntl(fd, F_GET_SEALS);
	assert_int_equal(in_memory, seals > 0 && (seals & F_SEAL_WRITE) && (seals & F_SEAL_GROW));
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	if (in_memory)
		assert_int_equal(pwrite(fd, "x", 1, 0), -1);
	for (uint64_t at = 0; at < size;) {
		ssize_t count = file_read_all(fd, back, STEP);
		assert_true(count > 0);
		for (ssize_t i = 0; i < count; i++)
			if (back[i] != byte_at(at + (uint64_t)i))
				fail_msg("byte %llu", (unsigned long long)at + (uint64_t)i);
		at += (uint64_t)count;
	}
	assert_int_equal(read(fd, back, 1), 0);
	close(fd);
}

static void what_goes_in_comes_out(void **state)
{
	(void)state;
	go_through(0, true);
	go_through(1, true);
	go_through(SPOOL_MEMORY_SIZE, true);
	go_through(SPOOL_MEMORY_SIZE + 1, false);
	go_through(SPOOL_MEMORY_SIZE + 5 * STEP, false);
}

static void what_is_not_wanted_is_forgotten(void **state)
{
	struct spool spool = SPOOL_NONE;
	(void)state;
	assert_int_equal(spool_add(&spool, "x", 1), 0);
	int fd = spool.fd;
	spool_close(&spool);
	assert_int_equal(spool.fd, -1);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	spool_close(&spool);
}

static void no_room_for_a_file_is_an_error(void **state)
{
	static uint8_t block[1 << 20];
	struct spool spool = SPOOL_NONE;
	int sys = 0;
	(void)state;
	setenv("TMPDIR", "/nowhere", 1);
	while (!sys && spool.size <= SPOOL_MEMORY_SIZE)
		sys = spool_add(&spool, block, sizeof block);
	assert_int_equal(sys, ENOENT);
	spool_close(&spool);
	unsetenv("TMPDIR");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_goes_in_comes_out),
		cmocka_unit_test(what_is_not_wanted_is_forgotten),
		cmocka_unit_test(no_room_for_a_file_is_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
