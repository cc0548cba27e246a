/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * golden CONFIG [FOREIGN]: print the plan that brings the configuration up on an empty host, and check on the way that
 *   - printing and parsing the configuration in all three forms gives the same configuration,
 *   - planning again after the plan was carried out (simulated) gives nothing,
 *   - planning back to no configuration leaves what was there before, and forth again gives the same plan,
 *   - a commit from nothing (old and new known) ends in the same state as a start.
 * FOREIGN: lines 'DEVICE PREFIX' of what other programs have on the host.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/features.h"
#include "switchd/plan/plan.h"
#include "switchd/plan/simulate.h"

static int failures;

static void expect(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "golden: %s\n", what);
	failures++;
}

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

	for (char *l = strtok_r(text, "\n", &save); l; l = strtok_r(NULL, "\n", &save)) {
		struct object address = { .kind = OBJECT_ADDRESS, .key = l, .foreign = true };
		char device[64];
		struct object link = { .kind = OBJECT_LINK,
				       .key = object_device(&address, device, sizeof device),
				       .foreign = true };

		state_put(state, &link);
		if (strchr(l, ' '))
			state_put(state, &address);
	}
	free(text);
}

static struct plan make(const struct node *old, const struct node *new, const struct state *state)
{
	struct plan_input in = { .features = features, .old = old, .new = new, .state = state, .seed = 1 };
	struct plan plan;

	plan_make(&in, &plan);
	return plan;
}

static char *text_of(const struct plan *plan)
{
	struct str s = { 0 };

	plan_print(plan, &s);
	for (size_t i = 0; i < plan->conflicts.n; i++)
		str_addf(&s, "conflict %s: %s\n", plan->conflicts.at[i].path, plan->conflicts.at[i].reason);
	return str_take(&s);
}

/* Plan, carry out, and check that nothing is left to do. Returns the plan's text. */
static char *go(const struct node *old, const struct node *new, struct state *state, const char *what)
{
	struct plan plan = make(old, new, state), again;
	char *text = text_of(&plan);

	simulate(&plan, state);
	plan_done(&plan);
	again = make(NULL, new, state);
	if (again.ops.n) {
		char *left = text_of(&again);

		fprintf(stderr, "golden: %s: the second plan is not empty:\n%s", what, left);
		free(left);
		failures++;
	}
	plan_done(&again);
	return text;
}

static bool only_foreign(const struct state *state)
{
	for (unsigned k = 0; k < OBJECT_KINDS; k++) {
		size_t i = 0;

		for (const struct object *o; (o = state_next(state, (enum object_kind)k, &i));)
			if (!o->foreign && o->kind != OBJECT_SYSCTL)
				return false;
	}
	return true;
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
		expect(!strcmp(str_get(&first), str_get(&again)), "print and parse changed the configuration");
		str_done(&text);
		str_done(&again);
		diag_done(&d);
		node_unref(root);
	}
	str_done(&first);
}

int main(int argc, char **argv)
{
	struct state state = { 0 };
	struct diag d = { 0 };
	struct schema *schema = features_schema(&d);
	struct node *empty = schema ? tree_new(schema) : NULL, *config = node_ref(empty);
	char *text, *start, *commit, *back;
	size_t len;

	if (argc < 2 || !schema) {
		fputs(schema ? "usage: golden CONFIG [FOREIGN]\n" : diag_text(&d), stderr);
		return 2;
	}
	text = slurp(argv[1], &len);
	if (tree_parse(&config, text, len, argv[1], &d) || features_check(NULL, config, &d)) {
		fputs(diag_text(&d), stdout);
	} else {
		check_forms(schema, config);
		if (argc > 2)
			load_foreign(&state, argv[2]);
		start = go(NULL, config, &state, "start");
		back = go(config, empty, &state, "back to nothing");
		expect(only_foreign(&state), "something is left after going back to nothing");
		commit = go(empty, config, &state, "commit");
		fputs(start, stdout);
		free(back);
		back = go(config, empty, &state, "back to nothing");
		expect(only_foreign(&state), "something is left after the commit was taken back");
		free(start);
		free(commit);
		free(back);
	}
	free(text);
	diag_done(&d);
	state_done(&state);
	node_unref(config);
	node_unref(empty);
	schema_free(schema);
	return failures > 0;
}
