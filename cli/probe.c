/* SPDX-License-Identifier: GPL-2.0-or-later */
/* 'ping' and 'traceroute': the host's own programs, run here so that they may go on until the user has seen enough. */
#include <errno.h>
#include <net/if.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"

extern char **environ;

struct probe {
	const char *address, *vrf, *count;
};

bool cli_is_probe(const char *word)
{
	return !strcmp(word, "ping") || !strcmp(word, "traceroute");
}

/* "ping ADDRESS [vrf VRF] [count N]" */
static enum cli_status parse(const struct cli *c, const struct cli_words *w, size_t first, struct probe *ret)
{
	const char *usage = "ping ADDRESS [vrf VRF] [count N], traceroute ADDRESS [vrf VRF]";
	size_t n = w->n - first;
	bool ping = !strcmp(w->at[first], "ping");

	if (n < 2 || n % 2 || *w->at[first + 1] == '-')
		return cli_usage(c, usage);
	*ret = (struct probe){ .address = w->at[first + 1] };
	for (size_t i = first + 2; i < w->n; i += 2)
		if (!strcmp(w->at[i], "vrf") && !ret->vrf)
			ret->vrf = w->at[i + 1];
		else if (!strcmp(w->at[i], "count") && !ret->count && ping && atoi(w->at[i + 1]) > 0)
			ret->count = w->at[i + 1];
		else
			return cli_usage(c, usage);
	return CLI_OK;
}

static enum cli_status run(const struct cli *c, char **words)
{
	void (*int_was)(int) = signal(SIGINT, SIG_IGN);
	int status = 0, err;
	posix_spawnattr_t attr;
	sigset_t dflt;
	pid_t pid;

	fflush(stdout);
	sigemptyset(&dflt);
	sigaddset(&dflt, SIGINT);
	sigaddset(&dflt, SIGPIPE);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigdefault(&attr, &dflt);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF);
	err = posix_spawnp(&pid, words[0], NULL, &attr, words, environ);
	posix_spawnattr_destroy(&attr);
	while (!err && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	signal(SIGINT, int_was);
	if (err == ENOENT)
		cli_say(c, "there is no program %s here; install the package %s", words[0],
			strcmp(words[0], "ping") != 0 ? words[0] : "iputils-ping");
	else if (err)
		cli_say(c, "%s: %s", words[0], strerror(err));
	return !err && WIFEXITED(status) && !WEXITSTATUS(status) ? CLI_OK : CLI_REFUSED;
}

enum cli_status cli_probe(struct cli *c, struct cli_command *cmd, size_t first)
{
	char *words[10] = { NULL };
	const char *program = cmd->words.at[first];
	bool ping = !strcmp(program, "ping");
	enum cli_status status;
	struct probe p = { 0 };
	size_t n = 0;

	status = parse(c, &cmd->words, first, &p);
	if (status)
		return status;
	if (cmd->pipe.n) {
		cli_say(c, "%s shows what comes as it comes; it cannot be piped", program);
		return CLI_USAGE;
	}
	if (p.vrf && !if_nametoindex(p.vrf)) {
		cli_say(c, "vrf %s: is not up here; 'show vrf' lists what is", p.vrf);
		return CLI_REFUSED;
	}
	words[n++] = (char *)(uintptr_t)program;
	if (!p.count && !c->terminal && ping)
		p.count = "5"; /* nobody is there to stop it */
	if (p.count) {
		words[n++] = "-c";
		words[n++] = (char *)(uintptr_t)p.count;
	}
	if (p.vrf) {
		words[n++] = ping ? "-I" : "-i";
		words[n++] = (char *)(uintptr_t)p.vrf;
	}
	words[n] = (char *)(uintptr_t)p.address;
	return run(c, words);
}
