/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/plan/event.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void lease_event_print(const struct lease_event *e, struct str *out)
{
	char ip[ADDR_TEXT], mac[ADDR_TEXT];

	str_addf(out, "%s %s %s %s %" PRId64 " %s", e->gone ? "del" : "add", e->network, ip_text(&e->ip, ip),
		 mac_text(&e->mac, mac), e->expires, *e->host_name ? e->host_name : "-");
}

/* Names have the letters of configuration names; anything else was not written by us. */
static int copy_name(char *to, const char *from)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
	size_t n = strspn(from, allowed);

	if (!n || from[n] || n >= EVENT_NAME)
		return -EINVAL;
	memcpy(to, from, n + 1);
	return 0;
}

int lease_event_parse(const char *text, struct lease_event *ret_event)
{
	struct lease_event e = { 0 };
	char line[EVENT_TEXT], *words[6], *end;

	if ((size_t)snprintf(line, sizeof line, "%s", text) >= sizeof line)
		return -EINVAL;
	if (str_words(line, words, 6) != 6 || (strcmp(words[0], "add") && strcmp(words[0], "del")))
		return -EINVAL;
	e.gone = *words[0] == 'd';
	e.expires = strtoll(words[4], &end, 10);
	if (*end || end == words[4] || e.expires < 0)
		return -EINVAL;
	if (copy_name(e.network, words[1]) || ip_parse(words[2], &e.ip) || mac_parse(words[3], &e.mac))
		return -EINVAL;
	if (strcmp(words[5], "-") && copy_name(e.host_name, words[5]))
		return -EINVAL;
	*ret_event = e;
	return 0;
}
