/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: policy rules are a list that every look-up walks, so there are as few as can be for traffic that
 * has to do with no VRF, and VRFs add none that others walk.
 *
 *	900     marked for a VRF: goto 40000
 *	901     marked for the host's own domain: goto 2001
 *	1000    l3mdev: in a VRF, its table (the kernel's own rule)
 *	1999    may leave its VRF: goto 2001
 *	2000    l3mdev unreachable: nothing else leaves
 *	2001    nop
 *	2002    lookup local (the kernel has it at 0, where it would deliver a guest's packet to the host whose address
 *	        it is in another domain; in front of the rules of others, who expect it at 0; Linux' vrf.rst)
 *	32766   main, 32767 default
 *	39999   not marked: goto 50000
 *	40000   nop; then, with many VRFs, two steps by three bits of the table each, which lead to one of 64 buckets
 *	41000.. marked with a table: lookup that table; the bucket is the table's last six bits
 *	49999   unreachable
 *	50000   nop
 *
 * Without the two steps (few VRFs) a marked packet walks the buckets: the result is the same.
 */
#include <stdio.h>

#include "switchd/plan/vrf.h"
#include "vrf/internal.h"

#define SHARED "vrf"

enum { FEW = 32, FAN = 8, BITS = 3, BUCKETS = FAN * FAN, STEP_ONE = 40001, STEP_TWO = 40100, LEAVES = 41000 };

static void rule(struct want *w, char family, const char *text)
{
	want_object(w, OBJECT_RULE, SHARED, "%c %s", family, text);
}

/* Are there more VRFs than a walk is good for? */
static bool are_many(const struct node *config)
{
	const struct node *vrfs = node_get(config, "vrf");
	unsigned n = 0;

	for (const struct node *v = node_first(vrfs, "name"); v && n <= FEW; v = node_next(vrfs, v, "name"))
		n++;
	return n > FEW;
}

static void plan_steps(struct want *w, char family)
{
	for (unsigned i = 0; i < FAN; i++) {
		unsigned block = STEP_TWO + i * FAN;

		want_object(w, OBJECT_RULE, SHARED, "%c %d fwmark 0x%08x/0x%08x goto %u", family, STEP_ONE, i << BITS,
			    (FAN - 1) << BITS, block);
		for (unsigned k = 0; k < FAN; k++)
			want_object(w, OBJECT_RULE, SHARED, "%c %u fwmark 0x%08x/0x%08x goto %u", family, block, k,
				    FAN - 1, LEAVES + i * FAN + k);
	}
}

static void plan_family(struct want *w, char family)
{
	char text[96];

	snprintf(text, sizeof text, "fwmark 0x%08x/0xffff0000", VRF_MARK_BITS);
	want_object(w, OBJECT_RULE, SHARED, "%c 900 %s goto 40000", family, text);
	want_object(w, OBJECT_RULE, SHARED, "%c 901 fwmark 0x%08x/0xffffffff goto 2001", family, VRF_MARK_HOST);
	rule(w, family, "1000 l3mdev");
	want_object(w, OBJECT_RULE, SHARED, "%c 1999 fwmark 0x%08x/0xffffffff goto 2001", family, VRF_MARK_LEAVE);
	rule(w, family, "2000 l3mdev unreachable");
	rule(w, family, "2001 nop");
	rule(w, family, "2002 lookup local");
	want_absent(w, OBJECT_RULE, SHARED, "%c 0 lookup local", family);
	want_object(w, OBJECT_RULE, SHARED, "%c 39999 not %s goto 50000", family, text);
	rule(w, family, "40000 nop");
	if (are_many(w->config))
		plan_steps(w, family);
	rule(w, family, "49999 unreachable");
	rule(w, family, "50000 nop");
}

/* Without VRFs the local table is where the kernel has it: first. */
static void plan_nothing(struct want *w, char family)
{
	char key[32];

	snprintf(key, sizeof key, "%c 2002 lookup local", family);
	if (state_get(w->state, OBJECT_RULE, key))
		rule(w, family, "0 lookup local");
}

void vrf_plan_rules(struct want *w)
{
	void (*plan)(struct want * w, char family) = vrf_any(w->config) ? plan_family : plan_nothing;

	plan(w, '4');
	if (w->state->has[CAPABILITY_IPV6])
		plan(w, '6');
}

void vrf_plan_rule(const struct node *vrf, const char *path, struct want *w)
{
	uint32_t table = vrf_table(vrf);

	for (int family = '4'; family <= '6'; family += 2)
		if (family == '4' || w->state->has[CAPABILITY_IPV6])
			want_object(w, OBJECT_RULE, path, "%c %u fwmark 0x%08x/0xffffffff lookup %u", family,
				    LEAVES + table % BUCKETS, vrf_mark(vrf), table);
}
