/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/base/heap.h"

static void put(struct heap *h, size_t i, struct heap_node *n)
{
	h->at[i] = n;
	n->place = i + 1;
}

/* Move the node at 'i' to where its time belongs. */
static void fix(struct heap *h, size_t i)
{
	struct heap_node *n = h->at[i];

	for (; i && h->at[(i - 1) / 2]->at > n->at; i = (i - 1) / 2)
		put(h, i, h->at[(i - 1) / 2]);
	for (;;) {
		size_t child = 2 * i + 1;

		if (child + 1 < h->n && h->at[child + 1]->at < h->at[child]->at)
			child++;
		if (child >= h->n || h->at[child]->at >= n->at)
			break;
		put(h, i, h->at[child]);
		i = child;
	}
	put(h, i, n);
}

void heap_put(struct heap *h, struct heap_node *n, int64_t at)
{
	n->at = at;
	if (!n->place) {
		vec_push(h, n);
		n->place = h->n;
	}
	fix(h, n->place - 1);
}

void heap_del(struct heap *h, struct heap_node *n)
{
	size_t i = n->place;
	struct heap_node *last;

	if (!i--)
		return;
	n->place = 0;
	last = h->at[--h->n];
	if (last == n)
		return;
	h->at[i] = last;
	fix(h, i);
}
