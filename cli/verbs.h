/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between verbs.c and commit.c. */
#pragma once
#include "cli/cli.h"

/* Carry out set and delete commands, all or none; 'commands' is taken over. */
enum cli_status cli_edit(struct cli *c, json_t *commands);

enum cli_status cli_do_commit(struct cli *c, struct cli_command *cmd);
enum cli_status cli_do_commit_confirm(struct cli *c, struct cli_command *cmd);
enum cli_status cli_do_confirm(struct cli *c, struct cli_command *cmd);
enum cli_status cli_do_discard(struct cli *c, struct cli_command *cmd);
/* The file as a JSON string, the caller's; reasons are printed. */
enum cli_status cli_read_text(struct cli *c, const char *file, json_t **ret_text);

enum cli_status cli_do_import(struct cli *c, struct cli_command *cmd);
enum cli_status cli_do_import_libvirt(struct cli *c, struct cli_command *cmd, bool dry);
/* What became of a file: counts 'taken', 'changed', 'refused'; texts 'configuration', 'changes', 'refusals'. */
enum cli_status cli_print_import(const struct cli *c, const struct cli_pipe *p, const json_t *reply);
enum cli_status cli_do_import_leases(struct cli *c, struct cli_command *cmd);
/* Give the leases of such a file to the network; what became of it is added to 'out'. False: none was taken. */
bool cli_take_leases(struct cli *c, const char *text, const char *network, struct str *out);
/* libvirt.c: put a report's lines into the candidate, networks that are there already being told of; print it. */
struct libvirt_report;
enum cli_status cli_libvirt_edit(struct cli *c, struct libvirt_report *r);
enum cli_status cli_libvirt_print(struct cli *c, const struct cli_pipe *p, const struct libvirt_report *r);
/* 'import libvirt NETWORK --take-over' */
enum cli_status cli_do_take_over(struct cli *c, struct cli_command *cmd);
enum cli_status cli_do_load(struct cli *c, struct cli_command *cmd);
enum cli_status cli_do_reload(struct cli *c, struct cli_command *cmd);
enum cli_status cli_do_rollback(struct cli *c, struct cli_command *cmd);
enum cli_status cli_do_save(struct cli *c, struct cli_command *cmd);
