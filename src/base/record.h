/*
 * Records for people and machines: a row is a list of named fields; one call
 * writes it as a JSON object, as TSV, or as columns.
 */
#ifndef BASE_RECORD_H
#define BASE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct error;

enum field_kind { FIELD_END, FIELD_TEXT, FIELD_INT, FIELD_REAL, FIELD_BOOL };

/* An array of fields ends with one of kind FIELD_END. A FIELD_TEXT of NULL is
 * absent: left out of JSON, empty in TSV, "-" in columns; so is a FIELD_REAL
 * that is no finite number. */
struct field {
	const char *name;
	enum field_kind kind;
	const char *text;
	int64_t number; /* FIELD_INT, FIELD_BOOL */
	double real;    /* FIELD_REAL: written with 1 to 6 decimals, no exponent */
	int width;      /* column width in the text form; negative: left-aligned */
};

/* Appends `{"name":value,...}\n`. Text that is not UTF-8 has its stray bytes
 * written as \u00XX of the byte; controls are escaped. */
int record_json(struct buf *out, const struct field *fields, struct error *e);

/* Appends the values with tabs between and a newline. In text, backslashes,
 * controls and bytes that are not UTF-8 are escaped (\\ \t \n \r \e \xHH). */
int record_tsv(struct buf *out, const struct field *fields, struct error *e);

/* Appends the values in columns of their widths, blank-separated, no trailing
 * blanks. Controls and bytes that are not UTF-8 are escaped as in TSV. */
int record_text(struct buf *out, const struct field *fields, struct error *e);

/* Appends text as a JSON string with its quotes. */
int record_json_string(struct buf *out, const char *text, size_t n, struct error *e);

/* True where data is UTF-8, which JSON can say byte for byte. */
bool record_is_utf8(const char *data, size_t n);

/* Appends data with every byte that is not printable ASCII as \n, \r, \t, \e
 * or \xHH: peer data for terminals and messages. */
int record_escape(struct buf *out, const char *data, size_t n, struct error *e);

#endif
