/* Two kinds of exchange: `local_file`, lines `type value` of a file in DATA/exchanges, and `sample`, twenty values that stand
 * for nothing bad: the ten pictures that hilf-draw draws, and the digests of ten lines of text ("hilf sample 1" to "hilf
 * sample 10", each with its line end). With these anybody can see that look-ups work. */
#include "http/hma/kind.h"

#include "base/check.h"
#include "base/err.h"
#include "base/limits.h"
#include "engine/engine.h"
#include "os/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FOLDER        "exchanges"
#define FILE_SIZE_MAX (128u * 1024 * 1024) /* two million lines; `hilf import` takes more */
#define BATCH         8192u
#define TYPE_MAX      32u
#define NAME_MAX_SIZE 200u

/* ------------------------------------------------------------------------------------------- taking */

static int flush(struct kind_taking *taking, struct hilf_err *err)
{
	const struct hilf_entry_meta meta = {.source = "import"};
	struct hilf_new_entry *entries = calloc(taking->pending + 1, sizeof *entries);
	struct hilf_add_result *results = calloc(taking->pending + 1, sizeof *results);
	int rc = 0;
	if (!entries || !results)
		rc = err_no_memory(err);
	for (size_t i = 0; i < taking->pending && !rc; i++)
		entries[i] =
			(struct hilf_new_entry){.signals = &taking->signals[i], .signal_count = 1};
	if (!rc && taking->pending)
		rc = hilf_add(
			taking->hilf, taking->bank, &meta, entries, taking->pending, results, err);
	for (size_t i = 0; i < taking->pending && !rc; i++) {
		taking->taken += results[i].entry != 0;
		taking->skipped += !results[i].entry;
	}
	taking->pending = 0;
	free(entries);
	free(results);
	return rc;
}

int kind_take(struct kind_taking *taking, const char *type, size_t type_size, const char *value,
	size_t value_size, struct hilf_err *err)
{
	char name[TYPE_MAX], text[HILF_SIGNAL_TEXT_MAX];
	uint8_t number = 0;
	if (type_size < sizeof name && value_size < sizeof text) {
		memcpy(name, type, type_size);
		name[type_size] = '\0';
		memcpy(text, value, value_size);
		text[value_size] = '\0';
		number = hma_type(name);
	}
	if (!number || hilf_signal_parse(hilf_signal_type_name(number), text,
			       &taking->signals[taking->pending], NULL)) {
		taking->skipped++;
		return 0;
	}
	return ++taking->pending == BATCH ? flush(taking, err) : 0;
}

int kind_read(struct hilf *hilf, const struct exchange_kind *kind, const char *bank,
	const json_t *config, uint64_t *ret_taken, uint64_t *ret_skipped, struct hilf_err *err)
{
	struct kind_taking taking = {.hilf = hilf, .bank = bank};
	taking.signals = calloc(BATCH, sizeof *taking.signals);
	int rc = taking.signals ? kind->read(&taking, config, err) : err_no_memory(err);
	if (!rc)
		rc = flush(&taking, err);
	free(taking.signals);
	if (!rc) {
		*ret_taken = taking.taken;
		*ret_skipped = taking.skipped;
	}
	return rc;
}

/* ------------------------------------------------------------------------------------------- local_file */

/* The name within DATA/exchanges, however it was given; NULL for a place elsewhere. */
static const char *name_within(const char *data_dir, const char *filename)
{
	size_t size = strlen(data_dir);
	while (size > 1 && data_dir[size - 1] == '/')
		size--;
	if (strncmp(filename, data_dir, size) == 0 &&
		strncmp(filename + size, "/" FOLDER "/", strlen("/" FOLDER "/")) == 0)
		filename += size + strlen("/" FOLDER "/");
	if (!*filename || filename[0] == '.' || strchr(filename, '/') ||
		strlen(filename) > NAME_MAX_SIZE)
		return NULL;
	return filename;
}

