/* SPDX-License-Identifier: Apache-2.0 */
/* How long things took in a run, as a table for people. */
#include "report.h"

#include <string.h>

/* The number behind a key; 0 where there is none. */
static unsigned long long at(const json_t *object, const char *key)
{
	return (unsigned long long)json_integer_value(json_object_get(object, key));
}

/* "translation" of "translation_ns" */
static int word_length(const char *key)
{
	return (int)(strlen(key) - strlen("_ns"));
}

static void print_row(FILE *out, const struct style *style, const char *owner, const char *key,
		      const json_t *times)
{
	fputs("           ", out);
	print_clean(out, style, TINT_NONE, owner);
	fprintf(out, "%*s %-13.*s %10llu %9llu %9llu %9llu %9llu %9llu\n",
		(int)(text_width(owner) < 12 ? 12 - text_width(owner) : 0), "", word_length(key),
		key, at(times, "count"), at(times, "p50"), at(times, "p95"), at(times, "p99"),
		at(times, "p999"), at(times, "max"));
}

void report_times(FILE *out, const struct style *style, const struct run_result *run)
{
	const char *owner, *key;
	json_t *kinds, *times;
	bool first = true;

	json_object_foreach(run->statistics, owner, kinds)
	{
		json_object_foreach(kinds, key, times)
		{
			if (first)
				fprintf(out, "           %s%-26s %10s %9s %9s %9s %9s %9s%s\n",
					tint_on(style, TINT_DIM), "times in ns", "count", "50 %",
					"95 %", "99 %", "99.9 %", "max", tint_off(style));
			first = false;
			print_row(out, style, owner, key, times);
		}
	}
}
