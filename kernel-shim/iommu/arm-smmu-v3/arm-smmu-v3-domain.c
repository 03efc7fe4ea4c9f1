// SPDX-License-Identifier: Apache-2.0
/*
 * SMMUv3 driver, domains: their stage, numbers and tables, the stream table entries and context
 * descriptors that put them to use, and flushing the TLB.
 */
#define pr_fmt(fmt) "arm-smmu-v3: " fmt

#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/io.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "arm-smmu-v3.h"

/* A range of more pages is flushed by flushing all of the domain. */
#define TLBI_MAX_COMMANDS 128

/* ---- TLB ---- */

static bool is_stage1(const struct arm_smmu_domain *domain)
{
	return domain->stage == ARM_SMMU_STAGE_S1;
}

/* A TLB command without address, for the domain's ASID or VMID. */
static u64 tlbi_command(const struct arm_smmu_domain *domain, u8 stage1_op, u8 stage2_op)
{
	if (is_stage1(domain))
		return FIELD_PREP(CMD_0_OPCODE, (u64)stage1_op) |
		       FIELD_PREP(TLBI_0_ASID, (u64)domain->asid);
	return FIELD_PREP(CMD_0_OPCODE, (u64)stage2_op) |
	       FIELD_PREP(TLBI_0_VMID, (u64)domain->vmid);
}

void arm_smmu_tlb_inv_context(struct arm_smmu_domain *domain)
{
	arm_smmu_cmdq_add(domain->smmu, tlbi_command(domain, CMD_TLBI_NH_ASID, CMD_TLBI_S12_VMALL),
			  0);
	arm_smmu_cmdq_sync(domain->smmu);
	arm_smmu_atc_inv_context(domain);
}

void arm_smmu_tlb_inv_range(struct arm_smmu_domain *domain, const struct arm_pgtable_flush *flush)
{
	u64 command = tlbi_command(domain, CMD_TLBI_NH_VA, CMD_TLBI_S2_IPA);
	size_t offset;

	if (flush->size / flush->granule > TLBI_MAX_COMMANDS) {
		arm_smmu_tlb_inv_context(domain);
		return;
	}
	for (offset = 0; offset < flush->size; offset += flush->granule)
		arm_smmu_cmdq_add(domain->smmu, command,
				  ((flush->iova + offset) & TLBI_1_ADDR) |
					  (flush->leaf ? TLBI_1_LEAF : 0));
	arm_smmu_cmdq_sync(domain->smmu);
	arm_smmu_atc_inv_range(domain, flush->iova, flush->size);
}

static void pgtable_flush(void *cookie, const struct arm_pgtable_flush *flush)
{
	arm_smmu_tlb_inv_range(cookie, flush);
}

static void pgtable_gather(void *cookie, struct iommu_iotlb_gather *gather, unsigned long iova,
			   size_t size)
{
	struct arm_smmu_domain *domain = cookie;

	iommu_iotlb_gather_add_page(&domain->domain, gather, iova, size);
}

static const struct arm_pgtable_ops pgtable_ops = {
	.flush = pgtable_flush,
	.gather = pgtable_gather,
};

/* ---- numbers ---- */

/* Takes the lowest free ASID or VMID, or -ENOSPC. */
static int number_take(struct arm_smmu_device *smmu, unsigned long *map, unsigned int bits)
{
	unsigned long number;

	mutex_lock(&smmu->lock);
	number = find_first_zero_bit(map, 1ul << bits);
	if (number < 1ul << bits)
		set_bit(number, map);
	mutex_unlock(&smmu->lock);
	return number < 1ul << bits ? (int)number : -ENOSPC;
}

static void number_give_back(struct arm_smmu_device *smmu, unsigned long *map, unsigned int number)
{
	mutex_lock(&smmu->lock);
	clear_bit(number, map);
	mutex_unlock(&smmu->lock);
}

/* ---- domains ---- */

struct iommu_domain *arm_smmu_domain_alloc(unsigned int type)
{
	struct arm_smmu_domain *domain;

	if (type != IOMMU_DOMAIN_UNMANAGED && type != IOMMU_DOMAIN_DMA &&
	    type != IOMMU_DOMAIN_IDENTITY)
		return NULL;
	domain = kzalloc(sizeof(*domain), GFP_KERNEL);
	if (!domain)
		return NULL;
	mutex_init(&domain->lock);
	INIT_LIST_HEAD(&domain->masters);
	domain->stage = type == IOMMU_DOMAIN_IDENTITY ? ARM_SMMU_STAGE_BYPASS : ARM_SMMU_STAGE_S1;
	return &domain->domain;
}

void arm_smmu_domain_free(struct iommu_domain *iommu_domain)
{
	struct arm_smmu_domain *domain = to_smmu_domain(iommu_domain);
	struct arm_smmu_device *smmu = domain->smmu;

	if (domain->pgtable)
		arm_smmu_tlb_inv_context(domain);
	if (domain->asid)
		number_give_back(smmu, smmu->asids, domain->asid);
	if (domain->vmid)
		number_give_back(smmu, smmu->vmids, domain->vmid);
	if (domain->cd_table)
		arm_pgtable_page_free(domain->cd_table);
	arm_pgtable_free(domain->pgtable);
	kfree(domain);
}

