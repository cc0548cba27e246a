/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What switchd and a service process (dhcp, dns) say to each other: one text message each (base/msg.h), the first word
 * is
 * the verb, descriptors travel along. A service ends when the socket does.
 *
 * switchd to service
 *	config           + memfd: the whole configuration as set lines; replaces what was there
 *	delta            + memfd: set and delete lines relative to the last config or delta
 *	socket KIND NETWORK DEVICE IFINDEX   + descriptor, non-blocking; adds one, 'close' comes before replacements.
 *	                 KIND is 'dhcp4' (AF_PACKET of the bridge: UDP to port 67), 'arp' (AF_PACKET: ARP replies),
 *	                 'dhcp4-relay' (UDP, bound to the network's first address and port 67),
 *	                 'dhcp6' (AF_PACKET: UDP over IPv6 to port 547), before it 'dhcp6-group' (a UDP socket that
 *	                 is a member of the group DHCPv6 servers listen to, and is asked for the address to send from),
 *	                 'tftp' (UDP, bound to the device, the network's first IPv4 address and port 69),
 *	                 'ra' (raw ICMPv6 of the device: router solicitations), before it 'ra-source' (a UDP
 *	                 socket that is asked for the address advertisements come from),
 *	                 'dns-udp' or 'dns-tcp' (bound to device and address; listening)
 *	close NETWORK    the network is gone or down: close its sockets
 *	store            + descriptor of <state-dir>/leases, opened read-write and locked
 *	event LEASE      a lease event (plan/event.h)
 *	resolvers A B .. addresses of the host's own resolvers
 *	show ID WHAT ..  a request for rows: 'show 7 leases', 'show 8 cache'
 *	clear ID WHAT .. 'clear 9 lease 192.168.122.7', 'clear 10 cache'
 *	add ID WHAT ..   'add 11 lease ADDRESS NETWORK MAC CLIENT-ID|- EXPIRES NAME|-', answered as clear is
 *	file ID WORD     + descriptor: a file that was asked for, to be read; without one why not: 'none', 'secret'
 *	watch on|off     tell what you do, by 'heard', or no longer
 *
 * service to switchd
 *	ready            configuration and store are loaded
 *	event LEASE      a lease event
 *	rotate           please send 'store' with a new, empty file: the next one is to be a compacted copy
 *	rotated          the new file is complete and synced: rename it over the old one
 *	rows ID          + memfd: JSON {"columns": [...], "rows": [[...], ...]}
 *	open ID NETWORK PATH   please open a file below the network's tftp root
 *	resolved NAME 4|6 A B ..   all addresses of this family that the name of a domain group has now
 *	heard CELLS      a query or message and what became of it, with tabs between: DHCP network, client, message,
 *	                 answer; DNS network, client, type, name, answer, where from
 *	done ID TEXT     answer to clear; TEXT empty or the reason of a refusal
 */
#pragma once
#include <stdbool.h>

#include "switchd/base/outbox.h"

enum { SERVICE_WORDS = 24 };

/* A message of switchd, taken apart. */
struct service_order {
	const char *verb;
	char *word[SERVICE_WORDS]; /* behind the verb */
	int n;                     /* of them */
	int fd;                    /* came along; -1: none, or the handler has taken it by setting this */
};

/*
 * Answer 'show' or 'clear' ID: with the rows (JSON, freed) when there are any, else with the reason of a refusal ("":
 * it is done).
 */
void service_answer(struct outbox *o, const char *id, struct str *rows, const char *why);

/* Tell a service's watchers of a query or message; missed by them when too much waits already. */
void service_heard(struct outbox *o, const char *const *cells, int n);

/* Split the text, which is changed and borrowed. False: there is not even a verb. */
bool service_order_read(char *text, int fd, struct service_order *ret_order);

#define SERVICE_CONFIG    "config"
#define SERVICE_DELTA     "delta"
#define SERVICE_SOCKET    "socket"
#define SERVICE_CLOSE     "close"
#define SERVICE_STORE     "store"
#define SERVICE_EVENT     "event"
#define SERVICE_RESOLVERS "resolvers"
#define SERVICE_SHOW      "show"
#define SERVICE_CLEAR     "clear"
#define SERVICE_ADD       "add"
#define SERVICE_WATCH     "watch"
#define SERVICE_HEARD     "heard"
#define SERVICE_FILE      "file"
#define SERVICE_READY     "ready"
#define SERVICE_ROTATE    "rotate"
#define SERVICE_ROTATED   "rotated"
#define SERVICE_ROWS      "rows"
#define SERVICE_OPEN      "open"
#define SERVICE_RESOLVED  "resolved"
#define SERVICE_DONE      "done"

/* Words of 'file' without a descriptor. */
#define SERVICE_FILE_NONE   "none"
#define SERVICE_FILE_SECRET "secret"
