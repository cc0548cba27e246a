/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "dhcp/line.h"
#include "dhcp/pools.h"
#include "dhcp/store.h"
#include "tests/unit/dhcp/support.h"

struct taken {
	size_t n;
	uint32_t last;
};

static bool take(void *ctx, const char *record)
{
	struct taken *t = ctx;
	struct dhcp_record r;

	if (dhcp_record_parse(record, &r))
		return false;
	t->n++;
	t->last = r.address;
	return true;
}

static struct dhcp_record record(uint8_t n)
{
	return (struct dhcp_record){ .network = "web",
				     .address = ADDRESS(n),
				     .mac = { { 2, 0, 0, 0, 0, n } },
				     .id_len = 3,
				     .id = { 1, 2, n },
				     .expires = NOW,
				     .name = "guest" };
}

static int file(const char *text, size_t len)
{
	int fd = memfd_create("leases", MFD_CLOEXEC);

	assert_int_equal(write(fd, text, len), len);
	return fd;
}

static void print_line(const struct dhcp_record *r, uint64_t seq, struct str *out)
{
	struct str text = { 0 };

	dhcp_record_print(r, &text);
	dhcp_line_print(str_get(&text), seq, out);
	str_done(&text);
}

static int parse_line(const char *line, size_t len, struct dhcp_record *ret_record, uint64_t *ret_seq)
{
	char record[DHCP_LINE_MAX];

	return dhcp_line_parse(line, len, record, ret_seq) || dhcp_record_parse(record, ret_record) ? -EINVAL : 0;
}

static struct dhcp_store_loaded load(struct dhcp_store *s, int fd, struct taken *t)
{
	struct dhcp_store_loaded loaded = { 0 };

	*t = (struct taken){ 0 };
	assert_int_equal(dhcp_store_load(s, fd, take, t, &loaded), 0);
	return loaded;
}

static void knows_crc32c(void **state)
{
	(void)state;
	assert_int_equal(dhcp_crc32c("123456789", 9), 0xe3069283); /* the check value of the algorithm */
}

static void reads_what_it_writes(void **state)
{
	struct dhcp_record r = record(7), back;
	struct str line = { 0 };
	uint64_t seq;

	(void)state;
	print_line(&r, 42, &line);
	assert_memory_equal(line.s, "lease 42 web 10.0.0.7 02:00:00:00:00:07 010207 1800000000 guest ", 64);
	assert_int_equal(parse_line(line.s, line.len - 1, &back, &seq), 0);
	assert_int_equal(seq, 42);
	assert_memory_equal(&r, &back, sizeof r);
	str_clear(&line);
	r = (struct dhcp_record){ .declined = true, .network = "a", .address = 1, .expires = 0 };
	print_line(&r, 1, &line);
	assert_int_equal(parse_line(line.s, line.len - 1, &back, &seq), 0);
	assert_memory_equal(&r, &back, sizeof r);
	str_done(&line);
}

/* Lines whose sum is right and whose words are not. */
static void refuses_wrong_words(void **state)
{
	static const char *const bad[] = {
		"lease 1 web 10.0.0.7 02:50:zz:00:00:07 010207 1800000000 guest",
		"lease 1 web 10.0.0 02:00:00:00:00:07 010207 1800000000 guest",
		"lease 1 web fd00::1 02:00:00:00:00:07 010207 1800000000 guest",
		"lease 1 web 0.0.0.0 02:00:00:00:00:07 010207 1800000000 guest",
		"lease 1 web 10.0.0.7 02:00:00:00:00:07 01020 1800000000 guest",
		"lease 1 web 10.0.0.7 02:00:00:00:00:07 0102xx 1800000000 guest",
		"lease 1 web 10.0.0.7 02:00:00:00:00:07 010207 -5 guest",
		"lease 1 web 10.0.0.7 02:00:00:00:00:07 010207 99999999999999999999 guest",
		"lease 1 web 10.0.0.7 02:00:00:00:00:07 010207 1800000000 Gu.est",
		"lease 1 web 10.0.0.7 02:00:00:00:00:07 010207 1800000000",
		"lease 1 web 10.0.0.7 02:00:00:00:00:07 010207 1800000000 guest more",
		"lease 1  10.0.0.7 02:00:00:00:00:07 010207 1800000000 guest",
		"lease 1 we\"b 10.0.0.7 02:00:00:00:00:07 010207 1800000000 guest",
		"lease x web 10.0.0.7 02:00:00:00:00:07 010207 1800000000 guest",
		"lease 9223372036854775807 web 10.0.0.7 02:00:00:00:00:07 010207 1800000000 guest",
		"loose 1 web 10.0.0.7 02:00:00:00:00:07 010207 1800000000 guest",
		"",
	};
	struct dhcp_record r;
	uint64_t seq;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct str line = { 0 };

		str_addf(&line, "%s %08x", bad[i], dhcp_crc32c(bad[i], strlen(bad[i])));
		assert_int_equal(parse_line(line.s, line.len, &r, &seq), -EINVAL);
		str_done(&line);
	}
}

