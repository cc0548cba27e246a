/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include "vyos/vyos.h"

/* A line being translated. */
struct translating {
	const struct node *root;
	struct vyos_file *file;
	int n;
	const char *const *words;
	struct vyos_lines *out;
};

/* The i-th word, "" behind the end. */
const char *vyos_word(const struct translating *t, int i);
bool vyos_is(const struct translating *t, int i, const char *word);
bool vyos_is_any(const char *word, const char *const *words);

/* Begin a line of ours; add words, then all of the line from word i on. */
struct vyos_line *vyos_line(struct translating *t);
void vyos_add(struct vyos_line *l, const char *word);
void vyos_add_rest(struct translating *t, struct vyos_line *l, int i);

/* It is not taken. True, for callers to return. */
bool vyos_refuse(struct translating *t, const char *reason);
void vyos_note(struct translating *t, const char *note);

/* firewall.c, nat.c, rest.c: false: the words are ours. */
bool vyos_firewall(struct translating *t);
bool vyos_zone(struct translating *t, int at);
bool vyos_nat(struct translating *t);
bool vyos_protocols(struct translating *t, int at, struct vyos_line *before);
bool vyos_interfaces(struct translating *t);
bool vyos_others(struct translating *t);

/* The rule set that IPv6 rules of the name go to: another one where it is taken for IPv4. */
const char *vyos_name6(const struct translating *t, const char *name);
