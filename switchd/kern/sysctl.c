/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Settings under /proc/sys. Keys are written as sysctl(8) prints them, but the name of a device stays as it is:
 * net.ipv4.conf.br0.10.rp_filter is /proc/sys/net/ipv4/conf/br0.10/rp_filter.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/netconf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "switchd/base/str.h"
#include "switchd/kern/fault.h"
#include "switchd/kern/self.h"

static const char *const globals[] = { "net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding" };

/* What is set on links of ours. */
static const char *const of_link[] = {
	"net.ipv4.conf.%s.route_localnet",
	"net.ipv4.conf.%s.arp_notify",
	"net.ipv6.conf.%s.disable_ipv6",
	"net.ipv6.conf.%s.accept_ra",
	"net.ipv6.conf.%s.ndisc_notify",
	SYSCTL_KEEP_ADDRESSES,
};

static const char *const with_device[] = { "net.ipv4.conf.", "net.ipv6.conf.", "net.ipv4.neigh.", "net.ipv6.neigh." };

/* The part of the key that names a device, or NULL. */
static const char *device_of(const char *key, size_t *ret_len)
{
	for (size_t i = 0; i < sizeof with_device / sizeof *with_device; i++) {
		const char *device = key + strlen(with_device[i]), *last = strrchr(key, '.');

		if (!str_starts(key, with_device[i]) || last <= device)
			continue;
		*ret_len = (size_t)(last - device);
		return device;
	}
	return NULL;
}

static bool sysctl_is_global(const char *key)
{
	size_t len;
	const char *device = device_of(key, &len);

	return !device || (len == 3 && !strncmp(device, "all", 3)) || (len == 7 && !strncmp(device, "default", 7));
}

/* The file of the key; -EINVAL when it would leave /proc/sys. */
static int path_of(const char *key, char *buf, size_t size)
{
	size_t len = 0;
	const char *device = device_of(key, &len);
	char *p = buf + snprintf(buf, size, "/proc/sys/");

	if (strchr(key, '/') || strstr(key, "..") || *key == '.' || strlen(key) >= size - 16)
		return -EINVAL;
	for (const char *s = key; *s; s++)
		*p++ = *s == '.' && !(device && s >= device && s < device + len) ? '/' : *s;
	*p = '\0';
	return 0;
}

static int write_key(const char *key, const char *value)
{
	char path[PATH_MAX];
	int fd, result = path_of(key, path, sizeof path);

	if (result)
		return result;
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, value, strlen(value)) < 0)
		result = -errno;
	close(fd);
	return result;
}

/* Is it the switch for IPv6 of a device that has none: booted with ipv6.disable=1, or an MTU below 1280? */
static bool is_without_ipv6(const char *key)
{
	size_t len, leaf = strlen(".disable_ipv6");
	const char *device = str_starts(key, "net.ipv6.conf.") ? device_of(key, &len) : NULL;
	char path[PATH_MAX];

	if (!device || strlen(key) < leaf || strcmp(key + strlen(key) - leaf, ".disable_ipv6") != 0)
		return false;
	snprintf(path, sizeof path, "/proc/sys/net/ipv4/conf/%.*s", (int)len, device);
	return !access(path, F_OK);
}

int sysctl_apply(struct kern *k, const struct op *op, struct diag *d)
{
	const char *value = op->verb == OP_DELETE ? NULL : object_attr(op->want, ATTR_VALUE);
	int result;

	/* What was there before is not known, so no longer wanting a value leaves it. */
	if (!value)
		return 0;
	result = fault_due(NULL, NULL) ? -EIO : write_key(op->want->key, value);
	if (result == -ENOENT && !strcmp(value, "1") && is_without_ipv6(op->want->key))
		result = 0;
	k->requests++;
	if (result)
		netlink_report(d, op, NULL, result == -ENOENT ? "this kernel has no such setting" : NULL, -result);
	mark(&k->dirty_sysctls, op->want->key);
	if (sysctl_is_global(op->want->key))
		k->all_sysctls = true;
	return result;
}

void sysctl_keep_ipv6(const struct op *op, const struct state *state)
{
	char key[128];
	const struct object *o;

	if (op->verb != OP_SET || !op_changes(op, ATTR_MTU))
		return;
	snprintf(key, sizeof key, "net.ipv6.conf.%s.disable_ipv6", op->want->key);
	o = state_get(state, OBJECT_SYSCTL, key);
	if (o)
		write_key(key, object_attr(o, ATTR_VALUE));
}

void sysctl_observe(struct observer *ob, const char *key)
{
	char path[PATH_MAX], value[128];
	struct draft f;
	ssize_t got = -1;
	int fd = path_of(key, path, sizeof path) ? -1 : open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		got = read(fd, value, sizeof value - 1);
		close(fd);
	}
	if (got < 0 && is_without_ipv6(key))
		got = snprintf(value, sizeof value, "1");
	if (got < 0) {
		observe_del(ob, OBJECT_SYSCTL, key);
		return;
	}
	value[got] = '\0';
	value[strcspn(value, "\n")] = '\0';
	draft_init(&f, OBJECT_SYSCTL, "%s", key);
	draft_attr(&f, ATTR_VALUE, "%s", value);
	observe_put(ob, &f.o);
}

void sysctl_observe_global(struct observer *ob)
{
	for (size_t i = 0; i < sizeof globals / sizeof *globals; i++)
		sysctl_observe(ob, globals[i]);
}

/* Forwarding was switched, for one device or for all. */
void sysctl_notice(struct observer *ob, const struct nlmsghdr *h)
{
	struct nlattr *tb[NETCONFA_MAX + 1];

	if (nlmsg_parse((struct nlmsghdr *)(uintptr_t)h, sizeof(struct netconfmsg), tb, NETCONFA_MAX, NULL) >= 0 &&
	    tb[NETCONFA_IFINDEX] && (int)nla_get_u32(tb[NETCONFA_IFINDEX]) == NETCONFA_IFINDEX_ALL)
		sysctl_observe_global(ob);
}

void sysctl_observe_link(struct observer *ob, const char *device)
{
	for (size_t i = 0; i < sizeof of_link / sizeof *of_link; i++)
		sysctl_observe_of(ob, of_link[i], device);
}

static void add_key(const char *pattern, const char *device, struct str *key)
{
	const char *percent = strstr(pattern, "%s");

	str_addf(key, "%.*s%s%s", (int)(percent - pattern), pattern, device, percent + 2);
}

void sysctl_observe_of(struct observer *ob, const char *pattern, const char *device)
{
	struct str key = { 0 };

	add_key(pattern, device, &key);
	sysctl_observe(ob, str_get(&key));
	str_done(&key);
}

void sysctl_forget_of(struct observer *ob, const char *pattern, const char *device)
{
	struct str key = { 0 };

	add_key(pattern, device, &key);
	observe_del(ob, OBJECT_SYSCTL, str_get(&key));
	str_done(&key);
}
