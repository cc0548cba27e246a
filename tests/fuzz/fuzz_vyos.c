/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A configuration of VyOS: each of its lines is taken or told, and what is taken is a configuration of ours. */
#include <stdlib.h>
#include <string.h>

#include "switchd/features.h"
#include "vyos/vyos.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct schema *schema;
	struct vyos_report report = { 0 };
	struct node *root, *again;
	struct str text = { 0 };

	if (!schema)
		schema = features_schema(NULL);
	root = tree_new(schema);
	again = tree_new(schema);
	if (!vyos_import(&root, (const char *)data, size, "fuzz", &report, NULL)) {
		if (report.taken_n + report.refused_n != report.lines)
			abort();
		tree_print_set(root, "", &text);
		if (tree_parse(&again, str_get(&text), text.len, "again", NULL))
			abort();
	}
	vyos_report_done(&report);
	str_done(&text);
	node_unref(root);
	node_unref(again);
	return 0;
}
