/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "switchd/ctl/ctl.h"

int ctl_frame_find(const char *buf, size_t len, size_t *ret_len, char *ret_end)
{
	for (size_t i = 0; i < len; i++) {
		if (buf[i] != '\0' && buf[i] != '\n')
			continue;
		if (i > CTL_MESSAGE_MAX)
			return -EMSGSIZE;
		*ret_len = i;
		*ret_end = buf[i];
		return 1;
	}
	return len > CTL_MESSAGE_MAX ? -EMSGSIZE : 0;
}

int ctl_call_parse(const char *text, size_t len, struct ctl_call *ret_call, struct diag *d)
{
	struct ctl_call c = { 0 };
	json_error_t error;

	c.message = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	if (!c.message) {
		diag_error(d, NULL, "not a JSON object: %s", error.text);
		return -EBADMSG;
	}
	c.method = json_string_value(json_object_get(c.message, "method"));
	c.parameters = json_object_get(c.message, "parameters");
	c.more = json_is_true(json_object_get(c.message, "more"));
	c.oneway = json_is_true(json_object_get(c.message, "oneway"));
	if (!c.parameters && c.method) {
		json_object_set_new(c.message, "parameters", json_object());
		c.parameters = json_object_get(c.message, "parameters");
	}
	if (!c.method || !json_is_object(c.parameters)) {
		diag_error(d, NULL, "not a call: 'method' is a string, 'parameters' an object");
		json_decref(c.message);
		return -EBADMSG;
	}
	*ret_call = c;
	return 0;
}
