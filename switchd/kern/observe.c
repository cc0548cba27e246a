/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: the state is a cache of the kernel. The monitor sockets join their groups before the first
 * dump, so whatever happens during it is told again afterwards; a notification names the final content of one
 * object, so reading one twice does no harm. Later calls read only notifications, which for our own requests
 * wait already when apply() returns. What the kernel does not announce (attributes of a link that is down, bridge
 * port flags, sysctls) is marked dirty by whoever wrote it and read again. When notifications were lost, or
 * a link changed its name, everything is read into a second state and the difference is carried over.
 *
 * Notifications carry the port of the socket that the request came from. So what others do while a plan is carried out
 * is told apart from that. What comes without a port, as most of links does, is our own when the plan was about that
 * link; who looks at the plan again sees whether it is as wanted.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "switchd/base/mem.h"
#include "switchd/base/str.h"
#include "switchd/kern/self.h"

void draft_init(struct draft *f, enum object_kind kind, const char *key, ...)
{
	va_list ap;

	memset(&f->o, 0, sizeof f->o);
	f->used = 0;
	f->o.kind = kind;
	f->o.key = f->key;
	f->o.attrs = f->attrs;
	va_start(ap, key);
	vsnprintf(f->key, sizeof f->key, key, ap);
	va_end(ap);
}

void draft_attr(struct draft *f, enum attr_id id, const char *value, ...)
{
	size_t room = sizeof f->text - f->used;
	va_list ap;
	int len;

	va_start(ap, value);
	len = vsnprintf(f->text + f->used, room, value, ap);
	va_end(ap);
	if (len < 0 || (size_t)len >= room || f->o.n == OBJECT_ATTRS)
		return;
	f->o.attrs[f->o.n++] = (struct attr){ id, f->text + f->used };
	f->used += (size_t)len + 1;
}

void mark(struct map *set, const char *text)
{
	char *copy;

	if (map_get(set, text))
		return;
	copy = mem_strdup(text);
	map_put(set, copy, copy);
}

void mark_clear(struct map *set)
{
	size_t i = 0;

	for (struct map_entry *e; (e = map_next(set, &i));)
		free(e->value);
	map_done(set);
	*set = (struct map){ 0 };
}

static bool is_same(const struct object *a, const struct object *b)
{
	if (a->n != b->n || a->foreign != b->foreign)
		return false;
	for (unsigned i = 0; i < a->n; i++) {
		const char *v = object_attr(b, a->attrs[i].id);

		if (!v || strcmp(v, a->attrs[i].value) != 0)
			return false;
	}
	return true;
}

/* A guest's tap is taken up when it is ready (bridge/plan_port.c). */
static bool goes_up(const struct object *old, const struct object *link)
{
	const char *was = object_attr(old, ATTR_STATE), *is = object_attr(link, ATTR_STATE),
		   *mac = object_attr(link, ATTR_MAC);

	return was && is && mac && !strcmp(was, "down") && !strcmp(is, "up") && !strncmp(mac, "fe:", 3);
}

/* Is it another interface than before, or another guest's? */
static bool is_new(const struct object *old, const struct object *link)
{
	const char *was = old ? object_attr(old, ATTR_MAC) : NULL, *is = object_attr(link, ATTR_MAC);

	return !old || old->handle != link->handle || old->foreign != link->foreign || !was != !is ||
	       (was && strcmp(was, is) != 0) || goes_up(old, link);
}

const char *observe_subject(const struct object *o, char *buf, size_t size)
{
	const char *conf = o->kind == OBJECT_SYSCTL ? strstr(o->key, ".conf.") : NULL, *end = strrchr(o->key, '.');

	if (!conf || conf + 6 >= end)
		return object_device(o, buf, size);
	snprintf(buf, size, "%.*s", (int)(end - conf - 6), conf + 6);
	return buf;
}

/* Is what was seen of the object done by ourselves? */
static bool is_own(const struct observer *ob, const struct object *o)
{
	char word[64];

	return ob->own || (ob->unknown && map_get(&ob->k->applied, observe_subject(o, word, sizeof word)));
}

void observe_put(struct observer *ob, const struct object *o)
{
	const struct object *old = state_get(ob->state, o->kind, o->key);
	bool same = old && is_same(old, o);

	ob->changed |= !same && !is_own(ob, o);
	if (o->kind == OBJECT_LINK && o->foreign && is_new(old, o))
		vec_push(&ob->state->came, mem_strdup(o->key));
	if (!same || old->handle != o->handle)
		state_put(ob->state, o);
}

