/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to libvirt/: documents, and what the converter's files share. */
#pragma once
#include <libxml/tree.h>
#include <stdbool.h>

#include "libvirt/convert.h"
#include "switchd/base/addr.h"
#include "switchd/base/arena.h"

/* Read a document whose root element has this name; NULL with the reason in 'd'. To be freed by xmlFreeDoc(). */
xmlDoc *xml_read(const char *text, size_t len, const char *root, struct diag *d);

/* The first or next child element of this name, NULL: none. */
xmlNode *xml_first(const xmlNode *parent, const char *name);
xmlNode *xml_next(const xmlNode *child, const char *name);

/* The attribute, or the text of the element, in the arena; NULL where there is none (or no element). */
const char *xml_attribute(const xmlNode *n, const char *name, struct arena *texts);
const char *xml_text(const xmlNode *n, struct arena *texts);

/* A network being converted. */
struct converting {
	struct libvirt_report *r;
	struct arena texts;
	const char *name;   /* of the network */
	const char *domain; /* NULL: none is given */
	bool has_ipv6;
};

/* Add 'set' and the words up to NULL; or 'set network NAME' and the words. */
void convert_add(struct converting *g, bool of_network, const char *const *words);
#define convert_set(g, ...)         convert_add((g), false, (const char *const[]){ __VA_ARGS__, NULL })
#define convert_set_network(g, ...) convert_add((g), true, (const char *const[]){ __VA_ARGS__, NULL })

/* Report: "WHAT: reason". */
void convert_changed(struct converting *g, const char *what, const char *reason);
void convert_refused(struct converting *g, const char *what, const char *reason);

const char *convert_attribute(struct converting *g, const xmlNode *n, const char *name);
bool convert_is(struct converting *g, const xmlNode *n, const char *name, const char *value);

/* services.c: what is in an <ip> for DHCP; <dns>; <dnsmasq:options>. */
void convert_dhcp(struct converting *g, const xmlNode *ip, bool six);
void convert_dns(struct converting *g, const xmlNode *network);
void convert_dnsmasq(struct converting *g, const xmlNode *network);
