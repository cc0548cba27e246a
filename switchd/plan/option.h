/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options of DHCP given by their number: 'option code N {text, hex, address, always}' in either family. Pure. */
#pragma once
#include <stdbool.h>

#include "switchd/model/model.h"

/* Add the bytes of the value; addresses of another family are left out. */
void option_value(const struct node *code, int family, struct str *out);

/* Is the value given in exactly one way? */
bool option_is_one(const struct node *code);
