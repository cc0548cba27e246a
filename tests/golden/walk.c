/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * walk [SEED [WALKS]]: random walks over configurations, edit after edit of one tree as sessions make them. After each
 * edit
 *   - the checks of what differs say the same as those of the whole,
 *   - planning what differs leaves a full plan nothing to do, and the state is the one of a start.
 * Now and then an interface of others comes or goes, which is answered by a full plan. A failure prints the edits that
 * lead there.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/features.h"
#include "tests/golden/steps.h"

enum { STEPS = 60, WALKS = 8, LOOK = 4 }; /* a start is compared after so many steps */

/* Lines joined by '|' are set together. */
static const char *const pool[] = {
	"network a address 10.0.0.1/24",
	"network a address 10.0.1.1/24",
	"network b address 10.0.1.1/24",
	"network b address fd00::1/64",
	"network c address 10.0.2.1/24",
	"network c address 10.0.0.1/25",
	"network a vrf red",
	"network b vrf blue",
	"network b vrf red",
	"network c vrf red",
	"network a switch sw0|network a vlan 10",
	"network c switch sw0|network c vlan 20",
	"network c switch sw1|network c vlan 10",
	"network a mode routed",
	"network b mode isolated",
	"network b mode open",
	"network c mode routed",
	"network a disable",
	"network b disable",
	"network a port eth1",
	"network a port vnet3 profile p1|network a port vnet3 mac 52:54:00:00:00:02",
	"network b port 52:54:00:00:00:02 profile p1",
	"network b port 52:54:00:00:00:03",
	"network c port eth3 profile p2",
	"network c port eth3 address 10.0.2.7",
	"network a bridge br1",
	"network a uplink eth2",
	"network a mtu 1400",
	"network b nat-ipv6",
	"network a dhcp range 10.0.0.10-10.0.0.20",
	"network a dhcp host h mac 52:54:00:00:00:02|network a dhcp host h address 10.0.0.5",
	"network a forward f port 80|network a forward f to-address 10.0.0.5",
	"network b forward g port 81|network b forward g to-address 10.0.1.5",
	"network b forward g port 80|network b forward g to-address 10.0.1.6",
	"network b forward g listen-address 198.51.100.9",
	"network c forward h port 80|network c forward h to-address 10.0.2.5",
	"vrf name red",
	"vrf name blue",
	"vrf name red table 78",
	"vrf name blue table 79",
	"vrf name red disable",
	"vrf name blue disable",
	"vrf name red import vrf blue",
	"vrf name red import vrf default",
	"vrf name blue import vrf red",
	"vrf name green import vrf red",
	"vrf name green import vrf default",
	"vrf name green import vrf blue",
	"vrf name blue import vrf red route 10.0.0.0/24",
	"vrf name blue import vrf default",
	"vrf name red protocols static route 0.0.0.0/0 next-hop 198.51.100.2",
	"vrf name red protocols static route 0.0.0.0/0 next-hop 10.0.0.7",
	"vrf name red protocols static route 172.16.0.0/16 next-hop 10.0.1.7 vrf blue",
	"vrf name red protocols static route 172.17.0.0/16 next-hop 10.0.0.7",
	"vrf name blue protocols static route 172.16.0.0/16 next-hop 10.0.1.7",
	"vrf name blue protocols static route 172.17.0.0/16 interface eth2",
	"vrf name blue protocols static route 0.0.0.0/0 next-hop 198.51.100.2 vrf default",
	"protocols static route 172.16.0.0/16 next-hop 10.0.0.7",
	"protocols static route 172.17.0.0/16 next-hop 10.0.0.7 vrf red",
	"vrf name blue protocols static route 172.17.0.0/16 next-hop 10.0.0.7 vrf red",
	"protocols static route 172.16.0.0/16 next-hop 10.0.1.7 vrf blue",
	"protocols static route 172.16.0.0/16 next-hop 10.0.0.7 vrf red",
	"protocols static route 172.16.0.0/16 next-hop 198.51.100.2 distance 5",
	"protocols static route 172.18.0.0/16 interface vn-b",
	"protocols static route 172.18.0.0/16 blackhole distance 9",
	"interface eth2 vrf red",
	"interface eth2 vrf blue",
	"interface eth2 address 198.51.100.9/24",
	"interface eth2 address 10.0.1.8/24",
	"interface eth1 mtu 1400",
	"interface eth3 mtu 9000",
	"interface vnet3 mtu 1400",
	"switch sw0",
	"switch sw1 mtu 9000",
	"switch sw0 uplink eth1",
	"switch sw0 uplink eth1 allowed-vlan 10",
	"switch sw1 uplink eth3 native-vlan 20",
	"port-profile p1 anti-spoof mac",
	"port-profile p1 anti-spoof ip",
	"port-profile p1 bandwidth inbound 10mbit",
	"port-profile p2 isolated",
	"port-profile p2 anti-spoof dhcp-server",
	"port-profile p2 vlan 10",
};

