/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/plan/names.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "switchd/base/map.h"
#include "switchd/model/model.h"

char *names_device(const char *prefix, const char *name, char *buf)
{
	char full[VALUE_SIZE];
	int n = snprintf(full, sizeof full, "%s%s", prefix, name);

	if (n < IFNAMSIZ)
		memcpy(buf, full, (size_t)n + 1);
	else
		snprintf(buf, IFNAMSIZ, "%.10s-%04x", full, (unsigned)(map_hash(full, strlen(full)) & 0xffff));
	return buf;
}

char *names_network_device(const struct node *network, char *buf)
{
	const char *bridge = node_value(network, "bridge"), *vlan = node_value(network, "vlan");
	char name[VALUE_SIZE];

	if (node_get(network, "switch")) {
		snprintf(name, sizeof name, "%.32s.%.8s", node_value(network, "switch"), vlan ? vlan : "");
		return names_device("", name, buf);
	}
	return names_device(bridge ? "" : "vn-", bridge ? bridge : node_key(network), buf);
}

char *names_network_bridge(const struct node *network, char *buf)
{
	const char *sw = node_get(network, "switch") ? node_value(network, "switch") : NULL;

	return sw ? names_device("", sw, buf) : names_network_device(network, buf);
}

bool names_is_reserved(const char *name)
{
	static const char *const reserved[] = { "vnet", "virbr", "tap", "macvtap", "docker", "veth" };

	for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
		if (str_starts(name, reserved[i]))
			return true;
	return false;
}

const char *names_port_identity(const char *key)
{
	struct mac mac;

	return mac_parse(key, &mac) ? key : key + 3;
}

struct mac names_mac(const char *device, uint64_t seed)
{
	uint64_t h = map_hash(device, strlen(device)) ^ seed * 0x9E3779B97F4A7C15ull;
	struct mac m = { { 0x02 } };

	h = map_hash(&h, sizeof h);
	for (int i = 1; i < 6; i++, h >>= 8)
		m.b[i] = (uint8_t)h;
	return m;
}

char *names_chain(const char *prefix, const char *name, char *buf, unsigned size)
{
	struct str s = { 0 };

	str_add(&s, prefix);
	for (const char *p = name; *p; p++)
		if (isalnum((unsigned char)*p) || strchr("-_.", *p))
			str_addc(&s, *p);
		else
			str_addf(&s, "/%02x", (unsigned char)*p);
	snprintf(buf, size, "%s", str_get(&s));
	str_done(&s);
	return buf;
}
