/* SPDX-License-Identifier: Apache-2.0
 *
 * Checks pictures against what is known, as a platform would at upload, and prints a line for each:
 *
 *     example DATA-FOLDER HELPER-FOLDER PICTURE...
 *
 * Build it against the installed library (test/install does, with every release):
 *
 *     cc example.c $(pkg-config --cflags --libs libhilf) -o example
 *     ./example ~/.local/share/hilf "$(pkg-config --variable=helperdir libhilf)" upload.webp
 */
#include <fcntl.h>
#include <hilf.h>
#include <stdio.h>
#include <unistd.h>

/* A failure is of the machine or of the caller. A picture that cannot be read is none: its verdict is "undecided". */
static int check_picture(struct hilf *hilf, const char *path, struct hilf_err *err)
{
	struct hilf_content content;
	struct hilf_check check;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		perror(path);
		return 0;
	}
	int rc = hilf_hash_fd(hilf, fd, &content, err);
	close(fd);
	if (rc == 0)
		rc = hilf_match_content(hilf, NULL, &content, &check, err);
	if (rc != 0)
		return rc;
	printf("%s\t%s", path, hilf_verdict_name(check.verdict));
	if (!content.decided)
		printf("\t%s: %s", content.reason_code, content.reason);
	else if (check.match_count)
		printf("\t%s\t%llu\t%s\t%u\t%u", check.matches[0].bank,
			(unsigned long long)check.matches[0].entry,
			hilf_signal_type_name(check.matches[0].signal_type),
			check.matches[0].distance, check.matches[0].threshold);
	printf("\n");
	hilf_check_free(&check);
	return 0;
}

int main(int count, char **arguments)
{
	struct hilf_options options = {.abi = HILF_ABI, .read_only = true};
	struct hilf *hilf = NULL;
	struct hilf_err err;
	if (count < 4) {
		fprintf(stderr, "usage: %s DATA-FOLDER HELPER-FOLDER PICTURE...\n", arguments[0]);
		return 2;
	}
	options.data_dir = arguments[1];
	options.helper_dir = arguments[2];
	int rc = hilf_open(&options, &hilf, &err);
	for (int i = 3; i < count && rc == 0; i++)
		rc = check_picture(hilf, arguments[i], &err);
	if (rc != 0)
		fprintf(stderr, "%s: %s\n", hilf_code_name((enum hilf_code)rc), err.text);
	hilf_close(hilf);
	return rc == 0 ? 0 : 2;
}
