/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A booted rig for the VFIO tests: units of named kinds, a kernel of a variant, one process, and the
 * system calls of VFIO as functions that take and give plain structs.
 */
#ifndef TESTS_VFIO_FIXTURE_H
#define TESTS_VFIO_FIXTURE_H

#include "gtest_c.h"
#include "kernel.h"
#include "pcie/pcie.h"

#include <errno.h>
#include <linux/vfio.h>
#include <uapi/linux/vfio_nesting.h>

#define VM_MAX 6 /* IOMMUs, and devices */
#define VM_KIB 1024ULL
#define VM_MIB (1024 * VM_KIB)
#define VM_PAGE 4096ULL

/** Kinds of units that tests put together. */
enum vm_unit {
	VM_VTD_SCALABLE, /* scalable mode, nesting, PASID, SRS, EAFS, 4-level first stage */
	VM_VTD_PAGE_REQUESTS, /* the same, and all devices have ATS and page requests */
	VM_VTD_LEGACY, /* neither scalable mode nor nesting */
	VM_VTD_NARROW, /* legacy, 39-bit addresses */
	VM_VTD_NO_REMAPPING, /* legacy, no interrupt remapping */
	VM_SMMU, /* its driver knows no format */
	VM_SMMU_FORMAT_2, /* its driver tells format 2 */
};

struct vm_device {
	unsigned int unit; /* index into units */
	int group;
	bool host_driver;
};

struct vm_config {
	const char *variant;
	const char *plugin; /* of variant "tree:NAME" */
	enum vm_unit units[VM_MAX];
	size_t unit_count;
	struct vm_device devices[VM_MAX]; /* named 0000:01:00.0, 0000:02:00.0, ... */
	size_t device_count;
	const char *parameters[VM_MAX]; /* "vfio_iommu_type1.x=1", NULL-terminated */
	bool may_fail; /* a boot that fails is no failure of the test */
};

struct vm;

/** Boots; a failure is the test's failure and NULL. */
struct vm *vm_start(const struct vm_config *config);

/** A machine of one unit and one device in group 1. */
struct vm *vm_start_simple(const char *variant, enum vm_unit unit);

/** The same with a parameter, or none if it is NULL. */
struct vm *vm_start_with(const char *variant, enum vm_unit unit, const char *parameter);

/** Two units with a device each, in groups 1 and 2. */
struct vm *vm_start_pair(const char *variant, enum vm_unit first, enum vm_unit second);

/**
 * Ends the process and checks that nothing is left of it and that the kernel is well; then stops
 * all.
 */
void vm_end(struct vm *vm);

/** Stops all in whatever state the kernel is, oopsed perhaps. */
void vm_abandon(struct vm *vm);

/** Ends the process, checks that nothing is left, and starts another one. */
void vm_restart_process(struct vm *vm);

struct kernel *vm_kernel(struct vm *vm);
struct task *vm_task(struct vm *vm);

/** Uses another process of the machine for the calls below from now on. */
void vm_use_task(struct vm *vm, struct task *task);

/** The resources in use now. */
struct kernel_usage vm_usage(struct vm *vm);

/* ---- system calls: result or -errno ---- */

long vm_open(struct vm *vm, const char *path);
long vm_close(struct vm *vm, long fd);

/** arg is a number. */
long vm_ioctl(struct vm *vm, long fd, unsigned int cmd, u64 arg);

/** arg is the address of len bytes that are copied in before and out after the call. */
long vm_ioctl_data(struct vm *vm, long fd, unsigned int cmd, void *data, size_t len);

/** Anonymous memory, 4-KiB pages; its address. */
u64 vm_memory(struct vm *vm, u64 size);

/** Memory with pages of page_size, perhaps read-only. */
u64 vm_memory_of(struct vm *vm, u64 size, u64 page_size, bool read_only);

/** An address where this many bytes can be copied in, and what follows them cannot. */
u64 vm_edge(struct vm *vm, const void *data, size_t len);

/* ---- VFIO ---- */

long vm_open_container(struct vm *vm);
long vm_open_group(struct vm *vm, int group);
long vm_set_container(struct vm *vm, long group_fd, long container_fd);
long vm_get_device_fd(struct vm *vm, long group_fd, const char *name);

/**
 * Opens a group and puts it into the container; its descriptor, or the error of the latter and
 * closed again.
 */
long vm_join(struct vm *vm, long container, int group);

/** A container of a type with a group in it. -errno of VFIO_SET_IOMMU, all closed again. */
long vm_container_with(struct vm *vm, int type, int group);

long vm_map(struct vm *vm, long container, u64 iova, u64 vaddr, u64 size);

/** Reports to *size, if not NULL, what has been unmapped. */
long vm_unmap(struct vm *vm, long container, u64 iova, u64 *size);

/** VFIO_IOMMU_GET_INFO with room bytes; the structure and what follows are written to buf. */
long vm_get_info(struct vm *vm, long container, void *buf, size_t room);

/** The capability of an id in such an info, or NULL. */
const struct vfio_info_cap_header *vm_find_cap(const void *info, unsigned int id);

/** Result of GET_INFO with enough room, and whether it has the capability. */
long vm_info_has_cap(struct vm *vm, long container, unsigned int id, bool *has);

/* ---- the series ---- */

/**
 * Maps 16 pages of guest memory at 0. In it lie the first-stage tables of the bind structures
 * below; they map guest-virtual page 0 to guest-physical page 5.
 */
void vm_map_guest(struct vm *vm, long container);

/** A bind structure of version 1 that the scalable unit accepts, for a PASID. */
struct iommu_gpasid_bind_data_v1 vm_bind_data_v1(u32 pasid);
struct iommu_gpasid_bind_data_v7 vm_bind_data_v7(u32 pasid);

/** The PASID or -errno. */
long vm_pasid_alloc_v1(struct vm *vm, long container, u32 min, u32 max);
long vm_pasid_free_v1(struct vm *vm, long container, u32 pasid);
long vm_bind_v1(struct vm *vm, long container, u32 flags,
		const struct iommu_gpasid_bind_data_v1 *data);
long vm_pasid_request_v7(struct vm *vm, long container, u32 flags, u32 min, u32 max);
long vm_nesting_op_v7(struct vm *vm, long container, u32 flags, const void *data, size_t len);

/* ---- hardware ---- */

/** DMA without PASID by a device; its status. */
enum dma_status vm_dma(struct vm *vm, size_t device, u64 iova, void *buf, size_t len, bool write);

/** DMA with a PASID by a device. */
enum dma_status vm_dma_pasid(struct vm *vm, size_t device, u32 pasid, u64 address);

/** A page request of a device; of page 0x5000, to read, the last of its group. */
enum pri_status vm_page_request(struct vm *vm, size_t device, u32 pasid, u16 group);
struct pri_state vm_pri_state(struct vm *vm, size_t device);

/** Config space of a device. */
u32 vm_config_read(struct vm *vm, size_t device, unsigned int offset, unsigned int size);

#endif
