/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What switchd says to the service: plan/service.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dhcp/server.h"
#include "switchd/base/domain.h"
#include "switchd/base/hex.h"
#include "switchd/base/log.h"
#include "switchd/base/msg.h"
#include "switchd/model/model.h"

enum { CONFIG_MAX = 256 << 20 };

static void compact(struct dhcp_server *s, int fd)
{
	int err = dhcp_pools_compact(&s->pools, &s->ledger.store, fd);

	if (err) {
		log_error("leases cannot be stored: %s; the old file is kept", strerror(-err));
		return;
	}
	s->ledger.rotate_asked = 0;
	dhcp_say_word(s, SERVICE_ROTATED);
}

static void take_config(struct dhcp_server *s, struct service_order *o)
{
	struct node *before = node_ref(s->pools.config);
	struct str text = { 0 };
	struct diag d = { 0 };
	int err = o->fd < 0 ? -EBADF : msg_slurp(o->fd, &text, CONFIG_MAX);

	if (!err)
		err = dhcp_pools_configure(&s->pools, str_get(&text), !strcmp(o->verb, SERVICE_CONFIG), &d);
	if (err)
		log_error("configuration not taken over: %s\n%s", strerror(-err), diag_text(&d));
	else
		s->configured = true;
	ra_server_follow(s->ra, before, s->pools.config);
	dhcp6_server_follow(s->six, before, s->pools.config);
	node_unref(before);
	dhcp_schedule(s);
	str_done(&text);
	diag_done(&d);
}

static void take_socket(struct dhcp_server *s, struct service_order *o)
{
	const char *kind = o->word[0], *network = o->word[1];
	int ifindex = o->n == 4 ? atoi(o->word[3]) : 0;

	if (o->fd < 0 || o->n != 4)
		return;
	if (str_starts(kind, "ra"))
		ra_server_socket(s->ra, network, kind, ifindex, o->fd);
	else if (!strcmp(kind, "tftp"))
		tftp_server_socket(s->tftp, network, o->fd);
	else if (str_starts(kind, "dhcp6"))
		dhcp6_server_socket(s->six, network, kind, ifindex, o->fd);
	else if (!dhcp_net_socket(s, network, kind, ifindex, o->fd))
		return;
	o->fd = -1;
}

static void take_close(struct dhcp_server *s, struct service_order *o)
{
	struct dhcp_net *net = o->n ? map_get(&s->nets, o->word[0]) : NULL;

	if (net)
		dhcp_net_close(net);
	if (!o->n)
		return;
	ra_server_close(s->ra, o->word[0]);
	dhcp6_server_close(s->six, o->word[0]);
	tftp_server_close(s->tftp, o->word[0]);
}

static void take_store(struct dhcp_server *s, struct service_order *o)
{
	if (o->fd < 0)
		return;
	if (s->ledger.rotate_asked > 0) {
		compact(s, o->fd);
	} else {
		dhcp_pools_load(&s->pools, &s->ledger.store, o->fd, time(NULL));
		s->loaded = true;
		dhcp_schedule(s);
		dhcp_check_file(s);
	}
	o->fd = -1;
}

static void finish(struct dhcp_server *s, const struct service_order *o, struct str *rows, const char *why)
{
	service_answer(&s->out, o->n ? o->word[0] : "0", rows, why);
	dhcp_flush_soon(s);
}

static void take_show(struct dhcp_server *s, struct service_order *o)
{
	struct str rows = { 0 };

	if (o->n > 1 && (!strcmp(o->word[1], "leases") || !strcmp(o->word[1], "statistics")))
		dhcp_pools_show(&s->pools, *o->word[1] == 's', &rows);
	finish(s, o, &rows, "DHCP shows 'leases' and 'statistics'");
}

static void take_clear(struct dhcp_server *s, struct service_order *o)
{
	struct str reason = { 0 }, none = { 0 };
	const char *what = o->n > 2 ? o->word[2] : "", *network = o->n > 3 ? o->word[3] : NULL;

	if (o->n < 3 || strcmp(o->word[1], "lease"))
		str_add(&reason, "DHCP clears a lease by its address only");
	else
		dhcp_pools_clear(&s->pools, what, network, time(NULL), &reason);
	finish(s, o, &none, str_get(&reason));
	str_done(&reason);
	dhcp_schedule(s);
}

/* ID lease ADDRESS NETWORK MAC CLIENT-ID EXPIRES NAME; names and identifiers as other servers write them. */
static int read_lease(const struct service_order *o, struct dhcp_record *ret)
{
	char label[DHCP_LABEL] = "";
	uint8_t id[DHCP_ID_MAX];
	char hex[DHCP_KEY] = "-";
	struct str text = { 0 };
	int len, err;

	if (o->n != 8 || strcmp(o->word[1], "lease"))
		return -EINVAL;
	len = hex_pairs_parse(o->word[5], id, sizeof id);
	if (len > 1)
		hex_text(id, (size_t)len, hex);
	domain_label(o->word[7], strlen(o->word[7]), label);
	str_addf(&text, "lease %s %s %s %s %s %s", o->word[3], o->word[2], o->word[4], hex, o->word[6],
		 *label ? label : "-");
	err = dhcp_record_parse(str_get(&text), ret);
	str_done(&text);
	return err;
}

static void take_add(struct dhcp_server *s, struct service_order *o)
{
	struct str reason = { 0 }, none = { 0 };
	struct dhcp_record r;

	if (read_lease(o, &r))
		str_add(&reason,
			"not a lease: an IPv4 address, a network, a MAC address and a time it ends at are needed");
	else
		dhcp_pools_add(&s->pools, &r, time(NULL), &reason);
	finish(s, o, &none, str_get(&reason));
	str_done(&reason);
	dhcp_schedule(s);
}

static void take_file(struct dhcp_server *s, struct service_order *o)
{
	tftp_server_file(s->tftp, o->n ? (unsigned)strtoul(o->word[0], NULL, 10) : 0, o->fd,
			 o->n > 1 ? o->word[1] : SERVICE_FILE_NONE);
	o->fd = -1;
}

static void take_watch(struct dhcp_server *s, struct service_order *o)
{
	s->watched = o->n && !strcmp(o->word[0], "on");
}

void dhcp_obey(struct dhcp_server *s, struct service_order *o)
{
	static const struct {
		const char *verb;
		void (*take)(struct dhcp_server *s, struct service_order *o);
	} verbs[] = {
		{ SERVICE_CONFIG, take_config }, { SERVICE_DELTA, take_config }, { SERVICE_SOCKET, take_socket },
		{ SERVICE_CLOSE, take_close },   { SERVICE_STORE, take_store },  { SERVICE_SHOW, take_show },
		{ SERVICE_ADD, take_add },       { SERVICE_CLEAR, take_clear },  { SERVICE_WATCH, take_watch },
		{ SERVICE_FILE, take_file },
	};

	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (!strcmp(o->verb, verbs[i].verb))
			verbs[i].take(s, o);
	if (s->configured && s->loaded && !s->ready) {
		s->ready = true;
		dhcp_say_word(s, SERVICE_READY);
	}
}
