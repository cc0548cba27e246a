/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "switchd/base/mem.h"
#include "switchd/base/msg.h"

static void test_descriptors_travel(void **state)
{
	int pair[2], fds[MSG_FDS], fd = msg_memfd("test", "hello", 5);
	struct str text = { 0 }, content = { 0 };

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair), 0);
	assert_int_equal(msg_recv(pair[1], &text, fds), -EAGAIN);
	assert_int_equal(msg_send(pair[0], "config", 6, &fd, 1), 0);
	assert_int_equal(msg_recv(pair[1], &text, fds), 1);
	assert_string_equal(str_get(&text), "config");
	assert_true(fds[0] >= 0 && fds[1] == -1);
	assert_int_equal(msg_slurp(fds[0], &content, 100), 0);
	assert_string_equal(str_get(&content), "hello");
	assert_int_equal(msg_slurp(fds[0], &content, 3), -EFBIG);
	close(fds[0]);
	close(fd);
	close(pair[0]);
	assert_int_equal(msg_recv(pair[1], &text, fds), 0);
	close(pair[1]);
	str_done(&text);
	str_done(&content);
}

static void test_full_socket(void **state)
{
	int pair[2], fds[MSG_FDS];
	struct str text = { 0 };
	unsigned sent = 0;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair), 0);
	while (!msg_send(pair[0], "x", 1, NULL, 0))
		sent++;
	assert_true(sent > 0);
	assert_int_equal(msg_send_wait(pair[0], "x", 1, NULL, 0, 10), -ETIMEDOUT);
	while (msg_recv(pair[1], &text, fds) == 1)
		sent--;
	assert_int_equal(sent, 0);
	assert_int_equal(msg_send_wait(pair[0], "x", 1, NULL, 0, 10), 0);
	assert_int_equal(msg_recv(pair[1], &text, fds), 1);
	close(pair[1]);
	assert_int_equal(msg_send_wait(pair[0], "x", 1, NULL, 0, 10), -EPIPE);
	close(pair[0]);
	str_done(&text);
}

static void test_too_long(void **state)
{
	char *big = mem_alloc(MSG_SIZE + 1);

	(void)state;
	assert_int_equal(msg_send(0, big, MSG_SIZE + 1, NULL, 0), -EMSGSIZE);
	free(big);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_descriptors_travel),
		cmocka_unit_test(test_full_socket),
		cmocka_unit_test(test_too_long),
	};

	return cmocka_run_group_tests_name("base/msg", tests, NULL, NULL);
}
