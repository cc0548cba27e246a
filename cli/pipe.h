/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands behind '|': filters of lines, and how to render. Pure but for 'save'. */
#pragma once
#include <jansson.h>
#include <regex.h>

#include "cli/words.h"

enum cli_stage_kind {
	CLI_STAGE_MATCH,
	CLI_STAGE_NO_MATCH,
	CLI_STAGE_BEGIN,
	CLI_STAGE_COUNT,
	CLI_STAGE_JSON,
	CLI_STAGE_COMMANDS,
	CLI_STAGE_DIFF,
	CLI_STAGE_SAVE,
	CLI_STAGE_NO_MORE,
};

struct cli_stage {
	enum cli_stage_kind kind;
	regex_t regex; /* of match, no-match, begin */
	char *file;    /* of save */
};

struct cli_pipe {
	VEC_FIELDS(struct cli_stage);
};

/* A word that may follow a bar, its help, what it takes ("<regex>", "<file>" or NULL); a NULL name ends the table. */
struct cli_stage_word {
	const char *name, *help, *takes;
	enum cli_stage_kind kind;
};
extern const struct cli_stage_word cli_stage_words[];

/* Add a stage from its words ("match", "a.*"). -EINVAL with a reason. */
int cli_pipe_add(struct cli_pipe *p, const struct cli_words *words, bool abbreviate, struct diag *d);
void cli_pipe_done(struct cli_pipe *p);

/* Index of the first stage of that kind, or -1. */
int cli_pipe_find(const struct cli_pipe *p, enum cli_stage_kind kind);

/* Pass the lines of 'text' through the stages from 'first' up to 'save' or the end; 'text' becomes what is left. */
void cli_pipe_lines(const struct cli_pipe *p, size_t first, struct str *text);

/*
 * Drop the rows of Varlink tables that the stages before 'end' drop; a row is matched as its cells separated by
 * two blanks. Returns the number of rows when one of these stages is 'count', else -1.
 */
long cli_pipe_rows(const struct cli_pipe *p, size_t end, json_t *tables);
