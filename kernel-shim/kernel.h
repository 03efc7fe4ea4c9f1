/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host kernel in user space, from outside: what firmware tells it, the hardware it reaches, and the
 * system calls of its processes. Many kernels live in one process and share nothing. Every function
 * here enters the kernel's context and leaves it again; none may be called from inside it.
 */
#ifndef KERNEL_SHIM_KERNEL_H
#define KERNEL_SHIM_KERNEL_H

#include "mem/memory.h"
#include "types.h"

struct iommu_fault; /* <uapi/linux/iommu_fault.h> */
struct iommu_page_response;
struct kernel;
struct task; /* a user process */

/** Kinds of IOMMU a kernel has a driver for. */
enum kernel_iommu_kind { KERNEL_IOMMU_INTEL, KERNEL_IOMMU_ARM_SMMU_V3 };

/** One IOMMU as the firmware's DMAR or IORT table tells of it. */
struct kernel_firmware_iommu {
	const char *name; /* "dmar0" */
	enum kernel_iommu_kind kind;
	u64 mmio_base; /* host-physical address of its registers */
	u32 stage1_format; /* SMMU: what its driver answers for DOMAIN_ATTR_PASID_FORMAT; 0: it does not know the attribute */
};

/**
 * One function as enumeration finds it. A bridge, which its configuration space tells, comes before what is below it.
 */
struct kernel_firmware_device {
	const char *name; /* "0000:3a:00.0" */
	u16 segment;
	u16 source_id; /* bus 15:8, device 7:3, function 2:0 */
	unsigned int iommu; /* index into kernel_config.iommus */
	int group; /* IOMMU group number, or -1: as PCI topology and ACS say, else one of its own */
	bool host_driver; /* bound to a host driver and not to vfio-pci; its group is not viable for VFIO */
	bool identity; /* host default domain is pass-through; else translated and empty */
};

/** A place in the configuration space of a PCI function. */
struct kernel_config_space {
	u16 segment;
	u16 source_id; /* bus 15:8, device 7:3, function 2:0 */
	unsigned int offset; /* bytes, 0..4095 */
	unsigned int size; /* 1, 2 or 4 bytes */
};

/** How a kernel reaches its hardware, besides memory. */
struct kernel_hardware_ops {
	u64 (*mmio_read)(void *ctx, u64 address, unsigned int size); /* size 4 or 8 bytes */
	void (*mmio_write)(void *ctx, u64 address, unsigned int size, u64 value);
	u32 (*config_read)(void *ctx, const struct kernel_config_space *at);
	void (*config_write)(void *ctx, const struct kernel_config_space *at, u32 value);
	void (*relax)(void *ctx); /* inside a polling loop: lets time pass */
	void (*log)(void *ctx, int level,
		    const char *line); /* printk, 0 (emerg) .. 7 (debug); may be NULL */
	void *ctx;
};

/** All that a kernel is started with; pointers must outlive it. */
struct kernel_config {
	const char
		*variant; /* "upstream", "v1", "v1-attach-check", "v7", "mainline" or "tree:NAME" */
	const char *
		plugin; /* "tree:NAME": path of its plug-in, needed until it has booted; else NULL */
	struct memory *memory;
	u64 ram_base; /* bytes, 2-MiB aligned; where the page allocator's memory starts */
	u64 ram_size; /* bytes, a multiple of 2 MiB */
	const struct kernel_firmware_iommu *iommus;
	size_t iommu_count;
	const struct kernel_firmware_device *devices;
	size_t device_count;
	struct kernel_hardware_ops hardware;
	const char *const
		*parameters; /* "vfio_iommu_type1.pasid_quota=5"; NULL-terminated, or NULL */
};

/** Names of the variants built in, in the order of the series; NULL-terminated. */
const char *const *kernel_variants(void);

/**
 * Starts a kernel: page allocator, IOMMU drivers (which probe and program their units), devices,
 * VFIO and type1 of the variant. On failure returns NULL and *error receives a sentence that the
 * caller frees (NULL error is allowed).
 */
struct kernel *kernel_boot(const struct kernel_config *config, char **error);

/** Ends all processes, stops the drivers, frees all. NULL is allowed. */
void kernel_shutdown(struct kernel *k);

/**
 * The variant built in that the kernel is like, apart from a type1 of its own: itself, or what goes with the
 * tree that its plug-in was made of ("v1" and "v7" if that holds the series, "upstream" before 5.8, "mainline").
 */
const char *kernel_behaviour_of(const struct kernel *k);

/** What a plug-in must have been compiled for (its KERNEL_PLUGIN_ABI) to be loaded by this program. */
const char *kernel_plugin_abi(void);

/** After an oops (BUG, deadlock, endless polling, a fault of a plug-in): its text, one line; NULL while all is well. An oopsed kernel answers -ENOTRECOVERABLE. */
const char *kernel_oops(const struct kernel *k);

