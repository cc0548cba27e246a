/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Full plans among many interfaces of others: which of their subnets are in the way, and what a plan costs. */
#include "tests/unit/unit.h"

#include <string.h>
#include <time.h>

#include "switchd/features.h"
#include "switchd/plan/plan.h"

static struct schema *schema;

static int set_up(void **state)
{
	(void)state;
	schema = features_schema(NULL);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	schema_free(schema);
	return 0;
}

static void put_link(struct state *state, const char *name, enum attr_id id, const char *value)
{
	struct attr attrs[] = { { ATTR_STATE, "up" }, { id, value } };

	state_put(state,
		  &(struct object){ .kind = OBJECT_LINK, .key = name, .foreign = true, .attrs = attrs, .n = 2 });
}

static void put_address(struct state *state, const char *key)
{
	state_put(state, &(struct object){ .kind = OBJECT_ADDRESS, .key = key, .foreign = true });
}

static struct node *parse(const struct str *lines)
{
	struct node *tree = tree_new(schema);
	struct diag d = { 0 };

	assert_int_equal(tree_parse(&tree, lines->s, lines->len, "test", &d), 0);
	assert_int_equal(features_complete(&tree, &d), 0);
	diag_done(&d);
	return tree;
}

static struct plan plan_of(const struct node *tree, const struct state *state)
{
	struct plan plan;

	plan_make(&(struct plan_input){ .features = features, .new = tree, .state = state, .seed = 1 }, &plan);
	return plan;
}

/* ---- conflicts ------------------------------------------------------------------------------- */

static size_t conflicts(const char *network, const char *theirs, const char *master)
{
	struct state state = { .has = { true, true, true, true, true, true, true } };
	struct str lines = { 0 };
	struct node *tree;
	struct plan plan;
	char key[80];
	size_t n;

	str_addf(&lines, "set network a address %s\n", network);
	tree = parse(&lines);
	put_link(&state, "red", ATTR_KIND, "vrf");
	put_link(&state, "br0", ATTR_KIND, "bridge");
	put_link(&state, "eth0", ATTR_MASTER, master);
	put_address(&state, "eth0 10.200.0.1/16");
	put_address(&state, "eth0 2001:db8:ffff::1/48");
	snprintf(key, sizeof key, "eth0 %s", theirs);
	put_address(&state, key);
	plan = plan_of(tree, &state);
	n = plan.conflicts.n;
	plan_done(&plan);
	node_unref(tree);
	state_done(&state);
	str_done(&lines);
	return n;
}

static void test_overlaps(void **state)
{
	static const struct {
		const char *ours, *theirs;
		size_t n;
	} cases[] = {
		{ "10.1.2.1/24", "10.1.2.9/24", 1 },
		{ "10.1.2.1/24", "10.1.2.1/32", 1 },
		{ "10.1.2.1/24", "10.1.2.255/32", 1 },
		{ "10.1.2.1/24", "10.1.9.9/16", 1 },
		{ "10.1.2.1/24", "10.1.2.9/0", 1 },
		{ "10.1.2.1/24", "10.1.3.0/32", 0 },
		{ "10.1.2.1/24", "10.1.1.255/32", 0 },
		{ "10.1.2.1/24", "10.1.3.1/24", 0 },
		{ "2001:db8:1::1/64", "2001:db8:1::9/64", 1 },
		{ "2001:db8:1::1/64", "2001:db8:1::9/128", 1 },
		{ "2001:db8:1::1/64", "2001:db8::9/32", 1 },
		{ "2001:db8:1::1/64", "2001:db8:2::9/64", 0 },
		{ "2001:db8:1::1/64", "fe80::9/64", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(conflicts(cases[i].ours, cases[i].theirs, "none"), cases[i].n);
	assert_int_equal(conflicts("10.1.2.1/24", "10.1.2.9/24", "br0"), 1);
	assert_int_equal(conflicts("10.1.2.1/24", "10.1.2.9/24", "red"), 0);
	assert_int_equal(conflicts("10.200.2.1/24", "10.200.2.9/24", "none"), 2);
}

/* ---- costs ----------------------------------------------------------------------------------- */

static double seconds(const struct node *tree, const struct state *state)
{
	double best = 1e9;

	for (int i = 0; i < 3; i++) {
		struct timespec a, b;
		struct plan plan;
		double took;

		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
		plan = plan_of(tree, state);
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
		assert_int_equal(plan.conflicts.n, 0);
		plan_done(&plan);
		took = (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9;
		best = took < best ? took : best;
	}
	return best;
}

/* Networks, interfaces of others with addresses, guarded taps of one network with a host for each. */
static double cost(int networks, int others, int guests)
{
	struct state state = { .has = { true, true, true, true, true, true, true } };
	struct str lines = { 0 };
	struct node *tree;
	double took;

	str_addf(&lines, "set port-profile g anti-spoof ip\nset network g address 172.16.0.1/12\n");
	for (int i = 0; i < networks; i++)
		str_addf(&lines, "set network n%d address 10.%d.%d.1/24\n", i, i / 256, i % 256);
	for (int i = 0; i < guests; i++) {
		char name[16], mac[32];

		snprintf(name, sizeof name, "tap%d", i);
		snprintf(mac, sizeof mac, "fe:54:00:00:%02x:%02x", i / 256, i % 256);
		put_link(&state, name, ATTR_MAC, mac);
		str_addf(&lines, "set network g port %s profile g\nset network g dhcp host h%d mac 52%s\n"
				 "set network g dhcp host h%d address 172.17.%d.%d\n",
			 name, i, mac + 2, i, i / 256, i % 256);
	}
	for (int i = 0; i < others; i++) {
		char key[64];

		snprintf(key, sizeof key, "eth%d 192.168.%d.%d/32", i, i / 256, i % 256);
		put_address(&state, key);
		snprintf(key, sizeof key, "eth%d fe80::%x/64", i, i + 1);
		put_address(&state, key);
	}
	tree = parse(&lines);
	took = seconds(tree, &state);
	node_unref(tree);
	state_done(&state);
	str_done(&lines);
	return took;
}

static void test_four_times_as_much_costs_four_times_as_much(void **state)
{
	(void)state;
	assert_true(cost(400, 1600, 0) < 10 * cost(100, 400, 0));
	assert_true(cost(1, 0, 2000) < 10 * cost(1, 0, 500));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_overlaps),
		cmocka_unit_test(test_four_times_as_much_costs_four_times_as_much),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
