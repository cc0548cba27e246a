/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The checksum of IP, UDP and ICMP. Pure. */
#pragma once
#include <stddef.h>
#include <stdint.h>

/*
 * One's complement sum of RFC 1071 of the bytes and 'start', not inverted: 0xffff when a right checksum is among them.
 */
uint32_t inet_sum(const uint8_t *p, size_t len, uint32_t start);
