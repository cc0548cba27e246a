/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"

static bool is_long(const char *text)
{
	struct winsize w = { 0 };
	size_t lines = 0;

	for (const char *s = text; (s = strchr(s, '\n')); s++)
		lines++;
	return !ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) && w.ws_row && lines >= w.ws_row;
}

static const char *pager_command(void)
{
	const char *s = getenv("VNETCTL_PAGER");

	if (!s)
		s = getenv("PAGER");
	return s ? s : "less -FRSX";
}

static void write_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return; /* the reader left */
		text += n;
		len -= (size_t)n;
	}
}

/* The child: a pager whose input is the pipe. The command is split here: no shell takes part. */
static void become_pager(const char *command, const int *ends)
{
	char *copy = mem_strdup(command), *words[16] = { NULL };

	dup2(ends[0], STDIN_FILENO);
	close(ends[0]);
	close(ends[1]);
	signal(SIGPIPE, SIG_DFL);
	if (str_words(copy, words, 15) > 0)
		execvp(words[0], words);
	_exit(127);
}

/* Returns false when there is no pager to run. */
static bool through_pager(const char *text, const char *command)
{
	void (*pipe_was)(int) = signal(SIGPIPE, SIG_IGN), (*int_was)(int) = signal(SIGINT, SIG_IGN);
	int ends[2], status = 0;
	pid_t pid = -1;

	if (!pipe(ends)) {
		pid = fork();
		if (!pid) {
			signal(SIGINT, SIG_DFL);
			become_pager(command, ends);
		}
		close(ends[0]);
		if (pid > 0)
			write_all(ends[1], text, strlen(text));
		close(ends[1]);
		while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	signal(SIGPIPE, pipe_was);
	signal(SIGINT, int_was);
	return pid > 0 && !(WIFEXITED(status) && WEXITSTATUS(status) == 127);
}

void cli_page(const char *text, bool page)
{
	const char *command = pager_command();

	fflush(stdout);
	if (page && *command && strcmp(command, "cat") && is_long(text) && through_pager(text, command))
		return;
	fputs(text, stdout);
	fflush(stdout);
}
