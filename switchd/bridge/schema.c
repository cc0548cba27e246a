/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/bridge/internal.h"

TYPE_NAME(network_name, 31);
TYPE_ENUM(mode, "nat", "Guests reach out through the host's addresses; nothing reaches them unless forwarded.",
	  "routed", "Traffic in both directions without translation.", "isolated",
	  "Guests, and the host's own services, only.", "open", "Routed without any rule of vnet.", "bridged",
	  "Layer 2 only, no host address.");

static const struct row rows[] = {
	{ 1, ROW_LIST, "network", &network_name, .help = "A virtual network." },
	{ 2, ROW_LEAF, "description", &type_description, .help = "Text for people." },
	{ 2, ROW_FLAG, "disable", .help = "Keep the configuration, take the network down." },
	{ 2, ROW_LEAF, "bridge", &type_interface, .unique = true,
	  .help = "Name of the network's bridge instead of vn-<network>." },
	{ 2, ROW_LEAF, "mode", &mode,
	  .help = "How guests reach beyond their network; nat when the network has an address, else bridged." },
	{ 2, ROW_MANY, "address", &type_prefix,
	  .help = "The host's own address in the network, with its prefix length." },
	{ 2, ROW_LEAF, "mtu", &type_mtu, .dflt = "1500", .help = "Largest packet of the network." },
	{ 2, ROW_FLAG, "stp", .help = "Run the spanning tree protocol; new ports then wait for it." },
	{ 2, ROW_LEAF, "mac", &type_mac,
	  .help = "MAC address of the host in the network; generated and stable by default." },
	{ 2, ROW_LEAF, "uplink", &type_interface, .help = "The only interface guests may leave the host through." },
};

const struct schema_part bridge_schema = { "", rows, sizeof rows / sizeof *rows };
