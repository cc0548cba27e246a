/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file of attached ports, and the index of who waits for which interface. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "switchd/features.h"
#include "switchd/port_index.h"
#include "switchd/ports_file.h"

static struct schema *schema;
static char dir[64];

static int set_up(void **state)
{
	(void)state;
	snprintf(dir, sizeof dir, "/tmp/test_ports.XXXXXX");
	schema = features_schema(NULL);
	return mkdtemp(dir) ? 0 : -1;
}

static int tear_down(void **state)
{
	char path[128];

	(void)state;
	snprintf(path, sizeof path, "%s/ports", dir);
	unlink(path);
	schema_free(schema);
	return rmdir(dir);
}

/* ---- ports_file.c ---------------------------------------------------------------------------- */

static void reopen(struct ports_file *p)
{
	ports_file_done(p);
	*p = (struct ports_file){ 0 };
	assert_int_equal(ports_file_open(p, dir, NULL), 0);
}

static void test_file(void **state)
{
	const struct ports_entry a = { "52:54:00:00:00:01", "web", "", 0, "" };
	const struct ports_entry b = { "vnet3", "web", "slow", 77, "lab" };
	struct ports_file p = { 0 };

	(void)state;
	reopen(&p);
	assert_int_equal(p.entries.n, 0);
	assert_int_equal(ports_file_put(&p, NULL, &a, NULL), 0);
	assert_int_equal(ports_file_put(&p, NULL, &b, NULL), 0);
	reopen(&p);
	assert_int_equal(p.entries.n, 2);
	assert_string_equal(ports_file_find(&p, a.key)->profile, "");
	assert_string_equal(ports_file_find(&p, "vnet3")->profile, "slow");
	assert_int_equal(ports_file_find(&p, "vnet3")->index, 77);
	assert_string_equal(ports_file_find(&p, "vnet3")->former, "lab");
	/* the same interface under another key, and the same key again */
	assert_int_equal(ports_file_put(&p, "vnet3", &a, NULL), 0);
	reopen(&p);
	assert_int_equal(p.entries.n, 1);
	assert_int_equal(ports_file_del(&p, "nothing", NULL), 0);
	assert_int_equal(ports_file_del(&p, a.key, NULL), 0);
	reopen(&p);
	assert_int_equal(p.entries.n, 0);
	ports_file_done(&p);
}

static void test_file_that_cannot_be_written(void **state)
{
	const struct ports_entry a = { "eth1", "web", "", 0, "" }, b = { "eth2", "web", "", 0, "" };
	struct ports_file p = { 0 };
	struct diag d = { 0 };

	(void)state;
	assert_int_equal(ports_file_open(&p, dir, NULL), 0);
	assert_int_equal(ports_file_put(&p, NULL, &a, NULL), 0);
	free(p.path);
	p.path = strdup("/nonexistent/ports");
	assert_int_not_equal(ports_file_put(&p, NULL, &b, &d), 0);
	assert_non_null(strstr(diag_text(&d), "cannot be written"));
	assert_null(ports_file_find(&p, "eth2"));
	assert_int_not_equal(ports_file_del(&p, "eth1", &d), 0);
	assert_non_null(ports_file_find(&p, "eth1"));
	ports_file_done(&p);
	diag_done(&d);
}

static void test_bad_lines(void **state)
{
	static const char text[] = "eth1 web - 0 was lab\n\nnonsense\neth2 web - 0 more\neth3 web - x\n\0eth4 web - 0\n"
				   "a-key-that-is-longer-than-any-interface-has web - 0\neth5 web slow 5";
	struct ports_file p = { 0 };
	struct diag d = { 0 };

	(void)state;
	p.path = strdup("ports");
	assert_int_not_equal(ports_file_parse(&p, text, sizeof text - 1, &d), 0);
	assert_int_equal(p.entries.n, 2);
	assert_string_equal(ports_file_find(&p, "eth1")->former, "lab");
	assert_string_equal(ports_file_find(&p, "eth5")->former, "");
	assert_non_null(strstr(diag_text(&d), "ports: line 7 is not understood and left out"));
	ports_file_done(&p);
	diag_done(&d);
}

/* ---- port_index.c ---------------------------------------------------------------------------- */

static struct port_index x;
static struct node *tree;

static void edit(const char *lines)
{
	struct diag d = { 0 };

	if (tree_parse(&tree, lines, strlen(lines), "test", &d))
		fail_msg("%s", diag_text(&d));
	diag_done(&d);
}

/* Who waits for the interface, as text. */
static void expect(const char *name, const char *mac, const char *text)
{
	struct unit units[PORT_INDEX_HITS];
	struct str s = { 0 };
	int n = port_index_find(&x, tree, name, mac, units);

	for (int i = 0; i < n; i++) {
		str_add(&s, i ? ", " : "");
		unit_print(&units[i], &s);
	}
	assert_string_equal(str_get(&s), text);
	str_done(&s);
}

static void test_index(void **state)
{
	static const char *const attached[] = { "runtime", "port", "52:54:00:00:00:02", "network", "a" };

	(void)state;
	tree = tree_new(schema);
	expect("eth1", "", "");
	edit("set network b port eth1\nset network b port 52:54:00:00:00:01\nset interface eth1 description x\n"
	     "set switch sw0 uplink eth2");
	expect("eth1", "", "interface eth1, network b port eth1");
	expect("eth2", "02:00:00:00:00:99", "switch sw0 uplink eth2");
	expect("vnet0", "fe:54:00:00:00:01", "network b port 52:54:00:00:00:01");
	expect("eth1", "fe:54:00:00:00:01", "interface eth1, network b port eth1, network b port 52:54:00:00:00:01");
	/* moved to a network before and behind it */
	edit("delete network b port eth1\nset network a port eth1");
	expect("eth1", "", "interface eth1, network a port eth1");
	edit("delete network a port eth1\nset network c port eth1");
	expect("eth1", "", "interface eth1, network c port eth1");
	edit("delete network c\ndelete interface eth1");
	expect("eth1", "", "");
	assert_int_equal(tree_note(&tree, 5, attached, NULL), 0);
	expect("vnet5", "fe:54:00:00:00:02", "runtime port 52:54:00:00:00:02");
	assert_int_equal(tree_unnote(&tree, 3, attached, NULL), 0);
	expect("vnet5", "fe:54:00:00:00:02", "");
	port_index_done(&x);
	node_unref(tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_file_that_cannot_be_written),
		cmocka_unit_test(test_bad_lines),
		cmocka_unit_test(test_index),
	};

	return cmocka_run_group_tests_name("switchd/ports", tests, set_up, tear_down);
}
