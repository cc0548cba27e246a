/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tftp/transfer.h"

#include "tests/unit/unit.h"

static struct tftp_transfer begin(uint16_t blksize, uint16_t window, uint64_t size)
{
	struct tftp_transfer t;

	tftp_transfer_begin(&t, &(struct tftp_options){ .blksize = blksize, .windowsize = window }, size, 0);
	return t;
}

static void sends_block_by_block(void **state)
{
	struct tftp_transfer t = begin(0, 0, 1025);

	(void)state;
	assert_true(t.agreed);
	assert_int_equal(t.blocks, 3);
	assert_int_equal(tftp_transfer_last(&t), 1);
	assert_int_equal(tftp_transfer_acked(&t, 0, 0), TFTP_WAIT);
	assert_int_equal(tftp_transfer_acked(&t, 2, 0), TFTP_WAIT);
	assert_int_equal(tftp_transfer_acked(&t, 1, 0), TFTP_SEND);
	assert_int_equal(tftp_transfer_acked(&t, 1, 0), TFTP_WAIT); /* said twice */
	assert_int_equal(tftp_transfer_acked(&t, 2, 0), TFTP_SEND);
	assert_int_equal(tftp_transfer_length(&t, 2), 512);
	assert_int_equal(tftp_transfer_length(&t, 3), 1);
	assert_int_equal(tftp_transfer_acked(&t, 3, 0), TFTP_COMPLETE);
}

static void ends_with_an_empty_block(void **state)
{
	struct tftp_transfer t = begin(0, 0, 512);

	(void)state;
	assert_int_equal(t.blocks, 2);
	assert_int_equal(tftp_transfer_length(&t, 2), 0);
	t = begin(0, 0, 0);
	assert_int_equal(t.blocks, 1);
	assert_int_equal(tftp_transfer_length(&t, 1), 0);
}

static void waits_for_the_options(void **state)
{
	struct tftp_transfer t = begin(1000, 4, 10000);

	(void)state;
	assert_false(t.agreed);
	assert_int_equal(tftp_transfer_acked(&t, 1, 0), TFTP_WAIT);
	assert_int_equal(tftp_transfer_acked(&t, 0, 0), TFTP_SEND);
	assert_int_equal(tftp_transfer_last(&t), 4);
	assert_int_equal(tftp_transfer_acked(&t, 0, 0), TFTP_WAIT);
}

static void goes_on_behind_what_was_lost(void **state)
{
	struct tftp_transfer t = begin(1000, 4, 10000);

	(void)state;
	tftp_transfer_acked(&t, 0, 0);
	assert_int_equal(tftp_transfer_acked(&t, 2, 0), TFTP_SEND);
	assert_int_equal(tftp_transfer_last(&t), 6);
	assert_int_equal(tftp_transfer_acked(&t, 7, 0), TFTP_WAIT);
	assert_int_equal(tftp_transfer_acked(&t, 6, 0), TFTP_SEND);
	assert_int_equal(tftp_transfer_acked(&t, 10, 0), TFTP_SEND);
	assert_int_equal(tftp_transfer_last(&t), 11);
	assert_int_equal(tftp_transfer_acked(&t, 11, 0), TFTP_COMPLETE);
}

static void counts_beyond_16_bits(void **state)
{
	struct tftp_transfer t = begin(8, 64, 8 * 70000);

	(void)state;
	tftp_transfer_acked(&t, 0, 0);
	for (uint64_t block = 64; block < 70000; block += 64)
		assert_int_equal(tftp_transfer_acked(&t, (uint16_t)block, 0), TFTP_SEND);
	assert_int_equal(tftp_transfer_acked(&t, (uint16_t)70001, 0), TFTP_COMPLETE);
}

static void says_it_again_and_gives_up(void **state)
{
	struct tftp_transfer t = begin(0, 0, 1000);
	double now = 0;

	(void)state;
	assert_int_equal(tftp_transfer_late(&t, 0.9), TFTP_WAIT);
	for (int i = 0; i < 5; i++) {
		now = t.due;
		assert_int_equal(tftp_transfer_late(&t, now), TFTP_SEND);
		assert_true(t.due > now);
	}
	assert_int_equal(tftp_transfer_late(&t, t.due), TFTP_GIVE_UP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sends_block_by_block),  cmocka_unit_test(ends_with_an_empty_block),
		cmocka_unit_test(waits_for_the_options), cmocka_unit_test(goes_on_behind_what_was_lost),
		cmocka_unit_test(counts_beyond_16_bits), cmocka_unit_test(says_it_again_and_gives_up),
	};

	return cmocka_run_group_tests_name("tftp/transfer", tests, NULL, NULL);
}
