/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the SMMUv3 driver share: units, masters, domains, and who does what.
 */
#ifndef ARM_SMMU_V3_H
#define ARM_SMMU_V3_H

#include <linux/iommu.h>
#include <linux/iommu-pasid-table.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/types.h>

#include "../../lib/context.h"
#include "arm-smmu-v3-regs.h"
#include "io-pgtable.h"

/**
 * A command or event queue: one page of memory. prod and cons carry the wrap bit above the index.
 */
struct arm_smmu_queue {
	u64 *base;
	unsigned int log2size; /* of the number of entries */
	unsigned int dwords; /* of an entry */
	u32 prod;
	u32 cons;
};

/** One SMMU. */
struct arm_smmu_device {
	const struct kernel_firmware_iommu *firmware;
	u8 __iomem *base; /* registers */
	bool stage1, stage2;
	bool coherent;
	bool can_stall;
	bool msi;
	bool ats;
	bool two_level_cd; /* tables, of guests */
	bool two_levels; /* of the stream table */
	unsigned int sid_bits, ssid_bits;
	unsigned int asid_bits, vmid_bits;
	unsigned int address_bits; /* of output addresses, as the 4-KiB granule can give them */
	unsigned long *asids, *vmids; /* in use */
	struct mutex lock; /* of both */
	struct arm_smmu_queue cmdq, evtq;
	struct page *strtab_pages; /* stream table, or its first level */
	struct page **strtab_leaves; /* of two levels: second ones by first-level index, or NULL */
	unsigned int strtab_bits; /* log2 of the number of streams */
	unsigned long *streams; /* bitmap: which are a master's */
	int evtq_irq, gerror_irq; /* vectors; below zero: none */
};

/** All SMMUs of a kernel. */
struct arm_smmu_units {
	size_t count; /* as many as firmware tells of IOMMUs */
	struct arm_smmu_device *units[]; /* by firmware's index; NULL where it is not an SMMU */
};

struct arm_smmu_domain;

/** A device behind an SMMU. */
struct arm_smmu_master {
	struct list_head list; /* in its domain */
	struct device *dev;
	struct arm_smmu_device *smmu;
	struct arm_smmu_domain *domain; /* NULL: none, DMA aborts */
	bool ats_enabled; /* at the device */
	unsigned int stream_count;
	u32 streams[]; /* under which its requests may come; the first one is its own */
};

enum arm_smmu_stage {
	ARM_SMMU_STAGE_S1,
	ARM_SMMU_STAGE_S2,
	ARM_SMMU_STAGE_NESTED, /* the host has stage 2; stage 1 is for a guest */
	ARM_SMMU_STAGE_BYPASS,
};

/** A guest's CD table, in a nested domain. */
struct arm_smmu_guest_table {
	bool set;
	u64 base; /* guest-physical */
	u8 bits; /* log2 of the number of CDs */
	u8 format; /* STE.S1Fmt */
	u8 default_substream; /* STE.S1DSS */
};

/** A domain; it gets its SMMU, tables and numbers at its first attach. */
struct arm_smmu_domain {
	struct iommu_domain domain;
	struct mutex lock; /* of what the first attach sets */
	enum arm_smmu_stage stage;
	struct arm_smmu_device *smmu;
	struct arm_pgtable *pgtable;
	u64 *cd_table; /* one page, stage 1 only */
	u16 asid; /* stage 1 */
	u16 vmid; /* stage 2, nested */
	struct arm_smmu_guest_table guest;
	struct list_head masters;
};

static inline struct arm_smmu_domain *to_smmu_domain(struct iommu_domain *domain)
{
	return container_of(domain, struct arm_smmu_domain, domain);
}

/* ---- arm-smmu-v3-hw.c ---- */

/**
 * Finds out what the SMMU of firmware's index is, and enables it with all streams aborted. ERR_PTR
 * on failure.
 */
struct arm_smmu_device *arm_smmu_device_start(size_t index);

/** Disables the SMMU and frees it. NULL is allowed. */
void arm_smmu_device_stop(struct arm_smmu_device *smmu);

/* ---- arm-smmu-v3-strtab.c ---- */

