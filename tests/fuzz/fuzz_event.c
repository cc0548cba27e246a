/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lease events between services: what is accepted prints as it was read. */
#include <stdlib.h>
#include <string.h>

#include "switchd/plan/event.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { 0 }, again = { 0 };
	struct lease_event e, f;

	str_addn(&text, (const char *)data, size);
	if (!lease_event_parse(str_get(&text), &e)) {
		lease_event_print(&e, &again);
		if (lease_event_parse(str_get(&again), &f) || strcmp(e.network, f.network) || ip_cmp(&e.ip, &f.ip) ||
		    strcmp(e.host_name, f.host_name) || e.expires != f.expires)
			abort();
	}
	str_done(&text);
	str_done(&again);
	return 0;
}
