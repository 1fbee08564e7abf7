/* A plain main for fuzzers: runs each file given (folders too) through LLVMFuzzerTestOneInput, so that yesterday's crash
 * is today's test, and counts them. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	if (!file) {
		perror(path);
		return 1;
	}
	/* Exactly the bytes, in memory of their own, so that a read past them shows. */
	size_t room = 1 << 20;
	uint8_t *all = malloc(room);
	size_t size = all ? fread(all, 1, room, file) : 0;
	fclose(file);
	uint8_t *data = malloc(size ? size : 1);
	if (all && data) {
		memcpy(data, all, size);
		LLVMFuzzerTestOneInput(data, size);
	}
	free(all);
	free(data);
	return 0;
}

static int run_path(const char *path, unsigned *count)
{
	struct stat status;
	char inside[4096];
	if (stat(path, &status) != 0)
		return 0; /* no corpus yet */
	if (!S_ISDIR(status.st_mode)) {
		++*count;
		return run_file(path);
	}
	DIR *dir = opendir(path);
	int failed = 0;
	for (struct dirent *item; dir && (item = readdir(dir));) {
		if (item->d_name[0] == '.')
			continue;
		snprintf(inside, sizeof inside, "%s/%s", path, item->d_name);
		failed |= run_path(inside, count);
	}
	if (dir)
		closedir(dir);
	return failed;
}

int main(int argc, char **argv)
{
	unsigned count = 0;
	int failed = 0;
	LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
	for (int i = 1; i < argc; i++)
		failed |= run_path(argv[i], &count);
	printf("%u inputs\n", count);
	return failed;
}
