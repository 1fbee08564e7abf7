/* URLs, references and rules: what is read is written in one spelling that reads the same, and holds nothing that could
 * end a line or name a host twice. The first byte says which. */
#include "base/check.h"
#include "wire/web_url.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_url(const char *text, size_t size)
{
	char written[WEB_URL_ROOM], again[WEB_URL_ROOM];
	struct web_url url, same;
	struct hilf_err err;
	int rc = web_url_read(text, size, &url, &err);
	if (rc) {
		ASSERT(rc == err.code && (rc == HILF_E_INVALID || rc == HILF_E_DENIED));
		return;
	}
	ASSERT(url.port && *url.host && !strpbrk(url.host, "@/?#[]% \\"));
	ASSERT(url.is_address || web_host_valid(url.host, strlen(url.host)));
	size_t length = web_url_write(&url, written);
	for (size_t i = 0; i < length; i++)
		ASSERT(written[i] > 0x20 && written[i] < 0x7f && written[i] != '#');
	if (length > WEB_URL_MAX)
		return;
	ASSERT(web_url_read(written, length, &same, NULL) == 0 && web_url_same_origin(&url, &same));
	ASSERT(url.is_address == same.is_address);
	ASSERT(web_url_write(&same, again) == length && memcmp(written, again, length) == 0);
}

static void try_reference(const char *text, size_t size)
{
	char to[WEB_URL_ROOM];
	struct web_url url;
	if (web_url_follow("https://host.example:443/a/b?c", text, size, to, NULL) == 0 &&
		strlen(to) <= WEB_URL_MAX)
		ASSERT(web_url_read(to, strlen(to), &url, NULL) == 0);
}

static void try_rule(const char *text, size_t size)
{
	struct web_rule rule;
	struct web_address address = {{0}};
	struct hilf_err err;
	if (web_rule_read(text, size, &rule, &err) != 0)
		return;
	ASSERT(rule.prefix <= 128 && rule.is_network == (rule.host[0] == '\0'));
	web_rules_name(&rule, 1, "host.example", &address, 80);
	/* A network names its own first address. */
	ASSERT(!rule.is_network ||
		web_rules_name(&rule, 1, "x", &rule.network, rule.port ? rule.port : 80));
	web_address_special(&rule.network);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data + 1;
	if (size < 1)
		return 0;
	if (data[0] == 'u')
		try_url(text, size - 1);
	else if (data[0] == 'r')
		try_reference(text, size - 1);
	else
		try_rule(text, size - 1);
	return 0;
}