static void three_records(struct str *text, size_t ends[3])
{
	for (uint8_t i = 0; i < 3; i++) {
		struct dhcp_record r = record((uint8_t)(i + 2));

		print_line(&r, i + 1u, text);
		ends[i] = text->len;
	}
}

/* A crash may stop the last write after any byte: the records before it are there, and the next one is readable. */
static void survives_every_torn_tail(void **state)
{
	struct str text = { 0 };
	size_t ends[3];

	(void)state;
	three_records(&text, ends);
	for (size_t cut = 0; cut <= text.len; cut++) {
		size_t whole = (size_t)(cut >= ends[0]) + (cut >= ends[1]) + (cut >= ends[2]);
		struct dhcp_record r = record(99);
		struct dhcp_store s;
		struct taken t;
		int fd = file(text.s, cut);

		dhcp_store_init(&s);
		assert_int_equal(load(&s, dup(fd), &t).cut, cut - (whole ? ends[whole - 1] : 0));
		assert_int_equal(t.n, whole);
		dhcp_pools_write(&s, &r);
		assert_int_equal(dhcp_store_commit(&s), 0);
		assert_int_equal(load(&s, dup(fd), &t).bad, 0);
		assert_int_equal(t.n, whole + 1);
		assert_int_equal(t.last, ADDRESS(99));
		dhcp_store_done(&s);
		close(fd);
	}
	str_done(&text);
}

static void skips_garbage_in_the_middle(void **state)
{
	struct str text = { 0 };
	struct dhcp_store_loaded loaded;
	struct dhcp_store s;
	struct taken t;
	size_t ends[3];
	char *long_line = malloc(200000);

	(void)state;
	memset(long_line, 'x', 200000);
	three_records(&text, ends);
	str_addn(&text, long_line, 200000);
	str_add(&text, "\nlease 1 web 10.0.0.7 02:50:zz\n\n");
	str_addn(&text, "\0\0\0\n", 4);
	three_records(&text, ends);
	text.s[10] ^= 1; /* the first record is damaged */
	dhcp_store_init(&s);
	loaded = load(&s, file(text.s, text.len), &t);
	assert_int_equal(t.n, 5);
	assert_int_equal(loaded.records, 5);
	assert_int_equal(loaded.bad, 5);
	assert_int_equal(loaded.cut, 0);
	dhcp_store_done(&s);
	/* nothing but garbage is all tail */
	loaded = load(&s, file(long_line, 200000), &t);
	assert_int_equal(loaded.cut, 200000);
	assert_int_equal(s.end, 0);
	dhcp_store_done(&s);
	str_done(&text);
	free(long_line);
}

static void fails_without_losing(void **state)
{
	struct dhcp_record r = record(5);
	struct dhcp_store s;
	struct taken t;
	int fd = file("", 0), full;

	(void)state;
	dhcp_store_init(&s);
	dhcp_pools_write(&s, &r);
	assert_int_equal(dhcp_store_commit(&s), -ENOENT); /* no file yet */
	load(&s, dup(fd), &t);
	dhcp_pools_write(&s, &r);
	assert_int_equal(dhcp_store_commit(&s), 0);
	full = open("/dev/full", O_RDWR);
	dup2(full, s.fd);
	dhcp_pools_write(&s, &r);
	assert_int_equal(dhcp_store_commit(&s), -ENOSPC);
	assert_int_equal(s.pending.len, 0);
	dhcp_store_done(&s);
	close(full);
	load(&s, fd, &t);
	assert_int_equal(t.n, 1);
	dhcp_store_done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_crc32c),
		cmocka_unit_test(reads_what_it_writes),
		cmocka_unit_test(refuses_wrong_words),
		cmocka_unit_test(survives_every_torn_tail),
		cmocka_unit_test(skips_garbage_in_the_middle),
		cmocka_unit_test(fails_without_losing),
	};

	return cmocka_run_group_tests_name("dhcp store", tests, NULL, NULL);
}
