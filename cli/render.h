/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Replies of the daemon as text for people and as JSON. Pure. */
#pragma once
#include <jansson.h>
#include <stdbool.h>

#include "switchd/base/str.h"

struct cli_look {
	bool headings, colour;
};

/* Varlink tables, aligned; titles and an empty line between them. */
void cli_render_tables(const json_t *tables, const struct cli_look *look, struct str *out);

/* Colour the lines that begin with + and - and >. */
void cli_render_diff(const char *text, struct str *out);

/*
 * The candidate in curly form with a column of marks before it: '+' added, '-' deleted, '>' another value. Both
 * texts are what the daemon prints.
 */
void cli_render_marks(const char *running, const char *candidate, struct str *out);

/* Varlink tables as one array of {column: value}. */
void cli_render_json_tables(const json_t *tables, struct str *out);

/* Any JSON value, indented. */
void cli_render_json(const json_t *value, struct str *out);

/* A text that is JSON, indented; the lines of any other as an array of {"text": line}. */
void cli_render_json_text(const char *text, struct str *out);
