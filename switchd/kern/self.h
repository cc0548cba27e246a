/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of this folder share. */
#pragma once
#include <net/if.h>

#include "switchd/base/map.h"
#include "switchd/base/vec.h"
#include "switchd/kern/netlink.h"
#include "switchd/plan/backend.h"
#include "switchd/plan/names.h"
#include "switchd/plan/order.h"
#include "switchd/plan/vlans.h"

/*
 * A link by its index, so that addresses, routes and ports find its name; and of a link that others made what its
 * OBJECT_PORT says, which comes from several kinds of messages.
 */
struct link_ref {
	char key[12]; /* the index in decimal */
	char name[IFNAMSIZ];
	bool ours, up, isolated;
	bool leaving; /* in the group of links that are being deleted */
	uint32_t master, mtu;
	struct vlans *vlans;        /* NULL: none */
	uint64_t inbound, outbound; /* bit/s, 0: unlimited */
};

struct watch;

struct kern {
	struct netlink rt;          /* requests of rtnetlink */
	struct netlink nf;          /* reading nftables */
	int rt_monitor, nf_monitor; /* notifications */
	int nft;                    /* batches */
	uint32_t nft_seq, nft_port;
	uint64_t requests;          /* of nft and sysctl, beside those of rt */
	int ioctl;                  /* any socket, for names of indexes */
	struct map links;           /* index -> struct link_ref */
	struct map indexes;         /* name -> index, of links asked for in this phase of an apply */
	struct map applied;         /* what the last apply was about, until it was observed */
	struct map dirty;           /* links to be read again: name -> the same string */
	struct map dirty_addresses; /* IPv6 ones written: the kernel announces them after its own checks only */
	struct map dirty_sets;      /* interval sets to be read again: "inet vnet s" -> the same string */
	struct map dirty_sysctls;   /* keys written: key -> the same string */
	struct map dirty_rates;     /* links whose traffic control changed: name -> the same string */
	bool dirty_flows;           /* flowtables are to be read again */
	bool all_sysctls;           /* a global one was written, which changes others */
	bool resync;                /* read everything */
	bool reread_nft;            /* all of nftables, since there were no notifications of it */
	bool nft_of_others;         /* others changed some meanwhile */
	bool leaving;               /* some link was seen that is */
	bool has[CAPABILITIES];
	struct watch *watch;
	const struct state *shown;  /* by the last observe, during an apply */
};

/* An object being read, with room for its text. */
struct draft {
	struct object o;
	struct attr attrs[OBJECT_ATTRS];
	char key[512];
	char text[1024];
	size_t used;
};

void draft_init(struct draft *f, enum object_kind kind, const char *key, ...) __attribute__((format(printf, 3, 4)));
void draft_attr(struct draft *f, enum attr_id id, const char *value, ...) __attribute__((format(printf, 3, 4)));

/* What observe() carries through its readers. */
struct observer {
	struct kern *k;
	struct state *state;
	bool own;            /* what is read now comes of our own requests */
	bool unknown;        /* ... or nobody says of whose */
	bool sets_of_others; /* some set to be read again was changed by others */
	bool changed;        /* by others */
};

/* What a notification of the object is about: its device, also that of a sysctl, or else the first word of its key. */
const char *observe_subject(const struct object *o, char *buf, size_t size);

/* Put or delete an object and note whether others changed the state by it. */
void observe_put(struct observer *ob, const struct object *o);
void observe_del(struct observer *ob, enum object_kind kind, const char *key);

/* What lived on the device is gone. */
void observe_del_on(struct observer *ob, enum object_kind kind, const char *device);

/* Note a string in a set of them (once), and forget them all. */
void mark(struct map *set, const char *text);
void mark_clear(struct map *set);

/* link.c: index and name. kern_index() sends what is queued first, since it may create the link; 0: none. */
const struct link_ref *link_find(const struct kern *k, uint32_t index);
struct link_ref *link_ref(struct kern *k, uint32_t index);
const char *link_name(const struct kern *k, uint32_t index, char *buf);
uint32_t kern_index(struct kern *k, const char *name);
void kern_forget_indexes(struct kern *k);
void link_forget_all(struct kern *k);

