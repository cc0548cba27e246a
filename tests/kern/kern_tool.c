/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bring the kernel to what files say, one after the other, through the backend:
 *
 *	kern_tool [--show] FILE...
 *	kern_tool --sockets DEVICE ADDRESS     open the services' sockets, wait 2 s for a DHCP packet, print its length
 *
 * A file has one object a line, "KIND KEY; ATTRIBUTE VALUE; ATTRIBUTE VALUE ...". What is there, ours and not in the
 * file is deleted (sysctls excepted). After each file the state kept from notifications must give an empty plan and
 * must be what a second, new backend reads. Prints "step N: R requests". Exit 0 ok, 1 refused, 2 usage, 3 not equal.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "switchd/base/arena.h"
#include "switchd/base/map.h"
#include "switchd/kern/kern.h"
#include "switchd/plan/order.h"

struct tool {
	void *backend;
	struct state state;
	struct diag diag;
};

static int word_id(const char *word, size_t len, const char *(*name)(unsigned id), unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (!strncmp(name(i), word, len) && !name(i)[len])
			return (int)i;
	fprintf(stderr, "unknown word '%.*s'\n", (int)len, word);
	exit(2);
}

static const char *kind_at(unsigned id)
{
	return object_kind_name((enum object_kind)id);
}

static const char *attr_at(unsigned id)
{
	return attr_name((enum attr_id)id);
}

static struct object *parse_line(struct arena *a, char *line)
{
	struct object *o = arena_new(a, struct object);
	char *part = strtok(line, ";");
	size_t len = strcspn(part, " ");

	o->kind = (enum object_kind)word_id(part, len, kind_at, OBJECT_KINDS);
	o->key = arena_strdup(a, part + len + 1);
	o->path = "network test";
	while ((part = strtok(NULL, ";"))) {
		part += strspn(part, " ");
		len = strcspn(part, " ");
		object_add(a, o, (enum attr_id)word_id(part, len, attr_at, ATTR_IDS), part + len + 1);
	}
	return o;
}

static void load(const char *path, struct arena *a, struct map wanted[OBJECT_KINDS])
{
	FILE *f = fopen(path, "r");
	char *line = NULL;
	size_t room = 0;

	if (!f) {
		perror(path);
		exit(2);
	}
	while (getline(&line, &room, f) > 0) {
		struct object *o;

		line[strcspn(line, "\n")] = '\0';
		if (!*line || *line == '#')
			continue;
		o = parse_line(a, line);
		map_put(&wanted[o->kind], o->key, o);
	}
	free(line);
	fclose(f);
}

static bool differs(const struct object *want, const struct object *have, bool *fixed)
{
	bool any = false;

	*fixed = false;
	for (unsigned i = 0; i < want->n; i++) {
		const char *v = object_attr(have, want->attrs[i].id);
		char hash[OBJECT_HASH] = "";

		if (want->attrs[i].id == ATTR_EXPR)
			object_expr_hash(want->attrs[i].value, hash);
		if (v && (!strcmp(v, want->attrs[i].value) || !strcmp(v, hash)))
			continue;
		any = true;
		*fixed = *fixed || attr_is_fixed(want->kind, want->attrs[i].id);
	}
	return any;
}

static void make_plan(const struct tool *t, struct map wanted[OBJECT_KINDS], struct plan *plan)
{
	for (enum object_kind kind = 0; kind < OBJECT_KINDS; kind++) {
		const struct object *o;
		struct map_entry *e;
		size_t i = 0;

		while ((e = map_next(&wanted[kind], &i))) {
			const struct object *have = state_get(&t->state, kind, e->key);
			bool fixed;

			if (!have) {
				vec_push(&plan->ops, (struct op){ .verb = OP_ADD, .want = e->value });
			} else if (differs(e->value, have, &fixed)) {
				if (fixed)
					vec_push(&plan->ops, (struct op){ .verb = OP_DELETE, .have = have });
				vec_push(&plan->ops, (struct op){ .verb = fixed ? OP_ADD : OP_SET,
								  .want = e->value,
								  .have = fixed ? NULL : have });
			}
		}
		i = 0;
		while (kind != OBJECT_SYSCTL && (o = state_next(&t->state, kind, &i)))
			if (!o->foreign && !map_get(&wanted[kind], o->key))
				vec_push(&plan->ops, (struct op){ .verb = OP_DELETE, .have = o });
	}
	plan_sort(plan);
}

