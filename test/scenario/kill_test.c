/* Nothing that was acknowledged is lost, whenever a writer dies.
 *
 *   kill_test [ROUNDS]      60 rounds, or 3,000 with $HILF_LONG
 *   kill_test writer DIR SEED     the process that is killed: adds and withdraws for ever, and prints what is durable
 *
 * In each round one or two writers add and withdraw through the library, with the real key and seal; after a random
 * time they get SIGKILL. Then the data is opened again: fsck must be content, every add that was acknowledged must be
 * there unless its withdrawal was begun, every withdrawal that was acknowledged must hold, and a call whose answer
 * never came must have happened as a whole or not at all. Every so often the folder is a fresh one, so that the making
 * of a store dies as well. (After SIGKILL the kernel still has what was written: this is about our own order of things.
 * Power cuts are another matter: there the promise rests on SQLite's synchronous=FULL.) */
#include "base/check.h"
#include "hilf.h"
#include "os/clock.h"
#include "os/file.h"
#include "test/folder.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <stdint.h>
#include <sys/wait.h>

#define ROUNDS_USUAL      60
#define ROUNDS_LONG       3000
#define ROUNDS_A_FOLDER   12
#define BATCH_MAX         900
#define WRITERS_MAX       2
#define DELAY_MAX_US      60000
#define FIRST_WORD_MAX_US 10000000
#define DELAY_FIRST_US    25000 /* while the store is made */

/* What a writer says: that it begins something, and that it is durable. */
enum said_kind { SAID_ADD = 1, SAID_ADDED = 2, SAID_WITHDRAW = 3, SAID_WITHDRAWN = 4 };
struct said {
	uint32_t kind, count;
	uint64_t seed, base; /* the values are value_of(seed, base ..) */
};

static struct hilf_signal value_of(uint64_t seed, uint64_t number)
{
	const uint64_t both[2] = {seed, number};
	struct hilf_signal signal = {.type = HILF_PDQ, .size = 32, .quality = HILF_QUALITY_UNKNOWN};
	crypto_generichash(signal.value, 32, (const unsigned char *)both, sizeof both, NULL, 0);
	return signal;
}

static _Noreturn void die(const char *what, const struct hilf_err *err)
{
	fprintf(stderr, "kill_test: %s: %s\n", what, err ? err->text : strerror(errno));
	exit(1);
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
		.no_index = true,
		.activity = "kill_test"};
	int rc;
	do
		rc = hilf_open(&options, &hilf, &err);
	while (rc == HILF_E_BUSY);
	if (rc)
		die("open", &err);
	return hilf;
}

/* --------------------------------------------------------------------------------------- the writer */

static void say(enum said_kind kind, uint64_t seed, uint64_t base, size_t count)
{
	const struct said said = {(uint32_t)kind, (uint32_t)count, seed, base};
	if (file_write_all(STDOUT_FILENO, &said, sizeof said) != 0)
		exit(0);
}

static void add(struct hilf *hilf, uint64_t seed, uint64_t base, size_t count,
	struct hilf_add_result *ret_results)
{
	static struct hilf_signal signals[BATCH_MAX];
	static struct hilf_new_entry entries[BATCH_MAX];
	struct hilf_err err;
	for (size_t i = 0; i < count; i++) {
		signals[i] = value_of(seed, base + i);
		entries[i] = (struct hilf_new_entry){&signals[i], 1, NULL, 0};
	}
	int rc;
	say(SAID_ADD, seed, base, count);
	do /* on a slow disk the others may write for longer than one waits for them */
		rc = hilf_add(hilf, "kill", NULL, entries, count, ret_results, &err);
	while (rc == HILF_E_BUSY);
	if (rc)
		die("add", &err);
	say(SAID_ADDED, seed, base, count);
}

static int write_for_ever(const char *dir, uint64_t seed)
{
	static struct hilf_add_result results[BATCH_MAX];
	struct hilf *hilf = open_data(dir);
	struct hilf_err err;
	char id[24];
	uint64_t base = 0;
	int rc;
	do
		rc = hilf_bank_create(hilf, "kill", HILF_REVIEW, HILF_PDQ_RADIUS, NULL, &err);
	while (rc == HILF_E_BUSY);
	if (rc && rc != HILF_E_EXISTS)
		die("bank", &err);
	for (;;) {
		uint8_t chance[4];
		random_bytes(chance, sizeof chance);
		/* Mostly small, sometimes more than a record holds. */
		size_t count =
			chance[0] < 200 ? 1 + chance[1] % 20u : 1 + chance[1] * BATCH_MAX / 256u;
		add(hilf, seed, base, count, results);
		if (chance[2] < 100) {
			uint64_t one = chance[3] % count;
			snprintf(id, sizeof id, "%llu", (unsigned long long)results[one].entry);
			say(SAID_WITHDRAW, seed, base + one, 1);
			while ((rc = hilf_withdraw(hilf, id, "error: killed soon", &err)) ==
				HILF_E_BUSY)
				;
			if (rc)
				die("withdraw", &err);
			say(SAID_WITHDRAWN, seed, base + one, 1);
		}
		base += count;
	}
}

