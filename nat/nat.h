/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Feature: how networks of mode nat leave the host, and port forwards into networks. */
#pragma once
#include "switchd/plan/feature.h"

extern const struct feature nat_feature;
