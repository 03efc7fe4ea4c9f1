/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of the Intel IOMMU driver: what its files share. Each group of declarations names the
 * file that implements it. State hangs on the kernel (KERNEL_SUBSYS_INTEL), never on statics.
 */
#ifndef INTEL_IOMMU_H
#define INTEL_IOMMU_H

#include <linux/device.h>
#include <linux/io.h>
#include <linux/iommu.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "../../lib/context.h"
#include "pagetable.h"
#include "regs.h"

#define INTEL_DEFAULT_WIDTH 57 /* bits, of a domain that no unit has narrowed */
#define INTEL_RID_PASID 0 /* PASID of requests without one */
#define INTEL_BATCH_MAX 8 /* descriptors of one submission */
#define INTEL_BUSES 256

/** An invalidation descriptor; the upper half is not used by 128-bit queues. */
struct intel_descriptor {
	u64 q0, q1, q2, q3;
};

/**
 * The invalidation queue of a unit: one page of descriptors, one page whose first word is the
 * status.
 */
struct intel_queue {
	struct intel_page ring;
	struct intel_page status;
	unsigned int shift; /* log2 of the bytes of a descriptor */
	unsigned int length; /* descriptors */
	unsigned int tail; /* index where the next one goes */
};

/** The page request queue of a unit, one page. */
struct intel_prq {
	struct intel_page ring; /* none: the unit has no page requests */
	int irq; /* vector of its event, or < 0 */
	struct work_struct work; /* reads it */
	struct mutex lock; /* of who reads it */
};

/** One DMA remapping unit. */
struct intel_iommu {
	const char *name;
	u8 __iomem *reg;
	u64 cap, ecap;
	bool scalable; /* scalable-mode tables; else legacy ones */
	unsigned int levels; /* of second-stage tables that this unit walks at most */
	unsigned int width; /* bits of second-stage input */
	int irq; /* vector of the fault event, or < 0 */
	struct mutex lock; /* queue and domain ids */
	struct intel_queue queue;
	struct intel_prq prq;
	struct list_head
		reports; /* struct intel_fault_report: faults that nobody has been told of yet */
	spinlock_t reports_lock;
	struct work_struct report_work;
	struct intel_page root;
	struct intel_page context[INTEL_BUSES]
				 [2]; /* [bus][upper half], the second only in scalable mode */
	struct intel_page interrupts; /* remapping table; none: interrupts are not remapped */
	unsigned long *interrupts_used; /* bitmap */
	unsigned long *domain_ids; /* bitmap */
	unsigned int domain_id_count;
	struct list_head
		spare; /* struct intel_domain_unit, one for each device that is not attached */
};

/** What differs in this driver between kernel variants. */
struct intel_variant {
	const char *name;
	bool units_must_agree; /* nesting mode needs equal nesting capabilities of all units */
	bool invalidate_needs_ats; /* cache invalidation of a device without ATS is -EINVAL */
};

/** The driver in one kernel. */
struct intel_state {
	const struct intel_variant *variant;
	bool interrupts_remapped; /* by all units */
	unsigned int count; /* firmware IOMMUs; units that are not Intel's or not usable are NULL */
	struct intel_iommu *units[];
};

/**
 * A unit that a domain is attached to. Each device brings one with it, so that to attach it never
 * takes memory: going back to the domain it came from must not fail.
 */
struct intel_domain_unit {
	struct list_head link; /* in intel_domain.units, or intel_iommu.spare */
	struct intel_iommu *iommu;
	u16 did;
	unsigned int devices;
};

/** A domain: one address space, for devices of any number of units. */
struct intel_domain {
	struct iommu_domain domain;
	struct mutex lock;
	struct intel_pagetable table;
	struct list_head devices; /* struct intel_device.link */
	struct list_head units; /* struct intel_domain_unit.link */
	unsigned int width; /* bits of input that all attached units translate */
	u64 max_addr; /* end of the highest mapping */
	bool nesting;
	bool force_snooping; /* SNP in every new entry, whatever the mapper asks */
	bool snooped; /* some entry has SNP: units without snoop control cannot walk it */
	bool dirty_tracking; /* SSADE in all PASID entries that lead here */
	struct ioasid_set *ioasid_set; /* PASIDs that may be bound; NULL: any */
};

/** A device behind a unit: what dev_iommu_priv_get() gives. */
struct intel_device {
	struct list_head link; /* in intel_domain.devices */
	struct device *dev;
	struct intel_iommu *iommu;
	struct intel_domain *domain; /* NULL: all its DMA is blocked */
	u8 bus, devfn;
	bool pasid_supported, pasid_enabled;
	bool ats_supported, ats_enabled;
	bool pri_supported, pri_enabled;
	u16 ats_queue_depth;
	struct intel_pasid_table *pasids; /* scalable mode */
};

