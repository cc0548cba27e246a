/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rule sets gone through as they are configured: for 'trace', and for telling which rules can never match. Pure. */
#pragma once
#include "switchd/plan/match.h"
#include "switchd/plan/trace.h"

/* All judgements of the firewall at the stage, in their order, until one loses the packet. */
enum trace_verdict fw_trace(struct trace *t, enum trace_stage stage);

/* One rule set or base chain alone. TRACE_PASS: it left the decision to who asked. */
enum trace_verdict fw_trace_list(struct trace *t, struct match_context *cx, const struct node *list, const char *path);

/* Each rule of the list that can never match, with the earlier one that takes every packet it would. */
typedef void fw_hidden_fn(void *ctx, const struct node *rule, const struct node *by);
void fw_find_hidden(struct match_context *cx, const struct node *list, fw_hidden_fn *fn, void *ctx);
