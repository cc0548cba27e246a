/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/features.h"

#include <errno.h>

#include "dhcp/dhcp.h"
#include "dhcp6/dhcp6.h"
#include "dns/dns.h"
#include "firewall/firewall.h"
#include "nat/nat.h"
#include "ra/ra.h"
#include "switchd/bridge/bridge.h"
#include "switchd/system.h"
#include "tftp/tftp.h"
#include "vrf/vrf.h"
#include "vyos/vyos.h"

const struct feature *const features[] = {
	&system_feature, &bridge_feature, &vrf_feature, &nat_feature, &firewall_feature, &dhcp_feature, &dhcp6_feature,
	&ra_feature,     &tftp_feature,   &dns_feature, NULL
};

struct schema *features_schema(struct diag *d)
{
	const struct schema_part *parts[FEATURES_MAX * 2];
	struct schema *s;
	size_t n = 0;

	for (const struct feature *const *f = features; *f; f++)
		for (const struct schema_part *p = (*f)->schema; p; p = p->next)
			parts[n++] = p;
	s = schema_new(parts, n, d);
	if (s)
		schema_set_dialect(s, vyos_dialect);
	return s;
}

int features_complete(struct node **root, struct diag *d)
{
	int err = 0;

	for (const struct feature *const *f = features; *f && !err; f++)
		if ((*f)->complete)
			err = (*f)->complete(root, d);
	return err;
}

int features_check(const struct node *old, const struct node *new, struct diag *d)
{
	int before = d->errors;

	tree_check(old, new, d);
	for (const struct feature *const *f = features; *f; f++)
		if ((*f)->check)
			(*f)->check(old, new, d);
	return d->errors > before ? -EINVAL : 0;
}
