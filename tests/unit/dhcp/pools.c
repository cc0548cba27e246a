/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "switchd/features.h"
#include "tests/unit/dhcp/support.h"

static const char config[] = "set network web address 10.0.0.1/24\n"
			     "set network web description 'not ours to read'\n"
			     "set network web forward 1 port 80\n"
			     "set system name-server 192.0.2.1\n"
			     "set network web dhcp range 10.0.0.10-10.0.0.19\n"
			     "set network db address 10.0.0.1/24\n"
			     "set network db dhcp range 10.0.0.10-10.0.0.19\n";

static void start(struct dhcp_pools *ps)
{
	static struct schema *schema;

	if (!schema)
		schema = features_schema(NULL);
	dhcp_pools_init(ps, schema);
	assert_int_equal(dhcp_pools_configure(ps, config, true, NULL), 0);
}

static void reads_its_part_of_the_configuration(void **state)
{
	struct dhcp_pools ps;
	struct dhcp_pool *web;

	(void)state;
	start(&ps);
	assert_int_equal(ps.by_name.n, 2);
	web = dhcp_pools_get(&ps, "web");
	assert_int_equal(web->free, 10);
	assert_int_equal(
		dhcp_pools_configure(&ps, "set network web dhcp range 10.0.0.20\ndelete system\n", false, NULL), 0);
	assert_int_equal(web->free, 11);
	assert_int_equal(dhcp_pools_configure(&ps, "set network web dhcp range nonsense\n", false, NULL), -EINVAL);
	assert_int_equal(web->free, 11);
	assert_int_equal(dhcp_pools_configure(&ps, "delete network web\n", false, NULL), 0);
	assert_null(web->net);
	assert_non_null(dhcp_pools_get(&ps, "db")->net);
	assert_int_equal(dhcp_pools_configure(&ps, "", true, NULL), 0);
	assert_null(dhcp_pools_get(&ps, "db")->net);
	dhcp_pools_done(&ps);
}

static void shows_and_clears(void **state)
{
	static const char none[] =
		"{\"columns\": [\"network\", \"address\", \"mac\", \"host-name\", \"client-id\", \"expires\", "
		"\"state\"], \"rows\": []}";
	struct dhcp_message m = message(DHCP_DISCOVER, 1);
	struct str out = { 0 }, reason = { 0 };
	struct dhcp_pools ps;
	char text[ADDR_TEXT];
	struct ip ip;

	(void)state;
	start(&ps);
	dhcp_pools_show(&ps, false, &out);
	assert_string_equal(out.s, none);
	message_id(&m, "ab");
	strcpy(m.name, "vm");
	/* the same client in both networks has the same address in both */
	ip = ip_from_u32(obtain(dhcp_pools_get(&ps, "web"), &m, NOW));
	obtain(dhcp_pools_get(&ps, "db"), &m, NOW);
	ip_text(&ip, text);
	str_clear(&out);
	dhcp_pools_show(&ps, false, &out);
	assert_non_null(strstr(
		out.s, "\", \"02:00:00:00:00:01\", \"vm\", \"6162\", \"2027-01-15T09:00:00Z\", \"bound\"], [\"web\""));
	assert_int_equal(dhcp_pools_clear(&ps, text, NULL, NOW, &reason), -EINVAL);
	assert_non_null(strstr(reason.s, "say which"));
	assert_int_equal(dhcp_pools_clear(&ps, text, "web", NOW, &reason), 0);
	assert_int_equal(dhcp_pools_clear(&ps, text, "web", NOW, &reason), -EINVAL);
	assert_int_equal(dhcp_pools_clear(&ps, text, NULL, NOW, &reason), 0);
	assert_int_equal(dhcp_pools_clear(&ps, "nonsense", NULL, NOW, &reason), -EINVAL);
	str_clear(&out);
	dhcp_pools_show(&ps, false, &out);
	assert_string_equal(out.s, none);
	str_done(&out);
	str_done(&reason);
	dhcp_pools_done(&ps);
}

static void writes_dates(void **state)
{
	static const struct {
		int64_t t;
		const char *text;
	} rows[] = { { 1, "1970-01-01T00:00:01Z" },	     { 951782400, "2000-02-29T00:00:00Z" },
		     { 1709251199, "2024-02-29T23:59:59Z" }, { 1709251200, "2024-03-01T00:00:00Z" },
		     { 4102444799, "2099-12-31T23:59:59Z" }, { 4107542400, "2100-03-01T00:00:00Z" } };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct dhcp_record r = { .network = "web", .address = ADDRESS(10), .expires = rows[i].t };
		struct str out = { 0 };
		struct dhcp_pools ps;

		start(&ps);
		dhcp_pool_restore(dhcp_pools_get(&ps, "web"), &r, 0);
		dhcp_pools_show(&ps, false, &out);
		assert_non_null(strstr(out.s, rows[i].text));
		str_done(&out);
		dhcp_pools_done(&ps);
	}
}

/* What one process wrote, the next has; and a compacted file says the same in fewer words. */
static void keeps_leases_in_the_file(void **state)
{
	struct dhcp_message m = message(DHCP_DISCOVER, 1);
	int fd = memfd_create("leases", MFD_CLOEXEC), small = memfd_create("leases", MFD_CLOEXEC);
	struct dhcp_store store;
	uint32_t address = 0;
	off_t large = 0;

	(void)state;
	dhcp_store_init(&store);
	for (int round = 0; round < 3; round++) {
		struct dhcp_pools ps;
		struct dhcp_pool *web;

		start(&ps);
		web = dhcp_pools_get(&ps, "web");
		dhcp_pools_load(&ps, &store, dup(round < 2 ? fd : small), NOW);
		for (int i = 0; !round && i < 50; i++) {
			address = obtain(web, &m, NOW + i * 2000);
			dhcp_pools_write(&store, &web->records.at[web->records.n - 1]);
			assert_int_equal(dhcp_store_commit(&store), 0);
			large = store.end;
		}
		assert_int_equal(dhcp_lease_at(web, address)->state, LEASE_BOUND);
		assert_int_equal(dhcp_lease_at(web, address)->expires, NOW + 49 * 2000 + 3600);
		assert_int_equal(web->events.n > 0, 1);
		if (round == 1) {
			assert_int_equal(dhcp_pools_compact(&ps, &store, dup(small)), 0);
			assert_true(store.end < large / 40);
		}
		dhcp_pools_done(&ps);
	}
	dhcp_store_done(&store);
	close(fd);
	close(small);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_its_part_of_the_configuration),
		cmocka_unit_test(shows_and_clears),
		cmocka_unit_test(writes_dates),
		cmocka_unit_test(keeps_leases_in_the_file),
	};

	return cmocka_run_group_tests_name("dhcp pools", tests, NULL, NULL);
}