/* --------------------------------------------------------------------------------------- what is there */

/* A set of values by their first eight bytes; they are hashes, so these tell them apart. */
struct set {
	uint64_t *slots;
	size_t room, count;
};

static void set_add(struct set *set, uint64_t value)
{
	if (set->count * 2 >= set->room) {
		struct set larger = {.room = set->room ? set->room * 2 : 1024};
		larger.slots = calloc(larger.room, sizeof *larger.slots);
		ASSERT(larger.slots);
		for (size_t i = 0; i < set->room; i++)
			if (set->slots[i])
				set_add(&larger, set->slots[i]);
		free(set->slots);
		*set = larger;
	}
	size_t at = value & (set->room - 1);
	while (set->slots[at] && set->slots[at] != value)
		at = (at + 1) & (set->room - 1);
	set->count += !set->slots[at];
	set->slots[at] = value;
}

static bool set_has(const struct set *set, uint64_t seed, uint64_t number)
{
	struct hilf_signal signal = value_of(seed, number);
	uint64_t value;
	memcpy(&value, signal.value, sizeof value);
	if (!set->room)
		return false;
	size_t at = value & (set->room - 1);
	while (set->slots[at] && set->slots[at] != value)
		at = (at + 1) & (set->room - 1);
	return set->slots[at] == value;
}

static int take_entry(const struct hilf_entry *entry, void *ctx)
{
	uint64_t value;
	memcpy(&value, entry->signals[0].value, sizeof value);
	set_add(ctx, value);
	return 0;
}

static int take_finding(const char *level, const char *what, const char *text, void *ctx)
{
	(void)ctx;
	if (strcmp(level, "ok") != 0 && strcmp(level, "note") != 0)
		fprintf(stderr, "kill_test: fsck: %s: %s: %s\n", level, what, text);
	return 0;
}

static void load(const char *dir, struct set *ret_set)
{
	struct hilf_err err;
	uint64_t problems = 0;
	struct hilf_bank bank;
	struct hilf *hilf = open_data(dir);
	int rc = hilf_bank_get(hilf, "kill", &bank, &err);
	if (!rc)
		rc = hilf_entry_each(hilf, "kill", take_entry, ret_set, &err);
	if (rc && rc != HILF_E_NOT_FOUND)
		die("read", &err);
	hilf_close(hilf);
	const struct hilf_options options = {.abi = HILF_ABI, .data_dir = dir};
	if (hilf_fsck(&options, true, take_finding, NULL, &problems, &err) != 0)
		die("fsck", &err);
	if (problems)
		die("fsck", &(struct hilf_err){.text = "found problems"});
}

/* --------------------------------------------------------------------------------------- the judge */

struct history {
	struct said *said;
	size_t count, room;
};

static void remember(struct history *history, const struct said *said)
{
	if (history->count == history->room) {
		history->room = history->room ? history->room * 2 : 1024;
		history->said = realloc(history->said, history->room * sizeof *said);
		ASSERT(history->said);
	}
	history->said[history->count++] = *said;
}

static bool was_withdrawn(
	const struct history *history, uint64_t seed, uint64_t number, enum said_kind kind)
{
	for (size_t i = 0; i < history->count; i++)
		if (history->said[i].kind == kind && history->said[i].seed == seed &&
			history->said[i].base == number)
			return true;
	return false;
}

/* Of an add without an answer all is there or nothing; one of its entries cannot have been withdrawn. */
static void judge_open_add(const struct set *set, const struct said *said)
{
	uint32_t there = 0;
	for (uint32_t i = 0; i < said->count; i++)
		there += set_has(set, said->seed, said->base + i);
	if (there && there != said->count) {
		fprintf(stderr, "kill_test: of %u entries added at once %u are there\n",
			said->count, there);
		exit(1);
	}
}

static void judge_add(const struct history *history, const struct set *set, const struct said *said)
{
	for (uint32_t i = 0; i < said->count; i++) {
		uint64_t number = said->base + i;
		bool there = set_has(set, said->seed, number);
		if (!there && !was_withdrawn(history, said->seed, number, SAID_WITHDRAW)) {
			fprintf(stderr, "kill_test: an acknowledged entry is lost\n");
			exit(1);
		}
		if (there && was_withdrawn(history, said->seed, number, SAID_WITHDRAWN)) {
			fprintf(stderr, "kill_test: an acknowledged withdrawal is lost\n");
			exit(1);
		}
	}
}

static uint64_t judge(const struct history *history, const struct set *set)
{
	uint64_t entries = 0;
	for (size_t i = 0; i < history->count; i++) {
		const struct said *said = &history->said[i];
		const struct said *next = said + 1;
		if (said->kind == SAID_ADDED) {
			judge_add(history, set, said);
			entries += said->count;
		}
		if (said->kind == SAID_ADD &&
			(i + 1 == history->count || next->kind != SAID_ADDED ||
				next->seed != said->seed))
			judge_open_add(set, said);
	}
	return entries;
}

