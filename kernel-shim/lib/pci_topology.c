// SPDX-License-Identifier: Apache-2.0
/*
 * How PCI functions hang together: buses as the registers of bridges give them, what ACS isolates, and the requester ids
 * that a function's requests may have. The rules are those of Linux 6.1's drivers/pci, as far as hardware here has a use
 * for them.
 */
#include "state.h"

#include <linux/kernel.h>
#include <linux/pci.h>

#define ACS_WANTED (PCI_ACS_SV | PCI_ACS_RR | PCI_ACS_CR | PCI_ACS_UF)

/* Functions that are known to master DMA under the requester id of another function of their device. */
static const struct {
	u16 vendor, device;
	u8 function;
} alias_quirks[] = {
	/* Ricoh and Glenfly: function 0 */
	{ 0x1180, 0xe832, 0 },
	{ 0x1180, 0xe476, 0 },
	{ 0x6766, 0x3d40, 0 },
	{ 0x6766, 0x3d41, 0 },
	/* Marvell 88SE91xx and 92xx, and what is made of them: function 1, which may not even be there */
	{ 0x1b4b, 0x9120, 1 },
	{ 0x1b4b, 0x9123, 1 },
	{ 0x1b4b, 0x9125, 1 },
	{ 0x1b4b, 0x9128, 1 },
	{ 0x1b4b, 0x9130, 1 },
	{ 0x1b4b, 0x9170, 1 },
	{ 0x1b4b, 0x9172, 1 },
	{ 0x1b4b, 0x917a, 1 },
	{ 0x1b4b, 0x9182, 1 },
	{ 0x1b4b, 0x9183, 1 },
	{ 0x1b4b, 0x91a0, 1 },
	{ 0x1b4b, 0x9215, 1 },
	{ 0x1b4b, 0x9220, 1 },
	{ 0x1b4b, 0x9230, 1 },
	{ 0x1b4b, 0x9235, 1 },
	{ 0x1103, 0x0642, 1 },
	{ 0x1103, 0x0645, 1 },
	{ 0x197b, 0x2392, 1 },
	{ 0x1c28, 0x0122, 1 },
};

/* PCIe-to-PCI bridges that are known to show no PCI Express capability. */
static const struct {
	u16 vendor, device;
} bridge_quirks[] = {
	{ 0x1b21, 0x1080 }, /* ASMedia 1083 and 1085 */
	{ 0x10e3, 0x8113 }, /* Tundra 8113 */
	{ 0x1283, 0x8892 }, /* ITE 8892 and 8893 */
	{ 0x1283, 0x8893 }, { 0x8086, 0x244e }, /* Intel 82801 */
};

int pci_pcie_type(const struct pci_dev *pdev)
{
	u16 flags;

	pci_read_config_word(pdev, pdev->pcie_cap + PCI_EXP_FLAGS, &flags);
	return (flags & PCI_EXP_FLAGS_TYPE) >> 4;
}

/* ---- as functions are found ---- */

/* The bridge whose secondary bus a function is on. Bridges are found before what is below them. */
static struct pci_dev *bridge_above(const struct pci_dev *pdev)
{
	struct pci_dev *other;

	for_each_pci_dev(other)
	{
		if (pci_is_bridge(other) && other->segment == pdev->segment &&
		    other->secondary == pdev->bus)
			return other;
	}
	return NULL;
}

static void read_header(struct pci_dev *pdev)
{
	u8 type;

	pci_read_config_byte(pdev, PCI_HEADER_TYPE, &type);
	pdev->hdr_type = type & 0x7f;
	pdev->multifunction = type & 0x80;
	pdev->pcie_cap = pci_find_capability(pdev, PCI_CAP_ID_EXP);
	if (!pci_is_bridge(pdev))
		return;
	pci_read_config_byte(pdev, PCI_SECONDARY_BUS, &pdev->secondary);
	pci_read_config_byte(pdev, PCI_SUBORDINATE_BUS, &pdev->subordinate);
}

/* What lies below a function that is PCI Express and no bridge to PCI, and calls itself PCI, is a bridge from PCIe. */
static bool is_hidden_bridge(const struct pci_dev *pdev)
{
	return pci_is_bridge(pdev) && !pci_is_pcie(pdev) && pdev->bridge &&
	       pci_is_pcie(pdev->bridge) && pci_pcie_type(pdev->bridge) != PCI_EXP_TYPE_PCI_BRIDGE;
}

