/* The same fields wherever a bank is shown to a program, and the same spelling wherever one is described. */
#include "cli/bank_view.h"

#include "base/err.h"
#include "cli/options.h"
#include "wire/json.h"

#include <stdio.h>
#include <string.h>

#define SAMPLE_ALL 1000000u
#define PERCENT    (SAMPLE_ALL / 100)

void bank_view_json(struct buf *buf, const struct hilf_bank *bank)
{
	buf_char(buf, '{');
	json_put_key(buf, "bank");
	json_put_text(buf, bank->name);
	json_put_key(buf, "gid");
	json_put_text(buf, bank->gid);
	json_put_key(buf, "mode");
	json_put_text(buf, hilf_mode_name(bank->mode));
	json_put_key(buf, "threshold");
	json_put_integer(buf, bank->pdq_radius);
	json_put_key(buf, "sample_ppm");
	json_put_integer(buf, bank->sample_ppm);
	json_put_key(buf, "entries");
	json_put_integer(buf, (int64_t)bank->entry_count);
	json_put_key(buf, "withdrawn");
	json_put_integer(buf, (int64_t)bank->withdrawn_count);
	json_put_key(buf, "own");
	json_put_bool(buf, bank->own);
	json_put_key(buf, "created_ms");
	json_put_integer(buf, bank->created_ms);
	buf_text(buf, "}\n");
}

int bank_threshold_parse(const char *text, uint32_t *ret_radius, struct hilf_err *err)
{
	uint64_t radius;
	if (strncmp(text, "pdq=", 4) != 0)
		return err_set(err, HILF_E_INVALID,
			"--threshold is SIGNAL=BITS, such as pdq=31, not '%.40s'; pdq is the "
			"signal that has one",
			text);
	int rc = number_parse("--threshold pdq=", text + 4, 0, HILF_PDQ_RADIUS_MAX, &radius, err);
	if (!rc)
		*ret_radius = (uint32_t)radius;
	return rc;
}

/* Digits, and after a point up to four more: a millionth is 0.0001%. */
static bool read_percent(const char *text, uint32_t *ret_ppm)
{
	uint32_t ppm = 0, unit = PERCENT;
	size_t digits = 0;
	for (; *text >= '0' && *text <= '9' && digits < 4; text++, digits++)
		ppm = ppm * 10 + (uint32_t)(*text - '0') * PERCENT;
	if (!digits)
		return false;
	if (*text == '.')
		for (text++; *text >= '0' && *text <= '9' && unit > 1; text++)
			ppm += (uint32_t)(*text - '0') * (unit /= 10);
	if (strcmp(text, "%") != 0 || ppm > SAMPLE_ALL)
		return false;
	*ret_ppm = ppm;
	return true;
}

int bank_sample_parse(const char *text, uint32_t *ret_ppm, struct hilf_err *err)
{
	if (!strcmp(text, "all")) {
		*ret_ppm = SAMPLE_ALL;
		return 0;
	}
	if (read_percent(text, ret_ppm))
		return 0;
	return err_set(err, HILF_E_INVALID,
		"--sample is a share such as 10%% or 0.5%%, at most 100%%, or all, not '%.40s'",
		text);
}

void bank_sample_format(uint32_t ppm, char ret_text[BANK_SAMPLE_TEXT_SIZE])
{
	if (ppm >= SAMPLE_ALL) {
		snprintf(ret_text, BANK_SAMPLE_TEXT_SIZE, "all");
		return;
	}
	snprintf(ret_text, BANK_SAMPLE_TEXT_SIZE, "%u.%04u", ppm / PERCENT % 100, ppm % PERCENT);
	size_t size = strlen(ret_text);
	while (ret_text[size - 1] == '0')
		size--;
	size -= ret_text[size - 1] == '.';
	strcpy(ret_text + size, "%");
}
