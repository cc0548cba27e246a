/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static struct {
	const char *program;
	enum log_level max;
	bool journal;
} state = { "switchd", LOG_LEVEL_INFO, false };

void log_init(const char *program, enum log_level max)
{
	state.program = program;
	state.max = max;
	state.journal = getenv("JOURNAL_STREAM") != NULL;
}

void log_at(enum log_level level, const char *fmt, ...)
{
	char line[1024];
	va_list ap;

	if (level > state.max)
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	if (state.journal)
		fprintf(stderr, "<%d>%s\n", level, line);
	else
		fprintf(stderr, "%s: %s\n", state.program, line);
}
