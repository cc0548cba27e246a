/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Carries out the nft objects of a plan: chains of rules in the order of their keys, sets and maps by look-up. Texts
 * of rules are taken apart once. It knows the words the firewall uses, and stops the test at any other.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/base/map.h"
#include "switchd/base/mem.h"
#include "tests/firewall/packet.h"

enum field {
	F_IIFNAME,
	F_NFPROTO,
	F_L4PROTO,
	F_MAC,
	F_SADDR4,
	F_DADDR4,
	F_SADDR6,
	F_DADDR6,
	F_SPORT,
	F_DPORT,
	F_STATE,
	F_ICMP,
	F_ICMP6,
	F_FLAGS,
	F_MARK
};

/* A value, with its end; a name with '*' is a range of names. */
struct range {
	uint8_t first[16], last[16];
	char jump[96]; /* of a verdict map */
};

struct set {
	char name[96];
	enum field field;
	bool typed;
	struct vec(struct range) at;
};

struct condition {
	enum field field;
	int protocol; /* the field is of this transport only; 0: of any */
	bool except, map;
	struct set *set;
	unsigned mask, value; /* of flags */
};

struct step {
	char counter[64], jump[96];
	enum { NOTHING, ACCEPT, DROP, REJECT, RETURN, JUMP, GOTO } verdict;
	struct vec(struct condition) conditions;
};

struct rule {
	char key[256];
	struct step step;
};

struct chain {
	char name[96];
	struct vec(struct rule) rules;
};

struct machine {
	struct map chains, sets;
	struct vec(struct set *) own; /* anonymous ones */
};

static void stop(const char *what, const char *text)
{
	fprintf(stderr, "machine: %s: %s\n", what, text);
	exit(3);
}

/* ---- values ---------------------------------------------------------------------------------- */

static const char *const states[] = { "invalid", "established", "related", "new" };

static void one_value(enum field f, const char *text, uint8_t *first, uint8_t *last)
{
	unsigned long n = strtoul(text, NULL, 0);
	size_t len = strlen(text);

	memset(first, 0, 16);
	memset(last, 0, 16);
	if (f == F_IIFNAME) {
		bool wildcard = len && text[len - 1] == '*';

		memcpy(first, text, wildcard ? len - 1 : len);
		memcpy(last, text, wildcard ? len - 1 : len);
		if (wildcard)
			memset(last + len - 1, 0xff, 16 - len + 1);
		return;
	}
	if (f == F_MAC) {
		struct mac mac;

		if (mac_parse(text, &mac))
			stop("not a MAC address", text);
		memcpy(first, mac.b, 6);
		memcpy(last, mac.b, 6);
		return;
	}
	if (f >= F_SADDR4 && f <= F_DADDR6) {
		if (inet_pton(f <= F_DADDR4 ? AF_INET : AF_INET6, text, first) != 1)
			stop("not an address", text);
		memcpy(last, first, 16);
		return;
	}
	for (unsigned i = 0; f == F_STATE && i < 4; i++)
		n = strcmp(states[i], text) ? n : i + 1;
	if (f == F_NFPROTO)
		n = !strcmp(text, "ipv6") ? 6 : 4;
	if (f == F_L4PROTO && *text > '9')
		n = !strcmp(text, "tcp") ? 6 : !strcmp(text, "udp") ? 17 : !strcmp(text, "icmp") ? 1 : 58;
	if ((f == F_ICMP || f == F_ICMP6) && *text > '9')
		n = f == F_ICMP ? 8 : 128;
	first[0] = last[0] = (uint8_t)(n >> 8);
	first[1] = last[1] = (uint8_t)n;
}

