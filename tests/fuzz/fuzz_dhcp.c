/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IPv4 packets of clients (packets.h) through codec, decisions and replies. Replies must be packets our own reader
 * takes.
 */
#include <stdlib.h>
#include <string.h>

#include "dhcp/answer.h"
#include "dhcp/frame.h"
#include "dhcp/relay.h"
#include "switchd/base/bytes.h"
#include "switchd/features.h"
#include "switchd/model/model.h"
#include "tests/fuzz/packets.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char config[] = "set network web address 10.0.0.1/24\n"
			     "set network web dhcp range 10.0.0.1-10.0.0.12\n"
			     "set network web dhcp option static-route 10.9.0.0/16 next-hop 10.0.0.9\n"
			     "set network web dhcp option domain-search a.example\n"
			     "set network web dhcp boot file pxelinux.0\n"
			     "set network web dhcp boot architecture uefi-x64-http file http://10.0.0.1/a.efi\n"
			     "set network web dhcp option code 224 hex 01:02\n"
			     "set network web dhcp option code 224 always\n"
			     "set network web dhcp subnet 10.9.0.0/24 range 10.9.0.2-10.9.0.9\n"
			     "set network web dhcp subnet 10.9.0.0/24 option router 10.9.0.1\n"
			     "set network web dhcp class c user-class lab\n"
			     "set network web dhcp class d circuit-id 01:02\n"
			     "set network web dhcp class c vendor-class PXE\n"
			     "set network web dhcp class c option code 224 text c\n"
			     "set network web dhcp class c lease 600\n"
			     "set network web dhcp host a option domain-search b.example\n"
			     "set network web dhcp host a mac 02:00:00:00:00:01\n"
			     "set network web dhcp host a address 10.0.0.50\n"
			     "set network web dhcp host b client-id ab\n"
			     "set network web dhcp host b address 10.0.0.5\n";

static void check_reply(const struct dhcp_pool *p, const struct dhcp_message *m, const struct dhcp_answer *a)
{
	size_t limit = m->max_size < DHCP_SIZE_DEFAULT ? DHCP_SIZE_DEFAULT : m->max_size, len;
	uint8_t frame[DHCP_FRAME_MAX];
	struct dhcp_datagram d;

	len = dhcp_reply_frame(p, m, a, frame);
	frame[23] = DHCP_SERVER_PORT;
	frame[26] = frame[27] = 0;
	if (len > limit || dhcp_frame_parse(frame, len, false, &d) || d.len + DHCP_FRAME_HEADER != len)
		abort();
	if (a->address && !dhcp_address_usable(p->net, a->address))
		abort();
}

/* The same bytes as a relay agent sees them: from a client, and from a server. */
static void take_relayed(const uint8_t *packet, size_t len)
{
	uint8_t out[DHCP_SIZE_MAX];
	const char *reason;
	struct mac mac;
	uint32_t to;

	if (dhcp_relay_request(packet, len, 0x0a000001, "web", out, &reason) > sizeof out ||
	    dhcp_relay_reply(packet, len, len > 28 ? get32(packet + 24) : 0, out, &to, &mac, &reason) > sizeof out)
		abort();
}

static void take_packet(void *ctx, const uint8_t *packet, size_t len, int64_t now)
{
	struct dhcp_pool *p = ctx;
	struct dhcp_datagram d;
	struct dhcp_message m;
	struct dhcp_answer a;
	const char *reason;

	take_relayed(packet, len);
	if (dhcp_frame_parse(packet, len, true, &d) || dhcp_message_parse(d.data, d.len, &m, &reason))
		return;
	dhcp_answer(p, &m, d.src, d.dst, now, &a);
	if (a.verdict == DHCP_PROBE && len % 5 == 0)
		dhcp_probe_answered(p, a.address, &(struct mac){ { 2 } }, now);
	else if (a.verdict == DHCP_PROBE)
		dhcp_probe_passed(p, a.address);
	if (a.verdict != DHCP_SILENT)
		check_reply(p, &m, &a);
	if (a.verdict == DHCP_SEND_DURABLE)
		dhcp_pool_confirm(p, a.address, len % 7 != 0, now);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct node *root;
	struct dhcp_pool *p = dhcp_pool_new("web");

	if (!root) {
		root = tree_new(features_schema(NULL));
		if (tree_parse(&root, config, strlen(config), "config", NULL))
			abort();
	}
	dhcp_pool_config(p, dhcp_network_new(node_find(root, "network", "web")));
	fuzz_packets(data, size, take_packet, p);
	dhcp_pool_free(p);
	return 0;
}
