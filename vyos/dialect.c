/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * A line of foreign words becomes lines of ours, by nothing but itself, the configuration it is for and, in a whole
 * file, which names the file has for IPv4. Our own words fall through the first comparisons. Rule sets of VyOS see one
 * family; ours see both unless they are marked, so a line of theirs comes with the line that marks its rule set.
 */
#include <errno.h>
#include <string.h>

#include "vyos/internal.h"

const char *vyos_word(const struct translating *t, int i)
{
	return i < t->n ? t->words[i] : "";
}

bool vyos_is(const struct translating *t, int i, const char *word)
{
	return !strcmp(vyos_word(t, i), word);
}

bool vyos_is_any(const char *word, const char *const *words)
{
	for (; *words; words++)
		if (!strcmp(word, *words))
			return true;
	return false;
}

struct vyos_line *vyos_line(struct translating *t)
{
	struct vyos_line *l = vec_add(&t->out->at);

	l->n = 0;
	return l;
}

void vyos_add(struct vyos_line *l, const char *word)
{
	if (l->n < PATH_WORDS)
		l->words[l->n++] = word;
}

void vyos_add_rest(struct translating *t, struct vyos_line *l, int i)
{
	for (; i < t->n; i++)
		vyos_add(l, t->words[i]);
}

bool vyos_refuse(struct translating *t, const char *reason)
{
	t->out->at.n = 0;
	t->out->reason = reason;
	return true;
}

void vyos_note(struct translating *t, const char *note)
{
	t->out->note = note;
}

bool vyos_translate(const struct node *root, struct vyos_file *file, int n, const char *const *words,
		    struct vyos_lines *ret_lines)
{
	struct translating t = { root, file, n, words, ret_lines };

	if (vyos_is(&t, 0, "firewall"))
		return vyos_firewall(&t);
	if (vyos_is(&t, 0, "network") || vyos_is(&t, 0, "switch") || vyos_is(&t, 0, "interface"))
		return false;
	if (vyos_is(&t, 0, "zone-policy"))
		return vyos_is(&t, 1, "zone") ? vyos_zone(&t, 2) : true;
	if (vyos_is(&t, 0, "nat") || vyos_is(&t, 0, "nat66"))
		return vyos_nat(&t);
	if (vyos_is(&t, 0, "protocols"))
		return vyos_protocols(&t, 1, NULL);
	if (vyos_is(&t, 0, "interfaces"))
		return vyos_interfaces(&t);
	return vyos_others(&t);
}

int vyos_dialect(struct node **root, bool set, int n, const char *const *words, struct diag *d, bool *ret_mine)
{
	struct arena arena = { 0 };
	struct vyos_lines lines = { .arena = &arena };
	int err = 0;

	*ret_mine = n > 0 && vyos_translate(*root, NULL, n, words, &lines);
	if (*ret_mine && lines.reason)
		err = diag_error(d, words[0], "%s", lines.reason);
	/* the last line is what was said, those before it mark its rule set */
	for (size_t i = set ? 0 : lines.at.n - (lines.at.n > 0); *ret_mine && !err && i < lines.at.n; i++)
		err = set ? tree_set_plain(root, lines.at.at[i].n, lines.at.at[i].words, d)
			  : tree_delete_plain(root, lines.at.at[i].n, lines.at.at[i].words, d);
	vec_done(&lines.at);
	arena_done(&arena);
	return err;
}
