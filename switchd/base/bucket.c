/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/base/bucket.h"

bool bucket_take(struct bucket *b, double now, double rate, double burst)
{
	b->missing -= (now - b->at) * rate;
	b->at = now;
	if (b->missing < 0)
		b->missing = 0;
	if (b->missing >= burst)
		return false;
	b->missing += 1;
	return true;
}
