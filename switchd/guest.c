/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: a guest's interface joins a network by being put into its bridge, which libvirt does; that needs
 * no word here. What remains is a profile: the one the guest's metadata names, else the one its port group is called
 * like. Such a port is attached as by 'attach', so it is remembered, and guarded before the guest runs.
 */
#include "switchd/guest.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "switchd/plan/names.h"

static const char *text(const json_t *port, const char *name)
{
	const char *s = json_string_value(json_object_get(port, name));

	return s && *s ? s : NULL;
}

/* The network the port is for, NULL: none of ours. */
static const struct node *network_of(const struct node *root, const json_t *port)
{
	const char *name = text(port, "network"), *bridge = text(port, "bridge");
	char device[IFNAMSIZ];

	if (name)
		return node_find(root, "network", name);
	for (const struct node *n = node_first(root, "network"); bridge && n; n = node_next(root, n, "network"))
		if (!node_get(n, "switch") && !strcmp(names_network_bridge(n, device), bridge))
			return n;
	return NULL;
}

/* The profile of the port; NULL: it has none. Only one that the metadata names must be there. */
static const char *profile_of(const struct node *root, const json_t *port, struct diag *d)
{
	const char *asked = text(port, "profile"), *group = text(port, "group");

	if (asked && !node_find(root, "port-profile", asked))
		diag_refuse(d, "there is no such profile", "port-profile %s", asked);
	if (asked)
		return asked;
	return group && node_find(root, "port-profile", group) ? group : NULL;
}

static int take_port(struct daemon *m, const char *operation, const json_t *port, struct diag *d)
{
	const struct node *root = txn_running(m->txn), *network = network_of(root, port);
	const char *device = text(port, "device"), *name = text(port, "network"), *profile;
	struct diag ignored = { 0 };

	if (!strcmp(operation, "unplug")) {
		if (device && network)
			facts_detach(m->facts, device, &ignored);
		diag_done(&ignored);
		return 0;
	}
	if (name && !network)
		return diag_refuse(d, "there is no such network", "network %s", name);
	if (!network)
		return 0;
	profile = profile_of(root, port, d);
	if (d->errors)
		return -EINVAL;
	if (strcmp(operation, "plug") != 0 || (!profile && !name))
		return 0;
	if (!device)
		return diag_refuse(d, "has no device", "network %s", node_key(network));
	return facts_attach(m->facts, device, node_key(network), profile, d) ? -EINVAL : 1;
}

int guest_take(struct daemon *m, const char *operation, const json_t *ports, struct diag *d)
{
	const json_t *port;
	int attached = 0;
	size_t i;

	if (strcmp(operation, "check") != 0 && strcmp(operation, "plug") != 0 && strcmp(operation, "unplug") != 0)
		return diag_refuse(d, "is check, plug or unplug", "operation");
	json_array_foreach(ports, i, port) {
		int n = take_port(m, operation, port, d);

		if (n < 0)
			return n;
		attached += n;
	}
	return attached;
}
