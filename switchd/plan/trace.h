/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the configuration does with a packet, decision by decision ('trace'). Each feature answers for the stages it has
 * a say in, on the configuration alone; switchd goes from stage to stage and finds the route between them.
 */
#pragma once
#include "switchd/base/addr.h"
#include "switchd/base/arena.h"
#include "switchd/model/model.h"

/* A packet that begins a connection, unless 'state' says otherwise. */
struct packet {
	const char *in, *out;      /* interfaces, as the stage shows them; NULL: none or not yet */
	const char *in_port;       /* the VRF's port it came in by; NULL: it is in no VRF */
	struct ip source, destination;
	int protocol;
	uint16_t sport, dport;
	int icmp_type, icmp_code;  /* -1: none */
	unsigned tcp_flags;        /* bits of the header */
	struct mac mac;            /* of the sender; zero: not known */
	uint32_t length, mark;
	const char *state;         /* "new", "established", "related", "invalid" */
	bool dnat, snat;           /* was its destination, its source translated? */
	const char *vrf;           /* the VRF it is in; NULL: the host's own */
};

enum trace_stage { TRACE_DNAT, TRACE_FORWARD, TRACE_INPUT, TRACE_OUTPUT, TRACE_SNAT };

enum trace_verdict { TRACE_PASS /* nothing to say */, TRACE_ACCEPT, TRACE_DROP, TRACE_REJECT };

/* One decision: where ("firewall name WAN rule 10"), what ("accept"), a remark or NULL. */
typedef void trace_fn(void *ctx, const char *path, const char *what, const char *remark);

struct trace {
	const struct node *config;
	struct packet packet; /* translated as it goes on */
	struct arena arena;   /* for texts */
	trace_fn *step;
	void *ctx;
};

/* Tell a decision; the texts are copied or used at once. */
void trace_tell(const struct trace *t, const char *path, const char *what, const char *remark);

/* Is the packet lost? */
bool trace_is_lost(enum trace_verdict v);
