/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/base/addr.h"
#include "switchd/bridge/internal.h"
#include "switchd/plan/facts.h"
#include "switchd/plan/vlans.h"

static int parse_vlans(const struct type *t, const char *in, char *out, struct str *err)
{
	unsigned first, last;

	(void)t;
	if (vlans_parse_range(in, &first, &last)) {
		str_addf(err, "'%s' is not a VLAN <1-4094> or a range FIRST-LAST", in);
		return -EINVAL;
	}
	snprintf(out, VALUE_SIZE, first == last ? "%u" : "%u-%u", first, last);
	return 0;
}

static size_t vlans_key(const char *canonical, unsigned char *out)
{
	return type_number_key(canonical, out);
}

/* "10mbit" */
static int parse_rate(const struct type *t, const char *in, char *out, struct str *err)
{
	uint64_t rate = bridge_rate(in);

	(void)t;
	if (rate < 8000 || rate > 400000000000u) {
		str_addf(err, "'%s' is not a rate from 8kbit to 400gbit, like 10mbit", in);
		return -EINVAL;
	}
	if (rate % 1000000000 == 0)
		snprintf(out, VALUE_SIZE, "%" PRIu64 "gbit", rate / 1000000000);
	else if (rate % 1000000 == 0)
		snprintf(out, VALUE_SIZE, "%" PRIu64 "mbit", rate / 1000000);
	else if (rate % 1000 == 0)
		snprintf(out, VALUE_SIZE, "%" PRIu64 "kbit", rate / 1000);
	else
		snprintf(out, VALUE_SIZE, "%" PRIu64 "bit", rate);
	return 0;
}

uint64_t bridge_rate(const char *text)
{
	static const struct {
		const char *name;
		uint64_t factor;
	} units[] = { { "bit", 1 }, { "kbit", 1000 }, { "mbit", 1000000 }, { "gbit", 1000000000 } };
	char *end;
	uint64_t n = *text >= '0' && *text <= '9' && strlen(text) < 16 ? strtoull(text, &end, 10) : 0;

	for (size_t i = 0; n && i < sizeof units / sizeof *units; i++)
		if (!strcmp(units[i].name, end))
			return n * units[i].factor;
	return 0;
}

/* An interface, or the MAC address of a guest. */
static int parse_port(const struct type *t, const char *in, char *out, struct str *err)
{
	struct mac mac;

	if (mac_parse(in, &mac))
		return type_ifname(t, in, out, err);
	if (mac_is_multicast(&mac) || mac_is_zero(&mac)) {
		str_addf(err, "'%s' is not the address of a single station", in);
		return -EINVAL;
	}
	mac_text(&mac, out);
	return 0;
}

TYPE_NAME(network_name, 31);
TYPE_NAME(profile_name, 31);
TYPE_REF(switch_ref, "switch");
TYPE_REF(profile_ref, "port-profile");
TYPE_NUMBER(vlan_id, VLAN_MIN, VLAN_MAX, NULL);
TYPE_NUMBER(ageing, 10, 1000000, "seconds");
TYPE_ENUM(mode, "nat", "Guests reach out through the host's addresses; nothing reaches them unless forwarded.",
	  "routed", "Traffic in both directions without translation.", "isolated",
	  "Guests, and the host's own services, only.", "open", "Routed without any rule of vnet.", "bridged",
	  "Layer 2 only, no host address.");
static const struct type vrf_ref = {
	.parse = type_ifname, .hint = "<vrf>", .ref = "vrf name", .yang = "string { length \"1..15\"; }"
};
static const struct type vlan_range = { .parse = parse_vlans,
					.key = vlans_key,
					.hint = "<1-4094>|<first-last>",
					.yang = "string { pattern '[0-9]+(-[0-9]+)?'; }" };
static const struct type rate = { .parse = parse_rate,
				  .hint = "<rate>",
				  .yang = "string { pattern '[0-9]+[kmg]?bit'; }" };
static const struct type port_key = { .parse = parse_port,
				      .hint = "<interface>|<mac>",
				      .yang = "string { length \"1..17\"; }" };

static int parse_own_address(const struct type *t, const char *in, char *out, struct str *err)
{
	const struct type *one = strchr(in, '/') ? &type_subnet : &type_ip;

	(void)t;
	return one->parse(one, in, out, err);
}

static const struct type own_address = { .parse = parse_own_address, .hint = "<address>|<prefix>", .yang = "string" };

