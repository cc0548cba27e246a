/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words of VyOS, old and new, as ours: the one place where dialects are translated.
 *
 * Firewall, zone and nat words of VyOS 1.1 to 1.5 are taken wherever a configuration is read or edited. A whole file of
 * VyOS is imported with a report of what was taken, what was changed and every line that was not taken.
 */
#pragma once
#include "switchd/base/arena.h"
#include "switchd/base/map.h"
#include "switchd/model/model.h"

/* Words of ours. */
struct vyos_line {
	const char *words[PATH_WORDS];
	int n;
};

/* What a line of VyOS becomes. */
struct vyos_lines {
	struct arena *arena;
	struct vec(struct vyos_line) at; /* none: there is nothing to say */
	const char *note;                /* what was changed in meaning, or NULL */
	const char *reason;              /* why it is not taken; NULL: it is */
};

/* A whole file being read: what an earlier line has to know of later ones. NULL where lines come one by one. */
struct vyos_file {
	struct map four;   /* names of rule sets and base chains that the file has for IPv4 */
	struct map starts; /* beginnings of DHCP ranges that wait for their end */
};

/*
 * Translate the words of a 'set' or 'delete'. False: they are ours already. 'root' is the configuration they are for.
 * Words that only lead somewhere ("interfaces ethernet") become no line.
 */
bool vyos_translate(const struct node *root, struct vyos_file *file, int n, const char *const *words,
		    struct vyos_lines *ret_lines);

/* As the dialect of a schema (model.h): translate and apply. */
int vyos_dialect(struct node **root, bool set, int n, const char *const *words, struct diag *d, bool *ret_mine);

/* How a file was taken. */
struct vyos_report {
	struct str changed, refused; /* lines of text */
	unsigned lines, taken_n, changed_n, refused_n;
};

/*
 * Read config.boot or set lines into *root, which keeps what it has beside them. 0, or -EINVAL when the text is neither
 * (*root is unchanged then, the reason in 'd'); lines that are not taken are no error.
 */
int vyos_import(struct node **root, const char *text, size_t len, const char *name, struct vyos_report *ret_report,
		struct diag *d);
void vyos_report_done(struct vyos_report *r);
