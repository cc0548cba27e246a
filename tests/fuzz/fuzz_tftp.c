/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets of one client, each after a byte with its length: what it asks for, then what it says of the blocks. */
#include <stdlib.h>
#include <string.h>

#include "tftp/transfer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_blocks(const struct tftp_transfer *t)
{
	for (uint64_t block = t->acked + 1; block <= tftp_transfer_last(t); block++)
		if (tftp_transfer_length(t, block) > TFTP_BLOCK_MAX ||
		    (block - 1) * t->blksize + tftp_transfer_length(t, block) > t->size)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tftp_transfer t = { 0 };
	struct tftp_packet p;
	uint8_t out[TFTP_PACKET_MAX];
	bool running = false;
	double now = 0;

	while (size && *data < size) {
		size_t len = *data;
		enum tftp_step step = TFTP_WAIT;

		tftp_parse(data + 1, len, &p);
		if (p.kind == TFTP_READ) {
			if (!*p.path || *p.path == '/' || strlen(p.path) >= TFTP_PATH || strpbrk(p.path, "\\\n"))
				abort();
			tftp_transfer_begin(&t, &p.options, len * 1000, now);
			if (tftp_oack(out, &p.options, t.size) > sizeof out)
				abort();
			running = true;
		} else if (p.kind == TFTP_REFUSED) {
			tftp_refuse(out, p.error, p.text);
		} else if (p.kind == TFTP_ACK && running) {
			step = tftp_transfer_acked(&t, p.block, now);
		} else if (running) {
			step = tftp_transfer_late(&t, now += 40);
		}
		if (running)
			check_blocks(&t);
		running = running && step != TFTP_COMPLETE && step != TFTP_GIVE_UP;
		data += len + 1;
		size -= len + 1;
	}
	return 0;
}
