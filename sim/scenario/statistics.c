/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a run's machine measured of time: how long things took, by unit and device, and how the units' counters grew.
 */
#include "run.h"

#include <stdio.h>
#include <stdlib.h>

/* To the nearest. */
static json_t *nanoseconds(u64 ps)
{
	return json_u64(ps / 1000 + (ps % 1000 >= 500));
}

json_t *run_latency(const struct histogram *times)
{
	static const struct {
		const char *name;
		u64 millionths;
	} points[] = { { "p50", 500000 }, { "p95", 950000 }, { "p99", 990000 }, { "p999", 999000 } };
	json_t *object = json_object();

	json_object_set_new(object, "min", nanoseconds(times->count ? times->min : 0));
	json_object_set_new(object, "mean", nanoseconds(histogram_mean(times)));
	for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++)
		json_object_set_new(object, points[i].name,
				    nanoseconds(histogram_percentile(times, points[i].millionths)));
	json_object_set_new(object, "max", nanoseconds(times->max));
	return object;
}

static json_t *counted_latency(const struct histogram *times)
{
	json_t *object = json_object();

	json_object_set_new(object, "count", json_u64(times->count));
	json_object_update_new(object, run_latency(times));
	return object;
}

static void visit_latency(void *arg, const char *what, const struct histogram *times)
{
	json_t *object = arg;
	char *key = NULL;

	if (asprintf(&key, "%s_ns", what) < 0)
		return;
	json_object_set_new(object, key, counted_latency(times));
	free(key);
}

static json_t *rates_to_json(const struct rates *rates)
{
	json_t *array = json_array();
	const u64 *value = rates->values;

	for (size_t row = 0; row < rates->row_count; row++) {
		json_t *object = json_object();

		json_object_set_new(object, "time_ns", json_u64(rates->times[row] / 1000));
		for (const char *const *name = rates->names; *name; name++)
			json_object_set_new(object, *name, json_u64(*value++));
		json_array_append_new(array, object);
	}
	return array;
}

static void add_unit(struct run *run, size_t unit)
{
	const char *name = run->platform->iommus[unit].name;
	json_t *latencies = json_object();
	struct rates rates;

	machine_visit_latencies(run->machine, unit, visit_latency, latencies);
	json_object_set_new(run->result->statistics, name, latencies);
	if (machine_rates(run->machine, unit, &rates))
		json_object_set_new(run->result->rates, name, rates_to_json(&rates));
}

static void add_device(struct run *run, size_t device)
{
	const struct histogram *times = machine_device_latency(run->machine, device);
	json_t *latencies;

	if (!times || !times->count)
		return;
	latencies = json_object();
	visit_latency(latencies, "dma", times);
	json_object_set_new(run->result->statistics, run->platform->devices[device].name,
			    latencies);
}

void run_statistics(struct run *run)
{
	if (!machine_timed(run->machine))
		return;
	run->result->statistics = json_object();
	run->result->rates = json_object();
	for (size_t i = 0; i < run->platform->iommu_count; i++)
		add_unit(run, i);
	for (size_t i = 0; i < run->platform->device_count; i++)
		add_device(run, i);
}
