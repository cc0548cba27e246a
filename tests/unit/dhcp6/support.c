/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/dhcp6/support.h"

#include <string.h>

#include "switchd/features.h"

const struct dhcp6_server_id own = { .len = 10, .duid = { 0, 3, 0, 1, 2, 0, 0, 0, 0, 0xff } };

struct dhcp6_network *network_of(const char *lines)
{
	struct diag d = { 0 };
	struct schema *schema = features_schema(&d);
	struct node *root = tree_new(schema);
	struct str text = { 0 };
	struct dhcp6_network *n;

	str_add(&text, "set network web address 2001:db8:1::1/64\n");
	for (const char *p = lines; *p; p += strcspn(p, "\n") + (p[strcspn(p, "\n")] != '\0'))
		str_addf(&text, "set network web %.*s\n", (int)strcspn(p, "\n"), p);
	if (tree_parse(&root, text.s, text.len, "test", &d))
		fail_msg("%s", diag_text(&d));
	n = dhcp6_network_new(node_find(root, "network", "web"));
	node_unref(root);
	schema_free(schema);
	str_done(&text);
	diag_done(&d);
	return n;
}

struct dhcp6_pool *pool_of(const char *lines)
{
	struct dhcp6_pool *p = dhcp6_pool_new("web");

	dhcp6_pool_config(p, network_of(lines));
	return p;
}

struct dhcp6_message message(enum dhcp6_type type, uint8_t n, int kind)
{
	struct dhcp6_message m = { .type = (uint8_t)type,
				   .transaction = { 1, 2, 3 },
				   .duid = { 0, 3, 0, 1, 2, 0, 0, 0, 0, n },
				   .duid_len = 10,
				   .mac = { { 2, 0, 0, 0, 0, n } },
				   .via = { 6, { 0xfe, 0x80, [15] = n } } };

	if (type == DHCP6_REQUEST || type == DHCP6_RENEW || type == DHCP6_RELEASE || type == DHCP6_DECLINE) {
		memcpy(m.server_id, own.duid, own.len);
		m.server_id_len = own.len;
	}
	if (kind >= 0)
		m.ia[m.ias++] = (struct dhcp6_ia){ .kind = (enum dhcp6_kind)kind, .id = 7 };
	return m;
}

struct dhcp6_lot lot(const char *text)
{
	struct prefix p = { .len = 128 };
	bool prefix = strchr(text, '/');

	assert_int_equal(prefix ? prefix_parse(text, &p) : ip_parse(text, &p.ip), 0);
	return (struct dhcp6_lot){ prefix ? DHCP6_PREFIX : DHCP6_ADDRESS, p.ip, p.len };
}

bool is_lot(const struct dhcp6_lot *l, const char *text)
{
	struct dhcp6_lot other = lot(text);

	return dhcp6_lot_same(l, &other);
}

struct dhcp6_answer ask(struct dhcp6_pool *p, const struct dhcp6_message *m, int64_t now)
{
	struct dhcp6_answer a;

	dhcp6_answer(p, &own, m, true, now, &a);
	return a;
}

struct dhcp6_lot obtain(struct dhcp6_pool *p, uint8_t n, enum dhcp6_kind kind, int64_t now)
{
	struct dhcp6_message m = message(DHCP6_REQUEST, n, (int)kind);
	struct dhcp6_answer a = ask(p, &m, now);

	assert_int_equal(a.verdict, DHCP6_SEND_DURABLE);
	assert_true(a.grant[0].given && a.grant[0].fresh);
	assert_true(dhcp6_pool_confirm(p, &a.grant[0].lot, true));
	return a.grant[0].lot;
}

void forget(struct dhcp6_pool *p)
{
	p->records.n = p->events.n = 0;
}
