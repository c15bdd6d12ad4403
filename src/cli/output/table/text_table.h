/*
 * Tables for people: columns as wide as their content, on a terminal two blanks apart, else one.
 * Where a table is too wide for the terminal, the columns move together; then the least important
 * ones are left out, and a note names them. Where not even those that are always shown fit, a row
 * has as many lines as these need, and the others are shown where the lines have room.
 */
#ifndef CLI_OUTPUT_TABLE_TEXT_TABLE_H
#define CLI_OUTPUT_TABLE_TEXT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "cli/output/style.h"

struct error;

enum { TEXT_TABLE_COLUMNS_MAX = 16 };

struct text_table_column {
	const char *title;
	bool right; /* numbers: aligned at the right */
	/* 0: always shown. Of the others, the one with the largest rank is left out first. */
	unsigned char rank;
	unsigned char least; /* its width at least; the titles count where they are shown */
};

struct text_table_how {
	size_t width; /* in columns of the terminal; 0: no limit */
	bool color, titles;
};

struct text_table {
	struct text_table_how how;
	const struct text_table_column *columns;
	size_t n_columns;
	/* private */
	size_t widths[TEXT_TABLE_COLUMNS_MAX];
	size_t longest[TEXT_TABLE_COLUMNS_MAX]; /* of the cells and titles */
	size_t next;                            /* the column of the next cell */
	bool titled;                            /* the titles are printed */
	struct buf cells;                       /* of rows that are not printed yet */
};

/* columns is valid as long as the table. */
void text_table_init(struct text_table *t, const struct text_table_column *columns, size_t n,
    const struct text_table_how *how);
void text_table_fini(struct text_table *t);

/* Returns the width of the terminal fd, or 0 where it is none. */
size_t text_table_width_of(int fd);

/* Makes the column wide enough for text, which comes later. */
void text_table_widen(struct text_table *t, size_t column, const char *text);

/* Adds the next cell; after the last column a new row begins. "" is shown as "-", for what is not
 * known; " " is an empty cell. text has no control characters: those of a peer are escaped by the caller. */
int text_table_add(struct text_table *t, enum style style, const char *text, struct error *e);
int text_table_add_number(struct text_table *t, enum style style, uint64_t number, struct error *e);

/* Adds a line below the last row, where a row is complete. It may contain control sequences and is
 * not measured. */
int text_table_add_line(struct text_table *t, const char *line, struct error *e);

/* Appends the rows that were added since the last call; in front of the first ones the titles. A
 * table that is printed in pieces keeps or widens its columns. */
int text_table_print(struct text_table *t, struct buf *out, struct error *e);

/* Appends the line that names the columns left out; nothing where all are shown. more says where they
 * are: "--json has them". */
int text_table_note(const struct text_table *t, const char *more, struct buf *out, struct error *e);

#endif
