/* A start of the whole library on a store of ten million entries, from a cold page cache: to the first complete answer,
 * and until queries are as fast as they get while another thread warms. The peer is the same start without a snapshot.
 *
 *     start_bench HELPERS DIR [COUNT]      DIR is made and filled where it is not there yet: some minutes */
#include "bench/bench.h"
#include "hilf.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define AT_ONCE  65536u
#define SEED     20251107u
#define QUERIES  200u
#define PIECE    ((size_t)16 << 20)
#define FULL     0.8 /* of the speed when all is warm counts as full speed */
#define PATIENCE 120 /* seconds */

static _Noreturn void die(const char *what, const struct hilf_err *err)
{
	fprintf(stderr, "start_bench: %s: %s\n", what, err ? err->text : strerror(errno));
	exit(1);
}

static struct hilf_signal value_of(uint64_t number)
{
	struct hilf_signal signal = {HILF_PDQ, 32, HILF_QUALITY_UNKNOWN, {0}};
	uint64_t at = number * 4 + SEED;
	for (int i = 0; i < 4; i++, at++) {
		uint64_t word = at * 0x9e3779b97f4a7c15u;
		word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9u;
		word = (word ^ (word >> 27)) * 0x94d049bb133111ebu;
		word ^= word >> 31;
		memcpy(signal.value + 8 * i, &word, 8);
	}
	return signal;
}

static struct hilf *open_data(const char *dir, const char *helpers, bool write)
{
	const struct hilf_options options = {.abi = HILF_ABI,
		.data_dir = dir,
		.helper_dir = write ? helpers : NULL,
		.read_only = !write,
		.create = write,
		.no_index = write,
		.activity = "bench"};
	struct hilf_err err;
	struct hilf *hilf;
	if (hilf_open(&options, &hilf, &err) != 0)
		die(dir, &err);
	return hilf;
}

static void fill(const char *dir, const char *helpers, uint64_t count)
{
	struct hilf_signal *signals = calloc(AT_ONCE, sizeof *signals);
	struct hilf_new_entry *entries = calloc(AT_ONCE, sizeof *entries);
	struct hilf_add_result *results = calloc(AT_ONCE, sizeof *results);
	struct hilf *hilf = open_data(dir, helpers, true);
	struct hilf_err err;
	double begin = bench_now();
	if (!signals || !entries || !results)
		die("no memory", NULL);
	if (hilf_bank_create(hilf, "known", HILF_REVIEW, HILF_PDQ_RADIUS, NULL, &err) != 0)
		die("bank", &err);
	for (uint64_t at = 0; at < count; at += AT_ONCE) {
		size_t now = count - at < AT_ONCE ? (size_t)(count - at) : AT_ONCE;
		for (size_t i = 0; i < now; i++) {
			signals[i] = value_of(at + i);
			entries[i] = (struct hilf_new_entry){&signals[i], 1, NULL, 0};
		}
		if (hilf_add(hilf, "known", NULL, entries, now, results, &err) != 0)
			die("add", &err);
	}
	bench_row("fill a store with signed records", (double)count / (bench_now() - begin), 0,
		"entries/s");
	hilf_close(hilf);
	free(signals);
	free(entries);
	free(results);
}

static int drop_one(const char *path, const struct stat *status, int kind, struct FTW *where)
{
	(void)status;
	(void)where;
	int fd = kind == FTW_F ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	if (fd >= 0) {
		posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
		close(fd);
	}
	return 0;
}

static void drop_cache(const char *dir)
{
	sync();
	nftw(dir, drop_one, 8, FTW_PHYS);
	int fd = open("/proc/sys/vm/drop_caches", O_WRONLY | O_CLOEXEC);
	if (fd >= 0 && write(fd, "1", 1) != 1)
		fprintf(stderr, "start_bench: the page cache was not dropped whole\n");
	if (fd >= 0)
		close(fd);
}

static uint64_t chance = SEED;

