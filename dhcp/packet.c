/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: reading makes two passes. The first walks the options field and, when option 52 says so, the
 * file and sname fields, in the order of RFC 3396, and joins the parts of each option the server understands in a
 * buffer of its own. An overload option inside those fields would send the walk round in circles and is refused. The
 * second turns the joined bytes into values, each with its exact length.
 */
#include "dhcp/packet.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "dhcp/relayed.h"
#include "switchd/base/bytes.h"

enum { FIELD_SIADDR = 20, FIELD_SNAME = 44, SNAME_LEN = 64, FIELD_FILE = 108, FILE_LEN = 128, COOKIE = 4 };
enum { OVERLOAD_FILE = 1, OVERLOAD_SNAME = 2 };

static const uint8_t cookie[COOKIE] = { 99, 130, 83, 99 };
static const uint8_t understood[] = {
	OPTION_HOST_NAME,    OPTION_REQUESTED,    OPTION_LEASE_TIME,   OPTION_OVERLOAD,
	OPTION_TYPE,         OPTION_SERVER_ID,    OPTION_PARAMETERS,   OPTION_MAX_SIZE,
	OPTION_CLIENT_ID,    OPTION_FQDN,         OPTION_VENDOR_CLASS, OPTION_USER_CLASS,
	OPTION_RAPID_COMMIT, OPTION_ARCHITECTURE, OPTION_AGENT,        OPTION_SUBNET_SELECTION
};

/* The joined parts of one option. */
struct joined {
	uint16_t len;
	bool seen, overflow;
	uint8_t b[255];
};

struct reader {
	struct joined at[sizeof understood];
	const char *reason;
};

static struct joined *joined_get(struct reader *r, uint8_t option)
{
	const uint8_t *p = memchr(understood, option, sizeof understood);

	return p ? &r->at[p - understood] : NULL;
}

static void join(struct reader *r, uint8_t option, const uint8_t *bytes, uint8_t len)
{
	struct joined *j = joined_get(r, option);

	if (!j)
		return;
	j->seen = true;
	if (j->len + len > (int)sizeof j->b) {
		j->overflow = true;
		return;
	}
	memcpy(j->b + j->len, bytes, len);
	j->len = (uint16_t)(j->len + len);
}

/* Walk one field; a missing end option is what some clients send. */
static int walk(struct reader *r, const uint8_t *p, size_t len, bool overloaded)
{
	for (size_t i = 0; i < len;) {
		uint8_t option = p[i++], size;

		if (option == OPTION_PAD)
			continue;
		if (option == OPTION_END)
			return 0;
		if (i == len) {
			r->reason = "an option without length";
			return -EBADMSG;
		}
		size = p[i++];
		if (size > len - i) {
			r->reason = "an option longer than the message";
			return -EBADMSG;
		}
		if (overloaded && option == OPTION_OVERLOAD) {
			r->reason = "an overload option inside an overloaded field";
			return -EBADMSG;
		}
		join(r, option, p + i, size);
		i += size;
	}
	return 0;
}

static int walk_all(struct reader *r, const uint8_t *data, size_t len)
{
	const struct joined *o = joined_get(r, OPTION_OVERLOAD);
	int err = walk(r, data + DHCP_HEADER + COOKIE, len - DHCP_HEADER - COOKIE, false);

	if (err || !o->seen)
		return err;
	if (o->len != 1 || !o->b[0] || o->b[0] > (OVERLOAD_FILE | OVERLOAD_SNAME)) {
		r->reason = "a bad overload option";
		return -EBADMSG;
	}
	if (o->b[0] & OVERLOAD_FILE)
		err = walk(r, data + FIELD_FILE, FILE_LEN, true);
	if (!err && (o->b[0] & OVERLOAD_SNAME))
		err = walk(r, data + FIELD_SNAME, SNAME_LEN, true);
	return err;
}

static int read_u32(struct reader *r, uint8_t option, uint32_t *ret)
{
	const struct joined *j = joined_get(r, option);

	if (!j->seen)
		return 0;
	if (j->len != 4 || j->overflow) {
		r->reason = "an address or time option that has not 4 bytes";
		return -EBADMSG;
	}
	*ret = get32(j->b);
	return 0;
}

/* The first label of a name in option 81: DNS wire form or ASCII (RFC 4702 2.3). */
static void read_fqdn(const struct joined *j, struct dhcp_message *m)
{
	const uint8_t *name = j->b + 3;
	size_t len;

	if (!j->seen || j->overflow || j->len < 3)
		return;
	m->has_fqdn = true;
	m->fqdn_flags = j->b[0];
	len = j->len - 3u;
	if (j->b[0] & DHCP_FQDN_ENCODED) {
		if (!len || *name > 63 || *name >= len)
			return;
		len = *name++;
	}
	if (!*m->name)
		domain_label((const char *)name, len, m->name);
}

