/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dhcp/six.h"

#include "dhcp6/server.h"

static bool restore(void *ctx, const char *record, int64_t now)
{
	return dhcp6_server_restore(ctx, record, now);
}

static void restored(void *ctx)
{
	dhcp6_server_restored(ctx);
}

static void each(void *ctx, void (*fn)(void *ctx, const char *record), void *fn_ctx)
{
	dhcp6_server_each(ctx, fn, fn_ctx);
}

static size_t count(void *ctx)
{
	return dhcp6_server_count(ctx);
}

static int64_t expire(void *ctx, int64_t now)
{
	return dhcp6_server_expire(ctx, now);
}

static void show(void *ctx, const char *network, bool statistics, struct str *out)
{
	dhcp6_server_show(ctx, network, statistics, out);
}

static int clear(void *ctx, const char *what, const char *network, int64_t now, struct str *reason)
{
	return dhcp6_server_clear(ctx, what, network, now, reason);
}

struct dhcp_others dhcp_six(struct dhcp6_server *s)
{
	return (struct dhcp_others){ s, restore, restored, each, count, expire, show, clear };
}
