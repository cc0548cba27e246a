/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options of a reply: RFC 2132, 3397 (search list), 3442 (routes), 4702 (FQDN), 6842 (client identifier). */
#include <string.h>

#include "dhcp/answer.h"
#include "dhcp/frame.h"
#include "switchd/base/bytes.h"
#include "switchd/base/domain.h"

enum { LIST_MAX = 16, WIRE_MAX = 1024 };

static void add_addresses(struct dhcp_writer *w, uint8_t option, const uint32_t *at, size_t n)
{
	uint8_t b[LIST_MAX * 4];

	n = n > LIST_MAX ? LIST_MAX : n;
	for (size_t i = 0; i < n; i++)
		put32(b + 4 * i, at[i]);
	if (n)
		dhcp_add(w, option, b, 4 * n);
}

static void add_search(const struct dhcp_options *o, struct dhcp_writer *w)
{
	uint8_t b[WIRE_MAX];
	size_t n = domain_list_wire(o->search.at, o->search.n, b, sizeof b);

	if (n)
		dhcp_add(w, OPTION_DOMAIN_SEARCH, b, n);
}

static size_t put_route(uint8_t *p, uint32_t to, uint8_t len, uint32_t via)
{
	uint8_t b[4];
	size_t n = (len + 7u) / 8;

	put32(b, to);
	p[0] = len;
	memcpy(p + 1, b, n);
	put32(p + 1 + n, via);
	return 5 + n;
}

/* A client that takes the routes ignores the router option, so the default route is among them. */
static void add_routes(const struct dhcp_options *o, const struct dhcp_message *m, uint32_t router,
		       struct dhcp_writer *w)
{
	uint8_t b[WIRE_MAX];
	size_t n = 0;

	if (!o->routes.n)
		return;
	if (router)
		n = put_route(b, 0, 0, router);
	for (size_t i = 0; i < o->routes.n && n + 9 <= sizeof b; i++)
		n += put_route(b + n, o->routes.at[i].to, o->routes.at[i].len, o->routes.at[i].via);
	if (dhcp_message_wants(m, OPTION_STATIC_ROUTES))
		dhcp_add(w, OPTION_STATIC_ROUTES, b, n);
	if (m->parameters_len && dhcp_message_wants(m, OPTION_MS_STATIC_ROUTES))
		dhcp_add(w, OPTION_MS_STATIC_ROUTES, b, n);
}

/* Names are always made by the server, whatever the client would like (RFC 4702 4). */
static void add_fqdn(const struct dhcp_network *net, const struct dhcp_message *m, const char *name,
		     struct dhcp_writer *w)
{
	uint8_t b[3 + DHCP_LABEL + DHCP_DOMAIN + 2] = { DHCP_FQDN_SERVER, 255, 255 };
	size_t n = 3, len = strlen(name);

	if (!m->has_fqdn || !len)
		return;
	if (!(m->fqdn_flags & DHCP_FQDN_SERVER))
		b[0] |= DHCP_FQDN_OVERRIDE;
	if (m->fqdn_flags & DHCP_FQDN_ENCODED) {
		b[0] |= DHCP_FQDN_ENCODED;
		b[n++] = (uint8_t)len;
		memcpy(b + n, name, len);
		n += len;
		len = domain_wire(net->domain, b + n, sizeof b - n);
		if (!len)
			return;
		n += len;
	} else {
		memcpy(b + n, name, len);
		n += len;
		b[n++] = '.';
		len = strlen(net->domain);
		memcpy(b + n, net->domain, len);
		n += len;
	}
	if (n <= 255)
		dhcp_add(w, OPTION_FQDN, b, n);
}

static void add_lease(const struct dhcp_answer *a, struct dhcp_writer *w)
{
	uint32_t seconds = (uint32_t)a->seconds;

	if (!seconds)
		return;
	dhcp_add_u32(w, OPTION_LEASE_TIME, seconds);
	dhcp_add_u32(w, OPTION_T1, seconds / 2);
	dhcp_add_u32(w, OPTION_T2, (uint32_t)(a->seconds * 7 / 8));
}

