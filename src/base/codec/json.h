/*
 * Reads JSON (RFC 8259) of one level: an object whose values are strings, integers and true or
 * false, as record_json() writes it. Nothing is copied and nothing is allocated.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct error;

enum json_kind { JSON_STRING, JSON_INTEGER, JSON_BOOL };

/* Points into the text of the object. */
struct json_member {
	const char *name; /* without its quotes; it has no escapes */
	size_t name_n;
	enum json_kind kind;
	const char *string; /* JSON_STRING: without its quotes, with its escapes */
	size_t n;
	int64_t integer;
	bool is_true;
};

/* Set at and end to the text, and the rest to zero. */
struct json_object {
	const char *at, *end;
	bool begun;
};

/* Reads the next member. Returns 1; 0 at the end, when nothing but blanks follows the object; -1:
 * ERROR_USAGE, what is wrong. */
int json_object_next(struct json_object *o, struct json_member *ret_member, struct error *e);

/* Appends the bytes of a string: escapes become characters, in UTF-8. Leaves out unchanged on
 * failure: ERROR_USAGE for half a surrogate pair or bytes that are not UTF-8; like buf_append(). */
int json_string_decode(struct buf *out, const char *string, size_t n, struct error *e);

#endif
