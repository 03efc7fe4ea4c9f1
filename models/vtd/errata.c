/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is published on each erratum. What a unit does differently is in the code that the erratum is
 * about, by unit->errata.
 */
#include "vtd-errata.h"

static const struct vtd_erratum_info errata[] = {
	{
		.bit = VTD_ERRATUM_772415,
		.number = 772415,
		.name = "SPR17",
		.title = "Nested translation marks first-stage entries in read-only memory",
		.affected = "Sapphire Rapids",
		.source =
			"Sapphire Rapids Specification Update (document 772415), SPR17, as told by "
			"Linux: include/uapi/linux/iommufd.h, "
			"IOMMU_HW_INFO_VTD_ERRATA_772415_SPR17, and the commit \"iommu/vt-d: "
			"Disallow read-only mappings to nest parent domain\"",
		.text = "With PGTT nested and PWSNP set in the PASID entry, the unit may set accessed, "
			"dirty and extended-accessed bits of first-stage entries although the second "
			"stage maps their table read-only: a guest's DMA alters memory that the VMM "
			"made read-only.",
	},
};

const struct vtd_erratum_info *vtd_errata(size_t *count)
{
	*count = sizeof(errata) / sizeof(errata[0]);
	return errata;
}