/**
 * Allocates an empty stream table, or its first level; two_levels says whether the SMMU has them, and
 * then, whether they are used. 0 or -ENOMEM.
 */
int arm_smmu_strtab_alloc(struct arm_smmu_device *smmu, size_t index);
void arm_smmu_strtab_free(struct arm_smmu_device *smmu);

/** Values of the registers that tell of it. */
u64 arm_smmu_strtab_base(const struct arm_smmu_device *smmu);
u32 arm_smmu_strtab_base_cfg(const struct arm_smmu_device *smmu);

/** Makes sure that a stream has an entry. 0, -ERANGE: beyond the table; -ENOMEM, or of a sync. */
int arm_smmu_strtab_prepare(struct arm_smmu_device *smmu, u32 sid);

/** The entry of a stream that has one. */
u64 *arm_smmu_ste(struct arm_smmu_device *smmu, u32 sid);

/* ---- arm-smmu-v3-ats.c ---- */

/** Whether device and SMMU have ATS, and the master's domain translates. */
bool arm_smmu_ats_wanted(const struct arm_smmu_master *master);

/** Switches ATS on at the device if wanted; off if it is on, and invalidates what it caches. */
void arm_smmu_enable_ats(struct arm_smmu_master *master);
void arm_smmu_disable_ats(struct arm_smmu_master *master);

/** Invalidates a range, or all, in the TLBs of the domain's devices. */
void arm_smmu_atc_inv_range(struct arm_smmu_domain *domain, u64 iova, size_t size);
void arm_smmu_atc_inv_context(struct arm_smmu_domain *domain);

/** Invalidates what a guest says of its substream, and of substream 0 also what has none. */
void arm_smmu_atc_inv_guest(struct arm_smmu_domain *domain,
			    const struct iommu_stage1_invalidation *what);

/* ---- arm-smmu-v3-nested.c: operations of <linux/iommu-pasid-table.h> ---- */

int arm_smmu_attach_pasid_table(struct iommu_domain *domain,
				const struct iommu_pasid_table_config *config);
void arm_smmu_detach_pasid_table(struct iommu_domain *domain);
int arm_smmu_invalidate_stage1(struct iommu_domain *domain,
			       const struct iommu_stage1_invalidation *what);

/* ---- arm-smmu-v3-queue.c ---- */

/** Allocates an empty queue of 2^log2size entries, at most a page, within reach. 0 or -ENOMEM. */
int arm_smmu_queue_alloc(struct arm_smmu_queue *q, unsigned int dwords, unsigned int address_bits);
void arm_smmu_queue_free(struct arm_smmu_queue *q);

/** Queues a command; the SMMU sees it at the next arm_smmu_cmdq_sync() at the latest. */
void arm_smmu_cmdq_add(struct arm_smmu_device *smmu, u64 dword0, u64 dword1);

/** Waits until all commands queued before have taken effect. 0, -EIO or -ETIMEDOUT, logged. */
int arm_smmu_cmdq_sync(struct arm_smmu_device *smmu);

/** Logs what lies in the event queue; interrupt handler, arg is the SMMU. */
void arm_smmu_evtq_handler(void *arg);

/** Logs and acknowledges global errors; interrupt handler, arg is the SMMU. */
void arm_smmu_gerror_handler(void *arg);

/* ---- arm-smmu-v3-domain.c ---- */

struct iommu_domain *arm_smmu_domain_alloc(unsigned int type);
void arm_smmu_domain_free(struct iommu_domain *domain);

/**
 * Gives a domain its tables and numbers on an SMMU; nothing if it has them. -ENXIO: it has them on
 * another SMMU.
 */
int arm_smmu_domain_finalise(struct arm_smmu_domain *domain, struct arm_smmu_device *smmu);

/** Writes a master's stream table entries for its domain, and waits until they are in effect. */
int arm_smmu_install_stes(struct arm_smmu_master *master);

/** Flushes all TLB entries of a domain. */
void arm_smmu_tlb_inv_context(struct arm_smmu_domain *domain);

/** Flushes a range of a domain. */
void arm_smmu_tlb_inv_range(struct arm_smmu_domain *domain, const struct arm_pgtable_flush *flush);

#endif
