/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line: its entry, the table of commands, and what commands share: arguments, output
 * files, loading and running of scenarios.
 */
#ifndef SIM_CLI_CLI_H
#define SIM_CLI_CLI_H

#include "report/report.h"
#include "report/trace.h"
#include "scenario/scenario.h"

#include <argp.h>

/** Exit statuses. */
enum {
	STATUS_HELD = 0, /* everything held */
	STATUS_FAILED = 1, /* an expectation failed */
	STATUS_INPUT = 2, /* the input or the command line is wrong */
	STATUS_INTERNAL = 3, /* vtdsim itself failed, or could not write */
};

/** Runs the program. argv as main() has it; reports go to out, diagnostics to err. Returns the exit status. */
int vtdsim_main(int argc, char **argv, FILE *out, FILE *err);

/** Where a command writes, and how. */
struct cli {
	FILE *out, *err;
	struct style out_style, err_style;
};

/** A command; argv[0] is its name. */
struct command {
	const char *name;
	const char *summary; /* one line for --help */
	int (*run)(struct cli *cli, int argc, char **argv);
};

int command_run(struct cli *cli, int argc, char **argv);
int command_check(struct cli *cli, int argc, char **argv);
int command_matrix(struct cli *cli, int argc, char **argv);
int command_explain(struct cli *cli, int argc, char **argv);
int command_decode(struct cli *cli, int argc, char **argv);
int command_kernel(struct cli *cli, int argc, char **argv);
int command_sweep(struct cli *cli, int argc, char **argv);

/* ---- arguments (options.c) ---- */

/** Keys of the long options, beyond all characters. */
enum option_key {
	OPTION_KERNEL = 0x100,
	OPTION_JSON,
	OPTION_JUNIT,
	OPTION_TRACE,
	OPTION_VCD,
	OPTION_SEED,
	OPTION_TIMING,
	OPTION_VERBOSE,
	OPTION_LINE,
	OPTION_STEP,
	OPTION_LIST,
	OPTION_WHY,
	OPTION_NAME,
	OPTION_TREE_VERSION,
	OPTION_CSV,
	OPTION_HTML,
	OPTION_PLOTS,
	OPTION_SHARD,
	OPTION_RESUME,
	OPTION_MERGE,
	OPTION_POINT,
	OPTION_PRINT_POINT,
	OPTION_END, /* behind the last */
	OPTION_HELP = 'h',
	OPTION_JOBS = 'j', /* the only other one of a single character */
};

#define TREES_MAX 16 /* kernel trees that one command line may name */

/** What only `sweep` takes. */
struct sweep_arguments {
	const char *csv, *html, *plots; /* files and a directory, or NULL */
	unsigned long long jobs; /* 0: not given */
	unsigned long long shard, shards; /* 1/1 unless given */
	bool resume, merge;
	bool has_point, has_print_point;
	unsigned long long point;
};

/** Arguments of any command; a command offers the options that it takes. */
struct arguments {
	struct cli *cli;
	const char *command; /* "vtdsim run", for messages */
	const char **words; /* what is no option, in order; NULL-terminated */
	size_t word_count;
	char *trees[TREES_MAX]; /* names of kernel trees among them */
	size_t tree_count;
	const char **kernels; /* of --kernel, without repeats, NULL-terminated; or NULL */
	const char *json, *junit; /* files, or NULL */
	const char *trace, *vcd; /* files, or NULL */
	const char *name, *tree_version; /* of `kernel add` and `kernel check`, or NULL */
	unsigned long long seed; /* 1 unless given */
	bool has_timing; /* --timing */
	enum timing_mode timing;
	unsigned long long line, step; /* 0: not given */
	bool verbose, list, why, help;
	struct sweep_arguments sweep;
};

/** What a command offers. */
struct command_line {
	const char *command; /* "vtdsim run" */
	const char *words; /* "PATH..." */
	const struct argp_option *options; /* ended by { 0 } */
	const char *doc; /* what it does, '\v', examples */
};

#define STATUS_GO_ON (-1)

/**
 * Reads a command's arguments. STATUS_GO_ON, or the exit status when nothing is left to do: after --help,
 * or after a message about what is wrong. *arguments is to be freed by arguments_free() in any case.
 */