/* Half strangers; checks the answers. */
static void ask(struct hilf *hilf, uint64_t count, unsigned queries)
{
	for (unsigned i = 0; i < queries; i++) {
		chance = chance * 6364136223846793005u + 1442695040888963407u;
		uint64_t number = (chance >> 20) % count + (i % 2 ? 0 : (uint64_t)1 << 40);
		struct hilf_signal signal = value_of(number);
		struct hilf_check check;
		struct hilf_err err;
		if (hilf_match_signals(hilf, NULL, &signal, 1, &check, &err) != 0)
			die("match", &err);
		if (check.match_count != i % 2 || (i % 2 && check.matches[0].entry != number + 1))
			die("a wrong answer", NULL);
		hilf_check_free(&check);
	}
}

static double start_s(const char *dir, uint64_t count, struct hilf **ret_hilf)
{
	drop_cache(dir);
	double begin = bench_now();
	struct hilf *hilf = open_data(dir, NULL, false);
	ask(hilf, count, 2);
	*ret_hilf = hilf;
	return bench_now() - begin;
}

struct warming {
	struct hilf *hilf;
	_Atomic bool done;
};

static void *warm(void *ctx)
{
	struct warming *warming = ctx;
	struct hilf_err err;
	bool more = true;
	while (more)
		if (hilf_warm(warming->hilf, PIECE, &more, &err) != 0)
			die("warm", &err);
	atomic_store(&warming->done, true);
	return NULL;
}

static double rate(struct hilf *hilf, uint64_t count)
{
	double begin = bench_now();
	ask(hilf, count, QUERIES);
	return QUERIES / (bench_now() - begin);
}

/* The best of some moments, all warm. */
static double full_rate(struct hilf *hilf, uint64_t count)
{
	double best = 0, begin = bench_now();
	while (bench_now() - begin < 2) {
		double now = rate(hilf, count);
		best = now > best ? now : best;
	}
	return best;
}

static void bench_full_speed(const char *dir, uint64_t count, double full)
{
	struct hilf *hilf;
	double opened = start_s(dir, count, &hilf);
	opened = bench_now() - opened; /* when it began */
	struct warming warming = {hilf, false};
	pthread_t thread;
	if (pthread_create(&thread, NULL, warm, &warming) != 0)
		die("thread", NULL);
	while (rate(hilf, count) < FULL * full && bench_now() - opened < PATIENCE)
		continue;
	bench_row("start, cold disk: full speed", bench_now() - opened, 0, "s");
	pthread_join(thread, NULL);
	bench_row("start, cold disk: all read and verified", bench_now() - opened, 0, "s");
	hilf_close(hilf);
}

int main(int argc, char **argv)
{
	uint64_t count = argc > 3 ? strtoull(argv[3], NULL, 10) : 10000000;
	struct hilf_err err;
	struct hilf *hilf;
	if (argc < 3 || !count) {
		fprintf(stderr, "usage: start_bench HELPERS DIR [COUNT]\n");
		return 2;
	}
	const char *dir = argv[2];
	printf("# the whole library, %llu entries in a store\n", (unsigned long long)count);
	if (access(dir, F_OK) != 0)
		fill(dir, argv[1], count);
	hilf = open_data(dir, argv[1], true);
	hilf_checkpoint_drop(hilf, NULL);
	hilf_close(hilf);
	double without = start_s(dir, count, &hilf);
	double begin = bench_now();
	if (hilf_checkpoint(hilf, &err) != 0)
		die("checkpoint", &err);
	bench_row("write a snapshot", bench_now() - begin, 0, "s");
	double full = full_rate(hilf, count);
	hilf_close(hilf);
	double with = 0;
	for (int i = 0; i < 3; i++) {
		double now = start_s(dir, count, &hilf);
		with = i == 0 || now < with ? now : with;
		hilf_close(hilf);
	}
	bench_row("start, cold disk: two answers, from a snapshot", with, without, "s");
	bench_full_speed(dir, count, full);
	bench_row("full speed, through hilf_match_signals", full, 0, "queries/s");
	return 0;
}
