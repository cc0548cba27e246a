/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: the service is sent the whole configuration, checked by the rows of all features. It knows only
 * its own rows, and here declares the few of other features that it reads. The rest of the lines is left out before the
 * common parser sees the text. Types are looser than where the rows are owned: values have been checked there.
 */
#include "dhcp/view.h"

#include <errno.h>
#include <string.h>

#include "dhcp/dhcp.h"

TYPE_NAME(view_name, 63);
static const struct type view_domain = { .parse = type_domain, .hint = "<domain>", .max = 253 };

static const struct row rows[] = {
	{ 1, ROW_LIST, "network", &view_name, .help = "Network" },
	{ 2, ROW_FLAG, "disable", .help = "Not served" },
	{ 2, ROW_LEAF, "mode", &view_name, .help = "How it is connected" },
	{ 2, ROW_MANY, "address", &type_prefix, .help = "The host's addresses" },
	{ 2, ROW_LEAF, "mtu", &type_mtu, .help = "MTU" },
	{ 2, ROW_TREE, "dns", .help = "Names" },
	{ 3, ROW_LEAF, "domain", &view_domain, .help = "Domain" },
	{ 3, ROW_FLAG, "disable", .help = "No DNS" },
};
static const struct schema_part part = { "", rows, sizeof rows / sizeof *rows };

struct schema *dhcp_view_schema(struct diag *d)
{
	const struct schema_part *parts[] = { &part, dhcp_feature.schema };

	return schema_new(parts, sizeof parts / sizeof *parts, d);
}

/* Do all words of the line that name settings exist here? */
static bool known(const struct def *d, int n, char *const *words)
{
	for (int i = 1; i < n; i++) {
		const struct def *child = def_child(d, words[i]);

		if (!child)
			return false;
		i += def_type(child) != NULL;
		d = child;
	}
	return true;
}

int dhcp_view_apply(struct node **root, const char *text, struct diag *d)
{
	const struct def *top = node_def(*root);
	struct str kept = { 0 }, line = { 0 };
	int err;

	for (const char *p = text; *p;) {
		size_t len = strcspn(p, "\n");
		char *words[PATH_WORDS];
		int n;

		str_clear(&line);
		str_addn(&line, p, len);
		n = len ? str_words(line.s, words, PATH_WORDS) : 0;
		if (n > 1 && known(top, n, words)) {
			str_addn(&kept, p, len);
			str_addc(&kept, '\n');
		}
		p += len + (p[len] == '\n');
	}
	err = kept.len ? tree_parse(root, kept.s, kept.len, "configuration", d) : 0;
	str_done(&kept);
	str_done(&line);
	return err;
}
