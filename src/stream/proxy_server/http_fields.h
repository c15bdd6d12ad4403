/*
 * The fields of an HTTP/1.1 head, as a proxy passes them on (RFC 9110, 7.6.1). Pure functions over untrusted bytes.
 */
#ifndef STREAM_PROXY_SERVER_HTTP_FIELDS_H
#define STREAM_PROXY_SERVER_HTTP_FIELDS_H

#include <stddef.h>

#include "stream/negotiate/http_head.h"

struct buf;
struct error;

/* Each field is compared with each when a head is passed on. */
#define HTTP_FIELDS_MAX 200

/* Returns how many lines there are. */
size_t http_fields_count(const struct http_head *h);

/* Appends the lines of the fields, without those that are dropped, and those that Connection names. Those that say
 * where the body ends stay. Fails like buf_append(). */
int http_fields_pass_on(const struct http_head *h, const char *const *dropped, size_t n_dropped,
    struct buf *out, struct error *e);

#endif