static int file_check(const struct api *api, const json_t *config, struct hilf_err *err)
{
	const struct hilf *hilf = atomic_load(&api->hilf);
	const char *filename = json_string_value(json_object_get(config, "filename"));
	const json_t *type = json_object_get(config, "signal_type");
	if (!filename)
		return err_set(err, HILF_E_INVALID, "filename is required, and is a string");
	if (!name_within(hilf->data_dir, filename))
		return err_set(err, HILF_E_INVALID,
			"filename must be of a file in the folder '" FOLDER
			"' of this node's data folder, and nothing above or below it");
	if (type && !json_is_null(type) &&
		(!json_is_string(type) || !hma_type(json_string_value(type))))
		return err_set(err, HILF_E_INVALID,
			"signal_type must be pdq or video_md5, or not be there");
	return 0;
}

static int file_path(struct hilf *hilf, const json_t *config, char **ret_path, struct hilf_err *err)
{
	const char *filename = json_string_value(json_object_get(config, "filename"));
	const char *name = filename ? name_within(hilf->data_dir, filename) : NULL;
	char within[sizeof FOLDER + NAME_MAX_SIZE + 1];
	if (!name)
		return err_set(err, HILF_E_INVALID, "the exchange's filename is none");
	snprintf(within, sizeof within, FOLDER "/%s", name);
	*ret_path = file_join(hilf->data_dir, within);
	return *ret_path ? 0 : err_no_memory(err);
}

