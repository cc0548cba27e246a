/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Planning with a feature made for the test: each unit 'net NAME {size}' wants a link and an address. */
#include "tests/unit/unit.h"

#include <string.h>

#include "switchd/plan/order.h"
#include "switchd/plan/plan.h"
#include "switchd/plan/simulate.h"

TYPE_NAME(name_type, 15);
TYPE_NUMBER(size_type, 1, 9000, NULL);
TYPE_NUMBER(id_type, 1, 4094, NULL);

static const struct row rows[] = {
	{ 1, ROW_LIST, "net", &name_type, .help = "Net." },
	{ 2, ROW_LEAF, "size", &size_type, .help = "MTU.", .dflt = "1500" },
	{ 2, ROW_LEAF, "id", &id_type, .help = "VLAN.", .dflt = "1" },
	{ 2, ROW_MANY, "address", &type_prefix, .help = "Address." },
};
static const struct schema_part part = { "", rows, sizeof rows / sizeof *rows, NULL };

static void want(const struct unit *u, struct want *w)
{
	const struct node *unit = unit_node(u);
	struct object *o;

	if (!unit)
		return;
	if (!strcmp(node_key(unit), "bad"))
		want_conflict(w, "net bad", "it is bad");
	o = want_object(w, OBJECT_LINK, node_key(unit), "%s", node_key(unit));
	want_attr(w, o, ATTR_KIND, "vlan");
	want_attr(w, o, ATTR_VID, "%s", node_value(unit, "id"));
	want_attr(w, o, ATTR_MTU, "%s", node_value(unit, "size"));
	for (const struct node *a = node_first(unit, "address"); a; a = node_next(unit, a, "address"))
		want_object(w, OBJECT_ADDRESS, node_key(unit), "%s %s", node_key(unit), node_key(a));
}

static const struct feature feature = { .name = "test", .schema = &part, .plan = want };
static const struct feature *const list[] = { &feature, NULL };

static struct schema *schema;
static struct node *running;
static struct state state;

/* Change the running configuration; the operations as text, after they were carried out. */
static char *go(const char *lines, bool full)
{
	struct node *old = node_ref(running);
	struct str out = { 0 };
	struct plan plan;

	assert_int_equal(tree_parse(&running, lines, strlen(lines), "test", NULL), 0);
	plan_make(&(struct plan_input){ .features = list, .old = full ? NULL : old, .new = running, .state = &state },
		  &plan);
	plan_print(&plan, &out);
	for (size_t i = 0; i < plan.conflicts.n; i++)
		str_addf(&out, "! %s: %s\n", plan.conflicts.at[i].path, plan.conflicts.at[i].reason);
	simulate(&plan, &state);
	plan_done(&plan);
	node_unref(old);
	return str_take(&out);
}

#define expect(lines, full, text)                  \
	do {                                       \
		char *got_ = go((lines), (full));  \
		assert_string_equal(got_, (text)); \
		free(got_);                        \
	} while (0)

static int set_up(void **unused)
{
	const struct schema_part *const parts[] = { &part };

	(void)unused;
	schema = schema_new(parts, 1, NULL);
	running = tree_new(schema);
	return 0;
}

static int tear_down(void **unused)
{
	(void)unused;
	node_unref(running);
	schema_free(schema);
	state_done(&state);
	return 0;
}

static void test_add_set_delete(void **unused)
{
	(void)unused;
	expect("set net a address 10.0.0.1/24\nset net b\n", false,
	       "add link a kind vlan vid 1 mtu 1500\nadd link b kind vlan vid 1 mtu 1500\nadd address a 10.0.0.1/24\n");
	expect("", true, "");
	expect("set net a size 9000\n", false, "set link a mtu 1500 -> 9000\n");
	/* the address goes with its link */
	expect("delete net a\n", false, "delete link a\n");
	expect("", true, "");
}

