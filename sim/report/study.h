/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reports of a study's table: text for a terminal, one HTML file with its plots, and the plots as SVG. All depend on
 * the rows alone.
 */
#ifndef SIM_REPORT_STUDY_H
#define SIM_REPORT_STUDY_H

#include "plot.h"
#include "style.h"

#include "study/table.h"

/** A table's rows, by point. */
struct study_table {
	const struct study *study;
	const char *command; /* that gives the whole table */
	struct csv_row *rows;
	size_t count;
};

/** How the rows' verdicts add up. */
struct study_counts {
	size_t passed, failed, errors;
};

struct study_counts study_count(const struct study_table *table);

/** The rows as a table with numbers in short, then those that did not pass, and why. */
void report_study_rows(FILE *out, const struct style *style, const struct study_table *table);

/** The closing line: how many points passed, failed, and the seed. */
void report_study_summary(FILE *out, const struct style *style, const struct study_table *table);

/** The table with its plots as HTML that needs no other file. */
void report_study_html(FILE *out, const struct study_table *table);

/** The plots that a study asks for, or, where it names none, those that suit its parameters. */
size_t study_plots(const struct study_table *table, struct study_plot plots[STUDY_PLOTS_MAX]);

/** Writes one of them as SVG. */
void study_plot_write(FILE *out, const struct study_table *table, const struct study_plot *plot,
		      bool standalone);

/** The column of that name. */
size_t study_column(const struct study *study, const char *name);

/** A cell's text; "" where there is none. */
const char *study_cell(const struct study_table *table, size_t row, size_t column);

#endif
