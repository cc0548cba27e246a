/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * golden CONFIG FOREIGN NEXT ("-": none): print the plan that brings the configuration up, then the one that goes on to
 * the next configuration, and check on the way that
 *   - printing and parsing the configuration in all three forms gives the same configuration,
 *   - planning again after a plan was carried out (simulated) gives nothing,
 *   - planning back to no configuration leaves what was there before, and forth again gives the same state,
 *   - a commit from nothing (old and new known) ends in the same state as a start,
 *   - so does going to the next configuration and back.
 * FOREIGN: lines 'DEVICE', 'DEVICE PREFIX', 'DEVICE mac MAC' of what other programs have on the host.
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

/* A link of others', which is a port of nothing. */
static void put_foreign(struct state *state, const char *name, const char *mac)
{
	struct attr of_link[] = { { ATTR_STATE, "up" }, { ATTR_MAC, mac } };
	struct attr of_port[] = { { ATTR_MASTER, "none" }, { ATTR_MTU, "1500" },     { ATTR_ISOLATED, "off" },
				  { ATTR_VLANS, "none" },  { ATTR_INBOUND, "none" }, { ATTR_OUTBOUND, "none" },
				  { ATTR_STATE, "up" } };
	struct object link = { .kind = OBJECT_LINK, .key = name, .foreign = true, .attrs = of_link, .n = mac ? 2 : 1 };
	struct object port = { .kind = OBJECT_PORT,
			       .key = name,
			       .foreign = true,
			       .attrs = of_port,
			       .n = sizeof of_port / sizeof *of_port };

	state_put(state, &link);
	state_put(state, &port);
}

static void load_foreign(struct state *state, const char *file)
{
	size_t len;
	char *text = slurp(file, &len), *save;

	for (char *l = strtok_r(text, "\n", &save); l; l = strtok_r(NULL, "\n", &save)) {
		struct object address = { .kind = OBJECT_ADDRESS, .key = l, .foreign = true };
		char device[64], *rest = strchr(l, ' ');

		object_device(&address, device, sizeof device);
		put_foreign(state, device, rest && !strncmp(rest, " mac ", 5) ? rest + 5 : NULL);
		if (rest && strncmp(rest, " mac ", 5) != 0)
			state_put(state, &address);
	}
	free(text);
}

/* A kernel that can everything, as it is without us. */
static void fresh(struct state *state, const char *foreign)
{
	static const char *const rules[] = { "4 0 lookup local", "6 0 lookup local", "4 1000 l3mdev", "6 1000 l3mdev" };

	*state = (struct state){ 0 };
	for (int c = 0; c < CAPABILITIES; c++)
		state->has[c] = true;
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
		state_put(state, &(struct object){ .kind = OBJECT_RULE, .key = rules[i], .foreign = true });
	if (strcmp(foreign, "-") != 0)
		load_foreign(state, foreign);
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
	struct str all = { 0 };
	struct plan plan;
	char *text;
	bool more;

	do {
		plan = make(old, new, state);
		text = text_of(&plan);
		str_add(&all, text);
		free(text);
		simulate(&plan, state);
		more = plan.more;
		plan_done(&plan);
	} while (more);
	plan = make(NULL, new, state);
	if (plan.ops.n) {
		text = text_of(&plan);
		fprintf(stderr, "golden: %s: the second plan is not empty:\n%s", what, text);
		free(text);
		failures++;
	}
	plan_done(&plan);
	return str_take(&all);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int by_attr(const void *a, const void *b)
{
	return (int)((const struct attr *)a)->id - (int)((const struct attr *)b)->id;
}

/* Everything but settings, which stay, as sorted lines. */
static char *snapshot(const struct state *state)
{
	struct vec(char *) lines = { 0 };
	struct str all = { 0 };

	for (unsigned k = 0; k < OBJECT_KINDS; k++) {
		const struct object *o;
		size_t i = 0;

		while (k != OBJECT_SYSCTL && (o = state_next(state, (enum object_kind)k, &i))) {
			struct attr sorted[OBJECT_ATTRS];
			struct str line = { 0 };

			memcpy(sorted, o->attrs, o->n * sizeof *sorted);
			qsort(sorted, o->n, sizeof *sorted, by_attr);
			str_addf(&line, "%s %s%s", object_kind_name(o->kind), o->key, o->foreign ? " (foreign)" : "");
			for (unsigned n = 0; n < o->n; n++)
				str_addf(&line, " %s=%s", attr_name(sorted[n].id), sorted[n].value);
			vec_push(&lines, str_take(&line));
		}
	}
	if (lines.n)
		qsort(lines.at, lines.n, sizeof *lines.at, by_text);
	for (size_t i = 0; i < lines.n; i++) {
		str_addf(&all, "%s\n", lines.at[i]);
		free(lines.at[i]);
	}
	vec_done(&lines);
	return str_take(&all);
}

/* The lines of 'a' that 'b' does not have. */
static void print_missing(const char *a, const char *b, const char *sign)
{
	while (*a) {
		int n = (int)strcspn(a, "\n");
		struct str line = { 0 };

		str_addf(&line, "%.*s\n", n, a);
		if (!strstr(b, str_get(&line)))
			fprintf(stderr, "%s %s", sign, str_get(&line));
		str_done(&line);
		a += n + 1;
	}
}

/* Is the state the same as in the snapshot? */
static void expect_state(const struct state *state, const char *before, const char *what)
{
	char *now = snapshot(state);

	if (strcmp(now, before) != 0) {
		fprintf(stderr, "golden: %s is not as it was:\n", what);
		print_missing(before, now, "-");
		print_missing(now, before, "+");
		failures++;
	}
	free(now);
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

/* Parse and check; what is wrong is printed, and NULL returned. */
static struct node *load(const struct schema *schema, const char *file)
{
	struct node *config = tree_new(schema);
	struct diag d = { 0 };
	size_t len;
	char *text = slurp(file, &len);
	int err = tree_parse(&config, text, len, file, &d);

	if (!err)
		err = features_complete(&config, &d);
	if (!err)
		err = features_check(NULL, config, &d);
	fputs(diag_text(&d), stdout);
	free(text);
	diag_done(&d);
	if (!err)
		return config;
	node_unref(config);
	return NULL;
}

/* Up, down, up again, in both ways of planning. */
static void run(const struct node *empty, const struct node *config, struct state *state)
{
	char *nothing = snapshot(state), *text, *up;

	text = go(NULL, config, state, "start");
	fputs(text, stdout);
	free(text);
	up = snapshot(state);
	free(go(config, empty, state, "back to nothing"));
	expect_state(state, nothing, "going back to nothing: the state");
	free(go(empty, config, state, "commit"));
	expect_state(state, up, "the state after a commit");
	free(go(NULL, empty, state, "teardown"));
	expect_state(state, nothing, "teardown: the state");
	free(go(NULL, config, state, "start again"));
	free(nothing);
	free(up);
}

static void go_on(const struct node *config, const struct node *next, struct state *state)
{
	char *up = snapshot(state), *text = go(config, next, state, "next");

	printf("# next\n%s", text);
	free(text);
	free(go(next, config, state, "back"));
	expect_state(state, up, "going on and back: the state");
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
	fresh(&state, argv[2]);
	if (config) {
		check_forms(schema, config);
		run(empty, config, &state);
	}
	if (config && strcmp(argv[3], "-") != 0 && (next = load(schema, argv[3])))
		go_on(config, next, &state);
	state_done(&state);
	node_unref(config);
	node_unref(next);
	node_unref(empty);
	schema_free(schema);
	return failures > 0;
}
