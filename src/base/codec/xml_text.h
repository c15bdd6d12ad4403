/*
 * Text for attributes and elements of XML and HTML.
 */
#ifndef BASE_XML_TEXT_H
#define BASE_XML_TEXT_H

#include <stddef.h>

struct buf;

/* Appends n bytes of text: what has a meaning in XML becomes a reference, what XML cannot hold becomes
 * \xHH. Appends less if out is full. */
void xml_text_append(struct buf *out, const char *text, size_t n);

#endif
