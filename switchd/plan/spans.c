/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/plan/spans.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void spans_add(struct spans *s, const void *first, const void *last)
{
	struct span *span = vec_add(s);

	*span = (struct span){ 0 };
	memcpy(span->first, first, s->width);
	memcpy(span->last, last, s->width);
}

static int add_addresses(struct spans *s, const char *text)
{
	struct ip_range r;
	struct prefix p;

	if (strchr(text, '/')) {
		if (prefix_parse(text, &p))
			return -EINVAL;
		r = (struct ip_range){ prefix_first(&p), prefix_last(&p) };
	} else if (ip_range_parse(text, &r)) {
		return -EINVAL;
	}
	if (ip_bits(&r.first) != s->width * 8u)
		return -EINVAL;
	spans_add(s, r.first.b, r.last.b);
	return 0;
}

static int add_ports(struct spans *s, const char *text)
{
	char *end;
	unsigned long a = strtoul(text, &end, 10), b = *end == '-' ? strtoul(end + 1, &end, 10) : a;
	uint8_t first[2] = { (uint8_t)(a >> 8), (uint8_t)a }, last[2] = { (uint8_t)(b >> 8), (uint8_t)b };

	if (*end || a > b || b > 65535)
		return -EINVAL;
	spans_add(s, first, last);
	return 0;
}

int spans_add_text(struct spans *s, const char *text)
{
	struct mac mac;

	if (s->width == SPAN_PORT)
		return add_ports(s, text);
	if (s->width != SPAN_MAC)
		return add_addresses(s, text);
	if (mac_parse(text, &mac))
		return -EINVAL;
	spans_add(s, mac.b, mac.b);
	return 0;
}

static int compare(const void *a, const void *b)
{
	return memcmp(((const struct span *)a)->first, ((const struct span *)b)->first,
		      sizeof((struct span *)0)->first);
}

void spans_settle(struct spans *s)
{
	size_t kept = 0;

	if (s->n)
		qsort(s->at, s->n, sizeof *s->at, compare);
	for (size_t i = 0; i < s->n; i++) {
		struct span *before = kept ? &s->at[kept - 1] : NULL, *span = &s->at[i];

		if (!before || memcmp(span->first, before->last, s->width) > 0)
			s->at[kept++] = *span;
		else if (memcmp(span->last, before->last, s->width) > 0)
			memcpy(before->last, span->last, s->width);
	}
	s->n = kept;
}

void spans_done(struct spans *s)
{
	vec_done(s);
}

bool spans_has(const struct spans *s, const uint8_t *value)
{
	size_t low = 0, high = s->n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (memcmp(s->at[mid].last, value, s->width) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low < s->n && memcmp(s->at[low].first, value, s->width) <= 0;
}

bool span_is_single(const struct span *s)
{
	return !memcmp(s->first, s->last, sizeof s->first);
}

bool spans_are_single(const struct spans *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (!span_is_single(&s->at[i]))
			return false;
	return true;
}

void spans_intersect(const struct spans *a, const struct spans *b, struct spans *ret_both)
{
	ret_both->width = a->width;
	for (size_t i = 0, k = 0; i < a->n && k < b->n;) {
		const struct span *x = &a->at[i], *y = &b->at[k];
		const uint8_t *first = memcmp(x->first, y->first, a->width) > 0 ? x->first : y->first;
		int ends = memcmp(x->last, y->last, a->width);
		const uint8_t *last = ends < 0 ? x->last : y->last;

		if (memcmp(first, last, a->width) <= 0)
			spans_add(ret_both, first, last);
		if (ends <= 0)
			i++;
		if (ends >= 0)
			k++;
	}
}

bool span_next(uint8_t *value, unsigned width)
{
	while (width--)
		if (++value[width])
			return true;
	return false;
}

bool span_previous(uint8_t *value, unsigned width)
{
	while (width--)
		if (value[width]--)
			return true;
	return false;
}

void spans_complement(const struct spans *s, struct spans *ret_others)
{
	uint8_t from[16] = { 0 }, to[16];
	bool more = true;

	ret_others->width = s->width;
	for (size_t i = 0; i < s->n; i++) {
		if (memcmp(from, s->at[i].first, s->width) < 0) {
			memcpy(to, s->at[i].first, sizeof to);
			span_previous(to, s->width);
			spans_add(ret_others, from, to);
		}
		memcpy(from, s->at[i].last, sizeof from);
		more = span_next(from, s->width);
	}
	memset(to, 0xff, sizeof to);
	if (more)
		spans_add(ret_others, from, to);
}

/* ---- text ------------------------------------------------------------------------------------ */

/* The length of the subnet the span is, or -1. */
static int prefix_length(const struct span *s, unsigned width)
{
	unsigned bits = width * 8, len = 0;

	while (len < bits && ((s->first[len / 8] ^ s->last[len / 8]) >> (7 - len % 8) & 1) == 0)
		len++;
	for (unsigned i = len; i < bits; i++)
		if (s->first[i / 8] >> (7 - i % 8) & 1 || !(s->last[i / 8] >> (7 - i % 8) & 1))
			return -1;
	return (int)len;
}

static void print_addresses(const struct span *s, unsigned width, struct str *out)
{
	struct ip first = { .family = width == SPAN_IP4 ? 4 : 6 }, last = first;
	char text[ADDR_TEXT];
	int len;

	memcpy(first.b, s->first, width);
	str_add(out, ip_text(&first, text));
	if (span_is_single(s))
		return;
	memcpy(last.b, s->last, width);
	len = prefix_length(s, width);
	if (len < 0)
		str_addf(out, "-%s", ip_text(&last, text));
	else if ((unsigned)len < width * 8)
		str_addf(out, "/%d", len);
}

void span_print(const struct span *s, unsigned width, struct str *out)
{
	char text[ADDR_TEXT];
	struct mac mac;

	if (width == SPAN_IP4 || width == SPAN_IP6) {
		print_addresses(s, width, out);
	} else if (width == SPAN_MAC) {
		memcpy(mac.b, s->first, sizeof mac.b);
		str_add(out, mac_text(&mac, text));
		memcpy(mac.b, s->last, sizeof mac.b);
		if (!span_is_single(s))
			str_addf(out, "-%s", mac_text(&mac, text));
	} else {
		str_addf(out, span_is_single(s) ? "%u" : "%u-%u", s->first[0] << 8 | s->first[1],
			 s->last[0] << 8 | s->last[1]);
	}
}
