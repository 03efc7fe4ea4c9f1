/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The IOMMU API, for users (VFIO) and for drivers (intel, arm-smmu-v3), with the shape of Linux 6.1
 * and what the nesting series added: attributes of a domain and bind of guest page tables.
 */
#ifndef _LINUX_IOMMU_H
#define _LINUX_IOMMU_H

#include <linux/device.h>
#include <linux/errno.h>
#include <linux/err.h>
#ifdef LINUX_VERSION_CODE
#include <linux/refcount.h> /* with the next, what a set of the series' <linux/ioasid.h> holds */
#include <linux/xarray.h>
#endif
#include <linux/ioasid.h>
#include <linux/list.h>
#include <linux/slab.h>
#include <linux/types.h>
#ifdef LINUX_VERSION_CODE
#include <uapi/linux/iommu.h> /* the tree's, with structs that the shim has of its own */
#else
#include <uapi/linux/iommu_fault.h>
#endif

#define IOMMU_READ (1 << 0)
#define IOMMU_WRITE (1 << 1)
#define IOMMU_CACHE (1 << 2) /* DMA cache coherency */
#define IOMMU_NOEXEC (1 << 3)
#define IOMMU_MMIO (1 << 4)
#define IOMMU_PRIV (1 << 5)

struct iommu_cache_invalidate_info_v1;
struct iommu_domain;
struct iommu_fault;
struct iommu_fault_event;
struct iommu_gpasid_bind_data_v1;
struct iommu_group;
struct iommu_nesting_info;
struct iommu_page_response;
struct notifier_block;

enum iommu_cap {
	IOMMU_CAP_CACHE_COHERENCY, /* IOMMU_CACHE is supported */
	IOMMU_CAP_INTR_REMAP,
	IOMMU_CAP_NOEXEC,
	IOMMU_CAP_PRE_BOOT_PROTECTION,
	IOMMU_CAP_ENFORCE_CACHE_COHERENCY, /* since 6.2; no driver here answers for it */
	IOMMU_CAP_DEFERRED_FLUSH,
	IOMMU_CAP_DIRTY_TRACKING,
};

struct iommu_domain_geometry {
	dma_addr_t aperture_start; /* first address that can be mapped */
	dma_addr_t aperture_end; /* last address that can be mapped */
	bool force_aperture; /* DMA only allowed in the mappable range? */
};

#define IOMMU_DOMAIN_BLOCKED 0u
#define IOMMU_DOMAIN_IDENTITY 4u
#define IOMMU_DOMAIN_UNMANAGED 1u
#define IOMMU_DOMAIN_DMA 3u

/** A domain as the core sees it, embedded in a driver's own. */
struct iommu_domain {
	unsigned int type;
	const struct iommu_domain_ops *ops;
	unsigned long pgsize_bitmap; /* page sizes in use */
	struct iommu_domain_geometry geometry;
	const struct iommu_ops *owner; /* the driver it came from, set by the core */
	bool has_msi_cookie; /* of iommu_get_msi_cookie() */
	dma_addr_t msi_base; /* where the software-managed MSI window starts */
	const struct iommu_dirty_ops *dirty_ops; /* NULL: its driver tracks nothing */
};

/** Attributes that the series and older kernels read and set. */
enum iommu_attr {
	DOMAIN_ATTR_GEOMETRY,
	DOMAIN_ATTR_PAGING,
	DOMAIN_ATTR_NESTING, /* set, int *: 1 puts the domain in nesting mode */
	DOMAIN_ATTR_PASID_FORMAT, /* get, u32 *: the stage-1 format of v1 */
	DOMAIN_ATTR_NESTING_INFO, /* get, struct iommu_nesting_info * of v7, argsz preset */
	DOMAIN_ATTR_IOASID_SET, /* set, struct ioasid_set *: PASIDs that may be bound (v7) */
	DOMAIN_ATTR_MAX,
};

enum iommu_resv_type {
	IOMMU_RESV_DIRECT, /* must be mapped 1:1 at all times */
	IOMMU_RESV_DIRECT_RELAXABLE,
	IOMMU_RESV_RESERVED, /* must not be mapped */
	IOMMU_RESV_MSI, /* hardware MSI region (untranslated) */
	IOMMU_RESV_SW_MSI, /* software-managed MSI translation window */
};

struct iommu_resv_region {
	struct list_head list;
	phys_addr_t start;
	size_t length;
	int prot;
	enum iommu_resv_type type;
};

struct iommu_iotlb_gather {
	unsigned long start;
	unsigned long end;
	size_t pgsize;
	bool queued;
};

