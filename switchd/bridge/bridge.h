/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Feature: networks, their bridges and addresses, and what may pass between them and the host by default. */
#pragma once
#include "switchd/plan/feature.h"

extern const struct feature bridge_feature;

/*
 * Why no port can have the profile in the network, as the end of a sentence about the profile; NULL: one can.
 * 'knows_guest': the guest's MAC address is known.
 */
const char *bridge_profile_misfit(const struct node *network, const struct node *profile, bool knows_guest);
