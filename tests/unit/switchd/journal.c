/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "switchd/base/log.h"
#include "switchd/configfile.h"
#include "switchd/features.h"
#include "switchd/journal.h"
#include "switchd/merge.h"

static struct schema *schema;
static char dir[64];

static int set_up(void **state)
{
	(void)state;
	log_init("test", LOG_LEVEL_ERROR);
	snprintf(dir, sizeof dir, "/tmp/test_journal.XXXXXX");
	schema = features_schema(NULL);
	return mkdtemp(dir) ? 0 : -1;
}

static int tear_down(void **state)
{
	char path[128];

	(void)state;
	snprintf(path, sizeof path, "%s/journal", dir);
	unlink(path);
	snprintf(path, sizeof path, "%s/config", dir);
	unlink(path);
	rmdir(dir);
	schema_free(schema);
	return 0;
}

static struct journal *reopen(struct journal *j)
{
	struct journal *again = NULL;

	journal_close(j);
	assert_int_equal(journal_open(dir, schema, &again, NULL), 0);
	return again;
}

static void commit(struct journal *j, const char *lines, unsigned confirm)
{
	struct journal_note note = { .user = "me", .comment = "a comment", .time = 5, .confirm = confirm };
	struct node *tree = journal_tree(j) ? node_ref(journal_tree(j)) : tree_new(schema);

	assert_int_equal(tree_parse(&tree, lines, strlen(lines), "t", NULL), 0);
	assert_int_equal(journal_commit(j, tree, &note, NULL), 0);
	node_unref(tree);
}

static void expect(const struct node *tree, const char *lines)
{
	struct str s = { 0 };

	tree_print_set(tree, "", &s);
	assert_string_equal(str_get(&s), lines);
	str_done(&s);
}

static void test_commits_come_back(void **state)
{
	struct journal *j = reopen(NULL), *second = NULL;

	(void)state;
	assert_null(journal_tree(j));
	commit(j, "set network a mtu 1400", 0);
	commit(j, "set network b\ndelete network a", 0);
	assert_int_equal(journal_open(dir, schema, &second, NULL), -EWOULDBLOCK);
	j = reopen(j);
	expect(journal_tree(j), "set network b\n");
	assert_int_equal(journal_number(j), 2);
	expect(journal_find(j, 1)->tree, "set network a mtu 1400\n");
	assert_string_equal(journal_point(j, 1)->comment, "a comment");
	assert_null(journal_point(j, 2));
	journal_close(j);
}

static void test_unconfirmed_is_taken_back(void **state)
{
	struct journal *j = reopen(NULL);

	(void)state;
	commit(j, "set network a", 0);
	commit(j, "set network b", 5);
	expect(journal_tree(j), "set network a\nset network b\n");
	j = reopen(j);
	expect(journal_tree(j), "set network a\n");
	commit(j, "set network c", 5);
	assert_int_equal(journal_confirm(j, NULL), 0);
	j = reopen(j);
	expect(journal_tree(j), "set network a\nset network c\n");
	journal_close(j);
}

static void attempt(struct journal *j, const char *lines)
{
	struct node *tree = journal_tree(j) ? node_ref(journal_tree(j)) : tree_new(schema);

	assert_int_equal(tree_parse(&tree, lines, strlen(lines), "t", NULL), 0);
	assert_int_equal(journal_attempt(j, tree, NULL), 0);
	node_unref(tree);
}

/* What a crash left of a commit is known until it was undone. */
static void test_attempts(void **state)
{
	struct journal *j = reopen(NULL);

	(void)state;
	attempt(j, "set network x");
	j = reopen(j);
	assert_null(journal_tree(j));
	expect(journal_attempted(j), "set network x\n");
	commit(j, "set network a", 0);
	assert_null(journal_attempted(j));
	attempt(j, "set network b");
	j = reopen(j);
	expect(journal_tree(j), "set network a\n");
	expect(journal_attempted(j), "set network a\nset network b\n");
	journal_settled(j);
	j = reopen(j);
	assert_null(journal_attempted(j));
	/* one that was committed and is taken back, because nobody confirmed it */
	attempt(j, "set network c");
	commit(j, "set network c", 5);
	assert_null(journal_attempted(j));
	j = reopen(j);
	expect(journal_tree(j), "set network a\n");
	expect(journal_attempted(j), "set network a\nset network c\n");
	j = reopen(j);
	assert_non_null(journal_attempted(j));
	journal_settled(j);
	j = reopen(j);
	assert_null(journal_attempted(j));
	expect(journal_tree(j), "set network a\n");
	journal_close(j);
}

