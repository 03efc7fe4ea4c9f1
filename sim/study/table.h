/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A study's table: a row for each point, in the points' order, with what a run gave and how to have it again.
 */
#ifndef SIM_STUDY_TABLE_H
#define SIM_STUDY_TABLE_H

#include "csv.h"
#include "study.h"

/** A point as it ran. */
struct study_run {
	struct run_result
		result; /* verdict and all that is measured; error says why it could not run */
	char inputs[17]; /* of all that the run depends on, in hexadecimal */
	bool read; /* the point is a scenario */
};

/** Runs one point. */
void study_run_point(const struct study *study, unsigned long long number, struct study_run *run);

void study_run_clear(struct study_run *run);

/**
 * What stands for all that a point's run depends on: a hash (FNV-1a, 64 bits) of its scenario, kernel, seed and
 * vtdsim's version. False: the point is no scenario.
 */
bool study_inputs(const struct study *study, const struct study_point *point, char inputs[17]);

/** A metric of a run as text: a number, a word; "" where the run has it not. The caller frees it. */
char *study_metric_text(const struct study_metric *metric, const struct run_result *result);

/** Writes the header's row, with its line end. */
void table_write_header(const struct study *study, FILE *out);

/** Writes a point's row, with its line end. command: what a study is run by, without --point. */
void table_write_row(const struct study *study, const char *command, unsigned long long number,
		     const struct study_run *run, FILE *out);

/** Writes the row of a point whose run did not come back. */
void table_write_lost(const struct study *study, const char *command, unsigned long long number,
		      const char *message, FILE *out);

/** What there is in a table's file. */
struct table_file {
	char *text; /* all of it */
	size_t whole; /* bytes up to the end of the last whole line */
	size_t rows; /* whole lines behind the header */
	bool exists;
	bool has_header; /* of this study; an empty file, or one cut off within the header, has none but rows is 0 */
	bool foreign; /* something else */
};

/** Reads a file. False with an error in *diags if it is there and cannot be read. */
bool table_read(const struct study *study, const char *path, struct table_file *file,
		struct diags *diags);

/**
 * Walks the rows of a file: *at from file->text on, moved behind a row. False at the end. line: as csv_parse() has it, len
 * bytes.
 */
bool table_next(const struct table_file *file, size_t *at, const char **line, size_t *len);

/**
 * Takes a row apart and checks that it is one of this study as it is now; *number: its point. False with an error in
 * *diags.
 */
bool table_check_row(const struct study *study, const struct place *place, const char *line,
		     size_t len, unsigned long long *number, struct diags *diags);

void table_file_clear(struct table_file *file);

/** Columns of a study's table, by what they hold. */
struct table_columns {
	size_t kernel, parameter, metric, verdict, message, inputs, command, count;
};

struct table_columns table_columns(const struct study *study);

/** The title of a column's parameter or metric, or its name. */
const char *table_column_name(const struct study *study, size_t column);

#endif
