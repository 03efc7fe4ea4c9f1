// SPDX-License-Identifier: Apache-2.0
/* How fast the models are by themselves, untimed, and what memory they cost. docs/performance.md has the goals' origin. */
#include "nested.h"

#include <benchmark/benchmark.h>
#include <malloc.h>

namespace
{

const unsigned int pages = 64; // fewer than the IOTLB has entries

// Bytes that the program has allocated.
size_t heap()
{
	const struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

void translate(benchmark::State &state, nested_caches caches, const char *goal)
{
	nested *unit = nested_create(caches, pages, 2);
	long reads = nested_sweep(unit); // warms what there is to warm

	for (auto _ : state)
		reads = nested_sweep(unit);
	if (reads < 0)
		state.SkipWithError("a translation faulted");
	state.SetItemsProcessed(state.iterations() * pages);
	state.counters["table_reads"] = static_cast<double>(reads) / pages;
	state.SetLabel(goal);
	nested_destroy(unit);
}

void a_unit_with_a_million_pasids(benchmark::State &state)
{
	const unsigned int pasids = 1u << 20;

	for (auto _ : state) {
		const size_t before = heap();
		nested *unit = nested_create(NESTED_CACHES_ALL, pages, pasids);

		if (!nested_sweep_pasids(unit))
			state.SkipWithError("a translation faulted");
		state.counters["bytes_besides_tables"] =
			static_cast<double>(heap() - before - nested_touched(unit)) / pasids;
		nested_destroy(unit);
	}
	state.SetLabel("goal: bytes_besides_tables below 100 a PASID");
}

} // namespace

BENCHMARK_CAPTURE(translate, iotlb_hit, NESTED_CACHES_ALL, "goal: 40 M/s");
BENCHMARK_CAPTURE(translate, cold_nested_walk, NESTED_CACHES_OF_CONTEXTS, "goal: 8 M/s");
BENCHMARK_CAPTURE(translate, cold_nested_walk_and_contexts, NESTED_CACHES_NONE, "no goal");
BENCHMARK_CAPTURE(translate, nested_walk_with_paging_caches, NESTED_CACHES_WITHOUT_IOTLB,
		  "no goal");
BENCHMARK(a_unit_with_a_million_pasids)->Unit(benchmark::kMillisecond)->Iterations(1);
