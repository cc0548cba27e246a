/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tftp/message.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "switchd/base/bytes.h"

enum opcode { RRQ = 1, WRQ = 2, DATA = 3, ACK = 4, ERROR = 5, OACK = 6 };

/* ---- reading --------------------------------------------------------------------------------- */

/* The next text of a request, or NULL: none is left, or it has no end. */
static const char *take_text(const uint8_t **at, const uint8_t *end)
{
	const uint8_t *text = *at, *zero = *at < end ? memchr(*at, 0, (size_t)(end - *at)) : NULL;

	if (!zero)
		return NULL;
	*at = zero + 1;
	return (const char *)text;
}

static unsigned long number(const char *text, unsigned long min, unsigned long max)
{
	char *end;
	unsigned long n = *text >= '0' && *text <= '9' ? strtoul(text, &end, 10) : 0;

	return n >= min && n <= max && !*end ? n : 0;
}

/* An option that is not understood is left out of the answer (RFC 2347); sizes too large become the largest. */
static void take_option(const char *name, const char *value, struct tftp_options *o)
{
	unsigned long n;

	if (!strcasecmp(name, "tsize")) {
		o->tsize = true;
	} else if (!strcasecmp(name, "blksize")) {
		n = number(value, 8, 65464);
		o->blksize = (uint16_t)(n < TFTP_BLOCK_MAX ? n : TFTP_BLOCK_MAX);
	} else if (!strcasecmp(name, "windowsize")) {
		n = number(value, 1, 65535);
		o->windowsize = (uint16_t)(n < TFTP_WINDOW_MAX ? n : TFTP_WINDOW_MAX);
	} else if (!strcasecmp(name, "timeout")) {
		o->timeout = (uint8_t)number(value, 1, 255);
	}
}

/* Some firmware writes '\', and most begins at the root. */
static bool take_path(const char *text, char *ret)
{
	size_t n = 0;

	text += strspn(text, "/\\");
	for (; *text && n + 1 < TFTP_PATH; text++) {
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
		ret[n++] = *text == '\\' ? '/' : *text;
	}
	ret[n] = '\0';
	return n && !*text;
}

static void refused(struct tftp_packet *p, enum tftp_error error, const char *text)
{
	p->kind = TFTP_REFUSED;
	p->error = error;
	p->text = text;
}

static void parse_request(const uint8_t *at, const uint8_t *end, bool write, struct tftp_packet *p)
{
	const char *path = take_text(&at, end), *mode = take_text(&at, end), *name, *value;

	p->kind = TFTP_READ;
	if (!path || !mode)
		refused(p, TFTP_ILLEGAL, "a request has a file and a mode");
	else if (write)
		refused(p, TFTP_ACCESS, "files are only read here");
	else if (strcasecmp(mode, "octet") != 0)
		refused(p, TFTP_ILLEGAL, "only mode octet is served: try 'binary'");
	else if (!take_path(path, p->path))
		refused(p, TFTP_NOT_FOUND, "not the name of a file");
	while (p->kind == TFTP_READ && (name = take_text(&at, end)) && (value = take_text(&at, end)))
		take_option(name, value, &p->options);
}

void tftp_parse(const uint8_t *data, size_t len, struct tftp_packet *ret)
{
	*ret = (struct tftp_packet){ .kind = TFTP_OTHER };
	if (len < TFTP_HEADER)
		return;
	switch (get16(data)) {
	case RRQ:
	case WRQ: parse_request(data + 2, data + len, get16(data) == WRQ, ret); break;
	case ACK:
		ret->kind = TFTP_ACK;
		ret->block = get16(data + 2);
		break;
	case ERROR: ret->kind = TFTP_ERROR; break;
	default: break;
	}
}

/* ---- writing --------------------------------------------------------------------------------- */

size_t tftp_data(uint8_t *out, uint16_t block)
{
	put16(out, DATA);
	put16(out + 2, block);
	return TFTP_HEADER;
}

static size_t put_option(uint8_t *out, size_t at, const char *name, uint64_t value)
{
	int n = snprintf((char *)out + at, TFTP_PACKET_MAX - at, "%s%c%" PRIu64, name, '\0', value);

	return at + (size_t)n + 1;
}

size_t tftp_oack(uint8_t *out, const struct tftp_options *o, uint64_t size)
{
	size_t at = 2;

	put16(out, OACK);
	if (o->tsize)
		at = put_option(out, at, "tsize", size);
	if (o->blksize)
		at = put_option(out, at, "blksize", o->blksize);
	if (o->timeout)
		at = put_option(out, at, "timeout", o->timeout);
	if (o->windowsize)
		at = put_option(out, at, "windowsize", o->windowsize);
	return at;
}

size_t tftp_refuse(uint8_t *out, enum tftp_error error, const char *text)
{
	put16(out, ERROR);
	put16(out + 2, error);
	return TFTP_HEADER + (size_t)snprintf((char *)out + TFTP_HEADER, 128, "%s", text) + 1;
}