static void add_value(struct set *s, const char *text, const char *jump)
{
	struct range *r = vec_add(&s->at);
	const char *cut = s->field == F_IIFNAME || s->field == F_MAC ? NULL : strpbrk(text, "/-");
	char first[64];
	uint8_t unused[16];

	if (cut && text[0] > '9' && s->field == F_STATE)
		cut = NULL;
	if (cut && (s->field == F_ICMP || s->field == F_ICMP6))
		cut = NULL;
	snprintf(first, sizeof first, "%.*s", cut ? (int)(cut - text) : (int)strlen(text), text);
	one_value(s->field, first, r->first, r->last);
	if (cut && *cut == '-')
		one_value(s->field, cut + 1, unused, r->last);
	if (cut && *cut == '/')
		for (int bit = atoi(cut + 1), end = s->field <= F_DADDR4 ? 32 : 128; bit < end; bit++) {
			r->first[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
			r->last[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
		}
	snprintf(r->jump, sizeof r->jump, "%s", jump ? jump : "");
}

static const struct range *look_up(const struct set *s, const uint8_t *value)
{
	for (size_t i = 0; i < s->at.n; i++)
		if (memcmp(value, s->at.at[i].first, 16) >= 0 && memcmp(value, s->at.at[i].last, 16) <= 0)
			return &s->at.at[i];
	return NULL;
}

/* ---- rules ----------------------------------------------------------------------------------- */

static const struct {
	const char *words;
	enum field field;
	int protocol;
} words[] = {
	{ "iifname", F_IIFNAME, 0 },  { "meta nfproto", F_NFPROTO, 0 }, { "meta l4proto", F_L4PROTO, 0 },
	{ "ether saddr", F_MAC, 0 },  { "ip saddr", F_SADDR4, 0 },      { "ip daddr", F_DADDR4, 0 },
	{ "ip6 saddr", F_SADDR6, 0 }, { "ip6 daddr", F_DADDR6, 0 },     { "tcp sport", F_SPORT, 6 },
	{ "tcp dport", F_DPORT, 6 },  { "udp sport", F_SPORT, 17 },     { "udp dport", F_DPORT, 17 },
	{ "th sport", F_SPORT, -1 },  { "th dport", F_DPORT, -1 },      { "ct state", F_STATE, 0 },
	{ "icmp type", F_ICMP, 1 },   { "icmpv6 type", F_ICMP6, 58 },   { "tcp flags", F_FLAGS, 6 },
};

/* A text being taken apart. */
struct reader {
	char *s;
	struct machine *m;
};

static char *next(struct reader *r)
{
	char *word;

	r->s += strspn(r->s, " ,");
	if (*r->s == '"') {
		word = ++r->s;
		r->s = strchr(r->s, '"');
	} else {
		word = r->s;
		r->s += strcspn(r->s, " ,");
	}
	if (*r->s)
		*r->s++ = '\0';
	return word;
}

static struct set *new_set(struct machine *m, enum field f)
{
	struct set *s = mem_alloc(sizeof *s);

	s->field = f;
	vec_push(&m->own, s);
	return s;
}

static struct set *named_set(struct machine *m, const char *name, enum field f)
{
	struct set *s = map_get(&m->sets, name);

	if (!s)
		stop("no such set", name);
	if (!s->typed) {
		size_t n = s->at.n;
		struct range *texts = s->at.at;

		s->typed = true;
		s->field = f;
		s->at.at = NULL;
		s->at.n = s->at.room = 0;
		for (size_t i = 0; i < n; i++) { /* kept as text until the field is known */
			char *text = *(char **)texts[i].first;

			add_value(s, text, texts[i].jump);
			free(text);
		}
		free(texts);
	}
	return s;
}

static void read_values(struct reader *r, struct condition *c)
{
	char *word = next(r);

	if (!strcmp(word, "!=")) {
		c->except = true;
		word = next(r);
	}
	if (!strcmp(word, "vmap")) {
		c->map = true;
		word = next(r);
	}
	if (c->field == F_FLAGS) { /* & MASK == VALUE */
		c->mask = (unsigned)strtoul(next(r), NULL, 0);
		next(r);
		c->value = (unsigned)strtoul(next(r), NULL, 0);
		return;
	}
	if (*word == '@') {
		c->set = named_set(r->m, word + 1, c->field);
		return;
	}
	c->set = new_set(r->m, c->field);
	if (strcmp(word, "{") != 0) {
		add_value(c->set, word, NULL);
		while (c->field == F_STATE && *r->s && strchr("ienr", *r->s) && strncmp(r->s, "iif", 3) != 0 &&
		       strncmp(r->s, "ip", 2) != 0 && strncmp(r->s, "reject", 6) != 0 &&
		       strncmp(r->s, "return", 6) != 0 && strncmp(r->s, "icmp", 4) != 0)
			add_value(c->set, next(r), NULL);
		return;
	}
	while (strcmp(word = next(r), "}") != 0)
		add_value(c->set, word, NULL);
}

static bool read_condition(struct reader *r, struct step *step)
{
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		size_t len = strlen(words[i].words);
		struct condition c = { .field = words[i].field, .protocol = words[i].protocol };

		if (strncmp(r->s, words[i].words, len) != 0 || r->s[len] != ' ')
			continue;
		r->s += len + 1;
		read_values(r, &c);
		vec_push(&step->conditions, c);
		return true;
	}
	return false;
}

static void read_step(struct machine *m, const char *text, struct step *step)
{
	static const char *const verdicts[] = { "accept", "drop", "reject", "return", "jump", "goto" };
	char *copy = mem_strdup(text), *word;
	struct reader r = { copy, m };

	while (r.s += strspn(r.s, " ,"), *r.s) {
		bool known = read_condition(&r, step);

		if (known)
			continue;
		word = next(&r);
		if (!strcmp(word, "counter")) {
			next(&r);
			snprintf(step->counter, sizeof step->counter, "%s", next(&r) + 3); /* without "fw-" */
			continue;
		}
		if (!strcmp(word, "log")) { /* prefix "P" group N snaplen N */
			for (int i = 0; i < 6; i++)
				next(&r);
			continue;
		}
		for (int i = 0; i < 6; i++)
			if (!strcmp(word, verdicts[i])) {
				known = true;
				step->verdict = ACCEPT + (unsigned)i;
				if (i >= 4)
					snprintf(step->jump, sizeof step->jump, "%s", next(&r));
			}
		if (!known)
			stop("unknown word", word);
	}
	free(copy);
}

/* ---- building -------------------------------------------------------------------------------- */

static const char *rest_of(const char *key)
{
	return key + strlen("inet vnet ");
}

static struct chain *chain_of(struct machine *m, const char *name)
{
	struct chain *c = map_get(&m->chains, name);

	if (!c) {
		c = mem_alloc(sizeof *c);
		snprintf(c->name, sizeof c->name, "%s", name);
		map_put(&m->chains, c->name, c);
	}
	return c;
}

static void add_element(struct machine *m, const struct object *o)
{
	char name[96];
	const char *rest = rest_of(o->key), *data = object_attr(o, ATTR_DATA);
	size_t len = strcspn(rest, " ");
	struct set *s;
	struct range *r;
	char *text = mem_strdup(rest + len + 1);

	snprintf(name, sizeof name, "%.*s", (int)len, rest);
	s = map_get(&m->sets, name);
	if (!s)
		stop("an element of no set", o->key);
	if (*text == '"') {
		text[strlen(text) - 1] = '\0';
		memmove(text, text + 1, strlen(text));
	}
	r = vec_add(&s->at);
	*(char **)r->first = text;
	snprintf(r->jump, sizeof r->jump, "%s", data ? strchr(data, ' ') + 1 : "");
}

static int compare_rules(const void *a, const void *b)
{
	return strcmp(((const struct rule *)a)->key, ((const struct rule *)b)->key);
}

static void add_set(struct machine *m, const struct object *o)
{
	struct set *s = mem_alloc(sizeof *s);

	snprintf(s->name, sizeof s->name, "%s", rest_of(o->key));
	map_put(&m->sets, s->name, s);
}

static void add_rule(struct machine *m, const struct object *o)
{
	const char *rest = rest_of(o->key);
	char name[96];
	struct rule *r;

	if (strncmp(rest, "fw-", 3) != 0)
		return;
	snprintf(name, sizeof name, "%.*s", (int)strcspn(rest, " "), rest);
	r = vec_add(&chain_of(m, name)->rules);
	memset(r, 0, sizeof *r);
	snprintf(r->key, sizeof r->key, "%s", rest);
	read_step(m, object_attr(o, ATTR_EXPR), &r->step);
}

struct machine *machine_new(const struct plan *plan)
{
	static const struct {
		enum object_kind kind;
		void (*add)(struct machine *m, const struct object *o);
	} order[] = { { OBJECT_SET, add_set }, { OBJECT_ELEMENT, add_element }, { OBJECT_NFTRULE, add_rule } };
	struct machine *m = mem_alloc(sizeof *m);
	size_t i = 0;

	for (size_t k = 0; k < sizeof order / sizeof *order; k++)
		for (size_t op = 0; op < plan->ops.n; op++)
			if (plan->ops.at[op].want && plan->ops.at[op].want->kind == order[k].kind)
				order[k].add(m, plan->ops.at[op].want);
	for (struct map_entry *e; (e = map_next(&m->chains, &i));) {
		struct chain *c = e->value;

		qsort(c->rules.at, c->rules.n, sizeof *c->rules.at, compare_rules);
	}
	return m;
}

static void free_set(struct set *s)
{
	for (size_t i = 0; i < s->at.n && !s->typed && *s->name; i++)
		free(*(char **)s->at.at[i].first);
	vec_done(&s->at);
	free(s);
}

void machine_free(struct machine *m)
{
	size_t i = 0;

	for (struct map_entry *e; (e = map_next(&m->chains, &i));) {
		struct chain *c = e->value;

		for (size_t k = 0; k < c->rules.n; k++)
			vec_done(&c->rules.at[k].step.conditions);
		vec_done(&c->rules);
		free(c);
	}
	i = 0;
	for (struct map_entry *e; (e = map_next(&m->sets, &i));)
		free_set(e->value);
	for (i = 0; i < m->own.n; i++)
		free_set(m->own.at[i]);
	vec_done(&m->own);
	map_done(&m->chains);
	map_done(&m->sets);
	free(m);
}

/* ---- running --------------------------------------------------------------------------------- */

/* The packet's value of the field; false: it has none, the rule does not match. */
static bool load(const struct packet *p, enum field f, int protocol, uint8_t *value)
{
	unsigned n = 0;

	memset(value, 0, 16);
	if (protocol > 0 && p->protocol != protocol)
		return false;
	switch (f) {
	case F_IIFNAME: memcpy(value, p->in, strlen(p->in)); return true;
	case F_MAC: memcpy(value, p->mac.b, 6); return true;
	case F_SADDR4:
	case F_DADDR4: memcpy(value, f == F_SADDR4 ? p->source.b : p->destination.b, 4); return p->source.family == 4;
	case F_SADDR6:
	case F_DADDR6: memcpy(value, f == F_SADDR6 ? p->source.b : p->destination.b, 16); return p->source.family == 6;
	case F_NFPROTO: n = p->source.family; break;
	case F_L4PROTO: n = (unsigned)p->protocol; break;
	case F_SPORT: n = p->sport; break;
	case F_DPORT: n = p->dport; break;
	case F_ICMP:
	case F_ICMP6:
		if (p->source.family != (f == F_ICMP ? 4 : 6))
			return false;
		n = (unsigned)p->icmp_type;
		break;
	default:
		for (unsigned i = 0; i < 4; i++)
			n = strcmp(states[i], p->state) ? n : i + 1;
	}
	if (protocol < 0 && p->protocol != 6 && p->protocol != 17)
		return false;
	value[0] = (uint8_t)(n >> 8);
	value[1] = (uint8_t)n;
	return true;
}

static int run(const struct machine *m, const char *name, const struct packet *p, struct outcome *out, int depth);

/* RETURN: the rest of the chain is skipped; NOTHING: on with the next rule; else the end. */
static int run_step(const struct machine *m, const struct step *s, const struct packet *p, struct outcome *out,
		    int depth)
{
	int end;

	for (size_t i = 0; i < s->conditions.n; i++) {
		const struct condition *c = &s->conditions.at[i];
		const struct range *hit;
		uint8_t value[16];

		if (c->field == F_FLAGS) {
			if (p->protocol != 6 || (p->tcp_flags & c->mask) != c->value)
				return NOTHING;
			continue;
		}
		if (!load(p, c->field, c->protocol, value))
			return NOTHING;
		hit = look_up(c->set, value);
		if (c->map)
			return hit ? run(m, hit->jump, p, out, depth + 1) : NOTHING;
		if ((hit != NULL) == c->except)
			return NOTHING;
	}
	if (*s->counter)
		outcome_hit(out, s->counter);
	if (s->verdict != JUMP && s->verdict != GOTO)
		return (int)s->verdict;
	end = run(m, s->jump, p, out, depth + 1);
	return end == NOTHING && s->verdict == GOTO ? RETURN : end;
}

static int run(const struct machine *m, const char *name, const struct packet *p, struct outcome *out, int depth)
{
	const struct chain *c = map_get(&m->chains, name);

	if (depth > 16)
		stop("more than 16 jumps", name);
	for (size_t i = 0; c && i < c->rules.n; i++) {
		int end = run_step(m, &c->rules.at[i].step, p, out, depth);

		if (end == RETURN)
			return NOTHING;
		if (end != NOTHING)
			return end;
	}
	return NOTHING;
}

void machine_run(const struct machine *m, const char *chain, const struct packet *p, struct outcome *ret)
{
	int end;

	ret->n = 0;
	end = run(m, chain, p, ret, 0);
	ret->verdict = end == ACCEPT   ? TRACE_ACCEPT
		       : end == DROP   ? TRACE_DROP
		       : end == REJECT ? TRACE_REJECT
				       : TRACE_PASS;
}
