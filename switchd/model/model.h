/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration model: typed schema rows, and immutable trees of what is configured.
 *
 * Rows are the only source: from them come parser, value check, completion, help, show, JSON, YANG and manual.
 * A tree is immutable once published: running, candidate and rollback points are pointers to roots that share
 * what they have in common (siblings form a treap ordered by row and typed key, copied on write along the path).
 * Trees are confined to one thread; reference counts are not atomic.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "switchd/base/diag.h"
#include "switchd/base/str.h"
#include "switchd/base/vec.h"

/* ---- schema ------------------------------------------------------------------------------------------------ */

enum row_kind {
	ROW_TREE, /* container */
	ROW_LIST, /* entries with a key: 'network NAME ...'; the row's type is the key's type */
	ROW_LEAF, /* one value */
	ROW_MANY, /* several values of one type (leaf-list), ordered by value */
	ROW_FLAG, /* presence of the word */
};

struct type {
	/*
	 * Write the canonical form of 'in' into 'out' of VALUE_SIZE bytes, or add "'in' is not ..." to err and
	 * return -EINVAL.
	 */
	int (*parse)(const struct type *t, const char *in, char *out, struct str *err);
	/*
	 * Binary sort key of a canonical value, compared by memcmp; NULL: the text itself. Returns its length (<=
	 * 64).
	 */
	size_t (*key)(const char *canonical, unsigned char *out);
	const char *hint;         /* shown by '?': "<1-4094>", "A.B.C.D/LEN" */
	const char *unit;         /* "seconds" */
	const char *const *words; /* enumeration: word, help, word, help, ..., NULL */
	const char *ref;          /* value is a key of this list: "network" or "firewall name" */
	const char *unless;       /* ... but this value, which stands for something else */
	bool negatable;           /* ... with or without '!' before it */
	const char *yang;         /* YANG type statement without the word 'type', e.g. "inet:ipv4-address" */
	uint32_t min, max;        /* range of a number, length of a text */
	bool numeric;             /* printed as a JSON number */
};

enum { VALUE_SIZE = 512, PATH_WORDS = 32 };

/*
 * One setting. 'depth' says where it belongs: each row is a child of the nearest row above it with a smaller depth.
 * The first rows of a part have depth 1, below the part's 'under' ("" = top, "network" = inside every network).
 */
struct row {
	uint8_t depth;
	enum row_kind kind;
	const char *name;
	const struct type *type;
	const char *help;
	const char *dflt;     /* default, canonical; returned by node_value() when not configured */
	const char *key_name; /* ROW_LIST: name of the key in JSON and YANG; NULL: "name" */
	uint8_t choice; /* not 0: setting one of the rows with this number removes its siblings of the same number */
	bool must;      /* a leaf that every entry needs */
	bool unique;    /* a leaf no two entries of the list may share */
	bool unit;      /* ROW_LIST: each entry is a unit of its own, see struct unit */
	bool hidden;    /* only the program itself puts it into a tree: it is never typed, shown or saved */
	uint16_t max;   /* ROW_MANY: at most so many values; 0: any */
};

struct schema_part {
	const char *under; /* path of lists and trees: "", "network" */
	const struct row *rows;
	size_t n;
	const struct schema_part *next; /* more rows, elsewhere; or NULL */
};

/* A row with its place in the schema. */
struct def {
	const struct row *row;
	const struct def *parent, *child, *next;
	const struct def *ref; /* the list row a reference points to */
	const struct def **by_name; /* the children, sorted by name */
	unsigned children;
	unsigned order;        /* position of the row in the whole schema: siblings are ordered by it */
	bool units;            /* a row below is a unit */
};

struct schema;

/*
 * Link the parts, in their order; a part may go under rows of an earlier part. The rows must outlive the schema.
 * NULL with the reason in 'd' when a part's place or a reference does not exist (a bug of the program).
 */
struct schema *schema_new(const struct schema_part *const *parts, size_t n, struct diag *d);
void schema_free(struct schema *s);
const struct def *schema_root(const struct schema *s);
/* Find a row: "network dhcp range". NULL when there is none. */
const struct def *schema_find(const struct schema *s, const char *path);
/* The child row with exactly this name, or NULL. */
const struct def *def_child(const struct def *d, const char *name);
/* Type of the value that follows the word: a leaf's, or a list key's; NULL for trees and flags. */
const struct type *def_type(const struct def *d);

