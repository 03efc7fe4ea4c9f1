/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vtdsim sweep in parts: the command (sweep.c), running points into a file that can be gone on with (sweep_run.c),
 * files made of shards (sweep_merge.c), the reports (sweep_report.c), and the bar that shows how far it is
 * (progress.c). Private to these.
 */
#ifndef SIM_CLI_SWEEP_H
#define SIM_CLI_SWEEP_H

#include "cli.h"

#include "report/study.h"

#include <time.h>

/** A call of the command. */
struct sweep {
	const struct arguments *arguments;
	struct study *study;
	char *command; /* what makes the same study: "vtdsim sweep x.yaml --kernel v7" */
	/* the points of this call: first, first + stride, ..., so many */
	unsigned long long first, stride, count;
	struct csv_row *rows; /* of them that there are, in this order */
	size_t row_count;
	int status; /* the highest that a row stands for */
};

/** The point of a call's row. */
unsigned long long sweep_point(const struct sweep *sweep, unsigned long long row);

/** Keeps a row for the reports and takes its verdict into the status; status: of its run, or -1. */
bool sweep_keep(struct sweep *sweep, const char *line, size_t len, int status);

/** Prints and clears *diags; STATUS_INPUT. */
int sweep_complain(const struct sweep *sweep, struct diags *diags);

/** Runs the call's points, or what is left of them. STATUS_GO_ON or a status. */
int sweep_run(struct sweep *sweep);

/** Takes the rows from shards' files and writes --csv. STATUS_GO_ON or a status. */
int sweep_merge(struct sweep *sweep);

/** Writes --html and --plots, and what goes to the terminal. STATUS_GO_ON or a status. */
int sweep_report(struct sweep *sweep);

/** True where the text goes to standard error, for a table goes to standard output. */
bool sweep_is_piped(const struct sweep *sweep);

/* ---- progress.c ---- */

/** A bar on a terminal. */
struct progress {
	FILE *out; /* NULL: none */
	const struct style *style;
	unsigned long long total;
	unsigned long long before; /* done already when it began */
	struct timespec begun, drawn;
};

/** Begins a bar, if out is a terminal that can show it. */
void progress_begin(struct progress *progress, FILE *out, const struct style *style,
		    unsigned long long total, unsigned long long before);

/** Draws it anew, if it is time to. */
void progress_draw(struct progress *progress, unsigned long long done);

/** Clears it. */
void progress_end(struct progress *progress);

/** How far a bar is. */
struct progress_state {
	unsigned long long total, before, done; /* done: with those before */
	double seconds; /* since it began */
	unsigned int width; /* characters of the bar alone */
};

/** Writes "[#####     ]  50%  6 of 12 points, 0:42 left". */
void progress_line(const struct progress_state *state, char line[160]);

#endif