void observe_del(struct observer *ob, enum object_kind kind, const char *key)
{
	const struct object *old = state_get(ob->state, kind, key);

	if (!old)
		return;
	if (kind == OBJECT_LINK && old->foreign)
		vec_push(&ob->state->went, mem_strdup(key));
	ob->changed |= !is_own(ob, old);
	state_del(ob->state, kind, key);
}

void observe_del_on(struct observer *ob, enum object_kind kind, const char *device)
{
	size_t len = strlen(device), i = 0;

	for (const struct object *o; (o = state_next(ob->state, kind, &i));)
		if (!strncmp(o->key, device, len) && o->key[len] == ' ')
			observe_del(ob, kind, o->key);
}

static void read_message(struct observer *ob, const struct nlmsghdr *h)
{
	switch (h->nlmsg_type) {
	case RTM_NEWLINK: link_observe(ob, h); break;
	case RTM_DELLINK: link_gone(ob, h); break;
	case RTM_NEWADDR:
	case RTM_DELADDR: addr_observe(ob, h); break;
	case RTM_NEWROUTE:
	case RTM_DELROUTE: route_observe(ob, h); break;
	case RTM_NEWRULE:
	case RTM_DELRULE: rule_observe(ob, h); break;
	case RTM_NEWVLAN:
	case RTM_DELVLAN: vlan_observe(ob, h); break;
	case RTM_NEWQDISC:
	case RTM_DELQDISC:
	case RTM_NEWTFILTER:
	case RTM_DELTFILTER: tc_notice(ob, h); break;
	case RTM_NEWNETCONF: sysctl_notice(ob, h); break;
	}
}

static int dump(struct observer *ob, int type, struct netlink_dump *out)
{
	struct {
		struct ifinfomsg any; /* the largest of the fixed headers; zero in each says 'all' */
	} header = { 0 };
	int result = netlink_read(&ob->k->rt, netlink_request(type, NLM_F_DUMP, &header, sizeof header), out);

	if (type == RTM_GETLINK)
		for (struct nlmsghdr *h = NULL; !result && (h = netlink_next(out, h));)
			link_know(ob->k, h);
	for (struct nlmsghdr *h = NULL; !result && (h = netlink_next(out, h));)
		read_message(ob, h);
	return result;
}

static int dump_all(struct observer *ob)
{
	static const int types[] = { RTM_GETLINK, RTM_GETADDR, RTM_GETROUTE, RTM_GETRULE };
	struct netlink_dump out = { 0 };
	size_t i = 0;
	int result = 0;

	link_forget_all(ob->k);
	for (size_t t = 0; !result && t < sizeof types / sizeof *types; t++)
		result = dump(ob, types[t], &out);
	if (!result)
		result = vlan_observe_all(ob, &out);
	if (!result)
		result = tc_observe_all(ob, &out);
	netlink_dump_done(&out);
	if (result)
		return result;
	sysctl_observe_global(ob);
	for (struct map_entry *e; (e = map_next(&ob->k->links, &i));)
		if (((struct link_ref *)e->value)->ours)
			sysctl_observe_link(ob, ((struct link_ref *)e->value)->name);
	for (int tries = 0; tries < 10; tries++) {
		result = nft_observe(ob);
		if (result != -EAGAIN)
			break;
	}
	return result;
}

/* Read kinds of objects into a second state and carry the difference over. */
static int read_again(struct observer *ob, enum object_kind from, enum object_kind to,
		      int (*read_all)(struct observer *all))
{
	struct state fresh = { 0 };
	struct observer all = { .k = ob->k, .state = &fresh };
	int result = read_all(&all);

	for (enum object_kind kind = from; !result && kind <= to; kind++) {
		size_t i = 0;

		for (const struct object *o; (o = state_next(ob->state, kind, &i));)
			if (!state_get(&fresh, kind, o->key))
				observe_del(ob, kind, o->key);
		i = 0;
		for (const struct object *o; (o = state_next(&fresh, kind, &i));)
			observe_put(ob, o);
	}
	state_done(&fresh);
	return result;
}

static int resync(struct observer *ob)
{
	ob->k->resync = ob->k->reread_nft = false;
	return read_again(ob, 0, OBJECT_KINDS - 1, dump_all);
}

