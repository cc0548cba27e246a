/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/base/str.h"

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
	struct str text = { 0 }, out = { 0 };
	va_list ap;
	int n;

	if (level > state.max)
		return;
	va_start(ap, fmt);
	str_vaddf(&text, fmt, ap);
	va_end(ap);
	for (const char *l = str_get(&text); *l; l += n + (l[n] == '\n')) {
		n = (int)strcspn(l, "\n");
		if (n && state.journal)
			str_addf(&out, "<%d>%.*s\n", level, n, l);
		else if (n)
			str_addf(&out, "%s: %.*s\n", state.program, n, l);
	}
	fputs(str_get(&out), stderr);
	str_done(&text);
	str_done(&out);
}