static inline struct intel_domain *to_intel_domain(struct iommu_domain *domain)
{
	return container_of(domain, struct intel_domain, domain);
}

static inline u16 intel_source_id(const struct intel_device *info)
{
	return (u16)(info->bus << 8 | info->devfn);
}

static inline struct intel_state *intel_state(void)
{
	return kernel_subsys(KERNEL_SUBSYS_INTEL);
}

/** Walks the usable units; n is an unsigned int. */
#define for_each_intel_iommu(iommu, n)                   \
	for ((n) = 0; (n) < intel_state()->count; (n)++) \
		if (((iommu) = intel_state()->units[n]))

/* ---- dmar.c: a unit's life ---- */

/**
 * Makes a unit ready: maps and reads its registers, enables queue, root table and fault event;
 * translation stays off. 0 with *out set, or NULL where this driver cannot use the unit; else
 * -errno.
 */
int intel_unit_start(const struct kernel_firmware_iommu *firmware, struct intel_iommu **out);

/** Gives one command (a bit of GCMD) and waits until the status says that it is done. 0 or -ETIMEDOUT. */
int intel_unit_command(struct intel_iommu *iommu, u32 bit, bool set);

/** Switches translation on or off. 0 or -ETIMEDOUT. */
int intel_unit_translate(struct intel_iommu *iommu, bool on);

/** Stops the unit and frees it with all its tables. */
void intel_unit_stop(struct intel_iommu *iommu);

/** Pushes writes to tables out of the unit's write buffer, where it has one (CAP.RWBF). */
void intel_flush_write_buffer(struct intel_iommu *iommu);

/* ---- queue.c: queued invalidation (6.5.2) ---- */

/** Allocates and enables the queue. 0, -ENOMEM or -ETIMEDOUT. */
int intel_queue_enable(struct intel_iommu *iommu);

/** Disables and frees it. */
void intel_queue_disable(struct intel_iommu *iommu);

/** dmar.c: gives the command that switches the queue. 0 or -ETIMEDOUT. */
int intel_queue_switch(struct intel_iommu *iommu, bool on);

/**
 * Runs count descriptors (1..INTEL_BATCH_MAX) and waits until they have taken effect.
 * 0; -EINVAL: hardware refused one (the others ran); -EAGAIN: a device did not answer, also when
 * asked again; -ETIMEDOUT: the unit is dead.
 */
int intel_queue_submit(struct intel_iommu *iommu, const struct intel_descriptor *descs,
		       unsigned int count);

/** The same, and returns only when page requests that had arrived by then are in their queue. */
int intel_queue_submit_drain(struct intel_iommu *iommu, const struct intel_descriptor *descs,
			     unsigned int count);

/** register-invalidate.c: the same without a queue. 0, -ETIMEDOUT, or -EOPNOTSUPP for what registers cannot do. */
int intel_register_invalidate(struct intel_iommu *iommu, const struct intel_descriptor *descs,
			      unsigned int count);

/** Collects descriptors for one submission. */
struct intel_batch {
	struct intel_descriptor descs[INTEL_BATCH_MAX];
	unsigned int count;
};

static inline void intel_batch_add(struct intel_batch *batch, struct intel_descriptor desc)
{
	batch->descs[batch->count++] = desc;
}

static inline int intel_batch_run(struct intel_iommu *iommu, const struct intel_batch *batch)
{
	return batch->count ? intel_queue_submit(iommu, batch->descs, batch->count) : 0;
}

/* ---- descriptor.c: builders; order is log2 of 4-KiB pages ---- */

/** A range of addresses: 2^order pages of 4 KiB at address, which is aligned to that. */
struct intel_range {
	u64 address;
	unsigned int order;
};
#define INTEL_WHOLE_RANGE ((struct intel_range){ .order = 64 - VTD_PAGE_SHIFT })

struct intel_descriptor intel_inv_context_global(void);
struct intel_descriptor intel_inv_context_device(u16 did, u16 source_id);
struct intel_descriptor intel_inv_iotlb_global(const struct intel_iommu *iommu);
struct intel_descriptor intel_inv_iotlb_domain(const struct intel_iommu *iommu, u16 did);
/** Page-selective where the unit can, else domain-selective. */
struct intel_descriptor intel_inv_iotlb_range(const struct intel_iommu *iommu, u16 did,
					      struct intel_range range);
