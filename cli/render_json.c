/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/render.h"

#include <stdlib.h>
#include <string.h>

void cli_render_json(const json_t *value, struct str *out)
{
	char *text = json_dumps(value, JSON_INDENT(2) | JSON_ENCODE_ANY);

	str_add(out, text ? text : "null");
	str_addc(out, '\n');
	free(text);
}

void cli_render_json_tables(const json_t *tables, struct str *out)
{
	json_t *list = json_array(), *table, *row, *cell;
	size_t i, k, c;

	json_array_foreach(tables, i, table) {
		json_t *columns = json_object_get(table, "columns");

		json_array_foreach(json_object_get(table, "rows"), k, row) {
			json_t *o = json_object();

			json_array_foreach(row, c, cell)
				json_object_set(o, json_string_value(json_array_get(columns, c)), cell);
			json_array_append_new(list, o);
		}
	}
	cli_render_json(list, out);
	json_decref(list);
}

void cli_render_json_text(const char *text, struct str *out)
{
	json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);

	if (!value) {
		value = json_array();
		for (size_t len; *text; text += len + (text[len] == '\n')) {
			len = strcspn(text, "\n");
			json_array_append_new(value, json_pack("{s:s%}", "text", text, len));
		}
	}
	cli_render_json(value, out);
	json_decref(value);
}
