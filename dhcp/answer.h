/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a DHCP server does with a message: RFC 2131 section 4.3. Pure. */
#pragma once
#include "dhcp/lease.h"
#include "dhcp/packet.h"

enum dhcp_verdict {
	DHCP_SILENT,
	DHCP_SEND,         /* at once */
	DHCP_SEND_DURABLE, /* when the record is on disk: dhcp_pool_confirm() */
	DHCP_PROBE,        /* ask the network who has 'address'; when nobody has, ask dhcp_answer() again */
};

struct dhcp_answer {
	enum dhcp_verdict verdict;
	enum dhcp_type type;
	uint32_t address;   /* offered, leased or to be probed; 0 in NAK and for INFORM */
	int64_t seconds;    /* lease time, 0: no lease (INFORM) */
	uint32_t server;    /* the host's own address this client knows it by */
	uint32_t to;        /* where the reply goes; DHCP_EVERYBODY: a broadcast */
	bool exhausted;     /* silent, as no address is left */
	const char *reason; /* why silent, or text of the NAK; constant */
};

/* Decide. 'source' and 'target' are the addresses of the IP header, host order. */
void dhcp_answer(struct dhcp_pool *p, const struct dhcp_message *m, uint32_t source, uint32_t target, int64_t now,
		 struct dhcp_answer *ret_answer);

/* The probe of an offered address was not answered. */
void dhcp_probe_passed(struct dhcp_pool *p, uint32_t address);

/* 'mac' answered for the offered address; true when that is somebody else than its client. */
bool dhcp_probe_answered(struct dhcp_pool *p, uint32_t address, const struct mac *mac, int64_t now);

/*
 * Write the reply to 'm' that was decided on, with IP and UDP header, into 'frame' of DHCP_FRAME_MAX bytes. Returns its
 * length.
 */
size_t dhcp_reply_frame(const struct dhcp_pool *p, const struct dhcp_message *m, const struct dhcp_answer *a,
			uint8_t *frame);
