/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why a configuration of router advertisements is refused. */
#include <errno.h>
#include <string.h>

#include "ra/config.h"
#include "ra/ra.h"
#include "switchd/plan/network.h"

static void check_lifetimes(const struct node *network, const struct node *ra, struct diag *d)
{
	uint32_t lifetime = node_number(ra, "lifetime", RA_LIFETIME),
		 interval = node_number(ra, "interval", RA_INTERVAL);
	uint32_t valid = node_number(ra, "valid-lifetime", RA_VALID);
	struct str path = { 0 };

	str_addf(&path, "network %s ra", node_key(network));
	if (lifetime && lifetime < interval)
		diag_error(d, str_get(&path),
			   "a lifetime of %u seconds is less than the interval of %u: guests would lose "
			   "their router between two advertisements",
			   lifetime, interval);
	if (node_number(ra, "preferred-lifetime", RA_PREFERRED) > valid)
		diag_error(d, str_get(&path), "the preferred-lifetime is more than the valid-lifetime of %u seconds",
			   valid);
	str_done(&path);
}

static int check_network(void *arg, const struct unit *old, const struct unit *unit)
{
	const struct node *network = unit_network(unit), *ra = node_get(network, "ra");
	struct diag *d = arg;

	(void)old;
	if (!ra)
		return 0;
	if (!network_address(network, 6, NULL))
		diag_refuse(d, "needs an IPv6 address on this network, like 'address 2001:db8:1::1/64'",
			    "network %s ra", node_key(network));
	check_lifetimes(network, ra, d);
	for (const struct node *r = node_first(ra, "route"); r; r = node_next(ra, r, "route"))
		if (!strchr(node_key(r), ':'))
			diag_refuse(d, "is not an IPv6 prefix", "network %s ra route %s", node_key(network),
				    node_key(r));
	return 0;
}

int ra_check(const struct node *old, const struct node *new, struct diag *d)
{
	int before = d->errors;

	tree_changed_units(old, new, check_network, d);
	return d->errors > before ? -EINVAL : 0;
}
