/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan start|mtu|forward|route|network NETWORKS FORWARDS: what planning costs, for counting instructions. Every network
 * has a bridge and a VRF of its own, the same subnet as all others, NAT, DHCP, DNS and its part of the forwards.
 *   start    parse the configuration, check it, plan it, carry it out on a simulated kernel
 *   mtu ...  start, then COMMITS commits of one such line: complete, check, plan, carry out, plan again
 * 'mtu' minus 'start', divided by COMMITS, is one commit.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/features.h"
#include "switchd/plan/plan.h"
#include "switchd/plan/simulate.h"

enum { COMMITS = 50 };

static void print_network(int n, struct str *out)
{
	str_addf(out,
		 "set vrf name r%d\nset network n%d vrf r%d\nset network n%d address 192.168.122.1/24\n"
		 "set network n%d dhcp range 192.168.122.2-192.168.122.254\n"
		 "set vrf name r%d protocols static route 10.0.0.0/8 next-hop 192.168.122.9\n",
		 n, n, n, n, n, n);
}

static void generate(int networks, int forwards, struct str *out)
{
	for (int n = 0; n < networks; n++)
		print_network(n, out);
	for (int f = 0; f < forwards; f++) {
		int n = f % networks;

		str_addf(out,
			 "set network n%d forward f%d protocol tcp\nset network n%d forward f%d port %d\n"
			 "set network n%d forward f%d to-address 192.168.122.%d\n",
			 n, f, n, f, 1000 + f, n, f, 2 + f / networks);
	}
}

static void print_line(const char *what, int i, int networks, struct str *out)
{
	int n = i * 7 % networks;

	if (!strcmp(what, "mtu"))
		str_addf(out, "set network n%d mtu %d", n, 1400 + i);
	else if (!strcmp(what, "forward"))
		str_addf(out, "set network n%d forward f%d to-address 192.168.122.%d", n, n, 200 + i % 50);
	else if (!strcmp(what, "route"))
		str_addf(out, "set vrf name r%d protocols static route 10.0.0.0/8 next-hop 192.168.122.9 distance %d",
			 n, 20 + i);
	else
		print_network(networks + i, out);
}

static void fail(const struct diag *d)
{
	fputs(diag_text(d), stderr);
	exit(1);
}

/* The whole way of a commit but for kernel and disk; operations. */
static size_t go(const struct node *old, const struct node *new, struct state *state)
{
	struct plan_input in = { .features = features, .old = old, .new = new, .state = state };
	struct plan plan;
	size_t n;

	plan_make(&in, &plan);
	n = plan.ops.n;
	simulate(&plan, state);
	plan_done(&plan);
	plan_make(&in, &plan);
	if (plan.ops.n || plan.conflicts.n)
		exit(1);
	plan_done(&plan);
	return n;
}

static struct node *change(const struct schema *schema, struct node *running, const struct str *lines,
			   struct state *state, size_t *ret_n)
{
	struct node *tree = running ? node_ref(running) : tree_new(schema);
	struct diag d = { 0 };

	if (tree_parse(&tree, lines->s, lines->len, "bench", &d) || features_complete(&tree, &d) ||
	    features_check(running, tree, &d))
		fail(&d);
	*ret_n = go(running, tree, state);
	node_unref(running);
	diag_done(&d);
	return tree;
}

int main(int argc, char **argv)
{
	struct schema *schema = features_schema(NULL);
	int networks = argc == 4 ? atoi(argv[2]) : 0;
	struct state state = { 0 };
	struct str lines = { 0 };
	struct node *tree;
	size_t n;

	if (!networks)
		return 2;
	memset(state.has, true, sizeof state.has);
	generate(networks, atoi(argv[3]), &lines);
	tree = change(schema, NULL, &lines, &state, &n);
	fprintf(stderr, "start: %zu operations\n", n);
	for (int i = 0; i < COMMITS && strcmp(argv[1], "start") != 0; i++) {
		str_clear(&lines);
		print_line(argv[1], i, networks, &lines);
		tree = change(schema, tree, &lines, &state, &n);
		if (!i)
			fprintf(stderr, "%s: %zu operations\n", str_get(&lines), n);
	}
	node_unref(tree);
	state_done(&state);
	schema_free(schema);
	str_done(&lines);
	return 0;
}
