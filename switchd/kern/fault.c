/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/kern/fault.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char how[16];
static long left; /* requests until it is time, 0: never */

void fault_arm(void)
{
	const char *path = getenv("VNET_FAULT");
	FILE *f = path ? fopen(path, "re") : NULL;

	if (!f)
		return;
	if (fscanf(f, "%15s %ld", how, &left) != 2)
		left = 0;
	fclose(f);
	unlink(path);
}

bool fault_due(void (*flush)(void *arg), void *arg)
{
	if (!left || --left)
		return false;
	if (!strcmp(how, "kill")) {
		if (flush)
			flush(arg);
		raise(SIGKILL);
	}
	if (!strcmp(how, "fail-all"))
		left = 1;
	return true;
}