static void test_fixed_attributes_make_it_again(void **unused)
{
	(void)unused;
	expect("set net a address 10.0.0.1/24\n", false,
	       "add link a kind vlan vid 1 mtu 1500\nadd address a 10.0.0.1/24\n");
	expect("set net a id 7\n", false,
	       "delete link a\nadd link a kind vlan vid 7 mtu 1500\nadd address a 10.0.0.1/24\n");
	expect("", true, "");
}

static void test_drift_is_found_only_in_a_full_plan(void **unused)
{
	struct object stray = { .kind = OBJECT_LINK, .key = "stray" },
		      foreign = { .kind = OBJECT_LINK, .key = "eth0", .foreign = true };

	(void)unused;
	expect("set net a\n", false, "add link a kind vlan vid 1 mtu 1500\n");
	state_put(&state, &stray);
	state_put(&state, &foreign);
	state_del(&state, OBJECT_LINK, "a");
	expect("", false, "");
	expect("", true, "delete link stray\nadd link a kind vlan vid 1 mtu 1500\n");
	expect("", true, "");
}

static void test_a_conflict_keeps_its_unit_down_only(void **unused)
{
	struct object foreign = { .kind = OBJECT_LINK, .key = "taken", .foreign = true };

	(void)unused;
	state_put(&state, &foreign);
	expect("set net a\nset net bad\nset net taken\n", false,
	       "add link a kind vlan vid 1 mtu 1500\n! net bad: it is bad\n"
	       "! taken: an interface named taken exists and is not "
	       "vnet's; remove it or choose another name\n");
	expect("delete net taken\n", false, "");
	assert_non_null(state_get(&state, OBJECT_LINK, "taken"));
}

static void test_hash_of_rules(void **unused)
{
	struct attr one = { ATTR_EXPR, "accept" }, other = one;
	struct object wanted = { .kind = OBJECT_NFTRULE, .key = "inet t c 10", .attrs = &one, .n = 1 };
	struct object seen = { .kind = OBJECT_NFTRULE, .key = "inet t c 10", .attrs = &other, .n = 1 };
	char hash[OBJECT_HASH];
	struct op op = { .verb = OP_SET, .want = &wanted, .have = &seen };

	(void)unused;
	object_expr_hash("accept", hash);
	seen.attrs[0].value = hash;
	assert_false(op_changes(&op, ATTR_EXPR));
	wanted.attrs[0].value = "drop";
	assert_true(op_changes(&op, ATTR_EXPR));
}

static size_t rules_of(const char *chain)
{
	size_t n = 0, i = 0;

	for (const struct object *o; (o = state_next_rule(&state, chain, &i)); n++)
		assert_ptr_equal(o, state_get(&state, OBJECT_NFTRULE, o->key));
	return n;
}

static void test_rules_of_a_chain(void **unused)
{
	static const char *const keys[] = { "inet t c 10", "inet t c 20", "inet t c2 10", "inet t c 10" };

	(void)unused;
	for (size_t i = 0; i < 4; i++)
		state_put(&state, &(struct object){ .kind = OBJECT_NFTRULE, .key = keys[i], .handle = i });
	assert_int_equal(rules_of("inet t c"), 2);
	assert_int_equal(rules_of("inet t c2"), 1);
	assert_int_equal(rules_of("inet t"), 0);
	state_del(&state, OBJECT_NFTRULE, "inet t c2 10");
	state_del(&state, OBJECT_NFTRULE, "inet t c2 10");
	state_del(&state, OBJECT_NFTRULE, "inet t c 20");
	assert_int_equal(rules_of("inet t c"), 1);
	assert_int_equal(rules_of("inet t c2"), 0);
}

int main(void)
{
#define CASE(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(test_add_set_delete),
		CASE(test_fixed_attributes_make_it_again),
		CASE(test_drift_is_found_only_in_a_full_plan),
		CASE(test_a_conflict_keeps_its_unit_down_only),
		CASE(test_hash_of_rules),
		CASE(test_rules_of_a_chain),
	};

	return cmocka_run_group_tests_name("plan/plan", tests, NULL, NULL);
}
