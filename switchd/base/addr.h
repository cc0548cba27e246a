/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IP addresses, prefixes, ranges and MAC addresses as plain values, in network byte order. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ip {
	uint8_t family; /* 4 or 6; 0: none */
	uint8_t b[16];  /* the first 4 for IPv4, the rest zero */
};

struct prefix {
	struct ip ip; /* host bits are kept: 192.168.122.1/24 */
	uint8_t len;
};

struct ip_range {
	struct ip first, last; /* same family, first <= last */
};

struct mac {
	uint8_t b[6];
};

enum { ADDR_TEXT = 64 }; /* room for any text below, NUL included */

/* Parse the whole string. Return 0 or -EINVAL. */
int ip_parse(const char *s, struct ip *ret_ip);
int prefix_parse(const char *s, struct prefix *ret_prefix);    /* "A/LEN" */
int mac_parse(const char *s, struct mac *ret_mac);             /* aa:bb:cc:dd:ee:ff or with '-' */
int ip_range_parse(const char *s, struct ip_range *ret_range); /* "A-B" or "A" */

/* Canonical text (RFC 5952 for IPv6) into 'buf' of ADDR_TEXT bytes; return buf. */
char *ip_text(const struct ip *ip, char *buf);
char *prefix_text(const struct prefix *p, char *buf);
char *mac_text(const struct mac *m, char *buf);

/* Width in bits: 32 or 128. */
unsigned ip_bits(const struct ip *ip);

/* <0, 0, >0: IPv4 before IPv6, then by value. */
int ip_cmp(const struct ip *a, const struct ip *b);

/* IPv4 as a number in host order and back. */
uint32_t ip_u32(const struct ip *ip);
struct ip ip_from_u32(uint32_t v);

/* First and last address of the prefix (network and broadcast address for IPv4). */
struct ip prefix_first(const struct prefix *p);
struct ip prefix_last(const struct prefix *p);

/* The prefix without host bits. */
struct prefix prefix_network(const struct prefix *p);
bool prefix_has(const struct prefix *p, const struct ip *ip);
bool prefix_overlap(const struct prefix *a, const struct prefix *b);

/* The IPv4 netmask of the prefix length. */
struct ip prefix_mask(const struct prefix *p);

/* The modified EUI-64 link-local address of a MAC (RFC 4291 appendix A). */
struct ip ip_link_local(const struct mac *m);

/* fe80::/10, of which every interface has one? */
bool ip_is_link_local(const struct ip *ip);
bool ip_is_multicast(const struct ip *ip);
bool ip_is_loopback(const struct ip *ip);
bool ip_is_unspecified(const struct ip *ip);
bool mac_is_multicast(const struct mac *m);
bool mac_is_zero(const struct mac *m);
