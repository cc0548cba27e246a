/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random rule sets over a small world of addresses, ports and interfaces, so that rules overlap, and packets from the
 * same world, with values beside its edges.
 */
#include <string.h>

#include "tests/firewall/packet.h"

uint32_t dice_roll(struct dice *d, uint32_t sides)
{
	d->state ^= d->state << 13;
	d->state ^= d->state >> 7;
	d->state ^= d->state << 17;
	return (uint32_t)((d->state >> 20) % sides);
}

static bool chance(struct dice *d, unsigned percent)
{
	return dice_roll(d, 100) < percent;
}

static const char *pick(struct dice *d, const char *const *words, unsigned n)
{
	return words[dice_roll(d, n)];
}

#define PICK(d, words) pick(d, words, sizeof(words) / sizeof *(words))

static const char *const interfaces[] = { "eth0", "eth1", "eth2", "lan10", "lan11" };
static const char *const macs[] = { "52:54:00:00:00:01", "52:54:00:00:00:02", "52:54:00:00:00:03" };
static const char *const states[] = { "new", "established", "related", "invalid" };

/* An address, subnet or range of either family. */
static void address(struct dice *d, bool six, bool plain, struct str *out)
{
	unsigned a = dice_roll(d, 4), b = dice_roll(d, 24), len = 24 + dice_roll(d, 8);

	if (!plain && chance(d, 10))
		str_addc(out, '!');
	str_addf(out, six ? "fd00:%u::%x" : "10.0.%u.%u", a, b);
	if (plain || chance(d, 60))
		return;
	if (chance(d, 50))
		str_addf(out, "/%u", six ? 96 + len : len);
	else
		str_addf(out, six ? "-fd00:%u::%x" : "-10.0.%u.%u", a, b + dice_roll(d, 9));
}

static void ports(struct dice *d, struct str *out)
{
	unsigned n = 1 + dice_roll(d, 3);

	for (unsigned i = 0; i < n; i++) {
		unsigned from = 20 + dice_roll(d, 30);

		str_addf(out, "%s%s%u", i ? "," : "", chance(d, 8) ? "!" : "", from);
		if (chance(d, 25))
			str_addf(out, "-%u", from + dice_roll(d, 6));
	}
}

static void line(struct str *out, const char *prefix, const char *words)
{
	str_addf(out, "set %s %s\n", prefix, words);
}

static void side(struct dice *d, const char *prefix, const char *which, bool six, bool with_ports, struct str *out)
{
	struct str text = { 0 };

	str_addf(&text, "%s ", which);
	if (chance(d, 55)) {
		str_add(&text, "address ");
		address(d, six, false, &text);
		line(out, prefix, str_get(&text));
	} else if (chance(d, 25)) {
		str_addf(&text, "group %s %s%u", chance(d, 50) ? "address-group" : "network-group",
			 chance(d, 12) ? "!g" : "g", dice_roll(d, 4));
		line(out, prefix, str_get(&text));
	}
	str_clear(&text);
	str_addf(&text, "%s ", which);
	if (with_ports && chance(d, 70)) {
		str_add(&text, "port ");
		ports(d, &text);
		line(out, prefix, str_get(&text));
	} else if (with_ports && chance(d, 30)) {
		str_addf(&text, "group port-group g%u", dice_roll(d, 3));
		line(out, prefix, str_get(&text));
	}
	str_done(&text);
}

static void others(struct dice *d, const char *prefix, bool six, const char *protocol, struct str *out)
{
	struct str text = { 0 };

	if (chance(d, 15)) {
		str_addf(&text, "inbound-interface name %s%s", chance(d, 15) ? "!" : "",
			 chance(d, 15) ? "eth*" : PICK(d, interfaces));
		line(out, prefix, str_get(&text));
	} else if (chance(d, 6)) {
		line(out, prefix, "inbound-interface group g0");
	}
	if (chance(d, 15)) {
		str_clear(&text);
		str_addf(&text, "state %s", PICK(d, states));
		line(out, prefix, str_get(&text));
	}
	if (chance(d, 6)) {
		str_clear(&text);
		str_addf(&text, "source mac-address %s", PICK(d, macs));
		line(out, prefix, str_get(&text));
	}
	if (!strcmp(protocol, "tcp") && chance(d, 15)) {
		line(out, prefix, "tcp flags syn");
		line(out, prefix, "tcp flags not ack");
	}
	if (!strcmp(protocol, "icmp") && !six && chance(d, 50))
		line(out, prefix, "icmp type-name echo-request");
	if (!strcmp(protocol, "ipv6-icmp") && six && chance(d, 50))
		line(out, prefix, "icmpv6 type 128");
	if (chance(d, 5))
		line(out, prefix, "log");
	if (chance(d, 4))
		line(out, prefix, "disable");
	str_done(&text);
}

