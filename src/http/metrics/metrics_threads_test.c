/* Many threads count at once, and nothing is lost; words beyond the room are "other". */
#include "base/check.h"
#include "http/api.h"
#include "http/metrics.h"
#include "test/unit.h"

#include <pthread.h>
#include <string.h>

#define THREADS 8
#define ROUNDS  5000

static void *count(void *argument)
{
	struct metrics *metrics = argument;
	for (int i = 0; i < ROUNDS; i++) {
		char word[24];
		snprintf(word, sizeof word, "word%d", i % 60);
		metrics_check(metrics, (enum hilf_verdict)(i % 4), HILF_NO_MATCH, word, 2);
		metrics_event(metrics, METRIC_DELIVERED, 1);
	}
	return NULL;
}

static unsigned long long value_of(const struct buf *text, const char *name)
{
	const char *at = strstr(text->data, name);
	assert_non_null(at);
	return strtoull(at + strlen(name), NULL, 10);
}

static void nothing_is_lost_when_many_count(void **state)
{
	struct api api = {.started_ms = 1};
	struct metrics *metrics;
	pthread_t threads[THREADS];
	struct buf text = BUF_INIT;
	unsigned long long words = 0;
	(void)state;
	assert_int_equal(metrics_new(&metrics, NULL), 0);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, count, metrics), 0);
	/* A scrape meanwhile sees some of it. */
	assert_int_equal(metrics_write(metrics, &api, &text, NULL), 0);
	buf_clear(&text);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(metrics_write(metrics, &api, &text, NULL), 0);
	assert_int_equal(value_of(&text, "\nhilf_signals_checked_total "), 2 * THREADS * ROUNDS);
	assert_int_equal(value_of(&text, "{verdict=\"review\"} "), THREADS * ROUNDS / 4);
	assert_int_equal(value_of(&text, "{result=\"delivered\"} "), THREADS * ROUNDS);
	for (const char *at = text.data; (at = strstr(at, "hilf_undecided_total{")); at++)
		words += strtoull(strchr(at, '}') + 1, NULL, 10);
	assert_int_equal(words, THREADS * ROUNDS);
	assert_true(value_of(&text, "{reason=\"other\"} ") > 0);
	assert_int_equal(value_of(&text, "{state=\"loading\"} "), 1);
	buf_free(&text);
	metrics_free(metrics);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_lost_when_many_count),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
