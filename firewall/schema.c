/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "firewall/internal.h"
#include "switchd/plan/match_type.h"

#define REFUSE(err, ...) (str_addf((err), __VA_ARGS__), -EINVAL)

/* ---- types ----------------------------------------------------------------------------------- */

/* "10/minute" */
static int parse_rate(const struct type *t, const char *in, char *out, struct str *err)
{
	static const char *const units[] = { "second", "minute", "hour", "day" };
	char *end;
	unsigned long n = isdigit((unsigned char)*in) && strlen(in) < 20 ? strtoul(in, &end, 10) : 0;

	(void)t;
	for (size_t i = 0; n && n <= UINT32_MAX && *end == '/' && i < sizeof units / sizeof *units; i++)
		if (!strcmp(end + 1, units[i])) {
			snprintf(out, VALUE_SIZE, "%lu/%s", n, units[i]);
			return 0;
		}
	return REFUSE(err, "'%s' is not a rate like 10/minute, of second, minute, hour or day", in);
}

/* "30m" */
static int parse_timeout(const struct type *t, const char *in, char *out, struct str *err)
{
	size_t digits = strspn(in, "0123456789");

	(void)t;
	if (!digits || digits > 6 || strlen(in) != digits + 1 || !strchr("smhd", in[digits]))
		return REFUSE(err, "'%s' is not a time like 30m: a number and s, m, h or d", in);
	snprintf(out, VALUE_SIZE, "%s", in);
	return 0;
}

static bool is_leap(unsigned y)
{
	return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
}

static int parse_date(const struct type *t, const char *in, char *out, struct str *err)
{
	static const unsigned char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	unsigned y = 0, m = 0, d = 0;
	int used = 0;

	(void)t;
	if (sscanf(in, "%4u-%2u-%2u%n", &y, &m, &d, &used) != 3 || in[used] || y < 1970 || y > 2100 || m < 1 ||
	    m > 12 || d < 1 || d > days[m - 1] + (unsigned)(m == 2 && is_leap(y)))
		return REFUSE(err, "'%s' is not a date like 2026-01-31", in);
	snprintf(out, VALUE_SIZE, "%04u-%02u-%02u", y, m, d);
	return 0;
}

static int parse_clock(const struct type *t, const char *in, char *out, struct str *err)
{
	unsigned h = 0, m = 0, s = 0;
	int used = 0, n = sscanf(in, "%2u:%2u%n:%2u%n", &h, &m, &used, &s, &used);

	(void)t;
	if (n < 2 || in[used] || h > 23 || m > 59 || s > 59)
		return REFUSE(err, "'%s' is not a time of the day like 08:30 or 08:30:00", in);
	snprintf(out, VALUE_SIZE, "%02u:%02u:%02u", h, m, s);
	return 0;
}

static const char *const day_names[] = { "Sunday",   "Monday", "Tuesday", "Wednesday",
					 "Thursday", "Friday", "Saturday" };

/* 0 for Sunday, -1 for no day; the first three letters do. */
static int weekday(const char *word, size_t len)
{
	if (len == 1 && *word >= '0' && *word <= '6')
		return *word - '0';
	for (int i = 0; i < 7; i++)
		if (len >= 3 && len <= strlen(day_names[i]) && !strncasecmp(day_names[i], word, len))
			return i;
	return -1;
}

unsigned fw_weekdays(const char *text)
{
	unsigned these = 0, others = 0;

	for (const char *s = text;; s++) {
		size_t len = strcspn(s, ","), no = *s == '!';

		*(no ? &others : &these) |= 1u << weekday(s + no, len - no);
		s += len;
		if (!*s)
			return these ? these & ~others : 0x7fu & ~others;
	}
}

/* "Mon,Tue" or "!Sat,!Sun": full names are kept. */
static int parse_weekdays(const struct type *t, const char *in, char *out, struct str *err)
{
	const char *s = in;
	size_t used = 0;

	(void)t;
	for (;;) {
		size_t len = strcspn(s, ","), no = *s == '!';
		int day = weekday(s + no, len - no);

		if (day < 0 || used > 200)
			return REFUSE(err, "'%.*s' is not a day like Monday, Mon or 1", (int)len, s);
		used += (size_t)snprintf(out + used, VALUE_SIZE - used, "%s%s%s", used ? "," : "", no ? "!" : "",
					 day_names[day]);
		s += len;
		if (!*s++)
			return 0;
	}
}

static const struct type domain = { .parse = type_domain, .hint = "<domain>", .max = 253 };
static const struct type rate = { .parse = parse_rate, .hint = "<number>/second|minute|hour|day" };
static const struct type timeout = { .parse = parse_timeout, .hint = "<number>s|m|h|d" };
static const struct type date = { .parse = parse_date, .hint = "<yyyy-mm-dd>" };
static const struct type clock_time = { .parse = parse_clock, .hint = "<hh:mm[:ss]>" };
static const struct type weekdays = { .parse = parse_weekdays, .hint = "<day>,..." };
static const struct type mark_match = { .parse = type_number_range_not,
					.key = type_number_range_key,
					.max = 2147483647,
					.hint = "[!]<0-2147483647>|[!]<first-last>",
					.yang = "string" };
