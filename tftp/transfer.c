/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: a window of blocks is sent (RFC 7440; one block without that option), then the client says up to
 * where it has them. What it says twice is passed over: answering both would double every packet from then on. When it
 * says nothing the window is sent again, each time after a longer pause.
 */
#include "tftp/transfer.h"

enum { TRIES = 5, PAUSE = 1, PAUSE_MAX = 16 };

static void wait_for(struct tftp_transfer *t, double now)
{
	double pause = t->options.timeout ? t->options.timeout : PAUSE;

	for (int i = 0; i < t->tries && pause < PAUSE_MAX; i++)
		pause *= 2;
	t->due = now + pause;
}

void tftp_transfer_begin(struct tftp_transfer *t, const struct tftp_options *o, uint64_t size, double now)
{
	*t = (struct tftp_transfer){ .options = *o,
				     .agreed = !o->blksize && !o->windowsize && !o->timeout && !o->tsize,
				     .blksize = o->blksize ? o->blksize : TFTP_BLOCK,
				     .window = o->windowsize ? o->windowsize : 1,
				     .size = size };
	t->blocks = size / t->blksize + 1;
	wait_for(t, now);
}

uint64_t tftp_transfer_last(const struct tftp_transfer *t)
{
	uint64_t last = t->acked + t->window;

	return last < t->blocks ? last : t->blocks;
}

size_t tftp_transfer_length(const struct tftp_transfer *t, uint64_t block)
{
	return block < t->blocks ? t->blksize : (size_t)(t->size % t->blksize);
}

enum tftp_step tftp_transfer_acked(struct tftp_transfer *t, uint16_t block, double now)
{
	uint64_t more = (uint16_t)(block - (uint16_t)t->acked);

	if (!t->agreed && block)
		return TFTP_WAIT;
	if (t->agreed && (!more || more > tftp_transfer_last(t) - t->acked))
		return TFTP_WAIT;
	t->acked += t->agreed ? more : 0;
	t->agreed = true;
	t->tries = 0;
	wait_for(t, now);
	return t->acked == t->blocks ? TFTP_COMPLETE : TFTP_SEND;
}

enum tftp_step tftp_transfer_late(struct tftp_transfer *t, double now)
{
	if (now < t->due)
		return TFTP_WAIT;
	if (++t->tries > TRIES)
		return TFTP_GIVE_UP;
	wait_for(t, now);
	return TFTP_SEND;
}
