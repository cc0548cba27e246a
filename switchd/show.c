/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Operational commands: one table gives words, help, completion and what is printed. Rows only; the CLI renders. */
#include "switchd/show.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "switchd/base/vec.h"

/* In alphabetical order of the words, which is the order of '?'. A '*' takes any word. */
static const struct command {
	const char *words, *help;
	const char *list; /* completion of '*': keys of this list */
	void (*run)(struct show *s);
} commands[] = {
	{ "clear dhcp lease *", "Forget a lease: its client must ask again", NULL, show_clear_lease },
	{ "clear dns cache", "Forget cached answers", NULL, show_clear_cache },
	{ "show capabilities", "What this kernel can do for vnet", NULL, show_capabilities },
	{ "show configuration", "Running configuration", NULL, show_configuration },
	{ "show configuration commands", "Running configuration as set commands", NULL, show_configuration_commands },
	{ "show configuration json", "Running configuration as JSON", NULL, show_configuration_json },
	{ "show conflicts", "Networks that stay down, and why", NULL, show_conflicts },
	{ "show dhcp leases", "Addresses given to guests", NULL, show_leases },
	{ "show dns cache", "Cached answers of other servers", NULL, show_cache },
	{ "show dns names", "Names vnet answers for", NULL, show_names },
	{ "show drift", "What others changed and vnet mended last", NULL, show_drift },
	{ "show interfaces", "Interfaces of vnet", NULL, show_interfaces },
	{ "show nat rules", "Translation and port forwards", NULL, show_nat },
	{ "show network *", "One network", "network", show_network },
	{ "show networks", "All networks", NULL, show_networks },
	{ "show sessions", "Who is connected", NULL, show_sessions },
	{ "show system commit", "Commits, newest first: rollback points", NULL, show_commits },
	{ "show version", "Version of vnet", NULL, show_version },
};

enum { COMMANDS = sizeof commands / sizeof *commands };

/* The i-th word of a command's pattern into 'buf', or NULL. */
static const char *pattern_word(const struct command *c, int i, char *buf, size_t size)
{
	const char *s = c->words;

	while (i-- && s)
		if ((s = strchr(s, ' ')))
			s++;
	if (!s)
		return NULL;
	snprintf(buf, size, "%.*s", (int)strcspn(s, " "), s);
	return buf;
}

static bool fits(const struct command *c, int n, const char *const *words)
{
	char buf[32];

	for (int i = 0; i < n; i++) {
		const char *w = pattern_word(c, i, buf, sizeof buf);

		if (!w || (strcmp(w, "*") && strcmp(w, words[i])))
			return false;
	}
	return true;
}

int show_expand(int n, const char **words, struct diag *d)
{
	static char full[PATH_WORDS][32];

	for (int i = 0; i < n; i++) {
		const char *hit = NULL;
		struct str list = { 0 };
		int hits = 0;
		bool any = false;

		for (size_t k = 0; k < COMMANDS; k++) {
			char buf[32];
			const char *w =
				fits(&commands[k], i, words) ? pattern_word(&commands[k], i, buf, sizeof buf) : NULL;

			if (!w)
				continue;
			any |= !strcmp(w, "*");
			if (!str_starts(w, words[i]) || (hits && !strcmp(full[i], w)))
				continue;
			if (hits && !strcmp(full[i], words[i]))
				continue; /* an exact name wins */
			hits = !strcmp(w, words[i]) ? 1 : hits + 1;
			str_addf(&list, "%s%s", list.len ? ", " : "", w);
			snprintf(full[i], sizeof full[i], "%s", w);
			hit = full[i];
		}
		if (hits == 1)
			words[i] = hit;
		else if (hits > 1)
			diag_error(d, NULL, "'%s' is ambiguous: %s", words[i], str_get(&list));
		else if (!any)
			diag_error(d, NULL, "there is no command '%s' here; '?' lists what there is", words[i]);
		str_done(&list);
		if (hits > 1 || (!hits && !any))
			return -EINVAL;
	}
	return 0;
}