/* IPS and S2PS as IDR5.OAS encodes a width. */
static u64 address_size_encoding(unsigned int bits)
{
	switch (bits) {
	case 32:
		return 0;
	case 36:
		return 1;
	case 40:
		return 2;
	case 42:
		return 3;
	case 44:
		return 4;
	default:
		return 5;
	}
}

/* A table of one context descriptor: DMA without PASID. Substreams stay refused. */
static int arm_smmu_make_cd_table(struct arm_smmu_domain *domain)
{
	struct arm_smmu_device *smmu = domain->smmu;
	u64 *cd = arm_pgtable_page_alloc(smmu->address_bits);

	if (!cd)
		return -ENOMEM;
	domain->cd_table = cd;
	cd[3] = ARM_PGTABLE_MAIR;
	cd[1] = arm_pgtable_base(domain->pgtable) & CD_1_TTB0;
	cd[0] = FIELD_PREP(CD_0_T0SZ, 64 - 48ULL) | FIELD_PREP(CD_0_IR0, WALK_WB_RA_WA) |
		FIELD_PREP(CD_0_OR0, WALK_WB_RA_WA) | FIELD_PREP(CD_0_SH0, WALK_INNER_SH) |
		FIELD_PREP(CD_0_IPS, address_size_encoding(smmu->address_bits)) |
		FIELD_PREP(CD_0_ASID, (u64)domain->asid) | CD_0_EPD1 | CD_0_AA64 | CD_0_R | CD_0_A |
		CD_0_ASET | CD_0_V;
	return 0;
}

static int arm_smmu_finalise_numbers(struct arm_smmu_domain *domain)
{
	struct arm_smmu_device *smmu = domain->smmu;
	int number;

	if (is_stage1(domain)) {
		number = number_take(smmu, smmu->asids, smmu->asid_bits);
		if (number < 0)
			return number;
		domain->asid = (u16)number;
		return arm_smmu_make_cd_table(domain);
	}
	number = number_take(smmu, smmu->vmids, smmu->vmid_bits);
	if (number < 0)
		return number;
	domain->vmid = (u16)number;
	return 0;
}

/* Undoes a finalise that failed; the domain may then be finalised elsewhere. */
static void arm_smmu_unfinalise(struct arm_smmu_domain *domain)
{
	struct arm_smmu_device *smmu = domain->smmu;

	if (domain->asid)
		number_give_back(smmu, smmu->asids, domain->asid);
	domain->asid = 0;
	arm_pgtable_free(domain->pgtable);
	domain->pgtable = NULL;
	domain->smmu = NULL;
}

int arm_smmu_domain_finalise(struct arm_smmu_domain *domain, struct arm_smmu_device *smmu)
{
	struct arm_pgtable_config config = {
		.output_bits = smmu->address_bits,
		.ops = &pgtable_ops,
		.cookie = domain,
	};
	int ret;

	if (domain->smmu)
		return domain->smmu == smmu ? 0 : -ENXIO;
	if (domain->stage == ARM_SMMU_STAGE_BYPASS) {
		domain->smmu = smmu;
		return 0;
	}

	/* What the hardware lacks is replaced by what it has, nesting silently too. */
	if (!smmu->stage1)
		domain->stage = ARM_SMMU_STAGE_S2;
	if (!smmu->stage2)
		domain->stage = ARM_SMMU_STAGE_S1;
	config.stage2 = !is_stage1(domain);
	config.input_bits = config.stage2 ? smmu->address_bits : 48;
	domain->pgtable = arm_pgtable_alloc(&config);
	if (!domain->pgtable)
		return -ENOMEM;
	domain->smmu = smmu;
	ret = arm_smmu_finalise_numbers(domain);
	if (ret) {
		arm_smmu_unfinalise(domain);
		return ret;
	}
	domain->domain.pgsize_bitmap = ARM_PGTABLE_SIZES;
	domain->domain.geometry = (struct iommu_domain_geometry){
		.aperture_end = (1ULL << config.input_bits) - 1,
		.force_aperture = true,
	};
	return 0;
}

/* ---- stream table entries ---- */

static void ste_for_stage1(const struct arm_smmu_domain *domain, u64 *ste)
{
	/* S1CDMax 0: one context descriptor, no substreams. */
	ste[0] = STE_0_V | FIELD_PREP(STE_0_CONFIG, STE_CONFIG_S1) |
		 (virt_to_phys(domain->cd_table) & STE_0_S1CONTEXTPTR);
	ste[1] = FIELD_PREP(STE_1_S1CIR, WALK_WB_RA_WA) | FIELD_PREP(STE_1_S1COR, WALK_WB_RA_WA) |
		 FIELD_PREP(STE_1_S1CSH, WALK_INNER_SH) |
		 (domain->smmu->can_stall ? STE_1_S1STALLD : 0);
}

