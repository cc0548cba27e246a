/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "switchd/model/text.h"

/* ---- print ------------------------------------------------------------------------------------------------------ */

static void quote(const char *s, struct str *out)
{
	str_addc(out, '"');
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			str_addc(out, '\\');
		if ((unsigned char)*s < ' ')
			str_addf(out, "\\u%04x", *s);
		else
			str_addc(out, *s);
	}
	str_addc(out, '"');
}

static void scalar(const struct node *n, struct str *out)
{
	if (def_type(n->def)->numeric)
		str_add(out, node_key(n));
	else
		quote(node_key(n), out);
}

static void object(const struct node *n, struct str *out)
{
	const struct def *before = NULL;

	str_addc(out, '{');
	if (n->def->row->kind == ROW_LIST) {
		quote(n->def->row->key_name ? n->def->row->key_name : "name", out);
		str_addc(out, ':');
		scalar(n, out);
	}
	for (const struct node *c = node_first(n, NULL); c; before = c->def, c = node_next(n, c, NULL)) {
		bool many = def_keyed(c->def);

		if (before && def_keyed(before) && before != c->def)
			str_addc(out, ']');
		if (before || n->def->row->kind == ROW_LIST)
			str_addc(out, ',');
		if (c->def != before) {
			quote(node_name(c), out);
			str_add(out, many ? ":[" : ":");
		}
		/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): every node has a row */
		if (c->def->row->kind == ROW_TREE || c->def->row->kind == ROW_LIST)
			object(c, out);
		else if (c->def->row->kind == ROW_FLAG)
			str_add(out, "true");
		else
			scalar(c, out);
	}
	if (before && def_keyed(before))
		str_addc(out, ']');
	str_addc(out, '}');
}

void tree_print_json(const struct node *n, struct str *out)
{
	if (n->def->row->kind == ROW_TREE || n->def->row->kind == ROW_LIST)
		object(n, out);
	else if (n->value)
		scalar(n, out);
	else
		str_add(out, "true");
}

/* ---- parse ------------------------------------------------------------------------------------------------------ */

struct reading {
	struct node **root;
	struct diag *d;
	const char *words[PATH_WORDS];
	char numbers[PATH_WORDS][32];
	int n;
};

static int read_object(struct reading *r, const struct def *def, json_t *o, const char *skip);

static int refuse(struct reading *r, const char *what)
{
	struct str path = { 0 };

	for (int i = 0; i < r->n; i++)
		str_addf(&path, "%s%s", i ? " " : "", r->words[i]);
	diag_error(r->d, str_get(&path), "%s", what);
	str_done(&path);
	return -EINVAL;
}

/* Push a scalar as a word. */
static int push_scalar(struct reading *r, json_t *v)
{
	if (r->n == PATH_WORDS)
		return refuse(r, "nested too deep");
	if (json_is_string(v)) {
		r->words[r->n++] = json_string_value(v);
	} else if (json_is_integer(v)) {
		snprintf(r->numbers[r->n], sizeof r->numbers[r->n], "%" JSON_INTEGER_FORMAT, json_integer_value(v));
		r->words[r->n] = r->numbers[r->n];
		r->n++;
	} else {
		return refuse(r, "a string or a whole number is expected");
	}
	return 0;
}

static int set_scalar(struct reading *r, json_t *v)
{
	int n = r->n, err = push_scalar(r, v);

	if (!err)
		err = tree_set(r->root, r->n, r->words, r->d);
	r->n = n;
	return err;
}

static int read_entry(struct reading *r, const struct def *def, json_t *o)
{
	const char *name = def->row->key_name ? def->row->key_name : "name";
	json_t *key = json_object_get(o, name);
	int n = r->n, err;

	if (!key)
		return refuse(r, "an entry without its key");
	err = push_scalar(r, key);
	if (!err)
		err = tree_set(r->root, r->n, r->words, r->d);
	if (!err)
		err = read_object(r, def, o, name);
	r->n = n;
	return err;
}

static int read_member(struct reading *r, const struct def *def, json_t *v)
{
	enum row_kind kind = def ? def->row->kind : ROW_LEAF;
	json_t *e;
	size_t i;
	int err = 0;

	if (kind == ROW_FLAG || (kind == ROW_TREE && json_is_object(v))) {
		if (json_is_false(v))
			return 0;
		if (kind == ROW_FLAG && !json_is_true(v) && !json_is_array(v))
			return refuse(r, "true or false is expected");
		err = tree_set(r->root, r->n, r->words, r->d);
		return err || kind == ROW_FLAG ? err : read_object(r, def, v, NULL);
	}
	if (kind == ROW_TREE)
		return refuse(r, "an object {...} is expected");
	if (kind == ROW_LEAF)
		return set_scalar(r, v);
	if (!json_is_array(v))
		return refuse(r, "an array [...] is expected");
	json_array_foreach(v, i, e) {
		int one = kind == ROW_MANY    ? set_scalar(r, e)
			  : json_is_object(e) ? read_entry(r, def, e)
					      : refuse(r, "an object {...} is expected");
		err = err ? err : one;
	}
	return err;
}

static int read_object(struct reading *r, const struct def *def, json_t *o, const char *skip)
{
	const char *name;
	json_t *v;
	int err = 0;

	json_object_foreach(o, name, v) {
		const char *bare = strchr(name, ':') ? strchr(name, ':') + 1 : name;
		int one;

		if (skip && !strcmp(bare, skip))
			continue;
		if (r->n == PATH_WORDS)
			return refuse(r, "nested too deep");
		r->words[r->n++] = bare;
		one = read_member(r, def_child(def, bare), v);
		err = err ? err : one;
		r->n--;
	}
	return err;
}

int text_parse_json(struct node **root, const char *text, size_t len, struct diag *d)
{
	struct reading r = { .root = root, .d = d };
	json_error_t error;
	json_t *o = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	int err;

	if (!o)
		return diag_error(d, NULL, "line %d: not JSON: %s", error.line, error.text);
	err = json_is_object(o) ? read_object(&r, node_def(*root), o, NULL)
				: diag_error(d, NULL, "an object {...} is expected");
	json_decref(o);
	return err;
}
