/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a unit's capabilities do not offer is refused: PASIDs beyond its limits, and fields of the
 * context and PASID entries that ask for more.
 */
#include "gtest_c.h"
#include "vtd_machine.h"

#define GUEST 0x40000000ULL

TEST(vtd_fault, pasid_limits_are_the_directory_and_pss)
{
	struct machine *machine;
	struct vtd_config config = machine_config();

	machine = machine_create(&config, false);
	machine_ready(machine, SECOND_STAGE);
	/* PDTS 0: 128 directory entries of 64 PASIDs */
	EXPECT_EQ(machine_read(machine, 8191, GUEST).fault,
		  VTD_FAULT_SM_PASID_DIRECTORY_NOT_PRESENT);
	EXPECT_EQ(machine_read(machine, 8192, GUEST).fault, VTD_FAULT_SM_PASID_TOO_LARGE);
	machine_destroy(machine);

	config.ecap = with_field(config.ecap, "ecap", "PSS", 7);
	machine = machine_create(&config, false);
	machine_ready(machine, SECOND_STAGE);
	EXPECT_EQ(machine_read(machine, 255, GUEST).fault,
		  VTD_FAULT_SM_PASID_DIRECTORY_NOT_PRESENT);
	EXPECT_EQ(machine_read(machine, 256, GUEST).fault, VTD_FAULT_SM_PASID_BEYOND_PSS);
	machine_destroy(machine);

	/* PSS can say more bits than a PASID has */
	config.ecap = with_field(config.ecap, "ecap", "PSS", 31);
	machine = machine_create(&config, false);
	machine_ready(machine, SECOND_STAGE);
	machine_store(machine, machine->context_table,
		      machine_load(machine, machine->context_table) | 7ULL << 9); /* PDTS */
	EXPECT_EQ(machine_read(machine, (1u << 20) - 1, GUEST).fault,
		  VTD_FAULT_SM_PASID_DIRECTORY_NOT_PRESENT);
	machine_map_second(machine, GUEST, GUEST, 4 * KIB, SS_R);
	EXPECT_EQ(machine_read(machine, 1, GUEST).fault, 0);
	machine_destroy(machine);
}

/* A capability that is missing, and what asks for it. */
struct missing {
	const char *name;
	bool in_cap;
	const char *capability;
	unsigned int value;
	unsigned int pgtt;
	const char *field; /* of the PASID entry; NULL: none */
	u64 to;
	enum vtd_fault fault;
};

