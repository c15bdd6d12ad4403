/*
 * Records that a fake stream gives: each with its length in front (FRAMING_LEN16), in pieces that
 * have nothing to do with records.
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

/* Draws them, and how f gives them; what comes after the last is the caller's. */
void records_plan(struct records *r, struct fake *f);

#endif
