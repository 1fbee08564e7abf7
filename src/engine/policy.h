/* What a match means: the rules that protect people, in one place. */
#ifndef ENGINE_POLICY_H
#define ENGINE_POLICY_H

#include "hilf.h"

/* The verdict that one match brings. `own`: the bank is this member's (a shared one blocks only after a second member
 * confirmed, which is not known yet, so it never blocks here). `partial`: only part of the query could be read, so
 * nobody knows how much of it the match is. `disputed`: some member says that the entry is none; a person decides. */
enum hilf_verdict policy_verdict(enum hilf_mode mode, bool own, bool partial, bool disputed);
/* The heavier of two, in the order block > review > undecided > no_match. */
enum hilf_verdict policy_worst(enum hilf_verdict a, enum hilf_verdict b);

#endif
