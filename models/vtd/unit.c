/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Creating, emptying and counting a VT-d unit.
 */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

void vtd_config_init(struct vtd_config *config, u64 cap, u64 ecap)
{
	/* Sizes and latencies of real units are not published: these are guesses. */
	const struct cache_geometry small = { .entries = 64, .assoc = 4, .latency = 1 };
	const struct cache_geometry paging = { .entries = 32, .assoc = 4, .latency = 1 };
	const struct cache_geometry iotlb = { .entries = 256, .assoc = 8, .latency = 2 };

	*config = (struct vtd_config){
		.version = 0x60,
		.cap = cap,
		.ecap = ecap,
		.host_address_width = 46,
		.context_cache = small,
		.pasid_cache = small,
		.iotlb = iotlb,
		.first_stage_pwc = paging,
		.second_stage_pwc = paging,
		.interrupt_cache = small,
		.descriptor_latency = 8,
	};
}

static bool init_caches(struct vtd_unit *unit, const struct vtd_config *config)
{
	int level;

	if (!cache_init(&unit->context_cache, &config->context_cache,
			sizeof(union vtd_context_entry)) ||
	    !cache_init(&unit->pasid_cache, &config->pasid_cache, sizeof(struct vtd_space)) ||
	    !cache_init(&unit->iotlb, &config->iotlb, sizeof(struct vtd_iotlb_entry)) ||
	    !cache_init(&unit->interrupt_cache, &config->interrupt_cache,
			sizeof(struct vtd_interrupt_entry)))
		return false;
	for (level = 2; level <= VTD_MAX_LEVELS; level++)
		if (!cache_init(&unit->first_stage_cache[level], &config->first_stage_pwc,
				sizeof(struct vtd_first_stage_cached)) ||
		    !cache_init(&unit->second_stage_cache[level], &config->second_stage_pwc,
				sizeof(struct vtd_second_stage_cached)))
			return false;
	/* the levels of one stage are looked up at the same time */
	unit->paging_latency =
		unit->first_stage_cache[2].latency + unit->second_stage_cache[2].latency;
	return true;
}

struct vtd_unit *vtd_create(const struct vtd_config *config, const struct port *port)
{
	struct vtd_unit *unit;

	if (config->host_address_width < 32 || config->host_address_width > 52)
		return NULL;
	unit = calloc(1, sizeof(*unit));
	if (!unit)
		return NULL;
	unit->port = *port;
	unit->cap = config->cap;
	unit->ecap = config->ecap;
	unit->descriptor_latency = config->descriptor_latency;
	unit->errata = config->errata;
	vtd_limits_init(&unit->limits, config);
	vtd_write_buffer_init(unit);
	if (!vtd_registers_init(unit) || !init_caches(unit, config)) {
		vtd_destroy(unit);
		return NULL;
	}
	vtd_register32_set(unit, VTD_VER, config->version);
	if (ecap_VCS(&unit->ecap))
		vtd_register64_set(unit, VTD_VCCAP, config->vccap & vccap_fields(0));
	return unit;
}

void vtd_destroy(struct vtd_unit *unit)
{
	int level;

	if (!unit)
		return;
	cache_free(&unit->context_cache);
	cache_free(&unit->pasid_cache);
	cache_free(&unit->iotlb);
	cache_free(&unit->interrupt_cache);
	for (level = 2; level <= VTD_MAX_LEVELS; level++) {
		cache_free(&unit->first_stage_cache[level]);
		cache_free(&unit->second_stage_cache[level]);
	}
	free(unit);
}

void vtd_evict_all(struct vtd_unit *unit)
{
	int level;

	cache_evict_all(&unit->context_cache);
	cache_evict_all(&unit->pasid_cache);
	cache_evict_all(&unit->iotlb);
	cache_evict_all(&unit->interrupt_cache);
	unit->iotlb_sizes = 0;
	for (level = 2; level <= VTD_MAX_LEVELS; level++) {
		cache_evict_all(&unit->first_stage_cache[level]);
		cache_evict_all(&unit->second_stage_cache[level]);
	}
}

/* --- counters ---------------------------------------------------------------------------- */

/* The caches of all levels of a stage count as one. */
static struct cache_counters sum_levels(const struct cache *caches)
{
	struct cache_counters sum = { 0 };
	int level;

	for (level = 2; level <= VTD_MAX_LEVELS; level++) {
		sum.lookup += caches[level].counters.lookup;
		sum.hit += caches[level].counters.hit;
		sum.fill += caches[level].counters.fill;
		sum.evict += caches[level].counters.evict;
		sum.invalidate += caches[level].counters.invalidate;
	}
	return sum;
}

void vtd_visit_counters(const struct vtd_unit *unit, counter_visitor visit, void *arg)
{
	static const struct cache_counter_names context = CACHE_COUNTER_NAMES("ctxt_cache"),
						pasid = CACHE_COUNTER_NAMES("pasid_cache"),
						iotlb = CACHE_COUNTER_NAMES("iotlb"),
						first = CACHE_COUNTER_NAMES("fs_nonleaf"),
						second = CACHE_COUNTER_NAMES("ss_nonleaf"),
						interrupt = CACHE_COUNTER_NAMES("int_cache");
	const struct vtd_counters *counters = &unit->counters;
	const struct cache_counters first_sum = sum_levels(unit->first_stage_cache);
	const struct cache_counters second_sum = sum_levels(unit->second_stage_cache);

	/* under the names of the performance events of VT-d 4.0 where there are such */
	visit(arg, "iommu_requests", counters->translations);
	visit(arg, "walks", counters->walks);
	visit(arg, "iommu_mrds", counters->table_reads);
	visit(arg, "table_writes", counters->table_writes);
	visit(arg, "faults", counters->faults);
	visit(arg, "blocked", counters->blocked);
	visit(arg, "fault_records", counters->fault_records);
	visit(arg, "fault_overflows", counters->fault_overflows);
	visit(arg, "descriptors", counters->descriptors);
	visit(arg, "invalidations", counters->invalidations);
	visit(arg, "interrupts", counters->interrupts);
	visit(arg, "software_errors", counters->software_errors);
	visit(arg, "translation_requests", counters->translation_requests);
	visit(arg, "translated_requests", counters->translated_requests);
	visit(arg, "device_tlb_invalidations", counters->device_tlb_invalidations);
	visit(arg, "device_tlb_timeouts", counters->device_tlb_timeouts);
	visit(arg, "page_requests", counters->page_requests);
	visit(arg, "pg_req_posted", counters->page_requests_posted);
	visit(arg, "page_requests_dropped", counters->page_requests_dropped);
	visit(arg, "page_group_responses", counters->page_group_responses);
	visit(arg, "automatic_responses", counters->automatic_responses);
	visit(arg, "completion_errors", counters->completion_errors);
	visit(arg, "interrupt_requests", counters->interrupt_requests);
	visit(arg, "interrupts_posted", counters->interrupts_posted);
	cache_visit_counters(&unit->context_cache.counters, &context, visit, arg);
	cache_visit_counters(&unit->pasid_cache.counters, &pasid, visit, arg);
	cache_visit_counters(&unit->iotlb.counters, &iotlb, visit, arg);
	cache_visit_counters(&first_sum, &first, visit, arg);
	cache_visit_counters(&second_sum, &second, visit, arg);
	cache_visit_counters(&unit->interrupt_cache.counters, &interrupt, visit, arg);
}
