/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * model load|commit|print NETWORKS FORWARDS: what the configuration model costs, for counting instructions.
 *   load    parse the set lines of a configuration of that size
 *   commit  load, then one-line commits (set, check, compare, swap), COMMITS of them
 *   print   only make the configuration's lines, on standard output
 * 'commit' minus 'load', divided by COMMITS, is one commit.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "switchd/features.h"

enum { COMMITS = 100 };

static void generate(int networks, int forwards, struct str *out)
{
	for (int n = 0; n < networks; n++) {
		str_addf(out, "set network n%d description 'network number %d'\n", n, n);
		str_addf(out, "set network n%d mode nat\n", n);
		str_addf(out, "set network n%d address 10.%d.%d.1/24\n", n, n / 250, n % 250);
		str_addf(out, "set network n%d mtu 9000\n", n);
		str_addf(out, "set network n%d dhcp range 10.%d.%d.10-10.%d.%d.200\n", n, n / 250, n % 250, n / 250,
			 n % 250);
		for (int h = 0; h < 2; h++) {
			str_addf(out, "set network n%d dhcp host h%d mac 52:54:00:%02x:%02x:%02x\n", n, h, h, n / 256,
				 n % 256);
			str_addf(out, "set network n%d dhcp host h%d address 10.%d.%d.%d\n", n, h, n / 250, n % 250,
				 h + 2);
		}
	}
	for (int f = 0; f < forwards; f++) {
		int n = f % networks;

		str_addf(out, "set network n%d forward %d description 'forward %d'\n", n, f, f);
		str_addf(out, "set network n%d forward %d protocol tcp_udp\n", n, f);
		str_addf(out, "set network n%d forward %d port %d\n", n, f, 1000 + f);
		str_addf(out, "set network n%d forward %d to-address 10.%d.%d.%d\n", n, f, n / 250, n % 250,
			 10 + f / networks);
		str_addf(out, "set network n%d forward %d to-port %d\n", n, f, 80);
		str_addf(out, "set network n%d forward %d from 198.51.100.0/24\n", n, f);
		str_addf(out, "set network n%d forward %d from 203.0.113.0/24\n", n, f);
		str_addf(out, "set network n%d forward %d listen-address 192.0.2.%d\n", n, f, 1 + n % 200);
	}
}

static int count_change(void *ctx, const struct change *c)
{
	(void)c;
	++*(int *)ctx;
	return 0;
}

/* One commit as the daemon makes it, without the kernel and the disk. */
static struct node *commit(struct node *running, int i, int networks)
{
	struct node *candidate = node_ref(running);
	struct diag d = { 0 };
	char network[16], mtu[16];
	const char *words[] = { "network", network, "mtu", mtu };
	int changes = 0;

	snprintf(network, sizeof network, "n%d", i * 7 % networks);
	snprintf(mtu, sizeof mtu, "%d", 1400 + i);
	if (tree_set(&candidate, 4, words, &d) || features_check(running, candidate, &d)) {
		fputs(diag_text(&d), stderr);
		exit(1);
	}
	tree_compare(running, candidate, count_change, &changes);
	if (changes != 1)
		exit(1);
	node_unref(running);
	diag_done(&d);
	return candidate;
}

int main(int argc, char **argv)
{
	struct str text = { 0 };
	struct diag d = { 0 };
	struct schema *schema = features_schema(&d);
	struct node *root = tree_new(schema);
	struct timespec a, b;

	if (argc != 4)
		return 2;
	generate(atoi(argv[2]), atoi(argv[3]), &text);
	if (!strcmp(argv[1], "print")) {
		fputs(text.s, stdout);
		return 0;
	}
	clock_gettime(CLOCK_MONOTONIC, &a);
	if (tree_parse(&root, text.s, text.len, "bench", &d)) {
		fputs(diag_text(&d), stderr);
		return 1;
	}
	clock_gettime(CLOCK_MONOTONIC, &b);
	fprintf(stderr, "load: %.1f ms\n", (double)(b.tv_sec - a.tv_sec) * 1e3 + (double)(b.tv_nsec - a.tv_nsec) / 1e6);
	if (!strcmp(argv[1], "commit"))
		for (int i = 0; i < COMMITS; i++)
			root = commit(root, i, atoi(argv[2]));
	node_unref(root);
	schema_free(schema);
	str_done(&text);
	diag_done(&d);
	return 0;
}