static void apply_quirks(struct pci_dev *pdev)
{
	size_t i;

	pdev->dma_alias = -1;
	for (i = 0; i < ARRAY_SIZE(alias_quirks); i++)
		if (alias_quirks[i].vendor == pdev->vendor &&
		    alias_quirks[i].device == pdev->device &&
		    alias_quirks[i].function != PCI_FUNC(pdev->devfn))
			pdev->dma_alias =
				PCI_DEVFN(PCI_SLOT(pdev->devfn), alias_quirks[i].function);
	for (i = 0; i < ARRAY_SIZE(bridge_quirks); i++)
		if (bridge_quirks[i].vendor == pdev->vendor &&
		    bridge_quirks[i].device == pdev->device)
			pdev->bridge_alias = is_hidden_bridge(pdev);
}

/* What isolates devices is switched on, as far as it is there; what else firmware has enabled stays. */
static void enable_acs(struct pci_dev *pdev)
{
	u16 capability, control;

	pdev->acs_cap = pci_find_ext_capability(pdev, PCI_EXT_CAP_ID_ACS);
	if (!pdev->acs_cap)
		return;
	pci_read_config_word(pdev, pdev->acs_cap + PCI_ACS_CAP, &capability);
	pci_read_config_word(pdev, pdev->acs_cap + PCI_ACS_CTRL, &control);
	pci_write_config_word(pdev, pdev->acs_cap + PCI_ACS_CTRL,
			      (u16)(control | (capability & ACS_WANTED)));
}

void pci_topology_init(struct pci_dev *pdev)
{
	read_header(pdev);
	pdev->bridge = bridge_above(pdev);
	apply_quirks(pdev);
	enable_acs(pdev);
}

/* ---- ACS ---- */

/* What the capability does not offer, egress control apart, is taken to be done always. */
static bool acs_flags_enabled(struct pci_dev *pdev, u16 flags)
{
	u16 capability, control;

	if (!pdev->acs_cap)
		return false;
	pci_read_config_word(pdev, pdev->acs_cap + PCI_ACS_CAP, &capability);
	pci_read_config_word(pdev, pdev->acs_cap + PCI_ACS_CTRL, &control);
	flags &= capability | PCI_ACS_EC;
	return (control & flags) == flags;
}

bool pci_acs_enabled(struct pci_dev *pdev, u16 acs_flags)
{
	/* all on a conventional bus see each other's requests */
	if (!pci_is_pcie(pdev))
		return false;
	switch (pci_pcie_type(pdev)) {
	case PCI_EXP_TYPE_PCI_BRIDGE:
		return false;
	case PCI_EXP_TYPE_ROOT_PORT:
	case PCI_EXP_TYPE_DOWNSTREAM:
		return acs_flags_enabled(pdev, acs_flags);
	default:
		/* a function that is alone has no peer inside its device */
		return !pdev->multifunction || acs_flags_enabled(pdev, acs_flags);
	}
}

bool pci_acs_path_enabled(struct pci_dev *start, u16 acs_flags)
{
	struct pci_dev *pdev;

	for (pdev = start; pdev; pdev = pdev->bridge)
		if (!pci_acs_enabled(pdev, acs_flags))
			return false;
	return true;
}

/* ---- requester ids ---- */

bool pci_devs_are_dma_aliases(const struct pci_dev *a, const struct pci_dev *b)
{
	return a->dma_alias == b->devfn || b->dma_alias == a->devfn;
}

/* The requester id that requests from below get of a bridge; -1: they keep theirs. */
static int bridge_requester_id(const struct pci_dev *bridge)
{
	bool express = pci_is_pcie(bridge);

	if (express && pci_pcie_type(bridge) != PCI_EXP_TYPE_PCI_BRIDGE)
		return -1;
	if (express || bridge->bridge_alias)
		return PCI_DEVID(bridge->secondary, 0);
	return pci_dev_id(bridge);
}

int pci_for_each_dma_alias(struct pci_dev *pdev,
			   int (*fn)(struct pci_dev *pdev, u16 alias, void *data), void *data)
{
	struct pci_dev *bridge;
	int ret = fn(pdev, pci_dev_id(pdev), data);

	if (!ret && pdev->dma_alias >= 0)
		ret = fn(pdev, PCI_DEVID(pdev->bus, pdev->dma_alias), data);
	for (bridge = pdev->bridge; bridge && !ret; bridge = bridge->bridge) {
		int id = bridge_requester_id(bridge);

		if (id >= 0)
			ret = fn(bridge, (u16)id, data);
	}
	return ret;
}