/* iPXE says its name as it is, others as RFC 3004 wants, behind a length. */
static void read_classes(struct reader *r, struct dhcp_message *m)
{
	const struct joined *user = joined_get(r, OPTION_USER_CLASS), *vendor = joined_get(r, OPTION_VENDOR_CLASS);
	const struct joined *arch = joined_get(r, OPTION_ARCHITECTURE);

	m->is_ipxe = memmem(user->b, user->len, "iPXE", 4) != NULL;
	if (!vendor->overflow)
		memcpy(m->vendor, vendor->b, m->vendor_len = (uint8_t)vendor->len);
	if (!user->overflow)
		memcpy(m->user, user->b, m->user_len = (uint8_t)user->len);
	m->is_http = vendor->len >= 10 && !memcmp(vendor->b, "HTTPClient", 10);
	m->has_arch = arch->len >= 2;
	m->arch = m->has_arch ? get16(arch->b) : 0;
	m->rapid = joined_get(r, OPTION_RAPID_COMMIT)->seen;
}

static void read_agent(struct reader *r, struct dhcp_message *m)
{
	const struct joined *agent = joined_get(r, OPTION_AGENT), *subnet = joined_get(r, OPTION_SUBNET_SELECTION);

	if (!agent->overflow) {
		m->agent_len = (uint8_t)agent->len;
		memcpy(m->agent, agent->b, agent->len);
	}
	dhcp_agent_read(m, subnet->len == 4 && !subnet->overflow ? get32(subnet->b) : 0);
}

static int read_options(struct reader *r, struct dhcp_message *m)
{
	const struct joined *type = joined_get(r, OPTION_TYPE), *id = joined_get(r, OPTION_CLIENT_ID);
	const struct joined *size = joined_get(r, OPTION_MAX_SIZE), *list = joined_get(r, OPTION_PARAMETERS);
	const struct joined *name = joined_get(r, OPTION_HOST_NAME);

	if (!type->seen) {
		r->reason = "BOOTP, not DHCP";
		return -ENOMSG;
	}
	if (type->len != 1 || type->overflow || !type->b[0] || type->b[0] > DHCP_INFORM) {
		r->reason = "no single valid message type";
		return -EBADMSG;
	}
	m->type = type->b[0];
	if (read_u32(r, OPTION_REQUESTED, &m->requested) || read_u32(r, OPTION_SERVER_ID, &m->server_id) ||
	    read_u32(r, OPTION_LEASE_TIME, &m->lease_time))
		return -EBADMSG;
	if (size->seen && size->len == 2 && !size->overflow)
		m->max_size = get16(size->b);
	if (!id->overflow && id->len >= 2) {
		m->id_len = (uint8_t)id->len;
		memcpy(m->id, id->b, id->len);
	}
	if (!list->overflow) {
		m->parameters_len = (uint8_t)list->len;
		memcpy(m->parameters, list->b, list->len);
	}
	if (!name->overflow)
		domain_label((const char *)name->b, name->len, m->name);
	read_fqdn(joined_get(r, OPTION_FQDN), m);
	read_classes(r, m);
	read_agent(r, m);
	return 0;
}

static int refuse(const char *reason, const char **ret_reason)
{
	*ret_reason = reason;
	return -EBADMSG;
}

int dhcp_message_parse(const uint8_t *data, size_t len, struct dhcp_message *ret_message, const char **ret_reason)
{
	struct dhcp_message m = { 0 };
	struct reader r = { 0 };
	int err;

	if (len < DHCP_HEADER + COOKIE)
		return refuse("shorter than a DHCP header", ret_reason);
	m.op = data[0];
	m.htype = data[1];
	m.hlen = data[2];
	if (m.op != 1)
		return refuse("not a request", ret_reason);
	if (m.htype != 1 || m.hlen != sizeof m.chaddr.b)
		return refuse("hardware type or length is not Ethernet's", ret_reason);
	m.xid = get32(data + 4);
	m.flags = get16(data + 10);
	m.ciaddr = get32(data + 12);
	m.yiaddr = get32(data + 16);
	m.siaddr = get32(data + 20);
	m.giaddr = get32(data + 24);
	memcpy(m.chaddr.b, data + 28, sizeof m.chaddr.b);
	if (mac_is_multicast(&m.chaddr) || mac_is_zero(&m.chaddr))
		return refuse("hardware address is no client's", ret_reason);
	if (memcmp(data + DHCP_HEADER, cookie, COOKIE))
		return refuse("wrong magic cookie", ret_reason);
	err = walk_all(&r, data, len);
	err = err ? err : read_options(&r, &m);
	if (err)
		*ret_reason = r.reason;
	else
		*ret_message = m;
	return err;
}

bool dhcp_message_wants(const struct dhcp_message *m, uint8_t option)
{
	return !m->parameters_len || memchr(m->parameters, option, m->parameters_len);
}

/* Bytes an option of this length takes, its headers included. */
static size_t cost(size_t len)
{
	return len + 2 * (len ? (len + 254) / 255 : 1);
}

