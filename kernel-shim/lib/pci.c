// SPDX-License-Identifier: Apache-2.0
/*
 * PCI functions: enumeration of what firmware lists, configuration space and its capabilities. PASID,
 * ATS and PRI are left to pci_ats.c, how they hang together to pci_topology.c.
 */
#include "state.h"

#include <linux/iommu.h>
#include <linux/kernel.h>
#include <linux/pci.h>
#include <linux/slab.h>

#define CAPABILITIES_MAX 48 /* in 256 bytes of configuration space */
#define EXT_CAPABILITIES_MAX 480 /* in 4 KiB */

static struct kernel_config_space config_space(const struct pci_dev *pdev, int where,
					       unsigned int size)
{
	return (struct kernel_config_space){
		.segment = pdev->segment,
		.source_id = pci_dev_id(pdev),
		.offset = (unsigned int)where,
		.size = size,
	};
}

static u32 config_read(const struct pci_dev *pdev, int where, unsigned int size)
{
	struct kernel *k = kernel_hardware_begin();
	const struct kernel_hardware_ops *hardware = &k->config.hardware;
	const struct kernel_config_space at = config_space(pdev, where, size);
	u32 value = hardware->config_read(hardware->ctx, &at);

	kernel_hardware_end(k);
	return value;
}

static void config_write(const struct pci_dev *pdev, int where, unsigned int size, u32 value)
{
	struct kernel *k = kernel_hardware_begin();
	const struct kernel_hardware_ops *hardware = &k->config.hardware;
	const struct kernel_config_space at = config_space(pdev, where, size);

	k->polls = 0;
	hardware->config_write(hardware->ctx, &at, value);
	kernel_hardware_end(k);
}

int pci_read_config_byte(const struct pci_dev *pdev, int where, u8 *val)
{
	*val = (u8)config_read(pdev, where, 1);
	return 0;
}

int pci_read_config_word(const struct pci_dev *pdev, int where, u16 *val)
{
	*val = (u16)config_read(pdev, where, 2);
	return 0;
}

int pci_read_config_dword(const struct pci_dev *pdev, int where, u32 *val)
{
	*val = config_read(pdev, where, 4);
	return 0;
}

int pci_write_config_byte(const struct pci_dev *pdev, int where, u8 val)
{
	config_write(pdev, where, 1, val);
	return 0;
}

int pci_write_config_word(const struct pci_dev *pdev, int where, u16 val)
{
	config_write(pdev, where, 2, val);
	return 0;
}

int pci_write_config_dword(const struct pci_dev *pdev, int where, u32 val)
{
	config_write(pdev, where, 4, val);
	return 0;
}

u8 pci_find_capability(struct pci_dev *pdev, int cap)
{
	int left = CAPABILITIES_MAX;
	u16 status;
	u8 pos, id;

	pci_read_config_word(pdev, PCI_STATUS, &status);
	if (!(status & PCI_STATUS_CAP_LIST))
		return 0;
	pci_read_config_byte(pdev, PCI_CAPABILITY_LIST, &pos);
	for (; left-- && pos >= PCI_STD_HEADER_SIZEOF;) {
		pos &= ~3;
		pci_read_config_byte(pdev, pos + PCI_CAP_LIST_ID, &id);
		if (id == 0xff)
			break;
		if (id == cap)
			return pos;
		pci_read_config_byte(pdev, pos + PCI_CAP_LIST_NEXT, &pos);
	}
	return 0;
}

u16 pci_find_ext_capability(struct pci_dev *pdev, int cap)
{
	int left = EXT_CAPABILITIES_MAX;
	int pos = PCI_CFG_SPACE_SIZE;
	u32 header;

	while (left-- && pos >= PCI_CFG_SPACE_SIZE) {
		pci_read_config_dword(pdev, pos, &header);
		if (!header || header == 0xffffffff)
			break;
		if (PCI_EXT_CAP_ID(header) == (u32)cap)
			return (u16)pos;
		pos = (int)PCI_EXT_CAP_NEXT(header);
	}
	return 0;
}

/* ---- enumeration ---- */

bool dev_is_pci(const struct device *dev)
{
	const struct kernel *k = kernel_current();

	return dev->bus >= k->buses && dev->bus < k->buses + KERNEL_BUSES;
}

