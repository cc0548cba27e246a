/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a rule of firewall or nat matches, read from its entry: the words 'protocol', 'source', 'destination' with
 * address, port, mac-address and group, 'inbound-interface' and 'outbound-interface', 'ipv4' and 'ipv6'.
 *
 * What is static (values and groups) ends up in spans; what packets and name servers fill (dynamic and domain groups)
 * stays a named set that is only looked up. "Not" is meant as said: an IPv6 source is not in !10.0.0.0/8 either.
 */
#pragma once
#include "switchd/base/addr.h"
#include "switchd/base/map.h"
#include "switchd/base/vec.h"
#include "switchd/plan/feature.h"
#include "switchd/plan/spans.h"
#include "switchd/plan/trace.h"

/* A group with all it includes, read once for a tree. Addresses and networks: [0] IPv4, [1] IPv6; others: [0]. */
struct match_group {
	const char *kind, *name; /* "address-group", "web" */
	struct spans spans[2];
	struct vec(const char *) interfaces; /* of an interface group */
	bool gone;                           /* another has its name now: match_new_groups() */
};

/* A named set that is looked up: of a dynamic or domain group. */
struct match_lookup {
	const char *prefix[2]; /* of its name, by family: "DA_", "DA6_" */
	const char *name;
	bool except;
};

/* One condition of a side: spans, or what is not in them. */
struct match_values {
	const struct spans *in;          /* NULL: no condition */
	const struct match_group *group; /* that 'in' is of, or NULL */
	bool except;
};

enum { MATCH_ADDRESSES = 3, MATCH_LOOKUPS = 1 };

/* Source or destination. All conditions hold at once. */
struct match_side {
	struct match_values address[2][MATCH_ADDRESSES]; /* [family]: address, address-group, network-group */
	struct match_values port[3];                     /* port, its exceptions, port-group */
	struct match_values mac[2];                      /* mac-address, mac-group */
	struct match_lookup lookup[MATCH_LOOKUPS];
	unsigned lookups;
	const char *mask;   /* "255.255.0.255": only these bits of the address are compared; NULL: all */
	const char *masked; /* with what: "[!]10.1.0.7"; NULL: with the address group */
};

/* Interfaces by name; "eth*" for all that begin so. */
struct match_interfaces {
	bool any, except;
	struct vec(const char *) own;     /* seen under their own name */
	struct vec(const char *) members; /* of VRFs: come in as the VRF, their own name is 'sdifname' */
};

/* Protocols that are no number. */
enum { MATCH_ALL = -1, MATCH_TCP_UDP = -2 };

struct match {
	bool family[2]; /* may IPv4, IPv6 packets match? */
	int known;      /* 4 or 6: it is known that the packet is of this family, 0 otherwise */
	bool split;     /* what comes after these conditions differs by family */
	int protocol;   /* a number, MATCH_ALL or MATCH_TCP_UDP */
	bool protocol_not;
	struct match_side side[2]; /* source, destination */
	struct match_interfaces in, out;
};

/* Groups and spans read so far, in an arena. Zero it; match_done() frees all that was read with it. */
struct match_context {
	const struct node *config;
	struct arena arena;
	struct map groups;                   /* "address-group web" -> struct match_group */
	struct vec(struct match_group *) read; /* all of them, and those that are gone */
	struct map wanted; /* named sets the unit already wants, to a pointer of each time; match_unit() forgets them */
	struct vec(const char *) used;       /* names of sets, as often as texts use them; the caller's to empty */
	struct vec(struct spans *) spans;    /* those of no group */
	struct vec(struct match *) matches;  /* with lists to be freed */
};

void match_done(struct match_context *cx);

/* What comes is wanted for another unit. */
void match_unit(struct match_context *cx);

/* An empty list that lives as long as the context. */
struct spans *match_spans_new(struct match_context *cx, uint8_t width);

/* The group, empty when there is none; a circle of includes ends where it closes. */
const struct match_group *match_group(struct match_context *cx, const char *kind, const char *name);

/* The groups are those of another tree now: what has changed is gone, and read again when it is asked for. */
void match_new_groups(struct match_context *cx, const struct node *old, const struct node *new);

/* Does the rule name a group that is gone? */
bool match_names_gone(const struct match *m);

/* Read the rule's entry, which has passed the checks. */
const struct match *match_read(struct match_context *cx, const struct node *rule);

/* Devices of the configuration that are in the VRF: interfaces and networks. */
void match_vrf_devices(const struct node *config, const char *vrf, void (*fn)(void *ctx, const char *device),
		       void *ctx);

/* One more condition on the addresses of a side: "10.0.0.0/8", "!fd00::/8". */
void match_add_address(struct match_context *cx, struct match *m, int side, const char *text);

/* All conditions on addresses of a family (0: IPv4), ports or MAC addresses in one list; NULL: none. */
const struct spans *match_addresses(struct match_context *cx, const struct match_side *side, int family);
const struct spans *match_ports(struct match_context *cx, const struct match_side *side);
const struct spans *match_macs(struct match_context *cx, const struct match_side *side);

/* ---- match_packet.c -------------------------------------------------------------------------- */

/*
 * Does the packet meet the conditions? What only the kernel can answer (members of dynamic groups) counts as no, and
 * *ret_unknown says what it was; it is left alone otherwise.
 */
bool match_packet(struct match_context *cx, const struct match *m, const struct packet *p, const char **ret_unknown);

/* Is it one of the names, "eth*" among them? */
bool match_is_named(const char *const *names, size_t n, const char *name);

/* ---- match_check.c --------------------------------------------------------------------------- */

/* Refuse conditions of the rule's entry that do not go together. */
void match_check(const struct node *rule, const char *path, struct diag *d);

/* ---- match_text.c ---------------------------------------------------------------------------- */

/*
 * The conditions in nft's words, once for each nft rule it takes ("ip saddr 10.0.0.0/8 tcp dport { 22, 80 }"), none
 * when nothing can match. 'variant' 0-3 tells them apart: 1 IPv6, 2 ports of VRFs. Groups of several members are named
 * sets, which are wanted of 'w' with their elements.
 */
typedef void match_text_fn(void *ctx, const char *text, unsigned variant);
void match_texts(struct match_context *cx, const struct match *m, struct want *w, match_text_fn *fn,
		 void *ctx);

/* The named sets of the group are not wanted any more. */
void match_unwant_sets(struct match_context *cx, const struct match_group *g);

/* "eth0", "eth*" as nft's { "eth0", "eth*" } or one alone; appended. */
void match_names_print(const char *const *names, size_t n, struct str *out);
