/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operations of the actor `vmm`, shared between the files that implement them.
 */
#ifndef SIM_SCENARIO_VMM_H
#define SIM_SCENARIO_VMM_H

#include "run.h"

#include "viommu/nesting.h"

/* vmm-files.c */
extern const struct op op_open, op_close, op_mmap, op_munmap, op_setrlimit, op_vmm_read,
	op_vmm_write, op_ioctl, op_get_api_version, op_check_extension, op_set_iommu,
	op_group_get_status, op_group_set_container, op_group_unset_container,
	op_group_get_device_fd, op_device_get_info, op_device_reset;

/* vmm-info.c */
extern const struct op op_get_info;

/* vmm-dma.c */
extern const struct op op_map_dma, op_unmap_dma, op_dirty_pages;

/* vmm-nesting.c */
extern const struct op op_pasid_request, op_alloc_pasid, op_free_pasid, op_bind, op_unbind,
	op_invalidate;

/* vmm-faults.c */
extern const struct op op_read_faults, op_page_response;

/* vmm-viommu.c */
extern const struct op op_viommu, op_viommu_unplug;

/* The ioctls, whoever of the VMM calls them. What succeeds is noted and judged. Values as of ioctl(2). */
long vmm_pasid_request(struct run *run, const struct opened *c,
		       const struct nesting_pasid_request *request);
long vmm_bind(struct run *run, struct opened *c, const struct nesting_bind *request, bool bind);
long vmm_invalidate(struct run *run, const struct opened *c,
		    const struct nesting_invalidation *invalidation);

/** The container argument as an open file; NULL with a failed step. */
struct opened *vmm_container(struct run *run, const struct step *step, struct step_out *out);

/** The argument as an open file of any kind; NULL with a failed step. */
struct opened *vmm_file(struct run *run, const struct step *step, const char *arg,
			struct step_out *out);

#endif
