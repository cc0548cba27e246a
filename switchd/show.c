/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Operational commands: one table gives words, help, completion and what is printed. Rows only; the CLI renders. */
#include "switchd/show.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "switchd/base/vec.h"

/* In alphabetical order of the words, which is the order of '?'. A '*' takes any word. */
static const struct command {
	const char *words, *help;
	const char *values; /* what completes each '*', in order: a list of the configuration, "link", a hint */
	void (*run)(struct show *s);
} commands[] = {
	{ "add dhcp lease * network * mac * client-id * expires * name *",
	  "Let a guest have a lease, as if it had been given; '-': none; seconds since 1970",
	  "<address> network <mac> <client-id> <time> <name>", show_add_lease },
	{ "attach * network *", "Join an interface to a network until detach", "link network", show_attach },
	{ "attach * network * profile *", "Join it with a profile", "link network port-profile", show_attach },
	{ "clear dhcp lease *", "Forget a lease: its client must ask again", "<address>", show_clear_lease },
	{ "clear dhcp lease * network *", "... of this network", "<address> network", show_clear_lease },
	{ "clear dns cache", "Forget cached answers", "", show_clear_cache },
	{ "detach *", "Take an attached interface out of its network", "link", show_detach },
	{ "monitor dhcp", "What guests ask DHCP for, and what they get, from now on", "", show_monitor_dhcp },
	{ "monitor dns", "What guests ask DNS, and what they are answered, from now on", "", show_monitor_dns },
	{ "monitor firewall log", "Packets that rules log, from now on", "", show_monitor_log },
	{ "monitor trace", "Follow packets through all rules, a few each second", "", show_monitor_trace },
	{ "monitor trace from *", "Those from a network, interface, address or subnet", "network", show_monitor_trace },
	{ "monitor trace from * protocol *", "... of a protocol", "network <protocol>", show_monitor_trace },
	{ "monitor trace from * protocol * port *", "... to a port", "network <protocol> <port>", show_monitor_trace },
	{ "monitor trace from * to *", "... to an address or subnet", "network <address>", show_monitor_trace },
	{ "monitor trace from * to * protocol *", "... of a protocol", "network <address> <protocol>",
	  show_monitor_trace },
	{ "monitor trace from * to * protocol * port *", "... to a port", "network <address> <protocol> <port>",
	  show_monitor_trace },
	{ "monitor trace to *", "Those to an address or subnet", "<address>", show_monitor_trace },
	{ "monitor trace to * protocol *", "... of a protocol", "<address> <protocol>", show_monitor_trace },
	{ "monitor trace to * protocol * port *", "... to a port", "<address> <protocol> <port>", show_monitor_trace },
	{ "ping *", "See whether an address answers", "<address>", show_in_vnetctl },
	{ "ping * count *", "Ask so many times", "<address> <number>", show_in_vnetctl },
	{ "ping * vrf *", "See whether an address answers in a VRF", "<address> vrf", show_in_vnetctl },
	{ "ping * vrf * count *", "Ask so many times", "<address> vrf <number>", show_in_vnetctl },
	{ "show bridge fdb", "Where stations are", "", show_fdb },
	{ "show capabilities", "What this kernel can do for vnet", "", show_capabilities },
	{ "show configuration", "Running configuration", "", show_configuration },
	{ "show configuration commands", "Running configuration as set commands", "", show_configuration_commands },
	{ "show configuration json", "Running configuration as JSON", "", show_configuration_json },
	{ "show conflicts", "What stays down, and why", "", show_conflicts },
	{ "show conntrack", "Connections of this host and through it", "", show_connections },
	{ "show dhcp leases", "Addresses given to guests", "", show_leases },
	{ "show dhcp statistics", "How full ranges are, and what was answered", "", show_dhcp_statistics },
	{ "show dns cache", "Cached answers of other servers", "", show_cache },
	{ "show dns names", "Names vnet answers for", "", show_names },
	{ "show dns statistics", "Queries and where their answers came from, by network", "", show_dns_statistics },
	{ "show drift", "What others changed and vnet mended last", "", show_drift },
	{ "show firewall", "Rule sets, and what none of their rules decided", "", show_firewall },
	{ "show firewall forward", "Rules of what passes through", "", show_firewall_rules },
	{ "show firewall groups", "Groups and their members", "", show_firewall_groups },
	{ "show firewall input", "Rules of what is for this host", "", show_firewall_rules },
	{ "show firewall log", "Packets that rules logged last", "", show_firewall_log },
	{ "show firewall name *", "Rules of a rule set, how often they matched and when last", "firewall name",
	  show_firewall_rules },
	{ "show firewall output", "Rules of what this host sends", "", show_firewall_rules },
	{ "show firewall raw", "Rules before connections are looked for", "", show_firewall_rules },
	{ "show firewall raw-output", "The same of what this host sends", "", show_firewall_rules },
	{ "show firewall shadowed", "Rules that can never match, and which hides them", "", show_firewall_shadowed },
	{ "show firewall unused", "Rules that never matched", "", show_firewall_unused },
	{ "show firewall zones", "Zones, their members, and what may enter them", "", show_firewall_zones },
	{ "show interfaces", "Interfaces of vnet", "", show_interfaces },
	{ "show ip route", "Routes of the host itself", "", show_routes },
	{ "show ip route vrf *", "Routes of a VRF", "vrf", show_routes },
	{ "show ipv6 route", "IPv6 routes of the host itself", "", show_routes },
	{ "show ipv6 route vrf *", "IPv6 routes of a VRF", "vrf", show_routes },
	{ "show libvirt network *", "The network as XML for virsh net-define", "network", show_libvirt_network },
	{ "show nat destination rules", "Rules that translate destinations", "", show_nat_rules },
	{ "show nat rules", "Translation and port forwards", "", show_nat },
	{ "show nat source rules", "Rules that translate sources", "", show_nat_rules },
	{ "show nat static rules", "Rules that translate both ways", "", show_nat_rules },
	{ "show nat translations", "Connections that are translated", "", show_translations },
	{ "show neighbors", "Stations the host knows", "", show_neighbors },
	{ "show network *", "One network", "network", show_network },
	{ "show networks", "All networks", "", show_networks },
	{ "show ports", "Interfaces of guests and uplinks", "", show_ports },
	{ "show sessions", "Who is connected", "", show_sessions },
	{ "show switches", "All switches", "", show_switches },
	{ "show system commit", "Commits, newest first: rollback points", "", show_commits },
	{ "show version", "Version of vnet", "", show_version },
	{ "show vrf", "Routing domains", "", show_vrfs },
	{ "trace from * address * to *", "What becomes of a ping from an address behind an interface",
	  "<network|interface> <address> <address>", show_trace },
	{ "trace from * address * to * *", "The same with another protocol",
	  "<network|interface> <address> <address> <protocol>", show_trace },
	{ "trace from * address * to * * *", "The same with a port",
	  "<network|interface> <address> <address> <protocol> <port>", show_trace },
	{ "trace from * to *", "What becomes of a ping from a network or an address",
	  "<network|address> <address>", show_trace },
	{ "trace from * to * *", "The same with another protocol", "<network|address> <address> <protocol>",
	  show_trace },
	{ "trace from * to * * *", "The same with a port", "<network|address> <address> <protocol> <port>",
	  show_trace },
	{ "traceroute *", "See the way to an address", "<address>", show_in_vnetctl },
	{ "traceroute * vrf *", "See the way to an address in a VRF", "<address> vrf", show_in_vnetctl },
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
		{ "show", "Show something" },
		{ "add", "Let something be known" },
		{ "clear", "Forget something" },
		{ "monitor", "Watch what happens, until Ctrl-C" },
		{ "attach", "Join an interface to a network" },
		{ "detach", "Take an interface out of its network" },
		{ "ping", "See whether an address answers" },
		{ "traceroute", "See the way to an address" },
		{ "bridge", "Bridges" },
		{ "dhcp", "DHCP service" },
		{ "dns", "DNS service" },
		{ "ip", "IPv4 routing" },
		{ "ipv6", "IPv6 routing" },
		{ "libvirt", "What libvirt is to know" },
		{ "nat", "Address translation" },
		{ "system", "The system" },
		{ "lease", "A lease" },
		{ "network", "A network" },
		{ "profile", "A profile of the port" },
		{ "route", "Routes" },
		{ "vrf", "A VRF" },
	};

	for (size_t i = 0; i < sizeof helps / sizeof *helps; i++)
		if (!strcmp(helps[i][0], word))
			return helps[i][1];
	return "";
}

