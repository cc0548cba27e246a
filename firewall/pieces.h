/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to firewall/: the values of a field, divided by the rules they are in (pieces.c). */
#pragma once
#include "firewall/internal.h"

/* Values that are in the same rules. */
struct fw_piece {
	struct span span;
	uint32_t first, n;   /* in members */
	struct fw_part *part; /* what it led to when it was written (memo.c), and the element that says so */
	struct object *element;
};

/* One of the rules divided. */
struct fw_divided {
	const struct spans *values; /* NULL: it is in no piece */
	unsigned reading;
	bool changed; /* since then, but not in its values */
};

/* What is divided. */
struct fw_division {
	enum fw_field field;
	int way;          /* 0 or 1: of two families or transports */
	unsigned ordinal; /* of the chain's */
};

struct fw_pieces {
	VEC_FIELDS(struct fw_piece);
	struct fw_division of;
	uint8_t width;
	bool single;                  /* all pieces are single values */
	struct vec(uint32_t) members; /* of pieces, one after the other: indexes of rules, ascending */
	struct vec(uint64_t) endings; /* of pieces, as hashes, in order: as often as there are pieces that end so */
	struct vec(struct fw_divided) rules;
};

/* Divide a field. NULL: the rules would be written too many times. */
struct fw_pieces *fw_pieces_new(const struct fw_rule *const *rules, size_t n, struct fw_division of);
void fw_pieces_free(struct fw_pieces *p);

/* Would these rules be divided just so? Notes which of them have changed. */
bool fw_pieces_hold(struct fw_pieces *p, const struct fw_rule *const *rules, size_t n, struct fw_division of);

/* Has a rule of the piece changed? */
bool fw_piece_changed(const struct fw_pieces *all, const struct fw_piece *p);

/* The length of the ending that saves most rules when all parts that have it go to one; 0: none. */
uint32_t fw_piece_ending(const struct fw_pieces *all, const struct fw_piece *p);

/* A hash of numbers, one after the other. */
uint64_t fw_mix(uint64_t h, uint64_t number);
