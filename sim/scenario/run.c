/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a scenario: builds a machine, lets each step's operation act, compares with what was expected, and sums
 * up.
 */
#include "run.h"

#include "parameters.h"
#include "tree/tree.h"
#include "smmuv3/smmuv3.h"
#include "vtd/vtd-fault.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEP_LOG_MAX 65536u /* bytes of the kernel's log that are kept of a step */

/* ---- what operations report ---- */

void run_outcome(struct run *run, enum outcome outcome, const char *format, ...)
{
	va_list args;

	if (outcome <= run->step_outcome)
		return;
	run->step_outcome = outcome;
	free(run->step_why);
	va_start(args, format);
	if (vasprintf(&run->step_why, format, args) < 0)
		run->step_why = NULL;
	va_end(args);
}

void step_fail(struct step_out *out, const char *format, ...)
{
	va_list args;

	out->failed = true;
	free(out->message);
	va_start(args, format);
	if (vasprintf(&out->message, format, args) < 0)
		out->message = NULL;
	va_end(args);
}

static const char *fault_text(const struct platform_iommu *iommu, unsigned int code)
{
	if (iommu->kind == PLATFORM_SMMUV3) {
		const struct smmuv3_event_info *event = smmuv3_event_info(code);

		return event ? event->text : "unknown event";
	}
	const struct vtd_fault_info *fault = vtd_fault_info(code);

	return fault ? fault->text : "unknown reason";
}

void run_fault(struct run *run, size_t device, const struct dma_request *request,
	       const struct dma_result *dma)
{
	const struct platform_device *d = &run->platform->devices[device];
	const struct platform_iommu *iommu = &run->platform->iommus[d->iommu];
	struct run_result *result = run->result;
	/* who the unit says it was: that need not be the device's own address */
	u16 source_id = pcie_requester_id(machine_function(run->machine, device));

	result->faults = xgrow(result->faults, result->fault_count, sizeof(*result->faults));
	result->faults[result->fault_count++] = (struct fault_result){
		.unit = xstrdup(iommu->name),
		.reason = fault_text(iommu, dma->fault),
		.code = dma->fault,
		.source = function_name(d->segment, source_id),
		.pasid = request->has_pasid ? (long long)request->pasid : -1,
		.address = dma->fault_address.v,
		.time_ns = machine_now(run->machine) / 1000,
	};
}

bool run_work(struct run *run, u64 work, struct step_out *out)
{
	if (work <= RUN_WORK_MAX - run->work) {
		run->work += work;
		return true;
	}
	step_fail(
		out,
		"more work than one run may ask for; expected at most 64GiB mapped, or 1GiB moved");
	return false;
}

u64 run_random(struct run *run)
{
	/* xorshift64* (Vigna 2016): enough for data patterns */
	run->random ^= run->random >> 12;
	run->random ^= run->random << 25;
	run->random ^= run->random >> 27;
	return run->random * 0x2545f4914f6cdd1dULL;
}

/* Adds a line to the running step's log. */
static void keep_line(struct run *run, const char *line)
{
	size_t len = strlen(line);
	char *longer = realloc(run->step_log, run->step_log_len + len + 2);

	if (!longer)
		return;
	run->step_log = longer;
	stpcpy(stpcpy(longer + run->step_log_len, line), "\n");
	run->step_log_len += len + 1;
}

/* Keeps a line of the kernel's log for the running step, and passes it on. A kernel that prints no end is cut short. */
static void on_log(void *arg, int level, const char *line)
{
	struct run *run = arg;
	size_t before = run->step_log_len;

	if (before >= STEP_LOG_MAX)
		return;
	if (run->options->log)
		run->options->log(run->options->arg, level, line);
	keep_line(run, line);
	if (run->step_log_len >= STEP_LOG_MAX)
		keep_line(run, "... and more");
}

static void drop_log(struct run *run)
{
	free(run->step_log);
	run->step_log = NULL;
	run->step_log_len = 0;
}

/* ---- one step ---- */

/* False with a failed step if the step that was to save the name failed itself. */
static bool was_saved(struct run *run, const struct arg *arg, struct step_out *out)
{
	char *name = strndup(arg->reference, strcspn(arg->reference, "."));
	json_t *failed = name ? json_object_get(run->saved.failed, name) : NULL;

	if (failed)
		step_fail(out, "%s: `$%s` was not saved: %s", arg->def->name, name,
			  json_string_value(failed));
	free(name);
	return !failed;
}

