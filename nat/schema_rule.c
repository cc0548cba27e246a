/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules of translation, in VyOS' words. */
#include <errno.h>
#include <string.h>

#include "nat/internal.h"
#include "switchd/plan/match_type.h"

/* masquerade, an address, a range or a subnet */
static int parse_translation(const struct type *t, const char *in, char *out, struct str *err)
{
	if (!strcmp(in, NAT_MASQUERADE)) {
		snprintf(out, VALUE_SIZE, "%s", in);
		return 0;
	}
	if (*in == '!' || type_match_address.parse(t, in, out, err)) {
		str_clear(err);
		str_addf(err, "'%s' is not masquerade, an address, a subnet or a range of addresses", in);
		return -EINVAL;
	}
	return 0;
}

static const struct type translation = { .parse = parse_translation,
					 .hint = "masquerade|<address>|<first-last>|<address/length>",
					 .yang = "string" };
static const struct type vrf = { .parse = type_ifname, .hint = "<vrf>", .ref = "vrf name" };
TYPE_NUMBER(weight, 1, 100, NULL);
TYPE_ENUM(address_mapping, "random", "Any of several addresses.", "persistent", "The same one for each client.");
TYPE_ENUM(port_mapping, "none", "The same port where possible.", "random", "A port that cannot be guessed.",
	  "fully-random", "The same.");
TYPE_ENUM(packet_type, "broadcast", "Everybody.", "host", "This host.", "multicast", "A group.", "other",
	  "Somebody else.");
TYPE_ENUM(hash, "source-address", "Where it comes from.", "destination-address", "Where it goes to.", "source-port",
	  "Its source port.", "destination-port", "Its destination port.", "random", "By chance.");

#define LEAF(depth, name, type, text) { depth, ROW_LEAF, name, &(type), .help = text }
#define FLAG(depth, name, text) { depth, ROW_FLAG, name, .help = text }
#define TREE(depth, name, text) { depth, ROW_TREE, name, .help = text }
#define RULES(depth, text) { depth, ROW_LIST, "rule", &type_rule_number, .help = text, .unit = true }

#define SIDE(depth, name, text)                                                                                    \
	TREE(depth, name, text), LEAF((depth) + 1, "address", type_match_address, "An address, subnet or range."), \
	LEAF((depth) + 1, "prefix", type_match_address, "The same: a subnet."),                                    \
	LEAF((depth) + 1, "port", type_match_port, "Ports, of tcp or udp."),                                       \
	TREE((depth) + 1, "group", "A group of the firewall."),                                                    \
	MATCH_GROUPS((depth) + 2)

#define INTERFACE(depth, name, text)                                                               \
	TREE(depth, name, text), LEAF((depth) + 1, "name", type_match_interface, "An interface or VRF."), \
	LEAF((depth) + 1, "group", type_interface_group, "A group of interfaces.")

#define COMMON(depth)                                                                                       \
	LEAF(depth, "description", type_description, "Text for people."),                                   \
	FLAG(depth, "disable", "Leave the rule out."),                                                      \
	FLAG(depth, "exclude", "What matches is not translated, by no later rule and no network either."), \
	FLAG(depth, "log", "Note each connection in the firewall log."),                                    \
	LEAF(depth, "protocol", type_match_protocol, "Protocol of the packet."),                            \
	LEAF(depth, "packet-type", packet_type, "Whom the frame was for."),                                 \
	LEAF(depth, "vrf", vrf, "Only connections that begin in this VRF."),                                \
	SIDE(depth, "source", "Where the connection comes from."),                                          \
	SIDE(depth, "destination", "Where the connection goes to.")

#define TRANSLATION(depth)                                                                                   \
	TREE(depth, "translation", "What it becomes."),                                                      \
	LEAF((depth) + 1, "address", translation, "Its new address."),                                       \
	LEAF((depth) + 1, "port", type_port_range, "Its new port, or one of these."),                        \
	TREE((depth) + 1, "options", "How one of several is chosen."),                                       \
	LEAF((depth) + 2, "address-mapping", address_mapping, "Of several addresses."),                      \
	LEAF((depth) + 2, "port-mapping", port_mapping, "Of several ports.")

#define BALANCE(depth)                                                                                       \
	TREE(depth, "load-balance", "Share connections among several."),                                     \
	{ (depth) + 1, ROW_MANY, "hash", &hash, .help = "What decides; by chance when nothing is given." },  \
	{ (depth) + 1, ROW_LIST, "backend", &type_ip, .help = "One of them." },                              \
	{ (depth) + 2, ROW_LEAF, "weight", &weight, .dflt = "1", .help = "Its share, among those of others." }

#define SOURCE(depth)                                                                    \
	TREE(depth, "source", "Sources of connections that leave."),                     \
	RULES((depth) + 1, "A rule; the first that matches decides."), COMMON((depth) + 2), \
	INTERFACE((depth) + 2, "outbound-interface", "Interface it leaves by."), TRANSLATION((depth) + 2), \
	BALANCE((depth) + 2)

#define DESTINATION(depth)                                                                              \
	TREE(depth, "destination", "Destinations of connections that come in."),                        \
	RULES((depth) + 1, "A rule; the first that matches decides."), COMMON((depth) + 2),             \
	INTERFACE((depth) + 2, "inbound-interface", "Interface it comes in by."),                       \
	FLAG((depth) + 2, "hairpin", "Also for who is inside, and for this host itself."),              \
	TRANSLATION((depth) + 2), LEAF((depth) + 3, "vrf", vrf, "VRF the new address is in."),          \
	TREE((depth) + 3, "redirect", "To this host itself."),                                          \
	LEAF((depth) + 4, "port", type_port_range, "At this port."), BALANCE((depth) + 2)

static const struct row rows[] = {
	TREE(1, "nat", "Translation of addresses, beside that of networks."),
	SOURCE(2),
	DESTINATION(2),
	TREE(2, "static", "One address for another, both ways."),
	RULES(3, "A pair of addresses."),
	LEAF(4, "description", type_description, "Text for people."),
	FLAG(4, "disable", "Leave the rule out."),
	FLAG(4, "log", "Note each connection in the firewall log."),
	TREE(4, "destination", "How it is called outside."),
	LEAF(5, "address", type_match_address, "An address or a subnet."),
	TREE(4, "inbound-interface", "Where outside is."),
	LEAF(5, "name", type_match_interface, "An interface."),
	TREE(4, "translation", "How it is called inside."),
	LEAF(5, "address", translation, "As many addresses."),
	TREE(1, "nat66", "Translation of IPv6, as VyOS has it apart."),
	SOURCE(2),
	DESTINATION(2),
};

const struct schema_part nat_schema_rules = { "", rows, sizeof rows / sizeof *rows, NULL };
