/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a set of addresses has in it, outside of any plan: sets that plans leave to others. */
#include <errno.h>
#include <string.h>

#include "switchd/kern/kern.h"
#include "switchd/kern/nft.h"

int kern_refill(void *kern, const char *set, bool six, const struct ip *addresses, size_t n, bool only, struct diag *d)
{
	struct nft_batch batch;
	struct nft_set_type type;
	struct nft_name name;
	struct nftnl_set *s;
	int result = nft_name_parse(set, &name);

	if (!result)
		result = nft_set_type_parse(six ? "ipv6_addr" : "ipv4_addr", NULL, &type);
	if (result)
		return diag_error(d, set, "is no set of addresses");
	nft_batch_init(&batch, ((struct kern *)kern)->nft_seq);
	s = nft_set_make(&name, &type, 0);
	if (only) /* a message without elements is about all of them */
		nft_batch_elements(&batch, NFT_MSG_DELSETELEM, name.family, 0, s);
	for (size_t i = 0; i < n && !result; i++) {
		struct nft_range key;
		char text[ADDR_TEXT];

		result = nft_range_parse(&type.key, ip_text(&addresses[i], text), &key);
		if (!result)
			result = nft_set_fill(s, &type, &key, NULL);
	}
	if (n && !result)
		nft_batch_elements(&batch, NFT_MSG_NEWSETELEM, name.family, NLM_F_CREATE, s);
	nftnl_set_free(s);
	if (!result)
		result = nft_batch_send(kern, &batch, d);
	nft_batch_done(&batch);
	return result;
}
