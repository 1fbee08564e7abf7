/* What adding costs one by one: many threads that each add an entry of one signal, durable and counting for the next query
 * when the call returns. The peer does what no writer can do without: it appends as many bytes to a file and syncs it,
 * one after the other, so the row says how many adds share a sync.
 *
 *   add_bench HELPER_DIR [THREADS [SECONDS [SIGNALS_BEFORE]]] */
#include "bench/bench.h"
#include "hilf.h"
#include "os/clock.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define THREADS_MAX 256

struct bench {
	struct hilf *hilf;
	atomic_bool stop;
	atomic_ulong added;
};

static _Noreturn void die(const char *what, const struct hilf_err *err)
{
	fprintf(stderr, "add_bench: %s: %s\n", what, err->text);
	exit(1);
}

static struct hilf_signal any_signal(void)
{
	struct hilf_signal signal = {.type = HILF_PDQ, .size = 32, .quality = HILF_QUALITY_UNKNOWN};
	random_bytes(signal.value, sizeof signal.value);
	return signal;
}

static void *add(void *ctx)
{
	struct bench *bench = ctx;
	struct hilf_err err;
	while (!atomic_load(&bench->stop)) {
		struct hilf_signal signal = any_signal();
		const struct hilf_new_entry entry = {&signal, 1, NULL, 0};
		struct hilf_add_result result;
		if (hilf_add(bench->hilf, "bench", NULL, &entry, 1, &result, &err) != 0)
			die("add", &err);
		atomic_fetch_add(&bench->added, 1);
	}
	return NULL;
}

static void fill(struct bench *bench, size_t count)
{
	struct hilf_err err;
	while (count) {
		size_t some = count < 65536 ? count : 65536;
		struct hilf_signal *signals = calloc(some, sizeof *signals);
		struct hilf_new_entry *entries = calloc(some, sizeof *entries);
		struct hilf_add_result *results = calloc(some, sizeof *results);
		if (!signals || !entries || !results)
			exit(1);
		for (size_t i = 0; i < some; i++) {
			signals[i] = any_signal();
			entries[i] = (struct hilf_new_entry){&signals[i], 1, NULL, 0};
		}
		if (hilf_add(bench->hilf, "bench", NULL, entries, some, results, &err) != 0)
			die("fill", &err);
		free(signals);
		free(entries);
		free(results);
		count -= some;
	}
}

/* Syncs per second of the same disk. */
static double sync_rate(const char *dir, double seconds)
{
	char path[200];
	static const char page[4096];
	size_t count = 0;
	snprintf(path, sizeof path, "%s/sync", dir);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		exit(1);
	double start = bench_now();
	while (bench_now() - start < seconds) {
		if (pwrite(fd, page, sizeof page, (off_t)(count * sizeof page)) < 0 ||
			fdatasync(fd) != 0)
			exit(1);
		count++;
	}
	double rate = (double)count / (bench_now() - start);
	close(fd);
	return rate;
}

int main(int argc, char **argv)
{
	struct bench bench = {.hilf = NULL};
	struct hilf_err err;
	pthread_t threads[THREADS_MAX];
	char dir[] = "/var/tmp/hilf-add-bench-XXXXXX", command[100], name[100];
	size_t count = argc > 2 ? strtoul(argv[2], NULL, 10) : 32;
	double seconds = argc > 3 ? strtod(argv[3], NULL) : 3;
	size_t before = argc > 4 ? strtoul(argv[4], NULL, 10) : 100000;
	if (argc < 2 || !count || count > THREADS_MAX || !mkdtemp(dir))
		return 2;
	const struct hilf_options options = {.abi = HILF_ABI,
		.data_dir = dir,
		.helper_dir = argv[1],
		.create = true,
		.activity = "bench"};
	if (hilf_open(&options, &bench.hilf, &err) != 0 ||
		hilf_bank_create(bench.hilf, "bench", HILF_REVIEW, HILF_PDQ_RADIUS, NULL, &err) !=
			0)
		die("open", &err);
	fill(&bench, before);
	double start = bench_now();
	for (size_t i = 0; i < count; i++)
		pthread_create(&threads[i], NULL, add, &bench);
	while (bench_now() - start < seconds)
		usleep(10000);
	atomic_store(&bench.stop, true);
	for (size_t i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	double rate = (double)atomic_load(&bench.added) / (bench_now() - start);
	snprintf(name, sizeof name, "adds with %zu writers; peer: syncs", count);
	bench_row(name, rate, sync_rate(dir, 1), "adds/s");
	hilf_close(bench.hilf);
	snprintf(command, sizeof command, "rm -rf %s", dir);
	return system(command) != 0;
}
