/* The drill: a node writes under load, a backup is taken meanwhile, the node is lost, and begins again from the backup. Every
 * entry that was acknowledged up to where the backup's feed ends is there, and it goes on.
 *
 *   backup_test                the whole test
 *   backup_test writer DIR     a process that adds for ever, from two threads, and prints what is durable
 *
 * And backups that are none: each is refused, with a word on what is wrong, and nothing is left where data belongs. */
#include "base/check.h"
#include "hilf.h"
#include "os/file.h"
#include "test/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sodium.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define THREADS     2
#define ADDS_BEFORE 60
#define ADDS_AFTER  60
#define BACKUPS     3

/* An entry that is durable, and where the feed was then at least. */
struct said {
	uint64_t number, seq;
};

static _Noreturn void die(const char *what, const struct hilf_err *err)
{
	fprintf(stderr, "backup_test: %s: %s\n", what, err ? err->text : strerror(errno));
	exit(1);
}

static void expect(bool good, const char *what)
{
	if (!good)
		die(what, &(struct hilf_err){.text = "not so"});
}

static struct hilf *open_data(const char *dir)
{
	char helpers[400];
	struct hilf_err err;
	struct hilf *hilf;
	const struct hilf_options options = {.abi = HILF_ABI,
		.data_dir = dir,
		.helper_dir = folder_helpers(helpers, sizeof helpers),
		.create = true,
		.activity = "backup_test"};
	if (hilf_open(&options, &hilf, &err) != 0)
		die("open", &err);
	return hilf;
}

static struct hilf_signal value_of(uint64_t number)
{
	struct hilf_signal signal = {.type = HILF_PDQ, .size = 32, .quality = HILF_QUALITY_UNKNOWN};
	crypto_generichash(
		signal.value, 32, (const unsigned char *)&number, sizeof number, NULL, 0);
	return signal;
}

static void add(struct hilf *hilf, uint64_t number)
{
	struct hilf_signal signal = value_of(number);
	const struct hilf_new_entry entry = {&signal, 1, NULL, 0};
	struct hilf_add_result result;
	struct hilf_err err;
	if (hilf_add(hilf, "drill", NULL, &entry, 1, &result, &err) != 0)
		die("add", &err);
}

/* --------------------------------------------------------------------------------------- the writer */

struct adding {
	struct hilf *hilf;
	uint64_t thread;
};

static void *add_for_ever(void *ctx)
{
	const struct adding *adding = ctx;
	for (uint64_t i = 0;; i++) {
		uint64_t local;
		struct said said = {.number = i * THREADS + adding->thread};
		add(adding->hilf, said.number);
		hilf_feed_head(adding->hilf, &said.seq, &local);
		if (file_write_all(STDOUT_FILENO, &said, sizeof said) != 0)
			exit(0);
	}
	return NULL;
}

