/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to firewall/: parts of rule sets that are remembered from one plan to the next (memo.c). */
#pragma once
#include "firewall/pieces.h"

/* The rules of c->list, in order, into 'out'; what they want for themselves is remembered with them. */
void fw_memo_rules(struct fw_compile *c, struct fw_rules *out);

/*
 * The chain of these rules is to be written: true. What is wanted until fw_memo_end() is its own. False: it is
 * remembered, and part of the chain being written. A first chain, the list's own, is always to be written.
 */
bool fw_memo_begin(struct fw_compile *c, const char *chain, const struct fw_rule *const *rules, size_t n);
void fw_memo_end(struct fw_compile *c);

/* An object of this kind and key that the chain being written had before, or NULL. */
struct object *fw_memo_former(const struct fw_compile *c, enum object_kind kind, const char *key);

/* ---- divisions of the chain being written ---------------------------------------------------- */

/* Such a division that the chain had before and that holds for these rules, or NULL. */
struct fw_pieces *fw_memo_pieces(struct fw_compile *c, const struct fw_rule *const *rules, size_t n,
				 struct fw_division of);

/* The chain keeps it; without a store it is freed. */
void fw_memo_keep_pieces(struct fw_compile *c, struct fw_pieces *pieces);

/* What the piece led to before is wanted again: its rules are the same. False: it is to be written. */
bool fw_memo_again(struct fw_compile *c, const struct fw_pieces *all, const struct fw_piece *p);

/* The part that was begun last for the chain being written; NULL without a store. */
struct fw_part *fw_memo_last(const struct fw_compile *c);
