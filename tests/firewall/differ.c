/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does what the compiler makes of a rule set mean what is configured? Random rule sets, random packets; the compiled
 * chains (machine.c), the reference (reference.c) and 'trace' must hit the same rules and come to the same end.
 *
 *	differ SEED SETS PACKETS      SETS configurations with so many packets each; TAP
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "firewall/trace.h"
#include "switchd/features.h"
#include "switchd/plan/plan.h"
#include "tests/firewall/packet.h"

static unsigned long packets, parts, endings;

static const char *const verdicts[] = { "pass", "accept", "drop", "reject" };

static void print_outcome(const char *who, const struct outcome *o)
{
	printf("# %s:", who);
	for (int i = 0; i < o->n; i++)
		printf(" %s", o->hits[i]);
	printf(" -> %s\n", verdicts[o->verdict]);
}

static bool same(const struct outcome *a, const struct outcome *b)
{
	bool equal = a->n == b->n && a->verdict == b->verdict;

	for (int i = 0; equal && i < a->n; i++)
		equal = !strcmp(a->hits[i], b->hits[i]);
	return equal;
}

static void complain(const struct packet *p, const struct outcome *reference, const struct outcome *other,
		     const char *who)
{
	char from[ADDR_TEXT], to[ADDR_TEXT];

	printf("# %s port %u to %s port %u protocol %d in %s state %s type %d flags %u\n", ip_text(&p->source, from),
	       p->sport, ip_text(&p->destination, to), p->dport, p->protocol, p->in, p->state, p->icmp_type,
	       p->tcp_flags);
	print_outcome("reference", reference);
	print_outcome(who, other);
}

static void note_step(void *ctx, const char *path, const char *what, const char *remark)
{
	static const char rule[] = " rule ", name[] = "firewall name ";
	const char *at = strstr(path, rule);
	char counter[64];

	if (!strncmp(path, name, strlen(name)) && strcmp(what, "passed over") != 0) {
		path += strlen(name);
		if (at)
			snprintf(counter, sizeof counter, "%.*s/%s", (int)(at - path), path, at + strlen(rule));
		else
			snprintf(counter, sizeof counter, "%s/default", path);
		outcome_hit(ctx, counter);
	}
	(void)remark;
}

static bool try_packets(const struct node *config, const struct plan *plan, struct dice *d, unsigned n)
{
	const struct node *main_set = node_find(node_get(config, "firewall"), "name", "main");
	struct machine *m = machine_new(plan);
	struct match_context cx = { .config = config };
	bool good = true;

	for (unsigned i = 0; i < n && good; i++) {
		struct outcome reference = { 0 }, compiled = { 0 }, traced = { 0 };
		struct trace t = { .config = config, .step = note_step, .ctx = &traced };

		generate_packet(d, &t.packet);
		reference_judge(config, "main", &t.packet, &reference);
		machine_run(m, "fw-main", &t.packet, &compiled);
		good = same(&reference, &compiled);
		if (!good)
			complain(&t.packet, &reference, &compiled, "compiled");
		if (good && i % 64 == 0) { /* it reads every rule anew */
			traced.verdict = fw_trace_list(&t, &cx, main_set, "firewall name main");
			good = same(&reference, &traced);
			if (!good)
				complain(&t.packet, &reference, &traced, "trace");
		}
		packets++;
		arena_done(&t.arena);
		if (i % 256 == 255) {
			match_done(&cx);
			cx = (struct match_context){ .config = config };
		}
	}
	match_done(&cx);
	machine_free(m);
	return good;
}

static void count_parts(const struct plan *plan)
{
	for (size_t i = 0; i < plan->ops.n; i++) {
		const struct object *o = op_object(&plan->ops.at[i]);

		parts += o->kind == OBJECT_CHAIN && strstr(o->key, "fw-main/");
		endings += o->kind == OBJECT_NFTRULE && !strncmp(object_attr(o, ATTR_EXPR), "goto fw-", 8);
	}
}

static bool try_set(const struct schema *schema, uint64_t seed, unsigned n)
{
	struct dice d = { seed * 0x9E3779B97F4A7C15ull + 1 };
	struct node *config = tree_new(schema);
	struct plan_input in = { .features = features, .old = NULL };
	struct state state = { 0 };
	struct str text = { 0 };
	struct diag diag = { 0 };
	struct plan plan;
	bool good;

	generate_config(&d, 3 + dice_roll(&d, seed % 3 ? 40 : 250), &text);
	good = !tree_parse(&config, str_get(&text), text.len, "random", &diag) && !features_check(NULL, config, &diag);
	if (!good)
		printf("# seed %llu: %s", (unsigned long long)seed, diag_text(&diag));
	if (good) {
		in.new = config;
		in.state = &state;
		plan_make(&in, &plan);
		count_parts(&plan);
		good = try_packets(config, &plan, &d, n);
		plan_done(&plan);
		if (!good && getenv("DIFFER_SHOW"))
			printf("%s", str_get(&text));
	}
	state_done(&state);
	str_done(&text);
	diag_done(&diag);
	node_unref(config);
	return good;
}

int main(int argc, char **argv)
{
	unsigned long seed = argc > 1 ? strtoul(argv[1], NULL, 10) : 1,
		      sets = argc > 2 ? strtoul(argv[2], NULL, 10) : 100;
	unsigned long n = argc > 3 ? strtoul(argv[3], NULL, 10) : 1000, bad = 0;
	struct schema *schema = features_schema(NULL);

	printf("1..1\n");
	for (unsigned long i = 0; i < sets && bad < 5; i++)
		if (!try_set(schema, seed + i, (unsigned)n)) {
			printf("# seed %lu\n", seed + i);
			bad++;
		}
	printf("%s 1 - %lu packets on %lu rule sets in %lu parts, %lu to an ending of others\n", bad ? "not ok" : "ok",
	       packets, sets, parts, endings);
	schema_free(schema);
	return bad != 0;
}
