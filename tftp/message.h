/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets of TFTP (RFC 1350) with options (RFC 2347-2349, 7440), as a server reads and writes them. Pure. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	TFTP_PORT = 69,
	TFTP_PATH = 256,       /* bytes of a path with its end */
	TFTP_BLOCK = 512,      /* bytes of a block unless asked otherwise */
	TFTP_BLOCK_MAX = 1468, /* a packet of Ethernet's size is not cut */
	TFTP_WINDOW_MAX = 64,
	TFTP_HEADER = 4,
	TFTP_PACKET_MAX = TFTP_HEADER + TFTP_BLOCK_MAX,
};

enum tftp_error {
	TFTP_UNDEFINED = 0,
	TFTP_NOT_FOUND = 1,
	TFTP_ACCESS = 2,
	TFTP_ILLEGAL = 4,
};

/* Options that a client asked for and that were understood; 0: not asked for. */
struct tftp_options {
	uint16_t blksize, windowsize;
	uint8_t timeout; /* seconds */
	bool tsize;
};

enum tftp_kind {
	TFTP_OTHER,   /* nothing a server is sent */
	TFTP_READ,    /* path and options */
	TFTP_REFUSED, /* a request that cannot be: error and text */
	TFTP_ACK,     /* block */
	TFTP_ERROR,   /* the client gives up */
};

struct tftp_packet {
	enum tftp_kind kind;
	char path[TFTP_PATH]; /* relative, with '/' between names; no control characters */
	struct tftp_options options;
	uint16_t block;
	enum tftp_error error;
	const char *text;
};

void tftp_parse(const uint8_t *data, size_t len, struct tftp_packet *ret);

/* Each writes to 'out' of TFTP_PACKET_MAX bytes and returns the length. tftp_data: the header only. */
size_t tftp_data(uint8_t *out, uint16_t block);
size_t tftp_oack(uint8_t *out, const struct tftp_options *o, uint64_t size);
size_t tftp_refuse(uint8_t *out, enum tftp_error error, const char *text);
