/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * golden CONFIG FOREIGN NEXT ("-": none): print the plan that brings the configuration up, then the one that goes on to
 * the next configuration, and check on the way that
 *   - printing and parsing the configuration in all three forms gives the same configuration,
 *   - planning again after a plan was carried out (simulated) gives nothing, and the kernel could have done it,
 *   - planning back to no configuration leaves what was there before, and forth again gives the same state,
 *   - a commit from nothing (old and new known) ends in the same state as a start,
 *   - so does going to the next configuration, an edit of this one, and back.
 * FOREIGN: lines 'DEVICE', 'DEVICE PREFIX', 'DEVICE mac MAC', 'route KEY' of what other programs have on the host.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/features.h"
#include "tests/golden/steps.h"

static char *slurp(const char *file, size_t *ret_len)
{
	FILE *f = fopen(file, "r");
	struct str s = { 0 };
	char buf[4096];
	size_t n;

	if (!f) {
		perror(file);
		exit(2);
	}
	while ((n = fread(buf, 1, sizeof buf, f)))
		str_addn(&s, buf, n);
	fclose(f);
	*ret_len = s.len;
	return str_take(&s);
}

static void load_foreign(struct state *state, const char *file)
{
	size_t len;
	char *text = slurp(file, &len), *save;

	for (char *l = strtok_r(text, "\n", &save); l; l = strtok_r(NULL, "\n", &save))
		steps_add_foreign(state, l);
	free(text);
}

static void check_forms(const struct schema *schema, const struct node *config)
{
	void (*const curly)(const struct node *, struct str *) = tree_print_curly;
	struct str first = { 0 };

	tree_print_set(config, "", &first);
	for (int form = 0; form < 3; form++) {
		struct node *root = tree_new(schema);
		struct str text = { 0 }, again = { 0 };
		struct diag d = { 0 };

		if (form == 0)
			tree_print_set(config, "", &text);
		else
			(form == 1 ? curly : tree_print_json)(config, &text);
		if (tree_parse(&root, str_get(&text), text.len, "form", &d))
			fputs(diag_text(&d), stderr);
		tree_print_set(root, "", &again);
		steps_expect(!strcmp(str_get(&first), str_get(&again)), "print and parse changed the configuration");
		str_done(&text);
		str_done(&again);
		diag_done(&d);
		node_unref(root);
	}
	str_done(&first);
}

/* Parse and complete; what is wrong is added to 'd', and NULL returned. */
static struct node *read_whole(const struct schema *schema, const char *file, struct diag *d)
{
	struct node *config = tree_new(schema);
	size_t len;
	char *text = slurp(file, &len);
	int err = tree_parse(&config, text, len, file, d);

	if (!err)
		err = features_complete(&config, d);
	free(text);
	if (!err)
		return config;
	node_unref(config);
	return NULL;
}

/* Read and check; what is wrong is printed, and NULL returned. */
static struct node *load(const struct schema *schema, const char *file)
{
	struct diag d = { 0 };
	struct node *config = read_whole(schema, file, &d);

	if (config && features_check(NULL, config, &d)) {
		node_unref(config);
		config = NULL;
	}
	fputs(diag_text(&d), stdout);
	diag_done(&d);
	return config;
}

/*
 * The next configuration as an edit of this one: what is the same is shared, as in a commit, so that only what differs
 * is checked and planned. NULL when it is refused.
 */
static struct node *edit(const struct schema *schema, const struct node *config, const char *file)
{
	struct diag d = { 0 }, of_whole = { 0 };
	struct node *whole = read_whole(schema, file, &d), *next = node_ref((struct node *)(uintptr_t)config);
	struct str delta = { 0 };
	bool right;

	tree_print_delta(config, whole, &delta);
	right = whole && !tree_parse(&next, str_get(&delta), delta.len, "delta", &d) &&
		!features_check(config, next, &d);
	steps_expect(!whole || right == !features_check(NULL, whole, &of_whole),
		     "a change is refused and the whole is right, or the other way round");
	fputs(diag_text(&d), stdout);
	str_done(&delta);
	diag_done(&d);
	diag_done(&of_whole);
	node_unref(whole);
	if (!right)
		node_unref(next);
	return right ? next : NULL;
}

/* Up, down, up again, in both ways of planning. */
static void run(const struct node *empty, const struct node *config, struct state *state)
{
	char *nothing = steps_snapshot(state), *text, *up;

	text = steps_go(NULL, config, state, "start");
	fputs(text, stdout);
	free(text);
	up = steps_snapshot(state);
	free(steps_go(config, empty, state, "back to nothing"));
	steps_expect_state(state, nothing, "going back to nothing: the state");
	free(steps_go(empty, config, state, "commit"));
	steps_expect_state(state, up, "the state after a commit");
	free(steps_go(NULL, empty, state, "teardown"));
	steps_expect_state(state, nothing, "teardown: the state");
	free(steps_go(NULL, config, state, "start again"));
	free(nothing);
	free(up);
}

static void go_on(const struct node *config, const struct node *next, struct state *state)
{
	char *up = steps_snapshot(state), *text = steps_go(config, next, state, "next");

	printf("# next\n%s", text);
	free(text);
	free(steps_go(next, config, state, "back"));
	steps_expect_state(state, up, "going on and back: the state");
	free(up);
}

int main(int argc, char **argv)
{
	struct state state;
	struct diag d = { 0 };
	struct schema *schema = features_schema(&d);
	struct node *empty, *config, *next = NULL;

	if (argc != 4 || !schema) {
		fputs(schema ? "usage: golden CONFIG FOREIGN NEXT\n" : diag_text(&d), stderr);
		return 2;
	}
	empty = tree_new(schema);
	config = load(schema, argv[1]);
	steps_fresh(&state);
	if (strcmp(argv[2], "-") != 0)
		load_foreign(&state, argv[2]);
	if (config) {
		check_forms(schema, config);
		run(empty, config, &state);
	}
	if (config && strcmp(argv[3], "-") != 0 && (next = edit(schema, config, argv[3])))
		go_on(config, next, &state);
	state_done(&state);
	node_unref(config);
	node_unref(next);
	node_unref(empty);
	schema_free(schema);
	return steps_failures() > 0;
}