static const char *const notes[] = {
	"runtime port vnet4 network a",
	"runtime port vnet4 network b",
	"runtime port vnet4 profile p2",
	"runtime port 52:54:00:00:00:03 network c",
	"runtime lease a guest 52:54:00:00:00:02 address 10.0.0.9",
	"runtime lease b guest 52:54:00:00:00:02 address 10.0.1.9",
};

static const char *const others[] = {
	"eth1",
	"eth2",
	"eth3",
	"vnet3 mac fe:54:00:00:00:02",
	"vnet4 mac fe:54:00:00:00:03",
};

/* What takes the place of something of ours. */
static const char *const strangers[] = { "red", "sw0", "vn-b", "br9 10.0.0.77/24", "br9 10.0.2.77/24" };

static const char base[] = "set vrf name red\nset vrf name blue\nset switch sw0\nset switch sw1 mtu 9000\n"
			   "set port-profile p1\nset port-profile p2\n"
			   "set network a address 10.0.0.1/24\nset network a vrf red\n"
			   "set network b address 10.0.1.1/24\nset network c switch sw0\nset network c vlan 10\n";

struct walk {
	const struct schema *schema;
	uint64_t random;
	struct node *tree;
	struct state state;
	const char *stranger;
	struct str log; /* what was done so far */
};

static unsigned draw(struct walk *w, size_t n)
{
	w->random ^= w->random << 13;
	w->random ^= w->random >> 7;
	w->random ^= w->random << 17;
	return (unsigned)((w->random >> 11) % n);
}

#define PICK(w, list) ((list)[draw((w), sizeof(list) / sizeof *(list))])

/* ---- one step -------------------------------------------------------------------------------- */

/* A line of the pool to set, or the first words of one to delete. */
static void edit(struct walk *w, struct str *lines)
{
	const char *line = PICK(w, pool), *bar;
	char text[VALUE_SIZE];
	int n = 0;

	if (draw(w, 5) >= 2) {
		for (; (bar = strchr(line, '|')); line = bar + 1)
			str_addf(lines, "set %.*s\n", (int)(bar - line), line);
		str_addf(lines, "set %s\n", line);
		return;
	}
	snprintf(text, sizeof text, "%.*s", (int)strcspn(line, "|"), line);
	for (char *p = text; (p = strchr(p, ' ')); p++)
		if (++n >= (strncmp(text, "vrf", 3) ? 2 : 3) && !draw(w, 3))
			*p = '\0';
	str_addf(lines, "delete %s\n", text);
}

/* The same checks, of the change and of the whole? Returns whether it is right. */
static bool is_right(const struct walk *w, const struct node *next)
{
	struct diag change = { 0 }, whole = { 0 };
	bool right = !features_check(w->tree, next, &change);

	if (!features_check(NULL, next, &whole) != right) {
		steps_expect(false, right ? "right as a change, refused as a whole:"
					  : "refused as a change, right as a whole:");
		fputs(diag_text(right ? &whole : &change), stderr);
	}
	diag_done(&change);
	diag_done(&whole);
	return right;
}

static struct node *next_tree(struct walk *w)
{
	struct node *next = node_ref(w->tree);
	struct str lines = { 0 };
	struct diag d = { 0 };

