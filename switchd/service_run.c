/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The service's side: connect, give up privileges, serve. */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "switchd/base/log.h"
#include "switchd/base/msg.h"
#include "switchd/features.h"
#include "switchd/service.h"

/* Become the service's own user, else nobody. In a user namespace without such users there is nothing to give up. */
static int drop_user(const char *name)
{
	char user[64];
	struct passwd *pw;

	if (geteuid())
		return 0;
	snprintf(user, sizeof user, "vnet-%s", name);
	pw = getpwnam(user);
	if (!pw)
		pw = getpwnam("nobody");
	if (!pw)
		return -ENOENT;
	if (setgroups(0, NULL) || setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) ||
	    setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid)) {
		log_warn("%s: cannot become %s: %s; continuing as it is", name, pw->pw_name, strerror(errno));
		return errno == EINVAL || errno == EPERM ? 0 : -errno;
	}
	return 0;
}

/* What a packet parser needs: its sockets, its store, memory, time; no files, no programs, no other processes. */
static int confine(void)
{
	static const int calls[] = {
		SCMP_SYS(read), SCMP_SYS(pread64), SCMP_SYS(readv), SCMP_SYS(write), SCMP_SYS(writev), SCMP_SYS(pwrite64), SCMP_SYS(lseek),
		SCMP_SYS(ftruncate), SCMP_SYS(fdatasync), SCMP_SYS(fsync), SCMP_SYS(fstat), SCMP_SYS(newfstatat),
		SCMP_SYS(fcntl), SCMP_SYS(flock), SCMP_SYS(close), SCMP_SYS(dup), SCMP_SYS(dup2), SCMP_SYS(dup3), SCMP_SYS(memfd_create),
		SCMP_SYS(socket), SCMP_SYS(connect), SCMP_SYS(bind), SCMP_SYS(accept), SCMP_SYS(accept4), SCMP_SYS(shutdown),
		SCMP_SYS(getsockname), SCMP_SYS(getpeername), SCMP_SYS(getsockopt), SCMP_SYS(setsockopt), SCMP_SYS(sendto),
		SCMP_SYS(recvfrom), SCMP_SYS(sendmsg), SCMP_SYS(recvmsg), SCMP_SYS(sendmmsg), SCMP_SYS(recvmmsg),
		SCMP_SYS(epoll_create1), SCMP_SYS(epoll_ctl), SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait), SCMP_SYS(poll),
		SCMP_SYS(select), SCMP_SYS(pselect6), SCMP_SYS(ppoll), SCMP_SYS(eventfd2), SCMP_SYS(pipe2), SCMP_SYS(timerfd_create), SCMP_SYS(timerfd_settime),
		SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres), SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(nanosleep), SCMP_SYS(clock_nanosleep),
		SCMP_SYS(getrandom), SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(brk), SCMP_SYS(mmap), SCMP_SYS(munmap), SCMP_SYS(mremap),
		SCMP_SYS(madvise), SCMP_SYS(mprotect), SCMP_SYS(futex), SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigaction),
		SCMP_SYS(rt_sigprocmask), SCMP_SYS(sigaltstack), SCMP_SYS(restart_syscall), SCMP_SYS(exit), SCMP_SYS(exit_group),
		SCMP_SYS(tgkill), SCMP_SYS(sched_yield), SCMP_SYS(getrusage), SCMP_SYS(prlimit64),
	};
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int err = ctx ? 0 : -ENOMEM;

	for (size_t i = 0; !err && i < sizeof calls / sizeof *calls; i++)
		err = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, calls[i], 0);
	if (!err)
		err = seccomp_load(ctx);
	seccomp_release(ctx);
	return err;
}

static int connect_control(const char *name, const char *run_dir)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), err;

	snprintf(a.sun_path, sizeof a.sun_path, "%s/" SERVICE_CONTROL, run_dir);
	if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof a)) {
		err = -errno;
		log_error("%s: cannot reach switchd: %s", a.sun_path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return err;
	}
	msg_send(fd, name, strlen(name), NULL, 0);
	return fd;
}

int service_run(const char *name, int control, const char *run_dir)
{
	const struct feature *const *f = features;
	struct rlimit files;
	int err;

	while (*f && (!(*f)->serve || strcmp((*f)->name, name)))
		f++;
	if (!*f) {
		log_error("there is no service '%s'", name);
		return 2;
	}
	if (control < 0 && (control = connect_control(name, run_dir)) < 0)
		return 1;
	if (!getrlimit(RLIMIT_NOFILE, &files)) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	err = drop_user(name);
	if (!err)
		err = confine();
	if (err) {
		log_error("%s: cannot give up privileges: %s", name, strerror(-err));
		return 1;
	}
	err = (*f)->serve(control);
	if (err)
		log_error("%s: %s", name, strerror(-err));
	return err ? 1 : 0;
}
