/* What is limited to banks knows them by their names: keys, webhooks, people. */
#ifndef ENGINE_SCOPES_H
#define ENGINE_SCOPES_H

#include "hilf.h"

/* Within a job: a bank of this node gets another name, and all that was limited to it goes on being so. */
int scopes_rename(struct hilf *hilf, const char *was, const char *name, struct hilf_err *err);
/* After that is durable: whoever asks next is answered by the new name. */
void scopes_renamed(struct hilf *hilf);

#endif
