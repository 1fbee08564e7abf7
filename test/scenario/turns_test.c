/* Processes on one data folder take turns, see each other's changes at once, and none waits for long.
 *
 *   turns_test                          the whole test
 *   turns_test writer DIR BANK COUNT    a process that adds as fast as it can
 *   turns_test reader DIR               a process that answers what it is asked
 *
 * Times depend on the machine, so turns are counted: each writer notes where the feed stood before a write, and the feed
 * says how many writes of the other came before its own. */
#include "base/check.h"
#include "hilf.h"
#include "os/clock.h"
#include "os/file.h"
#include "test/folder.h"

#include <errno.h>
#include <sodium.h>
#include <stdint.h>
#include <sys/wait.h>

#define WRITERS 2
#define WRITES  300
/* Turns of another that may come between, for whoever is not at the turnstile yet when the machine is busy. */
#define TURNS_USUAL 3

static _Noreturn void die(const char *what, const struct hilf_err *err)
{
	fprintf(stderr, "turns_test: %s: %s\n", what, err ? err->text : strerror(errno));
	exit(1);
}

static void expect(bool good, const char *what)
{
	if (!good)
		die(what, &(struct hilf_err){.text = "not so"});
}

static struct hilf *open_data(const char *dir, bool read_only)
{
	char helpers[400];
	struct hilf_err err;
	struct hilf *hilf;
	const struct hilf_options options = {.abi = HILF_ABI,
		.data_dir = dir,
		.helper_dir = folder_helpers(helpers, sizeof helpers),
		.read_only = read_only,
		.create = !read_only,
		.activity = "turns_test"};
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

/* A process with a pipe to and from it. */
struct child {
	pid_t pid;
	int to, from;
};

static struct child start(const char *const *arguments)
{
	int down[2], up[2];
	if (pipe(down) != 0 || pipe(up) != 0)
		die("pipe", NULL);
	pid_t pid = fork();
	if (pid < 0)
		die("fork", NULL);
	if (pid == 0) {
		dup2(down[0], STDIN_FILENO);
		dup2(up[1], STDOUT_FILENO);
		close(down[1]);
		close(up[0]);
		execv("/proc/self/exe", (char *const *)arguments);
		_exit(127);
	}
	close(down[0]);
	close(up[1]);
	return (struct child){pid, down[1], up[0]};
}

static void end(struct child *child)
{
	int status;
	close(child->to);
	close(child->from);
	if (waitpid(child->pid, &status, 0) != child->pid || status != 0)
		die("a child failed", NULL);
}

static void send_number(int fd, uint64_t number)
{
	if (file_write_all(fd, &number, sizeof number) != 0)
		die("write to a pipe", NULL);
}

static uint64_t receive_number(int fd)
{
	uint64_t number;
	if (file_read_all(fd, &number, sizeof number) != sizeof number)
		die("read from a pipe", NULL);
	return number;
}

/* --------------------------------------------------------------------------------------- fairness */

static int write_all(const char *dir, const char *bank, uint64_t count)
{
	struct hilf *hilf = open_data(dir, false);
	struct hilf_err err;
	uint64_t seq, local;
	send_number(STDOUT_FILENO, 0); /* ready */
	receive_number(STDIN_FILENO);
	for (uint64_t i = 0; i < count; i++) {
		struct hilf_signal signal = value_of(i * 256 + (uint8_t)bank[0]);
		const struct hilf_new_entry entry = {&signal, 1, NULL, 0};
		struct hilf_add_result result;
		hilf_feed_head(hilf, &seq, &local);
		if (hilf_add(hilf, bank, NULL, &entry, 1, &result, &err) != 0)
			die("add", &err);
		send_number(STDOUT_FILENO, seq);
	}
	hilf_close(hilf);
	return 0;
}

/* The feed's numbers of each writer's records, in order; a record names its bank. */
struct sequence {
	char gids[WRITERS][HILF_ID_TEXT_MAX];
	uint64_t seqs[WRITERS][WRITES];
	size_t counts[WRITERS];
};

static int take_record(const struct hilf_record *record, void *ctx)
{
	struct sequence *sequence = ctx;
	char text[1024];
	ASSERT(record->size < sizeof text);
	memcpy(text, record->bytes, record->size);
	text[record->size] = '\0';
	for (int i = 0; i < WRITERS && strstr(text, "\"entry.add\""); i++)
		if (strstr(text, sequence->gids[i]))
			sequence->seqs[i][sequence->counts[i]++] = record->seq;
	return 0;
}

static void neither_of_two_busy_writers_waits_long(void)
{
	static struct sequence sequence;
	static uint64_t before[WRITERS][WRITES];
	static const char *const banks[WRITERS] = {"a", "b"};
	struct child children[WRITERS];
	struct hilf_err err;
	struct hilf_bank bank;
	char dir[200], count[8];
	unsigned long longer = 0, most = 0;
	memset(&sequence, 0, sizeof sequence);
	snprintf(count, sizeof count, "%d", WRITES);
	folder_make(dir, sizeof dir);
	struct hilf *hilf = open_data(dir, false);
	for (int i = 0; i < WRITERS; i++) {
		if (hilf_bank_create(hilf, banks[i], HILF_REVIEW, 31, &bank, &err) != 0)
			die("bank", &err);
		strcpy(sequence.gids[i], bank.gid);
		children[i] = start(
			(const char *const[]){"turns_test", "writer", dir, banks[i], count, NULL});
	}
	for (int i = 0; i < WRITERS; i++)
		receive_number(children[i].from);
	for (int i = 0; i < WRITERS; i++)
		send_number(children[i].to, 1);
	for (int k = 0; k < WRITES; k++)
		for (int i = 0; i < WRITERS; i++)
			before[i][k] = receive_number(children[i].from);
	for (int i = 0; i < WRITERS; i++)
		end(&children[i]);
	if (hilf_feed_read(hilf, 0, SIZE_MAX, take_record, &sequence, &err) != 0)
		die("feed", &err);
	for (int i = 0; i < WRITERS; i++) {
		expect(sequence.counts[i] == WRITES, "every write is in the feed");
		for (int k = 0; k < WRITES; k++) {
			unsigned long turns =
				(unsigned long)(sequence.seqs[i][k] - before[i][k] - 1);
			longer += turns > TURNS_USUAL;
			most = turns > most ? turns : most;
		}
	}
	printf("of %d writes %lu waited for more than %d others, the longest for %lu\n",
		WRITERS * WRITES, longer, TURNS_USUAL, most);
	expect(longer * 20 <= WRITERS * WRITES, "one in twenty waits longer, at most");
	hilf_close(hilf);
	folder_remove(dir);
}

/* --------------------------------------------------------------------------------------- noticing */

/* Asked for a value's number, answers with the verdict; a long-lived reader, as serve is. */
static int answer_all(const char *dir)
{
	struct hilf *hilf = open_data(dir, true);
	uint64_t number;
	while (file_read_all(STDIN_FILENO, &number, sizeof number) == sizeof number) {
		struct hilf_signal signal = value_of(number);
		struct hilf_check check;
		struct hilf_err err;
		if (hilf_match_signals(hilf, NULL, &signal, 1, &check, &err) != 0)
			die("match", &err);
		send_number(STDOUT_FILENO, check.verdict);
		hilf_check_free(&check);
	}
	hilf_close(hilf);
	return 0;
}

static enum hilf_verdict ask(const struct child *reader, uint64_t number)
{
	send_number(reader->to, number);
	return (enum hilf_verdict)receive_number(reader->from);
}

static uint64_t add(struct hilf *hilf, uint64_t number)
{
	struct hilf_err err;
	struct hilf_signal signal = value_of(number);
	const struct hilf_new_entry entry = {&signal, 1, NULL, 0};
	struct hilf_add_result result;
	if (hilf_add(hilf, "a", NULL, &entry, 1, &result, &err) != 0)
		die("add", &err);
	return result.entry;
}

static void set(struct hilf *hilf, const struct hilf_bank_change *change)
{
	struct hilf_err err;
	if (hilf_bank_set(hilf, "a", change, NULL, &err) != 0)
		die("set", &err);
}

static void another_process_knows_at_the_next_query(void)
{
	char dir[200], id[24];
	struct hilf_err err;
	folder_make(dir, sizeof dir);
	struct hilf *hilf = open_data(dir, false);
	if (hilf_bank_create(hilf, "a", HILF_REVIEW, 31, NULL, &err) != 0)
		die("bank", &err);
	struct child reader = start((const char *const[]){"turns_test", "reader", dir, NULL});
	expect(ask(&reader, 1) == HILF_NO_MATCH, "nothing is there yet");
	for (uint64_t i = 1; i <= 50; i++) {
		snprintf(id, sizeof id, "%llu", (unsigned long long)add(hilf, i));
		expect(ask(&reader, i) == HILF_VERDICT_REVIEW, "what was added counts");
		set(hilf, &(struct hilf_bank_change){.set_mode = true, .mode = HILF_BLOCK});
		expect(ask(&reader, i) == HILF_VERDICT_BLOCK, "the mode counts");
		set(hilf, &(struct hilf_bank_change){.set_sample = true, .sample_ppm = 0});
		expect(ask(&reader, i) == HILF_NO_MATCH, "the sample counts");
		set(hilf, &(struct hilf_bank_change){.set_sample = true,
				  .sample_ppm = 1000000,
				  .set_mode = true,
				  .mode = HILF_REVIEW});
		expect(ask(&reader, i) == HILF_VERDICT_REVIEW, "the mode counts again");
		if (hilf_entry_mute(hilf, id, clock_now_ms() + 3600000, &err) != 0)
			die("mute", &err);
		expect(ask(&reader, i) == HILF_NO_MATCH, "the mute counts");
		if (hilf_entry_mute(hilf, id, 0, &err) != 0)
			die("mute", &err);
		expect(ask(&reader, i) == HILF_VERDICT_REVIEW, "the mute's end counts");
		if (hilf_withdraw(hilf, id, "error", &err) != 0)
			die("withdraw", &err);
		expect(ask(&reader, i) == HILF_NO_MATCH, "the withdrawal counts");
	}
	end(&reader);
	hilf_close(hilf);
	folder_remove(dir);
}

int main(int argc, char **argv)
{
	if (sodium_init() < 0)
		return 1;
	if (argc == 5 && strcmp(argv[1], "writer") == 0)
		return write_all(argv[2], argv[3], strtoull(argv[4], NULL, 10));
	if (argc == 3 && strcmp(argv[1], "reader") == 0)
		return answer_all(argv[2]);
	neither_of_two_busy_writers_waits_long();
	another_process_knows_at_the_next_query();
	return 0;
}
