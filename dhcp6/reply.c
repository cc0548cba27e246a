/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options of a reply: RFC 8415 21, 3646 (DNS), 4075 and 5908 (time), 4704 (FQDN), 5970 (boot). */
#include <string.h>

#include "dhcp6/answer.h"
#include "switchd/base/bytes.h"

enum {
	WIRE_MAX = 1024,
	LIST_MAX = 16,
	NTP_ADDRESS = 1,
	FQDN_SERVER = 0x01,   /* 'S' of RFC 4704 4.1: names are made here */
	FQDN_OVERRIDE = 0x02, /* 'O' */
	REFRESH_MIN = 600,    /* RFC 8415 21.23 */
	IA_TIMES = 12,        /* bytes of IAID, T1 and T2 */
};

static const char *status_text(int status)
{
	switch (status) {
	case DHCP6_NO_ADDRESS: return "no address for you";
	case DHCP6_NO_BINDING: return "not leased to you";
	case DHCP6_NOT_ON_LINK: return "of another network";
	case DHCP6_USE_MULTICAST: return "to be sent to all servers";
	case DHCP6_NO_PREFIX: return "no prefix for you";
	default: return "";
	}
}

static void add_lot(struct dhcp6_writer *w, const struct dhcp6_lot *lot, uint32_t valid)
{
	bool prefix = lot->kind == DHCP6_PREFIX;
	uint8_t *p = dhcp6_add(w, prefix ? OPTION6_IAPREFIX : OPTION6_IAADDR, NULL, prefix ? 25 : 24);

	if (!p)
		return;
	if (!prefix)
		memcpy(p, lot->ip.b, 16);
	put32(p + (prefix ? 0 : 16), valid); /* preferred as long as it is valid */
	put32(p + (prefix ? 4 : 20), valid);
	if (prefix) {
		p[8] = lot->len;
		memcpy(p + 9, lot->ip.b, 16);
	}
}

static void add_grant(struct dhcp6_writer *w, const struct dhcp6_grant *g)
{
	size_t ia = dhcp6_open(w, g->ia->kind == DHCP6_PREFIX ? OPTION6_IA_PD : OPTION6_IA_NA, IA_TIMES);

	if (!ia)
		return;
	put32(w->data + ia, g->ia->id);
	if (g->given) {
		put32(w->data + ia + 4, g->valid / 2);
		put32(w->data + ia + 8, (uint32_t)(g->valid * 4ull / 5));
		add_lot(w, &g->lot, g->valid);
	}
	for (size_t i = 0; g->withdraw && i < g->ia->hints; i++)
		if (!g->given || !dhcp6_lot_same(&g->ia->hint[i], &g->lot))
			add_lot(w, &g->ia->hint[i], 0);
	if (g->status != DHCP6_NO_STATUS)
		dhcp6_add_status(w, (enum dhcp6_status)g->status, status_text(g->status));
	dhcp6_close(w, ia);
}

static void add_addresses(struct dhcp6_writer *w, uint16_t option, const struct ip *at, size_t n)
{
	uint8_t b[LIST_MAX * 16];

	n = n < LIST_MAX ? n : LIST_MAX;
	for (size_t i = 0; i < n; i++)
		memcpy(b + 16 * i, at[i].b, 16);
	if (n)
		dhcp6_add(w, option, b, 16 * n);
}

/* Each server is an option inside of one (RFC 5908 4). */
static void add_time_servers(struct dhcp6_writer *w, const struct dhcp6_network *net)
{
	size_t ntp = net->ntp_servers.n ? dhcp6_open(w, OPTION6_NTP_SERVER, 0) : 0;

	for (size_t i = 0; ntp && i < net->ntp_servers.n; i++)
		dhcp6_add(w, NTP_ADDRESS, net->ntp_servers.at[i].b, 16);
	if (ntp)
		dhcp6_close(w, ntp);
}

static void add_search(struct dhcp6_writer *w, const struct dhcp6_network *net)
{
	uint8_t b[WIRE_MAX];
	size_t n = domain_list_wire(net->search.at, net->search.n, b, sizeof b);

	if (n)
		dhcp6_add(w, OPTION6_DOMAIN_LIST, b, n);
}

