/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * systemd-resolved, where the host has it: queries of the host for names and addresses of a network go to the network's
 * own name server (org.freedesktop.resolve1(5): SetLinkDNS, SetLinkDomains as routing domains).
 */
#pragma once
#include <ev.h>

#include "switchd/model/model.h"
#include "switchd/plan/state.h"

struct resolved;

/* 'again' is called when systemd-resolved came (back) and knows nothing. Never NULL. */
struct resolved *resolved_new(struct ev_loop *loop, void (*again)(void *ctx), void *ctx);
struct resolved *resolved_free(struct resolved *r);

/* Tell what is different from what was told: for all networks of 'config', or for those that changed. Never blocks. */
void resolved_sync(struct resolved *r, const struct node *config, const struct state *state);
void resolved_follow(struct resolved *r, const struct node *old, const struct node *new, const struct state *state);
