/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The oracle behind an SMMU: what a guest's table of context descriptors, and the stage-1 tables that
 * they name, ask of a DMA. What the SMMU below cannot do of it is no concern here: an ASID is as good
 * as any other.
 */
#include "oracle-smmu.h"

#include "guest-smmu.h"
#include "smmuv3/smmuv3-format.h"
#include "smmuv3/smmuv3.h"

#define VALID 1ULL
#define TABLE 2ULL
#define ACCESSED (1ULL << 10)
#define AP_UNPRIVILEGED (1ULL << 6)
#define AP_READ_ONLY (1ULL << 7)
#define PXN (1ULL << 53)
#define UXN (1ULL << 54)
#define DESCRIPTOR_ADDRESS 0x0000fffffffff000ULL

static u64 cd_field(const u64 *cd, const char *name)
{
	return format_field_get(smmuv3_field(smmuv3_format("cd"), name), cd);
}

/* Which CD: false, and the DMA must fault; *none: by none, stage 1 is passed by. */
static bool find_substream(const struct guest_attachment *attachment,
			   const struct dma_request *request, u64 *substream, bool *none)
{
	*none = false;
	*substream = request->has_pasid ? request->pasid : 0;
	if (request->has_pasid)
		return attachment->table.bits && !(*substream >> attachment->table.bits) &&
		       (*substream || attachment->default_substream != 2);
	if (!attachment->table.bits || attachment->default_substream == 2)
		return true;
	*none = attachment->default_substream == 1;
	return *none;
}

static bool read_cd(const struct oracle_memory *memory, const struct guest_cd_table *table,
		    u64 substream, u64 *cd)
{
	unsigned int split = guest_cd_split(table);
	u64 at = table->base + substream * 64, l1cd;

	if (split) {
		if (!memory->read(memory, table->base + (substream >> split) * 8, &l1cd) ||
		    !(l1cd & VALID))
			return false;
		at = (l1cd & ~0xfffULL) + (substream & ((1u << split) - 1)) * 64;
	}
	for (unsigned int i = 0; i < 8; i++) {
		if (!memory->read(memory, at + i * 8, &cd[i]))
			return false;
	}
	return cd_field(cd, "V");
}

static bool rights_suffice(u64 leaf, const struct dma_request *request)
{
	bool user = leaf & AP_UNPRIVILEGED, writable = !(leaf & AP_READ_ONLY);

	if (request->access == ACCESS_EXECUTE)
		return request->privileged ? !(leaf & PXN) && !(user && writable) : !(leaf & UXN);
	return (request->privileged || user) && (writable || request->access == ACCESS_READ);
}

/* Table descriptors of the guest here restrict nothing; it makes them so. */
static bool walk(const struct oracle_memory *memory, const u64 *cd,
		 const struct dma_request *request, u64 *out)
{
	static const unsigned int granules[] = { 12, 16, 14, 12 };
	unsigned int granule = granules[cd_field(cd, "TG0")], level = 3;
	unsigned int bits = 64 - (unsigned int)cd_field(cd, "T0SZ");
	u64 table = cd_field(cd, "TTB0"), address = request->address.v, descriptor, mask;

	if (cd_field(cd, "EPD0") || bits > 48 || address >> bits)
		return false;
	while (level && granule + (granule - 3) * (4 - level) < bits)
		level--;
	for (;; level++) {
		unsigned int shift = granule + (granule - 3) * (3 - level);
		u64 index = address >> shift & ((1ULL << (granule - 3)) - 1);

		if (!memory->read(memory, table + index * 8, &descriptor) ||
		    !(descriptor & VALID) || (level == 3 && !(descriptor & TABLE)))
			return false;
		mask = (1ULL << shift) - 1;
		if (level == 3 || !(descriptor & TABLE))
			break;
		table = descriptor & DESCRIPTOR_ADDRESS & ~0ULL << granule;
	}
	*out = (descriptor & DESCRIPTOR_ADDRESS & ~mask) | (address & mask);
	return (descriptor & ACCESSED || cd_field(cd, "AFFD")) &&
	       rights_suffice(descriptor, request);
}

bool oracle_has_cd_table(struct run *run, size_t device)
{
	return guest_attachment(run, device);
}

bool oracle_stage1(const struct oracle_memory *memory, size_t device,
		   const struct dma_request *request, u64 *address)
{
	const struct guest_attachment *attachment = guest_attachment(memory->run, device);
	u64 substream, cd[8];
	bool none;

	if (!find_substream(attachment, request, &substream, &none))
		return false;
	if (none) {
		*address = request->address.v;
		return true;
	}
	return read_cd(memory, &attachment->table, substream, cd) &&
	       walk(memory, cd, request, address);
}

void oracle_stage1_faulted(struct run *run, size_t device, const struct dma_request *request,
			   const struct dma_result *dma)
{
	const struct smmuv3_event_info *event = smmuv3_event_info(dma->fault);

	run_outcome(
		run, OUTCOME_FAULTED,
		"DMA of %s to 0x%llx is what the guest's context descriptors permit, and faulted: %s",
		run->platform->devices[device].name, request->address.v,
		event ? event->name : "unknown event");
}
