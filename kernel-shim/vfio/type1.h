/* SPDX-License-Identifier: Apache-2.0 */
/*
 * type1, the IOMMU backend of VFIO: user memory pinned and mapped for devices, the same for every
 * domain of a container. Its body is written once and has the shape of Linux 6.1; what one age or
 * branch of it does otherwise is in a table, struct type1_variant, and in the file that fills it.
 */
#ifndef KERNEL_SHIM_VFIO_TYPE1_H
#define KERNEL_SHIM_VFIO_TYPE1_H

#include <linux/bits.h>
#include <linux/iommu.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/rbtree.h>
#include <linux/sched.h>
#include <linux/types.h>
#include <linux/vfio.h>

struct ioasid_set;
struct iommu_nesting_info;
struct type1;
struct type1_domain;
struct vfio_mm;

/** What only some ages of type1 offer to every container. */
enum type1_feature {
	/** 5.8: VFIO_IOMMU_DIRTY_PAGES, a bitmap on unmap, the migration capability. */
	TYPE1_DIRTY_PAGES = BIT(0),
	/** 5.10: a capability that tells how many mappings are left. */
	TYPE1_DMA_AVAIL = BIT(1),
	/** 5.12: VFIO_DMA_UNMAP_FLAG_ALL, and mappings go in ascending order. */
	TYPE1_UNMAP_ALL = BIT(2),
	/** 5.12: VFIO_DMA_UNMAP_FLAG_VADDR and VFIO_DMA_MAP_FLAG_VADDR. */
	TYPE1_UPDATE_VADDR = BIT(3),
	/** 5.19: coherency is enforced by each domain; until then the bus' driver was asked for it. */
	TYPE1_ENFORCES_COHERENCY = BIT(4),
};

/**
 * How one variant differs from the body. A hook that is NULL does nothing. Hooks run under the
 * lock.
 */
struct type1_variant {
	const char *name;
	unsigned int features; /* enum type1_feature */
	/**
	 * Sets up the variant's part of a new container's state. 0, or the errno of VFIO_SET_IOMMU.
	 */
	int (*open)(struct type1 *type1);
	/** Undoes open, after the last group has left. */
	void (*release)(struct type1 *type1);
	/** First of all in an attach, before anything is allocated. 0, or attach's errno. */
	int (*attach_begin)(struct type1 *type1);
	/**
	 * A new domain has just received its group. 0, or attach's errno, after which both part
	 * again.
	 */
	int (*attach_check)(struct type1 *type1, struct iommu_domain *domain);
	/** The attach failed, in attach_check or later. */
	void (*attach_undo)(struct type1 *type1);
	/** A group is about to leave its domain. */
	void (*detach_begin)(struct type1 *type1, struct type1_domain *domain,
			     struct iommu_group *group);
	/** The container has lost its last domain. */
	void (*last_detached)(struct type1 *type1);
	/**
	 * Adds to the info's chain; ret is the body's result so far, its own becomes
	 * VFIO_IOMMU_GET_INFO's.
	 */
	int (*add_caps)(struct type1 *type1, struct vfio_info_cap *caps, int ret);
	/** Ioctls that the body does not know, without the lock. -ENOTTY: nor does the variant. */
	long (*ioctl)(struct type1 *type1, unsigned int cmd, unsigned long arg);
	/**
	 * Extensions that the body does not know; 0: nor does the variant. No container needed, no
	 * lock.
	 */
	int (*check_extension)(unsigned long extension);
};

extern const struct type1_variant type1_upstream;
extern const struct type1_variant type1_v1;
extern const struct type1_variant type1_v1_attach_check;
extern const struct type1_variant type1_v7;
extern const struct type1_variant type1_mainline;

/** A piece that was unmapped and waits for the IOTLB before its pages are unpinned. */
struct type1_unmapped {
	unsigned long pfn;
	unsigned long npages;
};