/* 'aimed': so many rules of a run that name a destination are left, this one among them; the last ones take in all. */
static void rule(struct dice *d, const char *set, unsigned number, bool jumps, unsigned aimed, struct str *out)
{
	static const char *const protocols[] = { "tcp", "udp", "tcp_udp", "icmp", "ipv6-icmp", "all", "47", "!tcp" };
	static const char *const actions[] = { "accept", "accept", "drop", "drop", "reject", "continue", "return" };
	const char *protocol = chance(d, 60) ? PICK(d, protocols) : "";
	bool six = chance(d, 30),
	     with_ports = !strcmp(protocol, "tcp") || !strcmp(protocol, "udp") || !strcmp(protocol, "tcp_udp");
	struct str prefix = { 0 }, text = { 0 };

	str_addf(&prefix, "firewall name %s rule %u", set, number);
	if (jumps && chance(d, 6)) {
		line(out, str_get(&prefix), "action jump");
		line(out, str_get(&prefix), "jump-target other");
	} else {
		str_addf(&text, "action %s", chance(d, 90) ? pick(d, actions, 6) : actions[6]);
		line(out, str_get(&prefix), str_get(&text));
	}
	if (*protocol) {
		str_clear(&text);
		str_addf(&text, "protocol %s", protocol);
		line(out, str_get(&prefix), str_get(&text));
	}
	if (aimed) { /* runs of rules that name one field are what is cut */
		str_clear(&text);
		str_add(&text, "destination address ");
		if (chance(d, aimed <= 5 ? 80 : 5))
			str_add(&text, six ? "fd00::/16" : "10.0.0.0/16");
		else
			address(d, six, chance(d, 70), &text);
		line(out, str_get(&prefix), str_get(&text));
		side(d, str_get(&prefix), "source", six, with_ports && chance(d, 30), out);
		if (with_ports && chance(d, 70)) {
			str_clear(&text);
			str_add(&text, "destination port ");
			ports(d, &text);
			line(out, str_get(&prefix), str_get(&text));
		}
	} else {
		side(d, str_get(&prefix), "source", six, with_ports, out);
		side(d, str_get(&prefix), "destination", six, with_ports, out);
	}
	others(d, str_get(&prefix), six, protocol, out);
	str_done(&prefix);
	str_done(&text);
}

static void groups(struct dice *d, struct str *out)
{
	for (unsigned g = 0; g < 4; g++) {
		for (unsigned i = 0, n = dice_roll(d, 6); i < n; i++) {
			bool six = chance(d, 30);

			str_addf(out, "set firewall group address-group g%u address ", g);
			address(d, six, true, out);
			str_addf(out, "\nset firewall group network-group g%u network ", g);
			address(d, six, true, out);
			str_addf(out, "/%u\n", six ? 120 : 28);
		}
		str_addf(out, "set firewall group address-group g%u description x\n", g);
		str_addf(out, "set firewall group network-group g%u description x\n", g);
		str_addf(out, "set firewall group port-group g%u port %u\n", g, 20 + dice_roll(d, 30));
		str_addf(out, "set firewall group port-group g%u port %u-%u\n", g, 30 + g, 33 + g);
	}
	str_add(out, "set firewall group address-group g1 include g2\n"
		     "set firewall group interface-group g0 interface eth1\n"
		     "set firewall group interface-group g0 interface lan*\n");
}

void generate_config(struct dice *d, unsigned rules, struct str *out)
{
	static const char *const defaults[] = { "drop", "accept", "reject", "return" };
	unsigned aimed = 0;

	groups(d, out);
	str_addf(out, "set firewall name main default-action %s\n", PICK(d, defaults));
	str_addf(out, "set firewall name other default-action %s\n", PICK(d, defaults));
	if (chance(d, 20))
		str_add(out, "set firewall name other ipv4\n");
	for (unsigned i = 1; i <= rules; i++) {
		if (!aimed && chance(d, 10))
			aimed = dice_roll(d, rules);
		rule(d, "main", i * 10, true, aimed, out);
		aimed -= aimed > 0;
	}
	for (unsigned i = 1; i <= rules / 4 + 1; i++)
		rule(d, "other", i, false, chance(d, 50) * 6, out);
}

void generate_packet(struct dice *d, struct packet *ret)
{
	static const int protocols[] = { 6, 6, 6, 17, 17, 1, 58, 47 };
	bool six = chance(d, 30);
	struct packet p = { .icmp_type = -1, .icmp_code = 0, .length = 100 };

	for (int i = 0; i < 2; i++) {
		struct ip *ip = i ? &p.destination : &p.source;

		ip->family = six ? 6 : 4;
		memset(ip->b, 0, sizeof ip->b);
		ip->b[0] = six ? 0xfd : 10;
		ip->b[six ? 3 : 2] = (uint8_t)dice_roll(d, 5);
		ip->b[six ? 15 : 3] = (uint8_t)dice_roll(d, 34);
	}
	p.protocol = protocols[dice_roll(d, 8)];
	if (p.protocol == 1 || p.protocol == 58)
		p.icmp_type = chance(d, 50) ? (p.protocol == 1 ? 8 : 128) : 0;
	if (p.protocol == 6 || p.protocol == 17) {
		p.sport = (uint16_t)(18 + dice_roll(d, 40));
		p.dport = (uint16_t)(18 + dice_roll(d, 40));
	}
	if (p.protocol == 6)
		p.tcp_flags = chance(d, 50) ? 0x02 : 0x12;
	p.in = PICK(d, interfaces);
	p.state = PICK(d, states);
	mac_parse(PICK(d, macs), &p.mac);
	*ret = p;
}
