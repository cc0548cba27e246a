/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rows of a firewall rule, below 'rule' at 'depth'. They are VyOS' own words (research: its 1.4 and 1.5 trees), for
 * both families in one rule.
 */
#pragma once

#define FLAG(depth, name, text) { depth, ROW_FLAG, name, .help = text }
#define LEAF(depth, name, type, text) { depth, ROW_LEAF, name, &(type), .help = text }
#define MANY(depth, name, type, text) { depth, ROW_MANY, name, &(type), .help = text }
#define TREE(depth, name, text) { depth, ROW_TREE, name, .help = text }

#define RULE_SIDE(depth, name, text)                                                                                \
	TREE(depth, name, text),                                                                                    \
	LEAF((depth) + 1, "address", type_match_address, "An address, subnet or range."),                           \
	LEAF((depth) + 1, "address-mask", type_ip, "Compare only these bits of the address."),                      \
	LEAF((depth) + 1, "port", type_match_port, "Ports, of tcp or udp."),                                        \
	LEAF((depth) + 1, "mac-address", type_match_mac, "Link address of the sender or receiver."),                \
	TREE((depth) + 1, "group", "A group that is kept in one place."),                                           \
	MATCH_GROUPS((depth) + 2),                                                                                  \
	LEAF((depth) + 2, "dynamic-address-group", type_dynamic_group, "Addresses that rules put there.")

#define RULE_INTERFACE(depth, name, text)                                                                           \
	TREE(depth, name, text),                                                                                    \
	LEAF((depth) + 1, "name", type_match_interface, "An interface or VRF; 'eth*' means all that begin so."),    \
	LEAF((depth) + 1, "group", type_interface_group, "A group of interfaces.")

#define RULE_TCP_FLAGS(depth)                                                                                       \
	FLAG(depth, "syn", "SYN."), FLAG(depth, "ack", "ACK."), FLAG(depth, "fin", "FIN."),                         \
	FLAG(depth, "rst", "RST."), FLAG(depth, "urg", "URG."), FLAG(depth, "psh", "PSH."),                         \
	FLAG(depth, "ecn", "ECN echo."), FLAG(depth, "cwr", "Congestion window reduced.")

#define RULE_ICMP(depth, name, names, text)                                                                         \
	TREE(depth, name, text),                                                                                    \
	LEAF((depth) + 1, "type-name", names, "The type by its name."),                                             \
	LEAF((depth) + 1, "type", byte, "The type by its number."),                                                 \
	LEAF((depth) + 1, "code", byte, "The code of the type.")

#define RULE_COMPARE(depth, name, text)                                                                             \
	TREE(depth, name, text), LEAF((depth) + 1, "eq", byte, "Is it this?"),                                      \
	LEAF((depth) + 1, "gt", byte, "Is it greater?"), LEAF((depth) + 1, "lt", byte, "Is it less?")

#define RULE_TO_GROUP(depth, name, text)                                                                            \
	TREE(depth, name, text),                                                                                    \
	LEAF((depth) + 1, "address-group", type_dynamic_group, "The dynamic group it is put into."),                \
	LEAF((depth) + 1, "timeout", timeout, "How long it stays there.")

