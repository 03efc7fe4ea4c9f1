/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The oracle's view of devices behind a virtual unit: what the guest's tables, as they are in its memory now, say of a
 * request, with what the unit promised and no more. Whether the VMM told the host of it all is not looked at.
 */
#include "viommu.h"

#include "vtd/vtd-format.h"

/* A first-stage table as a virtual PASID entry names it. */
static struct binding binding_of(const struct virtual_iommu *v, u32 pasid, const u64 *entry)
{
	u64 cap = v->cap;

	return (struct binding){
		.pasid = pasid,
		.gpgd = viommu_pasid_field(entry, "FSPTPTR"),
		.levels = viommu_pasid_field(entry, "FSPM") ? 5 : 4,
		.supervisor = viommu_pasid_field(entry, "SRE"),
		.no_huge_pages = !format_field_get(vtd_field(vtd_format("cap"), "FS1GP"), &cap),
	};
}

/* The PASID entry of a request. False if it is to fault. */
static bool find_entry(const struct viommu_tables *tables, u16 source_id,
		       const struct dma_request *request, u32 *pasid, u64 entry[VIOMMU_ENTRY])
{
	struct viommu_context context;

	if (viommu_find_context(tables, source_id, &context) ||
	    (request->has_pasid && !context.pasid_enable))
		return false;
	*pasid = request->has_pasid ? request->pasid : context.rid_pasid;
	return !viommu_find_pasid_entry(tables, &context, *pasid, entry);
}

bool oracle_viommu(struct virtual_iommu *v, size_t device, const struct dma_request *request,
		   struct binding *binding, struct oracle_answer *answer)
{
	u16 source_id = v->run->platform->devices[device].function.source_id;
	struct viommu_tables tables;
	u64 entry[VIOMMU_ENTRY];
	u32 pasid = 0;

	*binding = (struct binding){ 0 };
	if (!viommu_tables(v->unit, &tables)) {
		/* second-stage tables of a guest are not shadowed: there is no claim on what they ask for */
		answer->known = request->has_pasid || !viommu_translates(v->unit);
		return !request->has_pasid && answer->known;
	}
	answer->known = true;
	if (!find_entry(&tables, source_id, request, &pasid, entry))
		return false;
	if (viommu_pasid_field(entry, "PGTT") == VIOMMU_FIRST_STAGE)
		*binding = binding_of(v, pasid, entry);
	return true;
}