/* What completes the '*' at word n. */
static void values_of(const struct command *c, int n, char *buf, size_t size)
{
	const char *s = c->values;
	char word[32];

	for (int i = 0; i < n; i++)
		if (!strcmp(pattern_word(c, i, word, sizeof word), "*"))
			s += strcspn(s, " ") + 1;
	snprintf(buf, size, "%.*s", (int)strcspn(s, " "), s);
}

static void offer_links(struct daemon *m, struct completion *ret, const char *partial)
{
	size_t i = 0;

	for (const struct object *o; (o = state_next(txn_state(m->txn), OBJECT_LINK, &i));)
		if (o->foreign && strcmp(o->key, "lo") != 0)
			offer(ret, o->key, "", true, partial);
}

static void offer_values(struct daemon *m, const struct command *c, int n, const char *partial, struct completion *ret)
{
	const struct node *parent = txn_running(m->txn);
	const char *list;
	char values[32];

	values_of(c, n, values, sizeof values);
	if (*values == '<') {
		offer(ret, strcmp(values, "<number>") != 0 ? "<address>" : "<number>", c->help, false, partial);
		return;
	}
	if (!strcmp(values, "link")) {
		offer_links(m, ret, partial);
		return;
	}
	list = strcmp(values, "vrf") != 0 ? values : "name";
	parent = strcmp(values, "vrf") != 0 ? parent : node_get(parent, "vrf");
	for (const struct node *e = node_first(parent, list); e; e = node_next(parent, e, list)) {
		const char *about = node_value(e, "description");

		offer(ret, node_key(e), about ? about : "", true, partial);
	}
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
		else if (w && strcmp(w, "*") != 0)
			offer(ret, w, pattern_word(c, n + 1, more, sizeof more) ? group_help(w) : c->help, true,
			      partial);
		else if (w)
			offer_values(m, c, n, partial, ret);
	}
	return 0;
}

