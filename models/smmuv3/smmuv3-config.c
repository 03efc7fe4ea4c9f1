// SPDX-License-Identifier: Apache-2.0
/*
 * The configuration cache of stream table entries and context descriptors. What lies on the way to
 * them in two-level tables is read anew each time: 3.21.3 permits to cache it, and does not demand it.
 */
#include "smmuv3-internal.h"

static void observe_config(struct smmuv3 *smmu, enum port_event_kind kind, struct cache_tag tag)
{
	struct port_event event;

	if (!cache_on(&smmu->config_cache) || !port_observed(&smmu->port))
		return;
	event = (struct port_event){
		.kind = kind,
		.what = "configuration cache",
		.detail = tag.space & SMMUV3_SPACE_STE ? "STE by StreamID" : "CD by SubstreamID",
		.input = tag.key,
	};
	port_observe(&smmu->port, &event);
}

bool smmuv3_config_lookup(struct smmuv3 *smmu, struct cache_tag tag, struct smmuv3_structure *found)
{
	struct smmuv3_structure *entry;

	port_lookup(&smmu->port, PORT_LOOKUP_CONTEXT, smmu->config_cache.latency);
	entry = cache_lookup(&smmu->config_cache, tag);
	if (entry)
		*found = *entry;
	observe_config(smmu, entry ? PORT_EVENT_CACHE_HIT : PORT_EVENT_CACHE_MISS, tag);
	return entry != NULL;
}

/* 3.21.3: structures may be cached whether valid or not; what could not be fetched is not known */
void smmuv3_config_fill(struct smmuv3_transaction *t, struct cache_tag tag,
			const struct smmuv3_structure *structure)
{
	struct smmuv3 *smmu = t->smmu;
	struct smmuv3_structure *entry;

	if (smmuv3_epoch(smmu) != t->epoch)
		return;
	entry = cache_fill(&smmu->config_cache, tag);
	if (!entry)
		return;
	*entry = *structure;
	observe_config(smmu, PORT_EVENT_CACHE_FILL, tag);
}

static bool config_matches(void *arg, struct cache_tag tag, const void *entry)
{
	const struct smmuv3_config_scope *scope = arg;
	bool is_ste = tag.space & SMMUV3_SPACE_STE;
	u64 stream = is_ste ? tag.key : tag.space & 0xffffffff;

	(void)entry;
	if ((stream ^ scope->stream) >> scope->stream_bits)
		return false;
	if (scope->one_context)
		return !is_ste && tag.key == scope->substream;
	return !is_ste || !scope->contexts;
}

void smmuv3_invalidate_config(struct smmuv3 *smmu, const struct smmuv3_config_scope *scope)
{
	struct smmuv3_config_scope arg = *scope;

	cache_invalidate(&smmu->config_cache, config_matches, &arg);
}
