/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dhcp/boot.h"

#include <string.h>

#include "dhcp/packet.h"
#include "switchd/base/str.h"
#include "switchd/model/model.h"

const struct dhcp_boot_arch dhcp_boot_archs[] = {
	{ "bios", { 0, -1 } },
	{ "uefi-ia32", { 6, -1 } },
	{ "uefi-x64", { 7, 9, -1 } },
	{ "uefi-arm32", { 10, -1 } },
	{ "uefi-arm64", { 11, -1 } },
	{ "uefi-x64-http", { 16, -1 } },
	{ "uefi-arm64-http", { 19, -1 } },
	{ "uefi-riscv64", { 27, -1 } },
	{ 0 },
};

static const char *text_of(const struct node *n, const char *leaf, struct arena *texts)
{
	const char *value = node_value(n, leaf);

	return value ? arena_strdup(texts, value) : NULL;
}

void dhcp_boot_read(const struct node *boot, struct arena *texts, struct dhcp_boot *ret)
{
	const char *server = node_value(boot, "server");
	struct ip ip;

	*ret = (struct dhcp_boot){ .file = text_of(boot, "file", texts), .ipxe = text_of(boot, "ipxe-file", texts) };
	if (server && !ip_parse(server, &ip) && ip.family == 4)
		ret->server = ip_u32(&ip);
	for (const struct node *n = node_first(boot, "architecture"); n; n = node_next(boot, n, "architecture"))
		for (const struct dhcp_boot_arch *a = dhcp_boot_archs; a->name; a++)
			if (!strcmp(a->name, node_key(n)) && node_value(n, "file"))
				vec_push(&ret->by_arch, (struct dhcp_boot_file){ a, text_of(n, "file", texts) });
}

void dhcp_boot_done(struct dhcp_boot *b)
{
	vec_done(&b->by_arch);
}

static bool is(const struct dhcp_boot_arch *a, int type)
{
	for (const int16_t *t = a->type; *t >= 0; t++)
		if (*t == type)
			return true;
	return false;
}

const char *dhcp_boot_file(const struct dhcp_boot *b, const struct dhcp_message *m)
{
	const char *file = b->file;

	for (size_t i = 0; i < b->by_arch.n; i++)
		if (m->has_arch && is(b->by_arch.at[i].arch, m->arch))
			file = b->by_arch.at[i].file;
	if (m->is_ipxe && b->ipxe)
		file = b->ipxe;
	return file && m->is_http && !str_starts(file, "http") ? NULL : file;
}
