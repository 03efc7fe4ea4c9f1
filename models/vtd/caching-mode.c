/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Caching mode (section 6.1): with CAP.CM, caches also keep what entries that are not present, or wrong,
 * came to, until software invalidates it. First-stage entries are exempt: they may become present
 * without an invalidation in either mode.
 */
#include "unit.h"

/*
 * A structure that cannot be read is no entry, a root entry is kept by no cache, and what a request asks
 * for in vain (its address, its PASID, its kind, marks that it would have to set) is looked at again each
 * time.
 */
static bool comes_from_an_entry(enum vtd_fault fault)
{
	switch (fault) {
	case VTD_FAULT_CONTEXT_NOT_PRESENT:
	case VTD_FAULT_CONTEXT_INVALID:
	case VTD_FAULT_CONTEXT_RESERVED:
	case VTD_FAULT_SM_CONTEXT_NOT_PRESENT:
	case VTD_FAULT_SM_CONTEXT_RESERVED:
	case VTD_FAULT_SM_CONTEXT_INVALID:
	case VTD_FAULT_SM_PASID_DIRECTORY_NOT_PRESENT:
	case VTD_FAULT_SM_PASID_DIRECTORY_RESERVED:
	case VTD_FAULT_SM_PASID_ENTRY_NOT_PRESENT:
	case VTD_FAULT_SM_PASID_ENTRY_RESERVED:
	case VTD_FAULT_SM_PASID_ENTRY_INVALID:
	/* of the second stage, by itself or on the way to a first-stage table */
	case VTD_FAULT_SM_SECOND_STAGE_PERMISSION:
	case VTD_FAULT_SM_SECOND_STAGE_RESERVED:
	case VTD_FAULT_SM_FIRST_STAGE_TOP_NO_READ:
	case VTD_FAULT_SM_FIRST_STAGE_ENTRY_NO_READ:
		return true;
	default:
		return false;
	}
}

bool vtd_keeps_fault(const struct vtd_unit *unit, enum vtd_fault fault)
{
	return cap_CM(&unit->cap) && comes_from_an_entry(fault);
}

/*
 * A page of the second stage alone that has too few rights is kept with those it has, unless it would first
 * have to be marked as accessed. In nested translation the first stage has a say: it is looked at again.
 */
void vtd_keep_page_fault(struct vtd_walk *walk, const struct vtd_page *page, enum vtd_fault fault)
{
	/* rights are found where the first stage's leaf is: it is judged before the page that it leads to */
	u64 first = page->rights ? (page->rights & VTD_FIRST_ALL) | VTD_FIRST_KNOWN : 0;
	const struct vtd_page negative = {
		.address = (u64)fault << MODEL_PAGE_SHIFT,
		/* a write need not look at memory to be refused */
		.rights = VTD_NEGATIVE | VTD_FIRST_DIRTY | VTD_SECOND_DIRTY | first,
		.shift = MODEL_PAGE_SHIFT,
	};

	if (vtd_keeps_fault(walk->unit, fault))
		vtd_fill_iotlb(walk, &negative);
	else if (cap_CM(&walk->unit->cap) && page->denied && !(walk->space.flags & VTD_SPACE_SSADE))
		vtd_fill_iotlb(walk, page);
}