#ifndef LINUX_VERSION_CODE
/**
 * What user space asks in a bind, as the core hands it to a driver whatever ABI it came by. Checks of
 * version, format, argsz and padding that the fact sheet lists are the driver's (v1) or the core's (v7).
 */
struct iommu_gpasid_bind_data {
	u32 version;
	u32 format;
	u64 flags; /* IOMMU_SVA_GPASID_VAL */
	u64 gpgd; /* guest-physical address of the first-stage top level */
	u64 hpasid;
	u64 gpasid;
	u32 addr_width; /* bits: 48 or 57 */
	u64 vtd_flags; /* IOMMU_SVA_VTD_GPASID_* */
	u32 vtd_pat;
	u32 vtd_emt;
};

/** A cache invalidation, likewise. */
struct iommu_cache_invalidate_info {
	u32 version;
	u8 cache; /* IOMMU_CACHE_INV_TYPE_* bits */
	u8 granularity; /* enum iommu_inv_granularity */
	u32 flags; /* of pasid_info or addr_info */
	u32 archid;
	u64 pasid;
	u64 addr;
	u64 granule_size;
	u64 nb_granules;
};
#else
struct iommu_cache_invalidate_info;
struct iommu_gpasid_bind_data;
#endif

struct iommu_pasid_table_config;
struct iommu_stage1_invalidation;

/** Operations of a driver on one of its domains. */
struct iommu_domain_ops {
	int (*attach_dev)(struct iommu_domain *domain, struct device *dev);
	void (*detach_dev)(struct iommu_domain *domain, struct device *dev);
	int (*map_pages)(struct iommu_domain *domain, unsigned long iova, phys_addr_t paddr,
			 size_t pgsize, size_t pgcount, int prot, gfp_t gfp, size_t *mapped);
	size_t (*unmap_pages)(struct iommu_domain *domain, unsigned long iova, size_t pgsize,
			      size_t pgcount, struct iommu_iotlb_gather *gather);
	void (*iotlb_sync)(struct iommu_domain *domain, struct iommu_iotlb_gather *gather);
	phys_addr_t (*iova_to_phys)(struct iommu_domain *domain, dma_addr_t iova);
	bool (*enforce_cache_coherency)(struct iommu_domain *domain);
	int (*domain_get_attr)(struct iommu_domain *domain, enum iommu_attr attr, void *data);
	int (*domain_set_attr)(struct iommu_domain *domain, enum iommu_attr attr, void *data);
	int (*sva_bind_gpasid)(struct iommu_domain *domain, struct device *dev,
			       struct iommu_gpasid_bind_data *data);
	int (*sva_unbind_gpasid)(struct device *dev, ioasid_t pasid);
	int (*cache_invalidate)(struct iommu_domain *domain, struct device *dev,
				struct iommu_cache_invalidate_info *info);
	/* of <linux/iommu-pasid-table.h>, where the driver has them */
	int (*attach_pasid_table)(struct iommu_domain *domain,
				  const struct iommu_pasid_table_config *config);
	void (*detach_pasid_table)(struct iommu_domain *domain);
	int (*invalidate_stage1)(struct iommu_domain *domain,
				 const struct iommu_stage1_invalidation *invalidation);
	void (*free)(struct iommu_domain *domain);
};

#define IOMMU_DIRTY_NO_CLEAR (1 << 0) /* dirty bits stay as they are */

/** Who is told of the dirty pages that a driver finds. */
struct iommu_dirty_bitmap {
	void (*record)(void *arg, unsigned long iova, size_t size); /* bytes; or NULL */
	void *arg;
	struct iommu_iotlb_gather *gather; /* receives what was cleared; NULL: nothing is */
};

/** Dirty tracking by hardware, since 6.7. */
struct iommu_dirty_ops {
	/** 0, or -EOPNOTSUPP where a unit of the domain cannot. */
	int (*set_dirty_tracking)(struct iommu_domain *domain, bool enable);
	/** Finds dirty pages of size bytes from iova on, and clears them as flags say. 0 or -EINVAL. */
	int (*read_and_clear_dirty)(struct iommu_domain *domain, unsigned long iova, size_t size,
				    unsigned long flags, struct iommu_dirty_bitmap *dirty);
};

/** For drivers: a page was dirty. */
void iommu_dirty_bitmap_record(struct iommu_dirty_bitmap *dirty, unsigned long iova, size_t size);

