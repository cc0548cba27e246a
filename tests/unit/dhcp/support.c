/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/dhcp/support.h"

#include <stdio.h>

#include "switchd/features.h"

struct dhcp_network *network_of(const char *lines)
{
	struct diag d = { 0 };
	struct schema *schema = features_schema(&d);
	struct node *root = tree_new(schema);
	struct str text = { 0 };
	struct dhcp_network *n;

	str_add(&text, "set network web address 10.0.0.1/24\n");
	for (const char *p = lines; *p; p += strcspn(p, "\n") + (p[strcspn(p, "\n")] != '\0'))
		str_addf(&text, "set network web %.*s\n", (int)strcspn(p, "\n"), p);
	if (tree_parse(&root, text.s, text.len, "test", &d))
		fail_msg("%s", diag_text(&d));
	n = dhcp_network_new(node_find(root, "network", "web"));
	node_unref(root);
	schema_free(schema);
	str_done(&text);
	diag_done(&d);
	return n;
}

struct dhcp_pool *pool_of(const char *lines)
{
	struct dhcp_pool *p = dhcp_pool_new("web");

	dhcp_pool_config(p, network_of(lines));
	forget(p);
	return p;
}

struct dhcp_message message(enum dhcp_type type, uint8_t n)
{
	return (struct dhcp_message){
		.op = 1, .htype = 1, .hlen = 6, .type = (uint8_t)type, .xid = 7, .chaddr = { { 2, 0, 0, 0, 0, n } }
	};
}

void message_id(struct dhcp_message *m, const char *id)
{
	m->id_len = (uint8_t)strlen(id);
	memcpy(m->id, id, m->id_len);
}

struct dhcp_answer ask(struct dhcp_pool *p, const struct dhcp_message *m, int64_t now)
{
	struct dhcp_answer a;

	dhcp_answer(p, m, 0, 0xffffffff, now, &a);
	return a;
}

uint32_t obtain(struct dhcp_pool *p, struct dhcp_message *m, int64_t now)
{
	struct dhcp_answer a;

	m->type = DHCP_DISCOVER;
	a = ask(p, m, now);
	if (a.verdict == DHCP_PROBE) {
		dhcp_probe_passed(p, a.address);
		a = ask(p, m, now);
	}
	assert_int_equal(a.type, DHCP_OFFER);
	m->type = DHCP_REQUEST;
	m->requested = a.address;
	m->server_id = a.server;
	a = ask(p, m, now);
	assert_int_equal(a.type, DHCP_ACK);
	assert_true(dhcp_pool_confirm(p, a.address, true, now));
	m->server_id = m->requested = 0;
	return a.address;
}

void forget(struct dhcp_pool *p)
{
	p->records.n = p->events.n = 0;
}

size_t wire(uint8_t *out, const uint8_t *options, size_t len)
{
	static const uint8_t cookie[] = { 99, 130, 83, 99 }, mac[] = { 0xaa, 0xbb, 0xcc, 0, 0, 1 };

	memset(out, 0, DHCP_HEADER);
	out[0] = 1;
	out[1] = 1;
	out[2] = 6;
	memcpy(out + 28, mac, sizeof mac);
	memcpy(out + DHCP_HEADER, cookie, sizeof cookie);
	memcpy(out + DHCP_HEADER + sizeof cookie, options, len);
	return DHCP_HEADER + sizeof cookie + len;
}