/* --------------------------------------------------------------------------------------- the killer */

struct writer {
	pid_t pid;
	int pipe;
};

static struct writer start(const char *self, const char *dir, uint64_t seed)
{
	int ends[2];
	char text[24];
	snprintf(text, sizeof text, "%llu", (unsigned long long)seed);
	if (pipe(ends) != 0)
		die("pipe", NULL);
	pid_t pid = fork();
	if (pid < 0)
		die("fork", NULL);
	if (pid == 0) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		execl(self, self, "writer", dir, text, (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	return (struct writer){pid, ends[0]};
}

/* Kills, and takes everything that the writer said before. */
static void stop(struct writer *writer, struct history *history)
{
	struct said said;
	int status;
	kill(writer->pid, SIGKILL);
	while (file_read_all(writer->pipe, &said, sizeof said) == sizeof said)
		remember(history, &said);
	close(writer->pipe);
	if (waitpid(writer->pid, &status, 0) != writer->pid)
		die("wait", NULL);
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL) {
		fprintf(stderr, "kill_test: a writer ended by itself (status %d)\n", status);
		exit(1);
	}
}

/* Takes what the writers say until the time has passed; whether they said anything. A pipe that nobody empties would
 * hold them up. */
static bool listen(struct writer *writers, unsigned count, int64_t time_us, bool until_first,
	struct history *histories)
{
	int64_t deadline = clock_monotonic_us() + time_us;
	bool heard = false;
	for (int64_t left;
		(left = deadline - clock_monotonic_us()) > 0 && !(heard && until_first);) {
		struct pollfd polls[WRITERS_MAX];
		for (unsigned i = 0; i < count; i++)
			polls[i] = (struct pollfd){.fd = writers[i].pipe, .events = POLLIN};
		const struct timespec wait = {left / 1000000, (long)(left % 1000000) * 1000};
		if (ppoll(polls, count, &wait, NULL) <= 0)
			continue;
		for (unsigned i = 0; i < count; i++) {
			struct said said;
			if ((polls[i].revents & POLLIN) &&
				file_read_all(writers[i].pipe, &said, sizeof said) == sizeof said) {
				remember(&histories[i], &said);
				heard = true;
			} else if (polls[i].revents & (POLLHUP | POLLERR)) {
				return heard; /* stop() says what happened */
			}
		}
	}
	return heard;
}

/* In half of the rounds the time runs from the start of the writers, and hits opening and founding; in the others from
 * their first word, and hits writing, however slow the machine. */
static void let_run(
	struct writer *writers, unsigned count, bool first_round, struct history *histories)
{
	uint32_t chance[2];
	random_bytes(chance, sizeof chance);
	if (chance[0] % 2)
		listen(writers, count, FIRST_WORD_MAX_US, true, histories);
	listen(writers, count, chance[1] % (first_round ? DELAY_FIRST_US : DELAY_MAX_US), false,
		histories);
}

static uint64_t run_folder(const char *self, unsigned rounds, uint64_t *seed)
{
	char dir[200];
	struct history all[WRITERS_MAX] = {{0}};
	struct set set = {0};
	uint64_t entries = 0;
	folder_make(dir, sizeof dir);
	for (unsigned round = 0; round < rounds; round++) {
		struct writer writers[WRITERS_MAX];
		uint8_t chance;
		random_bytes(&chance, sizeof chance);
		unsigned count = 1 + chance % WRITERS_MAX;
		for (unsigned i = 0; i < count; i++)
			writers[i] = start(self, dir, ++*seed);
		let_run(writers, count, round == 0, all);
		for (unsigned i = 0; i < count; i++)
			stop(&writers[i], &all[i]);
		free(set.slots);
		set = (struct set){0};
		load(dir, &set);
		entries = 0;
		for (unsigned i = 0; i < WRITERS_MAX; i++)
			entries += judge(&all[i], &set);
	}
	for (unsigned i = 0; i < WRITERS_MAX; i++)
		free(all[i].said);
	free(set.slots);
	folder_remove(dir);
	return entries;
}

int main(int argc, char **argv)
{
	unsigned rounds = getenv("HILF_LONG") ? ROUNDS_LONG : ROUNDS_USUAL;
	uint64_t entries = 0, seed = 0;
	if (sodium_init() < 0)
		return 1;
	if (argc == 4 && strcmp(argv[1], "writer") == 0)
		return write_for_ever(argv[2], strtoull(argv[3], NULL, 10));
	if (argc == 2)
		rounds = (unsigned)strtoul(argv[1], NULL, 10);
	for (unsigned done = 0; done < rounds; done += ROUNDS_A_FOLDER)
		entries += run_folder("/proc/self/exe",
			rounds - done < ROUNDS_A_FOLDER ? rounds - done : ROUNDS_A_FOLDER, &seed);
	printf("%u kills, %llu acknowledged entries, none lost\n", rounds,
		(unsigned long long)entries);
	return 0;
}