static const struct row rows[] = {
	{ 1, ROW_LIST, "switch", &type_interface, .help = "A VLAN-aware bridge of this name.", .unit = true },
	{ 2, ROW_LEAF, "description", &type_description, .help = "Text for people." },
	{ 2, ROW_LEAF, "mtu", &type_mtu, .dflt = "1500", .help = "Largest packet that passes." },
	{ 2, ROW_LEAF, "mac", &type_mac,
	  .help = "MAC address of the host on all its VLANs; generated and stable by default." },
	{ 2, ROW_FLAG, "stp", .help = "Run the spanning tree protocol; new ports then wait for it." },
	{ 2, ROW_LEAF, "ageing-time", &ageing, .dflt = "300",
	  .help = "How long an address is remembered that sends nothing." },
	{ 2, ROW_LIST, "uplink", &type_interface, .help = "An interface of the host that is a trunk of the switch.",
	  .unit = true },
	{ 3, ROW_MANY, "allowed-vlan", &vlan_range, .help = "VLANs that pass, tagged; all of them by default." },
	{ 3, ROW_LEAF, "native-vlan", &vlan_id, .help = "VLAN of frames without a tag; by default they are dropped." },
	{ 1, ROW_LIST, "port-profile", &profile_name, .help = "What ports have in common." },
	{ 2, ROW_LEAF, "description", &type_description, .help = "Text for people." },
	{ 2, ROW_LEAF, "vlan", &vlan_id, .help = "VLAN of untagged frames instead of the network's." },
	{ 2, ROW_MANY, "allowed-vlan", &vlan_range, .help = "VLANs that pass tagged, beside the untagged one." },
	{ 2, ROW_FLAG, "isolated", .help = "The port reaches the host and uplinks, no other isolated port." },
	{ 2, ROW_TREE, "anti-spoof", .help = "What a guest cannot pretend." },
	{ 3, ROW_FLAG, "mac", .help = "Frames have the guest's own MAC address." },
	{ 3, ROW_FLAG, "ip",
	  .help = "Packets have an address that is leased to, reserved or configured for the guest in its VLANs." },
	{ 3, ROW_FLAG, "arp",
	  .help = "ARP speaks for the guest's own addresses only, neighbor discovery not for the host's." },
	{ 3, ROW_FLAG, "dhcp-server", .help = "The guest is no DHCP server." },
	{ 3, ROW_FLAG, "ra", .help = "The guest is no IPv6 router: no advertisements, no redirects." },
	{ 2, ROW_TREE, "bandwidth", .help = "How much may pass." },
	{ 3, ROW_LEAF, "inbound", &rate, .help = "To the guest; what is above waits." },
	{ 3, ROW_LEAF, "outbound", &rate, .help = "From the guest; what is above is dropped." },
	{ 1, ROW_LIST, "network", &network_name, .help = "A virtual network.", .unit = true },
	{ 2, ROW_LEAF, "description", &type_description, .help = "Text for people." },
	{ 2, ROW_FLAG, "disable", .help = "Keep the configuration, take the network down." },
	{ 2, ROW_LEAF, "switch", &switch_ref,
	  .help = "The network is a VLAN of this switch and has no bridge of its own." },
	{ 2, ROW_LEAF, "vlan", &vlan_id, .help = "Its VLAN on the switch." },
	{ 2, ROW_LEAF, "bridge", &type_interface, .unique = true,
	  .help = "Name of the network's bridge instead of vn-<network>." },
	{ 2, ROW_LEAF, "vrf", &vrf_ref, .help = "Routing domain; networks of others may have the same addresses." },
	{ 2, ROW_LEAF, "mode", &mode,
	  .help = "How guests reach beyond their network; nat when the network has an address, else bridged." },
	{ 2, ROW_MANY, "address", &type_prefix,
	  .help = "The host's own address in the network, with its prefix length." },
	{ 2, ROW_LEAF, "mtu", &type_mtu, .dflt = "1500", .help = "Largest packet of the network." },
	{ 2, ROW_FLAG, "stp", .help = "Run the spanning tree protocol; new ports then wait for it." },
	{ 2, ROW_LEAF, "mac", &type_mac,
	  .help = "MAC address of the host in the network; generated and stable by default." },
	{ 2, ROW_LEAF, "uplink", &type_interface, .help = "The only interface guests may leave the host through." },
	{ 2, ROW_FLAG, "no-flow-offload", .help = "Its connections always go through rules ('system flow-offload')." },
	{ 2, ROW_LIST, "port", &port_key,
	  .help = "An interface, or a guest by its MAC address, that joins the network whenever it is there.",
	  .unit = true },
	{ 3, ROW_LEAF, "description", &type_description, .help = "Text for people." },
	{ 3, ROW_LEAF, "profile", &profile_ref, .help = "What else is true of the port." },
	{ 3, ROW_LEAF, "mac", &type_mac, .help = "MAC address of the guest, for a port given by interface." },
	{ 3, ROW_MANY, "address", &type_ip, .help = "An address of the guest, beside leased and reserved ones." },
	/* plan/facts.h */
	{ 1, ROW_TREE, FACTS, .help = "Facts beside the configuration.", .hidden = true },
	{ 2, ROW_LIST, FACTS_PORT, &port_key, .help = "A port attached at run time.", .unit = true },
	{ 3, ROW_LEAF, "network", &network_name, .help = "Its network." },
	{ 3, ROW_LEAF, "profile", &profile_name, .help = "Its profile." },
	{ 2, ROW_LIST, FACTS_LEASE, &network_name, .help = "Leases of a network." },
	{ 3, ROW_LIST, FACTS_GUEST, &type_mac, .help = "A guest.", .unit = true },
	{ 4, ROW_MANY, "address", &own_address, .help = "Its address, or a prefix delegated to it." },
	{ 2, ROW_LIST, FACTS_DELEGATION, &network_name, .help = "Prefixes delegated in a network." },
	{ 3, ROW_LIST, FACTS_PREFIX, &type_subnet, .help = "A prefix.", .unit = true },
	{ 4, ROW_LEAF, "via", &type_ip6, .help = "The guest that is its router." },
};

const struct schema_part bridge_schema = { "", rows, sizeof rows / sizeof *rows, NULL };