struct pci_dev *kernel_next_pci_dev(const struct pci_dev *from)
{
	struct kernel *k = kernel_current();
	struct list_head *next = from ? from->dev.bus_list.next : k->buses[0].devices.next;
	struct bus_type *bus = from ? from->dev.bus : &k->buses[0];

	while (next == &bus->devices) {
		if (++bus == k->buses + KERNEL_BUSES)
			return NULL;
		next = bus->devices.next;
	}
	return to_pci_dev(list_entry(next, struct device, bus_list));
}

struct pci_dev *pci_get_domain_bus_and_slot(int domain, unsigned int bus, unsigned int devfn)
{
	struct pci_dev *pdev;

	for_each_pci_dev(pdev)
	{
		if (pdev->segment == domain && pdev->bus == bus && pdev->devfn == devfn)
			return pci_dev_get(pdev);
	}
	return NULL;
}

static void pci_dev_release(struct device *dev)
{
	kfree(to_pci_dev(dev));
}

static void read_identity(struct pci_dev *pdev)
{
	pci_read_config_word(pdev, PCI_VENDOR_ID, &pdev->vendor);
	pci_read_config_word(pdev, PCI_DEVICE_ID, &pdev->device);
	pdev->pasid_cap = pci_find_ext_capability(pdev, PCI_EXT_CAP_ID_PASID);
	pdev->ats_cap = pci_find_ext_capability(pdev, PCI_EXT_CAP_ID_ATS);
	pdev->pri_cap = pci_find_ext_capability(pdev, PCI_EXT_CAP_ID_PRI);
}

static int pci_device_add(const struct kernel_firmware_device *firmware)
{
	const struct kernel_config *config = kernel_config();
	struct pci_dev *pdev = slab_zalloc_internal(sizeof(*pdev));
	int ret;

	if (!pdev)
		return -ENOMEM;
	kref_init(&pdev->dev.kref);
	pdev->dev.init_name = firmware->name;
	pdev->dev.release = pci_dev_release;
	pdev->dev.bus = kernel_bus(config->iommus[firmware->iommu].kind);
	pdev->firmware = firmware;
	pdev->segment = firmware->segment;
	pdev->bus = (u8)(firmware->source_id >> 8);
	pdev->devfn = (u8)firmware->source_id;
	read_identity(pdev);
	pci_topology_init(pdev);
	list_add_tail(&pdev->dev.bus_list, &pdev->dev.bus->devices);
	ret = iommu_probe_device(&pdev->dev);
	if (ret)
		dev_warn(&pdev->dev, "no IOMMU: error %d\n", ret);
	return 0;
}

int pci_devices_init(void)
{
	const struct kernel_config *config = kernel_config();
	int ret = 0;
	size_t i;

	for (i = 0; i < config->device_count && !ret; i++)
		ret = pci_device_add(&config->devices[i]);
	return ret;
}

static void pci_device_remove(struct pci_dev *pdev)
{
	iommu_release_device(&pdev->dev);
	list_del(&pdev->dev.bus_list);
	pci_dev_put(pdev);
}

/* The last one first: what is below a bridge goes before it. */
static void pci_bus_remove_devices(struct bus_type *bus)
{
	while (!list_empty(&bus->devices))
		pci_device_remove(
			to_pci_dev(list_last_entry(&bus->devices, struct device, bus_list)));
}

void pci_devices_exit(void)
{
	struct kernel *k = kernel_current();
	size_t i;

	msi_exit();
	for (i = 0; i < KERNEL_BUSES; i++)
		pci_bus_remove_devices(&k->buses[i]);
}

/* ---- asked from outside ---- */

struct group_question {
	u16 segment, source_id;
};

static long find_group(void *arg)
{
	const struct group_question *question = arg;
	struct iommu_group *group;
	struct pci_dev *pdev;

	for_each_pci_dev(pdev)
	{
		if (pdev->segment != question->segment || pci_dev_id(pdev) != question->source_id)
			continue;
		group = pdev->dev.iommu_group;
		return group ? iommu_group_id(group) : -ENODEV;
	}
	return -ENODEV;
}

int kernel_device_group(struct kernel *k, u16 segment, u16 source_id)
{
	struct group_question question = { segment, source_id };

	return (int)kernel_run(k, NULL, find_group, &question);
}