static int reread_nft(struct observer *ob)
{
	size_t i = 0;
	int result;

	ob->k->reread_nft = false;
	ob->own = !ob->k->nft_of_others;
	result = state_next(ob->state, OBJECT_TABLE, &i) ? read_again(ob, OBJECT_TABLE, OBJECT_FLOWDEV, nft_observe)
							 : nft_observe(ob);
	ob->own = false;
	return result;
}

/* Read the notifications that wait on one socket; loss of some asks for everything. 'port' sends our requests. */
static void drain(struct observer *ob, int fd, uint32_t port,
		  void (*read_one)(struct observer *ob, const struct nlmsghdr *h))
{
	uint8_t *buf = ob->k->rt.in;

	for (;;) {
		ssize_t got = recv(fd, buf, NETLINK_BUFFER, MSG_DONTWAIT);
		int left = (int)got;

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno == ENOBUFS) {
			ob->k->resync = true;
			continue;
		}
		if (got <= 0)
			break;
		for (struct nlmsghdr *h = (struct nlmsghdr *)buf; nlmsg_ok(h, left); h = nlmsg_next(h, &left)) {
			ob->own = h->nlmsg_pid == port;
			ob->unknown = !h->nlmsg_pid;
			read_one(ob, h);
		}
	}
	ob->own = ob->unknown = false;
}

static int reread_link(struct observer *ob, const char *name)
{
	struct ifinfomsg header = { 0 };
	struct nl_msg *m = netlink_request(RTM_GETLINK, 0, &header, sizeof header);
	struct netlink_dump out = { 0 };

	nla_put_string(m, IFLA_IFNAME, name);
	if (!netlink_read(&ob->k->rt, m, &out) && netlink_next(&out, NULL))
		link_observe(ob, netlink_next(&out, NULL));
	netlink_dump_done(&out);
	return 0;
}

static int reread_sysctl(struct observer *ob, const char *key)
{
	sysctl_observe(ob, key);
	return 0;
}

/* Read again what the keys say, and forget them. */
static int reread(struct observer *ob, struct map *keys, int (*read_one)(struct observer *ob, const char *key))
{
	int result = 0;
	size_t i = 0;

	ob->unknown = true;
	for (struct map_entry *e; !result && (e = map_next(keys, &i));)
		result = read_one(ob, e->key);
	ob->unknown = false;
	mark_clear(keys);
	return result;
}

static int reread_dirty(struct observer *ob)
{
	struct kern *k = ob->k;
	const struct object *o;
	int result;
	size_t i = 0;

	result = reread(ob, &k->dirty, reread_link);
	while (k->all_sysctls && (o = state_next(ob->state, OBJECT_SYSCTL, &i)))
		mark(&k->dirty_sysctls, o->key);
	k->all_sysctls = false;
	result = result ? result : reread(ob, &k->dirty_sysctls, reread_sysctl);
	result = result ? result : reread(ob, &k->dirty_addresses, addr_reread);
	ob->own = !ob->sets_of_others;
	result = result ? result : reread(ob, &k->dirty_sets, nft_reread);
	result = result ? result : nft_flow_reread(ob);
	ob->own = false;
	return result ? result : reread(ob, &k->dirty_rates, tc_reread);
}

int kern_observe(void *self, struct state *state, bool *ret_changed, struct diag *d)
{
	struct kern *k = self;
	struct observer ob = { .k = k, .state = state };
	int result = 0;

	memcpy(state->has, k->has, sizeof state->has);
	if (!k->resync) {
		drain(&ob, k->rt_monitor, nl_socket_get_local_port(k->rt.sock), read_message);
		drain(&ob, k->nf_monitor, k->nft_port, nft_notice);
		result = k->reread_nft ? reread_nft(&ob) : 0;
		result = result ? result : reread_dirty(&ob);
	}
	/* Read while it is being changed: what came meanwhile is among the next notifications. */
	if (k->resync || result == -EAGAIN)
		result = resync(&ob);
	if (result) {
		k->resync = true;
		diag_error(d, NULL, "cannot read the state of the kernel: %s", strerror(-result));
		return result;
	}
	mark_clear(&k->applied);
	if (k->leaving)
		link_stay(k);
	if (ret_changed)
		*ret_changed = ob.changed;
	return 0;
}
