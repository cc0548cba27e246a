/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to the server: names of domain groups, asked for again and again, so that switchd knows their addresses. */
#pragma once
#include "dns/message.h"

struct dns_followed;
struct dns_follow;
struct dns_server;

struct dns_follow *dns_follow_new(struct dns_server *s);
struct dns_follow *dns_follow_free(struct dns_follow *f);

/* Follow the names of the server's configuration, and no others. */
void dns_follow_configure(struct dns_follow *f);

/* Ask for all of them now: there are other servers. */
void dns_follow_again(struct dns_follow *f);

/* The answer to a question of ours; r NULL: nobody gave one. */
void dns_follow_answer(struct dns_followed *w, const uint8_t *msg, const struct dns_response *r);
