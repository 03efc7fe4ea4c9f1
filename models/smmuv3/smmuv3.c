// SPDX-License-Identifier: Apache-2.0
/*
 * An SMMU's life: what it is built as, creation, eviction and counters. Everything it does is in
 * the other files of this room.
 */
#include "smmuv3-internal.h"

#include <stdlib.h>

/* 6.3.2 SMMU_IDR1: limits of SIDSIZE and SSIDSIZE */
#define STREAM_BITS_MAX 32
#define SUBSTREAM_BITS_MAX 20

#define ALL_GRANULES (SMMUV3_GRANULE_4K | SMMUV3_GRANULE_16K | SMMUV3_GRANULE_64K)

void smmuv3_config_init(struct smmuv3_config *config)
{
	/* cache sizes are a guess at a small implementation */
	*config = (struct smmuv3_config){
		.stage1 = true,
		.stage2 = true,
		.two_level_stream = true,
		.two_level_cd = true,
		.substream_bits = SUBSTREAM_BITS_MAX,
		.stream_bits = 16,
		.address_bits = 48,
		.granules = ALL_GRANULES,
		.asid16 = true,
		.vmid16 = true,
		.tlb = { .entries = 512, .assoc = 4, .policy = CACHE_LRU, .latency = 1 },
		.config_cache = { .entries = 64, .assoc = 4, .policy = CACHE_LRU, .latency = 1 },
		.command_latency = 8, /* a guess */
	};
}

static bool possible(const struct smmuv3_config *config)
{
	return smmuv3_oas_encoding(config->address_bits) >= 0 &&
	       config->stream_bits <= STREAM_BITS_MAX &&
	       config->substream_bits <= SUBSTREAM_BITS_MAX && config->granules &&
	       !(config->granules & ~(unsigned int)ALL_GRANULES);
}

struct smmuv3 *smmuv3_create(const struct smmuv3_config *config, const struct port *port)
{
	struct smmuv3 *smmu;

	if (!possible(config))
		return NULL;
	smmu = calloc(1, sizeof(*smmu));
	if (!smmu || !cache_init(&smmu->tlb, &config->tlb, sizeof(struct smmuv3_mapping)) ||
	    !cache_init(&smmu->config_cache, &config->config_cache,
			sizeof(struct smmuv3_structure))) {
		smmuv3_destroy(smmu);
		return NULL;
	}
	smmu->config = *config;
	smmu->port = *port;
	smmuv3_reset_registers(smmu);
	return smmu;
}

void smmuv3_destroy(struct smmuv3 *smmu)
{
	if (!smmu)
		return;
	cache_free(&smmu->tlb);
	cache_free(&smmu->config_cache);
	free(smmu);
}

void smmuv3_evict_all(struct smmuv3 *smmu)
{
	cache_evict_all(&smmu->tlb);
	cache_evict_all(&smmu->config_cache);
}

void smmuv3_visit_counters(const struct smmuv3 *smmu, counter_visitor visit, void *arg)
{
	static const struct cache_counter_names tlb = CACHE_COUNTER_NAMES("tlb");
	static const struct cache_counter_names config = CACHE_COUNTER_NAMES("config_cache");

	const struct smmuv3_counters *counters = &smmu->counters;

	/* names of the events of 10.3 Events, and of gem5's statistics */
	visit(arg, "transaction", counters->transactions);
	visit(arg, "walks", counters->walks);
	visit(arg, "trans_table_walk_access", counters->descriptor_reads);
	visit(arg, "config_struct_access",
	      counters->ste_fetches + counters->cd_fetches + counters->level1_fetches);
	visit(arg, "ste_fetches", counters->ste_fetches);
	visit(arg, "cd_fetches", counters->cd_fetches);
	visit(arg, "level1_fetches", counters->level1_fetches);
	visit(arg, "faults", counters->faults);
	visit(arg, "translation_requests", counters->translation_requests);
	visit(arg, "translated_requests", counters->translated_requests);
	visit(arg, "device_tlb_invalidations", counters->device_tlb_invalidations);
	visit(arg, "device_tlb_timeouts", counters->device_tlb_timeouts);
	visit(arg, "commands", counters->commands);
	visit(arg, "events", counters->events);
	visit(arg, "events_lost", counters->events_lost);
	cache_visit_counters(&smmu->tlb.counters, &tlb, visit, arg);
	cache_visit_counters(&smmu->config_cache.counters, &config, visit, arg);
}
