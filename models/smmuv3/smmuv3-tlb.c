// SPDX-License-Identifier: Apache-2.0
/*
 * The TLB: stage-1 (and nested) mappings by VMID, ASID and VA, stage-2 mappings by VMID and IPA,
 * in one cache. When to look up and what to fill is left to smmuv3-walk.c.
 */
#include "smmuv3-internal.h"

/* Log2 of the sizes of regions: pages and blocks of all granules. */
static const u8 class_shifts[] = { 12, 14, 16, 21, 25, 29, 30, 42 };

#define SIZE_CLASSES (unsigned int)sizeof(class_shifts)

/* Kinds of entries, as they are told apart by their tags. */
enum tlb_kind { KIND_STAGE2, KIND_STAGE1, KIND_STAGE1_GLOBAL };

/* TLBI matches VA[55:12]: the top byte is a copy of bit 55, or ignored. */
#define VA_MATCHED_BITS 56

static unsigned int class_of(unsigned int shift)
{
	unsigned int size_class = 0;

	while (class_shifts[size_class] != shift)
		size_class++;
	return size_class;
}

static unsigned int seen_bit(enum tlb_kind kind, unsigned int size_class)
{
	return 1u << ((unsigned int)kind * SIZE_CLASSES + size_class);
}

/* nested: whether stage 2 is in it; a stage-1-only stream may use the VMID of a nested one */
static struct cache_tag tlb_tag(const struct smmuv3_tlb_key *key, enum tlb_kind kind,
				unsigned int size_class)
{
	u64 asid = kind == KIND_STAGE1 ? key->asid : 0;

	return (struct cache_tag){
		.key = key->input >> class_shifts[size_class],
		.space = key->vmid | asid << 16 | (u64)size_class << 32 | (u64)kind << 36 |
			 (u64)key->stage2 << 38,
	};
}

static const struct smmuv3_mapping *probe_kind(struct smmuv3 *smmu,
					       const struct smmuv3_tlb_key *key, enum tlb_kind kind)
{
	unsigned int seen = smmu->tlb_seen >> (unsigned int)kind * SIZE_CLASSES;

	for (seen &= (1u << SIZE_CLASSES) - 1; seen; seen &= seen - 1) {
		unsigned int size_class = (unsigned int)__builtin_ctz(seen);
		const struct smmuv3_mapping *found =
			cache_probe(&smmu->tlb, tlb_tag(key, kind, size_class));

		if (found)
			return found;
	}
	return NULL;
}

static const struct smmuv3_mapping *probe(struct smmuv3 *smmu, const struct smmuv3_tlb_key *key)
{
	const struct smmuv3_mapping *found;

	if (!key->stage1)
		return probe_kind(smmu, key, KIND_STAGE2);
	found = probe_kind(smmu, key, KIND_STAGE1);
	return found ? found : probe_kind(smmu, key, KIND_STAGE1_GLOBAL);
}

static void observe_tlb(struct smmuv3 *smmu, enum port_event_kind kind, bool stage1, u64 input)
{
	struct port_event event;

	if (!cache_on(&smmu->tlb) || !port_observed(&smmu->port))
		return;
	event = (struct port_event){
		.kind = kind,
		.what = "TLB",
		.detail = stage1 ? "by VMID, ASID and VA" : "by VMID and IPA",
		.input = input,
	};
	port_observe(&smmu->port, &event);
}

bool smmuv3_tlb_lookup(struct smmuv3 *smmu, const struct smmuv3_tlb_key *key,
		       struct smmuv3_mapping *mapping)
{
	const struct smmuv3_mapping *found;

	port_lookup(&smmu->port, PORT_LOOKUP_IOTLB, smmu->tlb.latency);
	found = probe(smmu, key);
	cache_count(&smmu->tlb, found != NULL);
	if (found)
		*mapping = *found;
	observe_tlb(smmu, found ? PORT_EVENT_CACHE_HIT : PORT_EVENT_CACHE_MISS, key->stage1,
		    key->input);
	return found != NULL;
}

static enum tlb_kind mapping_kind(const struct smmuv3_mapping *mapping)
{
	if (!mapping->stage1)
		return KIND_STAGE2;
	return mapping->global ? KIND_STAGE1_GLOBAL : KIND_STAGE1;
}

void smmuv3_tlb_fill(struct smmuv3 *smmu, u64 epoch, const struct smmuv3_mapping *mapping)
{
	const struct smmuv3_tlb_key key = {
		.input = mapping->input,
		.vmid = mapping->vmid,
		.asid = mapping->asid,
		.stage1 = mapping->stage1,
		.stage2 = mapping->stage2,
	};
	unsigned int size_class = class_of(mapping->shift);
	enum tlb_kind kind = mapping_kind(mapping);
	struct smmuv3_mapping *entry;

	if (smmuv3_epoch(smmu) != epoch)
		return;
	entry = cache_fill(&smmu->tlb, tlb_tag(&key, kind, size_class));
	if (!entry)
		return;
	*entry = *mapping;
	smmu->tlb_seen |= seen_bit(kind, size_class);
	observe_tlb(smmu, PORT_EVENT_CACHE_FILL, mapping->stage1, mapping->input);
}

/*
 * A stage-1 entry may cover less than the block of the stage-1 tables that it came from: an address
 * anywhere in that block means it.
 */
static bool address_matches(const struct smmuv3_mapping *mapping, u64 address)
{
	u64 differ = mapping->input ^ address;

	if (!mapping->stage1)
		return differ >> mapping->shift == 0;
	return (differ & ((1ULL << VA_MATCHED_BITS) - 1)) >> mapping->stage1_shift == 0;
}

static bool scope_matches(void *arg, struct cache_tag tag, const void *entry)
{
	const struct smmuv3_tlb_scope *scope = arg;
	const struct smmuv3_mapping *mapping = entry;

	(void)tag;
	if (scope->stage == SMMUV3_TLB_STAGE1 && !mapping->stage1)
		return false;
	if (scope->stage == SMMUV3_TLB_STAGE2_ONLY && mapping->stage1)
		return false;
	if (scope->by_vmid && scope->vmid != mapping->vmid)
		return false;
	if (mapping->global && scope->spare_global)
		return false;
	if (scope->by_asid && !mapping->global && scope->asid != mapping->asid)
		return false;
	return !scope->by_address || address_matches(mapping, scope->address);
}

void smmuv3_tlb_invalidate(struct smmuv3 *smmu, const struct smmuv3_tlb_scope *scope)
{
	struct smmuv3_tlb_scope arg = *scope;

	/* 4.4: without stage 2 there are no VMIDs */
	arg.by_vmid &= smmu->config.stage2;
	cache_invalidate(&smmu->tlb, scope_matches, &arg);
}
