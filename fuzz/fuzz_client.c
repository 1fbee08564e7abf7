/* Whatever is sent in X-Forwarded-For: the client is the peer or an address that is written there; and who is not asked by a
 * trusted proxy is the peer. */
#include "base/check.h"
#include "http/client.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const trusted[] = {"10.0.0.0/8", "2001:db8::/32", "127.0.0.1"};
	const struct web_address peer = {{[10] = 0xff, [11] = 0xff, [12] = 127, [15] = 1}};
	const struct web_address stranger = {{[10] = 0xff, [11] = 0xff, [12] = 192, [15] = 1}};
	struct client_proxies proxies = {.count = 0};
	struct web_address client = stranger;
	const char *lines[8];
	size_t count = 0;
	char *text = malloc(size + 1);
	if (!text)
		return 0;
	for (size_t i = 0; i < COUNT_OF(trusted); i++)
		client_proxies_add(&proxies, trusted[i], NULL);
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	/* A line for each line. */
	for (char *at = text; at && count < COUNT_OF(lines); count++) {
		lines[count] = at;
		at = strchr(at, '\n');
		if (at)
			*at++ = '\0';
	}
	client_walk(&proxies, lines, count, &client);
	ASSERT(memcmp(&client, &stranger, sizeof client) == 0);
	client = peer;
	client_walk(&proxies, lines, count, &client);
	char written[WEB_ADDRESS_TEXT_MAX];
	web_address_write(&client, written);
	/* Asked again by whom it came to, the answer is not another. */
	struct web_address again = client;
	client_walk(&proxies, lines, 0, &again);
	ASSERT(memcmp(&client, &again, sizeof client) == 0);
	client_proxies_add(&proxies, text, NULL);
	free(text);
	return 0;
}
