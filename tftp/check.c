/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why a configuration of TFTP is refused. */
#include <errno.h>

#include "switchd/plan/network.h"
#include "tftp/tftp.h"

static int check_network(void *arg, const struct unit *old, const struct unit *unit)
{
	const struct node *network = unit_network(unit), *tftp = node_get(network, "tftp");
	struct diag *d = arg;

	(void)old;
	if (!tftp)
		return 0;
	if (!node_get(tftp, "root"))
		diag_refuse(d, "needs a folder: set network NAME tftp root /srv/tftp", "network %s tftp",
			    node_key(network));
	if (!network_address(network, 4, NULL))
		diag_refuse(d, "needs an IPv4 address on this network", "network %s tftp", node_key(network));
	return 0;
}

int tftp_check(const struct node *old, const struct node *new, struct diag *d)
{
	int before = d->errors;

	tree_changed_units(old, new, check_network, d);
	return d->errors > before ? -EINVAL : 0;
}
