/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every cmocka test includes, in the order cmocka wants. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
