/* SPDX-License-Identifier: Apache-2.0 */
/* DMA through an IOMMU: message windows, see iommu.h. */
#ifndef _SHIM_LINUX_DMA_IOMMU_H
#define _SHIM_LINUX_DMA_IOMMU_H

#include <linux/iommu.h>

#endif
