/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a rule of firewall or nat matches, read from its entry: the words 'protocol', 'source', 'destination' with
 * address, port, mac-address and group, 'inbound-interface' and 'outbound-interface'.
 *
 * A condition on an address, a port or a MAC address is a list of spans: sorted, disjoint, never touching, so that two
 * lists are equal when they are the same bytes. What is static (values and groups) ends up in spans; what packets or
 * name servers fill (dynamic and domain groups, fqdn) stays a named set that is only looked up.
 */
#pragma once
#include "switchd/base/addr.h"
#include "switchd/base/map.h"
#include "switchd/base/vec.h"
#include "switchd/plan/feature.h"

/* From first to last, both included, of the list's width. */
struct match_span {
	uint8_t first[16], last[16];
};

struct match_spans {
	VEC_FIELDS(struct match_span);
	uint8_t width; /* bytes: 4, 16, 6 (MAC), 2 (port) */
};

/* A group with all it includes, read once for a tree. Addresses and networks: [0] IPv4, [1] IPv6; others: [0]. */
struct match_group {
	const char *kind, *name; /* "address-group", "web" */
	struct match_spans spans[2];
	struct vec(const char *) interfaces; /* of an interface group */
};

/* A named set that is looked up: dynamic, domain and fqdn groups. */
struct match_lookup {
	const char *set; /* without the family: "DA_guests" becomes "DA6_guests" */
	bool except;
};

/* One condition of a side: spans, or those not in them. */
struct match_values {
	const struct match_spans *in; /* NULL: no condition */
	const struct match_group *group; /* that 'in' is, or NULL */
	bool except;
};

enum { MATCH_ADDRESSES = 3, MATCH_LOOKUPS = 3 };

/* Source or destination. All conditions hold at once. */
struct match_side {
	struct match_values address[MATCH_ADDRESSES][2]; /* address, address-group, network-group; [..][family] */
	struct match_lookup lookup[MATCH_LOOKUPS];
	unsigned lookups;
	struct match_values port[2];  /* port, port-group */
	struct match_spans ports_not; /* those of 'port' with '!' */
	struct match_values mac[2];   /* mac-address, mac-group */
	struct ip mask;               /* of 'address'; family 0: none */
};

/* Interfaces by name; "eth*" for all that begin so. */
struct match_interfaces {
	bool any, except;
	struct vec(const char *) own;     /* seen under their own name */
	struct vec(const char *) members; /* of VRFs: seen as the VRF on the way in, their own name is 'sdifname' */
};

enum match_protocol { MATCH_ALL = -1, MATCH_TCP_UDP = -2 };

struct match {
	bool family[2];    /* may IPv4, IPv6 packets match? */
	int protocol;      /* a number or enum match_protocol */
	bool protocol_not;
	struct match_side side[2]; /* source, destination */
	struct match_interfaces in, out;
};

/* Groups and spans read so far. Zero it; match_done() at the end. Everything read lives as long. */
struct match_context {
	const struct node *config;
	struct arena arena;
	struct map groups; /* "address-group web" -> struct match_group */
	struct vec(struct match_spans *) spans; /* to be freed */
};

void match_done(struct match_context *cx);

/* The group, empty when there is none; a cycle of includes ends where it closes. */
const struct match_group *match_group(struct match_context *cx, const char *kind, const char *name);

/* Read the rule's entry, which has passed the checks. */
void match_read(struct match_context *cx, const struct node *rule, struct match *ret_match);

/* Spans of "10.0.0.0/8", "22,80-90", a MAC address; added unsorted. Put them in order with match_spans_settle(). */
void match_spans_add_address(struct match_spans *s, const char *text);
void match_spans_settle(struct match_spans *s);
bool match_spans_has(const struct match_spans *s, const uint8_t *value);

/* The values as one list (conditions joined, exceptions taken out); NULL: no condition. Owned by the context. */
const struct match_spans *match_addresses(struct match_context *cx, const struct match_side *side, int family);
const struct match_spans *match_ports(struct match_context *cx, const struct match_side *side);
const struct match_spans *match_macs(struct match_context *cx, const struct match_side *side);

/* A span in nft's words: "10.0.0.0/8", "10.0.0.1-10.0.0.3", "80", "80-90". Appended to out. */
void match_span_print(const struct match_span *span, unsigned width, struct str *out);

/*
 * The conditions in nft's words, once for each nft rule it takes ("ip saddr 10.0.0.0/8 tcp dport { 22, 80 }"). Groups
 * of more than one member are named sets, which are wanted of 'w' under 'path' with their elements.
 */
typedef void match_text_fn(void *ctx, const char *text, unsigned variant);
void match_texts(struct match_context *cx, const struct match *m, struct want *w, const char *path, match_text_fn *fn,
		 void *ctx);
