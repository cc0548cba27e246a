/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the differential test of the rule compiler is made of; see differ.c. */
#pragma once
#include "switchd/model/model.h"
#include "switchd/plan/op.h"
#include "switchd/plan/trace.h"

/* What came of a packet: the rules and defaults it hit, in order, as names of counters, and the end. */
struct outcome {
	char hits[64][24];
	int n;
	enum trace_verdict verdict;
};

void outcome_hit(struct outcome *o, const char *counter);

/* reference.c: the rule set 'name' as it is configured, without any code of the product beside the tree. */
void reference_judge(const struct node *config, const char *name, const struct packet *p, struct outcome *ret);

/* machine.c: the objects of nft that a plan adds, carried out. */
struct machine;
struct machine *machine_new(const struct plan *plan);
void machine_run(const struct machine *m, const char *chain, const struct packet *p, struct outcome *ret);
void machine_free(struct machine *m);

/* generate.c: set lines of a random configuration with the rule set "main"; a random packet that may hit its rules. */
struct dice {
	uint64_t state;
};
uint32_t dice_roll(struct dice *d, uint32_t sides);
void generate_config(struct dice *d, unsigned rules, struct str *out);
void generate_packet(struct dice *d, struct packet *ret);
