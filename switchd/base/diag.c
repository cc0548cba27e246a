/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/base/diag.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

enum { TWINS_MAX = 64 * 1024 };

/* Messages quote what was read: make them text that a terminal and JSON can carry. */
static void make_printable(char *s)
{
	while (*s) {
		size_t n = str_utf8(s);

		if (!n && *s != '\n' && *s != '\t')
			*s = '?';
		s += n ? n : 1;
	}
}

/* Two checks may come to the same line. Of very many lines nobody reads the twins. */
static void drop_twin(struct diag *d, size_t before)
{
	const char *twin;

	if (before > TWINS_MAX)
		return;
	twin = memmem(d->text.s, before, d->text.s + before, d->text.len - before);
	if (twin && (twin == d->text.s || twin[-1] == '\n')) {
		d->text.len = before;
		d->text.s[before] = '\0';
	}
}

static void __attribute__((format(printf, 3, 0))) add(struct diag *d, const char *path, const char *fmt, va_list ap)
{
	size_t before = d->text.len;

	if (d->file && d->line)
		str_addf(&d->text, "%s:%d: ", d->file, d->line);
	else if (d->file)
		str_addf(&d->text, "%s: ", d->file);
	if (path && *path)
		str_addf(&d->text, "%s: ", path);
	str_vaddf(&d->text, fmt, ap);
	str_addc(&d->text, '\n');
	make_printable(d->text.s + before);
	drop_twin(d, before);
}

int diag_error(struct diag *d, const char *path, const char *fmt, ...)
{
	va_list ap;

	if (!d)
		return -EINVAL;
	va_start(ap, fmt);
	add(d, path, fmt, ap);
	va_end(ap);
	d->errors++;
	return -EINVAL;
}

int diag_refuse(struct diag *d, const char *reason, const char *path, ...)
{
	struct str text = { 0 };
	va_list ap;

	va_start(ap, path);
	str_vaddf(&text, path, ap);
	va_end(ap);
	diag_error(d, str_get(&text), "%s", reason);
	str_done(&text);
	return -EINVAL;
}

void diag_warn(struct diag *d, const char *path, const char *fmt, ...)
{
	va_list ap;

	if (!d)
		return;
	va_start(ap, fmt);
	add(d, path, fmt, ap);
	va_end(ap);
}

void diag_at(struct diag *d, const char *file, int line)
{
	if (!d)
		return;
	d->file = file;
	d->line = line;
}

const char *diag_text(const struct diag *d)
{
	return str_get(&d->text);
}

void diag_done(struct diag *d)
{
	str_done(&d->text);
	d->file = NULL;
	d->errors = 0;
}