/* ---- types ------------------------------------------------------------------------------------------------- */

enum { TYPE_HEX_MAX = 255 };

int type_enum(const struct type *t, const char *in, char *out, struct str *err);
int type_number(const struct type *t, const char *in, char *out, struct str *err); /* min..max */
int type_name(const struct type *t, const char *in, char *out, struct str *err);   /* letters, digits, - _ . */
int type_text(const struct type *t, const char *in, char *out, struct str *err);   /* printable UTF-8, max bytes */
int type_domain(const struct type *t, const char *in, char *out,
		struct str *err); /* DNS name, lower-cased, no final dot */
int type_ifname(const struct type *t, const char *in, char *out, struct str *err); /* a Linux interface name */
size_t type_number_key(const char *canonical, unsigned char *out);
size_t type_ip_key(const char *canonical, unsigned char *out); /* addresses, prefixes and ranges */

extern const struct type type_ip4, type_ip6, type_ip; /* A.B.C.D ; h:h::h ; either */
extern const struct type type_prefix;                 /* an interface address ADDRESS/LEN, host bits kept, v4 or v6 */
extern const struct type type_subnet; /* ADDRESS/LEN, host bits cleared; a bare address is /32 or /128 */
extern const struct type type_range4, type_range6; /* A.B.C.D-A.B.C.D or A.B.C.D (canonical A-A) */
extern const struct type type_host_name;           /* one label of a DNS name, lower-cased */
extern const struct type type_hex;                 /* bytes aa:bb:.., at most TYPE_HEX_MAX, lower-cased */
extern const struct type type_mac, type_port, type_port_range, type_mtu, type_interface, type_description;

/* Rows define their own numbers and enumerations with these. */
#define TYPE_NUMBER(id, lo, hi, unit_)                               \
	static const struct type id = { .parse = type_number,        \
					.key = type_number_key,      \
					.min = lo,                   \
					.max = hi,                   \
					.hint = "<" #lo "-" #hi ">", \
					.unit = unit_,               \
					.numeric = true }