/** The domain that user space has put a device into ("0000:3a:00.0"); ERR_PTR -EINVAL: none, -ENODEV. */
struct iommu_domain *iommu_user_domain(const char *device);

/** Switches tracking; what was dirty before is forgotten. 0, -EOPNOTSUPP, or the driver's error. */
int iommu_set_dirty_tracking(struct iommu_domain *domain, bool enable);

/**
 * Tells dirty pages that have an address in size bytes from iova on, clears them unless IOMMU_DIRTY_NO_CLEAR, and
 * flushes what caches know of them. 0, -EOPNOTSUPP, or -EINVAL while nothing is tracked.
 */
int iommu_read_dirty(struct iommu_domain *domain, unsigned long iova, size_t size,
		     unsigned long flags, struct iommu_dirty_bitmap *dirty);

/** Operations of a driver. */
struct iommu_ops {
	bool (*capable)(struct device *dev, enum iommu_cap cap);
	struct iommu_domain *(*domain_alloc)(unsigned int type);
	/** Claims the device (sets dev_iommu_priv) or -ENODEV if no unit of the driver is above it. */
	int (*probe_device)(struct device *dev);
	void (*release_device)(struct device *dev);
	void (*get_resv_regions)(struct device *dev, struct list_head *list);
	/** Answers a page request that was reported, and whose group ends with it. */
	int (*page_response)(struct device *dev, struct iommu_fault_event *event,
			     struct iommu_page_response *response);
	unsigned long pgsize_bitmap; /* page sizes a domain may use; a domain may narrow it */
	const struct iommu_domain_ops *default_domain_ops;
};

/** Registers a driver for one bus; devices of the bus are probed by it. The shim has a bus for each kind of IOMMU. */
int bus_set_iommu(struct bus_type *bus, const struct iommu_ops *ops);

bool iommu_present(struct bus_type *bus);
bool iommu_capable(struct bus_type *bus, enum iommu_cap cap);
bool device_iommu_capable(struct device *dev, enum iommu_cap cap);

/** Probes a new device: its driver's probe_device, its group, its default domain. 0 or -errno. */
int iommu_probe_device(struct device *dev);
void iommu_release_device(struct device *dev);

struct iommu_domain *iommu_domain_alloc(struct bus_type *bus);
void iommu_domain_free(struct iommu_domain *domain);
int iommu_attach_group(struct iommu_domain *domain, struct iommu_group *group);
void iommu_detach_group(struct iommu_domain *domain, struct iommu_group *group);
int iommu_map(struct iommu_domain *domain, unsigned long iova, phys_addr_t paddr, size_t size,
	      int prot);
size_t iommu_unmap(struct iommu_domain *domain, unsigned long iova, size_t size);
size_t iommu_unmap_fast(struct iommu_domain *domain, unsigned long iova, size_t size,
			struct iommu_iotlb_gather *gather);
void iommu_iotlb_sync(struct iommu_domain *domain, struct iommu_iotlb_gather *gather);
phys_addr_t iommu_iova_to_phys(struct iommu_domain *domain, dma_addr_t iova);
int iommu_enable_nesting(struct iommu_domain *domain);
int iommu_domain_get_attr(struct iommu_domain *domain, enum iommu_attr attr, void *data);
int iommu_domain_set_attr(struct iommu_domain *domain, enum iommu_attr attr, void *data);

static inline void iommu_iotlb_gather_init(struct iommu_iotlb_gather *gather)
{
	*gather = (struct iommu_iotlb_gather){ .start = ~0UL };
}

/**
 * Adds size bytes at iova, unmapped in entries of size bytes, to what is to be flushed; flushes first
 * what was gathered if that is elsewhere or of another size. end is the last byte.
 */
static inline void iommu_iotlb_gather_add_page(struct iommu_domain *domain,
					       struct iommu_iotlb_gather *gather,
					       unsigned long iova, size_t size)
{
	unsigned long end = iova + size - 1;

	if (gather->pgsize &&
	    (gather->pgsize != size || iova > gather->end + 1 || end + 1 < gather->start))
		iommu_iotlb_sync(domain, gather);
	gather->pgsize = size;
	if (gather->start > iova)
		gather->start = iova;
	if (gather->end < end)
		gather->end = end;
}

/* groups */
struct iommu_group *iommu_group_get(struct device *dev); /* takes a reference, or NULL */
struct iommu_group *iommu_group_get_by_id(int id);
void iommu_group_put(struct iommu_group *group);
int iommu_group_id(struct iommu_group *group);
int iommu_group_for_each_dev(struct iommu_group *group, void *data,
			     int (*fn)(struct device *, void *));
