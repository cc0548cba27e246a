/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What can be configured under 'network NAME tftp'. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tftp/tftp.h"

enum { ROOT_MAX = 255 };

static int parse_root(const struct type *t, const char *in, char *out, struct str *err)
{
	size_t len = strlen(in);

	(void)t;
	while (len > 1 && in[len - 1] == '/')
		len--;
	if (*in != '/' || len > ROOT_MAX || strpbrk(in, "\n\t\r") || strstr(in, "/../")) {
		str_addf(err, "'%s' is not a folder: a path from '/' on, of at most %d characters, is needed", in,
			 ROOT_MAX);
		return -EINVAL;
	}
	snprintf(out, VALUE_SIZE, "%.*s", (int)len, in);
	return 0;
}

static const struct type root = { .parse = parse_root, .hint = "</folder>", .yang = "string { pattern '/.*'; }" };

static const struct row rows[] = {
	{ 1, ROW_TREE, "tftp", .help = "Files that guests boot from" },
	{ 2, ROW_LEAF, "root", &root,
	  .help = "Folder they are in; those that everybody may read are served, read-only" },
	{ 2, ROW_FLAG, "disable", .help = "Keep this configuration but serve no files" },
};

static const struct schema_part schema = { "network", rows, sizeof rows / sizeof *rows, NULL };

const struct feature tftp_feature = {
	.name = "tftp",
	.schema = &schema,
	.check = tftp_check,
};