static void add_names(const struct dhcp_pool *p, const struct dhcp_message *m, const struct dhcp_answer *a,
		      const struct dhcp_options *o, struct dhcp_writer *w)
{
	const char *domain = o->domain ? o->domain : p->net->domain;
	const struct dhcp_host *host = dhcp_host_of(p, m);
	const struct dhcp_lease *l = a->address ? dhcp_lease_at(p, a->address) : NULL;

	if (dhcp_message_wants(m, OPTION_DOMAIN_NAME))
		dhcp_add(w, OPTION_DOMAIN_NAME, domain, strlen(domain));
	if (host && dhcp_message_wants(m, OPTION_HOST_NAME))
		dhcp_add(w, OPTION_HOST_NAME, host->name, strlen(host->name));
	add_fqdn(p->net, m, host ? host->name : l && *l->name ? l->name : m->name, w);
	if (dhcp_message_wants(m, OPTION_DOMAIN_SEARCH))
		add_search(o, w);
}

static void add_network(const struct dhcp_network *net, const struct dhcp_options *o, const struct dhcp_message *m,
			const struct dhcp_answer *a, struct dhcp_writer *w)
{
	const struct dhcp_subnet *s = dhcp_subnet_find(net, a->address ? a->address : a->to);
	uint32_t router = o->router ? o->router : net->routes_out ? a->server : 0;

	dhcp_add_u32(w, OPTION_SUBNET_MASK, s->mask);
	add_routes(o, m, router, w);
	if (router && dhcp_message_wants(m, OPTION_ROUTER))
		dhcp_add_u32(w, OPTION_ROUTER, router);
	if (!dhcp_message_wants(m, OPTION_NAME_SERVER))
		;
	else if (o->name_servers.n)
		add_addresses(w, OPTION_NAME_SERVER, o->name_servers.at, o->name_servers.n);
	else if (net->resolves)
		dhcp_add_u32(w, OPTION_NAME_SERVER, a->server);
	if (dhcp_message_wants(m, OPTION_BROADCAST))
		dhcp_add_u32(w, OPTION_BROADCAST, s->last);
	if (o->mtu && dhcp_message_wants(m, OPTION_MTU))
		dhcp_add_u16(w, OPTION_MTU, (uint16_t)o->mtu);
	if (dhcp_message_wants(m, OPTION_NTP_SERVER))
		add_addresses(w, OPTION_NTP_SERVER, o->ntp_servers.at, o->ntp_servers.n);
}

/* By number; each where it was asked for. */
static void add_customs(const struct dhcp_told *told, const struct dhcp_message *m, struct dhcp_writer *w)
{
	const struct dhcp_custom *c;
	size_t i = 0;

	while ((c = dhcp_told_custom(told, &i)))
		if (c->always || dhcp_message_wants(m, c->code))
			dhcp_add(w, c->code, c->bytes, c->len);
}

static size_t write_message(const struct dhcp_pool *p, const struct dhcp_message *m, const struct dhcp_answer *a,
			    struct dhcp_writer *w)
{
	struct dhcp_told told = dhcp_told_of(p, m);
	const struct dhcp_boot *boot = &told.options.boot;
	const char *file = a->type == DHCP_NAK ? NULL : dhcp_boot_file(boot, m);

	dhcp_writer_init(w, m, a->type, a->address);
	dhcp_add_u32(w, OPTION_SERVER_ID, m->known_as ? m->known_as : a->server);
	if (a->type == DHCP_NAK) {
		/* it is broadcast by RFC 2131 4.1, and told so to relays and pickier clients */
		w->data[10] |= DHCP_BROADCAST_FLAG >> 8;
		dhcp_add(w, OPTION_MESSAGE, a->reason, strlen(a->reason));
	} else {
		if (m->type == DHCP_DISCOVER && a->type == DHCP_ACK)
			dhcp_add(w, OPTION_RAPID_COMMIT, "", 0);
		add_lease(a, w);
		add_network(p->net, &told.options, m, a, w);
		if (file)
			dhcp_add_boot(w, m, boot->server ? boot->server : a->server, file);
	}
	if (m->id_len)
		dhcp_add(w, OPTION_CLIENT_ID, m->id, m->id_len);
	if (a->type != DHCP_NAK) {
		add_names(p, m, a, &told.options, w);
		add_customs(&told, m, w);
	}
	return dhcp_writer_end(w);
}

size_t dhcp_reply_frame(const struct dhcp_pool *p, const struct dhcp_message *m, const struct dhcp_answer *a,
			uint8_t *frame)
{
	struct dhcp_writer w;
	size_t len = write_message(p, m, a, &w);

	memcpy(frame + DHCP_FRAME_HEADER, w.data, len);
	dhcp_frame_head(frame, len,
			&(struct dhcp_way){ a->server, a->to,
					    m->giaddr && a->to == m->giaddr ? DHCP_SERVER_PORT : DHCP_CLIENT_PORT });
	return DHCP_FRAME_HEADER + len;
}
