/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * Both curly texts become trees of lines. The children of a node are merged in order: a line both sides have is
 * descended into, one that only the candidate has is '+', one that only the running configuration has is '-'. A
 * setting that stands once on each side under the same name with different values is one '>' line. Both sides are
 * sorted alike by the daemon, so what was deleted goes before the next line both sides have.
 */
#include <string.h>

#include "cli/render.h"
#include "switchd/base/map.h"
#include "switchd/base/vec.h"

struct line {
	const char *text; /* without indentation, brace and newline */
	bool block, seen;
	struct vec(struct line *) kids;
};

static struct line *parse_block(char **text)
{
	struct line *block = mem_alloc(sizeof *block);

	while (**text) {
		char *s = *text + strspn(*text, " "), *end = s + strcspn(s, "\n");
		struct line *kid;

		*text = *end ? end + 1 : end;
		*end = '\0';
		if (!strcmp(s, "}"))
			break;
		if (end - s > 2 && !strcmp(end - 2, " {")) {
			end[-2] = '\0';
			kid = parse_block(text);
			kid->block = true;
		} else {
			kid = mem_alloc(sizeof *kid);
		}
		kid->text = s;
		vec_push(&block->kids, kid);
	}
	return block;
}

static void free_line(struct line *l)
{
	for (size_t i = 0; i < l->kids.n; i++)
		free_line(l->kids.at[i]);
	vec_done(&l->kids);
	free(l);
}

static void print_line(const struct line *l, char mark, int depth, struct str *out)
{
	str_addf(out, "%c%*s%s%s\n", mark, depth * 4, "", l->text, l->block ? " {" : "");
	for (size_t i = 0; i < l->kids.n; i++)
		print_line(l->kids.at[i], mark, depth + 1, out);
	if (l->block)
		str_addf(out, "%c%*s}\n", mark, depth * 4, "");
}

/* The only setting of that name in the block, or NULL. */
static struct line *only(const struct line *block, const char *text)
{
	size_t len = strcspn(text, " ");
	struct line *hit = NULL;

	for (size_t i = 0; i < block->kids.n; i++) {
		struct line *kid = block->kids.at[i];

		if (kid->block || strncmp(kid->text, text, len) || (kid->text[len] && kid->text[len] != ' '))
			continue;
		if (hit)
			return NULL;
		hit = kid;
	}
	return hit;
}

static void index_kids(const struct line *block, struct map *m)
{
	for (size_t i = 0; i < block->kids.n; i++)
		map_put(m, block->kids.at[i]->text, block->kids.at[i]);
}

/* Settings that changed their value: both are paired, only the new one is printed. */
static struct line *former_value(const struct line *old, const struct line *new, const struct line *kid,
				 const struct map *new_index)
{
	struct line *was = kid->block ? NULL : only(old, kid->text);

	return was && !map_get(new_index, was->text) && only(new, kid->text) ? was : NULL;
}

/* Print what was deleted from number 'at' up to the line 'end'; returns where that is. */
static size_t print_deleted(const struct line *old, size_t at, const struct line *end, const struct map *new_index,
			    int depth, struct str *out)
{
	for (; at < old->kids.n && old->kids.at[at] != end; at++)
		if (!old->kids.at[at]->seen && !map_get(new_index, old->kids.at[at]->text))
			print_line(old->kids.at[at], '-', depth, out);
	return at;
}

static void merge(const struct line *old, const struct line *new, int depth, struct str *out)
{
	struct map old_index = { 0 }, new_index = { 0 };
	size_t at = 0;

	index_kids(old, &old_index);
	index_kids(new, &new_index);
	for (size_t i = 0; i < new->kids.n; i++) {
		struct line *was = former_value(old, new, new->kids.at[i], &new_index);

		if (was)
			was->seen = true;
	}
	for (size_t i = 0; i < new->kids.n; i++) {
		struct line *kid = new->kids.at[i], *was = map_get(&old_index, kid->text);
		struct line *former = was ? NULL : former_value(old, new, kid, &new_index);

		if (was || former)
			at = print_deleted(old, at, was ? was : former, &new_index, depth, out);
		if (!was) {
			print_line(kid, former ? '>' : '+', depth, out);
			continue;
		}
		str_addf(out, " %*s%s%s\n", depth * 4, "", kid->text, kid->block ? " {" : "");
		merge(was, kid, depth + 1, out);
		if (kid->block)
			str_addf(out, " %*s}\n", depth * 4, "");
	}
	print_deleted(old, at, NULL, &new_index, depth, out);
	map_done(&old_index);
	map_done(&new_index);
}

void cli_render_marks(const char *running, const char *candidate, struct str *out)
{
	char *old_text = mem_strdup(running), *new_text = mem_strdup(candidate), *s = old_text;
	struct line *old = parse_block(&s), *new;

	s = new_text;
	new = parse_block(&s);
	merge(old, new, 0, out);
	free_line(old);
	free_line(new);
	free(old_text);
	free(new_text);
}
