/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * The file is read twice: first for the names it has for IPv4, which decide how IPv6 rule sets are called, then line by
 * line. A line is taken when all that it becomes can be set; else nothing of it is, and the report has it with the
 * reason. Where both families have the same rules under one name, they become one rule set at the end.
 */
#include <errno.h>
#include <string.h>

#include "vyos/internal.h"

struct importing {
	struct node **root;
	struct vyos_file file;
	struct arena arena;
	const char *name;
	struct vyos_report *report;
};

static void print_words(int n, const char *const *words, struct str *out)
{
	str_add(out, "set");
	for (int i = 0; i < n; i++) {
		str_addc(out, ' ');
		str_add_quoted(out, words[i]);
	}
}

/* ---- first reading --------------------------------------------------------------------------- */

static void remember(struct importing *im, const char *name)
{
	if (!map_get(&im->file.four, name))
		map_put(&im->file.four, arena_strdup(&im->arena, name), im);
}

static int note_names(void *ctx, const struct text_line *l, struct diag *d)
{
	static const char *const bases[][3] = { { "forward", "filter", "base forward" },
						{ "input", "filter", "base input" },
						{ "output", "filter", "base output" },
						{ "prerouting", "raw", "base raw" },
						{ "output", "raw", "base raw-output" } };
	struct importing *im = ctx;
	const char *const *w = l->words;

	(void)d;
	if (l->n < 3 || strcmp(w[0], "firewall") != 0)
		return 0;
	if (!strcmp(w[1], "name"))
		remember(im, w[2]);
	if (l->n < 4 || strcmp(w[1], "ipv4") != 0)
		return 0;
	if (!strcmp(w[2], "name"))
		remember(im, w[3]);
	for (size_t i = 0; i < sizeof bases / sizeof *bases; i++)
		if (l->n > 4 && !strcmp(w[2], bases[i][0]) && !strcmp(w[3], bases[i][1]) && !strcmp(w[4], "rule"))
			remember(im, bases[i][2]);
	return 0;
}

/* ---- second reading -------------------------------------------------------------------------- */

static void refuse(struct importing *im, const struct text_line *l, const char *reason)
{
	size_t len = strcspn(reason, "\n");

	im->report->refused_n++;
	str_addf(&im->report->refused, "%s:%d: ", im->name, l->line);
	print_words(l->n, l->words, &im->report->refused);
	str_addf(&im->report->refused, " - %.*s\n", (int)len, reason);
}

static bool is_same(const struct text_line *l, const struct vyos_lines *lines)
{
	const struct vyos_line *one = lines->at.at;

	if (lines->at.n != 1 || one->n != l->n)
		return false;
	for (int i = 0; i < l->n; i++)
		if (strcmp(one->words[i], l->words[i]) != 0)
			return false;
	return true;
}

static void note_changed(struct importing *im, const struct text_line *l, const struct vyos_lines *lines)
{
	struct str *out = &im->report->changed;

	im->report->changed_n++;
	print_words(l->n, l->words, out);
	str_add(out, " ->");
	for (size_t i = 0; i < lines->at.n; i++) {
		str_add(out, i ? "; " : " ");
		print_words(lines->at.at[i].n, lines->at.at[i].words, out);
	}
	if (!lines->at.n)
		str_add(out, " nothing");
	if (lines->note)
		str_addf(out, " (%s)", lines->note);
	str_addc(out, '\n');
}

/* Set all of it or nothing; false with the reason in 'd'. */
static bool apply(struct importing *im, const struct vyos_lines *lines, struct diag *d)
{
	struct node *before = node_ref(*im->root);

	for (size_t i = 0; i < lines->at.n; i++)
		if (tree_set_plain(im->root, lines->at.at[i].n, lines->at.at[i].words, d)) {
			node_unref(*im->root);
			*im->root = before;
			return false;
		}
	node_unref(before);
	return true;
}

/* "firewall name X rule 10 source address: 'a' is not ..." without the path, which the line shows. */
static const char *reason_of(const struct diag *d)
{
	const char *text = diag_text(d), *colon = strstr(text, ": ");

	return colon ? colon + 2 : text;
}

enum { DESCRIPTION = 255 };

/* VyOS has kept longer ones in its time, and cuts them as well. */
static void cut_description(struct importing *im, struct vyos_lines *lines)
{
	struct vyos_line *l = lines->at.n ? &lines->at.at[lines->at.n - 1] : NULL;
	size_t n = DESCRIPTION;

	if (!l || l->n < 3 || strcmp(l->words[l->n - 2], "description") != 0 || strlen(l->words[l->n - 1]) <= n)
		return;
	while (n && ((unsigned char)l->words[l->n - 1][n] & 0xc0) == 0x80)
		n--;
	l->words[l->n - 1] = arena_strndup(&im->arena, l->words[l->n - 1], n);
	lines->note = "descriptions have 255 bytes at most";
}

