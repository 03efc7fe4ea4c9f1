/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which bits of which entry a unit of given capabilities takes for reserved: all that no field of
 * entries.h covers, and fields whose capability is absent.
 */
#include "unit.h"

/* DID bits beyond the number of domains that CAP.ND tells. */
static u64 domain_bits_beyond(u64 cap)
{
	unsigned int bits = 4 + 2 * (unsigned int)cap_ND(&cap);

	return bits >= 16 ? 0 : 0xffff & ~((1ULL << bits) - 1);
}

static void root_limits(struct vtd_limits *limits)
{
	u64 beyond = limits->beyond_host;

	limits->root[0] = ~root_fields(0) | (root_CTP_bits() & beyond);
	limits->root[1] = ~root_fields(1);
	limits->scalable_root[0][0] = ~scalable_root_fields(0) |
				      (scalable_root_LCTP_bits() & beyond);
	limits->scalable_root[1][1] = ~scalable_root_fields(1) |
				      (scalable_root_UCTP_bits() & beyond);
}

static void context_limits(struct vtd_limits *limits, u64 cap, u64 ecap)
{
	u64 beyond = limits->beyond_host;
	unsigned int i;

	limits->legacy_context[0] = ~legacy_context_fields(0) |
				    (legacy_context_SSPTPTR_bits() & beyond);
	limits->legacy_context[1] = ~legacy_context_fields(1) |
				    legacy_context_DID_put(domain_bits_beyond(cap));
	/* the pointer of a pass-through entry is ignored, and with it what is beyond the host */
	limits->pass_through_context[0] = ~legacy_context_fields(0);
	limits->pass_through_context[1] = limits->legacy_context[1];

	for (i = 0; i < 4; i++)
		limits->context[i] = ~context_fields(i);
	limits->context[0] |= context_PASIDDIRPTR_bits() & beyond;
	if (!ecap_DT(&ecap))
		limits->context[0] |= context_DTE_bits();
	if (!ecap_PASID(&ecap))
		limits->context[0] |= context_PASIDE_bits();
	if (!ecap_PRS(&ecap))
		limits->context[0] |= context_PRE_bits();
	if (!ecap_RPS(&ecap))
		limits->context[1] |= context_RID_PASID_bits();
	if (!ecap_RPRIVS(&ecap))
		limits->context[1] |= context_RID_PRIV_bits();
}

/* Section 9.6: fields of stages that the unit does not have; execution is that of Rev. 3.x (one source). */
static void pasid_stage_limits(u64 reserved[8], u64 ecap)
{
	if (!ecap_SSTS(&ecap))
		reserved[0] |= pasid_entry_SSPTPTR_bits() | pasid_entry_AW_bits();
	if (!ecap_SSTS(&ecap) || !ecap_SSADS(&ecap))
		reserved[0] |= pasid_entry_SSADE_bits();
	if (!ecap_FSTS(&ecap))
		reserved[2] |= pasid_entry_FSPTPTR_bits() | pasid_entry_FSPM_bits() |
			       pasid_entry_WPE_bits();
	if (!ecap_ERS(&ecap)) {
		reserved[0] |= pasid_entry_SSEE_bits();
		reserved[2] |= pasid_entry_ERE_bits();
	}
	if (!ecap_SRS(&ecap))
		reserved[2] |= pasid_entry_SRE_bits();
	if (!ecap_EAFS(&ecap))
		reserved[2] |= pasid_entry_EAFE_bits();
}

static void pasid_limits(struct vtd_limits *limits, u64 cap, u64 ecap)
{
	u64 *reserved = limits->pasid_entry;
	unsigned int i;

	/* PSS can say more bits than a PASID has */
	limits->pasid_bits = ecap_PSS(&ecap) < 19 ? (unsigned int)ecap_PSS(&ecap) + 1 : 20;
	limits->pasid_directory = ~pasid_directory_fields(0) |
				  (pasid_directory_SMPTBLPTR_bits() & limits->beyond_host);

	for (i = 0; i < 8; i++)
		reserved[i] = ~pasid_entry_fields(i);
	/* whatever PGTT says, and whether the address is a guest's or not */
	reserved[0] |= pasid_entry_SSPTPTR_bits() & limits->beyond_host;
	reserved[2] |= pasid_entry_FSPTPTR_bits() & limits->beyond_host;
	/* the memory types of older revisions' page walks: Rev. 3.4 fixed them to write-back */
	reserved[1] |= pasid_entry_EMT_bits() | pasid_entry_PWT_bits() | pasid_entry_PCD_bits();
	pasid_stage_limits(reserved, ecap);
	reserved[1] |= pasid_entry_DID_put(domain_bits_beyond(cap));
	if (!ecap_SMPWC(&ecap))
		reserved[1] |= pasid_entry_PWSNP_bits();
	if (!ecap_SC(&ecap))
		reserved[1] |= pasid_entry_PGSNP_bits();
	if (!ecap_MTS(&ecap))
		reserved[1] |= pasid_entry_CD_bits() | pasid_entry_EMTE_bits() |
			       pasid_entry_PAT_bits();
}

/* Address bits of a large page that lie below its size; bit 12 is PAT in the first stage. */
static u64 below_page(int level, unsigned int lowest)
{
	return level == 1 ? 0 : entry_bits(12 + 9 * (unsigned int)(level - 1) - 1, lowest);
}

/*
 * Address bits beyond the host's width are reserved in nested translation too (section 3.6, Table 34).
 * No-execute is not among these, as that depends on NXE: the walk adds it.
 */
static void first_stage_limits(struct vtd_limits *limits, u64 cap)
{
	u64 unknown = ~first_stage_fields(0) | (first_stage_ADDR_bits() & limits->beyond_host);
	int level;

	for (level = 1; level <= VTD_MAX_LEVELS; level++) {
		bool large = level <= 2 || (level == 3 && cap_FS1GP(&cap));

		limits->first_stage[level][0] = unknown;
		limits->first_stage[level][1] = unknown | below_page(level, 13);
		if (!large)
			limits->first_stage[level][1] |= first_stage_PS_bits();
	}
}

static void second_stage_limits(struct vtd_limits *limits, u64 cap, u64 ecap)
{
	/* TM went with Rev. 3.2, whether there are device TLBs or not */
	u64 unknown = ~second_stage_fields(0) | (second_stage_ADDR_bits() & limits->beyond_host) |
		      second_stage_TM_bits();
	int level;

	for (level = 1; level <= VTD_MAX_LEVELS; level++) {
		bool large = level == 1 || (level <= 3 && (cap_SSLPS(&cap) >> (level - 2) & 1));
		u64 leaf = unknown | below_page(level, 12);

		if (!large)
			leaf |= second_stage_PS_bits();
		if (!ecap_SC(&ecap))
			leaf |= second_stage_SNP_bits();
		limits->second_stage[level][0] = unknown | second_stage_SNP_bits();
		limits->second_stage[level][1] = leaf;
	}
}

void vtd_limits_init(struct vtd_limits *limits, const struct vtd_config *config)
{
	limits->beyond_host = ~((1ULL << config->host_address_width) - 1);
	limits->domain_ids = (u16)~domain_bits_beyond(config->cap);
	root_limits(limits);
	context_limits(limits, config->cap, config->ecap);
	pasid_limits(limits, config->cap, config->ecap);
	first_stage_limits(limits, config->cap);
	second_stage_limits(limits, config->cap, config->ecap);
}
