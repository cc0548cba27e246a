/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A network of libvirt: each line it becomes is a command of words, and none is counted that is not there. A guest. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "libvirt/convert.h"
#include "libvirt/domain.h"
#include "switchd/model/model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct libvirt_report r = { 0 };
	struct diag d = { 0 };
	char *word[PATH_WORDS + 1];
	struct libvirt_domain dom;
	unsigned lines = 0;

	if (!libvirt_network_convert((const char *)data, size, &r, &d)) {
		for (char *line = r.lines.s, *end; line && *line; line = end + 1, lines++) {
			end = strchr(line, '\n');
			*end = '\0';
			if (str_words(line, word, PATH_WORDS + 1) < 3 || strcmp(word[0], "set") != 0)
				abort();
		}
		if (lines != r.taken_n)
			abort();
	} else if (!d.errors || r.taken_n) {
		abort();
	}
	libvirt_report_done(&r);
	libvirt_domain_read((const char *)data, size, &dom, &d);
	libvirt_domain_done(&dom);
	diag_done(&d);
	return 0;
}
