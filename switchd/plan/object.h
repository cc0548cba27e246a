/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one noun of the plan: an object of the kernel, as text.
 *
 * An object is a kind, a key that is unique within the kind, and attributes. Keys and values use the
 * words of iproute2 and nft, so that a plan prints, simulates and compares without knowing any kind:
 *
 *	kind     key                              attributes
 *	link     vn-default                       kind bridge, mtu 1500, state up, alias vnet:network default
 *	address  vn-default 192.168.122.1/24      (none)
 *	route    main 10.0.0.0/8 20               type unicast, via 192.0.2.1, dev up0     (the last word is the metric)
 *	rule     4 900 fwmark 0x76000000/0xff000000 goto 40000
 *	port     vnet7                            master sw0, vlans 10 pvid untagged, isolated on
 *	vlan     sw0 10                           (none: the VLANs of the bridge itself)
 *	sysctl   net.ipv4.ip_forward              value 1
 *	table    inet vnet                        (none)
 *	counter  inet vnet fw-WAN/10              (none)
 *	limit    inet vnet fw-WAN/10/5m           rate 5/minute burst 5 packets
 *	flowtable inet vnet flows                 hook ingress, priority 0, flags counter
 *	set      inet vnet dispatch               type ifname : verdict, flags interval
 *	chain    inet vnet forward                type filter, hook forward, priority 0, policy accept
 *	nftrule  inet vnet forward 0100           expr iifname vmap @from, comment network default
 *	element  inet vnet from "vn-default"      data jump from-default
 *	flowdev  inet vnet flows vn-default       (none: a device of the flowtable)
 *
 * A feature gives every attribute it manages, defaults included; attributes the feature does not give are
 * left as the kernel has them. All text is owned by the arena or state the object was made in.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "switchd/base/arena.h"

enum object_kind {
	OBJECT_SYSCTL,
	OBJECT_TABLE,
	OBJECT_COUNTER, /* a named counter; its value outlives the rules that use it */
	OBJECT_LIMIT,   /* a named limit; its rate cannot change while rules use it: another rate, another name */
	OBJECT_FLOWTABLE,
	OBJECT_SET,
	OBJECT_CHAIN,
	OBJECT_NFTRULE,
	OBJECT_ELEMENT,
	OBJECT_FLOWDEV,
	OBJECT_LINK,
	OBJECT_PORT, /* a link that others made: what it is a port or member of */
	OBJECT_VLAN,
	OBJECT_ADDRESS,
	OBJECT_ROUTE,
	OBJECT_RULE,
	/* too many to be kept, only read when asked for: struct backend, list */
	OBJECT_NEIGHBOR, /* "DEV ADDRESS" */
	OBJECT_FDB,      /* "DEV MAC VID", VID 0 without VLANs */
	OBJECT_CONNECTION, /* of conntrack: a number of this list */
	OBJECT_KINDS
};