TYPE_NUMBER(mark, 0, 2147483647, NULL);
TYPE_NUMBER(set_mark, 1, 2147483647, NULL);
TYPE_NUMBER(set_dscp, 0, 63, NULL);
TYPE_NUMBER(set_mss, 500, 1460, "bytes");
TYPE_NUMBER(byte, 0, 255, NULL);
TYPE_NUMBER(u16, 0, 65535, NULL);
TYPE_NUMBER(snaplen, 0, 9000, "bytes");
TYPE_NUMBER(burst, 1, 4294967295, "packets");
TYPE_NUMBER(recent_count, 1, 255, "packets");
TYPE_NUMBER(synproxy_mss, 501, 65535, "bytes");
TYPE_NUMBER(window_scale, 1, 14, NULL);
TYPE_NUMBER(seconds, 1, 21474836, "seconds");
TYPE_NUMBER_RANGE(dscp, 0, 63);
TYPE_NUMBER_RANGE(length, 1, 65535);
TYPE_NUMBER_RANGE(mss, 1, 16384);
TYPE_NUMBER_RANGE(queue, 0, 65535);
TYPE_ENUM(action, "accept", "Let it pass this rule set.", "drop", "Lose it.", "reject", "Refuse it with a message.",
	  "return", "Go back to the rule set it came from.", "jump", "Go on in another rule set.", "continue",
	  "Go on with the next rule.", "queue", "Ask a program on a queue.", "synproxy",
	  "Answer for the server until it is real.",
	  "notrack", "Do not track the connection; in 'raw' only.");
TYPE_ENUM(default_action, "drop", "Lose it.", "accept", "Let it pass this rule set.", "reject",
	  "Refuse it with a message.", "return", "Go back to the rule set it came from.", "continue", "The same.",
	  "jump", "Go on in another rule set.");
TYPE_ENUM(base_action, "accept", "Let it pass.", "drop", "Lose it.");
TYPE_ENUM(zone_action, "drop", "Lose it.", "reject", "Refuse it with a message.");
TYPE_ENUM(policy_action, "accept", "Let it pass.", "drop", "Lose it.", "reject", "Refuse it with a message.");
TYPE_ENUM(log_level, "emerg", "Unusable.", "alert", "At once.", "crit", "Critical.", "err", "Error.", "warn",
	  "Warning.", "notice", "Normal, but noteworthy.", "info", "Information.", "debug", "Details.");
TYPE_ENUM(state, "established", "Seen in both directions.", "related", "Begun by one that is established.", "new",
	  "The first of a connection.", "invalid", "Of no connection.");
TYPE_ENUM(nat_status, "source", "Its source.", "destination", "Its destination.");
TYPE_ENUM(packet_type, "broadcast", "Everybody.", "host", "This host.", "multicast", "A group.", "other",
	  "Somebody else.");
TYPE_ENUM(recent_time, "second", "A second.", "minute", "A minute.", "hour", "An hour.");
TYPE_ENUM(queue_option, "bypass", "Accept while no program listens.", "fanout", "One queue a processor.");
static const struct type from_zone = { .parse = type_name, .hint = "<zone>|any|local", .max = 40 };
static const struct type zone_network = { .parse = type_name, .hint = "<network>", .max = 31, .ref = "network" };
static const struct type zone_vrf = { .parse = type_ifname, .hint = "<vrf>", .ref = "vrf name" };
TYPE_ENUM(enable, "enable", "On.", "disable", "Off.");
TYPE_ENUM(validation, "strict", "By the way back (RFC 3704 3.2).", "loose", "By any way back.", "disable",
	  "Not at all.");
TYPE_ENUM(icmp_name, "echo-reply", "0", "destination-unreachable", "3", "source-quench", "4", "redirect", "5",
	  "echo-request", "8", "router-advertisement", "9", "router-solicitation", "10", "time-exceeded", "11",
	  "parameter-problem", "12", "timestamp-request", "13", "timestamp-reply", "14", "info-request", "15",
	  "info-reply", "16", "address-mask-request", "17", "address-mask-reply", "18");
TYPE_ENUM(icmpv6_name, "destination-unreachable", "1", "packet-too-big", "2", "time-exceeded", "3",
	  "parameter-problem", "4", "echo-request", "128", "echo-reply", "129", "mld-listener-query", "130",
	  "mld-listener-report", "131", "mld-listener-reduction", "132", "nd-router-solicit", "133",
	  "nd-router-advert", "134", "nd-neighbor-solicit", "135", "nd-neighbor-advert", "136", "nd-redirect", "137",
	  "router-renumbering", "138", "ind-neighbor-solicit", "141", "ind-neighbor-advert", "142",
	  "mld2-listener-report", "143");

