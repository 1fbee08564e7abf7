/* Files and folders, with the errors a person gets. */
#include "os/file.h"
#include "test/folder.h"
#include "test/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static char folder[256], path[512];

static int set_up(void **state)
{
	(void)state;
	folder_make(folder, sizeof folder);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	folder_remove(folder);
	return 0;
}

static const char *in_folder(const char *name)
{
	snprintf(path, sizeof path, "%s/%s", folder, name);
	return path;
}

static bool is_folder(const char *name)
{
	struct stat status;
	return stat(in_folder(name), &status) == 0 && S_ISDIR(status.st_mode) &&
	       (status.st_mode & 07777) == 0700;
}

static void folders_are_made_with_those_above_them(void **state)
{
	struct hilf_err err = {0};
	(void)state;
	assert_int_equal(file_make_dir(in_folder("a/b/c"), &err), 0);
	assert_true(is_folder("a/b/c"));
	assert_int_equal(file_make_dir(in_folder("a/b/c"), &err), 0);
	assert_int_equal(file_make_dir(in_folder("d//e///"), &err), 0);
	assert_true(is_folder("d/e"));
	assert_int_equal(chdir(folder), 0);
	assert_int_equal(file_make_dir("relative/x", &err), 0);
	assert_true(is_folder("relative/x"));
	assert_int_equal(file_make_dir("./a/../f", &err), 0);
	assert_true(is_folder("f"));
	assert_int_equal(file_make_dir("/", &err), 0);
	assert_int_equal(file_make_dir(".", &err), 0);
	assert_int_equal(chdir("/"), 0);
}

static void a_folder_that_cannot_be_made_says_which_and_why(void **state)
{
	struct hilf_err err = {0};
	(void)state;
	assert_int_equal(file_write(in_folder("file"), "x", 1, 0600, &err), 0);
	assert_int_equal(file_make_dir(in_folder("file"), &err), HILF_E_IO);
	assert_non_null(strstr(err.text, "/file': Not a directory"));
	assert_int_equal(file_make_dir(in_folder("file/below"), &err), HILF_E_IO);
	assert_int_equal(err.sys, ENOTDIR);
	err.text[0] = '\0';
	assert_int_equal(file_make_dir("", &err), HILF_E_IO);
	assert_string_equal(err.text, "cannot make the folder '': No such file or directory");
	assert_int_equal(symlink("nowhere", in_folder("dangling")), 0);
	assert_int_equal(file_make_dir(path, &err), HILF_E_IO);
	/* A working folder that is gone. */
	assert_int_equal(file_make_dir(in_folder("gone"), &err), 0);
	assert_int_equal(chdir(path), 0);
	assert_int_equal(rmdir(path), 0);
	err.text[0] = '\0';
	assert_int_equal(file_make_dir("x/y", &err), HILF_E_IO);
	assert_string_equal(err.text, "cannot make the folder 'x': No such file or directory");
	assert_int_equal(chdir("/"), 0);
}

static void a_file_comes_back_as_it_was_written(void **state)
{
	static char bytes[200000];
	struct hilf_err err = {0};
	struct buf buf = BUF_INIT;
	struct stat status;
	(void)state;
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(i * 7);
	assert_int_equal(file_write(in_folder("x"), "old", 3, 0640, &err), 0);
	assert_int_equal(file_write(in_folder("x"), bytes, sizeof bytes, 0600, &err), 0);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(access(in_folder("x.new"), F_OK), -1);
	assert_int_equal(file_read(in_folder("x"), sizeof bytes, &buf, &err), 0);
	assert_int_equal(buf.size, sizeof bytes);
	assert_memory_equal(buf.data, bytes, sizeof bytes);
	buf_clear(&buf);
	assert_int_equal(file_read(in_folder("x"), sizeof bytes - 1, &buf, &err), HILF_E_LIMIT);
	assert_non_null(strstr(err.text, "is larger than the 199999 bytes allowed here"));
	assert_int_equal(file_read(in_folder("y"), 10, &buf, &err), HILF_E_NOT_FOUND);
	assert_int_equal(file_read(folder, 10, &buf, &err), HILF_E_IO);
	assert_int_equal(err.sys, EISDIR);
	buf_free(&buf);
}

static void a_write_that_fails_leaves_the_old_file(void **state)
{
	struct hilf_err err = {0};
	struct buf buf = BUF_INIT;
	(void)state;
	assert_int_equal(file_write(in_folder("no/x"), "x", 1, 0600, &err), HILF_E_IO);
	assert_int_equal(err.sys, ENOENT);
	assert_int_equal(file_write(in_folder("x"), "old", 3, 0600, &err), 0);
	assert_int_equal(mkdir(in_folder("x.new"), 0700), 0);
	assert_int_equal(file_write(in_folder("x"), "new", 3, 0600, &err), HILF_E_IO);
	assert_int_equal(file_read(in_folder("x"), 10, &buf, &err), 0);
	assert_string_equal(buf.data, "old");
	buf_free(&buf);
	/* A full disk. */
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	if (full >= 0) {
		assert_int_equal(file_write_all(full, "x", 1), ENOSPC);
		close(full);
	}
	assert_int_equal(file_write_all(-1, "x", 1), EBADF);
	assert_int_equal(file_read_all(-1, path, 1), -EBADF);
}

static void a_folder_that_is_none_cannot_be_synced(void **state)
{
	struct hilf_err err = {0};
	(void)state;
	assert_int_equal(file_sync_dir(folder, &err), 0);
	assert_int_equal(file_sync_dir(in_folder("none"), &err), HILF_E_IO);
	assert_non_null(strstr(err.text, "cannot sync the folder"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			folders_are_made_with_those_above_them, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_folder_that_cannot_be_made_says_which_and_why, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_file_comes_back_as_it_was_written, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_write_that_fails_leaves_the_old_file, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_folder_that_is_none_cannot_be_synced, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
