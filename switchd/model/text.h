/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to model/: readers of the text forms. Each changes *root as far as it gets; parse.c keeps the original. */
#pragma once
#include "switchd/model/tree.h"

int text_parse_json(struct node **root, const char *text, size_t len, struct diag *d);
int text_parse_set(char *text, const char *name, text_line_fn *fn, void *ctx, struct diag *d);
int text_parse_curly(const char *text, const char *name, text_line_fn *fn, void *ctx, struct diag *d);