void dhcp_writer_init(struct dhcp_writer *w, const struct dhcp_message *m, enum dhcp_type type, uint32_t yiaddr)
{
	size_t size = m->max_size < DHCP_SIZE_DEFAULT ? DHCP_SIZE_DEFAULT : m->max_size;
	uint8_t *d = w->data;

	memset(w, 0, sizeof *w);
	/* what relay agents said is the last option (RFC 3046 2.2); its room is kept free */
	w->agent = m->agent;
	w->agent_len = m->agent_len;
	w->limit =
		(size > DHCP_SIZE_MAX ? DHCP_SIZE_MAX : size) - DHCP_IP_UDP - (m->agent_len ? cost(m->agent_len) : 0);
	d[0] = 2;
	d[1] = m->htype;
	d[2] = m->hlen;
	put32(d + 4, m->xid);
	d[10] = (uint8_t)(m->flags >> 8);
	d[11] = (uint8_t)m->flags;
	/* RFC 2131 table 3: ciaddr is repeated in an ACK only */
	put32(d + 12, type == DHCP_ACK ? m->ciaddr : 0);
	put32(d + 16, yiaddr);
	put32(d + 24, m->giaddr);
	memcpy(d + 28, m->chaddr.b, sizeof m->chaddr.b);
	memcpy(d + DHCP_HEADER, cookie, COOKIE);
	/* the overload option has its place from the start: pads until it is needed */
	w->at = DHCP_HEADER + COOKIE + 6;
	d[DHCP_HEADER + COOKIE] = OPTION_TYPE;
	d[DHCP_HEADER + COOKIE + 1] = 1;
	d[DHCP_HEADER + COOKIE + 2] = (uint8_t)type;
}

/* Room for 'len' bytes plus an end option in the options field, file or sname; NULL when there is none. */
static uint8_t *room(struct dhcp_writer *w, size_t len)
{
	uint8_t *p;

	if (w->at + len + 1 <= w->limit) {
		p = w->data + w->at;
		w->at += len;
	} else if (!w->named && w->file + len + 1 <= FILE_LEN) {
		p = w->data + FIELD_FILE + w->file;
		w->file += len;
	} else if (w->sname + len + 1 <= SNAME_LEN) {
		p = w->data + FIELD_SNAME + w->sname;
		w->sname += len;
	} else {
		p = NULL;
		w->dropped = true;
	}
	return p;
}

void dhcp_add(struct dhcp_writer *w, uint8_t option, const void *bytes, size_t len)
{
	const uint8_t *from = bytes;
	uint8_t *p = room(w, cost(len));

	if (!p)
		return;
	do {
		uint8_t part = (uint8_t)(len > 255 ? 255 : len);

		*p++ = option;
		*p++ = part;
		memcpy(p, from, part);
		p += part;
		from += part;
		len -= part;
	} while (len);
}

void dhcp_add_boot(struct dhcp_writer *w, const struct dhcp_message *m, uint32_t server, const char *file)
{
	size_t len = strlen(file);
	bool asked = m->parameters_len && dhcp_message_wants(m, OPTION_BOOT_FILE);
	struct ip ip = ip_from_u32(server);
	char text[ADDR_TEXT];

	put32(w->data + FIELD_SIADDR, server);
	w->named = len < FILE_LEN;
	if (w->named)
		memcpy(w->data + FIELD_FILE, file, len);
	if (!w->named || asked || m->is_http)
		dhcp_add(w, OPTION_BOOT_FILE, file, len > 255 ? 255 : len);
	if (m->parameters_len && dhcp_message_wants(m, OPTION_TFTP_SERVER))
		dhcp_add(w, OPTION_TFTP_SERVER, ip_text(&ip, text), strlen(text));
	if (m->is_http)
		dhcp_add(w, OPTION_VENDOR_CLASS, "HTTPClient", 10);
}

void dhcp_add_u32(struct dhcp_writer *w, uint8_t option, uint32_t value)
{
	uint32_t v = htonl(value);

	dhcp_add(w, option, &v, sizeof v);
}

void dhcp_add_u16(struct dhcp_writer *w, uint8_t option, uint16_t value)
{
	uint16_t v = htons(value);

	dhcp_add(w, option, &v, sizeof v);
}

size_t dhcp_writer_end(struct dhcp_writer *w)
{
	uint8_t overload = (uint8_t)((w->file ? OVERLOAD_FILE : 0) | (w->sname ? OVERLOAD_SNAME : 0));
	uint8_t *place = w->data + DHCP_HEADER + COOKIE + 3;

	if (overload) {
		place[0] = OPTION_OVERLOAD;
		place[1] = 1;
		place[2] = overload;
	}
	if (w->file)
		w->data[FIELD_FILE + w->file] = OPTION_END;
	if (w->sname)
		w->data[FIELD_SNAME + w->sname] = OPTION_END;
	if (w->agent_len) {
		w->data[w->at++] = OPTION_AGENT;
		w->data[w->at++] = w->agent_len;
		memcpy(w->data + w->at, w->agent, w->agent_len);
		w->at += w->agent_len;
	}
	w->data[w->at++] = OPTION_END;
	return w->at < DHCP_MIN ? DHCP_MIN : w->at;
}
