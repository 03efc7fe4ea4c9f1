/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The oracle: what a device's DMA has to do if the VMM's mappings and the guest's tables are honoured, worked out from
 * what the VMM was told had succeeded. It shares nothing with the units, their caches or the kernel's tables.
 */
#include "viommu.h"

#include "oracle-smmu.h"

#include "include/uapi/linux/vfio_nesting.h"
#include "vtd/vtd-format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENTRY_P (1ULL << 0)
#define ENTRY_RW (1ULL << 1)
#define ENTRY_US (1ULL << 2)
#define ENTRY_PS (1ULL << 7)
#define ENTRY_XD (1ULL << 63)
#define ENTRY_ADDRESS 0x000ffffffffff000ULL

static const char *device_name(const struct run *run, size_t device)
{
	return run->platform->devices[device].name;
}

static const struct platform_iommu *device_iommu(const struct run *run, size_t device)
{
	return &run->platform->iommus[run->platform->devices[device].iommu];
}

/* ---- what DMA has to do ---- */

/* Second stage as the VMM asked for it: container address to host-physical. */
static bool container_to_hpa(struct run *run, const struct opened *c, u64 address,
			     unsigned int access, hpa_t *out)
{
	(void)run;
	for (size_t i = 0; i < c->mapping_count; i++) {
		const struct dma_mapping *m = &c->mappings[i];

		if (address - m->iova >= m->size)
			continue;
		if ((access & ACCESS_WRITE && !m->write) || (access & ACCESS_READ && !m->read))
			return false;
		return kernel_user_to_hpa(c->process->task, m->vaddr + (address - m->iova), out) ==
		       0;
	}
	return false;
}

static bool read_guest_entry(struct run *run, const struct opened *c, u64 address, u64 *entry)
{
	hpa_t at;

	return container_to_hpa(run, c, address, ACCESS_READ, &at) &&
	       memory_read(machine_memory(run->machine), at, entry, 8) == PORT_OK;
}

static bool read_container(const struct oracle_memory *memory, u64 address, u64 *value)
{
	return read_guest_entry(memory->run, memory->container, address, value);
}

static bool is_canonical(u64 address, unsigned int levels)
{
	unsigned int unused = 64 - (12 + 9 * levels);

	return (u64)((s64)(address << unused) >> unused) == address;
}

/* Rights of the whole walk: bits that all entries grant, and XD that any entry sets. */
static bool rights_suffice(u64 all, u64 any, const struct dma_request *request,
			   const struct binding *binding)
{
	if (request->privileged)
		return binding->supervisor &&
		       !(request->access == ACCESS_EXECUTE && any & ENTRY_XD);
	if (!(all & ENTRY_US))
		return false;
	if (request->access == ACCESS_WRITE)
		return all & ENTRY_RW;
	return request->access != ACCESS_EXECUTE || !(any & ENTRY_XD);
}

/* The guest's own tables: guest-virtual to guest-physical. */
static bool guest_walk(struct run *run, const struct opened *c, const struct binding *binding,
		       const struct dma_request *request, u64 *out)
{
	u64 address = request->address.v, table = binding->gpgd, all = ~0ULL, any = 0;

	if (!is_canonical(address, binding->levels))
		return false;
	for (unsigned int level = binding->levels; level; level--) {
		unsigned int shift = 12 + 9 * (level - 1);
		u64 mask = (1ULL << shift) - 1;
		u64 entry;

		if (!read_guest_entry(run, c, table + (address >> shift & 0x1ff) * 8, &entry) ||
		    !(entry & ENTRY_P) ||
		    (level > (binding->no_huge_pages ? 2u : 3u) && entry & ENTRY_PS))
			return false;
		all &= entry;
		any |= entry;
		if (level > 1 && !(entry & ENTRY_PS)) {
			table = entry & ENTRY_ADDRESS;
			continue;
		}
		/* bits between the flags and the page's address are reserved; bit 12 of a large page is PAT */
		if (entry & ENTRY_ADDRESS & mask & ~0x1000ULL)
			return false;
		*out = (entry & ENTRY_ADDRESS & ~mask) | (address & mask);
		return rights_suffice(all, any, request, binding);
	}
	return false;
}

/* No DMA may alter what the VMM mapped read-only, be it to mark an entry as accessed. */
static void watch_tables(struct run *run, const struct opened *c, const struct binding *binding,
			 u64 address, struct oracle_answer *answer)
{
	u64 table = binding->gpgd;

	for (unsigned int level = binding->levels; level; level--) {
		struct read_only_entry entry = {
			.gpa = table + (address >> (12 + 9 * (level - 1)) & 0x1ff) * 8,
		};

		if (!read_guest_entry(run, c, entry.gpa, &entry.value))
			return;
		if (!container_to_hpa(run, c, entry.gpa, ACCESS_WRITE, &entry.at) &&
		    container_to_hpa(run, c, entry.gpa, ACCESS_READ, &entry.at))
			answer->read_only[answer->read_only_count++] = entry;
		if (!(entry.value & ENTRY_P) || entry.value & ENTRY_PS)
			return;
		table = entry.value & ENTRY_ADDRESS;
	}
}

