/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/plan/vlans.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool get(const uint8_t *bits, unsigned vid)
{
	return bits[vid / 8] & 1u << vid % 8;
}

static void put(uint8_t *bits, unsigned vid, bool on)
{
	if (on)
		bits[vid / 8] |= (uint8_t)(1u << vid % 8);
	else
		bits[vid / 8] &= (uint8_t) ~(1u << vid % 8);
}

void vlans_add(struct vlans *v, unsigned first, unsigned last, bool untagged, bool pvid)
{
	for (unsigned vid = first; vid <= last; vid++) {
		put(v->member, vid, true);
		put(v->untagged, vid, untagged);
		if (pvid)
			v->pvid = (uint16_t)vid;
		else if (v->pvid == vid)
			v->pvid = 0;
	}
}

void vlans_del(struct vlans *v, unsigned first, unsigned last)
{
	for (unsigned vid = first; vid <= last; vid++) {
		put(v->member, vid, false);
		put(v->untagged, vid, false);
		if (v->pvid == vid)
			v->pvid = 0;
	}
}

bool vlans_has(const struct vlans *v, unsigned vid)
{
	return get(v->member, vid);
}

bool vlans_is_untagged(const struct vlans *v, unsigned vid)
{
	return get(v->untagged, vid);
}

bool vlans_same(const struct vlans *a, const struct vlans *b, unsigned vid)
{
	return get(a->member, vid) == get(b->member, vid) && get(a->untagged, vid) == get(b->untagged, vid) &&
	       (a->pvid == vid) == (b->pvid == vid);
}

unsigned vlans_range(const struct vlans *v, unsigned first)
{
	unsigned last = first;

	while (v->pvid != first && last < VLAN_MAX && v->pvid != last + 1 &&
	       get(v->member, last + 1) == get(v->member, first) &&
	       get(v->untagged, last + 1) == get(v->untagged, first))
		last++;
	return last;
}

void vlans_print(const struct vlans *v, struct str *out)
{
	bool any = false;

	for (unsigned vid = VLAN_MIN, last; vid <= VLAN_MAX; vid = last + 1) {
		last = vlans_range(v, vid);
		if (!get(v->member, vid))
			continue;
		str_addf(out, "%s%u", any ? ", " : "", vid);
		if (last > vid)
			str_addf(out, "-%u", last);
		str_addf(out, "%s%s", v->pvid == vid ? " pvid" : "", get(v->untagged, vid) ? " untagged" : "");
		any = true;
	}
	if (!any)
		str_add(out, "none");
}

int vlans_parse_range(const char *text, unsigned *ret_first, unsigned *ret_last)
{
	unsigned long first, last;
	char *end;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	first = last = strtoul(text, &end, 10);
	if (*end == '-' && end[1] >= '0' && end[1] <= '9')
		last = strtoul(end + 1, &end, 10);
	if (*end || first < VLAN_MIN || last > VLAN_MAX || first > last)
		return -EINVAL;
	*ret_first = (unsigned)first;
	*ret_last = (unsigned)last;
	return 0;
}

/* "10-20 untagged" */
static int parse_one(char *text, struct vlans *v)
{
	bool untagged = false, pvid = false;
	unsigned first, last;
	char *save, *word = strtok_r(text, " ", &save);

	if (!word || vlans_parse_range(word, &first, &last))
		return -EINVAL;
	while ((word = strtok_r(NULL, " ", &save))) {
		untagged |= !strcmp(word, "untagged");
		pvid |= !strcmp(word, "pvid");
		if (strcmp(word, "untagged") != 0 && strcmp(word, "pvid") != 0)
			return -EINVAL;
	}
	vlans_add(v, first, last, untagged, pvid);
	return 0;
}

int vlans_parse(const char *text, struct vlans *ret_vlans)
{
	struct vlans v = { 0 };

	while (*text && strcmp(text, "none") != 0) {
		size_t n = strcspn(text, ",");
		char one[64];

		if (n >= sizeof one)
			return -EINVAL;
		memcpy(one, text, n);
		one[n] = '\0';
		if (parse_one(one, &v))
			return -EINVAL;
		text += n + (text[n] == ',');
	}
	*ret_vlans = v;
	return 0;
}
