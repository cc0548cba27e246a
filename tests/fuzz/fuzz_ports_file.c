/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file of attached ports: whatever is in it, each entry that is taken is found again by its key. */
#include <stdlib.h>
#include <string.h>

#include "switchd/ports_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ports_file p = { .path = strdup("ports") };

	ports_file_parse(&p, (const char *)data, size, NULL);
	for (size_t i = 0; i < p.entries.n; i++) {
		const struct ports_entry *e = &p.entries.at[i];

		if (!*e->key || !*e->network || !ports_file_find(&p, e->key))
			abort();
	}
	ports_file_done(&p);
	return 0;
}
