/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/plan/service.h"

#include <string.h>

#include "switchd/base/msg.h"
#include "switchd/base/str.h"

enum { HEARD_WAITING = 1000 }; /* messages */

bool service_order_read(char *text, int fd, struct service_order *ret_order)
{
	char *words[1 + SERVICE_WORDS];
	int n = str_words(text, words, 1 + SERVICE_WORDS);

	*ret_order = (struct service_order){ .verb = n > 0 ? words[0] : NULL, .n = n > 0 ? n - 1 : 0, .fd = fd };
	if (n > 0)
		memcpy(ret_order->word, words + 1, (size_t)ret_order->n * sizeof *words);
	return n > 0;
}

void service_answer(struct outbox *o, const char *id, struct str *rows, const char *why)
{
	struct str text = { 0 };
	int fd = rows->len ? msg_memfd("rows", rows->s, rows->len) : -1;

	if (rows->len && fd < 0)
		why = strerror(-fd);
	if (fd >= 0)
		str_addf(&text, SERVICE_ROWS " %s", id);
	else
		str_addf(&text, SERVICE_DONE " %s %s", id, why);
	outbox_add(o, &text, fd);
	str_done(rows);
}

void service_heard(struct outbox *o, const char *const *cells, int n)
{
	struct str text = { 0 };

	if (o->at.n > HEARD_WAITING)
		return;
	str_add(&text, SERVICE_HEARD);
	for (int i = 0; i < n; i++)
		str_addf(&text, "%c%s", i ? '\t' : ' ', cells[i]);
	outbox_add(o, &text, -1);
}
