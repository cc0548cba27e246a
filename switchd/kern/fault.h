/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Private to kern/: breaking things on purpose, for tests (build option 'fault'; without it nothing of this exists).
 * VNET_FAULT names a file. When an apply begins and the file is there, it is read and removed: "fail N" makes the N-th
 * modifying request from there on fail, "fail-all N" that and every later one, "kill N" ends the process before it.
 */
#pragma once
#include <stdbool.h>

#ifdef VNET_FAULT
void fault_arm(void);

/* Is it the turn of this request to fail? Does not return when it is time to die; 'flush' is called before that. */
bool fault_due(void (*flush)(void *arg), void *arg);
#else
static inline void fault_arm(void)
{
}

static inline bool fault_due(void (*flush)(void *arg), void *arg)
{
	(void)flush;
	(void)arg;
	return false;
}
#endif
