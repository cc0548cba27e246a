/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is planned beside the configuration and is not part of it: a hidden top-level tree, filled by the program.
 *
 *	runtime port KEY {network N; profile P; address A+}    a port attached at run time; KEY as in 'network * port'
 *	runtime lease N guest MAC {address A+}                 addresses that DHCP gave to a guest of network N
 *	runtime delegation N prefix P {via ADDRESS}            what DHCPv6 delegated to a guest of network N
 */
#pragma once

#define FACTS       "runtime"
#define FACTS_PORT  "port"
#define FACTS_LEASE "lease"
#define FACTS_GUEST "guest"
#define FACTS_DELEGATION "delegation"
#define FACTS_PREFIX     "prefix"