static int write_for_ever(const char *dir)
{
	struct hilf *hilf = open_data(dir);
	struct adding adding[THREADS];
	pthread_t threads[THREADS];
	for (uint64_t i = 0; i < THREADS; i++) {
		adding[i] = (struct adding){hilf, i};
		pthread_create(&threads[i], NULL, add_for_ever, &adding[i]);
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	return 0;
}

struct writer {
	pid_t pid;
	int pipe;
	struct said *said;
	size_t count, room;
};

static void start(struct writer *writer, const char *dir)
{
	int ends[2];
	if (pipe(ends) != 0)
		die("pipe", NULL);
	*writer = (struct writer){.pid = fork(), .pipe = ends[0]};
	if (writer->pid < 0)
		die("fork", NULL);
	if (writer->pid == 0) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		execl("/proc/self/exe", "backup_test", "writer", dir, (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
}

static bool listen(struct writer *writer)
{
	struct said said;
	if (file_read_all(writer->pipe, &said, sizeof said) != sizeof said)
		return false;
	if (writer->count == writer->room) {
		writer->room = writer->room ? 2 * writer->room : 1024;
		writer->said = realloc(writer->said, writer->room * sizeof said);
		ASSERT(writer->said);
	}
	writer->said[writer->count++] = said;
	return true;
}

static void listen_for(struct writer *writer, size_t count)
{
	while (count--)
		expect(listen(writer), "the writer writes");
}

/* As a machine that is lost: at once. */
static void stop(struct writer *writer)
{
	kill(writer->pid, SIGKILL);
	while (listen(writer))
		;
	close(writer->pipe);
	waitpid(writer->pid, NULL, 0);
}

/* --------------------------------------------------------------------------------------- the drill */

static uint64_t seq_of(struct hilf *hilf)
{
	uint64_t seq, local;
	hilf_feed_head(hilf, &seq, &local);
	return seq;
}

static bool is_known(struct hilf *hilf, uint64_t number)
{
	struct hilf_signal signal = value_of(number);
	struct hilf_check check;
	struct hilf_err err;
	if (hilf_match_signals(hilf, NULL, &signal, 1, &check, &err) != 0)
		die("match", &err);
	bool known = check.match_count == 1;
	hilf_check_free(&check);
	return known;
}

static int take_finding(const char *level, const char *what, const char *text, void *ctx)
{
	(void)ctx;
	if (strcmp(level, "problem") == 0)
		fprintf(stderr, "backup_test: fsck: %s: %s\n", what, text);
	return 0;
}

static void expect_restored(const struct writer *writer, const char *dir)
{
	uint64_t problems = 9;
	struct hilf_err err;
	size_t held = 0;
	const struct hilf_options options = {.abi = HILF_ABI, .data_dir = dir};
	if (hilf_fsck(&options, true, take_finding, NULL, &problems, &err) != 0)
		die("fsck", &err);
	expect(problems == 0, "fsck finds nothing");
	struct hilf *hilf = open_data(dir);
	uint64_t seq = seq_of(hilf);
	for (size_t i = 0; i < writer->count; i++) {
		if (writer->said[i].seq > seq)
			continue;
		held++;
		expect(is_known(hilf, writer->said[i].number),
			"what was acknowledged before is there");
	}
	expect(held > 0, "something was acknowledged before");
	add(hilf, UINT64_MAX); /* with the restored key */
	expect(seq_of(hilf) == seq + 1, "it goes on from there");
	hilf_close(hilf);
	printf("restored %zu of %zu acknowledged entries, all up to record %llu\n", held,
		writer->count, (unsigned long long)seq);
}

static void path_of(char *ret_path, size_t room, const char *dir, const char *name, int number)
{
	snprintf(ret_path, room, "%s/%s-%d", dir, name, number);
}

static void a_backup_taken_under_load_restores_all_it_had(void)
{
	char above[200], dir[300], to[300];
	struct writer writer;
	struct hilf_err err;
	folder_make(above, sizeof above);
	path_of(dir, sizeof dir, above, "data", 0);
	struct hilf *hilf = open_data(dir);
	if (hilf_bank_create(hilf, "drill", HILF_REVIEW, HILF_PDQ_RADIUS, NULL, &err) != 0)
		die("bank", &err);
	start(&writer, dir);
	listen_for(&writer, ADDS_BEFORE);
	for (int i = 0; i < BACKUPS; i++) {
		path_of(to, sizeof to, above, "backup", i);
		if (hilf_backup(hilf, to, &err) != 0)
			die("backup", &err);
		listen_for(&writer, ADDS_AFTER);
	}
	stop(&writer);
	hilf_close(hilf);
	for (int i = 0; i < BACKUPS; i++) {
		path_of(dir, sizeof dir, above, "restored", i);
		path_of(to, sizeof to, above, "backup", i);
		if (hilf_restore(to, dir, &err) != 0)
			die("restore", &err);
		expect_restored(&writer, dir);
	}
	free(writer.said);
	folder_remove(above);
}

/* --------------------------------------------------------------------------------------- bad backups */

struct bad {
	char above[200], data[260], backup[260], to[260];
};

static void run(const char *format, const struct bad *bad)
{
	char command[600];
	snprintf(command, sizeof command, format, bad->backup);
	expect(system(command) == 0, command);
}

static void expect_refused(const struct bad *bad, int code, const char *word)
{
	struct hilf_err err = {0};
	char db[300];
	int rc = hilf_restore(bad->backup, bad->to, &err);
	if (rc != code || !strstr(err.text, word)) {
		fprintf(stderr, "backup_test: %d instead of %d with '%s': %s\n", rc, code, word,
			err.text);
		exit(1);
	}
	snprintf(db, sizeof db, "%s/hilf.db", bad->to);
	expect(access(db, F_OK) != 0, "nothing is where data belongs");
	snprintf(db, sizeof db, "%s/restore.part", bad->to);
	expect(access(db, F_OK) != 0, "nothing is left of the attempt");
}

static void take(const struct bad *bad)
{
	struct hilf_err err;
	struct hilf *hilf = open_data(bad->data);
	run("rm -rf %s", bad);
	if (hilf_backup(hilf, bad->backup, &err) != 0)
		die("backup", &err);
	hilf_close(hilf);
}

static void what_is_no_backup_is_refused(void)
{
	struct bad bad;
	struct hilf_err err;
	folder_make(bad.above, sizeof bad.above);
	snprintf(bad.data, sizeof bad.data, "%s/data", bad.above);
	snprintf(bad.backup, sizeof bad.backup, "%s/backup", bad.above);
	snprintf(bad.to, sizeof bad.to, "%s/to", bad.above);
	struct hilf *hilf = open_data(bad.data);
	if (hilf_bank_create(hilf, "drill", HILF_REVIEW, HILF_PDQ_RADIUS, NULL, &err) != 0)
		die("bank", &err);
	add(hilf, 1);
	expect(hilf_backup(hilf, bad.data, &err) == HILF_E_EXISTS, "a backup is never over data");
	hilf_close(hilf);
	expect_refused(&bad, HILF_E_NOT_FOUND, "manifest.json");
	take(&bad);
	run("printf x | dd of=%s/hilf.db bs=1 seek=5000 conv=notrunc status=none", &bad);
	expect_refused(&bad, HILF_E_CORRUPT, "not what the manifest says");
	take(&bad);
	run("truncate -s -4096 %s/hilf.db", &bad);
	expect_refused(&bad, HILF_E_CORRUPT, "not what the manifest says");
	take(&bad);
	run("rm %s/key/node.key", &bad);
	expect_refused(&bad, HILF_E_NOT_FOUND, "node.key");
	take(&bad);
	run("sed -i 's/\"seq\":3/\"seq\":4/' %s/manifest.json", &bad);
	expect_refused(&bad, HILF_E_CORRUPT, "the manifest says 4");
	run("printf '{}' > %s/manifest.json", &bad);
	expect_refused(&bad, HILF_E_CORRUPT, "no manifest");
	run("printf '{\"files\":[{\"name\":\"../../etc/passwd\",\"sha256\":\"\",\"size\":1}]}' > "
	    "%s/manifest.json",
		&bad);
	expect_refused(&bad, HILF_E_CORRUPT, "no manifest");
	take(&bad);
	expect(hilf_restore(bad.backup, bad.data, &err) == HILF_E_EXISTS, "never over data");
	expect(hilf_restore(bad.backup, bad.to, &err) == 0, "a good one is restored");
	struct stat status;
	char key[300];
	snprintf(key, sizeof key, "%s/key/node.key", bad.to);
	expect(stat(key, &status) == 0 && (status.st_mode & 0777) == 0600,
		"the key is its owner's");
	folder_remove(bad.above);
}

int main(int argc, char **argv)
{
	if (sodium_init() < 0)
		return 1;
	if (argc == 3 && strcmp(argv[1], "writer") == 0)
		return write_for_ever(argv[2]);
	a_backup_taken_under_load_restores_all_it_had();
	what_is_no_backup_is_refused();
	return 0;
}
