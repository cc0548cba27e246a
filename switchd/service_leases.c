/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/service_leases.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/base/mem.h"
#include "switchd/plan/event.h"

enum { KEY_SIZE = EVENT_NAME + ADDR_TEXT + 4 };

static const char *key_of(const struct lease_event *e, char *buf)
{
	char ip[ADDR_TEXT];

	snprintf(buf, KEY_SIZE, "%s %s/%u", e->network, ip_text(&e->ip, ip), e->len);
	return buf;
}

bool service_leases_holder(const struct service_leases *l, const struct lease_event *e, struct mac *ret_mac)
{
	char key[KEY_SIZE];
	const char *event = map_get(&l->at, key_of(e, key));
	struct lease_event old;

	if (!event || lease_event_parse(event, &old))
		return false;
	*ret_mac = old.mac;
	return true;
}

int service_leases_take(struct service_leases *l, const char *event)
{
	char key[KEY_SIZE], *copy;
	struct lease_event e;
	size_t n = strlen(event) + 1;

	if (lease_event_parse(event, &e))
		return -EINVAL;
	key_of(&e, key);
	free(map_del(&l->at, key));
	if (e.gone)
		return 0;
	/* value and key in one allocation: the text, then the key behind it */
	copy = mem_alloc(n + strlen(key) + 1);
	memcpy(copy, event, n);
	memcpy(copy + n, key, strlen(key) + 1);
	map_put(&l->at, copy + n, copy);
	return 0;
}

void service_leases_each(const struct service_leases *l, void (*fn)(void *ctx, const char *event), void *ctx)
{
	size_t i = 0;

	for (struct map_entry *e; (e = map_next(&l->at, &i));)
		fn(ctx, e->value);
}

void service_leases_done(struct service_leases *l)
{
	size_t i = 0;

	for (struct map_entry *e; (e = map_next(&l->at, &i));)
		free(e->value);
	map_done(&l->at);
}
