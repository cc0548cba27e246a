/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

#include "switchd/ctl/ctl.h"

static void test_frames(void **state)
{
	size_t len = 0;
	char end = 'x';

	(void)state;
	assert_int_equal(ctl_frame_find("", 0, &len, &end), 0);
	assert_int_equal(ctl_frame_find("{\"a\"", 4, &len, &end), 0);
	assert_int_equal(ctl_frame_find("{}\0{}", 5, &len, &end), 1);
	assert_int_equal(len, 2);
	assert_int_equal(end, 0);
	assert_int_equal(ctl_frame_find("{}\n", 3, &len, &end), 1);
	assert_int_equal(end, '\n');
}

static int parse(const char *text)
{
	struct ctl_call c;
	struct diag d = { 0 };
	int r = ctl_call_parse(text, strlen(text), &c, &d);

	assert_int_equal(r != 0, d.errors != 0);
	if (!r)
		json_decref(c.message);
	diag_done(&d);
	return r;
}

static void test_calls(void **state)
{
	(void)state;
	assert_int_equal(parse("{\"method\":\"a.b\"}"), 0);
	assert_int_equal(parse("{\"method\":\"a.b\",\"parameters\":{\"x\":1},\"more\":true}"), 0);
	assert_int_equal(parse("{\"method\":\"a.b\",\"parameters\":[]}"), -EBADMSG);
	assert_int_equal(parse("{\"method\":1}"), -EBADMSG);
	assert_int_equal(parse("{}"), -EBADMSG);
	assert_int_equal(parse("[]"), -EBADMSG);
	assert_int_equal(parse("{\"method\":\"a\",\"method\":\"b\"}"), -EBADMSG);
	assert_int_equal(parse("garbage"), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_frames), cmocka_unit_test(test_calls) };

	return cmocka_run_group_tests_name("ctl/codec", tests, NULL, NULL);
}
