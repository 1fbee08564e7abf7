/* The servers of server.py, started for a test program and ended with it. */
#ifndef TEST_FETCH_SERVERS_H
#define TEST_FETCH_SERVERS_H

#include <stdbool.h>

/* Starts them with a folder of their own for certificates; false where that fails (no Python, no openssl). */
bool servers_start(void);
void servers_stop(void);
/* The port of "http", "second", "six", "good", "other", "expired", "self", "closed"; 0: there is none. */
unsigned servers_port(const char *key);
/* The certificate of their authority. */
const char *servers_ca(void);

/* Lets /hold/NAME answer, now and from then on. */
void servers_release(const char *name);

#endif