/* Readers of a message of a dump or a notification. */
void link_know(struct kern *k, const struct nlmsghdr *h);
void link_observe(struct observer *ob, const struct nlmsghdr *h);
/* Links that were to be deleted and are still there stay: they must not go with the next ones. */
void link_stay(struct kern *k);
void link_gone(struct observer *ob, const struct nlmsghdr *h);
void addr_observe(struct observer *ob, const struct nlmsghdr *h);
int addr_reread(struct observer *ob, const char *key);
void route_observe(struct observer *ob, const struct nlmsghdr *h);
/* The kernel tells of no IPv4 route that goes with its device, or with the last address of it. */
void route_forget(struct observer *ob, const char *device);
void route_object(struct observer *ob, const struct nlmsghdr *h, struct nlattr *const *tb, struct draft *f);
void route_maker(const struct nlmsghdr *h, struct draft *f);
void rule_observe(struct observer *ob, const struct nlmsghdr *h);
void sysctl_observe(struct observer *ob, const char *key);
void sysctl_observe_global(struct observer *ob);
void sysctl_notice(struct observer *ob, const struct nlmsghdr *h);
void sysctl_observe_link(struct observer *ob, const char *device);
/* One setting of a device: "net.ipv6.conf.%s.accept_ra". */
#define SYSCTL_KEEP_ADDRESSES "net.ipv6.conf.%s.keep_addr_on_down"
void sysctl_observe_of(struct observer *ob, const char *pattern, const char *device);
void sysctl_forget_of(struct observer *ob, const char *pattern, const char *device);
void port_read(struct observer *ob, struct link_ref *ref, const struct ifinfomsg *i, struct nlattr *const *tb,
	       struct nlattr *const *info);
void port_put(struct observer *ob, struct link_ref *ref);
void vlan_observe(struct observer *ob, const struct nlmsghdr *h);
void tc_notice(struct observer *ob, const struct nlmsghdr *h);

/* All VLANs, all rates; those of one link. 0 or -errno. */
int vlan_observe_all(struct observer *ob, struct netlink_dump *out);
int tc_observe_all(struct observer *ob, struct netlink_dump *out);
int tc_reread(struct observer *ob, const char *device);
void vlan_forget(struct link_ref *ref);

/* A rate as the attribute of a port. */
void tc_print(struct draft *f, enum attr_id id, uint64_t rate);

/* All of nft in our tables; one notification. -EAGAIN: changed meanwhile, again. */
int nft_observe(struct observer *ob);
void nft_notice(struct observer *ob, const struct nlmsghdr *h);
int conntrack_list(struct kern *k, void (*fn)(void *ctx, const struct object *o), void *ctx);

/* Values that change all the time: counters; elements of sets that packets fill. */
int nft_list(struct kern *k, enum object_kind kind, void (*fn)(void *ctx, const struct object *o), void *ctx);
int nft_reread(struct observer *ob, const char *set);
/* Flowtables, when a notification told of them; the device is gone from them. */
int nft_flow_reread(struct observer *ob);
void nft_flow_forget(struct observer *ob, const char *device);

/* Queue the requests of an operation; problems found before are told in k->rt.diag and k->rt.error. */
void link_create(struct kern *k, const struct op *op);
void link_set(struct kern *k, const struct op *op);
void link_delete(struct kern *k, const struct op *ops, size_t n);
void link_state(struct kern *k, const struct op *op, bool up);
void link_rename(struct kern *k, const struct op *op);
void port_apply(struct kern *k, const struct op *op);
void vlan_apply(struct kern *k, const struct op *op);
void vlan_apply_port(struct kern *k, const struct op *op, bool fresh);
void tc_apply(struct kern *k, const struct op *op);
void tc_clear(struct kern *k, const struct op *op);
void addr_apply(struct kern *k, const struct op *op);
void route_apply(struct kern *k, const struct op *op);
void rule_apply(struct kern *k, const struct op *op);
/* A device whose MTU allows IPv6 again gets it switched on: switch it off as it was. */
void sysctl_keep_ipv6(const struct op *op, const struct state *state);
int sysctl_apply(struct kern *k, const struct op *op, struct diag *d);

/* The operations as one transaction. 0 or -errno. */
int nft_apply(struct kern *k, const struct op *ops, size_t n, const struct state *state, struct diag *d);

/* The object of the operation is not understood. */
void kern_refuse(struct kern *k, const struct op *op, const char *why);

/* What this kernel can do, into k->has. */
bool nft_probe_flowtable(struct kern *k);

/* watch.c */
int kern_watch(void *self, struct ev_loop *loop, void (*changed)(void *arg), void *arg);
void kern_unwatch(struct kern *k);
int kern_observe(void *self, struct state *state, bool *ret_changed, struct diag *d);
int kern_list(void *self, enum object_kind kind, void (*fn)(void *ctx, const struct object *o), void *ctx,
	      struct diag *d);
int kern_apply(void *self, const struct plan *plan, const struct state *state, struct diag *d);

/* Table numbers by name: "main", "254". 0 or -EINVAL. */
int table_parse(const char *text, uint32_t *ret_table);
const char *table_text(uint32_t table, char *buf, size_t size);
