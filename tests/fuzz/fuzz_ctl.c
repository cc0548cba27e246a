/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes of a control connection: framing and calls. */
#include <stdint.h>
#include <stdlib.h>

#include "switchd/ctl/ctl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *s = (const char *)data;
	size_t len;
	char end;

	while (ctl_frame_find(s, size, &len, &end) > 0) {
		struct diag d = { 0 };
		struct ctl_call call;

		if (len >= size || (end != '\0' && end != '\n') || s[len] != end)
			abort();
		if (!ctl_call_parse(s, len, &call, &d)) {
			if (!call.method || !json_is_object(call.parameters))
				abort();
			json_decref(call.message);
		} else if (!d.errors) {
			abort();
		}
		diag_done(&d);
		s += len + 1;
		size -= len + 1;
	}
	return 0;
}
