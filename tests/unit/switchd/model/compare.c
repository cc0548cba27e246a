/* SPDX-License-Identifier: GPL-2.0-or-later */
/* compare(A, B) applied to A gives B: random trees against a naive reference, a sorted list of lines. */
#include "tests/unit/switchd/model/sample.h"

#include <stdlib.h>

enum { ROUNDS = 300, LINES = 60 };

static unsigned seed = 1;

static unsigned dice(unsigned n)
{
	seed = seed * 1103515245u + 12345u;
	return (seed >> 16) % n;
}

/* A random leaf as the words behind 'set'; 'slot' identifies what it replaces. */
static void random_leaf(char slot[64], char line[128])
{
	const size_t size = 64;
	unsigned set = dice(4), rule = dice(6) + 1, value = dice(5) + 1;

	switch (dice(6)) {
	case 0: snprintf(slot, size, "set s%u number", set); break;
	case 1: snprintf(slot, size, "set s%u rule %u limit rate", set, rule); break;
	case 2:
		snprintf(slot, size, "set s%u rule %u log", set, rule);
		snprintf(line, size, "%s", slot);
		return;
	case 3:
		snprintf(slot, size, "system server 10.0.0.%u", value);
		snprintf(line, size, "%s", slot);
		return;
	case 4:
		snprintf(slot, size, "group g%u address 10.0.%u.0/24", set, value);
		snprintf(line, size, "%s", slot);
		return;
	default: snprintf(slot, size, "set s%u description", set); break;
	}
	snprintf(line, 2 * size, "%s %u", slot, value);
}

/* The reference: slots and lines, kept sorted by nothing but looked through from end to end. */
struct naive {
	char slot[LINES][64], line[LINES][128];
	int n;
};

static void naive_set(struct naive *m, const char *slot, const char *line)
{
	for (int i = 0; i < m->n; i++)
		if (!strcmp(m->slot[i], slot)) {
			snprintf(m->line[i], sizeof m->line[i], "%s", line);
			return;
		}
	if (m->n == LINES)
		return;
	snprintf(m->slot[m->n], sizeof m->slot[0], "%s", slot);
	snprintf(m->line[m->n++], sizeof m->line[0], "%s", line);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Lines of a text, sorted, as one text. */
static char *sorted(char *text)
{
	char *lines[4 * LINES], *save;
	struct str out = { 0 };
	size_t n = 0;

	for (char *l = strtok_r(text, "\n", &save); l && n < 4 * LINES; l = strtok_r(NULL, "\n", &save))
		lines[n++] = l;
	qsort(lines, n, sizeof *lines, by_text);
	for (size_t i = 0; i < n; i++)
		str_addf(&out, "%s\n", lines[i]);
	return str_take(&out);
}

static struct node *random_tree(const struct schema *schema, struct naive *m, struct node *from)
{
	struct node *root = from ? node_ref(from) : tree_new(schema);
	char slot[64], line[128];

	for (unsigned i = dice(30) + 1; i; i--) {
		struct str text = { 0 };

		random_leaf(slot, line);
		str_addf(&text, "set %s", line);
		assert_int_equal(sample_apply(&root, str_get(&text), NULL), 0);
		naive_set(m, slot, line);
		str_done(&text);
	}
	return root;
}

static void expect_same(const struct node *root, const struct naive *m)
{
	struct str mine = { 0 }, theirs = { 0 };
	char *a, *b;

	tree_print_set(root, "", &mine);
	for (int i = 0; i < m->n; i++)
		str_addf(&theirs, "set %s\n", m->line[i]);
	a = sorted(mine.s);
	b = sorted(theirs.s);
	assert_string_equal(a, b);
	free(a);
	free(b);
	str_done(&mine);
	str_done(&theirs);
}

static void expect_equal(const struct node *a, const struct node *b)
{
	struct str x = { 0 }, y = { 0 }, delta = { 0 };

	tree_print_set(a, "", &x);
	tree_print_set(b, "", &y);
	assert_string_equal(str_get(&x), str_get(&y));
	tree_print_delta(a, b, &delta);
	assert_string_equal(str_get(&delta), "");
	str_done(&x);
	str_done(&y);
	str_done(&delta);
}

static void test_apply_of_compare(void **state)
{
	struct schema *schema = sample_schema();

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		struct naive ma = { 0 }, mb = { 0 };
		struct node *a = random_tree(schema, &ma, NULL), *b, *c = node_ref(a);
		struct str delta = { 0 }, back = { 0 };

		if (dice(2))
			mb = ma;
		b = random_tree(schema, &mb, mb.n ? a : NULL);
		expect_same(a, &ma);
		expect_same(b, &mb);
		tree_print_delta(a, b, &delta);
		assert_int_equal(sample_apply(&c, str_get(&delta), NULL), 0);
		expect_equal(c, b);
		tree_print_delta(b, a, &back);
		assert_int_equal(sample_apply(&c, str_get(&back), NULL), 0);
		expect_equal(c, a);
		expect_same(a, &ma);
		str_done(&delta);
		str_done(&back);
		node_unref(a);
		node_unref(b);
		node_unref(c);
	}
	schema_free(schema);
}

static void test_diff_for_people(void **state)
{
	struct schema *schema = sample_schema();
	struct node *a = tree_new(schema), *b;
	struct str out = { 0 };

	(void)state;
	sample_apply(&a, "set set a number 1\nset set a rule 1 log\nset set b\n", NULL);
	b = node_ref(a);
	sample_apply(&b, "set set a number 2\ndelete set b\nset set a rule 2 action drop\n", NULL);
	tree_print_diff(a, b, &out);
	assert_string_equal(str_get(&out),
			    "  set a {\n-     number 1\n+     number 2\n+     rule 2 {\n+         action drop\n"
			    "+     }\n  }\n- set b {\n- }\n");
	str_done(&out);
	node_unref(a);
	node_unref(b);
	schema_free(schema);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_apply_of_compare),
		cmocka_unit_test(test_diff_for_people),
	};

	return cmocka_run_group_tests_name("model/compare", tests, NULL, NULL);
}