bool show_changes(const char *word)
{
	static const char *const changes[] = { "add", "attach", "clear", "detach", "monitor" };

	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++)
		if (!strcmp(word, changes[i]))
			return true;
	return false;
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

/* By the first cell, then the second: names with numbers in them in the order of the numbers. */
static int row_cmp(const void *a, const void *b)
{
	const json_t *x = *(json_t *const *)a, *y = *(json_t *const *)b;
	int c = 0;

	for (size_t i = 0; !c && i < json_array_size(x) && i < json_array_size(y); i++)
		c = strverscmp(json_string_value(json_array_get(x, i)), json_string_value(json_array_get(y, i)));
	return c;
}

void show_sort(json_t *table)
{
	json_t *rows = json_object_get(table, "rows"), *sorted = json_array(), *row;
	struct vec(json_t *) all = { 0 };
	size_t i;

	json_array_foreach(rows, i, row)
		vec_push(&all, row);
	if (all.n)
		qsort(all.at, all.n, sizeof *all.at, row_cmp);
	for (i = 0; i < all.n; i++)
		json_array_append(sorted, all.at[i]);
	json_object_set_new(table, "rows", sorted);
	vec_done(&all);
}

void show_reply_table(struct show *s, json_t *table)
{
	ctl_reply(s->peer, json_pack("{s:[o]}", "tables", table), false);
}

void show_listing(struct show *s, enum object_kind kind, void (*fn)(void *ctx, const struct object *o), void *ctx,
		  json_t *table)
{
	struct diag d = { 0 };

	if (s->m->backend->list(s->m->kern, kind, fn, ctx, &d)) {
		ctl_refuse(s->peer, diag_text(&d));
		json_decref(table);
	} else {
		show_sort(table);
		show_reply_table(s, table);
	}
	diag_done(&d);
}

void show_reply_text(struct show *s, const char *text)
{
	ctl_reply(s->peer, json_pack("{s:[],s:s}", "tables", "text", text), false);
}
