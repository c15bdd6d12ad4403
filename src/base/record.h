/*
 * Records for people and machines: a record is an array of named fields, written as a JSON
 * object or as columns. Each function leaves out unchanged when it fails.
 */
#ifndef BASE_RECORD_H
#define BASE_RECORD_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct error;

enum field_kind { FIELD_END, FIELD_TEXT, FIELD_INT, FIELD_REAL, FIELD_BOOL };

/* An array of fields ends with kind FIELD_END. A FIELD_TEXT of NULL and a FIELD_REAL that is not
 * finite are absent: omitted in JSON, "-" in columns. */
struct field {
	const char *name;
	enum field_kind kind;
	const char *text;
	int64_t number; /* FIELD_INT, FIELD_BOOL */
	double real;    /* FIELD_REAL: written with 1 to 6 decimals, without exponent */
	int width;      /* column width of record_text(); negative: left-aligned */
};

/* Appends `{"name":value,...}\n`. Escapes control characters, and writes each byte that is not
 * UTF-8 as \u00XX. */
int record_json(struct buf *out, const struct field *fields, struct error *e);

/* Appends the values in columns, separated by blanks, and a newline without blanks before it.
 * Escapes control characters and bytes that are not UTF-8 (\t \n \r \e \xHH). */
int record_text(struct buf *out, const struct field *fields, struct error *e);

/* Appends text as a quoted JSON string. */
int record_json_string(struct buf *out, const char *text, size_t n, struct error *e);

/* Appends data with every byte that is not printable ASCII as \n, \r, \t, \e or \xHH. Use it to
 * show data of a peer on a terminal or in a message. */
int record_escape(struct buf *out, const char *data, size_t n, struct error *e);

/* Appends data with control characters and bytes that are not UTF-8 as record_text() writes them. */
int record_escape_text(struct buf *out, const char *data, size_t n, struct error *e);

#endif