/* The name the client has, which may not be the one it would like. */
static void add_fqdn(struct dhcp6_writer *w, const struct dhcp6_pool *p, const struct dhcp6_message *m,
		     const struct dhcp6_answer *a)
{
	const struct dhcp6_host *host = dhcp6_host_of(p, m);
	const char *name = host ? host->name : m->name;
	uint8_t b[2 + DHCP6_LABEL + DHCP6_DOMAIN + 2] = { FQDN_SERVER | FQDN_OVERRIDE };
	size_t len, wire;

	for (size_t i = 0; i < a->grants; i++) {
		const struct dhcp6_lease *l = a->grant[i].given ? dhcp6_lease_at(p, &a->grant[i].lot) : NULL;

		if (l && l->state == LEASE6_BOUND && *l->name)
			name = l->name;
	}
	len = strlen(name);
	if (!m->has_fqdn || !len)
		return;
	b[1] = (uint8_t)len;
	memcpy(b + 2, name, len);
	wire = domain_wire(p->net->domain, b + 2 + len, sizeof b - 2 - len);
	if (wire)
		dhcp6_add(w, OPTION6_FQDN, b, 2 + len + wire);
}

static void add_network(struct dhcp6_writer *w, const struct dhcp6_pool *p, const struct dhcp6_message *m,
			const struct dhcp6_answer *a)
{
	const struct dhcp6_network *net = p->net;

	if (dhcp6_message_wants(m, OPTION6_DNS_SERVERS))
		add_addresses(w, OPTION6_DNS_SERVERS, net->name_servers.at, net->name_servers.n);
	if (dhcp6_message_wants(m, OPTION6_DOMAIN_LIST))
		add_search(w, net);
	add_fqdn(w, p, m, a);
	if (dhcp6_message_wants(m, OPTION6_NTP_SERVER))
		add_time_servers(w, net);
	if (dhcp6_message_wants(m, OPTION6_SNTP_SERVERS))
		add_addresses(w, OPTION6_SNTP_SERVERS, net->ntp_servers.at, net->ntp_servers.n);
	if (net->boot && dhcp6_message_wants(m, OPTION6_BOOTFILE_URL))
		dhcp6_add(w, OPTION6_BOOTFILE_URL, net->boot, strlen(net->boot));
	if (m->type == DHCP6_INFORMATION_REQUEST) {
		uint8_t seconds[4];

		put32(seconds, net->lease < REFRESH_MIN ? REFRESH_MIN : net->lease);
		dhcp6_add(w, OPTION6_REFRESH_TIME, seconds, sizeof seconds);
	}
	for (size_t i = 0; i < net->customs.n; i++)
		if (net->customs.at[i].always || dhcp6_message_wants(m, net->customs.at[i].code))
			dhcp6_add(w, net->customs.at[i].code, net->customs.at[i].bytes, net->customs.at[i].len);
}

const char *dhcp6_type_text(unsigned type)
{
	static const char *const types[] = { "?",       "SOLICIT", "ADVERTISE",   "REQUEST",
					     "CONFIRM", "RENEW",   "REBIND",      "REPLY",
					     "RELEASE", "DECLINE", "RECONFIGURE", "INFORMATION-REQUEST" };

	return types[type < sizeof types / sizeof *types ? type : 0];
}

void dhcp6_answer_text(const struct dhcp6_answer *a, struct str *out)
{
	char text[ADDR_TEXT];

	if (a->verdict == DHCP6_SILENT) {
		str_addf(out, "- %s", a->reason);
		return;
	}
	str_add(out, dhcp6_type_text(a->type));
	for (size_t i = 0; i < a->grants; i++)
		str_addf(out, " %s",
			 a->grant[i].given ? dhcp6_lot_text(&a->grant[i].lot, text) : status_text(a->grant[i].status));
	if (a->status > DHCP6_SUCCESS)
		str_addf(out, " %s", status_text(a->status));
}

size_t dhcp6_reply(const struct dhcp6_pool *p, const struct dhcp6_server_id *own, const struct dhcp6_message *m,
		   const struct dhcp6_answer *a, struct dhcp6_writer *w)
{
	dhcp6_writer_init(w, m, a->type);
	dhcp6_add(w, OPTION6_SERVERID, own->duid, own->len);
	if (m->duid_len)
		dhcp6_add(w, OPTION6_CLIENTID, m->duid, m->duid_len);
	if (a->rapid)
		dhcp6_add(w, OPTION6_RAPID_COMMIT, NULL, 0);
	if (a->status != DHCP6_NO_STATUS)
		dhcp6_add_status(w, (enum dhcp6_status)a->status, status_text(a->status));
	for (size_t i = 0; i < a->grants; i++)
		add_grant(w, &a->grant[i]);
	if (a->configures)
		add_network(w, p, m, a);
	return dhcp6_writer_end(w, m);
}
