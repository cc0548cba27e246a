/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small schema with one of everything, for the tests of the model. */
#pragma once
#include "tests/unit/unit.h"

#include <string.h>

#include "switchd/model/model.h"

TYPE_NAME(sample_name, 31);
TYPE_NUMBER(sample_number, 1, 999999, "units");
TYPE_ENUM(sample_action, "accept", "Let it pass.", "drop", "Discard it.");
TYPE_REF(sample_ref, "group");

static const struct row sample_rows[] = {
	{ 1, ROW_LIST, "group", &sample_name, .help = "Group." },
	{ 2, ROW_MANY, "address", &type_subnet, .help = "Member.", .max = 4 },
	{ 1, ROW_LIST, "set", &sample_name, .help = "Rule set." },
	{ 2, ROW_LEAF, "description", &type_description, .help = "Text." },
	{ 2, ROW_LEAF, "number", &sample_number, .help = "Number.", .unique = true },
	{ 2, ROW_LIST, "rule", &sample_number, .help = "Rule.", .key_name = "id", .unit = true },
	{ 3, ROW_LEAF, "action", &sample_action, .help = "Action.", .must = true },
	{ 3, ROW_LEAF, "group", &sample_ref, .help = "Group." },
	{ 3, ROW_FLAG, "log", .help = "Log it." },
	{ 3, ROW_LEAF, "masquerade", &sample_number, .choice = 1, .help = "One of two." },
	{ 3, ROW_LEAF, "translate", &type_ip, .choice = 1, .help = "The other." },
	{ 3, ROW_TREE, "limit", .help = "Limit." },
	{ 4, ROW_LEAF, "rate", &sample_number, .dflt = "10", .help = "Rate." },
	{ 1, ROW_TREE, "system", .help = "System." },
	{ 2, ROW_MANY, "server", &type_ip, .help = "Server." },
	{ 1, ROW_TREE, "noted", .help = "Hidden.", .hidden = true },
	{ 2, ROW_LIST, "fact", &sample_name, .help = "Fact.", .unit = true },
	{ 3, ROW_LEAF, "number", &sample_number, .help = "Number." },
};

static const struct schema_part sample_part = { "", sample_rows, sizeof sample_rows / sizeof *sample_rows, NULL };

static inline struct schema *sample_schema(void)
{
	const struct schema_part *const parts[] = { &sample_part };
	struct schema *s = schema_new(parts, 1, NULL);

	assert_non_null(s);
	return s;
}

/* Apply 'set ...' and 'delete ...' lines to the tree; returns the result of tree_parse(). */
static inline int sample_apply(struct node **root, const char *lines, struct diag *d)
{
	return tree_parse(root, lines, strlen(lines), "test", d);
}

/* Expect the tree to print as these set lines. */
#define expect_lines(root, lines)                           \
	do {                                                \
		struct str s_ = { 0 };                      \
		tree_print_set((root), "", &s_);            \
		assert_string_equal(str_get(&s_), (lines)); \
		str_done(&s_);                              \
	} while (0)
