/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Switches of global-options: settings of the host, touched only when they are configured. */
#include <string.h>

#include "firewall/attach.h"

static const struct {
	const char *leaf, *key, *on, *off;
} switches[] = {
	{ "all-ping", "net.ipv4.icmp_echo_ignore_all", "0", "1" },
	{ "broadcast-ping", "net.ipv4.icmp_echo_ignore_broadcasts", "0", "1" },
	{ "directed-broadcast", "net.ipv4.conf.all.bc_forwarding", "1", "0" },
	{ "ip-src-route", "net.ipv4.conf.all.accept_source_route", "1", "0" },
	{ "ipv6-src-route", "net.ipv6.conf.all.accept_source_route", "0", "-1" },
	{ "log-martians", "net.ipv4.conf.all.log_martians", "1", "0" },
	{ "receive-redirects", "net.ipv4.conf.all.accept_redirects", "1", "0" },
	{ "ipv6-receive-redirects", "net.ipv6.conf.all.accept_redirects", "1", "0" },
	{ "send-redirects", "net.ipv4.conf.all.send_redirects", "1", "0" },
	{ "syn-cookies", "net.ipv4.tcp_syncookies", "1", "0" },
	{ "twa-hazards-protection", "net.ipv4.tcp_rfc1337", "1", "0" },
};

static const struct {
	const char *path[3], *key;
} timeouts[] = {
	{ { "icmp" }, "icmp_timeout" },
	{ { "other" }, "generic_timeout" },
	{ { "tcp", "close" }, "tcp_timeout_close" },
	{ { "tcp", "close-wait" }, "tcp_timeout_close_wait" },
	{ { "tcp", "established" }, "tcp_timeout_established" },
	{ { "tcp", "fin-wait" }, "tcp_timeout_fin_wait" },
	{ { "tcp", "last-ack" }, "tcp_timeout_last_ack" },
	{ { "tcp", "syn-recv" }, "tcp_timeout_syn_recv" },
	{ { "tcp", "syn-sent" }, "tcp_timeout_syn_sent" },
	{ { "tcp", "time-wait" }, "tcp_timeout_time_wait" },
	{ { "udp", "other" }, "udp_timeout" },
	{ { "udp", "stream" }, "udp_timeout_stream" },
};

static void want_sysctl(struct want *w, const char *key, const char *value)
{
	want_attr(w, want_object(w, OBJECT_SYSCTL, "firewall global-options", "%s", key), ATTR_VALUE, "%s", value);
}

/* IPv6 has no setting for it: what has no way back is lost here. */
static void plan_validation6(const char *how, struct want *w)
{
	struct ruleset_chain c;

	if (*how == 'd')
		return;
	c = ruleset_base_chain(w, RULESET_INET, "firewall global-options ipv6-source-validation", "firewall-validation",
			       "filter", "prerouting", -300);
	ruleset_rule(&c, "meta nfproto ipv6 iifname @firewall-ours fib saddr%s oif missing drop",
		     *how == 's' ? " . iif" : "");
}

void fw_plan_options(struct want *w)
{
	const struct node *o = node_get(fw_tree(w->config), "global-options"), *timeout = node_get(o, "timeout");
	const char *check = node_get(o, "source-validation") ? node_value(o, "source-validation") : NULL;
	char key[96];

	for (size_t i = 0; o && i < sizeof switches / sizeof *switches; i++)
		if (node_get(o, switches[i].leaf))
			want_sysctl(w, switches[i].key,
				    strcmp(node_value(o, switches[i].leaf), "enable") ? switches[i].off
										      : switches[i].on);
	if (check)
		want_sysctl(w, "net.ipv4.conf.all.rp_filter", *check == 's' ? "1" : *check == 'l' ? "2" : "0");
	if (node_get(o, "ipv6-source-validation"))
		plan_validation6(node_value(o, "ipv6-source-validation"), w);
	for (size_t i = 0; timeout && i < sizeof timeouts / sizeof *timeouts; i++) {
		const char *const *p = timeouts[i].path;
		const struct node *at = p[1] ? node_get(timeout, p[0]) : timeout;
		const char *leaf = p[1] ? p[1] : p[0];

		if (!at || !node_get(at, leaf))
			continue;
		snprintf(key, sizeof key, "net.netfilter.nf_conntrack_%s", timeouts[i].key);
		want_sysctl(w, key, node_value(at, leaf));
	}
}
