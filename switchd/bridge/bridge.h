/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Feature: networks, their bridges and addresses, and what may pass between them and the host by default. */
#pragma once
#include "switchd/plan/feature.h"

extern const struct feature bridge_feature;
