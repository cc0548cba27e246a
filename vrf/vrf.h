/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Feature: VRFs and the host's own interfaces in them, static routes, route leaks. */
#pragma once
#include "switchd/plan/feature.h"

extern const struct feature vrf_feature;