static void test_torn_anywhere(void **state)
{
	struct journal *j = reopen(NULL);
	char path[128];
	struct stat st;

	(void)state;
	commit(j, "set network a", 0);
	commit(j, "set network b description 'some text'", 0);
	journal_close(j);
	snprintf(path, sizeof path, "%s/journal", dir);
	assert_int_equal(stat(path, &st), 0);
	for (off_t size = st.st_size - 1; size >= 0; size -= 3) {
		assert_int_equal(truncate(path, size), 0);
		j = reopen(NULL);
		if (journal_tree(j) && journal_number(j) == 1)
			expect(journal_tree(j), "set network a\n");
		journal_close(j);
	}
}

static void test_compaction_keeps_the_points(void **state)
{
	struct journal *j = reopen(NULL);
	struct stat before, after;
	char path[128], line[64];

	(void)state;
	for (int i = 0; i < 4 * JOURNAL_POINTS; i++) {
		snprintf(line, sizeof line, "set network a mtu %d", 1300 + i);
		commit(j, line, 0);
	}
	snprintf(path, sizeof path, "%s/journal", dir);
	stat(path, &before);
	assert_int_equal(journal_compact(j, NULL), 0);
	stat(path, &after);
	assert_true(after.st_size < before.st_size / 2);
	commit(j, "set network b", 0);
	j = reopen(j);
	assert_int_equal(journal_number(j), 4 * JOURNAL_POINTS + 1);
	expect(journal_find(j, 4 * JOURNAL_POINTS - 50)->tree, "set network a mtu 1649\n");
	expect(journal_tree(j), "set network a mtu 1699\nset network b\n");
	journal_close(j);
}

static void test_configfile(void **state)
{
	struct node *tree = tree_new(schema), *read = NULL;
	struct diag d = { 0 };
	char path[128];
	FILE *f;

	(void)state;
	tree_parse(&tree, "set network a", 13, "t", NULL);
	assert_int_equal(configfile_state(dir, &d), CONFIGFILE_ABSENT);
	assert_int_equal(configfile_write(dir, tree, 7, &d), 0);
	assert_int_equal(configfile_state(dir, &d), CONFIGFILE_OURS);
	assert_int_equal(configfile_read(dir, schema, &read, &d), 0);
	expect(read, "set network a\n");
	snprintf(path, sizeof path, "%s/config", dir);
	f = fopen(path, "a");
	fputs("set network b\n", f);
	fclose(f);
	assert_int_equal(configfile_state(dir, &d), CONFIGFILE_EDITED);
	assert_int_equal(configfile_write(dir, tree, 8, &d), -EEXIST);
	assert_int_equal(configfile_adopt(dir, tree, 8, &d), 0);
	assert_int_equal(configfile_state(dir, &d), CONFIGFILE_OURS);
	node_unref(tree);
	node_unref(read);
	diag_done(&d);
}

static void test_merge(void **state)
{
	static const char *const base_lines = "set network a mtu 1400\nset network b mtu 1400\n";
	struct node *base = tree_new(schema), *mine, *theirs, *both;
	struct diag d = { 0 };

	(void)state;
	tree_parse(&base, base_lines, strlen(base_lines), "t", NULL);
	mine = node_ref(base);
	theirs = node_ref(base);
	tree_parse(&mine, "set network a mtu 1500", 22, "t", NULL);
	tree_parse(&theirs, "set network b mtu 1300", 22, "t", NULL);
	both = merge_trees(base, mine, theirs, &d);
	expect(both, "set network a mtu 1500\nset network b mtu 1300\n");
	node_unref(both);
	tree_parse(&theirs, "delete network a", 16, "t", NULL);
	assert_null(merge_trees(base, mine, theirs, &d));
	assert_non_null(strstr(diag_text(&d), "network a mtu: another session"));
	diag_done(&d);
	node_unref(base);
	node_unref(mine);
	node_unref(theirs);
}

int main(void)
{
#define CASE(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(test_commits_come_back),
		CASE(test_unconfirmed_is_taken_back),
		CASE(test_attempts),
		CASE(test_torn_anywhere),
		CASE(test_compaction_keeps_the_points),
		CASE(test_configfile),
		CASE(test_merge),
	};

	return cmocka_run_group_tests_name("switchd/journal", tests, NULL, NULL);
}
