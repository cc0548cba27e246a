/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands where systemd-resolved does on the bus of a test, and prints what it is told, a call a line. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>

static void print_servers(sd_bus_message *m)
{
	char text[INET6_ADDRSTRLEN];
	const void *bytes;
	int32_t family;
	size_t len;

	sd_bus_message_enter_container(m, 'a', "(iay)");
	while (sd_bus_message_enter_container(m, 'r', "iay") > 0) {
		sd_bus_message_read(m, "i", &family);
		sd_bus_message_read_array(m, 'y', &bytes, &len);
		printf(" %s", inet_ntop(family, bytes, text, sizeof text));
		sd_bus_message_exit_container(m);
	}
}

static void print_domains(sd_bus_message *m)
{
	const char *domain;
	int routing;

	sd_bus_message_enter_container(m, 'a', "(sb)");
	while (sd_bus_message_read(m, "(sb)", &domain, &routing) > 0)
		printf(" %s%s", routing ? "~" : "", domain);
}

static int on_message(sd_bus_message *m, void *ctx, sd_bus_error *error)
{
	const char *member = sd_bus_message_get_member(m);
	int32_t ifindex;
	int flag;

	(void)ctx;
	(void)error;
	if (!sd_bus_message_is_method_call(m, "org.freedesktop.resolve1.Manager", NULL))
		return 0;
	sd_bus_message_read(m, "i", &ifindex);
	printf("%s %d", member, ifindex);
	if (!strcmp(member, "SetLinkDNS"))
		print_servers(m);
	else if (!strcmp(member, "SetLinkDomains"))
		print_domains(m);
	else if (!strcmp(member, "SetLinkDefaultRoute") && sd_bus_message_read(m, "b", &flag) >= 0)
		printf(" %s", flag ? "yes" : "no");
	printf("\n");
	fflush(stdout);
	return sd_bus_reply_method_return(m, "");
}

int main(void)
{
	sd_bus *bus = NULL;

	if (sd_bus_open_system(&bus) < 0 || sd_bus_add_filter(bus, NULL, on_message, NULL) < 0 ||
	    sd_bus_request_name(bus, "org.freedesktop.resolve1", 0) < 0)
		return EXIT_FAILURE;
	while (sd_bus_wait(bus, UINT64_MAX) >= 0)
		while (sd_bus_process(bus, NULL) > 0)
			;
	return EXIT_FAILURE;
}
