/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Feature: settings of the host as a whole. */
#pragma once
#include "switchd/plan/feature.h"

extern const struct feature system_feature;