static void offer(struct completion *c, const char *word, const char *help, bool literal, const char *partial)
{
	if (literal && !str_starts(word, partial))
		return;
	for (size_t i = 0; i < c->at.n; i++)
		if (!strcmp(c->at.at[i].word, word))
			return;
	vec_push(&c->at, (struct candidate){ word, help, literal });
}

/* Help for a word that more words follow. */
static const char *group_help(const char *word)
{
	static const char *const helps[][2] = {
		{ "show", "Show something" }, { "clear", "Forget something" },  { "dhcp", "DHCP service" },
		{ "dns", "DNS service" },     { "nat", "Address translation" }, { "system", "The system" },
		{ "lease", "A lease" },       { "network", "One network" },
	};

	for (size_t i = 0; i < sizeof helps / sizeof *helps; i++)
		if (!strcmp(helps[i][0], word))
			return helps[i][1];
	return "";
}

int show_complete(struct daemon *m, int n, const char *const *words, const char *partial, struct completion *ret,
		  struct diag *d)
{
	static char found[COMMANDS][32];
	const char *full[PATH_WORDS];

	*ret = (struct completion){ 0 };
	memcpy(full, words, (size_t)n * sizeof *full);
	if (show_expand(n, full, d))
		return -EINVAL;
	for (size_t k = 0; k < COMMANDS; k++) {
		const struct command *c = &commands[k];
		char more[32];
		const char *w = fits(c, n, full) ? pattern_word(c, n, found[k], sizeof found[k]) : NULL;

		if (fits(c, n, full) && !w)
			ret->complete = true;
		if (!w)
			continue;
		if (strcmp(w, "*"))
			offer(ret, w, pattern_word(c, n + 1, more, sizeof more) ? group_help(w) : c->help, true,
			      partial);
		else if (!c->list)
			offer(ret, "<address>", c->help, false, partial);
		for (const struct node *e = !strcmp(w, "*") && c->list ? node_first(txn_running(m->txn), c->list)
								       : NULL;
		     e; e = node_next(txn_running(m->txn), e, c->list)) {
			const char *about = node_value(e, "description");

			offer(ret, node_key(e), about ? about : "", true, partial);
		}
	}
	return 0;
}

void show_run(struct daemon *m, struct ctl_peer *peer, int n, const char *const *words)
{
	struct show s = { .m = m, .peer = peer, .n = n, .words = words };
	struct str line = { 0 };

	for (size_t k = 0; k < COMMANDS; k++) {
		char buf[32];

		if (!fits(&commands[k], n, words) || pattern_word(&commands[k], n, buf, sizeof buf))
			continue;
		commands[k].run(&s);
		return;
	}
	for (int i = 0; i < n; i++)
		str_addf(&line, "%s%s", i ? " " : "", words[i]);
	str_add(&line, n ? ": there is no such command; 'show ?' lists what there is" : "nothing to do");
	ctl_refuse(peer, str_get(&line));
	str_done(&line);
}

/* ---- building tables ------------------------------------------------------------------------- */

json_t *show_table(const char *title, const char *const *columns)
{
	json_t *t = json_object(), *c = json_array();

	if (title)
		json_object_set_new(t, "title", json_string(title));
	for (; *columns; columns++)
		json_array_append_new(c, json_string(*columns));
	json_object_set_new(t, "columns", c);
	json_object_set_new(t, "rows", json_array());
	return t;
}

json_t *show_row(json_t *table)
{
	json_t *row = json_array();

	json_array_append_new(json_object_get(table, "rows"), row);
	return row;
}

void show_cell(json_t *row, const char *fmt, ...)
{
	struct str s = { 0 };
	va_list ap;

	va_start(ap, fmt);
	str_vaddf(&s, fmt, ap);
	va_end(ap);
	json_array_append_new(row, json_string(str_get(&s)));
	str_done(&s);
}

void show_reply_table(struct show *s, json_t *table)
{
	ctl_reply(s->peer, json_pack("{s:[o]}", "tables", table), false);
}

void show_reply_text(struct show *s, const char *text)
{
	ctl_reply(s->peer, json_pack("{s:[],s:s}", "tables", "text", text), false);
}