static int compare_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* All objects as sorted lines. */
static void print_state(const struct state *s, struct str *out)
{
	struct vec(char *) lines = { 0 };

	for (enum object_kind kind = 0; kind < OBJECT_KINDS; kind++) {
		const struct object *o;
		size_t i = 0;

		while ((o = state_next(s, kind, &i))) {
			struct op op = { .verb = OP_ADD, .want = o };
			struct str line = { 0 };

			/* The kernel makes link-local addresses in its own time. */
			if (o->foreign && o->kind == OBJECT_ADDRESS && strstr(o->key, " fe80:"))
				continue;
			str_add(&line, o->foreign ? "foreign " : "ours ");
			op_print(&op, &line);
			vec_push(&lines, str_take(&line));
		}
	}
	if (lines.n)
		qsort(lines.at, lines.n, sizeof *lines.at, compare_text);
	for (size_t i = 0; i < lines.n; i++) {
		str_addf(out, "%s\n", lines.at[i]);
		free(lines.at[i]);
	}
	vec_done(&lines);
}

/* Does a second backend, which reads everything, see what ours kept up to date? */
static int compare_fresh(struct tool *t)
{
	struct tool fresh = { 0 };
	struct str mine = { 0 }, theirs = { 0 };
	int result = 3;

	if (kern_backend.open(&fresh.backend, &fresh.diag))
		goto out;
	/* It probes for what the kernel can do, which leaves notifications. */
	if (kern_backend.observe(t->backend, &t->state, NULL, &t->diag))
		goto out;
	if (kern_backend.observe(fresh.backend, &fresh.state, NULL, &fresh.diag))
		goto out;
	print_state(&t->state, &mine);
	print_state(&fresh.state, &theirs);
	result = strcmp(str_get(&mine), str_get(&theirs)) ? 3 : 0;
	if (result)
		fprintf(stderr, "kept:\n%sread:\n%s", str_get(&mine), str_get(&theirs));
out:
	kern_backend.close(fresh.backend);
	state_done(&fresh.state);
	diag_done(&fresh.diag);
	str_done(&mine);
	str_done(&theirs);
	return result;
}

static int step(struct tool *t, const char *path, int number)
{
	struct map wanted[OBJECT_KINDS] = { 0 };
	struct plan plan = { 0 }, after = { 0 };
	uint64_t before = kern_backend.requests(t->backend);
	struct str left = { 0 };
	int result = 1;

	load(path, &plan.arena, wanted);
	if (kern_backend.observe(t->backend, &t->state, NULL, &t->diag))
		goto out;
	make_plan(t, wanted, &plan);
	if (kern_backend.apply(t->backend, &plan, &t->state, &t->diag))
		goto out;
	if (kern_backend.observe(t->backend, &t->state, NULL, &t->diag))
		goto out;
	printf("step %d: %llu requests\n", number, (unsigned long long)(kern_backend.requests(t->backend) - before));
	make_plan(t, wanted, &after);
	plan_print(&after, &left);
	if (after.ops.n)
		fprintf(stderr, "left after %s:\n%s", path, str_get(&left));
	result = after.ops.n ? 3 : compare_fresh(t);
out:
	for (enum object_kind kind = 0; kind < OBJECT_KINDS; kind++)
		map_done(&wanted[kind]);
	str_done(&left);
	plan_done(&plan);
	plan_done(&after);
	return result;
}

static int open_sockets(const char *device, const char *address)
{
	struct diag d = { 0 };
	struct pollfd dhcp = { .events = POLLIN };
	int udp = -1, tcp = -1, result = 1;
	char packet[2048];
	struct ip ip;

	dhcp.fd = -1;
	if (ip_parse(address, &ip) || kern_socket_dhcp4(device, &dhcp.fd, &d) ||
	    kern_socket_dns(device, &ip, false, &udp, &d) || kern_socket_dns(device, &ip, true, &tcp, &d))
		goto out;
	puts("open");
	fflush(stdout);
	if (poll(&dhcp, 1, 2000) > 0)
		printf("packet of %zd bytes\n", recv(dhcp.fd, packet, sizeof packet, 0));
	result = 0;
out:
	fputs(diag_text(&d), stderr);
	diag_done(&d);
	close(dhcp.fd);
	close(udp);
	close(tcp);
	return result;
}

int main(int argc, char **argv)
{
	bool show = argc > 1 && !strcmp(argv[1], "--show");
	struct tool t = { 0 };
	struct str text = { 0 };
	int result;

	if (argc == 4 && !strcmp(argv[1], "--sockets"))
		return open_sockets(argv[2], argv[3]);
	if (argc < 2 + show)
		return 2;
	result = kern_backend.open(&t.backend, &t.diag) ? 1 : 0;
	for (int i = 1 + show; !result && i < argc; i++)
		result = step(&t, argv[i], i - show);
	if (show)
		print_state(&t.state, &text);
	fputs(str_get(&text), stdout);
	for (int i = 0; show && i < CAPABILITIES; i++)
		printf("capability %s: %s\n", capability_name((enum capability)i), t.state.has[i] ? "yes" : "no");
	fputs(diag_text(&t.diag), stderr);
	kern_backend.close(t.backend);
	state_done(&t.state);
	diag_done(&t.diag);
	str_done(&text);
	return result;
}