/** Warnings (WARN_ON and its kin) that the kernel logged since boot. */
u64 kernel_warnings(const struct kernel *k);

/** Names of the module parameters that exist ("vfio_iommu_type1.pasid_quota"), NULL-terminated. */
const char *const *kernel_parameters(void);

/**
 * Names of the module parameters that a plug-in's own modules have, NULL-terminated; each, and the list, to be freed.
 * NULL if it cannot be loaded, with a sentence in *error (to be freed) or NULL there without memory.
 */
char **kernel_plugin_parameters(const char *path, char **error);

/** True for a name that could be a parameter of type1, whether or not a kernel built in has it. */
bool kernel_parameter_of_type1(const char *name);

/** Whether a parameter would take a value: 0, -ENOENT (no such parameter) or -EINVAL. */
int kernel_parameter_check(const char *name, const char *value);

/** Sets a module parameter at run time ("vfio_iommu_type1.pasid_quota", "5"). -ENOENT, -EINVAL or 0. */
int kernel_set_parameter(struct kernel *k, const char *name, const char *value);

/** The number of a function's IOMMU group, or -ENODEV: it is in none. */
int kernel_device_group(struct kernel *k, u16 segment, u16 source_id);

/** An interrupt message that arrived at the processor's interrupt range. */
void kernel_interrupt(struct kernel *k, u64 address, u32 data);

/* ---- dirty tracking by the IOMMU, which no ioctl of VFIO reaches ---- */

/** Addresses of a device's domain. */
struct kernel_dirty_range {
	u64 iova, size; /* bytes */
	bool clear; /* forgets what it tells */
};

/** Receives a page that was written: its first address and its size in bytes, as it is mapped. */
typedef void (*kernel_dirty_visitor)(void *arg, u64 iova, u64 size);

/**
 * Switches tracking of the domain that user space has put a device into ("0000:3a:00.0"). 0; -EOPNOTSUPP: the IOMMU
 * cannot; -EINVAL: the device is in none; -ENODEV; or the driver's error.
 */
int kernel_dirty_tracking(struct kernel *k, const char *device, bool enable);

/** Visits the pages in the range that devices have written, in ascending order. The same errors; -EINVAL also while nothing is tracked. */
int kernel_read_dirty(struct kernel *k, const char *device, const struct kernel_dirty_range *range,
		      kernel_dirty_visitor visit, void *arg);

/* ---- guests' PASID tables, where no VFIO has a call for them ---- */

/** A guest's table of an SMMU's context descriptors: STE.S1ContextPtr, S1CDMax, S1Fmt, S1DSS. */
struct kernel_pasid_table {
	u64 base; /* guest-physical address */
	u8 pasid_bits; /* log2 of the number of entries */
	u8 format; /* 0 linear, 1 two levels with 4-KiB leaves, 2 with 64-KiB ones */
	u8 default_pasid; /* DMA without PASID: 0 terminate, 1 bypass, 2 entry 0 */
};

/** What of its stage 1 a guest has changed. */
struct kernel_stage1_invalidation {
	bool entry; /* the table's entry too */
	u32 pasid; /* whose; 0 also stands for DMA without one */
	bool has_asid;
	u16 asid; /* else all of the guest's */
	u64 address, size; /* bytes; size 0: all addresses */
	u64 granule; /* bytes, if size */
};

/**
 * Gives the devices of a device's domain a guest's table, as the series "SMMUv3 Nested Stage Setup" does
 * for a VMM; device: index in kernel_config.devices. 0; -ENODEV: the device's driver has no such
 * operation; -EINVAL: not this table, or the domain is not nested or has one.
 */
long kernel_attach_pasid_table(struct kernel *k, size_t device,
			       const struct kernel_pasid_table *table);

/** Takes it away. 0 or -ENODEV. */
long kernel_detach_pasid_table(struct kernel *k, size_t device);

/** Passes a guest's invalidation down. 0; -ENODEV; -EINVAL: there is no table; of the command queue. */
long kernel_invalidate_stage1(struct kernel *k, size_t device,
			      const struct kernel_stage1_invalidation *invalidation);

/* ---- interrupts of devices ---- */

/** An interrupt that the kernel gave a device. */
struct kernel_msi {
	const char *device; /* its name */
	u64 address; /* what the device is to write it to */
	u32 data;
	unsigned int vector;
	u32 destination; /* APIC id of the processor */
	int index; /* of its remapping entry; -1: it is not remapped */
	u64 handled; /* how often its handler has run */
};

/**
 * Gives a device ("0000:3a:00.0") an interrupt that arrives at a processor (APIC id 0..255), as its host driver
 * would. 0, -EINVAL (no such destination), -ENODEV, -ENOSPC (no vector, or no remapping entry), -ENOMEM.
 */