static int file_stamp(
	struct hilf *hilf, const json_t *config, char ret_stamp[64], struct hilf_err *err)
{
	struct stat stat_;
	char *path = NULL;
	int rc = file_path(hilf, config, &path, err);
	if (!rc && stat(path, &stat_))
		rc = err_sys(err, errno == ENOENT ? HILF_E_NOT_FOUND : HILF_E_IO, errno,
			"cannot look at '%s'", path);
	if (!rc)
		snprintf(ret_stamp, 64, "%lld.%09ld.%lld", (long long)stat_.st_mtim.tv_sec,
			stat_.st_mtim.tv_nsec, (long long)stat_.st_size);
	free(path);
	return rc;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* One line: a type, a blank and a value; a value alone where the configuration names the type. */
static int take_line(struct kind_taking *taking, const char *type, const char *line, size_t size,
	struct hilf_err *err)
{
	size_t type_size = type ? strlen(type) : 0;
	while (size && is_blank(line[size - 1]))
		size--;
	while (size && is_blank(*line)) {
		line++;
		size--;
	}
	if (!size || *line == '#')
		return 0;
	if (!type) {
		type = line;
		while (type_size < size && !is_blank(line[type_size]))
			type_size++;
		line += type_size;
		size -= type_size;
		while (size && is_blank(*line)) {
			line++;
			size--;
		}
	}
	return kind_take(taking, type, type_size, line, size, err);
}

static int file_read_all_lines(
	struct kind_taking *taking, const json_t *config, struct hilf_err *err)
{
	const char *type = json_string_value(json_object_get(config, "signal_type"));
	struct buf text = BUF_INIT;
	char *path = NULL;
	int rc = file_path(taking->hilf, config, &path, err);
	if (!rc)
		rc = file_read(path, FILE_SIZE_MAX, &text, err);
	for (size_t at = 0; at < text.size && !rc;) {
		const char *end = memchr(text.data + at, '\n', text.size - at);
		size_t size = end ? (size_t)(end - text.data) - at : text.size - at;
		rc = take_line(taking, type, text.data + at, size, err);
		at += size + 1;
	}
	buf_free(&text);
	free(path);
	return rc;
}

/* ------------------------------------------------------------------------------------------- sample */

static const struct {
	const char *type, *value;
} samples[] = {
	/* banner, cover, crowd, dunes, emblem, hills, map, mosaic, placard, skyline */
	{"pdq", "630d8ef03c71e62ff0c631520ee6db90c711798e0e38fc717386c3d11cde1e1e"},
	{"pdq", "423d0f929f16016cb7df0fa487188f2cb6794db76986f0539868129f4cb7f252"},
	{"pdq", "49359729f962a6bd79d2e49da1b95fe7b272419497147ae6540ae81abb46c0e0"},
	{"pdq", "611feb4d12d806776a48f2d774be8d3896db54801d81ad15a9efab5c8c31307e"},
	{"pdq", "5693e6312d3cb8ec9b6bd36b6c5ae4d417c2660360aca92c99689a72e6116cef"},
	{"pdq", "6b2d921b1069efe6f769901d7c80636b56f68c8c2f0d29e1556b2f89a85456b6"},
	{"pdq", "fd4af8c366592ca61c3cc378207f1dcdbe43764fbca59a3c3a006728c4c1aac7"},
	{"pdq", "b04401ae831427dc6653d4a92cdbfd02e2673eb4c59ec1fe4a6f30be340ccdf3"},
	{"pdq", "7429d4ac5eae7a873a13aa52ead6ebfe29f80b5307139711971118103185f5ef"},
	{"pdq", "cae8ce11317e0666c6277c72910d999999999198e663666766666666c79f199d"},
	/* "hilf sample 1" to "hilf sample 10", as `echo` writes them */
	{"video_md5", "d48c49a1effa22b008c886339cade37e"},
	{"video_md5", "7407751641c7c3e1bf3031b5849960f5"},
	{"video_md5", "d0c3924dbbeb1cd8f94c39791b214e1c"},
	{"video_md5", "7da069ed1f6f9a0037de08e077ff13b4"},
	{"video_md5", "5885843252f63319579a8509126cd283"},
	{"video_md5", "18c54a36815a4e8e617d3782482c0fe4"},
	{"video_md5", "0243cff4f99aa9c4f17fb0ce3bbb37aa"},
	{"video_md5", "b5b714ae2296b528fb1d7cc126612045"},
	{"video_md5", "7aca64e383e253e60b2fcbcce486fd61"},
	{"video_md5", "f0d24ffed4bf96dea5f6be603c63c27b"},
};

static int sample_check(const struct api *api, const json_t *config, struct hilf_err *err)
{
	(void)api;
	(void)config;
	(void)err;
	return 0;
}

static int sample_stamp(
	struct hilf *hilf, const json_t *config, char ret_stamp[64], struct hilf_err *err)
{
	(void)hilf;
	(void)config;
	(void)err;
	snprintf(ret_stamp, 64, "built in");
	return 0;
}

static int sample_read(struct kind_taking *taking, const json_t *config, struct hilf_err *err)
{
	int rc = 0;
	(void)config;
	for (size_t i = 0; i < COUNT_OF(samples) && !rc; i++)
		rc = kind_take(taking, samples[i].type, strlen(samples[i].type), samples[i].value,
			strlen(samples[i].value), err);
	return rc;
}

/* ------------------------------------------------------------------------------------------- registry */

static const char *const file_fields[] = {"filename", "signal_type", NULL};
static const char *const no_fields[] = {NULL};

static const struct exchange_kind apis[] = {
	{"local_file",
		"{\"fields\":[{\"choices\":null,\"default\":null,\"help\":\"a file in the folder "
		"'" FOLDER "' of this node's data folder, with lines 'type "
		"value'\",\"name\":\"filename\",\"required\":true,\"type\":\"string\"},"
		"{\"choices\":null,\"default\":null,\"help\":\"the signal type of all lines, which "
		"then hold a value "
		"alone\",\"name\":\"signal_type\",\"required\":false,\"type\":\"string\"}]}",
		file_fields, file_check, file_stamp, file_read_all_lines},
	{"sample", "{\"fields\":[]}", no_fields, sample_check, sample_stamp, sample_read},
};

const struct exchange_kind *kind_at(size_t position)
{
	return position < COUNT_OF(apis) ? &apis[position] : NULL;
}

const struct exchange_kind *kind_find(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(apis); i++)
		if (strcmp(apis[i].name, name) == 0)
			return &apis[i];
	return NULL;
}
