/* SPDX-License-Identifier: GPL-2.0-or-later */
/* print_json DIR: print DIR/config as JSON. */
#include <stdio.h>

#include "switchd/configfile.h"
#include "switchd/features.h"

int main(int argc, char **argv)
{
	struct diag d = { 0 };
	struct str out = { 0 };
	struct schema *schema = features_schema(&d);
	struct node *tree;
	int err = 1;

	if (argc == 2 && schema && !configfile_read(argv[1], schema, &tree, &d)) {
		tree_print_json(tree, &out);
		puts(str_get(&out));
		node_unref(tree);
		err = 0;
	}
	fputs(diag_text(&d), stderr);
	str_done(&out);
	diag_done(&d);
	schema_free(schema);
	return err;
}