#define TYPE_ENUM(id, ...)                                             \
	static const char *const id##_words[] = { __VA_ARGS__, NULL }; \
	static const struct type id = { .parse = type_enum, .words = id##_words }
#define TYPE_NAME(id, longest) static const struct type id = { .parse = type_name, .hint = "<name>", .max = longest }
#define TYPE_TEXT(id, longest) static const struct type id = { .parse = type_text, .hint = "<text>", .max = longest }
#define TYPE_REF(id, list) \
	static const struct type id = { .parse = type_name, .hint = "<name>", .max = 31, .ref = list }

/* ---- trees ------------------------------------------------------------------------------------------------- */

struct node;

/* An empty configuration. Trees are reference counted: ref() returns its argument, NULL is allowed in both. */
struct node *tree_new(const struct schema *s);
struct node *node_ref(struct node *n);
void node_unref(struct node *n);

const struct def *node_def(const struct node *n);
const char *node_name(const struct node *n); /* the row's word: "network" */
const char *node_key(const struct node *n);  /* list key or value, canonical; "" for trees and flags */

/* The child tree, flag or leaf with this name, or NULL. NULL parent gives NULL in all of these. */
const struct node *node_get(const struct node *parent, const char *name);
/* The list entry (or ROW_MANY value) with this canonical key, or NULL. */
const struct node *node_find(const struct node *parent, const char *name, const char *key);
/* Do the two share their content, as unchanged parts of two versions of a tree do? Both or neither may be NULL. */
bool node_shared(const struct node *a, const struct node *b);
/* Is the leaf configured alike, or not at all, in two versions of an entry? NULL has none. */
bool node_leaf_same(const struct node *a, const struct node *b, const char *name);
/* The same of all these leaves; 'names' ends with NULL. */
bool node_leaves_same(const struct node *a, const struct node *b, const char *const *names);
/* Value of a leaf: configured, else the default, else NULL. Needs 'parent' not NULL for a default. */
const char *node_value(const struct node *parent, const char *name);
/* The same as a number; 'otherwise' when there is neither value nor default. */
uint32_t node_number(const struct node *parent, const char *name, uint32_t otherwise);
bool node_flag(const struct node *parent, const char *name);
/* Any of these flags? 'names' ends with NULL. */
bool node_any_flag(const struct node *parent, const char *const *names);

/*
 * Children named 'name' (NULL: all) in order:
 *	for (const struct node *e = node_first(root, "network"); e; e = node_next(root, e, "network"))
 * O(log n) a step, and no edits between two.
 */
const struct node *node_first(const struct node *parent, const char *name);
const struct node *node_next(const struct node *parent, const struct node *after, const char *name);

/* The same in constant time a step, for lists of thousands. */
struct node_walk {
	const struct node *parent, *at, *above[64];
	const char *name;
	int n; /* nodes in 'above': what is behind 'at', the next one last; -1: too deep to tell */
};
const struct node *node_walk_first(struct node_walk *w, const struct node *parent, const char *name);
const struct node *node_walk_next(struct node_walk *w);

/* ---- changing a tree ------------------------------------------------------------------------------------------ */

/*
 * Apply one change to *root, which the caller owns and which is replaced by the changed tree. Words are exact
 * (no abbreviations). Errors: "network web mtu: '5' is not a number in 68-9216". Deleting what is absent is a
 * warning in 'd' and returns 0.
 */
int tree_set(struct node **root, int n, const char *const *words, struct diag *d);
int tree_delete(struct node **root, int n, const char *const *words, struct diag *d);

/* The same with our own words only, whatever dialect the schema has. */
int tree_set_plain(struct node **root, int n, const char *const *words, struct diag *d);
int tree_delete_plain(struct node **root, int n, const char *const *words, struct diag *d);

/* The same for hidden rows: what the program itself notes in a tree. */
int tree_note(struct node **root, int n, const char *const *words, struct diag *d);
int tree_unnote(struct node **root, int n, const char *const *words, struct diag *d);

/* Replace the top-level tree 'name' of *root by that of 'from' (by nothing when it has none). O(log n). */
void tree_graft(struct node **root, const struct node *from, const char *name);

/* ---- comparing -------------------------------------------------------------------------------------------------- */

/* A difference: 'path' are the nodes from the top-level entry down to the parent of the changed one. */
struct change {
	const struct node *old, *new; /* NULL: added, removed; both: leaf value changed */
	const struct node *const *path;
	int depth;
};
typedef int change_fn(void *ctx, const struct change *c); /* not 0: stop */

/* Report every difference below two roots, in order; shared parts cost nothing. Returns fn's non-zero result or 0. */
int tree_compare(const struct node *old, const struct node *new, change_fn *fn, void *ctx);

/* The differences as 'delete ...' and 'set ...' lines that turn old into new. */
void tree_print_delta(const struct node *old, const struct node *new, struct str *out);
/* The differences for people: '-' and '+' lines in curly form with their context, VyOS' 'compare'. */
void tree_print_diff(const struct node *old, const struct node *new, struct str *out);

/* ---- units ------------------------------------------------------------------------------------------------------ */

/*
 * A part of the configuration that is checked and planned as one: a top-level entry, or an entry further down whose row
 * says 'unit'. The units inside it are units of their own and no part of it.
 */
enum { UNIT_DEPTH = 6 };
struct unit {
	const struct node *path[UNIT_DEPTH]; /* from the top-level entry to the unit's own node */
	int depth;
};

/* The unit's own node; NULL gives NULL. */
const struct node *unit_node(const struct unit *u);

/* Is it one of these: "network", "vrf name"? NULL is not. */
bool unit_is(const struct unit *u, const char *path);

/* The unit at the same place in another tree. */
bool unit_find(const struct node *root, const struct unit *u, struct unit *ret_unit);

/* "network web port vnet3", added to out. */
void unit_print(const struct unit *u, struct str *out);

/* Every unit that differs, inner ones before the one they are in; NULL on the side where it does not exist. */
typedef int unit_change_fn(void *ctx, const struct unit *old, const struct unit *new);
int tree_changed_units(const struct node *old, const struct node *new, unit_change_fn *fn, void *ctx);

/* Every unit below the node at the end of the path (NULL: of the tree). */
typedef void unit_fn(void *ctx, const struct unit *u);
void tree_units(const struct node *root, unit_fn *fn, void *ctx);

/* The unit of an entry: its node and the ones above it, outermost first. */
struct unit unit_of(int depth, const struct node *const *path);

/* ---- checking -------------------------------------------------------------------------------- */

/* Mandatory leaves, unique leaves, references, numbers of values: of what differs between old and new (NULL: all). */
int tree_check(const struct node *old, const struct node *new, struct diag *d);

/* ---- text forms ------------------------------------------------------------------------------ */

/*
 * Print below 'n' (a root or any node). 'n' itself is not part of the output but for set lines, which carry
 * 'prefix'.
 */
void tree_print_set(const struct node *n, const char *prefix,
		    struct str *out);                         /* "set network default mtu 1500" lines */
void tree_print_curly(const struct node *n, struct str *out); /* VyOS curly form */
void tree_print_json(const struct node *n, struct str *out);  /* RFC 7951 shape, flags are true */

/*
 * Read a whole configuration: set/delete lines with '#' comments, curly text, or JSON (told apart by the first words).
 * Applied onto *root (start with tree_new() to replace). On error *root is unchanged and every bad line is reported
 * with 'name:line'. 'text' need not be NUL-terminated.
 */
int tree_parse(struct node **root, const char *text, size_t len, const char *name, struct diag *d);

/*
 * Path of a node for messages: the words of 'path' joined by blanks ("network default dhcp"), then 'last' when not
 * NULL.
 */
void path_print(const struct node *const *path, int depth, const struct node *last, struct str *out);

/* A statement of a configuration text. */
struct text_line {
	int n;
	const char *const *words; /* without 'set' or 'delete' */
	int line;
	bool deletes; /* a 'delete' line */
	bool block;   /* curly: what a block begins with; its statements follow */
};
typedef int text_line_fn(void *ctx, const struct text_line *l, struct diag *d);

/* Read set/delete lines or curly text statement by statement. Reasons carry 'name:line'; goes on after errors. */
int text_read(const char *text, size_t len, const char *name, text_line_fn *fn, void *ctx, struct diag *d);

/* An empty configuration of the same schema as that of 'root'. */
struct node *tree_sibling(const struct node *root);

/*
 * Other words that may be used for ours: called by tree_set() and tree_delete() for words a schema does not have to
 * know. Carries them out on *root when they are of the dialect (*ret_mine), with tree_set() in turn.
 */
typedef int dialect_fn(struct node **root, bool set, int n, const char *const *words, struct diag *d, bool *ret_mine);
void schema_set_dialect(struct schema *s, dialect_fn *fn);

/* ---- completion and help --------------------------------------------------------------------- */

struct candidate {
	const char *word; /* "<1-4094>" in angle brackets when it describes a value rather than being one */
	const char *help;
	bool literal; /* can be typed as it is */
};

struct completion {
	struct vec(struct candidate) at;
	bool complete; /* the words typed so far are a complete path: <Enter> is possible */
};

/*
 * What may follow 'words' (complete words) given that the next begins with 'partial'. 'configured' limits it to what
 * exists in the tree (delete, show, edit). The texts live as long as schema and tree. Words may be abbreviated.
 */
int tree_complete(const struct node *root, int n, const char *const *words, const char *partial, bool configured,
		  struct completion *ret, struct diag *d);

/*
 * Expand unique abbreviations of schema words in place (exact names win); ambiguity and unknown words are errors that
 * list the candidates. Expanded words point into the schema.
 */
int tree_expand(const struct schema *s, int n, const char **words, struct diag *d);

/* Print the schema as a YANG 1.1 module. */
void schema_print_yang(const struct schema *s, struct str *out);
/* Print the reference part of vnet-config(5) as mdoc. */
void schema_print_manual(const struct schema *s, struct str *out);
