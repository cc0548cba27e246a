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

static int copy_name(char *to, const char *from)
{
	if (strlen(from) >= EVENT_NAME)
		return -EINVAL;
	strcpy(to, from);
	return 0;
}

int lease_event_parse(const char *text, struct lease_event *ret_event)
{
	struct lease_event e = { 0 };
	char line[EVENT_TEXT], *words[6], *end;

	if (strlen(text) >= sizeof line)
		return -EINVAL;
	strcpy(line, text);
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