enum attr_id {
	/* link: 'kind' bridge | vlan | vrf | veth | ... ; kind, parent, vid, table cannot change */
	ATTR_KIND,
	ATTR_PARENT, /* vlan: name of the lower device */
	ATTR_VID,    /* vlan: 1-4094 */
	ATTR_TABLE,  /* vrf: its table */
	ATTR_MASTER, /* link, port: name of the bridge or VRF, or none */
	ATTR_MTU,
	ATTR_MAC,
	ATTR_ALIAS,
	ATTR_STP,            /* on | off */
	ATTR_FORWARD_DELAY,  /* seconds */
	ATTR_AGEING,         /* seconds */
	ATTR_VLAN_FILTERING, /* on | off */
	ATTR_ISOLATED,       /* port: on | off */
	ATTR_VLANS,          /* port: see plan/vlans.h */
	ATTR_INBOUND,        /* port: "none" or "RATE/BURST" in bit/s and bytes, of what is sent to the guest */
	ATTR_OUTBOUND,       /* ... of what comes from it */
	ATTR_STATE,          /* link, port: up | down */
	/* route */
	ATTR_TYPE,     /* route: unicast | blackhole | ...; chain: filter | nat | route; set: its key and data types */
	ATTR_VIA,      /* next hops, sorted: "192.0.2.1, 192.0.2.9" */
	ATTR_DEV,      /* their devices in the same order, one for all when all are the same */
	ATTR_PROTOCOL, /* who made it: static, kernel, ra, vnet, ... */
	/* nft */
	ATTR_FLAGS, /* set: interval, ... */
	ATTR_SIZE,  /* set: at most so many elements, of one that packets fill */
	ATTR_RATE,  /* limit: "5/minute burst 5 packets" */
	ATTR_PACKETS, /* listed counter */
	ATTR_BYTES,
	ATTR_EXPIRES, /* listed element of a set that packets fill: seconds it stays */
	ATTR_HOOK,
	ATTR_PRIORITY, /* a number */
	ATTR_POLICY,
	ATTR_EXPR, /* nftrule: the rule in nft's own words, without the comment */
	ATTR_COMMENT,
	ATTR_DATA, /* element: what the key maps to, absent in a plain set */
	/* connection: its ends, "192.0.2.1:80"; what they are translated to; table is its zone */
	ATTR_SOURCE,
	ATTR_DESTINATION,
	ATTR_SNAT,
	ATTR_DNAT,
	/* sysctl */
	ATTR_VALUE,
	ATTR_IDS
};

struct attr {
	enum attr_id id;
	const char *value;
};

enum { OBJECT_ATTRS = 16 };

/* There are a hundred thousand of them on a large host. */
struct object {
	const char *key;
	const char *path; /* configuration path that wants it ("network default"), NULL when observed */
	struct attr *attrs;
	uint64_t handle; /* observed nft rule: the kernel's handle; link: its index */
	enum object_kind kind : 8;
	unsigned n : 8;
	bool foreign : 1; /* observed and not labelled ours: never changed, never deleted */
	bool absent : 1;  /* wanted not to be there, whoever made it */
	bool waits : 1;   /* wanted, but what it stands on is not there */
	bool shared : 1;  /* wanted, and units that have nothing else to do with this one may want it, too */
	uint32_t mark;    /* for plan_make() */
};

/* Word of a kind or attribute as printed ("link", "mtu"). */
const char *object_kind_name(enum object_kind kind);
const char *attr_name(enum attr_id id);

/* True for attributes that cannot be changed in place: the object is deleted and made again. */
bool attr_is_fixed(enum object_kind kind, enum attr_id id);

/* Value of the attribute, or NULL. */
const char *object_attr(const struct object *o, enum attr_id id);

/* Add an attribute to an object of the arena; the value is copied. At most OBJECT_ATTRS. */
void object_add(struct arena *a, struct object *o, enum attr_id id, const char *value);

/* A copy with all its text. */
struct object *object_copy(struct arena *a, const struct object *o);

/* The first word of the key: the device of an address or VLAN, the link itself. Copied into 'buf' of 'size' bytes. */
const char *object_device(const struct object *o, char *buf, size_t size);

/* The chain of a rule, by the rule's key: "inet vnet forward 0100" -> "inet vnet forward". The same buffer. */
const char *object_chain(const char *rule, char *buf, size_t size);

/* Is it an address or route of IPv4? */
bool object_is_ipv4(const struct object *o);

/* The i-th device of a route, in 'buf' of 'size' bytes; false: it has no more. */
bool object_route_device(const struct object *o, unsigned i, char *buf, size_t size);

/*
 * The rule text as kept in the kernel beside the rule: "#" and 16 hex digits of a hash. An observed nftrule has this
 * form in ATTR_EXPR, since byte code is never decoded back.
 */
enum { OBJECT_HASH = 20 };
void object_expr_hash(const char *expr, char *buf);
