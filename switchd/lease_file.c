/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/lease_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dhcp/line.h"
#include "dhcp/record.h"
#include "dhcp6/record.h"
#include "switchd/base/map.h"
#include "switchd/base/mem.h"
#include "switchd/base/msg.h"

enum { FILE_MAX = 256 << 20 };

/* What the last line about an address or prefix says. */
struct last {
	char key[EVENT_NAME + ADDR_TEXT];
	struct lease_event event;
	bool declined;
};

static bool read_record(const char *text, struct last *l)
{
	struct lease_event *e = &l->event;
	struct dhcp6_record six;
	struct dhcp_record four;

	if (!dhcp_record_parse(text, &four)) {
		*e = (struct lease_event){ .ip = ip_from_u32(four.address), .mac = four.mac, .expires = four.expires };
		memcpy(e->network, four.network, sizeof four.network);
		l->declined = four.declined;
		return true;
	}
	if (dhcp6_record_parse(text, &six))
		return false;
	*e = (struct lease_event){ .ip = six.lot.ip, .mac = six.mac, .expires = six.expires, .via = six.via };
	e->len = six.lot.kind == DHCP6_PREFIX ? six.lot.len : 0;
	memcpy(e->network, six.network, sizeof six.network);
	l->declined = six.declined;
	return true;
}

static void take_line(struct map *all, const char *line, size_t len)
{
	struct last *l = mem_alloc(sizeof *l);
	char record[DHCP_LINE_MAX], ip[ADDR_TEXT];
	uint64_t seq;

	if (dhcp_line_parse(line, len, record, &seq) || !read_record(record, l)) {
		free(l);
		return;
	}
	snprintf(l->key, sizeof l->key, "%.*s %s/%u", EVENT_NAME - 1, l->event.network, ip_text(&l->event.ip, ip),
		 l->event.len);
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

		if (!l->declined && l->event.expires > now)
			fn(ctx, &l->event);
		free(l);
	}
	map_done(&all);
	str_done(&path);
	str_done(&text);
}