static void judge_tables(struct run *run, size_t device, const struct oracle_answer *answer)
{
	for (unsigned int i = 0; i < answer->read_only_count; i++) {
		const struct read_only_entry *entry = &answer->read_only[i];
		u64 now;

		if (memory_read(machine_memory(run->machine), entry->at, &now, 8) == PORT_OK &&
		    now != entry->value)
			run_outcome(
				run, OUTCOME_CORRUPTED,
				"DMA of %s altered a first-stage entry at 0x%llx, in memory that the VMM mapped read-only",
				device_name(run, device), entry->gpa);
	}
}

static const struct binding *find_binding(const struct opened *c, u32 pasid)
{
	for (size_t i = 0; i < c->binding_count; i++) {
		if (c->bindings[i].pasid == pasid)
			return &c->bindings[i];
	}
	return NULL;
}

static bool is_interrupt_range(u64 address)
{
	return address >> 20 == 0xfee;
}

/* The first-stage table of a request with a PASID, as the VMM bound it. */
static bool find_bound(const struct opened *c, const struct dma_request *request,
		       struct binding *binding)
{
	const struct binding *bound = request->has_pasid ? find_binding(c, request->pasid) : NULL;

	*binding = bound ? *bound : (struct binding){ 0 };
	return bound || !request->has_pasid;
}

/* What a DMA is asked about, and whose tables say where it goes. */
struct question {
	struct run *run;
	const struct opened *container;
	size_t device;
	const struct dma_request *request;
};

/* The guest's own stage: takes *address from the request's to guest-physical. False: the DMA must fault. */
static bool first_stage(const struct question *q, u64 *address, struct oracle_answer *answer)
{
	const struct oracle_memory memory = { q->run, q->container, read_container };
	struct virtual_iommu *v = run_container_viommu(q->run, q->container);
	struct binding binding;

	if (oracle_has_cd_table(q->run, q->device))
		return oracle_stage1(&memory, q->device, q->request, address);
	if (v ? !oracle_viommu(v, q->device, q->request, &binding, answer)
	      : !find_bound(q->container, q->request, &binding))
		return false;
	if (!binding.levels)
		return true;
	watch_tables(q->run, q->container, &binding, *address, answer);
	return guest_walk(q->run, q->container, &binding, q->request, address);
}

void oracle_dma(struct run *run, size_t device, const struct dma_request *request,
		struct oracle_answer *answer)
{
	struct opened *c = run_device_container(run, device);
	u64 address = request->address.v;

	*answer = (struct oracle_answer){ 0 };
	if (!c) {
		/* not given to any VMM: nothing is mapped for it, unless the host passes it through */
		answer->known = request->has_pasid || !run->platform->devices[device].identity;
		return;
	}
	/* an interrupt request is none of the tables' business; with a PASID it would be none */
	if (is_interrupt_range(address) && !request->has_pasid)
		return;
	answer->known = true;
	if (!first_stage(&(struct question){ run, c, device, request }, &address, answer))
		return;
	answer->allowed = container_to_hpa(
		run, c, address, request->access == ACCESS_WRITE ? ACCESS_WRITE : ACCESS_READ,
		&answer->address);
}

static bool is_bound(struct run *run, size_t device, u32 pasid)
{
	struct hw_entry entry;

	return hw_find(run, (struct hw_requester){ device, pasid }, HW_PASID_ENTRY, &entry) &&
	       entry.data[0] & 1;
}

void oracle_judge_dma(struct run *run, size_t device, const struct oracle_answer *answer,
		      const struct dma_request *request, const struct dma_result *dma)
{
	u64 address = request->address.v;

	judge_tables(run, device, answer);
	if (dma->status == DMA_OK) {
		if (answer->known && !answer->allowed)
			run_outcome(
				run, OUTCOME_CORRUPTED,
				"DMA of %s to 0x%llx completed at host address 0x%llx, which its tables do not give",
				device_name(run, device), address, dma->first_address.v);
		else if (answer->known && answer->address.v != dma->first_address.v)
			run_outcome(
				run, OUTCOME_CORRUPTED,
				"DMA of %s to 0x%llx completed at host address 0x%llx instead of 0x%llx",
				device_name(run, device), address, dma->first_address.v,
				answer->address.v);
		return;
	}
	if (answer->known && !answer->allowed)
		return; /* refused as the tables say */
	if (dma->status == DMA_PAGE_REQUESTED)
		return; /* it is to be tried again */
	if (oracle_has_cd_table(run, device) && dma->fault)
		oracle_stage1_faulted(run, device, request, dma);
	else if (request->has_pasid && !is_bound(run, device, request->pasid))
		run_outcome(run, OUTCOME_FAULTED,
			    "DMA of %s with PASID %u to 0x%llx faulted: %s holds no binding for it",
			    device_name(run, device), request->pasid, address,
			    device_iommu(run, device)->name);
	else
		run_outcome(run, OUTCOME_FAULTED, "DMA of %s to 0x%llx %s",
			    device_name(run, device), address,
			    dma->status == DMA_ATS_DENIED     ? "was granted no translation"
			    : dma->status == DMA_PAGE_REFUSED ? "asked for a page and was refused"
							      : "faulted");
}

