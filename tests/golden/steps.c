/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/golden/steps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/features.h"
#include "switchd/plan/simulate.h"

enum { ROUNDS = 8 }; /* of renaming, at most */

static int failures;

int steps_failures(void)
{
	return failures;
}

void steps_expect(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "golden: %s\n", what);
	failures++;
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

void steps_add_foreign(struct state *state, const char *line)
{
	struct object address = { .kind = OBJECT_ADDRESS, .key = line, .foreign = true };
	const char *rest = strchr(line, ' ');
	bool mac = rest && !strncmp(rest, " mac ", 5);
	struct attr way[] = { { ATTR_VIA, "198.51.100.9" }, { ATTR_PROTOCOL, "dhcp" } };
	char device[64];

	if (str_starts(line, "route ")) {
		state_put(state,
			  &(struct object){
				  .kind = OBJECT_ROUTE, .key = line + 6, .foreign = true, .attrs = way, .n = 2 });
		return;
	}
	object_device(&address, device, sizeof device);
	put_foreign(state, device, mac ? rest + 5 : NULL);
	if (rest && !mac)
		state_put(state, &address);
}

void steps_fresh(struct state *state)
{
	static const char *const rules[] = { "4 0 lookup local", "6 0 lookup local", "4 1000 l3mdev", "6 1000 l3mdev" };

	*state = (struct state){ 0 };
	for (int c = 0; c < CAPABILITIES; c++)
		state->has[c] = true;
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
		state_put(state, &(struct object){ .kind = OBJECT_RULE, .key = rules[i], .foreign = true });
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

char *steps_go(const struct node *old, const struct node *new, struct state *state, const char *what)
{
	struct str all = { 0 };
	struct plan plan;
	int rounds = 0;
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
	} while (more && ++rounds < ROUNDS);
	plan = make(NULL, new, state);
	if (plan.ops.n) {
		text = text_of(&plan);
		fprintf(stderr, "golden: %s: the second plan is not empty:\n%s", what, text);
		free(text);
		failures++;
	}
	plan_done(&plan);
	steps_expect_possible(state);
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

char *steps_snapshot(const struct state *state)
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
				if (o->kind != OBJECT_PORT || sorted[n].id != ATTR_MTU)
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

void steps_expect_state(const struct state *state, const char *before, const char *what)
{
	char *now = steps_snapshot(state);

	if (strcmp(now, before) != 0) {
		fprintf(stderr, "golden: %s is not as it was:\n", what);
		print_missing(before, now, "-");
		print_missing(now, before, "+");
		failures++;
	}
	free(now);
}
