/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/domains.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/base/addr.h"
#include "switchd/base/log.h"
#include "switchd/base/mem.h"
#include "switchd/base/str.h"
#include "switchd/base/vec.h"
#include "switchd/kern/kern.h"
#include "switchd/plan/names.h"
#include "switchd/plan/ruleset.h"
#include "switchd/txn.h"

enum { MEMBERS_MAX = 65535 }; /* of a set */

struct addresses {
	VEC_FIELDS(struct ip);
};

static int compare(const void *a, const void *b)
{
	return ip_cmp(a, b);
}

/* Those of the text that are of the family. */
static void read_addresses(const char *text, int family, struct addresses *out)
{
	char *copy = mem_strdup(text), *save;
	struct ip ip;

	for (char *one = strtok_r(copy, " ", &save); one; one = strtok_r(NULL, " ", &save))
		if (!ip_parse(one, &ip) && ip.family == family && out->n < MEMBERS_MAX)
			vec_push(out, ip);
	free(copy);
}

/* Each once, in order. */
static void settle(struct addresses *a)
{
	size_t kept = 0;

	if (a->n)
		qsort(a->at, a->n, sizeof *a->at, compare);
	for (size_t i = 0; i < a->n; i++)
		if (!kept || ip_cmp(&a->at[kept - 1], &a->at[i]))
			a->at[kept++] = a->at[i];
	a->n = kept;
}

/* Addresses of the group's names. False: of some nothing is known yet, so what the set has already may be theirs. */
static bool collect(const struct domains *m, const struct node *group, int family, struct addresses *out)
{
	bool all = true;

	for (const struct node *n = node_first(group, "address"); n; n = node_next(group, n, "address")) {
		char key[VALUE_SIZE + 4];
		const char *known;

		snprintf(key, sizeof key, "%s %d", node_key(n), family);
		known = map_get(&m->names, key);
		all = all && known;
		read_addresses(known ? known : "", family, out);
	}
	settle(out);
	return all;
}

static void fill(struct domains *m, const struct node *group, int family)
{
	struct addresses list = { 0 };
	struct str set = { 0 }, text = { 0 };
	struct diag d = { 0 };
	const char *before;
	char name[128], address[ADDR_TEXT];
	bool all = collect(m, group, family, &list);

	str_addf(&set, RULESET_INET " %s", names_chain(family == 6 ? "D6_" : "D_", node_key(group), name, sizeof name));
	str_add(&text, all ? "all" : "some");
	for (size_t i = 0; i < list.n; i++)
		str_addf(&text, " %s", ip_text(&list.at[i], address));
	before = map_get(&m->filled, str_get(&set));
	if (state_get(txn_state(m->txn), OBJECT_SET, str_get(&set)) &&
	    (!before || strcmp(before, str_get(&text)) != 0)) {
		if (kern_refill(m->kern, str_get(&set), family == 6, list.at, list.n, all, &d))
			log_error("firewall group domain-group %s: %s", node_key(group), diag_text(&d));
		else
			map_put_text(&m->filled, str_get(&set), str_get(&text));
	}
	vec_done(&list);
	str_done(&set);
	str_done(&text);
	diag_done(&d);
}

/* Sets that are gone come back empty. */
static void forget_gone(struct domains *m)
{
	size_t i = 0;

	for (struct map_entry *e; (e = map_next(&m->filled, &i));) {
		if (!state_get(txn_state(m->txn), OBJECT_SET, e->key))
			free(map_del(&m->filled, e->key));
	}
}

void domains_fill(struct domains *m, bool again)
{
	const struct node *groups = node_get(node_get(txn_running(m->txn), "firewall"), "group");

	if (again)
		map_done_texts(&m->filled);
	forget_gone(m);
	for (const struct node *g = node_first(groups, "domain-group"); g; g = node_next(groups, g, "domain-group")) {
		fill(m, g, 4);
		fill(m, g, 6);
	}
}

void domains_take(struct domains *m, const char *text)
{
	size_t name = strcspn(text, " ");
	const char *rest = text + name;
	char key[VALUE_SIZE + 4];

	if (name >= VALUE_SIZE || (!str_starts(rest, " 4") && !str_starts(rest, " 6")) || (rest[2] && rest[2] != ' '))
		return;
	snprintf(key, sizeof key, "%.*s %c", (int)name, text, rest[1]);
	map_put_text(&m->names, key, rest + 2);
	domains_fill(m, false);
}

void domains_done(struct domains *m)
{
	map_done_texts(&m->names);
	map_done_texts(&m->filled);
}
