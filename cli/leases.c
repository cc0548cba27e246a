/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * 'import leases FILE network NAME': what guests got from dnsmasq or libvirt stays theirs. The file is dnsmasq's, a
 * line each (expiry, MAC, address, name, client identifier), or libvirt's status file (JSON,
 * /var/lib/libvirt/dnsmasq).
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/verbs.h"

#define NEVER (10 * 31536000L) /* seconds: a lease without end gets a long one */

/* A lease as the file has it; "-": not given. */
struct known {
	const char *address, *mac, *name, *id;
	long long expires; /* seconds since the epoch, 0: never */
};

struct importing {
	struct cli *c;
	const char *network;
	size_t taken, refused;
	struct str reasons;
};

static void refuse(struct importing *g, const char *what, const char *why)
{
	g->refused++;
	str_addf(&g->reasons, "  %s: %.*s\n", what, (int)strcspn(why, "\n"), why);
}

static void take(struct importing *g, const struct known *k)
{
	long long now = (long long)time(NULL);
	char expires[32];
	struct diag d = { 0 };
	json_t *words, *reply = NULL;

	if (strchr(k->address, ':')) {
		refuse(g, k->address, "leases of DHCPv6 are not taken");
		return;
	}
	if (k->expires && k->expires <= now) {
		refuse(g, k->address, "has expired");
		return;
	}
	snprintf(expires, sizeof expires, "%lld", k->expires ? k->expires : now + NEVER);
	words = json_pack("{s:[s,s,s,s,s,s,s,s,s,s,s,s,s,s]}", "words", "add", "dhcp", "lease", k->address, "network",
			  g->network, "mac", k->mac, "client-id", k->id, "expires", expires, "name", k->name);
	if (!words)
		refuse(g, "an entry", "is not a text in UTF-8");
	else if (cli_ask(g->c, "io.vnet.Run", words, &reply, &d))
		refuse(g, k->address, diag_text(&d));
	else
		g->taken++;
	json_decref(reply);
	diag_done(&d);
}

/* dnsmasq's lines; the 'duid' line and what follows it is of DHCPv6. */
static void read_lines(struct importing *g, char *text)
{
	char *rest = text;

	for (char *line; (line = strsep(&rest, "\n"));) {
		char *word[5], *at = line, *end;
		size_t n = 0;
		struct known k;

		while (n < 5 && (word[n] = strsep(&at, " \t\r")))
			n += *word[n] != '\0';
		if (!n || !strcmp(word[0], "duid"))
			continue;
		if (n < 4) {
			refuse(g, line, "is not a lease");
			continue;
		}
		k = (struct known){ word[2], word[1], word[3], n > 4 ? word[4] : "*", strtoll(word[0], &end, 10) };
		k.name = strcmp(k.name, "*") ? k.name : "-";
		k.id = strcmp(k.id, "*") ? k.id : "-";
		if (*end)
			refuse(g, k.address, "has no time it expires at");
		else
			take(g, &k);
	}
}

static const char *member(const json_t *entry, const char *name)
{
	const char *s = json_string_value(json_object_get(entry, name));

	return s && *s ? s : "-";
}

static void read_status(struct importing *g, const json_t *entries)
{
	const json_t *entry;
	size_t i;

	json_array_foreach(entries, i, entry) {
		struct known k = { member(entry, "ip-address"), member(entry, "mac-address"), member(entry, "hostname"),
				   member(entry, "client-id"),
				   json_integer_value(json_object_get(entry, "expiry-time")) };

		take(g, &k);
	}
}

bool cli_take_leases(struct cli *c, const char *text, const char *network, struct str *out)
{
	struct importing g = { .c = c, .network = network };
	json_t *status_file = json_loads(text, 0, NULL);
	char *copy = json_is_array(status_file) ? NULL : strdup(text);

	if (copy)
		read_lines(&g, copy);
	else
		read_status(&g, status_file);
	str_addf(out, "leases taken: %zu\n", g.taken);
	if (g.refused)
		str_addf(out, "not taken: %zu\n%s", g.refused, str_get(&g.reasons));
	free(copy);
	json_decref(status_file);
	str_done(&g.reasons);
	return !g.refused || g.taken;
}

enum cli_status cli_do_import_leases(struct cli *c, struct cli_command *cmd)
{
	struct str out = { 0 };
	json_t *text = NULL;
	enum cli_status status;
	bool any;

	if (cmd->words.n != 5 || strcmp(cmd->words.at[3], "network") != 0)
		return cli_usage(c, "import leases FILE network NAME");
	status = cli_read_text(c, cmd->words.at[2], &text);
	if (status)
		return status;
	any = cli_take_leases(c, json_string_value(text), cmd->words.at[4], &out);
	status = cli_print_text(c, &cmd->pipe, str_get(&out), false);
	json_decref(text);
	str_done(&out);
	return status || any ? status : CLI_REFUSED;
}
