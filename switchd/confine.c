/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/confine.h"

#include <errno.h>
#include <seccomp.h>
#include <stddef.h>

#define CALL(name) SCMP_SYS(name)

/* What a packet parser needs: its sockets, its store, memory, time; no files, no programs, no other processes. */
static const int calls[] = {
	/* descriptors and the lease store */
	CALL(read),
	CALL(pread64),
	CALL(readv),
	CALL(write),
	CALL(writev),
	CALL(pwrite64),
	CALL(lseek),
	CALL(ftruncate),
	CALL(fdatasync),
	CALL(fsync),
	CALL(fstat),
	CALL(newfstatat),
	CALL(fcntl),
	CALL(flock),
	CALL(close),
	CALL(dup),
	CALL(dup2),
	CALL(dup3),
	CALL(memfd_create),
	CALL(pipe2),
	CALL(eventfd2),
	/* sockets */
	CALL(socket),
	CALL(connect),
	CALL(bind),
	CALL(accept),
	CALL(accept4),
	CALL(shutdown),
	CALL(getsockname),
	CALL(getpeername),
	CALL(getsockopt),
	CALL(setsockopt),
	CALL(sendto),
	CALL(recvfrom),
	CALL(sendmsg),
	CALL(recvmsg),
	CALL(sendmmsg),
	CALL(recvmmsg),
	/* the event loop and time */
	CALL(epoll_create1),
	CALL(epoll_ctl),
	CALL(epoll_wait),
	CALL(epoll_pwait),
	CALL(poll),
	CALL(ppoll),
	CALL(select),
	CALL(pselect6),
	CALL(timerfd_create),
	CALL(timerfd_settime),
	CALL(clock_gettime),
	CALL(clock_getres),
	CALL(gettimeofday),
	CALL(time),
	CALL(nanosleep),
	CALL(clock_nanosleep),
	/* the C library: memory, signals, random numbers, who am I */
	CALL(brk),
	CALL(mmap),
	CALL(munmap),
	CALL(mremap),
	CALL(madvise),
	CALL(mprotect),
	CALL(futex),
	CALL(rt_sigreturn),
	CALL(rt_sigaction),
	CALL(rt_sigprocmask),
	CALL(sigaltstack),
	CALL(restart_syscall),
	CALL(getrandom),
	CALL(getpid),
	CALL(gettid),
	CALL(getuid),
	CALL(geteuid),
	CALL(getgid),
	CALL(getegid),
	CALL(uname),
	CALL(sysinfo),
	CALL(getrusage),
	CALL(prlimit64),
	CALL(sched_yield),
	CALL(tgkill),
	CALL(exit),
	CALL(exit_group),
};

int confine_service(void)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int err = ctx ? 0 : -ENOMEM;

	for (size_t i = 0; !err && i < sizeof calls / sizeof *calls; i++)
		err = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, calls[i], 0);
	if (!err)
		err = seccomp_load(ctx);
	seccomp_release(ctx);
	return err;
}
