// SPDX-License-Identifier: Apache-2.0
/* What a whole scenario costs, and the program's start. */
#include "repeated.h"

#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>

extern char **environ;

namespace
{

// One run: a machine is built, its kernel boots, the steps are done and judged, and all is taken down.
void format_mismatch_scenario(benchmark::State &state)
{
	repeated *scenario = repeated_load(VTDSIM_SOURCE_DIR
					   "/scenarios/format-mismatch/vtd-then-smmu-silent.yaml");
	const size_t kernels = scenario ? repeated_kernels(scenario) : 0;
	bool passed = kernels > 0;
	size_t kernel = 0;

	if (!passed)
		state.SkipWithError("the scenario cannot be read");
	for (auto _ : state) {
		passed &= repeated_run(scenario, kernel, "untimed");
		kernel = (kernel + 1) % kernels;
	}
	if (!passed)
		state.SkipWithError("the scenario does not pass");
	state.SetLabel("goal: below 1 ms");
	repeated_free(scenario);
}

// From fork to exit, with all output thrown away.
bool run_program(const char *const *arguments)
{
	posix_spawn_file_actions_t actions;
	pid_t child;
	int status = -1;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	const bool spawned = posix_spawn(&child, VTDSIM_PROGRAM, &actions, nullptr,
					 const_cast<char *const *>(arguments), environ) == 0;

	posix_spawn_file_actions_destroy(&actions);
	return spawned && waitpid(child, &status, 0) == child && status == 0;
}

double children_seconds()
{
	struct rusage usage;

	getrusage(RUSAGE_CHILDREN, &usage);
	return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}

void program_start(benchmark::State &state)
{
	const char *const arguments[] = { "vtdsim", "--version", nullptr };
	const double before = children_seconds();

	for (auto _ : state)
		if (!run_program(arguments)) {
			state.SkipWithError("the program failed");
			break;
		}
	state.counters["cpu_ms"] = benchmark::Counter((children_seconds() - before) * 1e3,
						      benchmark::Counter::kAvgIterations);
	state.SetLabel("goal: Time below 20 ms");
}

} // namespace

BENCHMARK(format_mismatch_scenario)->Unit(benchmark::kMillisecond);
BENCHMARK(program_start)->Unit(benchmark::kMillisecond)->MinTime(0.2)->UseRealTime();
