/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Guest page tables as a tree with version 1 of the series has them in its uapi header: beyond
 * the structs, a version for all of them, with a function that tells it, and the types of data.
 */
#ifndef TESTS_SERIES_V1_UAPI_IOMMU_H
#define TESTS_SERIES_V1_UAPI_IOMMU_H

#pragma GCC system_header /* for #include_next */

#include_next <uapi/linux/iommu.h>

#define IOMMU_UAPI_VERSION 1
static inline int iommu_get_uapi_version(void)
{
	return IOMMU_UAPI_VERSION;
}

enum IOMMU_UAPI_DATA_TYPES {
	IOMMU_UAPI_BIND_GPASID,
	IOMMU_UAPI_CACHE_INVAL,
	IOMMU_UAPI_PAGE_RESP,
	NR_IOMMU_UAPI_TYPE,
};

#endif
