/* What the library takes for a check: for each line on standard input, hashes the file and compares it with what is
 * known, and prints the milliseconds. The peer of the same check over HTTP, which http_bench.py times in turns with it.
 *
 *   check_bench DATA_DIR HELPER_DIR FILE */
#include "bench/bench.h"
#include "hilf.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static int check(struct hilf *hilf, const char *path, struct hilf_err *err)
{
	struct hilf_content content;
	struct hilf_check answer;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int rc = hilf_hash_fd(hilf, fd, &content, err);
	if (!rc)
		rc = hilf_match_content(hilf, NULL, &content, &answer, err);
	if (!rc)
		hilf_check_free(&answer);
	close(fd);
	return rc;
}

int main(int argc, char **argv)
{
	struct hilf_err err = {0};
	struct hilf *hilf = NULL;
	char line[8];
	if (argc != 4)
		return 2;
	const struct hilf_options options = {
		.abi = HILF_ABI, .data_dir = argv[1], .helper_dir = argv[2], .read_only = true};
	int rc = hilf_open(&options, &hilf, &err);
	while (!rc && fgets(line, sizeof line, stdin)) {
		double began = bench_now();
		rc = check(hilf, argv[3], &err);
		printf("%.3f\n", (bench_now() - began) * 1000);
		fflush(stdout);
	}
	if (rc)
		fprintf(stderr, "check_bench: %s\n", err.text);
	hilf_close(hilf);
	return rc ? 1 : 0;
}
