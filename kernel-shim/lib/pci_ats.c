// SPDX-License-Identifier: Apache-2.0
/* The PASID, ATS and PRI capabilities of PCI functions: what they offer, and switching them on and off. */
#include "state.h"

#include <linux/kernel.h>
#include <linux/pci.h>

#define PASID_FEATURES (PCI_PASID_CAP_EXEC | PCI_PASID_CAP_PRIV)
#define ATS_QUEUE_DEPTH_MAX 32

int pci_pasid_features(struct pci_dev *pdev)
{
	u16 capability;

	if (!pdev->pasid_cap)
		return -EINVAL;
	pci_read_config_word(pdev, pdev->pasid_cap + PCI_PASID_CAP, &capability);
	return capability & PASID_FEATURES;
}

int pci_max_pasids(struct pci_dev *pdev)
{
	u16 capability;

	if (!pdev->pasid_cap)
		return -EINVAL;
	pci_read_config_word(pdev, pdev->pasid_cap + PCI_PASID_CAP, &capability);
	return 1 << ((capability >> 8) & 0x1f);
}

int pci_enable_pasid(struct pci_dev *pdev, int features)
{
	int offered = pci_pasid_features(pdev);

	if (WARN_ON(pdev->pasid_enabled))
		return -EBUSY;
	if (offered < 0)
		return offered;
	if (features & ~offered)
		return -EINVAL;
	pci_write_config_word(pdev, pdev->pasid_cap + PCI_PASID_CTRL,
			      (u16)(PCI_PASID_CTRL_ENABLE | features));
	pdev->pasid_features = (u16)features;
	pdev->pasid_enabled = true;
	return 0;
}

void pci_disable_pasid(struct pci_dev *pdev)
{
	if (WARN_ON(!pdev->pasid_enabled))
		return;
	pci_write_config_word(pdev, pdev->pasid_cap + PCI_PASID_CTRL, 0);
	pdev->pasid_enabled = false;
}

bool pci_ats_supported(struct pci_dev *pdev)
{
	return pdev->ats_cap;
}

int pci_enable_ats(struct pci_dev *pdev, int ps)
{
	if (!pci_ats_supported(pdev) || ps < PCI_ATS_MIN_STU)
		return -EINVAL;
	if (WARN_ON(pdev->ats_enabled))
		return -EBUSY;
	pci_write_config_word(pdev, pdev->ats_cap + PCI_ATS_CTRL,
			      (u16)(PCI_ATS_CTRL_ENABLE | PCI_ATS_CTRL_STU(ps - PCI_ATS_MIN_STU)));
	pdev->ats_stu = (u8)ps;
	pdev->ats_enabled = true;
	return 0;
}

void pci_disable_ats(struct pci_dev *pdev)
{
	u16 control;

	if (WARN_ON(!pdev->ats_enabled))
		return;
	pci_read_config_word(pdev, pdev->ats_cap + PCI_ATS_CTRL, &control);
	pci_write_config_word(pdev, pdev->ats_cap + PCI_ATS_CTRL,
			      (u16)(control & ~PCI_ATS_CTRL_ENABLE));
	pdev->ats_enabled = false;
}

int pci_ats_queue_depth(struct pci_dev *pdev)
{
	u16 capability;

	if (!pdev->ats_cap)
		return -EINVAL;
	pci_read_config_word(pdev, pdev->ats_cap + PCI_ATS_CAP, &capability);
	return PCI_ATS_CAP_QDEP(capability) ? PCI_ATS_CAP_QDEP(capability) : ATS_QUEUE_DEPTH_MAX;
}

bool pci_pri_supported(struct pci_dev *pdev)
{
	return pdev->pri_cap;
}

int pci_enable_pri(struct pci_dev *pdev, u32 reqs)
{
	u16 status;
	u32 most;

	if (!pdev->pri_cap)
		return -EINVAL;
	if (WARN_ON(pdev->pri_enabled))
		return -EBUSY;
	pci_read_config_word(pdev, pdev->pri_cap + PCI_PRI_STATUS, &status);
	if (!(status & PCI_PRI_STATUS_STOPPED))
		return -EBUSY;
	pci_read_config_dword(pdev, pdev->pri_cap + PCI_PRI_MAX_REQ, &most);
	pci_write_config_dword(pdev, pdev->pri_cap + PCI_PRI_ALLOC_REQ, min(reqs, most));
	pci_write_config_word(pdev, pdev->pri_cap + PCI_PRI_CTRL, PCI_PRI_CTRL_ENABLE);
	pdev->pri_enabled = true;
	return 0;
}

int pci_reset_pri(struct pci_dev *pdev)
{
	if (!pdev->pri_cap)
		return -EINVAL;
	if (WARN_ON(pdev->pri_enabled))
		return -EBUSY;
	pci_write_config_word(pdev, pdev->pri_cap + PCI_PRI_CTRL, PCI_PRI_CTRL_RESET);
	return 0;
}

void pci_disable_pri(struct pci_dev *pdev)
{
	u16 control;

	if (WARN_ON(!pdev->pri_enabled))
		return;
	pci_read_config_word(pdev, pdev->pri_cap + PCI_PRI_CTRL, &control);
	pci_write_config_word(pdev, pdev->pri_cap + PCI_PRI_CTRL,
			      (u16)(control & ~PCI_PRI_CTRL_ENABLE));
	pdev->pri_enabled = false;
}

int pci_prg_resp_pasid_required(struct pci_dev *pdev)
{
	u16 status;

	if (!pdev->pri_cap)
		return 0;
	pci_read_config_word(pdev, pdev->pri_cap + PCI_PRI_STATUS, &status);
	return !!(status & PCI_PRI_STATUS_PASID);
}
