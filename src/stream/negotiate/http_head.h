/*
 * The head of an HTTP/1.1 message (RFC 9112): a start line and fields. A parser
 * without I/O, of requests and responses. What it returns points into the
 * caller's bytes.
 */
#ifndef STREAM_NEGOTIATE_HTTP_HEAD_H
#define STREAM_NEGOTIATE_HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>

/* The longest head that is read. */
#define HTTP_HEAD_MAX (64u << 10)

struct http_text {
	const char *at; /* not NULL */
	size_t n;
};

struct http_head {
	struct http_text start;  /* the first line, without its end */
	struct http_text fields; /* the lines after it */
};

/* Returns the length of the head at the beginning of data, with its empty line, or 0 if it is
 * incomplete. */
size_t http_head_length(const char *data, size_t n);

/* Reads a head of this length. Returns NULL, or what is wrong with it: control characters, a line
 * that is no field, a field that is continued on the next line. */
const char *http_head_parse(struct http_head *ret_head, const char *data, size_t n);

/* Gets the value of the field with this name; of several, the one with number i, from 0 on.
 * Returns false if there is none. */
bool http_head_field(const struct http_head *h, const char *name, unsigned i,
    struct http_text *ret_value);

/* Returns true if this word is in the lists of the fields with this name. Case does not count. */
bool http_head_lists(const struct http_head *h, const char *name, const char *word);

/* Gets the next word of a list that is separated by commas, and moves *list behind it. Returns
 * false at the end. */
bool http_head_next_word(struct http_text *list, struct http_text *ret_word);

/* Gets the status of a response, or 0 if the start line is none. */
unsigned http_head_status(const struct http_head *h);

/* Gets method and target of a request. Returns false if the start line is none of HTTP/1.1 or a
 * later version of HTTP/1. */
bool http_head_request(const struct http_head *h, struct http_text *ret_method,
    struct http_text *ret_target);

/* Returns true if both are the same text. Case counts. */
bool http_text_is(const struct http_text *t, const char *text);

#endif
