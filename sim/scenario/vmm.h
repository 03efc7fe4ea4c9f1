/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operations of the actor `vmm`, shared between the files that implement them.
 */
#ifndef SIM_SCENARIO_VMM_H
#define SIM_SCENARIO_VMM_H

#include "run.h"

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

/** The container argument as an open file; NULL with a failed step. */
struct opened *vmm_container(struct run *run, const struct step *step, struct step_out *out);

/** The argument as an open file of any kind; NULL with a failed step. */
struct opened *vmm_file(struct run *run, const struct step *step, const char *arg,
			struct step_out *out);

#endif