/* ---- what ioctls report ---- */

static bool bound_as_told(struct run *run, size_t device, u32 pasid, u64 gpgd)
{
	const struct format *format = vtd_format("pasid-entry");
	struct hw_entry entry;

	return hw_find(run, (struct hw_requester){ device, pasid }, HW_PASID_ENTRY, &entry) &&
	       entry.data[0] & 1 && format_field_get(vtd_field(format, "PGTT"), entry.data) == 3 &&
	       format_field_get(vtd_field(format, "FSPTPTR"), entry.data) == gpgd;
}

void oracle_judge_bind(struct run *run, const struct opened *container, u32 pasid, u64 gpgd,
		       bool bound)
{
	for (size_t i = 0; i < run->platform->device_count; i++) {
		if (run_device_container(run, i) != container)
			continue;
		if (bound && !bound_as_told(run, i, pasid, gpgd))
			run_outcome(
				run, OUTCOME_MISLED,
				"bind of PASID %u reported success, but %s behind %s has no binding",
				pasid, device_name(run, i), device_iommu(run, i)->name);
		if (!bound && is_bound(run, i, pasid))
			run_outcome(run, OUTCOME_MISLED,
				    "unbind of PASID %u reported success, but %s is still bound",
				    pasid, device_name(run, i));
	}
}

static void visit_descriptors(void *arg, const char *name, u64 value)
{
	if (strcmp(name, "descriptors") == 0)
		*(u64 *)arg = value;
}

u64 *oracle_descriptors(struct run *run)
{
	u64 *counts = calloc(run->platform->iommu_count, sizeof(*counts));

	for (size_t i = 0; counts && i < run->platform->iommu_count; i++)
		machine_visit_counters(run->machine, i, visit_descriptors, &counts[i]);
	return counts;
}

void oracle_judge_invalidation(struct run *run, const struct opened *container, const u64 *before,
			       u64 caches)
{
	const struct platform *p = run->platform;
	u64 *after = oracle_descriptors(run);

	for (size_t i = 0; after && before && i < p->device_count; i++) {
		size_t unit = p->devices[i].iommu;

		if (p->iommus[unit].kind != PLATFORM_VTD || after[unit] != before[unit] ||
		    run_device_container(run, i) != container)
			continue;
		/* a device without ATS has no TLB that could be stale */
		if (caches == IOMMU_CACHE_INV_TYPE_DEV_IOTLB && !p->devices[i].function.ats)
			continue;
		run_outcome(run, OUTCOME_MISLED,
			    "invalidate reported success, but %s was sent nothing",
			    p->iommus[unit].name);
	}
	free(after);
}

/* ---- the info that the VMM holds ---- */

#define ECAP_NEST (1ULL << 26)
#define ECAP_SMTS (1ULL << 43)

/* The stage-1 format that the hardware in front of the device really has; 0: none that VFIO can name. */
static u32 true_format(const struct platform_iommu *iommu)
{
	if (iommu->kind == PLATFORM_SMMUV3)
		return iommu->stage1_format;
	return iommu->vtd.ecap & ECAP_NEST && iommu->vtd.ecap & ECAP_SMTS
		       ? IOMMU_PASID_FORMAT_INTEL_VTD
		       : 0;
}

static void contradict(struct run *run, struct opened *c, size_t device, const char *what)
{
	c->info.contradicted = true;
	run_outcome(
		run, OUTCOME_MISLED,
		"the VMM holds nesting info of container %s with stage-1 format %u, but %s behind %s %s",
		c->name, c->info.format, device_name(run, device), device_iommu(run, device)->name,
		what);
}

static void judge_device(struct run *run, struct opened *c, size_t device)
{
	const struct platform_iommu *iommu = device_iommu(run, device);
	u32 format = true_format(iommu);

	if (format != c->info.format)
		contradict(run, c, device,
			   format ? "has another format"
				  : "has no stage 1 of any format that VFIO names");
	else if (c->info.has_registers &&
		 (c->info.cap & ~iommu->vtd.cap || c->info.ecap & ~iommu->vtd.ecap))
		contradict(run, c, device, "lacks capabilities that the info promises");
}

static void judge_group(struct run *run, struct opened *c, int group)
{
	for (size_t d = 0; d < run->platform->device_count && !c->info.contradicted; d++) {
		if (run_device_group(run, d) == group)
			judge_device(run, c, d);
	}
}

void oracle_judge_info(struct run *run)
{
	struct opened *c = run->info_at_stake;

	run->info_at_stake = NULL;
	if (!c || !c->info.held)
		return;
	for (size_t i = 0; i < run->opened_count; i++) {
		const struct opened *group = run->opened[i];

		if (group->kind == OPENED_GROUP && group->fd >= 0 && group->container == c)
			judge_group(run, c, group->group);
	}
}
