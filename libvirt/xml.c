/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <libxml/parser.h>
#include <string.h>

#include "libvirt/internal.h"

static void complain(struct diag *d)
{
	const xmlError *e = xmlGetLastError();
	char line[32];

	snprintf(line, sizeof line, "line %d", e ? e->line : 1);
	diag_refuse(d, e && e->message ? "not well-formed XML" : "not an XML document", "%s", line);
	xmlResetLastError();
}

xmlDoc *xml_read(const char *text, size_t len, const char *root, struct diag *d)
{
	const xmlNode *top;
	const char *why = NULL;
	xmlDoc *doc;

	if (len > LIBVIRT_XML_MAX) {
		diag_refuse(d, "larger than 1 MB", "document");
		return NULL;
	}
	/* without XML_PARSE_HUGE the depth is limited, without NOENT and DTDLOAD nothing is expanded or read */
	doc = xmlReadMemory(text, (int)len, "document", NULL,
			    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOCDATA);
	if (!doc) {
		complain(d);
		return NULL;
	}
	top = xmlDocGetRootElement(doc);
	if (doc->intSubset || doc->extSubset)
		why = "has a document type declaration; those are not read";
	else if (!top || strcmp((const char *)top->name, root) != 0)
		why = "is not of this kind";
	if (!why)
		return doc;
	diag_refuse(d, why, "<%s>", root);
	xmlFreeDoc(doc);
	return NULL;
}

static xmlNode *element(xmlNode *n, const char *name)
{
	while (n && (n->type != XML_ELEMENT_NODE || strcmp((const char *)n->name, name) != 0))
		n = n->next;
	return n;
}

xmlNode *xml_first(const xmlNode *parent, const char *name)
{
	return parent ? element(parent->children, name) : NULL;
}

xmlNode *xml_next(const xmlNode *child, const char *name)
{
	return element(child->next, name);
}

static const char *keep(xmlChar *text, struct arena *texts)
{
	const char *copy = text ? arena_strdup(texts, (const char *)text) : NULL;

	xmlFree(text);
	return copy;
}

const char *xml_attribute(const xmlNode *n, const char *name, struct arena *texts)
{
	return n ? keep(xmlGetNoNsProp(n, (const xmlChar *)name), texts) : NULL;
}

const char *xml_text(const xmlNode *n, struct arena *texts)
{
	const char *text = n ? keep(xmlNodeGetContent(n), texts) : NULL;
	char *end;

	if (!text)
		return NULL;
	text += strspn(text, " \t\r\n");
	end = (char *)(uintptr_t)text + strlen(text);
	while (end > text && strchr(" \t\r\n", end[-1]))
		*--end = '\0';
	return text;
}
