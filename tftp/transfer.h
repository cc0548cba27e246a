/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One file on its way to one client. Pure: time is seconds of a steady clock. */
#pragma once
#include "tftp/message.h"

struct tftp_transfer {
	struct tftp_options options;
	bool agreed; /* the client has acknowledged the options, or asked for none */
	uint16_t blksize, window;
	uint64_t size;   /* of the file, bytes */
	uint64_t blocks; /* the last is less than full, or empty */
	uint64_t acked;  /* blocks the client has */
	double due;      /* what was sent is sent again then */
	int tries;
};

enum tftp_step {
	TFTP_WAIT,
	TFTP_SEND,     /* the blocks from 'acked' on, or before they are agreed on the options */
	TFTP_COMPLETE, /* the client has it all */
	TFTP_GIVE_UP,
};

/* A file of this size is to be sent: TFTP_SEND. */
void tftp_transfer_begin(struct tftp_transfer *t, const struct tftp_options *o, uint64_t size, double now);

/* The client has all blocks up to this one, whose number is cut to 16 bits. */
enum tftp_step tftp_transfer_acked(struct tftp_transfer *t, uint16_t block, double now);

/* What to do when nothing was heard. */
enum tftp_step tftp_transfer_late(struct tftp_transfer *t, double now);

/* The block that is sent last before the client is to answer. */
uint64_t tftp_transfer_last(const struct tftp_transfer *t);

/* Bytes of a block, counted from 1. */
size_t tftp_transfer_length(const struct tftp_transfer *t, uint64_t block);
