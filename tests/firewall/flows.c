/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random rule sets and packets for a real kernel, with what the reference says of them.
 *
 *	flows config SEED RULES            set lines with the rule set 'main'
 *	flows packets SEED RULES PACKETS   a line each: INTERFACE MAC PACKET-IN-HEX VERDICT HIT,HIT,...
 *
 * Every packet begins a connection of its own: what conntrack makes of others depends on all before them.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/base/map.h"
#include "switchd/base/mem.h"
#include "switchd/features.h"
#include "tests/firewall/packet.h"

/* ---- bytes ----------------------------------------------------------------------------------- */

static void put16(uint8_t *at, unsigned v)
{
	at[0] = (uint8_t)(v >> 8);
	at[1] = (uint8_t)v;
}

static unsigned sum_of(const uint8_t *at, size_t n)
{
	unsigned sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += i % 2 ? at[i] : (unsigned)at[i] << 8;
	return sum;
}

static unsigned fold(unsigned sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum & 0xffff;
}

/* What comes behind the IP header; its length, and where in it the checksum is (0: there is none). */
static size_t put_transport(const struct packet *p, unsigned number, uint8_t *at, size_t *ret_sum)
{
	*ret_sum = 0;
	if (p->protocol == 6 || p->protocol == 17) {
		put16(at, p->sport);
		put16(at + 2, p->dport);
	}
	if (p->protocol == 6) {
		at[12] = 0x50;
		at[13] = (uint8_t)p->tcp_flags;
		put16(at + 14, 1000);
		*ret_sum = 16;
		return 20;
	}
	if (p->protocol == 17) {
		put16(at + 4, 12);
		*ret_sum = 6;
		return 12;
	}
	if (p->icmp_type >= 0) {
		at[0] = (uint8_t)p->icmp_type;
		put16(at + 4, number);
		*ret_sum = 2;
	}
	return 8;
}

static size_t put_packet(const struct packet *p, unsigned number, uint8_t *out)
{
	bool six = p->source.family == 6;
	size_t header = six ? 40 : 20, width = six ? 16 : 4, sum_at, len;
	unsigned sum;

	memset(out, 0, 128);
	len = put_transport(p, number, out + header, &sum_at);
	out[0] = six ? 0x60 : 0x45;
	put16(out + (six ? 4 : 2), (unsigned)(six ? len : header + len));
	out[six ? 7 : 8] = 64;
	out[six ? 6 : 9] = (uint8_t)p->protocol;
	memcpy(out + (six ? 8 : 12), p->source.b, width);
	memcpy(out + (six ? 24 : 16), p->destination.b, width);
	if (!six)
		put16(out + 10, fold(sum_of(out, 20)));
	sum = sum_of(out + header, len);
	if (p->protocol != 1)
		sum += sum_of(p->source.b, width) + sum_of(p->destination.b, width) + (unsigned)p->protocol +
		       (unsigned)len;
	if (sum_at)
		put16(out + header + sum_at, fold(sum));
	return header + len;
}

/* ---- packets --------------------------------------------------------------------------------- */

/* One that conntrack calls new. */
static void make_new(struct packet *p)
{
	bool six = p->source.family == 6;

	p->state = "new";
	p->tcp_flags = p->protocol == 6 ? 2 : 0;
	if (p->protocol == (six ? 1 : 58)) /* the other family's */
		p->protocol = six ? 58 : 1;
	if (p->icmp_type >= 0)
		p->icmp_type = six ? 128 : 8;
	p->icmp_code = 0;
}

/* Is it of a connection that no packet before was of, in either direction? */
static bool is_first(const struct packet *p, struct map *seen)
{
	char from[ADDR_TEXT], to[ADDR_TEXT];
	struct str a = { 0 }, b = { 0 };
	bool first;
	char *key;

	ip_text(&p->source, from);
	ip_text(&p->destination, to);
	str_addf(&a, "%d %s %u %s %u", p->protocol, from, p->sport, to, p->dport);
	str_addf(&b, "%d %s %u %s %u", p->protocol, to, p->dport, from, p->sport);
	first = strcmp(from, to) != 0 && !map_get(seen, str_get(&a)) && !map_get(seen, str_get(&b));
	if (first) {
		key = str_take(&a);
		map_put(seen, key, key);
	}
	str_done(&a);
	str_done(&b);
	return first;
}

static void print_packet(const struct node *config, const struct packet *p, unsigned number)
{
	static const char *const verdicts[] = { "pass", "accept", "drop", "reject" };
	struct outcome o = { 0 };
	uint8_t bytes[128];
	size_t len = put_packet(p, number, bytes);
	char mac[ADDR_TEXT];

	reference_judge(config, "main", p, &o);
	printf("%s %s ", p->in, mac_text(&p->mac, mac));
	for (size_t i = 0; i < len; i++)
		printf("%02x", bytes[i]);
	printf(" %s ", verdicts[o.verdict]);
	for (int i = 0; i < o.n; i++)
		printf("%s%s", i ? "," : "", o.hits[i]);
	putchar('\n');
}

static void print_packets(const struct node *config, struct dice *d, unsigned n)
{
	struct map seen = { 0 };
	struct packet p;
	size_t i = 0;

	for (unsigned made = 0; made < n;) {
		generate_packet(d, &p);
		make_new(&p);
		if (is_first(&p, &seen))
			print_packet(config, &p, ++made);
	}
	for (struct map_entry *e; (e = map_next(&seen, &i));)
		free(e->value);
	map_done(&seen);
}

int main(int argc, char **argv)
{
	struct schema *schema = features_schema(NULL);
	struct node *config = tree_new(schema);
	struct str text = { 0 };
	struct dice d;

	if (argc < 4)
		return 2;
	d.state = strtoul(argv[2], NULL, 10) * 0x9E3779B97F4A7C15ull + 1;
	generate_config(&d, (unsigned)strtoul(argv[3], NULL, 10), &text);
	if (!strcmp(argv[1], "config"))
		fputs(str_get(&text), stdout);
	else if (argc == 5 && !tree_parse(&config, str_get(&text), text.len, "random", NULL))
		print_packets(config, &d, (unsigned)strtoul(argv[4], NULL, 10));
	str_done(&text);
	node_unref(config);
	schema_free(schema);
	return 0;
}
