/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A journal file, whole, torn or made up: opening it never fails on torn bytes, and what was read can be gone on
 * with.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "switchd/base/log.h"
#include "switchd/features.h"
#include "switchd/journal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char dir[64], path[80];

static void leave(void)
{
	unlink(path);
	rmdir(dir);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct schema *schema;
	struct journal *j = NULL;
	struct journal_note note = { .user = "fuzz", .time = 1 };
	FILE *f;

	if (!schema) {
		log_init("fuzz", LOG_LEVEL_ERROR);
		schema = features_schema(NULL);
		snprintf(dir, sizeof dir, "/tmp/fuzz_journal.XXXXXX");
		if (!mkdtemp(dir))
			abort();
		snprintf(path, sizeof path, "%s/journal", dir);
		atexit(leave);
	}
	f = fopen(path, "w");
	if (!f || fwrite(data, 1, size, f) != size)
		abort();
	fclose(f);
	if (!journal_open(dir, schema, &j, NULL)) {
		struct node *tree = journal_tree(j) ? node_ref(journal_tree(j)) : tree_new(schema);
		const char *words[] = { "system", "name-server", "192.0.2.1" };

		if (tree_set(&tree, 3, words, NULL) || journal_commit(j, tree, &note, NULL))
			abort();
		node_unref(tree);
		journal_close(j);
		if (journal_open(dir, schema, &j, NULL) || !journal_tree(j))
			abort();
		journal_close(j);
	}
	unlink(path);
	return 0;
}
