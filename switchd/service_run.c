/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The service's side: connect, give up privileges, serve. */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "switchd/base/log.h"
#include "switchd/base/msg.h"
#include "switchd/confine.h"
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
		int err = -errno;

		log_warn("%s: cannot become %s: %s", name, pw->pw_name, strerror(-err));
		return err == -EINVAL || err == -EPERM ? 0 : err;
	}
	return 0;
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
	struct schema *schema;
	struct diag d = { 0 };
	struct rlimit files;
	int err;

	while (*f && (!(*f)->serve || strcmp((*f)->name, name)))
		f++;
	if (!*f) {
		log_error("there is no service '%s'", name);
		return 2;
	}
	schema = features_schema(&d);
	if (!schema) {
		log_error("%s", diag_text(&d));
		return 1;
	}
	if (control < 0 && (control = connect_control(name, run_dir)) < 0)
		return 1;
	if (!getrlimit(RLIMIT_NOFILE, &files)) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	err = drop_user(name);
	if (!err)
		err = confine_service();
	if (err) {
		log_error("%s: cannot give up privileges: %s", name, strerror(-err));
		return 1;
	}
	err = (*f)->serve(control, schema);
	if (err)
		log_error("%s: %s", name, strerror(-err));
	schema_free(schema);
	return err ? 1 : 0;
}
