/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Feature: rule sets, groups and zones in the words of VyOS. */
#pragma once
#include "switchd/plan/feature.h"

extern const struct feature firewall_feature;
