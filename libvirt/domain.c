/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libvirt/domain.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "libvirt/internal.h"

/* Our metadata, NULL: there is none. */
static const xmlNode *metadata(const xmlNode *domain)
{
	const xmlNode *n = xml_first(xml_first(domain, "metadata"), "guest");

	while (n && !(n->ns && !strcmp((const char *)n->ns->href, LIBVIRT_NAMESPACE)))
		n = xml_next(n, "guest");
	return n;
}

static void read_metadata(const xmlNode *guest, struct libvirt_port *p, struct arena *texts)
{
	for (const xmlNode *n = xml_first(guest, "port"); n; n = xml_next(n, "port")) {
		const char *mac = xml_attribute(n, "mac", texts);

		if (mac && (!p->mac || strcasecmp(mac, p->mac) != 0))
			continue;
		p->network = xml_attribute(n, "network", texts);
		p->profile = xml_attribute(n, "profile", texts);
		return;
	}
}

int libvirt_domain_read(const char *xml, size_t len, struct libvirt_domain *ret, struct diag *d)
{
	xmlDoc *doc = xml_read(xml, len, "domain", d);
	const xmlNode *domain = doc ? xmlDocGetRootElement(doc) : NULL, *guest = metadata(domain);

	*ret = (struct libvirt_domain){ 0 };
	if (!doc)
		return -EINVAL;
	ret->name = xml_text(xml_first(domain, "name"), &ret->texts);
	for (const xmlNode *i = xml_first(xml_first(domain, "devices"), "interface"); i; i = xml_next(i, "interface")) {
		const xmlNode *source = xml_first(i, "source");
		struct libvirt_port p = { .device = xml_attribute(xml_first(i, "target"), "dev", &ret->texts),
					  .mac = xml_attribute(xml_first(i, "mac"), "address", &ret->texts),
					  .source = xml_attribute(source, "network", &ret->texts),
					  .bridge = xml_attribute(source, "bridge", &ret->texts),
					  .group = xml_attribute(source, "portgroup", &ret->texts) };

		read_metadata(guest, &p, &ret->texts);
		vec_push(&ret->ports, p);
	}
	xmlFreeDoc(doc);
	return 0;
}

void libvirt_domain_done(struct libvirt_domain *dom)
{
	vec_done(&dom->ports);
	arena_done(&dom->texts);
}
