/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Limit the process to the system calls of a packet service, for good (seccomp(2)); everything else fails with EPERM.
 * Returns 0 or -errno.
 */
int confine_service(void);
