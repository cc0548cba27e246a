/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hook of libvirt (https://libvirt.org/hooks.html): tells switchd about the interfaces of a guest.
 *
 * Theory of operation: libvirt waits for its hooks without a limit and holds locks meanwhile. So this reads the
 * document, sends one message, waits two seconds at most and never calls libvirt. It exits with 1, which keeps the
 * guest from starting, where the guest asks for what is not there; when switchd cannot be asked, that depends on
 * /etc/vnet/libvirt-hook: "fail-closed" keeps guests from starting, anything else lets them.
 */
#include <errno.h>
#include <libxml/parser.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "libvirt/domain.h"
#include "switchd/base/str.h"
#include "switchd/ctl/ctl.h"

enum { PATIENCE = 2, DOMAIN_MAX = 1 << 20 };

static bool closed; /* what may not be asked may not start */

static void on_alarm(int signal)
{
	static const char text[] = "vnet: switchd does not answer\n";

	(void)signal;
	if (write(STDERR_FILENO, text, sizeof text - 1) < 0 || closed)
		_exit(1);
	_exit(0);
}

static bool fails_closed(void)
{
	const char *file = getenv("VNET_LIBVIRT_HOOK");
	FILE *f = fopen(file ? file : "/etc/vnet/libvirt-hook", "re");
	char line[64];
	bool is = false;

	while (f && fgets(line, sizeof line, f))
		is |= !strncmp(line, "fail-closed", strlen("fail-closed"));
	if (f)
		fclose(f);
	return is;
}

/* What switchd is told at this point of a guest's life; NULL: nothing. */
static const char *meaning(const char *operation)
{
	static const char *const all[][2] = {
		{ "prepare", "check" },  { "start", "plug" },     { "attach", "plug" },
		{ "reconnect", "plug" }, { "stopped", "unplug" },
	};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (!strcmp(operation, all[i][0]))
			return all[i][1];
	return NULL;
}

static int slurp(struct str *out)
{
	char buf[8192];
	ssize_t n;

	while ((n = read(STDIN_FILENO, buf, sizeof buf)) > 0 && out->len <= DOMAIN_MAX)
		str_addn(out, buf, (size_t)n);
	return n < 0 ? -errno : out->len > DOMAIN_MAX ? -EFBIG : 0;
}

static void set(json_t *port, const char *name, const char *value)
{
	if (value)
		json_object_set_new(port, name, json_string(value));
}

static json_t *ports_of(const struct libvirt_domain *dom)
{
	json_t *ports = json_array();

	for (size_t i = 0; i < dom->ports.n; i++) {
		const struct libvirt_port *p = &dom->ports.at[i];
		json_t *port = json_object();

		set(port, "device", p->device);
		set(port, "mac", p->mac);
		set(port, "bridge", p->bridge);
		set(port, "group", p->group);
		set(port, "network", p->network);
		set(port, "profile", p->profile);
		json_array_append_new(ports, port);
	}
	return ports;
}

/* 0, -EPROTO: refused, or -errno: not asked. */
static int tell(const char *operation, const struct libvirt_domain *dom, struct diag *d)
{
	const char *dir = getenv("VNET_RUN_DIR");
	struct ctl_client *client = NULL;
	struct str path = { 0 };
	json_t *reply = NULL;
	int err;

	str_addf(&path, "%s/" CTL_SOCKET, dir && *dir ? dir : "/run/vnet");
	err = ctl_connect(str_get(&path), &client, d);
	if (!err)
		err = ctl_call(client, "io.vnet.Guest",
			       json_pack("{s:s,s:s,s:o}", "name", dom->name ? dom->name : "", "operation", operation,
					 "ports", ports_of(dom)),
			       &reply, d);
	json_decref(reply);
	ctl_close(client);
	str_done(&path);
	return err;
}

int main(int argc, char **argv)
{
	const char *operation = argc > 2 ? meaning(argv[2]) : NULL;
	bool of_guest = strstr(argv[0], "qemu") || strstr(argv[0], "lxc");
	struct libvirt_domain dom = { 0 };
	struct str xml = { 0 };
	struct diag d = { 0 };
	int err, status = 0;

	if (!of_guest || !operation)
		return 0;
	closed = fails_closed();
	signal(SIGALRM, on_alarm);
	signal(SIGPIPE, SIG_IGN);
	alarm(PATIENCE);
	err = slurp(&xml);
	if (err)
		diag_refuse(&d, strerror(-err), "standard input");
	else if (!libvirt_domain_read(str_get(&xml), xml.len, &dom, &d) && dom.ports.n)
		err = tell(operation, &dom, &d);
	if (d.errors || err) {
		fprintf(stderr, "vnet: %s", diag_text(&d));
		status = err == -EPROTO || closed;
	}
	libvirt_domain_done(&dom);
	str_done(&xml);
	diag_done(&d);
	xmlCleanupParser();
	return status;
}
