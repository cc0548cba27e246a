/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the modes of networks let pass, as filter.c tells the kernel. */
#include <string.h>

#include "switchd/bridge/internal.h"
#include "switchd/plan/names.h"
#include "switchd/plan/network.h"
#include "switchd/plan/vrf.h"

static const struct node *network_of(const struct node *config, const char *device)
{
	char name[IFNAMSIZ];

	for (const struct node *n = device ? node_first(config, "network") : NULL; n;
	     n = node_next(config, n, "network"))
		if (!strcmp(names_network_device(n, name), device))
			return n;
	return NULL;
}

/* The network the packet comes from: by its port when it is in a VRF. */
static const struct node *source_network(const struct trace *t)
{
	return network_of(t->config, t->packet.in_port ? t->packet.in_port : t->packet.in);
}

static const char *path_of(struct trace *t, const struct node *network)
{
	return arena_printf(&t->arena, "network %s", node_key(network));
}

static bool is_known(const struct packet *p)
{
	return !strcmp(p->state, "established") || !strcmp(p->state, "related");
}

static enum trace_verdict lose(struct trace *t, const struct node *network, const char *what, const char *why)
{
	trace_tell(t, path_of(t, network), what, why);
	return *what == 'd' ? TRACE_DROP : TRACE_REJECT;
}

static bool judges_nothing(const struct node *network)
{
	return network_mode(network) == NETWORK_OPEN || network_mode(network) == NETWORK_BRIDGED;
}

static enum trace_verdict leave(struct trace *t, const struct node *network)
{
	const struct packet *p = &t->packet;
	const char *uplink = node_get(network, "uplink") ? node_value(network, "uplink") : NULL;
	struct prefix subnet;

	if (judges_nothing(network))
		return TRACE_PASS;
	if (network_mode(network) == NETWORK_ISOLATED)
		return lose(t, network, "reject", "mode isolated: nothing leaves it");
	if (is_known(p))
		return TRACE_ACCEPT;
	if (!strcmp(p->state, "invalid"))
		return lose(t, network, "drop", "of no connection");
	if (uplink && p->out && strcmp(uplink, p->out) != 0)
		return lose(t, network, "reject", "leaves by its uplink only");
	if (!network_subnet_of(network, &p->source, &subnet) && network_mode(network) != NETWORK_ROUTED)
		return lose(t, network, "reject", "the source is not an address of the network");
	trace_tell(t, path_of(t, network), "leaves", node_value(network, "mode"));
	return TRACE_ACCEPT;
}

static enum trace_verdict enter(struct trace *t, const struct node *network)
{
	bool judged = network_is_judged(t->config, network, true);
	const struct packet *p = &t->packet;
	struct prefix subnet;

	if (judges_nothing(network))
		return TRACE_PASS;
	if (network_mode(network) == NETWORK_ISOLATED)
		return lose(t, network, "reject", "mode isolated: nothing enters it");
	if (is_known(p))
		return TRACE_ACCEPT;
	if (!strcmp(p->state, "invalid"))
		return lose(t, network, "drop", "of no connection");
	if (network_subnet_of(network, &p->source, &subnet) && !p->dnat)
		return lose(t, network, "drop", "an address of the network comes from elsewhere");
	if (network_mode(network) == NETWORK_ROUTED || judged || p->dnat) {
		trace_tell(t, path_of(t, network), "enters",
			   p->dnat  ? "forwarded"
			   : judged ? "rule sets decide"
				    : "mode routed");
		return TRACE_ACCEPT;
	}
	return lose(t, network, "reject", "mode nat: only forwarded connections enter it");
}

static enum trace_verdict ask_host(struct trace *t, const struct node *network)
{
	const struct packet *p = &t->packet;

	if (judges_nothing(network) || network_is_judged(t->config, network, false))
		return TRACE_PASS;
	if (is_known(p) || p->protocol == 1 || p->protocol == 58 ||
	    (network_serves_dns(network) && p->dport == 53 && (p->protocol == 6 || p->protocol == 17)) ||
	    (network_serves_tftp(network) && p->protocol == 17 && p->dport == 69) ||
	    (network_serves_dhcp(network) && p->protocol == 17 && p->dport == 67)) {
		trace_tell(t, path_of(t, network), "accept", "services of this host, ICMP and answers");
		return TRACE_ACCEPT;
	}
	return lose(t, network, "reject", "guests may ask this host for DHCP, DNS and ICMP");
}

enum trace_verdict bridge_trace(struct trace *t, enum trace_stage stage)
{
	const struct node *from = source_network(t), *to = network_of(t->config, t->packet.out);
	enum trace_verdict v = TRACE_PASS;

	if (stage == TRACE_INPUT)
		return from ? ask_host(t, from) : TRACE_PASS;
	if (stage != TRACE_FORWARD || (from && from == to))
		return TRACE_PASS;
	if (from)
		v = leave(t, from);
	return to && !trace_is_lost(v) ? enter(t, to) : v;
}