#define RULE_ROWS(depth)                                                                                            \
	LEAF(depth, "description", type_description, "Text for people."),                                           \
	FLAG(depth, "disable", "Leave the rule out."),                                                              \
	{ depth, ROW_LEAF, "action", &action, .must = true, .help = "What happens to the packet." },                \
	LEAF(depth, "jump-target", type_ruleset, "Rule set that 'jump' goes to."),                                  \
	{ depth, ROW_FLAG, "ipv4", .choice = 1, .help = "Only IPv4." },                                             \
	{ depth, ROW_FLAG, "ipv6", .choice = 1, .help = "Only IPv6." },                                             \
	LEAF(depth, "protocol", type_match_protocol, "Protocol of the packet."),                                    \
	FLAG(depth, "log", "Note each packet in the firewall log."),                                                \
	TREE(depth, "log-options", "How it is noted."),                                                             \
	LEAF((depth) + 1, "level", log_level, "Level of the kernel's log."),                                        \
	LEAF((depth) + 1, "group", u16, "Group of nfnetlink_log."),                                                 \
	LEAF((depth) + 1, "snapshot-length", snaplen, "So much of the packet."),                                    \
	LEAF((depth) + 1, "queue-threshold", u16, "So many at a time."),                                            \
	MANY(depth, "state", state, "State of the packet's connection."),                                           \
	TREE(depth, "connection-status", "What was done to the connection."),                                       \
	LEAF((depth) + 1, "nat", nat_status, "It is translated."),                                                  \
	MANY(depth, "connection-mark", mark, "Mark of the connection."),                                            \
	LEAF(depth, "mark", mark_match, "Mark of the packet."),                                                     \
	RULE_SIDE(depth, "source", "Where the packet comes from."),                                                 \
	RULE_SIDE(depth, "destination", "Where the packet goes to."),                                               \
	RULE_INTERFACE(depth, "inbound-interface", "Interface the packet comes in by."),                            \
	RULE_INTERFACE(depth, "outbound-interface", "Interface the packet leaves by."),                             \
	RULE_ICMP(depth, "icmp", icmp_name, "Messages of ICMP."),                                                   \
	RULE_ICMP(depth, "icmpv6", icmpv6_name, "Messages of ICMPv6."),                                             \
	TREE(depth, "tcp", "Parts of the TCP header."),                                                             \
	TREE((depth) + 1, "flags", "Flags that are set."), RULE_TCP_FLAGS((depth) + 2),                             \
	TREE((depth) + 2, "not", "Flags that are not set."), RULE_TCP_FLAGS((depth) + 3),                           \
	LEAF((depth) + 1, "mss", mss, "Maximum segment size."),                                                     \
	RULE_COMPARE(depth, "ttl", "Time to live of an IPv4 packet."),                                              \
	RULE_COMPARE(depth, "hop-limit", "Hop limit of an IPv6 packet."),                                           \
	MANY(depth, "dscp", dscp, "Differentiated services code point."),                                           \
	MANY(depth, "dscp-exclude", dscp, "Any but these."),                                                        \
	MANY(depth, "packet-length", length, "Length of the packet, its header included."),                         \
	MANY(depth, "packet-length-exclude", length, "Any but these."),                                             \
	LEAF(depth, "packet-type", packet_type, "Whom the frame was for."),                                         \
	TREE(depth, "ipsec", "Was the packet in IPsec, will it be?"),                                               \
	{ (depth) + 1, ROW_FLAG, "match-ipsec-in", .choice = 3, .help = "It was." },                                \
	{ (depth) + 1, ROW_FLAG, "match-none-in", .choice = 3, .help = "It was not." },                             \
	{ (depth) + 1, ROW_FLAG, "match-ipsec-out", .choice = 4, .help = "It will be." },                           \
	{ (depth) + 1, ROW_FLAG, "match-none-out", .choice = 4, .help = "It will not be." },                        \
	TREE(depth, "limit", "At most so many packets match."),                                                     \
	LEAF((depth) + 1, "rate", rate, "Packets in a time."),                                                      \
	LEAF((depth) + 1, "burst", burst, "So many may come at once."),                                             \
	TREE(depth, "recent", "Only sources that came often lately."),                                              \
	LEAF((depth) + 1, "count", recent_count, "More often than this."),                                          \
	LEAF((depth) + 1, "time", recent_time, "In this time."),                                                    \
	TREE(depth, "time", "Only at certain times (UTC)."),                                                        \
	LEAF((depth) + 1, "startdate", date, "From this day on."),                                                  \
	LEAF((depth) + 1, "stopdate", date, "Up to this day."),                                                     \
	LEAF((depth) + 1, "starttime", clock_time, "From this time of the day on."),                                \
	LEAF((depth) + 1, "stoptime", clock_time, "Up to this time of the day."),                                   \
	LEAF((depth) + 1, "weekdays", weekdays, "Only on these days."),                                             \
	LEAF(depth, "queue", queue, "Queues of nfnetlink_queue for 'queue'."),                                      \
	MANY(depth, "queue-options", queue_option, "How packets are queued."),                                      \
	TREE(depth, "synproxy", "How 'synproxy' answers."),                                                         \
	TREE((depth) + 1, "tcp", "Its TCP options."),                                                               \
	LEAF((depth) + 2, "mss", synproxy_mss, "Maximum segment size."),                                            \
	LEAF((depth) + 2, "window-scale", window_scale, "Window scale."),                                           \
	TREE(depth, "add-address-to-group", "Remember the packet's addresses."),                                    \
	RULE_TO_GROUP((depth) + 1, "source-address", "Its source."),                                                \
	RULE_TO_GROUP((depth) + 1, "destination-address", "Its destination."),                                      \
	TREE(depth, "set", "Change the packet."),                                                                   \
	LEAF((depth) + 1, "mark", set_mark, "Its mark."),                                                           \
	LEAF((depth) + 1, "connection-mark", mark, "The mark of its connection."),                                  \
	LEAF((depth) + 1, "dscp", set_dscp, "Its differentiated services code point."),                             \
	LEAF((depth) + 1, "ttl", byte, "Its time to live."),                                                        \
	LEAF((depth) + 1, "hop-limit", byte, "Its hop limit."),                                                     \
	LEAF((depth) + 1, "tcp-mss", set_mss, "Its maximum segment size.")