static int take(void *ctx, const struct text_line *l, struct diag *unused)
{
	struct importing *im = ctx;
	struct vyos_lines lines = { .arena = &im->arena };
	struct diag d = { 0 };
	bool foreign;

	(void)unused;
	if (l->block)
		return 0;
	im->report->lines++;
	foreign = vyos_translate(*im->root, &im->file, l->n, l->words, &lines);
	if (!foreign) {
		struct vyos_line *same = vec_add(&lines.at);

		same->n = l->n;
		memcpy(same->words, l->words, (size_t)l->n * sizeof *same->words);
	}
	cut_description(im, &lines);
	if (l->deletes)
		refuse(im, l, "a configuration only sets");
	else if (lines.reason)
		refuse(im, l, lines.reason);
	else if (!apply(im, &lines, &d))
		refuse(im, l, reason_of(&d));
	else {
		im->report->taken_n++;
		if (!is_same(l, &lines))
			note_changed(im, l, &lines);
	}
	diag_done(&d);
	vec_done(&lines.at);
	return 0;
}

/* ---- equal rule sets ------------------------------------------------------------------------- */

/* The same but for the mark, "ipv4" in one, "ipv6" in the other? */
static bool is_equal(const struct node *four, const struct node *six)
{
	struct str a = { 0 }, b = { 0 };
	const char *mark;
	bool equal;

	tree_print_set(four, "", &a);
	tree_print_set(six, "", &b);
	mark = strstr(str_get(&a), "ipv4\n");
	equal = mark && a.len == b.len;
	for (size_t i = 0; equal && i < a.len; i++)
		equal = a.s[i] == b.s[i] || (&a.s[i] == mark + 3 && b.s[i] == '6');
	str_done(&a);
	str_done(&b);
	return equal;
}

/* Words of the line that name the IPv6 rule set name the common one. */
static void rename_words(struct arena *arena, char *line, const char *name6, const char *name, struct str *out)
{
	char *words[PATH_WORDS + 1];
	int n = str_words(arena_strdup(arena, line), words, PATH_WORDS);

	for (int i = 0; i < n; i++) {
		str_add(out, i ? " " : "");
		str_add_quoted(out, strcmp(words[i], name6) ? words[i] : name);
	}
	str_addc(out, '\n');
}

static void join(struct importing *im, const char *name)
{
	const char *name6 = arena_printf(&im->arena, "%s-v6", name);
	const struct node *fw = node_get(*im->root, "firewall"), *four = node_find(fw, "name", name);
	const struct node *six = node_find(fw, "name", name6);
	struct str text = { 0 }, joined = { 0 };
	struct node *fresh;
	char gone[96], *save;

	if (!four || !six || !node_flag(four, "ipv4") || !is_equal(four, six))
		return;
	tree_print_set(*im->root, "", &text);
	snprintf(gone, sizeof gone, "set firewall name %s ", name6);
	for (char *l = strtok_r(arena_strdup(&im->arena, str_get(&text)), "\n", &save); l;
	     l = strtok_r(NULL, "\n", &save))
		if (strncmp(l, gone, strlen(gone)) != 0 &&
		    strcmp(l, arena_printf(&im->arena, "set firewall name %s ipv4", name)) != 0)
			rename_words(&im->arena, l, name6, name, &joined);
	fresh = tree_sibling(*im->root);
	if (!tree_parse(&fresh, str_get(&joined), joined.len, im->name, NULL)) {
		struct node *old = *im->root;

		*im->root = fresh;
		node_unref(old);
		str_addf(&im->report->changed, "firewall name %s and %s are the same -> one for both families\n", name,
			 name6);
	} else {
		node_unref(fresh);
	}
	str_done(&text);
	str_done(&joined);
}

int vyos_import(struct node **root, const char *text, size_t len, const char *name, struct vyos_report *ret_report,
		struct diag *d)
{
	struct node *work = node_ref(*root);
	struct importing im = { .root = &work, .name = name, .report = ret_report };
	size_t i = 0;
	int err;

	*ret_report = (struct vyos_report){ 0 };
	err = text_read(text, len, name, note_names, &im, d);
	if (!err)
		err = text_read(text, len, name, take, &im, d);
	for (struct map_entry *e; !err && (e = map_next(&im.file.four, &i));)
		join(&im, e->key);
	if (err) {
		node_unref(work);
	} else {
		node_unref(*root);
		*root = work;
	}
	map_done(&im.file.four);
	map_done(&im.file.starts);
	arena_done(&im.arena);
	return err;
}

void vyos_report_done(struct vyos_report *r)
{
	str_done(&r->changed);
	str_done(&r->refused);
}
