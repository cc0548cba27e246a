/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IPv6 packets of clients (packets.h) through codec, decisions and replies. Replies must have the envelopes of the
 * message, and records must be readable.
 */
#include <stdlib.h>
#include <string.h>

#include "dhcp6/answer.h"
#include "dhcp6/frame.h"
#include "dhcp6/pools.h"
#include "switchd/features.h"
#include "switchd/model/model.h"
#include "tests/fuzz/packets.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char config[] = "set network web address 2001:db8:1::1/64\n"
			     "set network web dhcp6 range 2001:db8:1::10-2001:db8:1::17\n"
			     "set network web dhcp6 prefix-delegation 2001:db8:d000::/60 length 62\n"
			     "set network web dhcp6 option ntp-server 2001:db8::123\n"
			     "set network web dhcp6 option code 4000 hex 01:02\n"
			     "set network web dhcp6 option code 4000 always\n"
			     "set network web dhcp6 boot file http://a/b\n"
			     "set network web dhcp6 host a mac 02:00:00:00:00:01\n"
			     "set network web dhcp6 host a address 2001:db8:1::12\n"
			     "set network web dhcp6 host b duid 00:01:02\n"
			     "set network web dhcp6 host b prefix 2001:db8:b::/56\n";

static const struct dhcp6_server_id own = { .len = 10, .duid = { 0, 3, 0, 1, 2, 0, 0, 0, 0, 0xff } };

static void check_reply(const struct dhcp6_pool *p, const struct dhcp6_message *m, const struct dhcp6_answer *a)
{
	size_t len, wrapped = 0;
	struct dhcp6_writer w;

	for (size_t i = 0; i < a->grants; i++)
		if (a->grant[i].given && a->grant[i].lot.kind == DHCP6_ADDRESS &&
		    !dhcp6_address_usable(p->net, &a->grant[i].lot.ip))
			abort();
	len = dhcp6_reply(p, &own, m, a, &w);
	for (size_t i = 0; len && i < m->relays; i++)
		wrapped += 34 + 4 + (m->relay[i].interface_id ? 4 + m->relay[i].interface_id_len : 0);
	if (len && (len < wrapped + 4 || w.data[wrapped] != a->type))
		abort();
}

static void check_records(struct dhcp6_pool *p)
{
	for (size_t i = 0; i < p->records.n; i++) {
		struct dhcp6_record back;
		struct str text = { 0 };

		dhcp6_record_print(&p->records.at[i], &text);
		if (dhcp6_record_parse(str_get(&text), &back))
			abort();
		str_done(&text);
	}
	p->records.n = p->events.n = 0;
}

static void take_packet(void *ctx, const uint8_t *packet, size_t len, int64_t now)
{
	static const struct mac macs[] = { { { 2, 0, 0, 0, 0, 1 } }, { { 2, 0, 0, 0, 0, 2 } } };
	struct dhcp6_pool *p = ctx;
	struct dhcp6_datagram d;
	struct dhcp6_message m;
	struct dhcp6_answer a;
	const char *reason;

	if (len < DHCP6_FRAME_HEADER || dhcp6_frame_parse(packet, len, true, &d) ||
	    dhcp6_message_parse(d.data, d.len, &macs[packet[7] & 1], &d.src, &m, &reason))
		return;
	dhcp6_answer(p, &own, &m, ip_is_multicast(&d.dst), now, &a);
	if (a.verdict != DHCP6_SILENT)
		check_reply(p, &m, &a);
	for (size_t i = 0; a.verdict == DHCP6_SEND_DURABLE && i < a.grants; i++)
		if (a.grant[i].fresh)
			dhcp6_pool_confirm(p, &a.grant[i].lot, len % 7 != 0);
	check_records(p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct node *root;
	struct dhcp6_pool *p = dhcp6_pool_new("web");

	if (!root) {
		root = tree_new(features_schema(NULL));
		if (tree_parse(&root, config, strlen(config), "config", NULL))
			abort();
	}
	dhcp6_pool_config(p, dhcp6_network_new(node_find(root, "network", "web")));
	fuzz_packets(data, size, take_packet, p);
	dhcp6_pool_free(p);
	return 0;
}