/** Most pieces that wait for one flush of the IOTLB. */
#define TYPE1_UNMAPPED_MAX 512

/** type1's state for one container. */
struct type1 {
	const struct type1_variant *variant;
	struct mutex lock; /* of all below */
	struct list_head domains; /* struct type1_domain.list, newest first */
	struct list_head iovas; /* struct type1_iova.list, ascending: where user space may map */
	struct rb_root mappings; /* struct type1_dma.node by iova, never overlapping */
	unsigned int dma_avail; /* mappings that may still be made */
	unsigned int vaddr_invalid_count; /* mappings whose vaddr is being changed */
	unsigned long pgsize_bitmap; /* page sizes that every domain has */
	bool v2; /* unmap must not bisect a mapping */
	bool nesting;
	bool dirty_tracking;
	struct vfio_mm *vmm; /* v1: from open on, NULL if there was none to be had */
	struct ioasid_set *pasids; /* v7: while nesting with system-wide PASIDs */
	struct iommu_nesting_info *nesting_info; /* v7: while a domain is there */
	struct type1_unmapped unmapped[TYPE1_UNMAPPED_MAX];
};

/** An IOMMU domain and the groups behind it. */
struct type1_domain {
	struct list_head list;
	struct iommu_domain *domain;
	struct list_head groups; /* struct type1_group.list, newest first */
	bool cache_coherent; /* no-snoop requests are made coherent, or said to be */
	int prot; /* IOMMU_CACHE or 0, of every mapping in it */
};

struct type1_group {
	struct list_head list;
	struct iommu_group *iommu_group;
};

/** A range of IO virtual addresses. */
struct type1_iova {
	struct list_head list;
	dma_addr_t start;
	dma_addr_t end; /* last address */
};

/** A mapping as the user made it. */
struct type1_dma {
	struct rb_node node;
	dma_addr_t iova;
	unsigned long vaddr;
	size_t size; /* bytes; grows while pages are being pinned */
	int prot; /* IOMMU_READ, IOMMU_WRITE */
	bool lock_cap; /* its task had CAP_IPC_LOCK */
	bool vaddr_invalid;
	struct task_struct *task; /* with a reference */
	struct mm_struct *mm; /* grabbed */
	unsigned long *dirty; /* while tracking: a bit for each page, and a word more */
};

/** Pages pinned ahead of their use. */
struct type1_batch {
	struct page **pages;
	struct page *single; /* used when there is no page full of pointers */
	long capacity;
	long count; /* pages in it */
	long next; /* first one not used yet */
};

/** Smallest page size of the container, bytes. */
static inline size_t type1_page_size(const struct type1 *type1)
{
	return type1->pgsize_bitmap & -type1->pgsize_bitmap;
}

/** Whether the container's variant has a feature. */
static inline bool type1_has(const struct type1 *type1, enum type1_feature feature)
{
	return type1->variant->features & feature;
}

/* type1-attach.c: vfio_iommu_driver_ops.attach_group and detach_group */
int type1_attach_group(struct type1 *type1, struct iommu_group *iommu_group);
void type1_detach_group(struct type1 *type1, struct iommu_group *iommu_group);

/* type1-iova.c: lists of struct type1_iova and of struct iommu_resv_region */

/** Appends copies of all ranges of from. 0 or -ENOMEM, and then the list is empty. */
int type1_iova_copy(struct list_head *to, const struct list_head *from);

/** Clips the ranges to start..end; an empty list becomes that range. 0 or -ENOMEM. */
int type1_iova_clip(struct list_head *iovas, dma_addr_t start, dma_addr_t end);

/**
 * Cuts reserved regions out, except those that may be given up. 0, -ENOMEM, or -EINVAL: nothing is
 * left.
 */
int type1_iova_exclude(struct list_head *iovas, const struct list_head *resv_regions);

/** Whether start..end lies inside one range; an empty list limits nothing. */
bool type1_iova_allows(const struct list_head *iovas, dma_addr_t start, dma_addr_t end);