int fw_icmp_type(const char *name, bool six)
{
	for (const char *const *w = (six ? icmpv6_name : icmp_name).words; *w; w += 2)
		if (!strcmp(*w, name))
			return atoi(w[1]);
	return -1;
}

/* ---- rows ------------------------------------------------------------------------------------ */

#include "firewall/schema_rule.h"

#define SWITCH(name, dflt_, text) { 3, ROW_LEAF, name, &enable, .dflt = dflt_, .help = text }

#define STATE_POLICY(name, text)                                                   \
	TREE(4, name, text), LEAF(5, "action", policy_action, "What happens to it."), \
	FLAG(5, "log", "Note each packet in the firewall log."), LEAF(5, "log-level", log_level, "At this level.")

#define BASE(name, text)                                                                                      \
	TREE(2, name, text), LEAF(3, "description", type_description, "Text for people."),                    \
	{ 3, ROW_LEAF, "default-action", &base_action, .dflt = "accept", .help = "What no rule decides." },   \
	FLAG(3, "default-log", "Note in the firewall log what no rule decides."),                             \
	{ 3, ROW_LIST, "rule", &type_rule_number, .help = "A rule; they are asked in the order of numbers." }, \
	RULE_ROWS(4)

static const struct row rows[] = {
	TREE(1, "firewall", "What may pass."),
	TREE(2, "global-options", "What all rule sets share."),
	TREE(3, "state-policy", "What happens to packets of known connections before any rule is asked."),
	STATE_POLICY("established", "Packets of connections seen in both directions."),
	STATE_POLICY("related", "Packets of connections begun by others."),
	STATE_POLICY("invalid", "Packets of no connection."),
	SWITCH("all-ping", "enable", "Answer to pings."),
	SWITCH("broadcast-ping", "disable", "Answer to pings to everybody."),
	SWITCH("directed-broadcast", "enable", "Pass on packets to everybody in a subnet."),
	SWITCH("ip-src-route", "disable", "Take the way that IPv4 packets name."),
	SWITCH("ipv6-src-route", "disable", "Take the way that IPv6 packets name."),
	SWITCH("log-martians", "enable", "Log packets with impossible addresses."),
	SWITCH("receive-redirects", "disable", "Learn routes from ICMP redirects."),
	SWITCH("ipv6-receive-redirects", "disable", "Learn routes from ICMPv6 redirects."),
	SWITCH("send-redirects", "enable", "Send ICMP redirects."),
	SWITCH("syn-cookies", "enable", "Answer floods of connections with cookies."),
	SWITCH("twa-hazards-protection", "disable", "Ignore RST in TIME-WAIT (RFC 1337)."),
	{ 3, ROW_LEAF, "source-validation", &validation, .dflt = "disable", .help = "Check the source of IPv4." },
	{ 3, ROW_LEAF, "ipv6-source-validation", &validation, .dflt = "disable", .help = "Check the source of IPv6." },
	TREE(3, "timeout", "How long connections are remembered."),
	LEAF(4, "icmp", seconds, "ICMP."),
	LEAF(4, "other", seconds, "Other protocols."),
	TREE(4, "tcp", "TCP, by state."),
	LEAF(5, "close", seconds, "CLOSE."),
	LEAF(5, "close-wait", seconds, "CLOSE-WAIT."),
	LEAF(5, "established", seconds, "ESTABLISHED."),
	LEAF(5, "fin-wait", seconds, "FIN-WAIT."),
	LEAF(5, "last-ack", seconds, "LAST-ACK."),
	LEAF(5, "syn-recv", seconds, "SYN-RECEIVED."),
	LEAF(5, "syn-sent", seconds, "SYN-SENT."),
	LEAF(5, "time-wait", seconds, "TIME-WAIT."),
	TREE(4, "udp", "UDP."),
	LEAF(5, "other", seconds, "Seen in one direction."),
	LEAF(5, "stream", seconds, "Seen in both directions."),
	TREE(2, "group", "What rules name together."),
	{ 3, ROW_LIST, "address-group", &type_group_name, .help = "Addresses, IPv4 and IPv6." },
	LEAF(4, "description", type_description, "Text for people."),
	MANY(4, "address", type_group_address, "An address or a range."),
	MANY(4, "include", type_address_group, "Those of another group."),
	{ 3, ROW_LIST, "network-group", &type_group_name, .help = "Subnets, IPv4 and IPv6." },
	LEAF(4, "description", type_description, "Text for people."),
	MANY(4, "network", type_subnet, "A subnet."),
	MANY(4, "include", type_network_group, "Those of another group."),
	{ 3, ROW_LIST, "port-group", &type_group_name, .help = "Ports." },
	LEAF(4, "description", type_description, "Text for people."),
	MANY(4, "port", type_match_port, "A port, a range or a service."),
	MANY(4, "include", type_port_group, "Those of another group."),
	{ 3, ROW_LIST, "mac-group", &type_group_name, .help = "Link addresses." },
	LEAF(4, "description", type_description, "Text for people."),
	MANY(4, "mac-address", type_mac, "A link address."),
	MANY(4, "include", type_mac_group, "Those of another group."),
	{ 3, ROW_LIST, "interface-group", &type_group_name, .help = "Interfaces and VRFs." },
	LEAF(4, "description", type_description, "Text for people."),
	MANY(4, "interface", type_match_interface, "An interface or VRF; 'eth*' means all that begin so."),
	MANY(4, "include", type_interface_group, "Those of another group."),
	{ 3, ROW_LIST, "domain-group", &type_group_name, .help = "Addresses that names have." },
	LEAF(4, "description", type_description, "Text for people."),
	{ 4, ROW_MANY, "address", &domain, .help = "A name, asked for at the host's name servers.", .max = 256 },
	TREE(3, "dynamic-group", "Groups that rules fill."),
	{ 4, ROW_LIST, "address-group", &type_group_name, .help = "Addresses that rules put there." },
	LEAF(5, "description", type_description, "Text for people."),
	{ 2, ROW_LIST, "name", &type_ruleset_name, .help = "A rule set.", .unit = true },
	LEAF(3, "description", type_description, "Text for people."),
	{ 3, ROW_FLAG, "ipv4", .choice = 1, .help = "It is for IPv4 only; IPv6 passes by." },
	{ 3, ROW_FLAG, "ipv6", .choice = 1, .help = "It is for IPv6 only; IPv4 passes by." },
	{ 3, ROW_LEAF, "default-action", &default_action, .dflt = "drop", .help = "What no rule decides." },
	LEAF(3, "default-jump-target", type_ruleset, "Rule set that the default action 'jump' goes to."),
	FLAG(3, "default-log", "Note in the firewall log what no rule decides."),
	{ 3, ROW_LIST, "rule", &type_rule_number, .help = "A rule; they are asked in the order of numbers." },
	RULE_ROWS(4),
	BASE("forward", "What passes through this host, from or to what vnet manages."),
	BASE("input", "What is for this host itself, from what vnet manages."),
	BASE("output", "What this host itself sends, to what vnet manages."),
	BASE("raw", "What comes in, before connections are looked for."),
	BASE("raw-output", "What this host sends, before connections are looked for."),
	{ 2, ROW_LIST, "zone", &type_ruleset_name, .help = "Interfaces, networks and VRFs that are treated alike.",
	  .unit = true },
	LEAF(3, "description", type_description, "Text for people."),
	FLAG(3, "local-zone", "This host itself."),
	MANY(3, "interface", type_match_interface, "An interface of the zone."),
	MANY(3, "network", zone_network, "A network of the zone."),
	MANY(3, "vrf", zone_vrf, "A VRF whose networks and interfaces are the zone's."),
	{ 3, ROW_LEAF, "default-action", &zone_action, .dflt = "drop",
	  .help = "What comes from zones not named here, or from no zone." },
	FLAG(3, "default-log", "Note in the firewall log what the default action loses."),
	{ 3, ROW_LIST, "from", &from_zone, .help = "What may come from this zone; 'any': from all others." },
	{ 4, ROW_MANY, "firewall", &type_ruleset, .max = 2,
	  .help = "The rule set that decides; two when one is for IPv4 and the other for IPv6." },
	TREE(3, "intra-zone-filtering", "What passes within the zone, which is everything by default."),
	LEAF(4, "action", base_action, "All of it or nothing."),
	{ 4, ROW_MANY, "firewall", &type_ruleset, .max = 2, .help = "The rule set that decides." },
};

/* What an interface or a network is judged by. */
static const struct row attached[] = {
	TREE(1, "firewall",
	     "Rule sets that judge its packets; two of one kind when one is for IPv4, the other for IPv6."),
	{ 2, ROW_MANY, "in", &type_ruleset, .max = 2, .help = "What comes from there." },
	{ 2, ROW_MANY, "out", &type_ruleset, .max = 2, .help = "What goes there." },
	{ 2, ROW_MANY, "local", &type_ruleset, .max = 2, .help = "What comes from there for this host itself." },
};

static const struct schema_part of_interface = { "interface", attached, sizeof attached / sizeof *attached, NULL };
static const struct schema_part of_network = { "network", attached, sizeof attached / sizeof *attached,
					       &of_interface };
const struct schema_part firewall_schema = { "", rows, sizeof rows / sizeof *rows, &of_network };
