/* A data folder with many open cases and one of many uploads, for desk_bench.py:
 *
 *   desk_fill DATA HELPERS CASES UPLOADS      prints the number of the case with all the uploads
 *
 * They come in by the engine's own gathering, a thousand to a write, as a busy node's checks would. */
#include "base/check.h"
#include "engine/cases.h"
#include "engine/local.h"
#include "os/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PER_WRITE 1000u
#define CAPTIONS  60u

struct filling {
	size_t from, to;
	uint64_t entry; /* 0: a content each */
	uint64_t case_id;
};

static int fill(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	struct filling *filling = ctx;
	int rc = 0;
	for (size_t i = filling->from; i < filling->to && !rc; i++) {
		char id[40], uploader[40], url[80], caption[120];
		snprintf(id, sizeof id, "post-%zu-%d", i, filling->entry != 0);
		snprintf(uploader, sizeof uploader, "user-%zu", i % 977);
		snprintf(url, sizeof url, "https://evidence.example/%zu?until=600", i);
		snprintf(caption, sizeof caption, "What stands beside it, number %zu",
			filling->entry ? i % CAPTIONS : i);
		const struct check_context context = {.content_id = id,
			.uploader_ref = uploader,
			.evidence_url = url,
			.caption = caption,
			.language = i % 3 ? "fr" : "ar",
			.reach = (int64_t)(i * 7919 % 2000000),
			.surface = i % 5 ? SURFACE_PUBLIC : SURFACE_LIMITED};
		const struct case_upload upload = {
			.kind = filling->entry ? CASE_MATCH : CASE_REPORT,
			.entry = filling->entry,
			.context = &context,
			.time_ms = clock_now_ms(),
			.why = {.signal = filling->entry ? HILF_PDQ : 0,
				.distance = (uint16_t)(i % 31),
				.threshold = 31,
				.share_percent = 100},
			.category = filling->entry ? NULL : hilf_class_name(i % 8)};
		rc = case_gather(hilf, &upload, &filling->case_id, NULL, err);
	}
	return rc;
}

static uint64_t fill_all(struct hilf *hilf, size_t count, uint64_t entry)
{
	struct filling filling = {.entry = entry};
	struct hilf_err err;
	for (; filling.from < count; filling.from = filling.to) {
		filling.to = filling.from + PER_WRITE < count ? filling.from + PER_WRITE : count;
		if (local_submit(hilf, fill, &filling, &err) != 0) {
			fprintf(stderr, "desk_fill: %s\n", err.text);
			exit(1);
		}
	}
	return filling.case_id;
}

int main(int argc, char **argv)
{
	struct hilf_signal signal = {HILF_PDQ, 32, 100,
		{0xf8, 0xf8, 0xf0, 0xcc, 0xe0, 0xf4, 0xe8, 0x4d, 0x0e, 0x37, 0x0a, 0x22, 0x02, 0x8f,
			0x67, 0xf0, 0xb3, 0x6e, 0x2e, 0xd5, 0x96, 0x62, 0x3e, 0x1d, 0x33, 0xe6,
			0x33, 0x9c, 0x4e, 0x9c, 0x9b, 0x22}};
	const struct hilf_new_entry entry = {&signal, 1, NULL, 0};
	struct hilf_add_result result;
	struct hilf *hilf;
	struct hilf_err err;
	if (argc != 5) {
		fprintf(stderr, "usage: desk_fill DATA HELPERS CASES UPLOADS\n");
		return 2;
	}
	const struct hilf_options options = {.abi = HILF_ABI,
		.data_dir = argv[1],
		.helper_dir = argv[2],
		.create = true,
		.activity = "bench"};
	int rc = hilf_open(&options, &hilf, &err);
	if (!rc)
		rc = hilf_bank_create(hilf, "b", HILF_REVIEW, 31, NULL, &err);
	if (!rc)
		rc = hilf_add(hilf, "b", NULL, &entry, 1, &result, &err);
	if (rc) {
		fprintf(stderr, "desk_fill: %s\n", err.text);
		return 1;
	}
	int64_t began_us = clock_monotonic_us();
	fill_all(hilf, strtoull(argv[3], NULL, 10), 0);
	int64_t cases_us = clock_monotonic_us() - began_us;
	uint64_t large = fill_all(hilf, strtoull(argv[4], NULL, 10), result.entry);
	fprintf(stderr, "desk_fill: %.0f ms for the cases, %.0f ms for the uploads\n",
		(double)cases_us / 1e3, (double)(clock_monotonic_us() - began_us - cases_us) / 1e3);
	printf("%llu\n", (unsigned long long)large);
	hilf_close(hilf);
	return 0;
}
