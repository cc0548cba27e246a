/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to switchd/: what operational commands share. */
#pragma once
#include "switchd/daemon.h"

/* A command being carried out. */
struct show {
	struct daemon *m;
	struct ctl_peer *peer;
	int n;
	const char *const *words;
};

/* A table without rows; the columns end with NULL. Owned by the caller until replied. */
json_t *show_table(const char *title, const char *const *columns);
json_t *show_row(json_t *table);
void show_cell(json_t *row, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Sort the rows by their cells, first to last. */
void show_sort(json_t *table);
void show_reply_table(struct show *s, json_t *table);
/* Read the kind from the kernel with fn(ctx, object), which fills the table; sort and reply. */
void show_listing(struct show *s, enum object_kind kind, void (*fn)(void *ctx, const struct object *o), void *ctx,
		  json_t *table);
void show_reply_text(struct show *s, const char *text);

/* ---- show_system.c --------------------------------------------------------------------------- */
void show_version(struct show *s);
void show_capabilities(struct show *s);
void show_configuration(struct show *s);
void show_configuration_commands(struct show *s);
void show_configuration_json(struct show *s);
void show_conflicts(struct show *s);
void show_drift(struct show *s);
void show_sessions(struct show *s);
void show_commits(struct show *s);

/* ---- show_firewall.c ------------------------------------------------------------------------- */
void show_firewall(struct show *s);
void show_firewall_rules(struct show *s);
void show_firewall_unused(struct show *s);
void show_firewall_shadowed(struct show *s);
void show_firewall_groups(struct show *s);
void show_firewall_zones(struct show *s);

/* ---- show_monitor.c -------------------------------------------------------------------------- */
void show_firewall_log(struct show *s);
void show_monitor_dhcp(struct show *s);
void show_monitor_dns(struct show *s);
void show_monitor_log(struct show *s);
void show_monitor_trace(struct show *s);

/* ---- show_nat.c, show_trace.c ---------------------------------------------------------------- */
void show_nat_rules(struct show *s);
void show_translations(struct show *s);
void show_connections(struct show *s);
void show_trace(struct show *s);

/* ---- show_switch.c --------------------------------------------------------------------------- */
void show_switches(struct show *s);
void show_ports(struct show *s);
void show_fdb(struct show *s);
void show_attach(struct show *s);
void show_detach(struct show *s);

/* ---- show_route.c ---------------------------------------------------------------------------- */
void show_vrfs(struct show *s);
void show_routes(struct show *s);
void show_neighbors(struct show *s);
void show_in_vnetctl(struct show *s);

/* ---- show_network.c -------------------------------------------------------------------------- */
void show_interfaces(struct show *s);
/* Is the port in the network: in its bridge, or on its switch in its VLAN? */
bool show_is_in(const struct object *port, const struct node *network);
const char *show_or_dash(const char *s);
void show_networks(struct show *s);
void show_network(struct show *s);
void show_nat(struct show *s);
void show_leases(struct show *s);
void show_cache(struct show *s);
void show_dhcp_statistics(struct show *s);
void show_dns_statistics(struct show *s);
void show_names(struct show *s);
void show_libvirt_network(struct show *s);
void show_add_lease(struct show *s);
void show_clear_lease(struct show *s);
void show_clear_cache(struct show *s);
