/* The same fields wherever a bank is shown to a program. */
#include "cli/bank_view.h"

#include "wire/json.h"

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
