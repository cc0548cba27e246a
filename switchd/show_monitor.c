/* SPDX-License-Identifier: GPL-2.0-or-later */
/* 'show firewall log' and 'monitor'. */
#include <string.h>
#include <time.h>

#include "switchd/monitor.h"
#include "switchd/plan/match_type.h"
#include "switchd/plan/names.h"
#include "switchd/show.h"

static void add_logged(void *ctx, const struct logged *l)
{
	const struct headers *h = &l->what.headers;
	struct str source = { 0 }, destination = { 0 }, protocol = { 0 };
	time_t seconds = (time_t)l->time;
	json_t *row = show_row(ctx);
	char when[32];
	struct tm tm;

	strftime(when, sizeof when, "%Y-%m-%d %H:%M:%S", localtime_r(&seconds, &tm));
	headers_print_end(&h->source, h->sport, &source);
	headers_print_end(&h->destination, h->dport, &destination);
	headers_print_protocol(h, &protocol);
	show_cell(row, "%s.%03d", when, (int)((l->time - (double)seconds) * 1000));
	show_cell(row, "%s", l->what.text);
	show_cell(row, "%s", *l->what.in ? l->what.in : "-");
	show_cell(row, "%s", *l->what.out ? l->what.out : "-");
	show_cell(row, "%s", str_get(&source));
	show_cell(row, "%s", str_get(&destination));
	show_cell(row, "%s", str_get(&protocol));
	show_cell(row, "%u", h->length);
	str_done(&source);
	str_done(&destination);
	str_done(&protocol);
}

void show_firewall_log(struct show *s)
{
	static const char *const columns[] = { "time",        "rule",     "in",     "out", "source",
					       "destination", "protocol", "length", NULL };
	json_t *table = show_table(NULL, columns);

	monitor_each(s->m->monitor, add_logged, table);
	show_reply_table(s, table);
}

/* ---- monitor --------------------------------------------------------------------------------- */

/* Without "more" only one reply could be given. */
static bool may_go_on(struct show *s)
{
	if (!ctl_goes_on(s->peer))
		ctl_refuse(s->peer, "monitor goes on replying; call it with \"more\"");
	return ctl_goes_on(s->peer);
}

void show_monitor_dhcp(struct show *s)
{
	if (may_go_on(s))
		services_watch(s->m->services, "dhcp", s->peer);
}

void show_monitor_dns(struct show *s)
{
	if (may_go_on(s))
		services_watch(s->m->services, "dns", s->peer);
}

void show_monitor_log(struct show *s)
{
	if (may_go_on(s))
		monitor_watch_log(s->m->monitor, s->peer);
}

static void match_address(const char *which, const struct prefix *p, struct str *out)
{
	char text[ADDR_TEXT];

	str_addf(out, "%s %s %s ", p->ip.family == 6 ? "ip6" : "ip", which, prefix_text(p, text));
}

static int read_prefix(const char *word, struct prefix *ret)
{
	if (!prefix_parse(word, ret)) {
		*ret = prefix_network(ret);
		return 0;
	}
	if (ip_parse(word, &ret->ip))
		return -1;
	ret->len = (uint8_t)ip_bits(&ret->ip);
	return 0;
}

/* From a network, an interface, an address or a subnet. */
static int match_from(const struct show *s, const char *word, struct str *out, struct diag *d)
{
	const struct node *config = txn_running(s->m->txn), *network = node_find(config, "network", word);
	char device[IFNAMSIZ];
	struct prefix p = { 0 };

	if (!network && !read_prefix(word, &p)) {
		match_address("saddr", &p, out);
		return 0;
	}
	if (!network && !state_get(txn_state(s->m->txn), OBJECT_LINK, word))
		return diag_error(d, NULL, "monitor: %s is no network, interface, address or subnet that is known here",
				  word);
	str_addf(out, "iifname \"%s\" ", network ? names_network_device(network, device) : word);
	return 0;
}

static int match_protocol(const char *protocol, const char *port, struct str *out, struct diag *d)
{
	int number = match_protocol_number(protocol);
	char *end;

	if (number < 0)
		return diag_error(d, NULL, "monitor: %s is not a protocol, like tcp", protocol);
	str_addf(out, "meta l4proto %d ", number);
	if (!port)
		return 0;
	if (!strtoul(port, &end, 10) || *end || strtoul(port, NULL, 10) > UINT16_MAX)
		return diag_error(d, NULL, "monitor: %s is not a port", port);
	str_addf(out, "th dport %s ", port);
	return 0;
}

/* monitor trace [from X] [to A] [protocol P] [port N] */
void show_monitor_trace(struct show *s)
{
	struct str filter = { 0 };
	const char *protocol = NULL, *port = NULL;
	struct diag d = { 0 };
	struct prefix p = { 0 };
	int err = 0;

	if (!may_go_on(s))
		return;
	for (int i = 2; i + 1 < s->n && !err; i += 2) {
		const char *word = s->words[i], *value = s->words[i + 1];

		if (!strcmp(word, "from"))
			err = match_from(s, value, &filter, &d);
		else if (!strcmp(word, "to") && read_prefix(value, &p))
			err = diag_error(&d, NULL, "monitor: %s is not an address or subnet", value);
		else if (!strcmp(word, "to"))
			match_address("daddr", &p, &filter);
		else if (!strcmp(word, "protocol"))
			protocol = value;
		else
			port = value;
	}
	if (!err && protocol)
		err = match_protocol(protocol, port, &filter, &d);
	if (err || monitor_follow(s->m->monitor, s->peer, str_get(&filter), &d))
		ctl_refuse(s->peer, diag_text(&d));
	str_done(&filter);
	diag_done(&d);
}
