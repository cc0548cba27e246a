/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The first bytes of a packet that a rule logged. */
#include <stdlib.h>
#include <string.h>

#include "switchd/plan/headers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { 0 };
	struct headers h;

	headers_read(data, size, &h);
	headers_print_end(&h.source, h.sport, &text);
	headers_print_end(&h.destination, h.dport, &text);
	headers_print_protocol(&h, &text);
	if ((h.sport >= 0) != (h.dport >= 0) || h.source.family != h.destination.family || strchr(str_get(&text), '%'))
		abort();
	str_done(&text);
	return 0;
}
