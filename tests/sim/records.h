/*
 * Records from a fake stream: each with its length in front (FRAMING_LEN16), in
 * pieces unrelated to records.
 */
#ifndef SIM_RECORDS_H
#define SIM_RECORDS_H

#include "fake.h"

enum { RECORDS = 12, RECORD_MAX = 300 };

struct records {
	unsigned n;
	unsigned sizes[RECORDS];
	char data[RECORDS][RECORD_MAX];
	char bytes[RECORDS * (RECORD_MAX + 2)]; /* as the stream gives them */
};

/* Draws records, and how f delivers them; the caller plans what follows the last. */
void records_plan(struct records *r, struct fake *f);

#endif
