/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/base/diag.h"

#include <errno.h>
#include <stddef.h>

static void __attribute__((format(printf, 3, 0)))
add(struct diag *d, const char *path, const char *fmt, va_list ap)
{
	if (d->prefix.len)
		str_addf(&d->text, "%s: ", d->prefix.s);
	if (path && *path)
		str_addf(&d->text, "%s: ", path);
	str_vaddf(&d->text, fmt, ap);
	str_addc(&d->text, '\n');
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

void diag_warn(struct diag *d, const char *path, const char *fmt, ...)
{
	va_list ap;

	if (!d)
		return;
	va_start(ap, fmt);
	add(d, path, fmt, ap);
	va_end(ap);
}

void diag_where(struct diag *d, const char *fmt, ...)
{
	va_list ap;

	if (!d)
		return;
	str_clear(&d->prefix);
	if (!fmt)
		return;
	va_start(ap, fmt);
	str_vaddf(&d->prefix, fmt, ap);
	va_end(ap);
}

const char *diag_text(const struct diag *d)
{
	return str_get(&d->text);
}

void diag_done(struct diag *d)
{
	str_done(&d->text);
	str_done(&d->prefix);
	d->errors = 0;
}
