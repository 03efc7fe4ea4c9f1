// SPDX-License-Identifier: Apache-2.0
/*
 * DMAs a second of a whole platform where there is time: function, link, unit, memory. Each run is a scenario whose
 * traffic takes by far most of it.
 */
#include "repeated.h"

#include <benchmark/benchmark.h>
#include <string>

namespace
{

const char *const head = R"(
scenario: benchmark
kernel: [v7]
platform:
  kernel-parameters: {vfio_iommu_type1.disable_hugepages: 1}
  iommus: {dmar0: {model: vt-d, profile: sapphire-rapids, caches: {CACHES}}}
  devices: {0000:3a:00.0: {iommu: dmar0, group: 21, pasid: true}}
steps:
  - vmm: {open: c}
  - vmm: {VFIO_GROUP_SET_CONTAINER: {group: 21, container: c}}
  - vmm: {VFIO_SET_IOMMU: {container: c, type: VFIO_TYPE1_NESTING_IOMMU}}
  - vmm: {mmap: {name: ram, size: 4MiB, gpa: 0, page-size: 4KiB}}
  - vmm: {VFIO_IOMMU_MAP_DMA: {container: c, iova: 0, size: 4MiB, vaddr: ram}}
  - guest: {table: {name: t}}
  - guest: {map: {table: t, address: 0x7f0000000000, gpa: 0, size: 256KiB, page-size: 4KiB}}
  - vmm: {alloc-pasid: {container: c, min: 7, max: 7}}
  - vmm: {bind: {container: c, pasid: 7, table: t}}
  - device: {traffic: {device: 0000:3a:00.0, address: 0x7f0000000000, window: 256KiB, pattern: strided,
      stride: 4KiB, size: 64, pasids: [7], outstanding: OUTSTANDING, warm-up: 64, count: COUNT}}
)";

const char *const no_caches =
	"iotlb: {entries: 0}, first-stage: {entries: 0}, second-stage: {entries: 0}";

void replace(std::string &text, const std::string &from, const std::string &to)
{
	text.replace(text.find(from), from.size(), to);
}

// 64 pages in turn, of 4 KiB in both stages.
void traffic(benchmark::State &state, const char *timing, const char *caches, const char *goal)
{
	const int64_t count = 100000;
	std::string text = head;
	bool passed = true;

	replace(text, "CACHES", caches);
	replace(text, "OUTSTANDING", std::to_string(state.range(0)));
	replace(text, "COUNT", std::to_string(count));
	repeated *scenario = repeated_parse(text.c_str());

	if (!scenario) {
		state.SkipWithError("the scenario cannot be read");
		return;
	}
	for (auto _ : state)
		passed &= repeated_run(scenario, 0, timing);
	if (!passed)
		state.SkipWithError("the scenario does not pass");
	state.SetItemsProcessed(state.iterations() * count);
	state.SetLabel(goal);
	repeated_free(scenario);
}

} // namespace

#define TRAFFIC(name, ...)                            \
	BENCHMARK_CAPTURE(traffic, name, __VA_ARGS__) \
		->ArgName("outstanding")              \
		->Arg(1)                              \
		->Arg(32)                             \
		->Unit(benchmark::kMillisecond)

TRAFFIC(iotlb_hit_approximately_timed, "approximately-timed", "", "goal: 2 M/s");
TRAFFIC(cold_nested_approximately_timed, "approximately-timed", no_caches, "goal: 0.5 M/s");
TRAFFIC(iotlb_hit_loosely_timed, "loosely-timed", "", "no goal");
TRAFFIC(cold_nested_loosely_timed, "loosely-timed", no_caches, "no goal");
TRAFFIC(iotlb_hit_untimed, "untimed", "", "no goal");
TRAFFIC(cold_nested_untimed, "untimed", no_caches, "no goal");
