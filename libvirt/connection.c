/* SPDX-License-Identifier: GPL-2.0-or-later */
/* https://libvirt.org/html/libvirt-libvirt-network.html, libvirt-libvirt-domain.html, since 0.9.13. */
#include "libvirt/connection.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/base/mem.h"

enum { NETWORK_INACTIVE = 1, DOMAINS_RUNNING = 1 }; /* VIR_NETWORK_XML_INACTIVE, VIR_CONNECT_LIST_DOMAINS_ACTIVE */

/* Of the library, by the names it has there. Objects of libvirt are opaque. */
struct functions {
	void *(*virConnectOpen)(const char *uri);
	int (*virConnectClose)(void *connection);
	const char *(*virGetLastErrorMessage)(void);
	void (*virSetErrorFunc)(void *ctx, void (*fn)(void *ctx, void *error));
	void *(*virNetworkLookupByName)(void *connection, const char *name);
	char *(*virNetworkGetXMLDesc)(void *network, unsigned flags);
	int (*virNetworkIsActive)(void *network);
	int (*virNetworkGetAutostart)(void *network, int *ret);
	int (*virNetworkSetAutostart)(void *network, int on);
	int (*virNetworkDestroy)(void *network);
	int (*virNetworkCreate)(void *network);
	int (*virNetworkUndefine)(void *network);
	void *(*virNetworkDefineXML)(void *connection, const char *xml);
	int (*virNetworkFree)(void *network);
	int (*virConnectListAllDomains)(void *connection, void ***ret, unsigned flags);
	char *(*virDomainGetXMLDesc)(void *domain, unsigned flags);
	int (*virDomainFree)(void *domain);
};

#define NAME(function)                                          \
	{                                                       \
#function, offsetof(struct functions, function) \
	}

static const struct {
	const char *name;
	size_t at;
} names[] = {
	NAME(virConnectOpen),      NAME(virConnectClose),        NAME(virGetLastErrorMessage),
	NAME(virSetErrorFunc),     NAME(virNetworkLookupByName), NAME(virNetworkGetXMLDesc),
	NAME(virNetworkIsActive),  NAME(virNetworkGetAutostart), NAME(virNetworkSetAutostart),
	NAME(virNetworkDestroy),   NAME(virNetworkCreate),       NAME(virNetworkUndefine),
	NAME(virNetworkDefineXML), NAME(virNetworkFree),         NAME(virConnectListAllDomains),
	NAME(virDomainGetXMLDesc), NAME(virDomainFree),
};

struct libvirt_connection {
	void *library, *connection;
	struct functions f;
};

static int fail(const struct libvirt_connection *c, const char *what, struct diag *d)
{
	const char *why = c->f.virGetLastErrorMessage ? c->f.virGetLastErrorMessage() : NULL;

	diag_error(d, "libvirt", "%s: %s", what, why ? why : "no reason is given");
	return -EIO;
}

/* It would print them on stderr. */
static void ignore_error(void *ctx, void *error)
{
	(void)ctx;
	(void)error;
}

static int load(struct libvirt_connection *c, struct diag *d)
{
	c->library = dlopen("libvirt.so.0", RTLD_NOW | RTLD_LOCAL);
	if (!c->library) {
		diag_error(d, "libvirt", "its library is not here: %s", dlerror());
		return -ENOENT;
	}
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		void *function = dlsym(c->library, names[i].name);

		if (!function) {
			diag_error(d, "libvirt", "its library has no %s", names[i].name);
			return -ENOSYS;
		}
		memcpy((char *)&c->f + names[i].at, &function, sizeof function);
	}
	return 0;
}

int libvirt_connect(struct libvirt_connection **ret, struct diag *d)
{
	struct libvirt_connection *c = mem_alloc(sizeof *c);
	int err = load(c, d);

	if (!err) {
		c->f.virSetErrorFunc(NULL, ignore_error);
		c->connection = c->f.virConnectOpen("qemu:///system");
		err = c->connection ? 0 : fail(c, "libvirtd is not reached", d);
	}
	*ret = err ? libvirt_disconnect(c) : c;
	return err;
}

struct libvirt_connection *libvirt_disconnect(struct libvirt_connection *c)
{
	if (c && c->connection)
		c->f.virConnectClose(c->connection);
	if (c && c->library)
		dlclose(c->library);
	free(c);
	return NULL;
}

static void *find(struct libvirt_connection *c, const char *name, struct diag *d)
{
	void *network = c->f.virNetworkLookupByName(c->connection, name);

	if (!network)
		fail(c, name, d);
	return network;
}

int libvirt_network_document(struct libvirt_connection *c, const char *name, char **ret_xml, bool *ret_running,
			     struct diag *d)
{
	void *network = find(c, name, d);
	int err = 0;

	if (!network)
		return -ENOENT;
	*ret_running = c->f.virNetworkIsActive(network) == 1;
	*ret_xml = c->f.virNetworkGetXMLDesc(network, NETWORK_INACTIVE);
	if (!*ret_xml)
		err = fail(c, name, d);
	c->f.virNetworkFree(network);
	return err;
}

int libvirt_each_guest(struct libvirt_connection *c, void (*fn)(void *ctx, const char *xml), void *ctx, struct diag *d)
{
	void **domains = NULL;
	int n = c->f.virConnectListAllDomains(c->connection, &domains, DOMAINS_RUNNING);

	if (n < 0)
		return fail(c, "its guests", d);
	for (int i = 0; i < n; i++) {
		char *xml = c->f.virDomainGetXMLDesc(domains[i], 0);

		if (xml) /* it may have ended meanwhile */
			fn(ctx, xml);
		free(xml);
		c->f.virDomainFree(domains[i]);
	}
	free(domains);
	return 0;
}

static int act(struct libvirt_connection *c, const char *name, int (*how)(void *network), struct diag *d)
{
	void *network = find(c, name, d);
	int err = network ? 0 : -ENOENT;

	if (network && how(network))
		err = fail(c, name, d);
	if (network)
		c->f.virNetworkFree(network);
	return err;
}

int libvirt_network_stop(struct libvirt_connection *c, const char *name, struct diag *d)
{
	return act(c, name, c->f.virNetworkDestroy, d);
}

int libvirt_network_start(struct libvirt_connection *c, const char *name, struct diag *d)
{
	return act(c, name, c->f.virNetworkCreate, d);
}

int libvirt_network_replace(struct libvirt_connection *c, const char *name, const char *xml, struct diag *d)
{
	void *old = find(c, name, d), *new = NULL;
	int with_host = 0, err = old ? 0 : -ENOENT;
	char *before = NULL;

	if (!err) {
		before = c->f.virNetworkGetXMLDesc(old, NETWORK_INACTIVE);
		c->f.virNetworkGetAutostart(old, &with_host);
		if (!before || c->f.virNetworkUndefine(old))
			err = fail(c, name, d);
	}
	if (!err) {
		new = c->f.virNetworkDefineXML(c->connection, xml);
		if (!new) {
			err = fail(c, name, d);
			new = c->f.virNetworkDefineXML(c->connection, before);
		} else if (c->f.virNetworkCreate(new) || (with_host && c->f.virNetworkSetAutostart(new, 1))) {
			err = fail(c, name, d);
		}
	}
	if (old)
		c->f.virNetworkFree(old);
	if (new)
		c->f.virNetworkFree(new);
	free(before);
	return err;
}