int arguments_read(struct cli *cli, const struct command_line *line, int argc, char **argv,
		   struct arguments *arguments);

void arguments_free(struct arguments *arguments);

/** Prints "COMMAND: message" on cli->err and how to get help; returns STATUS_INPUT. */
int usage_error(const struct arguments *arguments, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** Prints "COMMAND: message" on cli->err; returns STATUS_INTERNAL. */
int internal_error(const struct arguments *arguments, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* ---- input (load.c) ---- */

/** Scenarios, in the order of the command line and, below directories, sorted by path. */
struct scenarios {
	struct scenario **items;
	size_t count;
};

/** Loads all scenarios that the words name; STATUS_GO_ON, or a status after all diagnostics have been printed. */
int scenarios_load(const struct arguments *arguments, struct scenarios *scenarios);

void scenarios_free(struct scenarios *scenarios);

/** What a command does with the scenarios that it was given; returns the exit status. */
typedef int (*scenarios_command)(const struct arguments *arguments,
				 const struct scenarios *scenarios);

/** A command on scenarios: reads its arguments, loads what they name, and goes on with it. */
int command_on_scenarios(struct cli *cli, const struct command_line *line, int argc, char **argv,
			 scenarios_command go_on);

/** The kernels to run a scenario on: of --kernel, else its own. NULL-terminated. */
const char *const *kernels_for(const struct arguments *arguments, const struct scenario *scenario);

/* ---- output files (output.c) ---- */

/** A file that takes its name only when it is complete. */
struct output {
	const char *path; /* as given; NULL: not open */
	char *target, *temporary; /* NULL: written in place */
	FILE *file;
	bool shared; /* standard output: not ours to close */
	int error; /* errno of a write that failed, or 0 */
};

/** Opens a file beside path ("-": out). False with a message on err. */
bool output_open(const struct arguments *arguments, const char *path, struct output *output);

/** Closes and gives the file its name. False with a message on err; the old file is then as it was. */
bool output_commit(const struct arguments *arguments, struct output *output);

/** Gives up: removes what was written. */
void output_discard(struct output *output);

/** The outputs that --json and --junit ask for. */
struct outputs {
	struct output json, junit;
};

/** Opens them, before anything runs. STATUS_GO_ON or a status. */
int outputs_open(const struct arguments *arguments, struct outputs *outputs);

/** Writes the results to them. STATUS_GO_ON or STATUS_INTERNAL. */
int outputs_write(const struct arguments *arguments, struct outputs *outputs,
		  const struct run_results *results);

void outputs_discard(struct outputs *outputs);

/** Where the text goes: err when standard output is taken by JSON or JUnit. */
FILE *text_stream(const struct arguments *arguments, struct style *style);

/* ---- traces (traces.c) ---- */

/** What --trace and --vcd ask for, while scenarios run. */
struct traces {
	const struct arguments *arguments;
	struct output output; /* --trace */
	struct trace_file file;
	struct trace *trace; /* of the run; NULL: none */
	unsigned int run, run_count; /* number of the run, from 1 */
	enum timing_mode timing; /* of the run */
	char *directory, *vcd_stem; /* where runs write their signals; NULL: nowhere */
	bool failed;
};

/** Opens what is asked for, before anything runs. STATUS_GO_ON or a status. */
int traces_open(const struct arguments *arguments, const struct scenarios *scenarios,
		struct traces *traces);

/** Before and after each run. */
void traces_before(struct traces *traces, const struct scenario *scenario,
		   struct scenario_run_options *options);
void traces_after(struct traces *traces, const struct scenario *scenario,
		  const struct run_result *run);

/** Completes the files. STATUS_GO_ON or STATUS_INTERNAL. */
int traces_close(struct traces *traces);

/** Gives up. */
void traces_discard(struct traces *traces);

/* ---- running (runs.c) ---- */

/** Who is told of runs. All but arg may be NULL. */
struct run_watcher {
	struct traces *traces;
	void (*done)(void *arg, const struct run_result *run); /* called after each run */
	void *arg;
};

/** Runs all scenarios on their kernels. */
void scenarios_run(const struct arguments *arguments, const struct scenarios *scenarios,
		   struct run_results *results, const struct run_watcher *watcher);

/** The exit status that results stand for. */
int results_status(const struct run_results *results);

#endif
