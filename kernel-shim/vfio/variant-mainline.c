// SPDX-License-Identifier: Apache-2.0
/*
 * type1 of Linux 6.1: dirty tracking, the mappings left, unmap all and new vaddrs; the nesting type
 * as in 5.6, and nothing of the series.
 */
#include "type1.h"

const struct type1_variant type1_mainline = {
	.name = "mainline",
	.features = TYPE1_DIRTY_PAGES | TYPE1_DMA_AVAIL | TYPE1_UNMAP_ALL | TYPE1_UPDATE_VADDR |
		    TYPE1_ENFORCES_COHERENCY,
};
