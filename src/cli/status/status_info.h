/*
 * The figures of TCP_INFO as lines below a row: groups with units, and only what is not 0.
 */
#ifndef CLI_STATUS_STATUS_INFO_H
#define CLI_STATUS_STATUS_INFO_H

#include <stddef.h>

struct error;
struct status_metric;
struct status_row;
struct text_table;

/* Adds the lines of row; none where the kernel gave no figures. They wrap at the width of the table. */
int status_info_add(struct text_table *t, const struct status_row *row, struct error *e);

/* The same for n figures. */
int status_info_add_metrics(struct text_table *t, const struct status_metric *metrics, size_t n,
    struct error *e);

#endif