void type1_iova_free(struct list_head *iovas);
void type1_resv_free(struct list_head *resv_regions);

/* type1-dma.c: mappings */

/** The first mapping, in ascending order, that reaches to iova or beyond; NULL: none. */
struct type1_dma *type1_dma_from(struct type1 *type1, dma_addr_t iova);

/** The first mapping that overlaps start..last; NULL: none. */
struct type1_dma *type1_dma_in(struct type1 *type1, dma_addr_t start, dma_addr_t last);

/** The mapping after dma; NULL: it is the last one. */
struct type1_dma *type1_dma_next(struct type1_dma *dma);

/**
 * Bytes from iova on, up to end, that the domain maps to contiguous memory from phys on; a page at
 * least.
 */
size_t type1_contiguous(struct iommu_domain *domain, dma_addr_t iova, dma_addr_t end,
			phys_addr_t phys);

/** Unmaps, unpins and frees a mapping. */
void type1_remove_dma(struct type1 *type1, struct type1_dma *dma);

/** Makes all mappings in a domain that is not in the container yet; all or none. */
int type1_replay(struct type1 *type1, struct type1_domain *domain);

/** VFIO_IOMMU_MAP_DMA. */
long type1_map_ioctl(struct type1 *type1, unsigned long arg);

/* type1-unmap.c */

/** VFIO_IOMMU_UNMAP_DMA. */
long type1_unmap_ioctl(struct type1 *type1, unsigned long arg);

/** Takes a mapping out of every domain, then unpins its pages. */
void type1_unmap_and_unpin(struct type1 *type1, struct type1_dma *dma);

/* type1-pin.c */

/** A batch is a page full of pointers, or a single one when huge pages are switched off. */
void type1_batch_init(struct type1_batch *batch);

/** Unpins what was pinned ahead in vain, and frees the batch. */
void type1_batch_fini(struct type1_batch *batch, const struct type1_dma *dma);

/**
 * Pins and accounts the pages that follow dma->size, as many as are contiguous in memory, at most
 * wanted. Their number, 1 or more, and the first one's frame in *pfn; or -ENOMEM (RLIMIT_MEMLOCK,
 * memory), -EFAULT.
 */
long type1_pin_run(struct type1_dma *dma, struct type1_batch *batch, long wanted,
		   unsigned long *pfn);

/** Unpins pages, dirty if the device could write. Accounting is left to the caller. */
void type1_unpin(const struct type1_dma *dma, unsigned long pfn, unsigned long npages);

/** Takes pages off the account of the mapping's mm, unless that is gone. */
void type1_unaccount(struct type1_dma *dma, unsigned long npages);

/* type1-dirty.c */

/** VFIO_IOMMU_DIRTY_PAGES. */
long type1_dirty_ioctl(struct type1 *type1, unsigned long arg);

/** Checks the bitmap that a request brings for size bytes of addresses. 0 or -EINVAL. */
int type1_bitmap_check(const struct vfio_bitmap *bitmap, u64 size);

/** Starts tracking of a mapping. 0, -EINVAL: it is too large for a bitmap, or -ENOMEM. */
int type1_dirty_start(const struct type1 *type1, struct type1_dma *dma);

/** Ends it; nothing happens if it was not tracked. */
void type1_dirty_stop(struct type1_dma *dma);

/** Reports a tracked mapping in the user's bitmap, whose bit 0 stands for base. 0 or -EFAULT. */
int type1_dirty_report(const struct type1 *type1, struct type1_dma *dma,
		       const struct vfio_bitmap *bitmap, dma_addr_t base);

/** Most bytes of a bitmap, as the migration capability reports it. */
#define TYPE1_BITMAP_BYTES_MAX 0x10000000ULL

/* type1-info.c */

/** VFIO_IOMMU_GET_INFO. */
long type1_info_ioctl(struct type1 *type1, unsigned long arg);

#endif