void *iommu_group_get_iommudata(struct iommu_group *group);
void iommu_group_set_iommudata(struct iommu_group *group, void *data, void (*release)(void *data));
/** Ownership as since 5.19: -EPERM if a device of the group has a host driver or another owner. */
int iommu_group_claim_dma_owner(struct iommu_group *group, void *owner);
void iommu_group_release_dma_owner(struct iommu_group *group);
int iommu_get_group_resv_regions(struct iommu_group *group, struct list_head *list);
void iommu_put_resv_regions(struct device *dev, struct list_head *list);
struct iommu_resv_region *iommu_alloc_resv_region(phys_addr_t start, size_t length, int prot,
						  enum iommu_resv_type type, gfp_t gfp);
int iommu_get_msi_cookie(struct iommu_domain *domain, dma_addr_t base);

#ifndef LINUX_VERSION_CODE
/* guest page tables: -ENODEV if the device's driver has no such operation */
int iommu_sva_bind_gpasid(struct iommu_domain *domain, struct device *dev,
			  struct iommu_gpasid_bind_data *data);
int iommu_sva_unbind_gpasid(struct iommu_domain *domain, struct device *dev, ioasid_t pasid);
int iommu_cache_invalidate(struct iommu_domain *domain, struct device *dev,
			   struct iommu_cache_invalidate_info *info);

/* recoverable faults (fault.c) */

/** A fault as a driver reports it. */
struct iommu_fault_event {
	struct iommu_fault fault;
	struct list_head list; /* the core's */
	/* the driver's: the group is complete, where the flag may only tell that an answer is due */
	bool last;
};

/** Takes a fault: 0, or -errno where it cannot; the driver then answers it itself. */
typedef int (*iommu_dev_fault_handler_t)(struct iommu_fault *fault, void *data);

/** Who is to be told of a device's faults: one at a time. 0, -EINVAL (no IOMMU), -EBUSY or -ENOMEM. */
int iommu_register_device_fault_handler(struct device *dev, iommu_dev_fault_handler_t handler,
					void *data);

/** -EBUSY: faults wait for their answer. */
int iommu_unregister_device_fault_handler(struct device *dev);

/**
 * A driver reports a fault. 0; -EINVAL: nobody is registered; -ENOMEM; or what the handler says. The last page request
 * of a group then waits for iommu_page_response().
 */
int iommu_report_device_fault(struct device *dev, struct iommu_fault_event *event);

/**
 * Answers a page request that waits. 0; -ENODEV: the driver has no page requests; -EINVAL: wrong version or flags, or
 * none of that group and PASID waits; or what the driver says, after which it does not wait any more.
 */
int iommu_page_response(struct device *dev, struct iommu_page_response *response);

/** Answers all that wait as invalid. Linux leaves that to who registered the handler. */
void iommu_discard_device_faults(struct device *dev);

/* version 1 of the series: VFIO copies the data in, sized by the version word that it starts with */
enum iommu_uapi_data_type {
	IOMMU_UAPI_BIND_GPASID,
	IOMMU_UAPI_CACHE_INVAL,
};
/** The version that VFIO_CHECK_EXTENSION tells. */
int iommu_get_uapi_version(void);
/** Bytes of user data of a type (enum iommu_uapi_data_type) and version; -EINVAL if unknown. */
int iommu_uapi_get_data_size(int type, int version);
void iommu_gpasid_bind_data_from_v1(const struct iommu_gpasid_bind_data_v1 *user,
				    struct iommu_gpasid_bind_data *data);
/** Takes of the union what the granularity names; nothing for others. */
void iommu_cache_invalidate_info_from_v1(const struct iommu_cache_invalidate_info_v1 *user,
					 struct iommu_cache_invalidate_info *info);
#endif

/* the core's own entry points of v7: a user pointer goes down, argsz, flags, version and padding are checked here */
int iommu_uapi_sva_bind_gpasid(struct iommu_domain *domain, struct device *dev, void __user *udata);
int iommu_uapi_sva_unbind_gpasid(struct iommu_domain *domain, struct device *dev,
				 void __user *udata);
int iommu_uapi_cache_invalidate(struct iommu_domain *domain, struct device *dev,
				void __user *uinfo);

/* a driver's pointer on a device */
void *dev_iommu_priv_get(struct device *dev);
void dev_iommu_priv_set(struct device *dev, void *priv);

#ifdef LINUX_VERSION_CODE
#include <ages/iommu.h>
#endif

#endif