	if (!draw(w, 8)) {
		char text[VALUE_SIZE], *words[16];
		int n;

		snprintf(text, sizeof text, "%s", PICK(w, notes));
		str_addf(&lines, "note %s\n", text);
		n = str_words(text, words, 16);
		if (draw(w, 3))
			tree_note(&next, n, (const char *const *)words, &d);
		else
			tree_unnote(&next, 3, (const char *const *)words, &d);
	} else {
		for (unsigned n = 1 + draw(w, 2); n; n--)
			edit(w, &lines);
		if (tree_parse(&next, str_get(&lines), lines.len, "walk", &d) || features_complete(&next, &d))
			steps_expect(false, diag_text(&d));
	}
	str_addf(&w->log, "--\n%s", str_get(&lines));
	str_done(&lines);
	diag_done(&d);
	return next;
}

/* Somebody else's interface comes, with the name or the subnet of ours, or goes again. */
static void meet(struct walk *w)
{
	char device[64];
	struct object address;

	if (!w->stranger) {
		w->stranger = PICK(w, strangers);
		address = (struct object){ .key = w->stranger };
		if (state_get(&w->state, OBJECT_LINK, object_device(&address, device, sizeof device)))
			w->stranger = NULL;
		else
			steps_add_foreign(&w->state, w->stranger);
	} else {
		address = (struct object){ .key = w->stranger };
		object_device(&address, device, sizeof device);
		state_del(&w->state, OBJECT_LINK, device);
		state_del(&w->state, OBJECT_PORT, device);
		state_del(&w->state, OBJECT_ADDRESS, w->stranger);
		w->stranger = NULL;
	}
	str_addf(&w->log, "-- stranger %s\n", w->stranger ? w->stranger : "gone");
	free(steps_go(NULL, w->tree, &w->state, "repair"));
}

/* Is everything as if the configuration had been started on such a host? */
static void expect_as_started(struct walk *w)
{
	char *now = steps_snapshot(&w->state);
	struct state fresh;

	steps_fresh(&fresh);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		steps_add_foreign(&fresh, others[i]);
	if (w->stranger)
		steps_add_foreign(&fresh, w->stranger);
	free(steps_go(NULL, w->tree, &fresh, "start"));
	steps_expect_state(&fresh, now, "after a start: the state");
	state_done(&fresh);
	free(now);
}

static void step(struct walk *w)
{
	struct node *next;

	if (!draw(w, 10)) {
		meet(w);
		return;
	}
	next = next_tree(w);
	if (!is_right(w, next)) {
		str_add(&w->log, "(refused)\n");
		node_unref(next);
		return;
	}
	free(steps_go(w->tree, next, &w->state, "edit"));
	node_unref(w->tree);
	w->tree = next;
	if (!draw(w, LOOK))
		expect_as_started(w);
}

static void walk(const struct schema *schema, uint64_t seed)
{
	struct walk w = { .schema = schema, .random = seed * 0x9E3779B97F4A7C15ull, .tree = tree_new(schema) };
	struct node *empty = tree_new(schema);
	int failures = steps_failures();

	steps_fresh(&w.state);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		steps_add_foreign(&w.state, others[i]);
	steps_expect(!tree_parse(&w.tree, base, strlen(base), "base", NULL) && !features_complete(&w.tree, NULL),
		     "the first configuration is wrong");
	free(steps_go(empty, w.tree, &w.state, "first"));
	for (int i = 0; i < STEPS && steps_failures() == failures; i++)
		step(&w);
	if (steps_failures() != failures)
		fprintf(stderr, "walk %llu:\n%s\n", (unsigned long long)seed, str_get(&w.log));
	state_done(&w.state);
	str_done(&w.log);
	node_unref(w.tree);
	node_unref(empty);
}

int main(int argc, char **argv)
{
	uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
	uint64_t walks = argc > 2 ? strtoull(argv[2], NULL, 10) : WALKS;
	struct diag d = { 0 };
	struct schema *schema = features_schema(&d);

	for (uint64_t i = 0; i < walks; i++)
		walk(schema, seed + i);
	schema_free(schema);
	diag_done(&d);
	return steps_failures() > 0;
}
