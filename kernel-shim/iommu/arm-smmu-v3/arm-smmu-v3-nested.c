// SPDX-License-Identifier: Apache-2.0
/*
 * SMMUv3 driver, nesting: a guest's CD table in the stream table entries of a domain's devices, and
 * what the guest invalidates. Nobody reads the CDs: what is illegal in one shows when a device's DMA
 * meets it.
 */
#include <linux/errno.h>
#include <linux/iommu-pasid-table.h>
#include <linux/kernel.h>

#include "arm-smmu-v3.h"

#define S1FMT_LINEAR 0
#define S1FMT_LAST 2
#define S1DSS_LAST 2

static bool table_fits(const struct arm_smmu_domain *domain,
		       const struct iommu_pasid_table_config *config)
{
	const struct arm_smmu_device *smmu = domain->smmu;

	if (config->version != PASID_TABLE_CFG_VERSION_1 ||
	    config->format != IOMMU_PASID_FORMAT_SMMUV3)
		return false;
	/* no change from one table to another: the domain must be without */
	if (!smmu || domain->stage != ARM_SMMU_STAGE_NESTED || domain->guest.set)
		return false;
	if (config->pasid_bits > smmu->ssid_bits || config->s1dss > S1DSS_LAST)
		return false;
	return config->s1fmt == S1FMT_LINEAR || (config->s1fmt <= S1FMT_LAST && smmu->two_level_cd);
}

/* 3.9.2: ATS is off while the entry changes what its translations are. */
static int reinstall(struct arm_smmu_domain *domain)
{
	struct arm_smmu_master *master;
	int ret = 0;

	list_for_each_entry(master, &domain->masters, list) {
		int error;

		arm_smmu_disable_ats(master);
		error = arm_smmu_install_stes(master);
		if (error)
			ret = error;
		else
			arm_smmu_enable_ats(master);
	}
	return ret;
}

int arm_smmu_attach_pasid_table(struct iommu_domain *iommu_domain,
				const struct iommu_pasid_table_config *config)
{
	struct arm_smmu_domain *domain = to_smmu_domain(iommu_domain);
	int ret = -EINVAL;

	mutex_lock(&domain->lock);
	if (table_fits(domain, config)) {
		domain->guest = (struct arm_smmu_guest_table){
			.set = true,
			.base = config->base_ptr,
			.bits = config->pasid_bits,
			.format = config->s1fmt,
			.default_substream = config->s1dss,
		};
		ret = reinstall(domain);
		if (ret) {
			domain->guest.set = false;
			reinstall(domain);
		}
	}
	mutex_unlock(&domain->lock);
	return ret;
}

void arm_smmu_detach_pasid_table(struct iommu_domain *iommu_domain)
{
	struct arm_smmu_domain *domain = to_smmu_domain(iommu_domain);

	mutex_lock(&domain->lock);
	if (domain->guest.set) {
		domain->guest.set = false;
		reinstall(domain);
		arm_smmu_tlb_inv_context(domain);
	}
	mutex_unlock(&domain->lock);
}

static void invalidate_entries(struct arm_smmu_domain *domain, u32 pasid)
{
	struct arm_smmu_master *master;

	list_for_each_entry(master, &domain->masters, list)
		arm_smmu_cmdq_add(domain->smmu,
				  FIELD_PREP(CMD_0_OPCODE, CMD_CFGI_CD) |
					  FIELD_PREP(CFGI_0_SSID, (u64)pasid) |
					  FIELD_PREP(CFGI_0_SID, (u64)master->streams[0]),
				  CFGI_1_LEAF);
}

/* A guest's ASIDs are told apart from the host's and other guests' by the VMID. */
static void invalidate_tlb(struct arm_smmu_domain *domain,
			   const struct iommu_stage1_invalidation *what)
{
	u64 command = FIELD_PREP(TLBI_0_VMID, (u64)domain->vmid);
	u64 count, i;

	if (what->has_asid)
		command |= FIELD_PREP(TLBI_0_ASID, (u64)what->asid);
	if (!what->size) {
		command |= what->has_asid ? CMD_TLBI_NH_ASID : CMD_TLBI_NH_ALL;
		arm_smmu_cmdq_add(domain->smmu, command, 0);
		return;
	}
	command |= what->has_asid ? CMD_TLBI_NH_VA : CMD_TLBI_NH_VAA;
	count = what->size / what->granule + (what->size % what->granule != 0);
	for (i = 0; i < count; i++)
		arm_smmu_cmdq_add(domain->smmu, command,
				  (what->address + i * what->granule) & TLBI_1_ADDR);
}

int arm_smmu_invalidate_stage1(struct iommu_domain *iommu_domain,
			       const struct iommu_stage1_invalidation *what)
{
	struct arm_smmu_domain *domain = to_smmu_domain(iommu_domain);
	int ret = -EINVAL;

	mutex_lock(&domain->lock);
	if (domain->guest.set && (!what->size || what->granule)) {
		if (what->entry)
			invalidate_entries(domain, what->pasid);
		invalidate_tlb(domain, what);
		ret = arm_smmu_cmdq_sync(domain->smmu);
		arm_smmu_atc_inv_guest(domain, what);
	}
	mutex_unlock(&domain->lock);
	return ret;
}
