// SPDX-License-Identifier: Apache-2.0
/*
 * Which PCI functions an IOMMU cannot tell apart, or that reach each other without it: the rules by which Linux 6.1 groups
 * them (pci_device_group()).
 */
#include <linux/bitops.h>
#include <linux/iommu.h>
#include <linux/pci.h>

#include "iommu-internal.h"

/* What makes a path isolated: nobody speaks for others, and all requests and completions go up to the IOMMU. */
#define ISOLATING_ACS (PCI_ACS_SV | PCI_ACS_RR | PCI_ACS_CR | PCI_ACS_UF)
#define DEVFNS 256

/* Functions of one bus that were looked at: aliases may lead in a circle. */
struct seen {
	DECLARE_BITMAP(devfns, DEVFNS);
};

static struct iommu_group *alias_group(struct pci_dev *pdev, struct seen *seen);

static bool on_one_bus(const struct pci_dev *a, const struct pci_dev *b)
{
	return a != b && a->segment == b->segment && a->bus == b->bus;
}

/* The group of a function of the same device that is no more isolated than this one, or of one's alias. */
static struct iommu_group *function_group(struct pci_dev *pdev, struct seen *seen)
{
	struct iommu_group *group = NULL;
	struct pci_dev *other;

	if (!pdev->multifunction || pci_acs_enabled(pdev, ISOLATING_ACS))
		return NULL;
	for_each_pci_dev(other)
	{
		if (!on_one_bus(other, pdev) || PCI_SLOT(other->devfn) != PCI_SLOT(pdev->devfn) ||
		    pci_acs_enabled(other, ISOLATING_ACS))
			continue;
		group = alias_group(other, seen);
		if (group)
			break;
	}
	return group;
}

/* The group of a function, or of one that uses its requester id or whose id it uses. */
static struct iommu_group *alias_group(struct pci_dev *pdev, struct seen *seen)
{
	struct iommu_group *group;
	struct pci_dev *other;

	if (test_and_set_bit(pdev->devfn, seen->devfns))
		return NULL;
	group = iommu_group_get(&pdev->dev);
	if (group)
		return group;
	for_each_pci_dev(other)
	{
		if (!on_one_bus(other, pdev) || !pci_devs_are_dma_aliases(pdev, other))
			continue;
		group = alias_group(other, seen);
		if (!group)
			group = function_group(other, seen);
		if (group)
			break;
	}
	return group;
}

/* What requests of a function look like at the root bus: of whom they seem to be last, and a group met on the way. */
struct topmost {
	struct pci_dev *pdev;
	struct iommu_group *group;
};

static int note_alias(struct pci_dev *pdev, u16 alias, void *data)
{
	struct topmost *top = data;

	(void)alias;
	top->pdev = pdev;
	top->group = iommu_group_get(&pdev->dev);
	return top->group != NULL;
}

struct iommu_group *pci_device_group(struct device *dev)
{
	struct topmost top = { .pdev = NULL };
	struct seen seen = { { 0 } };
	struct iommu_group *group;
	struct pci_dev *bridge;

	if (pci_for_each_dma_alias(to_pci_dev(dev), note_alias, &top))
		return top.group;
	for (bridge = top.pdev->bridge; bridge; bridge = bridge->bridge) {
		if (pci_acs_path_enabled(bridge, ISOLATING_ACS))
			break;
		top.pdev = bridge;
		group = iommu_group_get(&bridge->dev);
		if (group)
			return group;
	}
	group = alias_group(top.pdev, &seen);
	return group ? group : function_group(top.pdev, &seen);
}
