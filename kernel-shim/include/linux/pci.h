/* SPDX-License-Identifier: Apache-2.0 */
/* PCI functions: configuration space, capabilities, PASID, ATS and PRI. */
#ifndef _SHIM_LINUX_PCI_H
#define _SHIM_LINUX_PCI_H

#pragma GCC system_header /* for #include_next */

#include_next <linux/pci.h>
#include <linux/device.h>
#include <linux/errno.h>
#include <linux/pci_regs.h>
#include <linux/types.h>

struct kernel_firmware_device;

struct pci_dev {
	struct device dev;
	const struct kernel_firmware_device *firmware; /* what enumeration found of it */
	u16 segment;
	u8 bus;
	u8 devfn;
	u16 vendor;
	u16 device;
	struct pci_dev *bridge; /* above its bus; NULL: a root bus */
	u8 hdr_type; /* PCI_HEADER_TYPE_NORMAL or _BRIDGE */
	bool multifunction;
	u8 pcie_cap; /* offset in configuration space, 0: conventional PCI */
	u8 secondary, subordinate; /* bus numbers of a bridge */
	u16 acs_cap;
	int dma_alias; /* device and function number that its requests may carry besides; -1: none */
	bool bridge_alias; /* a PCIe-to-PCI bridge that shows no PCI Express capability */
	u16 pasid_cap; /* offset in configuration space, 0: none */
	u16 pasid_features; /* as enabled */
	u16 ats_cap;
	u16 pri_cap;
	u8 ats_stu; /* smallest translation unit as enabled: log2 of bytes */
	bool pasid_enabled;
	bool ats_enabled;
	bool pri_enabled;
};

#define to_pci_dev(d) container_of(d, struct pci_dev, dev)
#define pci_domain_nr_of(pdev) ((int)(pdev)->segment)
#define pci_dev_id(pdev) ((u16)((pdev)->bus << 8 | (pdev)->devfn))
#define pci_name(pdev) dev_name(&(pdev)->dev)
#define PCI_BUS_NUM(id) ((u8)((id) >> 8))
#define PCI_DEVID(bus, devfn) ((u16)(((bus) << 8) | (devfn)))

bool dev_is_pci(const struct device *dev);

/** The next function after from (NULL: the first), over all buses; NULL at the end. No references. */
struct pci_dev *kernel_next_pci_dev(const struct pci_dev *from);
#define for_each_pci_dev(pdev) \
	for ((pdev) = kernel_next_pci_dev(NULL); (pdev); (pdev) = kernel_next_pci_dev(pdev))

/** A function with a reference taken (pci_dev_put), or NULL. */
struct pci_dev *pci_get_domain_bus_and_slot(int domain, unsigned int bus, unsigned int devfn);

static inline struct pci_dev *pci_dev_get(struct pci_dev *pdev)
{
	if (pdev)
		get_device(&pdev->dev);
	return pdev;
}

static inline void pci_dev_put(struct pci_dev *pdev)
{
	if (pdev)
		put_device(&pdev->dev);
}

static inline bool pci_is_pcie(const struct pci_dev *pdev)
{
	return pdev->pcie_cap;
}

static inline bool pci_is_bridge(const struct pci_dev *pdev)
{
	return pdev->hdr_type == PCI_HEADER_TYPE_BRIDGE;
}

/** PCI_EXP_TYPE_* of a function that is PCI Express. */
int pci_pcie_type(const struct pci_dev *pdev);

/* pci_topology.c */

/** Reads what a new function is in its tree: header, bridge above, aliases. Enables ACS as an IOMMU wants it. */
void pci_topology_init(struct pci_dev *pdev);

/** True if nothing that these flags (PCI_ACS_*) forbid can pass the function. */
bool pci_acs_enabled(struct pci_dev *pdev, u16 acs_flags);

/** True if that holds for the function and everything from it up to the root bus. */
bool pci_acs_path_enabled(struct pci_dev *start, u16 acs_flags);

/** True if one of the two uses the other's requester id. */
bool pci_devs_are_dma_aliases(const struct pci_dev *a, const struct pci_dev *b);

/**
 * Calls fn with each requester id that requests of a function may have at the root bus, first its own, and the function or
 * bridge that it is of, until fn returns nonzero: that value, else 0.
 */
int pci_for_each_dma_alias(struct pci_dev *pdev,
			   int (*fn)(struct pci_dev *pdev, u16 alias, void *data), void *data);

int pci_read_config_byte(const struct pci_dev *pdev, int where, u8 *val);
int pci_read_config_word(const struct pci_dev *pdev, int where, u16 *val);
int pci_read_config_dword(const struct pci_dev *pdev, int where, u32 *val);
int pci_write_config_byte(const struct pci_dev *pdev, int where, u8 val);
int pci_write_config_word(const struct pci_dev *pdev, int where, u16 val);
int pci_write_config_dword(const struct pci_dev *pdev, int where, u32 val);

/** Offset of a capability, 0 if the function has none. */
u8 pci_find_capability(struct pci_dev *pdev, int cap);
u16 pci_find_ext_capability(struct pci_dev *pdev, int cap);

/** -EINVAL: no capability, or a feature asked for that is not there; -EBUSY: on already. */
int pci_enable_pasid(struct pci_dev *pdev, int features);
void pci_disable_pasid(struct pci_dev *pdev);

/** Feature bits (PCI_PASID_CAP_EXEC, _PRIV), or -EINVAL without the capability. */
int pci_pasid_features(struct pci_dev *pdev);

/** 2^width of the function's PASIDs, or -EINVAL without the capability. */
int pci_max_pasids(struct pci_dev *pdev);

bool pci_ats_supported(struct pci_dev *pdev);

/** ps: log2 of the page size, at least 12. -EINVAL, -EBUSY if on, or 0. */
int pci_enable_ats(struct pci_dev *pdev, int ps);
void pci_disable_ats(struct pci_dev *pdev);

/** Invalidate queue depth, 1..32; -EINVAL without the capability. */
int pci_ats_queue_depth(struct pci_dev *pdev);

bool pci_pri_supported(struct pci_dev *pdev);
int pci_enable_pri(struct pci_dev *pdev, u32 reqs);
int pci_reset_pri(struct pci_dev *pdev);
void pci_disable_pri(struct pci_dev *pdev);

/** Does a page response need the PASID? 1 or 0. */
int pci_prg_resp_pasid_required(struct pci_dev *pdev);

#endif
