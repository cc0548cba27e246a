/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All networks as the service knows them: from the configuration it is sent, and from lease events. Pure. */
#pragma once
#include "dns/answer.h"
#include "dns/cache.h"
#include "dns/vrf.h"
#include "switchd/base/diag.h"
#include "switchd/base/vec.h"
#include "switchd/model/model.h"

enum { DNS_SERVERS_MAX = 16 };

struct dns_servers {
	struct ip at[DNS_SERVERS_MAX];
	size_t n;
	bool own; /* named by the network itself, not by the host */
};

/* Servers for a domain and all below it. */
struct dns_forward_domain {
	struct dns_name name;
	struct dns_servers servers;
};

/* Queries since the service began, by where their answers came from. */
struct dns_stats {
	uint64_t queries, own, cached, forwarded, stale, failed, limited, refreshed;
};

struct dns_network {
	char name[EVENT_NAME], vrf[EVENT_NAME]; /* "": in none */
	struct dns_zone zone;
	struct dns_cache cache;
	struct dns_stats stats;
	unsigned rate;    /* queries a second of one client, 0: any number */
	bool log_queries; /* each into the log */
	struct dns_servers forwarders;
	struct vec(struct dns_forward_domain) domains;
};

struct dns_config {
	const struct schema *schema; /* borrowed */
	struct node *root;
	struct map by_name; /* -> struct dns_network, owned; networks stay until the end */
	struct dns_servers system, resolvers;
	struct dns_vrfs vrfs;
};

/* The schema is that of all features and must outlive the configuration. */
void dns_config_init(struct dns_config *c, const struct schema *schema);
void dns_config_done(struct dns_config *c);

/*
 * Take set and delete lines: all of the configuration, or what changes. 0, or
 * -EINVAL with the reasons in 'd' and nothing changed. 'now' in seconds since the epoch.
 */
int dns_config_apply(struct dns_config *c, const char *text, bool replace, int64_t now, struct diag *d);

/* The network; made when it is not known yet. */
struct dns_network *dns_config_network(struct dns_config *c, const char *name);

/* The host's own resolvers; those that are no addresses are skipped. */
void dns_config_resolvers(struct dns_config *c, int n, char *const *words);

/*
 * Whom the network asks for a name that is not its own: the servers of the longest domain it is in, its forwarders,
 * else the system's, else the host's; never itself.
 */
void dns_config_servers(const struct dns_config *c, const struct dns_network *n, const struct dns_name *name,
			struct dns_servers *ret_servers);

/* The VRF in which a server that the network names itself is asked, NULL: the host's own domain (vrf.h). */
const char *dns_config_vrf(struct dns_config *c, const struct dns_network *n, const struct ip *server);

/* Forget the answers of others: of one network, or of all (NULL). */
void dns_config_clear(struct dns_config *c, const char *network);

/* Add the rows of 'show dns cache' (times on a steady clock), 'statistics' and 'names' (since the epoch) as JSON. */
void dns_show_cache(const struct dns_config *c, int64_t now, struct str *out);
void dns_show_statistics(const struct dns_config *c, struct str *out);
void dns_show_names(const struct dns_config *c, int64_t now, struct str *out);
