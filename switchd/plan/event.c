/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/plan/event.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/base/domain.h"

void lease_event_print(const struct lease_event *e, struct str *out)
{
	struct prefix p = { e->ip, e->len };
	char ip[ADDR_TEXT], mac[ADDR_TEXT], via[ADDR_TEXT];

	str_addf(out, "%s %s %s %s %" PRId64 " %s", e->gone ? "del" : "add", e->network,
		 e->len ? prefix_text(&p, ip) : ip_text(&e->ip, ip), mac_text(&e->mac, mac), e->expires,
		 *e->host_name ? e->host_name : "-");
	if (e->len)
		str_addf(out, " %s", ip_text(&e->via, via));
}

/* Names have the letters of configuration names; anything else was not written by us. */
int event_name_copy(char *to, const char *from)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
	size_t n = strspn(from, allowed);

	if (!n || from[n] || n >= EVENT_NAME)
		return -EINVAL;
	memcpy(to, from, n + 1);
	return 0;
}

int event_label_read(const char *text, char *ret_label)
{
	if (!strcmp(text, "-")) {
		*ret_label = '\0';
		return 0;
	}
	/* no longer than a label, and as one would be written */
	return strlen(text) >= EVENT_NAME || !domain_label(text, strlen(text), ret_label) || strcmp(text, ret_label)
		       ? -EINVAL
		       : 0;
}

/* "ADDRESS", or "PREFIX/LENGTH" that is reached via an address. */
static int parse_what(const char *what, const char *via, struct lease_event *e)
{
	struct prefix p;

	if (!via)
		return ip_parse(what, &e->ip);
	if (prefix_parse(what, &p) || p.ip.family != 6 || !p.len || ip_parse(via, &e->via) || e->via.family != 6)
		return -EINVAL;
	e->ip = prefix_network(&p).ip;
	e->len = p.len;
	return 0;
}

int lease_event_parse(const char *text, struct lease_event *ret_event)
{
	struct lease_event e = { 0 };
	char line[EVENT_TEXT], *words[7], *end;
	int n;

	if ((size_t)snprintf(line, sizeof line, "%s", text) >= sizeof line)
		return -EINVAL;
	n = str_words(line, words, 7);
	if (n < 6 || (strcmp(words[0], "add") && strcmp(words[0], "del")))
		return -EINVAL;
	e.gone = *words[0] == 'd';
	e.expires = strtoll(words[4], &end, 10);
	if (*end || end == words[4] || e.expires < 0)
		return -EINVAL;
	if (event_name_copy(e.network, words[1]) || parse_what(words[2], n > 6 ? words[6] : NULL, &e) ||
	    mac_parse(words[3], &e.mac))
		return -EINVAL;
	if (strcmp(words[5], "-") && event_name_copy(e.host_name, words[5]))
		return -EINVAL;
	*ret_event = e;
	return 0;
}
