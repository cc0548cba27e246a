/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Router solicitations: the first byte is the hop limit, the second says whether the source is '::'. */
#include <stdlib.h>

#include "ra/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size >= 2 && ra_is_solicitation(data + 2, size - 2, data[0], data[1]) &&
	    (data[0] != RA_HOP_LIMIT || size < 10 || data[2] != 133 || data[3] || (size - 2) % 8))
		abort();
	return 0;
}