static void ste_for_stage2(const struct arm_smmu_domain *domain, u64 *ste)
{
	unsigned int bits = domain->smmu->address_bits;

	ste[0] = STE_0_V | FIELD_PREP(STE_0_CONFIG, STE_CONFIG_S2);
	ste[2] = FIELD_PREP(STE_2_S2VMID, (u64)domain->vmid) |
		 FIELD_PREP(STE_2_S2T0SZ, 64ULL - bits) |
		 FIELD_PREP(STE_2_S2SL0, 2ULL - arm_pgtable_start_level(domain->pgtable)) |
		 FIELD_PREP(STE_2_S2IR0, WALK_WB_RA_WA) | FIELD_PREP(STE_2_S2OR0, WALK_WB_RA_WA) |
		 FIELD_PREP(STE_2_S2SH0, WALK_INNER_SH) |
		 FIELD_PREP(STE_2_S2PS, address_size_encoding(bits)) | STE_2_S2AA64 | STE_2_S2R;
	ste[3] = arm_pgtable_base(domain->pgtable) & STE_3_S2TTB;
}

/* On top of stage 2: the guest's CD table, of which nothing but its place and shape is known. */
static void ste_for_guest(const struct arm_smmu_domain *domain, u64 *ste)
{
	const struct arm_smmu_guest_table *guest = &domain->guest;

	ste[0] = STE_0_V | FIELD_PREP(STE_0_CONFIG, STE_CONFIG_NESTED) |
		 FIELD_PREP(STE_0_S1FMT, (u64)guest->format) | (guest->base & STE_0_S1CONTEXTPTR) |
		 FIELD_PREP(STE_0_S1CDMAX, (u64)guest->bits);
	ste[1] |= FIELD_PREP(STE_1_S1DSS, (u64)guest->default_substream) |
		  FIELD_PREP(STE_1_S1CIR, WALK_WB_RA_WA) | FIELD_PREP(STE_1_S1COR, WALK_WB_RA_WA) |
		  FIELD_PREP(STE_1_S1CSH, WALK_INNER_SH) |
		  (domain->smmu->can_stall ? STE_1_S1STALLD : 0);
}

static int ste_sync(struct arm_smmu_device *smmu, u32 sid)
{
	arm_smmu_cmdq_add(smmu,
			  FIELD_PREP(CMD_0_OPCODE, CMD_CFGI_STE) | FIELD_PREP(CFGI_0_SID, (u64)sid),
			  CFGI_1_LEAF);
	return arm_smmu_cmdq_sync(smmu);
}

/* What a master's entries are to say. */
static void ste_for_master(const struct arm_smmu_master *master, u64 *wanted)
{
	memset(wanted, 0, STE_DWORDS * sizeof(*wanted));
	wanted[0] = STE_0_V | FIELD_PREP(STE_0_CONFIG, STE_CONFIG_ABORT);
	if (!master->domain)
		return;
	switch (master->domain->stage) {
	case ARM_SMMU_STAGE_BYPASS:
		wanted[0] = STE_0_V | FIELD_PREP(STE_0_CONFIG, STE_CONFIG_BYPASS);
		wanted[1] = FIELD_PREP(STE_1_SHCFG, STE_SHCFG_INCOMING);
		break;
	case ARM_SMMU_STAGE_S1:
		ste_for_stage1(master->domain, wanted);
		break;
	default:
		ste_for_stage2(master->domain, wanted);
		if (master->domain->guest.set)
			ste_for_guest(master->domain, wanted);
		break;
	}
	if (arm_smmu_ats_wanted(master))
		wanted[1] |= FIELD_PREP(STE_1_EATS, (u64)STE_EATS_FULL);
}

/*
 * The SMMU reads the eight doublewords of an entry in any order, so the rest is written while the
 * first one says abort, and only then the first one.
 */
static int ste_install(struct arm_smmu_master *master, u32 sid, const u64 *wanted)
{
	u64 *ste = arm_smmu_ste(master->smmu, sid);
	unsigned int i;
	int ret;

	ste[0] = STE_0_V | FIELD_PREP(STE_0_CONFIG, STE_CONFIG_ABORT);
	ret = ste_sync(master->smmu, sid);
	for (i = 1; i < STE_DWORDS; i++)
		ste[i] = wanted[i];
	if (ret || !master->domain)
		return ret;
	ret = ste_sync(master->smmu, sid);
	if (ret)
		return ret;
	ste[0] = wanted[0];
	return ste_sync(master->smmu, sid);
}

int arm_smmu_install_stes(struct arm_smmu_master *master)
{
	u64 wanted[STE_DWORDS];
	unsigned int i;
	int ret = 0;

	ste_for_master(master, wanted);
	for (i = 0; i < master->stream_count && !ret; i++)
		ret = ste_install(master, master->streams[i], wanted);
	return ret;
}
