/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/render.h"

#include <ctype.h>
#include <libsmartcols/libsmartcols.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/base/mem.h"

/* A table of properties explains itself: no headings. */
static bool is_properties(const json_t *columns)
{
	const char *first = json_string_value(json_array_get(columns, 0));

	return json_array_size(columns) == 2 && first && !strcmp(first, "property");
}

static const char *cell_colour(const char *column, const char *cell)
{
	static const char *const colours[][2] = {
		{ "up", "green" }, { "down", "red" }, { "conflict", "red" }, { "disabled", "yellow" }
	};

	for (size_t i = 0; column && cell && !strcmp(column, "state") && i < sizeof colours / sizeof *colours; i++)
		if (!strcmp(colours[i][0], cell))
			return colours[i][1];
	return NULL;
}

/* A heading nobody sees must not widen its column. */
static void add_columns(struct libscols_table *t, const json_t *columns, bool headings)
{
	json_t *column;
	size_t i;

	json_array_foreach(columns, i, column) {
		char *name = mem_strdup(headings ? json_string_value(column) : "");

		for (char *s = name; *s; s++)
			*s = (char)toupper((unsigned char)*s);
		scols_table_new_column(t, name, 0, 0);
		free(name);
	}
}

enum { NUMBER_SIZE = 24 };

/* Cells are texts or numbers. */
static const char *cell_text(const json_t *cell, char number[NUMBER_SIZE])
{
	if (!json_is_integer(cell))
		return json_string_value(cell);
	snprintf(number, NUMBER_SIZE, "%" JSON_INTEGER_FORMAT, json_integer_value(cell));
	return number;
}

static void add_row(struct libscols_table *t, const json_t *columns, const json_t *row, bool colour)
{
	struct libscols_line *line = scols_table_new_line(t, NULL);
	json_t *cell;
	size_t i;

	json_array_foreach(row, i, cell) {
		char number[NUMBER_SIZE];
		const char *text = cell_text(cell, number), *name = json_string_value(json_array_get(columns, i));
		const char *shade = colour ? cell_colour(name, text) : NULL;

		scols_line_set_data(line, i, text);
		if (shade)
			scols_cell_set_color(scols_line_get_cell(line, i), shade);
	}
}

/* Add the text without blanks at the ends of its lines. */
static void add_trimmed(const char *text, struct str *out)
{
	for (size_t len; *text; text += len + (text[len] == '\n')) {
		size_t keep = len = strcspn(text, "\n");

		while (keep && text[keep - 1] == ' ')
			keep--;
		str_addn(out, text, keep);
		str_addc(out, '\n');
	}
}

static void render_table(const json_t *table, const struct cli_look *look, struct str *out)
{
	const json_t *columns = json_object_get(table, "columns"), *rows = json_object_get(table, "rows");
	bool headings = look->headings && !is_properties(columns);
	struct libscols_table *t = scols_new_table();
	char *text = NULL;
	json_t *row;
	size_t i;

	scols_table_set_termforce(t, SCOLS_TERMFORCE_NEVER);
	scols_table_set_column_separator(t, "  ");
	scols_table_enable_noheadings(t, !headings);
	scols_table_enable_colors(t, look->colour);
	add_columns(t, columns, headings);
	json_array_foreach(rows, i, row)
		add_row(t, columns, row, look->colour);
	if (json_array_size(rows) && !scols_print_table_to_string(t, &text))
		add_trimmed(text, out);
	free(text);
	scols_unref_table(t);
}

void cli_render_tables(const json_t *tables, const struct cli_look *look, struct str *out)
{
	json_t *table;
	size_t i;

	json_array_foreach(tables, i, table) {
		const char *title = json_string_value(json_object_get(table, "title"));

		if (!json_array_size(json_object_get(table, "rows")))
			continue;
		if (out->len && look->headings)
			str_addc(out, '\n');
		if (title && look->headings)
			str_addf(out, "%s:\n", title);
		render_table(table, look, out);
	}
}

void cli_render_diff(const char *text, struct str *out)
{
	static const char *const colours[] = { ['+'] = "\033[32m", ['-'] = "\033[31m", ['>'] = "\033[33m" };

	for (size_t len; *text; text += len) {
		unsigned char mark = (unsigned char)*text;
		const char *colour = mark < sizeof colours / sizeof *colours ? colours[mark] : NULL;
		size_t line = strcspn(text, "\n");

		len = line + (text[line] == '\n');
		str_add(out, colour ? colour : "");
		str_addn(out, text, line);
		str_add(out, colour ? "\033[0m" : "");
		str_addn(out, text + line, len - line);
	}
}