/* Puts the numbers of saved results into the copy's arguments. */
static bool resolve(struct run *run, struct step *step, struct step_out *out)
{
	for (size_t i = 0; step->op->args[i].name; i++) {
		struct arg *arg = &step->args[i];

		if (!arg->reference)
			continue;
		if (!was_saved(run, arg, out))
			return false;
		if (!json_get_u64(json_at(run->saved.results, arg->reference), &arg->number)) {
			step_fail(out, "%s: the saved result '%s' is no number here",
				  arg->def->name, arg->reference);
			return false;
		}
		if (arg->number > arg_max(arg->def->type)) {
			step_fail(out,
				  "%s: the saved result '%s' is 0x%llx; expected at most 0x%llx",
				  arg->def->name, arg->reference, arg->number,
				  arg_max(arg->def->type));
			return false;
		}
	}
	return true;
}

static void act(struct run *run, const struct step *step, struct step_out *out)
{
	struct step copy = *step;
	const char *oops;

	if (!resolve(run, &copy, out))
		return;
	step->op->run(run, &copy, out);
	machine_settle(run->machine);
	oops = kernel_oops(run->kernel);
	if (oops)
		step_fail(out, "the kernel stopped: %s", oops);
}

/* As often as the step says; a call that fails is the last. begin: ps, when the first time begins. */
static void act_again(struct run *run, const struct step *step, u64 begin, struct step_out *out)
{
	act(run, step, out);
	for (u64 n = 1; n < step->repeat && !out->failed && out->value >= 0; n++) {
		json_decref(out->result);
		*out = (struct step_out){ 0 };
		if (!run_work(run, 1, out))
			return;
		machine_wait_until(run->machine, begin + n * step->every);
		act(run, step, out);
	}
}

static void sum_up_step(struct run *run, const struct step *step, struct step_result *result)
{
	const struct node *expect =
		expect_for_kernel(step->expect, run->kernel_name, run->behaviour);

	if (result->errno_name)
		run_outcome(run, OUTCOME_REFUSED, "%s gave %s", step->op->name, result->errno_name);
	oracle_judge_info(run);
	result->outcome = run->step_outcome;
	result->why = run->step_why;
	result->expected = node_to_json(expect);
	result->ok = expect_match(expect, result, &run->saved, &result->message);
	run->step_outcome = OUTCOME_WORKS;
	run->step_why = NULL;
}

/* A failed call has no result to save; why it is missing is kept for who asks for it. */
static void save(struct run *run, const struct step *step, const struct step_result *result)
{
	json_object_del(run->saved.results, step->save);
	json_object_del(run->saved.failed, step->save);
	if (result->errno_name)
		json_object_set_new(run->saved.failed, step->save,
				    json_sprintf("the step in line %u failed with %s",
						 step->place.line, result->errno_name));
	else
		json_object_set(run->saved.results, step->save, result->result);
}

/* False when the run cannot go on. */
static bool run_step(struct run *run, const struct step *step, struct step_result *result)
{
	struct step_out out = { 0 };
	u64 begin = machine_now(run->machine);

	result->line = step->place.line;
	result->name = xstrdup(step->name);
	machine_step_begin(run->machine, step->name, step->place.line);
	act_again(run, step, begin, &out);
	machine_step_end(run->machine);
	result->time_ns = (machine_now(run->machine) - begin) / 1000;
	result->log = run->step_log;
	run->step_log = NULL;
	run->step_log_len = 0;
	if (out.failed) {
		json_decref(out.result);
		result->result = json_null();
		result->expected = node_to_json(
			expect_for_kernel(step->expect, run->kernel_name, run->behaviour));
		result->message = out.message;
		free(run->step_why);
		run->step_why = NULL;
		return false;
	}
	if (out.value < 0)
		result->errno_name = errno_name(out.value);
	result->result = out.result ? out.result : json_integer(out.value < 0 ? -1 : out.value);
	if (step->save)
		save(run, step, result);
	sum_up_step(run, step, result);
	return true;
}

/* ---- the run ---- */

/* place: of the step that could not be run, or NULL. */
static void end_in_error(struct run_result *result, const struct place *place, const char *what)
{
	result->verdict = VERDICT_ERROR;
	result->error = xstrdup(what ? what : "unknown error");
	if (!place)
		return;
	result->error_line = place->line;
	result->error_column = place->column;
	result->error_source = place->source ? xstrdup(place->source) : NULL;
}

