/* SPDX-License-Identifier: Apache-2.0 */
/*
 * User ABI of faults: what of Linux 5.6's <linux/iommu.h> a VMM needs to read page requests, to answer them, and to
 * read what faulted for good.
 */
#ifndef _UAPI_LINUX_IOMMU_FAULT_H
#define _UAPI_LINUX_IOMMU_FAULT_H

#include <linux/types.h>

/* iommu_fault_page_request.perm */
#define IOMMU_FAULT_PERM_READ (1 << 0)
#define IOMMU_FAULT_PERM_WRITE (1 << 1)
#define IOMMU_FAULT_PERM_EXEC (1 << 2)
#define IOMMU_FAULT_PERM_PRIV (1 << 3)

/* iommu_fault.type */
#define IOMMU_FAULT_DMA_UNRECOV 1
#define IOMMU_FAULT_PAGE_REQ 2

/* iommu_fault_unrecoverable.reason */
#define IOMMU_FAULT_REASON_UNKNOWN 0
#define IOMMU_FAULT_REASON_PASID_FETCH 1
#define IOMMU_FAULT_REASON_BAD_PASID_ENTRY 2
#define IOMMU_FAULT_REASON_PASID_INVALID 3
#define IOMMU_FAULT_REASON_WALK_EABT 4
#define IOMMU_FAULT_REASON_PTE_FETCH 5
#define IOMMU_FAULT_REASON_PERMISSION 6
#define IOMMU_FAULT_REASON_ACCESS 7
#define IOMMU_FAULT_REASON_OOR_ADDRESS 8

/* iommu_fault_unrecoverable.flags */
#define IOMMU_FAULT_UNRECOV_PASID_VALID (1 << 0)
#define IOMMU_FAULT_UNRECOV_ADDR_VALID (1 << 1)
#define IOMMU_FAULT_UNRECOV_FETCH_ADDR_VALID (1 << 2)

struct iommu_fault_unrecoverable {
	__u32 reason;
	__u32 flags;
	__u32 pasid;
	__u32 perm;
	__u64 addr;
	__u64 fetch_addr;
};

/* iommu_fault_page_request.flags */
#define IOMMU_FAULT_PAGE_REQUEST_PASID_VALID (1 << 0)
#define IOMMU_FAULT_PAGE_REQUEST_LAST_PAGE (1 << 1)
#define IOMMU_FAULT_PAGE_REQUEST_PRIV_DATA (1 << 2)

struct iommu_fault_page_request {
	__u32 flags;
	__u32 pasid;
	__u32 grpid;
	__u32 perm;
	__u64 addr;
	__u64 private_data[2];
};

struct iommu_fault {
	__u32 type;
	__u32 padding;
	union {
		struct iommu_fault_unrecoverable event; /* IOMMU_FAULT_DMA_UNRECOV */
		struct iommu_fault_page_request prm; /* IOMMU_FAULT_PAGE_REQ */
		__u8 padding2[56];
	};
};

/* iommu_page_response.code */
#define IOMMU_PAGE_RESP_SUCCESS 0
#define IOMMU_PAGE_RESP_INVALID 1
#define IOMMU_PAGE_RESP_FAILURE 2

#define IOMMU_PAGE_RESP_VERSION_1 1

/* iommu_page_response.flags */
#define IOMMU_PAGE_RESP_PASID_VALID (1 << 0)

struct iommu_page_response {
	__u32 version;
	__u32 flags;
	__u32 pasid;
	__u32 grpid;
	__u32 code;
};

#endif
