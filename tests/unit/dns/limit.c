/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmocka.h needs these four before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dns/limit.h"

static struct ip client(unsigned n)
{
	return ip_from_u32(0x0a000000 + n);
}

static unsigned asked(struct dns_limits *l, unsigned n, unsigned times, double now)
{
	struct ip ip = client(n);
	unsigned admitted = 0;

	for (unsigned i = 0; i < times; i++)
		admitted += dns_limit_admit(l, &ip, now, 5);
	return admitted;
}

static void each_client_has_its_own(void **state)
{
	static struct dns_limits l;

	(void)state;
	assert_int_equal(asked(&l, 1, 20, 100), 5);
	assert_int_equal(asked(&l, 2, 20, 100), 5);
	assert_int_equal(asked(&l, 1, 20, 100.5), 3);
	assert_int_equal(asked(&l, 1, 20, 200), 5);
}

static void many_clients_find_room(void **state)
{
	static struct dns_limits l;
	unsigned alone = 0;

	(void)state;
	for (unsigned n = 0; n < 500; n++)
		alone += asked(&l, n, 5, 100) == 5;
	assert_true(alone > 450);
	/* a second later nobody owes anything, so newcomers do not share with who was there */
	for (unsigned n = 1000; n < 1004; n++)
		assert_int_equal(asked(&l, n, 5, 102), 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_client_has_its_own),
		cmocka_unit_test(many_clients_find_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
