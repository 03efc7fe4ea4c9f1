/* SPDX-License-Identifier: Apache-2.0 */
/* Ranges of quantities. */
#include "range.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A suffix and what it stands for, in rising order within its quantity. */
struct suffix {
	const char *name;
	enum quantity quantity;
	unsigned long long factor;
};

static const struct suffix suffixes[] = {
	{ "", QUANTITY_PLAIN, 1 },
	{ "B", QUANTITY_SIZE, 1 },
	{ "KiB", QUANTITY_SIZE, 1ULL << 10 },
	{ "MiB", QUANTITY_SIZE, 1ULL << 20 },
	{ "GiB", QUANTITY_SIZE, 1ULL << 30 },
	{ "TiB", QUANTITY_SIZE, 1ULL << 40 },
	{ "ps", QUANTITY_TIME, 1 },
	{ "ns", QUANTITY_TIME, 1000 },
	{ "us", QUANTITY_TIME, 1000000 },
	{ "ms", QUANTITY_TIME, 1000000000 },
	{ "s", QUANTITY_TIME, 1000000000000 },
	{ "Hz", QUANTITY_FREQUENCY, 1 },
	{ "kHz", QUANTITY_FREQUENCY, 1000 },
	{ "MHz", QUANTITY_FREQUENCY, 1000000 },
	{ "GHz", QUANTITY_FREQUENCY, 1000000000 },
};

#define SUFFIX_COUNT (sizeof(suffixes) / sizeof(suffixes[0]))

static const struct suffix *find_suffix(const char *name)
{
	for (size_t i = 0; i < SUFFIX_COUNT; i++)
		if (strcmp(suffixes[i].name, name) == 0)
			return &suffixes[i];
	return NULL;
}

bool quantity_read(const char *text, double *value, enum quantity *quantity)
{
	unsigned long long number;
	const struct suffix *suffix;
	char *end;

	if (parse_u64(text, false, &number)) {
		*value = (double)number;
		*quantity = QUANTITY_PLAIN;
		return true;
	}
	if (*text < '0' || *text > '9' || text[1] == 'x' || text[1] == 'X')
		return false;
	*value = strtod(text, &end);
	suffix = find_suffix(end);
	if (!suffix)
		return false;
	*value *= (double)suffix->factor;
	*quantity = suffix->quantity;
	return true;
}

/* A whole number of base units with a suffix. */
static bool read_exact(const char *text, unsigned long long *value, enum quantity *quantity)
{
	size_t digits = strspn(text, "0123456789_");
	const struct suffix *suffix;
	char number[40];

	*quantity = QUANTITY_PLAIN;
	if (parse_u64(text, false, value))
		return true;
	suffix = find_suffix(text + digits);
	if (!suffix || !digits || digits >= sizeof(number))
		return false;
	memcpy(number, text, digits);
	number[digits] = '\0';
	*quantity = suffix->quantity;
	return parse_u64(number, false, value) &&
	       !__builtin_mul_overflow(*value, suffix->factor, value);
}

/* ---- reading ---- */

static bool read_end(const struct node *node, const char *key, unsigned long long *value,
		     enum quantity *quantity, struct diags *diags)
{
	const struct node *end = node_get(node, key);

	if (!end)
		return diag_add(diags, &node->place, "a range without `%s:`", key);
	if (end->kind == NODE_SCALAR && read_exact(end->text, value, quantity))
		return true;
	return diag_add(diags, &end->place,
			"expected a whole number, which may have a unit: 16, 64KiB, 90ns, 500MHz");
}

/* `from: 0` goes with any unit. */
static bool units_agree(const struct node *node, struct range *range, enum quantity other,
			unsigned long long value, struct diags *diags)
{
	if (range->quantity == other || value == 0)
		return true;
	if (range->from == 0 && range->quantity == QUANTITY_PLAIN) {
		range->quantity = other;
		return true;
	}
	return diag_add(diags, &node->place, "the ends and the step of a range differ in unit");
}

static bool read_scale(const struct node *node, struct range *range, struct diags *diags)
{
	static const char *const words[] = { "linear", "log2", NULL };
	const struct node *scale = node_get(node, "scale"), *step = node_get(node, "step");
	enum quantity quantity;
	size_t index = 0;

	if (scale && !node_choice(scale, words, &index, diags))
		return false;
	range->log2 = index == 1;
	range->step = 1;
	if (range->log2) {
		if (step)
			return diag_add(diags, &step->place,
					"a log2 range doubles; it has no step");
		return range->from ||
		       diag_add(diags, &node->place, "a log2 range cannot start at 0");
	}
	if (!step)
		return range->quantity == QUANTITY_PLAIN ||
		       diag_add(diags, &node->place,
				"a linear range of quantities with a unit needs `step:`");
	if (!read_end(node, "step", &range->step, &quantity, diags) ||
	    !units_agree(step, range, quantity, range->step, diags))
		return false;
	return range->step || diag_add(diags, &step->place, "a step of 0; expected 1 or more");
}

static unsigned long long count_values(const struct range *range)
{
	unsigned long long count = 0;

	if (!range->log2)
		return (range->to - range->from) / range->step + 1;
	for (unsigned long long value = range->from; value <= range->to; value *= 2) {
		count++;
		if (value >> 63)
			break;
	}
	return count;
}

bool range_read(const struct node *node, struct range *range, struct diags *diags)
{
	static const char *const keys[] = { "from", "to", "step", "scale", NULL };
	enum quantity quantity;

	*range = (struct range){ 0 };
	if (!node_check_keys(node, keys, "range", diags) ||
	    !read_end(node, "from", &range->from, &range->quantity, diags) ||
	    !read_end(node, "to", &range->to, &quantity, diags) ||
	    !units_agree(node, range, quantity, range->to, diags) ||
	    !read_scale(node, range, diags))
		return false;
	if (range->to < range->from)
		return diag_add(diags, &node->place,
				"the range ends before it starts; expected `from` below `to`");
	if ((range->to - range->from) / range->step >= RANGE_COUNT_MAX && !range->log2)
		return diag_add(diags, &node->place,
				"a range of more than %llu values; expected a larger step",
				RANGE_COUNT_MAX);
	range->count = count_values(range);
	return true;
}

void range_value(const struct range *range, unsigned long long index, char text[32])
{
	unsigned long long value = range->log2 ? range->from << index
					       : range->from + index * range->step;
	const struct suffix *best = NULL;

	for (size_t i = 0; i < SUFFIX_COUNT; i++) {
		if (suffixes[i].quantity != range->quantity)
			continue;
		if (!best || (value && value % suffixes[i].factor == 0))
			best = &suffixes[i];
	}
	snprintf(text, 32, "%llu%s", value / best->factor,
		 range->quantity == QUANTITY_SIZE && best->factor == 1 ? "" : best->name);
}