struct intel_descriptor intel_inv_pasid_cache_global(void);
struct intel_descriptor intel_inv_pasid_cache_domain(u16 did);
struct intel_descriptor intel_inv_pasid_cache(u16 did, u32 pasid);
struct intel_descriptor intel_inv_pasid_iotlb(u16 did, u32 pasid);
/**
 * leaf: no entry but leaves has changed. Falls back to all of the PASID for ranges the unit cannot
 * take.
 */
struct intel_descriptor intel_inv_pasid_iotlb_range(const struct intel_iommu *iommu, u16 did,
						    u32 pasid, struct intel_range range, bool leaf);
struct intel_descriptor intel_inv_device_tlb(const struct intel_device *info,
					     struct intel_range range);
struct intel_descriptor intel_inv_device_tlb_pasid(const struct intel_device *info, u32 pasid,
						   struct intel_range range);
struct intel_descriptor intel_inv_device_tlb_all_pasids(const struct intel_device *info);
/** A wait that only keeps what follows from overtaking what went before. */
struct intel_descriptor intel_inv_fence(void);

struct intel_descriptor intel_inv_interrupt_global(void);
struct intel_descriptor intel_inv_interrupt(unsigned int index);

/* ---- irq-remapping.c ---- */

/** Enables interrupt remapping in all units, if all can and kernel.intremap does not forbid it; else in none. */
void intel_irq_remapping_enable(void);

/** Disables it in a unit and frees its table; nothing happens where it is not enabled. */
void intel_irq_remapping_disable(struct intel_iommu *iommu);

/* ---- fault.c ---- */

/** Routes the unit's fault event to a vector and unmasks it. 0 or -errno. */
int intel_fault_enable(struct intel_iommu *iommu);
void intel_fault_disable(struct intel_iommu *iommu);

/* ---- fault-report.c ---- */

void intel_fault_report_init(struct intel_iommu *iommu);
void intel_fault_report_exit(struct intel_iommu *iommu);

/** Has a recorded fault reported later, if it is of DMA with a PASID. May be called from an interrupt. */
void intel_fault_report(struct intel_iommu *iommu, u64 low, u64 high);

/* ---- prq.c: page requests ---- */

/** The device of that requester id behind the unit, or NULL. */
struct intel_device *intel_requester(const struct intel_iommu *iommu, u16 source_id);

/** Gives the unit a queue for page requests and routes its event to a vector. 0 or -errno. */
int intel_prq_enable(struct intel_iommu *iommu);
void intel_prq_disable(struct intel_iommu *iommu);

/**
 * Returns when no page request of the device is under way any more, up or down, and all that had arrived have been
 * dealt with (7.10). did: of its domain.
 */
void intel_prq_drain(struct intel_device *info, u16 did);

/** Answers a page request that was reported. 0; -EINVAL: it has no PASID; -ENODEV: the PASID is not bound any more. */
int intel_page_response(struct device *dev, struct iommu_fault_event *event,
			struct iommu_page_response *response);

/* ---- context.c: root and context tables ---- */

/*
 * A device has an entry under each requester id that its requests may have (pci_for_each_dma_alias()).
 */

/** Makes the context tables for a device's entries, if missing. 0 or -ENOMEM. */
int intel_context_prepare(struct intel_device *info);

/** Points the device's context entries at its PASID directory. */
void intel_context_set_scalable(struct intel_device *info);

/** What a legacy context entry is to say. */
struct intel_context_legacy {
	u16 did;
	bool pass_through;
	phys_addr_t table;
	unsigned int levels;
};
void intel_context_set_legacy(struct intel_device *info,
			      const struct intel_context_legacy *content);

/** Makes the device's context entries not present and forgets what hardware cached of them. */
void intel_context_clear(struct intel_device *info);

/* ---- pasid.c: PASID directory, tables and entries ---- */

/** The directory of a device with the tables below it. NULL: no memory. */
struct intel_pasid_table *intel_pasid_table_create(unsigned int bits);
void intel_pasid_table_destroy(struct intel_pasid_table *table);

/** Host-physical address of the directory, and PDTS that describes its length. */
phys_addr_t intel_pasid_directory(const struct intel_pasid_table *table);
unsigned int intel_pasid_pdts(const struct intel_pasid_table *table);

/** A PASID entry to be; stands for PGTT nested, second-stage or pass-through. */
struct intel_pasid_entry {
	u16 did;
	unsigned int pgtt;
	phys_addr_t second_stage;
	unsigned int second_stage_levels;
	bool page_snoop;
	bool track_dirty; /* SSADE */
	u64 first_stage; /* nested: guest-physical */
	bool five_levels, supervisor, extended_access; /* nested */
};

