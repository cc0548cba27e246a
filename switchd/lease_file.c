/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/lease_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dhcp/line.h"
#include "dhcp/record.h"
#include "switchd/base/map.h"
#include "switchd/base/mem.h"
#include "switchd/base/msg.h"

enum { FILE_MAX = 256 << 20 };

/* The last line about an address. */
struct last {
	char key[DHCP_LABEL + 16];
	struct dhcp_record record;
};

static void take_line(struct map *all, const char *line, size_t len)
{
	struct last *l = mem_alloc(sizeof *l);
	char record[DHCP_LINE_MAX];
	uint64_t seq;

	if (dhcp_line_parse(line, len, record, &seq) || dhcp_record_parse(record, &l->record)) {
		free(l);
		return;
	}
	snprintf(l->key, sizeof l->key, "%s %08x", l->record.network, l->record.address);
	free(map_put(all, l->key, l));
}

void lease_file_read(const char *state_dir, int64_t now, lease_file_fn *fn, void *ctx)
{
	struct str path = { 0 }, text = { 0 };
	struct map all = { 0 };
	size_t i = 0;
	int fd;

	str_addf(&path, "%s/leases", state_dir);
	fd = open(str_get(&path), O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && !msg_slurp(fd, &text, FILE_MAX))
		for (const char *s = str_get(&text), *end; (end = strchr(s, '\n')); s = end + 1)
			take_line(&all, s, (size_t)(end - s));
	if (fd >= 0)
		close(fd);
	for (struct map_entry *e; (e = map_next(&all, &i));) {
		struct last *l = e->value;
		struct ip ip = ip_from_u32(l->record.address);

		if (!l->record.declined && l->record.expires > now)
			fn(ctx, l->record.network, &l->record.mac, &ip);
		free(l);
	}
	map_done(&all);
	str_done(&path);
	str_done(&text);
}
