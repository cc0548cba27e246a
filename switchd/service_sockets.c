/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/service_sockets.h"

#include <inttypes.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "switchd/base/log.h"
#include "switchd/base/mem.h"
#include "switchd/kern/kern.h"
#include "switchd/plan/names.h"
#include "switchd/plan/network.h"
#include "switchd/plan/service.h"

/* One network being looked at. */
struct giving {
	struct service_sockets *s;
	const struct state *state;
	service_tell *tell;
	void *ctx;
	char device[IFNAMSIZ];
	uint64_t ifindex;
	bool dhcp, dhcp6, ra; /* what the DHCP service does there */
	bool relay;           /* ... by asking others */
	bool tftp;
	const char *vrf;   /* NULL: in the host's own domain */
	struct prefix own; /* the first IPv4 address */
};

void service_sockets_init(struct service_sockets *s, const char *service)
{
	*s = (struct service_sockets){ .service = service };
}

void service_sockets_done(struct service_sockets *s)
{
	map_done_texts(&s->given);
}

static bool first_address(const struct node *network, struct prefix *ret)
{
	for (const struct node *a = node_first(network, "address"); a; a = node_next(network, a, "address"))
		if (!prefix_parse(node_key(a), ret) && ret->ip.family == 4)
			return true;
	return false;
}

/* What the network's sockets are, and bound to: "IFINDEX DEVICE KIND|ADDRESS..."; empty when it has none. */
static void describe(struct giving *g, const struct node *network, struct str *out)
{
	bool dhcp = !strcmp(g->s->service, "dhcp");
	const struct object *link;
	char address[ADDR_TEXT];

	g->dhcp = dhcp && network_serves_dhcp(network);
	g->dhcp6 = dhcp && network_serves_dhcp6(network);
	g->ra = dhcp && network_advertises(network);
	g->tftp = dhcp && network_serves_tftp(network) && first_address(network, &g->own);
	g->relay = g->dhcp && node_first(node_get(network, "dhcp"), "relay-to") && first_address(network, &g->own);
	g->vrf = node_get(network, "vrf") ? node_value(network, "vrf") : NULL;
	if (!network_is_up(network) || !(dhcp ? g->dhcp || g->dhcp6 || g->ra || g->tftp : network_serves_dns(network)))
		return;
	names_network_device(network, g->device);
	link = state_get(g->state, OBJECT_LINK, g->device);
	if (!link || link->foreign)
		return;
	g->ifindex = link->handle;
	str_addf(out, "%" PRIu64 " %s%s%s%s", link->handle, g->device, g->dhcp ? " dhcp" : "", g->dhcp6 ? " dhcp6" : "",
		 g->ra ? " ra" : "");
	if (g->relay)
		str_addf(out, " relay %s %s", ip_text(&g->own.ip, address), g->vrf ? g->vrf : "");
	if (g->tftp)
		str_addf(out, " tftp %s", ip_text(&g->own.ip, address));
	for (const struct node *a = dhcp ? NULL : node_first(network, "address"); a;
	     a = node_next(network, a, "address"))
		str_addf(out, " %.*s", (int)strcspn(node_key(a), "/"), node_key(a));
}

static void give(struct giving *g, const char *network, const char *kind, int err, int fd, struct diag *d)
{
	struct str text = { 0 };

	if (err) {
		log_error("network %s: no %s socket: %s", network, kind, diag_text(d));
	} else {
		str_addf(&text, SERVICE_SOCKET " %s %s %s %" PRIu64, kind, network, g->device, g->ifindex);
		g->tell(g->ctx, str_get(&text), fd);
		close(fd);
	}
	str_done(&text);
	diag_done(d);
}

static void give_dhcp(struct giving *g, const char *network)
{
	const struct {
		const char *kind;
		int (*make)(const char *device, int *ret_fd, struct diag *d);
		bool wanted;
	} kinds[] = {
		{ "arp", kern_socket_arp, g->dhcp },
		{ "dhcp4", kern_socket_dhcp4, g->dhcp },
		{ "dhcp6-group", kern_socket_dhcp6_group, g->dhcp6 },
		{ "dhcp6", kern_socket_dhcp6, g->dhcp6 },
		{ "ra-source", kern_socket_ra_source, g->ra },
		{ "ra", kern_socket_ra, g->ra },
	};

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		struct diag d = { 0 };
		int fd = -1, err;

		if (!kinds[i].wanted)
			continue;
		err = kinds[i].make(g->device, &fd, &d);
		give(g, network, kinds[i].kind, err, fd, &d);
	}
	if (g->relay) {
		struct diag d = { 0 };
		int fd = -1, err = kern_socket_dhcp4_relay(g->vrf, &g->own.ip, &fd, &d);

		give(g, network, "dhcp4-relay", err, fd, &d);
	}
	if (g->tftp) {
		struct diag d = { 0 };
		int fd = -1, err = kern_socket_tftp(g->device, &g->own.ip, &fd, &d);

		give(g, network, "tftp", err, fd, &d);
	}
}

static void give_dns(struct giving *g, const struct node *network)
{
	struct prefix p;

	for (const struct node *a = node_first(network, "address"); a; a = node_next(network, a, "address")) {
		struct diag d = { 0 };
		int fd = -1, err;

		if (prefix_parse(node_key(a), &p))
			continue;
		err = kern_socket_dns(g->device, &p.ip, false, &fd, &d);
		give(g, node_key(network), "dns-udp", err, fd, &d);
		err = kern_socket_dns(g->device, &p.ip, true, &fd, &d);
		give(g, node_key(network), "dns-tcp", err, fd, &d);
	}
}

static void withdraw(struct giving *g, const char *network)
{
	char *old = map_del(&g->s->given, network);
	struct str text = { 0 };

	if (!old)
		return;
	free(old);
	str_addf(&text, SERVICE_CLOSE " %s", network);
	g->tell(g->ctx, str_get(&text), -1);
	str_done(&text);
}

static void look_at(struct giving *g, const struct node *network)
{
	const char *name = node_key(network), *old = map_get(&g->s->given, name);
	struct str want = { 0 };

	describe(g, network, &want);
	if (!strcmp(old ? old : "", str_get(&want)))
		goto out;
	withdraw(g, name);
	if (want.len) {
		map_put_text(&g->s->given, name, want.s);
		if (!strcmp(g->s->service, "dhcp"))
			give_dhcp(g, name);
		else
			give_dns(g, network);
	}
out:
	str_done(&want);
}

void service_sockets_sync(struct service_sockets *s, const struct node *config, const struct state *state,
			  service_tell *tell, void *ctx)
{
	struct giving g = { .s = s, .state = state, .tell = tell, .ctx = ctx };
	size_t i = 0;

	for (struct map_entry *e; (e = map_next(&s->given, &i));) {
		char name[VALUE_SIZE];

		snprintf(name, sizeof name, "%s", e->key);
		if (!node_find(config, "network", name))
			withdraw(&g, name);
	}
	for (const struct node *n = node_first(config, "network"); n; n = node_next(config, n, "network"))
		look_at(&g, n);
}

static int follow(void *ctx, const struct unit *before, const struct unit *after)
{
	const struct node *old = unit_network(before), *new = unit_network(after);
	struct giving *g = ctx;

	if (new)
		look_at(g, new);
	else if (old)
		withdraw(g, node_key(old));
	return 0;
}

void service_sockets_follow(struct service_sockets *s, const struct node *old, const struct node *new,
			    const struct state *state, service_tell *tell, void *ctx)
{
	struct giving g = { .s = s, .state = state, .tell = tell, .ctx = ctx };

	tree_changed_units(old, new, follow, &g);
}
