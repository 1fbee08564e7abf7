/* The two children that hilf-fetch makes for each request: one that finds the way and one that reads what comes. Each
 * runs in a process of its own, behind its wall already, and its return value is the process's status. */
#ifndef PROC_FETCH_H
#define PROC_FETCH_H

#include "wire/fetch_msg.h"

#include <openssl/x509.h>

/* What may be connected to. */
struct fetch_rules {
	struct web_rule *rules;
	size_t count;
	bool only_allowed;
};

#define FETCH_REDIRECTS_MAX 5u

/* Resolves names, looks at every address, connects, and hands the connected socket over: whatever the loader becomes in
 * a stranger's hands, it gets to no address that these rules refuse. Serves until the other side closes. */
int fetch_dial_serve(int loader, const struct fetch_rules *rules);

/* Speaks HTTP and TLS on sockets that the dialler gives it. trusted: what certificates must lead to. */
int fetch_load_serve(int client, int dialler, X509_STORE *trusted);

#endif