static void take_worst(struct run_result *result)
{
	for (size_t i = 0; i < result->step_count; i++) {
		const struct step_result *step = &result->steps[i];

		if (!step->ok && result->verdict == VERDICT_PASS)
			result->verdict = VERDICT_FAIL;
		if (step->outcome <= result->outcome)
			continue;
		result->outcome = step->outcome;
		free(result->why);
		result->why = step->why ? xstrdup(step->why) : NULL;
		result->why_line = step->line;
	}
}

static void run_steps(struct run *run)
{
	const struct scenario *s = run->scenario;
	const struct scenario_run_options *o = run->options;
	struct run_result *result = run->result;

	result->steps = calloc(s->step_count, sizeof(*result->steps));
	for (size_t i = 0; result->steps && i < s->step_count; i++) {
		struct step_result *step = &result->steps[result->step_count++];
		bool goes_on;

		if (o->step_begin)
			o->step_begin(o->arg, run->machine, i, s->steps[i].place.line,
				      s->steps[i].name);
		goes_on = run_step(run, &s->steps[i], step);
		if (o->step_end)
			o->step_end(o->arg, run->machine, i, step);
		if (!goes_on) {
			end_in_error(result, &s->steps[i].place, step->message);
			return;
		}
	}
}

static void visit_counter(void *arg, const char *name, u64 value)
{
	json_object_set_new(arg, name, json_u64(value));
}

static void collect_counters(struct run *run)
{
	for (size_t i = 0; i < run->platform->iommu_count; i++) {
		json_t *counters = json_object();

		machine_visit_counters(run->machine, i, visit_counter, counters);
		json_object_set_new(run->result->counters, run->platform->iommus[i].name, counters);
	}
	for (size_t i = 0; i < run->platform->device_count; i++) {
		json_t *counters;

		if (!run->platform->devices[i].function.device_tlb.entries)
			continue;
		counters = json_object();
		machine_visit_device_counters(run->machine, i, visit_counter, counters);
		json_object_set_new(run->result->counters, run->platform->devices[i].name,
				    counters);
	}
}

static void fill_head(const struct scenario *s, const struct scenario_run_options *options,
		      struct run_result *result)
{
	*result = (struct run_result){
		.scenario = xstrdup(s->name),
		.about = s->about ? xstrdup(s->about) : NULL,
		.file = xstrdup(s->file),
		.kernel = xstrdup(options->kernel),
		.seed = s->has_seed ? s->seed : options->seed,
		.counters = json_object(),
	};
}

/* The run on a machine that is there; where there is time, a thread of its simulation. */
static void run_on(void *arg, struct machine *machine)
{
	struct run *run = arg;
	u64 begin = machine_now(machine);

	run->machine = machine;
	drop_log(run); /* what it printed at boot belongs to no step */
	run->kernel = machine_kernel(machine);
	run->behaviour = kernel_behaviour_of(run->kernel);
	run->saved = (struct saves){ json_object(), json_object() };
	run_steps(run);
	run_traffic_clear(run);
	take_worst(run->result);
	run->result->time_ns = (machine_now(machine) - begin) / 1000;
	collect_counters(run);
	run_statistics(run);
	run_belongings_clear(run);
	json_decref(run->saved.results);
	json_decref(run->saved.failed);
}

static enum timing_mode run_timing(const struct scenario *s,
				   const struct scenario_run_options *options)
{
	if (s->needs_timing)
		return s->timing;
	return options->has_timing ? options->timing : s->platform->timing.mode;
}

void scenario_run(const struct scenario *s, const struct scenario_run_options *options,
		  struct run_result *result)
{
	struct run run = {
		.scenario = s,
		.platform = s->platform,
		.options = options,
		.kernel_name = options->kernel,
		.result = result,
	};
	struct machine_config config = {
		.platform = s->platform,
		.variant = options->kernel,
		.timing = run_timing(s, options),
		.log = on_log,
		.log_arg = &run,
		.trace = options->trace,
		.vcd = options->vcd,
	};
	const struct place *place = NULL;
	char *plugin = NULL, *error = NULL;

	fill_head(s, options, result);
	/* any seed but zero, which xorshift would keep */
	run.random = result->seed * 2 + 1;
	if (tree_is_name(options->kernel)) {
		place = scenario_kernel_place(s, options->kernel);
		plugin = tree_plugin(options->kernel, &error);
	}
	config.plugin = plugin;
	if (!error)
		error = parameters_lacking(s, options->kernel, plugin, &place);
	if (!error)
		error = machine_run(&config, run_on, &run);
	free(plugin);
	drop_log(&run);
	if (error)
		end_in_error(result, place, error);
	free(error);
}