bool intel_pasid_is_present(const struct intel_pasid_table *table, u32 pasid);
bool intel_pasid_is_nested(const struct intel_pasid_table *table, u32 pasid);

/** True while any guest page table is bound. */
bool intel_pasid_any_nested(const struct intel_pasid_table *table);

/**
 * Makes the entry of a PASID, present last, and invalidates. 0, -EINVAL beyond the directory,
 * -EBUSY, -ENOMEM, or the queue's error.
 */
int intel_pasid_set(struct intel_device *info, u32 pasid, const struct intel_pasid_entry *entry);

/** Takes the entry away and forgets what hardware cached of it. Nothing happens if not present. */
void intel_pasid_clear(struct intel_device *info, u32 pasid);

/** The same for all entries that have a guest page table. */
void intel_pasid_clear_nested(struct intel_device *info);

/** Sets page snoop in the entry of a PASID that is present. */
void intel_pasid_snoop(struct intel_device *info, u32 pasid);

/**
 * Sets or clears SSADE in all entries of a device that stand on its domain's second stage. 0, -EOPNOTSUPP if
 * the device's DMA passes through, or the queue's error.
 */
int intel_pasid_track_dirty(struct intel_device *info, bool enable);

/* ---- domain.c ---- */

struct iommu_domain *intel_domain_alloc(unsigned int type);
void intel_domain_free(struct iommu_domain *domain);
int intel_domain_attach(struct iommu_domain *domain, struct device *dev);
void intel_domain_detach(struct iommu_domain *domain, struct device *dev);
bool intel_domain_enforce_snooping(struct iommu_domain *domain);

/** The unit in the domain's list, or NULL. */
struct intel_domain_unit *intel_domain_unit(struct intel_domain *domain,
					    const struct intel_iommu *iommu);

/* ---- domain-map.c ---- */

int intel_domain_map(struct iommu_domain *domain, unsigned long iova, phys_addr_t paddr,
		     size_t pgsize, size_t pgcount, int prot, gfp_t gfp, size_t *mapped);
size_t intel_domain_unmap(struct iommu_domain *domain, unsigned long iova, size_t pgsize,
			  size_t pgcount, struct iommu_iotlb_gather *gather);
void intel_domain_sync(struct iommu_domain *domain, struct iommu_iotlb_gather *gather);
phys_addr_t intel_domain_iova_to_phys(struct iommu_domain *domain, dma_addr_t iova);

/**
 * Forgets all that hardware cached of the domain's second stage, then frees tables taken out of it.
 */
void intel_domain_flush(struct intel_domain *domain);

/** Maps all of RAM to itself, for units without pass-through. 0 or -ENOMEM. */
int intel_domain_map_identity(struct intel_domain *domain);

/* ---- dirty.c ---- */

/** Can the unit mark pages of the second stage as dirty? */
bool intel_unit_tracks_dirty(const struct intel_iommu *iommu);
int intel_domain_set_dirty_tracking(struct iommu_domain *domain, bool enable);
int intel_domain_read_dirty(struct iommu_domain *domain, unsigned long iova, size_t size,
			    unsigned long flags, struct iommu_dirty_bitmap *dirty);

/* ---- device.c ---- */

/** The unit that firmware says is above the device, or NULL. */
struct intel_iommu *intel_device_unit(struct device *dev);

int intel_device_probe(struct device *dev);
void intel_device_release(struct device *dev);
void intel_device_resv_regions(struct device *dev, struct list_head *list);

/**
 * Enables PASIDs in the device. 0, or -errno of the PCI core, -EINVAL if unit or device have none.
 */
int intel_device_enable_pasid(struct intel_device *info);

/** Enables what device and unit support of PASID, PRI and ATS; failures leave it off. */
void intel_device_enable_features(struct intel_device *info);
void intel_device_disable_features(struct intel_device *info);

/* ---- nesting.c: attributes; bind.c: guest page tables ---- */

/** The row of a kernel variant; a name that is not known gets mainline's. */
const struct intel_variant *intel_variant(const char *name);

/** log2 of the PASIDs that every unit supports. */
unsigned int intel_pasid_bits(void);

int intel_domain_get_attr(struct iommu_domain *domain, enum iommu_attr attr, void *data);
int intel_domain_set_attr(struct iommu_domain *domain, enum iommu_attr attr, void *data);
int intel_bind_gpasid(struct iommu_domain *domain, struct device *dev,
		      struct iommu_gpasid_bind_data *data);
int intel_unbind_gpasid(struct device *dev, ioasid_t pasid);
int intel_cache_invalidate(struct iommu_domain *domain, struct device *dev,
			   struct iommu_cache_invalidate_info *request);

#endif
