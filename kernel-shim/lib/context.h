/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel that is running on this thread. All state that a real kernel keeps in statics hangs on it;
 * it is switched when a function of kernel.h enters, and back when it leaves.
 */
#ifndef KERNEL_SHIM_LIB_CONTEXT_H
#define KERNEL_SHIM_LIB_CONTEXT_H

#include "../kernel.h"

/** The kernel whose context this thread is in; never NULL inside the kernel. */
struct kernel *kernel_current(void);

struct bus_type;

/** The current kernel's bus of the devices behind one kind of IOMMU; for bus_set_iommu(). */
struct bus_type *kernel_bus(enum kernel_iommu_kind kind);

/** What the current kernel was started with. */
const struct kernel_config *kernel_config(void);

/** The variant built in that the current kernel is like, see kernel_behaviour_of(). */
const char *kernel_behaviour(void);

struct kernel_plugin;

/** The current kernel's plug-in, or NULL. */
const struct kernel_plugin *kernel_plugin(void);

/** Subsystems that keep one pointer of state on the kernel. */
enum kernel_subsystem {
	KERNEL_SUBSYS_IOMMU, /* IOMMU core */
	KERNEL_SUBSYS_IOASID, /* PASID sets */
	KERNEL_SUBSYS_INTEL,
	KERNEL_SUBSYS_ARM_SMMU,
	KERNEL_SUBSYS_VFIO, /* container, group, device files */
	KERNEL_SUBSYS_TYPE1,
	KERNEL_SUBSYS_VFIO_MM, /* PASIDs of processes, while a tree's type1 has any */
	KERNEL_SUBSYS_COUNT,
};

/** The state that the subsystem set, NULL before. */
void *kernel_subsys(enum kernel_subsystem which);

/** Sets the subsystem's state; it frees it itself in its exit function. */
void kernel_subsys_set(enum kernel_subsystem which, void *state);

/**
 * Module parameter of the current kernel, re-read at each call: the value given by the user as
 * "module.name=value", else fallback.
 */
unsigned long kernel_parameter(const char *name, unsigned long fallback);

/**
 * Interrupt vectors for message-signalled interrupts. Returns a vector (32..255) or -ENOSPC; the
 * message is address 0xfee00000 with the vector as data. The handler runs in the kernel's context.
 */
int kernel_irq_alloc(void (*handler)(void *arg), void *arg);
void kernel_irq_free(int vector);

struct device;

/** Where an interrupt of a device is to arrive. */
struct irq_target {
	unsigned int vector;
	u32 destination; /* APIC id, 0..255 */
};

/** What the device is to write for it. */
struct irq_message {
	u64 address;
	u32 data;
	int index; /* of the remapping entry; -1: it is not remapped */
};

/** A driver that remaps the interrupts of devices. */
struct irq_remapping {
	/** Makes an entry. 0, -ENODEV (the device's interrupts are not remapped), -ENOSPC, or the queue's error. */
	int (*map)(struct device *dev, const struct irq_target *target,
		   struct irq_message *message);
	/** Changes the entry. 0 or the queue's error. */
	int (*retarget)(struct device *dev, int index, const struct irq_target *target);
	void (*unmap)(struct device *dev, int index);
};

/** Sets the current kernel's; NULL: none. It is used until PCI devices are gone. */
void kernel_irq_remapping_set(const struct irq_remapping *remapping);

/**
 * Init and exit functions of the subsystems, called by kernel_boot() in this order and by
 * kernel_shutdown() in the reverse one. Each returns 0 or -errno; its exit must cope with a failed init.
 */
int iommu_core_init(void);
void iommu_core_exit(void);
int ioasid_init(void);
void ioasid_exit(void);
int intel_iommu_init(void);
void intel_iommu_exit(void);
int arm_smmu_init(void);
void arm_smmu_exit(void);
int pci_devices_init(
	void); /* lib/: creates struct pci_dev for each device of the firmware, then iommu_probe_device() */
void pci_devices_exit(void);
int vfio_init(
	const char *
		variant); /* files, type1 of the variant; vfio groups for all devices without a host driver */
void vfio_exit(void);

/** vfio/: what kernel_fault_read() and kernel_page_response() do with an open file. */
struct file;
long vfio_device_read_fault(struct file *file, struct iommu_fault *fault);
long vfio_device_page_response(struct file *file, const struct iommu_page_response *response);

/** Accounts pages that an IOMMU driver allocates for tables (kernel_usage.table_pages). */
void kernel_account_table_pages(long pages);

/** Accounts domains (kernel_usage.domains); called by the IOMMU core for all but default domains. */
void kernel_account_domains(long domains);

/** Accounts PASIDs and PASID sets; called by ioasid. */
void kernel_account_pasids(long pasids, long sets);

#endif