int kernel_msi_alloc(struct kernel *k, const char *device, u32 destination, struct kernel_msi *out);

/** Takes it back. 0 or -ENOENT: no device has that vector. */
int kernel_msi_free(struct kernel *k, unsigned int vector);

/** Lets it arrive at another processor from now on. 0, -EINVAL or -ENOENT. Not remapped, its message changes. */
int kernel_msi_move(struct kernel *k, unsigned int vector, u32 destination, struct kernel_msi *out);

/** What there is of it now. 0 or -ENOENT. */
int kernel_msi_query(struct kernel *k, unsigned int vector, struct kernel_msi *out);

/* ---- processes ---- */

/** Starts a process with an empty address space, RLIMIT_MEMLOCK unlimited, no open files. NULL: no memory. */
struct task *kernel_task_start(struct kernel *k, const char *comm);

/** Ends a process: closes its files, gives back its memory, frees it. */
void kernel_task_exit(struct task *task);

/** RLIMIT_MEMLOCK in bytes (~0ULL: unlimited); privileged tells whether the process has CAP_IPC_LOCK (default no). */
void kernel_task_limit(struct task *task, u64 memlock_bytes, bool privileged);

/** open(2): "/dev/vfio/vfio" or "/dev/vfio/<group>". A file descriptor or -errno. */
long kernel_open(struct task *task, const char *path);

/** close(2). */
long kernel_close(struct task *task, int fd);

/** ioctl(2); arg is a number or an address in the process' memory, as the command wants. */
long kernel_ioctl(struct task *task, int fd, unsigned int cmd, u64 arg);

/*
 * Page requests of devices. The nesting series had no call for them: another series ("vfio: expose device fault to
 * userspace") was to give a device's file a region that the process reads them from and writes its answers to. These
 * two functions stand for that region. Only kernels that hold the nesting series have them: elsewhere nobody in the
 * kernel takes page requests, and the driver answers them as invalid.
 */

/**
 * Takes the oldest fault that waits for the process at an open device file: a page request (IOMMU_FAULT_PAGE_REQ), or
 * DMA with a PASID bound by the process that faulted for good (IOMMU_FAULT_DMA_UNRECOV). 0;
 * -EAGAIN: none waits; -EBADF; -ENOTTY: no device file, or a kernel without the series.
 */
long kernel_fault_read(struct task *task, int device_fd, struct iommu_fault *fault);

/**
 * Answers the last request of a group: all of the group, by what was read. 0; -EINVAL: none of that group and PASID
 * waits for an answer, or wrong version or flags; -ENODEV: the PASID is not bound any more; -EBADF and -ENOTTY as
 * above. What is not answered when the file is closed is answered as invalid.
 */
long kernel_page_response(struct task *task, int device_fd,
			  const struct iommu_page_response *response);

/** Kinds of memory for kernel_mmap(). */
struct kernel_mmap {
	u64 address; /* wanted address (fixed), or 0: the kernel chooses */
	u64 size; /* bytes, a multiple of page_size */
	u64 page_size; /* 4 KiB, 2 MiB or 1 GiB: physically contiguous and aligned to it */
	bool read_only;
};

/**
 * mmap(2) of anonymous memory, faulted in when touched or pinned. The address, or -errno: -EINVAL
 * (sizes or alignment), -ENOMEM (no room), -EEXIST (something is mapped at the wanted address).
 */
long kernel_mmap(struct task *task, const struct kernel_mmap *request);

/** munmap(2) of whole or part mappings; pinned pages stay until unpinned. 0 or -errno. */
long kernel_munmap(struct task *task, u64 address, u64 size);

/** The process writes its own memory. 0 or -EFAULT (nothing promised of the part before). */
int kernel_user_write(struct task *task, u64 address, const void *buf, size_t len);

/** The process reads its own memory. 0 or -EFAULT. */
int kernel_user_read(struct task *task, u64 address, void *buf, size_t len);

/** Where a user address lies in host-physical memory, without touching it. 0, or -EFAULT if not mapped or not yet there. */
int kernel_user_to_hpa(struct task *task, u64 address, hpa_t *out);

/* ---- what must be back at zero at the end, for tests and invariants ---- */

/** Resources in use. */
struct kernel_usage {
	u64 pinned_pages; /* references by pin_user_pages, in pages */
	u64 locked_pages; /* sum of mm->locked_vm */
	u64 domains; /* IOMMU domains other than the devices' default domains */
	u64 pasids; /* allocated PASIDs */
	u64 pasid_sets;
	u64 table_pages; /* pages allocated by IOMMU drivers beyond what they held after boot */
	u64 slab_objects; /* kmalloc objects alive beyond those alive after boot */
	u64 open_files;
};

/** Reads the resources in use now. */
void kernel_usage(struct kernel *k, struct kernel_usage *out);

#endif
