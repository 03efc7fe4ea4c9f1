/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ranges of quantities: plain numbers, sizes, times and frequencies, from one to another by steps or by doubling; and
 * the number that a text stands for.
 */
#ifndef SIM_STUDY_RANGE_H
#define SIM_STUDY_RANGE_H

#include "scenario/node.h"

/** What a quantity is counted in. */
enum quantity {
	QUANTITY_PLAIN,
	QUANTITY_SIZE, /* bytes: 64KiB */
	QUANTITY_TIME, /* ps: 90ns */
	QUANTITY_FREQUENCY, /* Hz: 500MHz */
};

/** Values from..to, both included where a step meets `to`. */
struct range {
	enum quantity quantity;
	unsigned long long from, to;
	unsigned long long step; /* of a linear one */
	bool log2; /* each twice the one before */
	unsigned long long count; /* of values */
};

#define RANGE_COUNT_MAX (1ULL << 31)

/** Reads `{from, to, step}` or `{from, to, scale: log2}`. False with errors in *diags. */
bool range_read(const struct node *node, struct range *range, struct diags *diags);

/** Writes the value of that number from 0 as scenarios write it: "64KiB", "1500ns", "12". */
void range_value(const struct range *range, unsigned long long index, char text[32]);

/** The number that a text stands for, in its quantity's base unit; false if it is none. */
bool quantity_read(const char *text, double *value, enum quantity *quantity);

#endif
