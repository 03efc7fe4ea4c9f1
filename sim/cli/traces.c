/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The traces that --trace and --vcd ask for: one file of all runs for the one, a file for each run for the other.
 */
#include "cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- which runs ---- */

static enum timing_mode timing_of(const struct arguments *arguments, const struct scenario *s)
{
	return arguments->has_timing ? arguments->timing : scenario_platform(s)->timing.mode;
}

static unsigned int count_runs(const struct arguments *arguments, const struct scenarios *scenarios,
			       bool timed)
{
	unsigned int count = 0;

	for (size_t i = 0; i < scenarios->count; i++) {
		const char *const *kernel = kernels_for(arguments, scenarios->items[i]);

		if (timed && timing_of(arguments, scenarios->items[i]) == TIMING_UNTIMED)
			continue;
		while (*kernel++)
			count++;
	}
	return count;
}

/* ---- --vcd ---- */

/* FILE, or where there are several runs that with the run's number before what follows its last dot. */
static char *vcd_path(const struct traces *t)
{
	const char *path = t->arguments->vcd;
	const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');
	int stem = dot && (!slash || dot > slash + 1) && dot != path ? (int)(dot - path)
								     : (int)strlen(path);
	char *numbered = NULL;

	if (t->run_count == 1)
		return strdup(path);
	if (asprintf(&numbered, "%.*s.%u%s", stem, path, t->run, path + stem) < 0)
		return NULL;
	return numbered;
}

/* All but the time of day, so that equal runs give equal bytes. */
static void copy_vcd(FILE *in, FILE *out)
{
	bool in_date = false;
	char *line = NULL;
	size_t room = 0;

	while (getline(&line, &room, in) > 0) {
		in_date |= !strncmp(line, "$date", 5);
		if (!in_date)
			fputs(line, out);
		if (in_date && strstr(line, "$end"))
			in_date = false;
	}
	free(line);
}

/* Takes what the run has written to its place. */
static bool place_vcd(struct traces *t)
{
	struct output output = { 0 };
	char *path = vcd_path(t), *written = NULL;
	FILE *in = NULL;
	bool good;

	if (path && asprintf(&written, "%s.vcd", t->vcd_stem) >= 0)
		in = fopen(written, "re");
	good = in && output_open(t->arguments, path, &output);
	if (good) {
		copy_vcd(in, output.file);
		good = output_commit(t->arguments, &output);
	} else if (!in) {
		internal_error(t->arguments, "the signals of run %u were not written: %s", t->run,
			       strerror(errno));
	}
	if (in) {
		fclose(in);
		unlink(written);
	}
	free(written);
	free(path);
	return good;
}

static int open_vcd(struct traces *t, const struct scenarios *scenarios)
{
	char template[] = "/tmp/vtdsim-vcd-XXXXXX";

	if (!count_runs(t->arguments, scenarios, true))
		return usage_error(
			t->arguments,
			"--vcd needs time, and no run has any; see --timing and the platform's 'timing'");
	if (t->run_count > 1 && !strcmp(t->arguments->vcd, "-"))
		return usage_error(t->arguments,
				   "--vcd - is for one run, and there are %u; expected a file",
				   t->run_count);
	t->directory = mkdtemp(template) ? strdup(template) : NULL;
	if (!t->directory || asprintf(&t->vcd_stem, "%s/run", t->directory) < 0) {
		t->vcd_stem = NULL;
		return internal_error(t->arguments, "no room for signals in /tmp: %s",
				      strerror(errno));
	}
	return STATUS_GO_ON;
}

/* ---- all runs ---- */

int traces_open(const struct arguments *arguments, const struct scenarios *scenarios,
		struct traces *t)
{
	int status = STATUS_GO_ON;

	*t = (struct traces){
		.arguments = arguments,
		.run_count = count_runs(arguments, scenarios, false),
	};
	if (arguments->vcd)
		status = open_vcd(t, scenarios);
	if (status == STATUS_GO_ON && arguments->trace &&
	    !output_open(arguments, arguments->trace, &t->output))
		status = STATUS_INTERNAL;
	if (status != STATUS_GO_ON)
		traces_discard(t);
	else if (t->output.file)
		trace_file_begin(&t->file, t->output.file);
	return status;
}

void traces_before(struct traces *t, const struct scenario *scenario,
		   struct scenario_run_options *options)
{
	t->run++;
	t->timing = timing_of(t->arguments, scenario);
	if (t->vcd_stem && t->timing != TIMING_UNTIMED)
		options->vcd = t->vcd_stem;
	if (!t->output.file)
		return;
	t->trace = trace_create();
	if (t->trace)
		options->trace = trace_sink(t->trace);
	else
		t->failed = true;
}

static void add_trace(struct traces *t, const struct scenario *scenario,
		      const struct run_result *run)
{
	const struct trace_run whose = {
		.scenario = run->scenario,
		.kernel = run->kernel,
		.timing = t->timing,
		.platform = scenario_platform(scenario),
	};

	if (!t->trace)
		return;
	trace_file_add(&t->file, &whose, t->trace);
	if (trace_left_out(t->trace))
		fprintf(t->arguments->cli->err,
			"%s: trace of %s on %s: the last %llu requests are left out; a run's trace has"
			" room for %u slices\n",
			t->arguments->command, run->file, run->kernel, trace_left_out(t->trace),
			TRACE_RECORDS_MAX);
	trace_destroy(t->trace);
	t->trace = NULL;
}

void traces_after(struct traces *t, const struct scenario *scenario, const struct run_result *run)
{
	add_trace(t, scenario, run);
	if (!t->vcd_stem || t->timing == TIMING_UNTIMED)
		return;
	/* a run that was not begun has told why */
	if (run->verdict == VERDICT_ERROR && !run->step_count)
		return;
	t->failed |= !place_vcd(t);
}

int traces_close(struct traces *t)
{
	bool good = !t->failed;

	if (t->output.file) {
		errno = 0;
		if (!trace_file_end(&t->file))
			t->output.error = errno ? errno : EIO;
		good &= output_commit(t->arguments, &t->output);
	}
	traces_discard(t);
	return good ? STATUS_GO_ON : STATUS_INTERNAL;
}

void traces_discard(struct traces *t)
{
	output_discard(&t->output);
	trace_destroy(t->trace);
	if (t->directory)
		rmdir(t->directory);
	free(t->directory);
	free(t->vcd_stem);
	*t = (struct traces){ 0 };
}