static const struct missing missings[] = {
	{ "nest", false, "NEST", 0, NESTED, NULL, 0, VTD_FAULT_SM_PASID_ENTRY_INVALID },
	{ "fsts", false, "FSTS", 0, FIRST_STAGE, NULL, 0, VTD_FAULT_SM_PASID_ENTRY_RESERVED },
	{ "fsts_nested", false, "FSTS", 0, NESTED, NULL, 0, VTD_FAULT_SM_PASID_ENTRY_RESERVED },
	{ "ssts", false, "SSTS", 0, SECOND_STAGE, NULL, 0, VTD_FAULT_SM_PASID_ENTRY_RESERVED },
	{ "ssts_nested", false, "SSTS", 0, NESTED, NULL, 0, VTD_FAULT_SM_PASID_ENTRY_RESERVED },
	/* of the entries without fields of that stage, the type alone is wrong */
	{ "fsts_type_alone", false, "FSTS", 0, PASS_THROUGH, "PGTT", FIRST_STAGE,
	  VTD_FAULT_SM_PASID_ENTRY_INVALID },
	{ "ssts_type_alone", false, "SSTS", 0, PASS_THROUGH, "PGTT", SECOND_STAGE,
	  VTD_FAULT_SM_PASID_ENTRY_INVALID },
	{ "fsts_wpe", false, "FSTS", 0, SECOND_STAGE, "WPE", 1, VTD_FAULT_SM_PASID_ENTRY_RESERVED },
	{ "ssts_ssade", false, "SSTS", 0, PASS_THROUGH, "SSADE", 1,
	  VTD_FAULT_SM_PASID_ENTRY_RESERVED },
	{ "ers_ssee", false, "ERS", 0, NESTED, "SSEE", 1, VTD_FAULT_SM_PASID_ENTRY_RESERVED },
	{ "pt", false, "PT", 0, PASS_THROUGH, NULL, 0, VTD_FAULT_SM_PASID_ENTRY_INVALID },
	{ "fs5lp", true, "FS5LP", 0, FIRST_STAGE, NULL, 0, VTD_FAULT_SM_PASID_ENTRY_INVALID },
	{ "sagaw", true, "SAGAW", 6, SECOND_STAGE, NULL, 0, VTD_FAULT_SM_PASID_ENTRY_INVALID },
	{ "smts", false, "SMTS", 0, SECOND_STAGE, NULL, 0, VTD_FAULT_SM_RTA_INVALID },
	{ "pasid", false, "PASID", 0, SECOND_STAGE, NULL, 0, VTD_FAULT_SM_PASIDE_CLEAR },
	{ "ssads", false, "SSADS", 0, NESTED, "SSADE", 1, VTD_FAULT_SM_PASID_ENTRY_RESERVED },
	{ "eafs", false, "EAFS", 0, NESTED, "EAFE", 1, VTD_FAULT_SM_PASID_ENTRY_RESERVED },
	{ "srs", false, "SRS", 0, NESTED, "SRE", 1, VTD_FAULT_SM_PASID_ENTRY_RESERVED },
	{ "ers", false, "ERS", 0, NESTED, "ERE", 1, VTD_FAULT_SM_PASID_ENTRY_RESERVED },
	{ "smpwc", false, "SMPWC", 0, NESTED, "PWSNP", 1, VTD_FAULT_SM_PASID_ENTRY_RESERVED },
	{ "sc", false, "SC", 0, NESTED, "PGSNP", 1, VTD_FAULT_SM_PASID_ENTRY_RESERVED },
	{ "mts", false, "MTS", 0, NESTED, "EMTE", 1, VTD_FAULT_SM_PASID_ENTRY_RESERVED },
	{ "nd", true, "ND", 2, NESTED, "DID", 0x100, VTD_FAULT_SM_PASID_ENTRY_RESERVED },
};

TEST_WITH_NAMED_PARAMS(vtd_fault, what_a_capability_does_not_offer_is_refused, struct missing,
		       missings, name)
{
	struct vtd_config config = machine_config();
	struct machine *machine;
	u64 entry[8];

	if (param->in_cap)
		config.cap = with_field(config.cap, "cap", param->capability, param->value);
	else
		config.ecap = with_field(config.ecap, "ecap", param->capability, param->value);
	machine = machine_create(&config, false);
	machine_ready(machine, param->pgtt);
	if (param->field) {
		machine_pasid_entry(machine, entry, param->pgtt);
		field_set(entry, "pasid-entry", param->field, param->to);
		machine_store_pasid(machine, 1, entry);
	}
	EXPECT_EQ(machine_read(machine, 1, GUEST).fault, (unsigned int)param->fault);
	machine_destroy(machine);
}

static const struct missing context_missings[] = {
	{ "dt", false, "DT", 0, SECOND_STAGE, "DTE", 1, VTD_FAULT_SM_CONTEXT_RESERVED },
	{ "pasid", false, "PASID", 0, SECOND_STAGE, "PASIDE", 1, VTD_FAULT_SM_CONTEXT_RESERVED },
	{ "prs", false, "PRS", 0, SECOND_STAGE, "PRE", 1, VTD_FAULT_SM_CONTEXT_RESERVED },
	{ "rps", false, "RPS", 0, SECOND_STAGE, "RID_PASID", 1, VTD_FAULT_SM_CONTEXT_RESERVED },
	{ "rprivs", false, "RPRIVS", 0, SECOND_STAGE, "RID_PRIV", 1,
	  VTD_FAULT_SM_CONTEXT_RESERVED },
};

TEST_WITH_NAMED_PARAMS(vtd_fault, context_fields_without_capability_are_reserved, struct missing,
		       context_missings, name)
{
	struct vtd_config config = machine_config();
	struct machine *machine;

	config.ecap = with_field(config.ecap, "ecap", param->capability, param->value);
	machine = machine_create(&config, false);
	machine_ready(machine, param->pgtt);
	machine_set_context(machine, param->field, param->to);
	EXPECT_EQ(machine_rid_read(machine, GUEST).fault, (unsigned int)param->fault);
	machine_destroy(machine);
}
