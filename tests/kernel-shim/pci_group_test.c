// SPDX-License-Identifier: Apache-2.0
/*
 * PCI topology as the kernel sees it: which functions share a group, ACS as it enables it, requester ids, and what IOMMU
 * drivers make of them. Bridges and functions are real.
 */
#include "intel_rig.h"
#include "rig.h"

#define SV PCIE_ACS_SOURCE_VALIDATION
#define TB PCIE_ACS_TRANSLATION_BLOCKING
#define RR PCIE_ACS_REQUEST_REDIRECT
#define CR PCIE_ACS_COMPLETION_REDIRECT
#define UF PCIE_ACS_UPSTREAM_FORWARDING
#define ISOLATING (SV | RR | CR | UF)

/* Kinds of rows: functions of none have no ACS. */
struct row {
	enum { NOTHING, FUNCTION, BRIDGE } what;
	u16 source_id;
	enum pcie_bridge_kind kind; /* BRIDGE */
	u8 secondary, subordinate; /* BRIDGE; subordinate 0: as secondary */
	u16 acs;
	u16 vendor, device;
	bool multifunction, conventional, hidden;
	int group; /* what comes of it, counted from 0 in the order of first use */
};

#define ROWS 9

struct topology {
	const char *name;
	struct row rows[ROWS];
};

static void add_row(struct rig *rig, const struct row *row)
{
	struct pcie_function_config *function;

	if (row->what == BRIDGE) {
		rig_add_bridge(rig,
			       (struct pcie_bridge_config){ .source_id = row->source_id,
							    .vendor_id = row->vendor,
							    .device_id = row->device,
							    .kind = row->kind,
							    .multifunction = row->multifunction,
							    .hidden = row->hidden,
							    .secondary = row->secondary,
							    .subordinate = row->subordinate,
							    .acs = { row->acs, 0 } },
			       0);
		return;
	}
	function = &rig->function_config[rig_add_device(rig, row->source_id, 0, -1)];
	function->kind = row->conventional     ? PCIE_CONVENTIONAL
			 : row->source_id >> 8 ? PCIE_ENDPOINT
					       : PCIE_ROOT_INTEGRATED;
	function->pasid = false;
	function->vendor_id = row->vendor;
	function->device_id = row->device;
	function->multifunction = row->multifunction;
	function->acs = (struct pcie_acs){ row->acs, 0 };
}

static void add_topology(struct rig *rig, const struct topology *topology)
{
	for (unsigned int i = 0; i < ROWS && topology->rows[i].what; i++)
		add_row(rig, &topology->rows[i]);
}

#define PORT(id, second, last, bits, in)                                                  \
	{                                                                                 \
		BRIDGE, .source_id = (id), .kind = PCIE_ROOT_PORT, .secondary = (second), \
			.subordinate = (last), .acs = (bits), .group = (in)               \
	}
#define UPSTREAM(id, second, last, in)                                                        \
	{                                                                                     \
		BRIDGE, .source_id = (id), .kind = PCIE_UPSTREAM_PORT, .secondary = (second), \
			.subordinate = (last), .group = (in)                                  \
	}
#define DOWNSTREAM(id, second, bits, in)                                                        \
	{                                                                                       \
		BRIDGE, .source_id = (id), .kind = PCIE_DOWNSTREAM_PORT, .secondary = (second), \
			.acs = (bits), .group = (in)                                            \
	}
#define ALONE(id, in)                                      \
	{                                                  \
		FUNCTION, .source_id = (id), .group = (in) \
	}
#define ONE_OF_SEVERAL(id, bits, in)                                                             \
	{                                                                                        \
		FUNCTION, .source_id = (id), .multifunction = true, .acs = (bits), .group = (in) \
	}
#define CONVENTIONAL(id, in)                                                     \
	{                                                                        \
		FUNCTION, .source_id = (id), .conventional = true, .group = (in) \
	}

static const struct topology topologies[] = {
	{ "devices_on_a_root_bus_are_alone", { ALONE(0x0008, 0), ALONE(0x0010, 1) } },
	{ "functions_without_acs_share",
	  { ONE_OF_SEVERAL(0x0010, 0, 0), ONE_OF_SEVERAL(0x0011, 0, 0),
	    ONE_OF_SEVERAL(0x0018, 0, 1) } },
	{ "functions_with_acs_do_not",
	  { ONE_OF_SEVERAL(0x0010, RR | CR, 0), ONE_OF_SEVERAL(0x0011, RR | CR, 1) } },
	{ "those_without_acs_share_beside_one_with",
	  { ONE_OF_SEVERAL(0x0010, 0, 0), ONE_OF_SEVERAL(0x0011, RR | CR, 1),
	    ONE_OF_SEVERAL(0x0012, 0, 0) } },
	/* what the capability leaves out is taken for done: even nothing but egress control */
	{ "acs_isolates_by_what_it_has",
	  { ONE_OF_SEVERAL(0x0010, PCIE_ACS_EGRESS_CONTROL, 0),
	    ONE_OF_SEVERAL(0x0011, PCIE_ACS_EGRESS_CONTROL, 1) } },
	{ "a_root_port_without_acs_is_in_the_group_of_what_is_below",
	  { PORT(0x0008, 1, 1, 0, 0), PORT(0x0010, 2, 2, 0, 1), ALONE(0x0100, 0),
	    ALONE(0x0200, 1) } },
	{ "a_root_port_with_acs_is_not", { PORT(0x0008, 1, 1, ISOLATING, 0), ALONE(0x0100, 1) } },
	{ "root_ports_of_one_device_share_without_acs",
	  { { BRIDGE, .source_id = 0x0008, .kind = PCIE_ROOT_PORT, .secondary = 1,
	      .multifunction = true, .group = 0 },
	    { BRIDGE, .source_id = 0x0009, .kind = PCIE_ROOT_PORT, .secondary = 2,
	      .multifunction = true, .group = 0 },
	    ALONE(0x0100, 0),
	    ALONE(0x0200, 0) } },
	{ "a_switch_with_acs_isolates",
	  { PORT(0x0008, 1, 4, ISOLATING, 0), UPSTREAM(0x0100, 2, 4, 1),
	    DOWNSTREAM(0x0200, 3, ISOLATING, 2), DOWNSTREAM(0x0208, 4, ISOLATING, 3),
	    ALONE(0x0300, 4), ALONE(0x0400, 5) } },
	{ "without_acs_anywhere_all_below_a_root_port_share",
	  { PORT(0x0008, 1, 4, 0, 0), UPSTREAM(0x0100, 2, 4, 0), DOWNSTREAM(0x0200, 3, 0, 0),
	    DOWNSTREAM(0x0208, 4, 0, 0), ALONE(0x0300, 0), ALONE(0x0400, 0) } },
	/* which is wrong, and so in Linux until at least 6.1 */
	{ "ports_of_a_switch_without_acs_do_not_share_below_a_root_port_with_acs",
	  { PORT(0x0008, 1, 4, ISOLATING, 0), UPSTREAM(0x0100, 2, 4, 1),
	    DOWNSTREAM(0x0200, 3, 0, 2), DOWNSTREAM(0x0208, 4, 0, 3), ALONE(0x0300, 2),
	    ALONE(0x0400, 3) } },
	{ "behind_a_pcie_to_pci_bridge_all_share_with_the_bridge",
	  { PORT(0x0008, 1, 2, ISOLATING, 0),
	    { BRIDGE, .source_id = 0x0100, .kind = PCIE_TO_PCI_BRIDGE, .secondary = 2, .group = 1 },
	    CONVENTIONAL(0x0220, 1),
	    CONVENTIONAL(0x0228, 1) } },
	{ "behind_a_conventional_bridge_too",
	  { { BRIDGE, .source_id = 0x00f0, .kind = PCI_TO_PCI_BRIDGE, .secondary = 1,
	      .subordinate = 2, .group = 0 },
	    { BRIDGE, .source_id = 0x0108, .kind = PCI_TO_PCI_BRIDGE, .secondary = 2, .group = 0 },
	    CONVENTIONAL(0x0110, 0),
	    CONVENTIONAL(0x0200, 0),
	    ALONE(0x0008, 1) } },
	{ "a_function_shares_with_that_whose_id_it_uses",
	  { { FUNCTION, .source_id = 0x0010, .vendor = 0x1b4b, .device = 0x9123,
	      .multifunction = true, .acs = RR | CR, .group = 0 },
	    ONE_OF_SEVERAL(0x0011, RR | CR, 0),
	    ONE_OF_SEVERAL(0x0012, RR | CR, 1) } },
	{ "whichever_of_them_comes_first",
	  { ONE_OF_SEVERAL(0x0011, RR | CR, 0),
	    { FUNCTION, .source_id = 0x0010, .vendor = 0x1b4b, .device = 0x9123,
	      .multifunction = true, .acs = RR | CR, .group = 0 } } },
	{ "and_with_the_functions_that_are_not_isolated_from_that",
	  { ONE_OF_SEVERAL(0x0010, 0, 0),
	    { FUNCTION, .source_id = 0x0012, .vendor = 0x1180, .device = 0xe476,
	      .multifunction = true, .acs = RR | CR, .group = 0 } } },
	{ "an_alias_may_be_nobody",
	  { { FUNCTION, .source_id = 0x0010, .vendor = 0x1b4b, .device = 0x9123, .group = 0 },
	    ALONE(0x0018, 1) } },
};

static int group_id(struct rig *rig, unsigned int device)
{
	struct iommu_group *group = rig_group(rig, device);
	int id = group ? iommu_group_id(group) : -1;

	iommu_group_put(group);
	return id;
}

static long check_groups(struct rig *rig)
{
	const struct topology *topology = rig->param;

	for (unsigned int i = 0; i < ROWS && topology->rows[i].what; i++)
		EXPECT_EQ(group_id(rig, i), topology->rows[i].group);
	return 0;
}

TEST_WITH_NAMED_PARAMS(pci_group, linux_rules, struct topology, topologies, name)
{
	struct rig rig;

	intel_unit(&rig, CAP_SERVER, ECAP_SERVER);
	rig.config.device_count = rig.device_count = 0;
	add_topology(&rig, param);
	rig.param = param;
	rig_test(&rig, check_groups);
}

static void given_group(struct rig *rig)
{
	intel_unit(rig, CAP_SERVER, ECAP_SERVER);
	rig->function_config[0].multifunction = true;
	rig_add_device(rig, 0x3a01, 0, 7);
	rig->function_config[1].multifunction = true;
	rig_add_device(rig, 0x3a02, 0, 9);
	rig->function_config[2].multifunction = true;
}

RIG_TEST(pci_group, one_that_is_given_wins_and_those_without_join_the_first, given_group(rig))
{
	EXPECT_EQ(group_id(rig, 0), 10);
	EXPECT_EQ(group_id(rig, 1), 7);
	EXPECT_EQ(group_id(rig, 2), 9);
}

TEST(pci_group, can_be_asked_for_from_outside)
{
	struct rig rig;

	given_group(&rig);
	rig_boot(&rig);
	EXPECT_EQ(kernel_device_group(rig.kernel, 0, 0x3a01), 7);
	EXPECT_EQ(kernel_device_group(rig.kernel, 1, 0x3a01), -ENODEV);
	EXPECT_EQ(kernel_device_group(rig.kernel, 0, 0x3a03), -ENODEV);
	rig_end(&rig);
}

/* ---- ACS ---- */

TEST(pci_acs, the_kernel_enables_what_isolates_and_leaves_the_rest)
{
	struct rig rig;
	struct pcie_bridge_config config = {
		.source_id = 0x0008,
		.kind = PCIE_ROOT_PORT,
		.secondary = 1,
		.acs = { SV | TB | RR | UF | PCIE_ACS_DIRECT_TRANSLATED, TB }
	};

	intel_unit(&rig, CAP_SERVER, ECAP_SERVER);
	rig_add_bridge(&rig, config, 0);
	rig_boot(&rig);
	EXPECT_EQ(pcie_bridge_config_read(rig.bridges[1], 0x106, 2), SV | TB | RR | UF);
	rig_end(&rig);
}

/* ---- requester ids ---- */

#define BUFFER 0x100000ULL

static int map_buffer(struct iommu_domain *domain, u64 *hpa)
{
	*hpa = intel_ram(0);
	return iommu_map(domain, BUFFER, *hpa, SZ_4K, IOMMU_READ | IOMMU_WRITE);
}

static void conventional_pair(struct rig *rig, u64 cap, u64 ecap)
{
	static const struct topology topology = { "",
						  { { BRIDGE, .source_id = 0x0008,
						      .kind = PCIE_TO_PCI_BRIDGE, .secondary = 1 },
						    CONVENTIONAL(0x0120, 0),
						    CONVENTIONAL(0x0128, 0) } };

	intel_unit(rig, cap, ecap);
	rig->config.device_count = rig->device_count = 0;
	add_topology(rig, &topology);
}

/* Both devices, under the one id that they have, reach what the group's domain maps, and only while it is attached. */
static void check_shared_id(struct rig *rig)
{
	struct iommu_domain *domain = rig_domain(rig);
	u64 hpa;

	EXPECT_EQ(pcie_requester_id(rig->functions[1]), 0x0100);
	EXPECT_NE(rig_translate(rig, 1, BUFFER, ACCESS_READ).fault, 0);
	EXPECT_EQ(rig_attach(rig, domain, 1), 0);
	EXPECT_EQ(map_buffer(domain, &hpa), 0);
	for (unsigned int i = 1; i <= 2; i++) {
		EXPECT_EQ(rig_translate(rig, i, BUFFER, ACCESS_READ).fault, 0);
		EXPECT_EQ(rig_translate(rig, i, BUFFER, ACCESS_READ).address.v, hpa);
	}
	EXPECT_EQ(iommu_unmap(domain, BUFFER, SZ_4K), SZ_4K);
	EXPECT_NE(rig_translate(rig, 1, BUFFER, ACCESS_READ).fault, 0);
	rig_detach(rig, domain, 1);
	EXPECT_NE(rig_translate(rig, 2, BUFFER, ACCESS_READ).fault, 0);
	intel_ram_free(hpa, 0);
	iommu_domain_free(domain);
}

RIG_TEST(pci_alias, devices_behind_a_bridge_share_an_entry_in_scalable_mode,
	 conventional_pair(rig, CAP_SERVER, ECAP_SERVER))
{
	check_shared_id(rig);
}

TEST(pci_alias, the_kernel_tells_a_fault_of_the_id_that_came)
{
	struct rig rig;

	conventional_pair(&rig, CAP_SERVER, ECAP_SERVER);
	rig_boot(&rig);
	EXPECT_NE(rig_translate(&rig, 1, BUFFER, ACCESS_READ).fault, 0);
	EXPECT_TRUE(rig_logged(&rig, "Request device [01:00.0] fault addr 0x100000"));
	rig_end(&rig);
}

RIG_TEST(pci_alias, devices_behind_a_bridge_share_an_entry_in_legacy_mode,
	 conventional_pair(rig, CAP_BROADWELL, ECAP_BROADWELL))
{
	check_shared_id(rig);
}

RIG_TEST(pci_alias, devices_behind_a_bridge_share_an_entry_in_caching_mode,
	 conventional_pair(rig, CAP_QEMU, ECAP_QEMU))
{
	check_shared_id(rig);
}

static void alias_device(struct rig *rig, u16 device)
{
	intel_unit(rig, CAP_SERVER, ECAP_SERVER);
	rig->function_config[0].vendor_id = 0x1b4b;
	rig->function_config[0].device_id = device;
	rig->function_config[0].has_alias = true;
	rig->function_config[0].alias = 0x81;
	rig->devices[0].source_id = 0x3a80;
}

static u32 fault_in_a_domain(struct rig *rig)
{
	struct iommu_domain *domain = rig_domain(rig);
	u64 hpa;
	u32 fault;

	EXPECT_EQ(rig_attach(rig, domain, 0), 0);
	EXPECT_EQ(map_buffer(domain, &hpa), 0);
	fault = rig_translate(rig, 0, BUFFER, ACCESS_READ).fault;
	rig_detach(rig, domain, 0);
	intel_ram_free(hpa, 0);
	iommu_domain_free(domain);
	return fault;
}

RIG_TEST(pci_alias, a_device_that_is_known_to_use_another_id_works, alias_device(rig, 0x9123))
{
	EXPECT_EQ(fault_in_a_domain(rig), 0);
}

RIG_TEST(pci_alias, one_that_is_not_known_faults, alias_device(rig, 0x9fff))
{
	EXPECT_EQ(fault_in_a_domain(rig), VTD_FAULT_SM_CONTEXT_NOT_PRESENT);
}

/* A bridge that hides what it is, below a root port; the id that comes is that of its secondary bus. */
static void hidden_bridge(struct rig *rig, u16 vendor, u16 device)
{
	const struct topology topology = { "",
					   { PORT(0x0008, 1, 2, ISOLATING, 0),
					     { BRIDGE, .source_id = 0x0100,
					       .kind = PCIE_TO_PCI_BRIDGE, .hidden = true,
					       .secondary = 2, .vendor = vendor, .device = device },
					     CONVENTIONAL(0x0220, 0) } };

	intel_unit(rig, CAP_BROADWELL, ECAP_BROADWELL);
	rig->config.device_count = rig->device_count = 0;
	add_topology(rig, &topology);
}

struct ids {
	u16 ids[4];
	unsigned int count;
};

static int note_id(struct pci_dev *pdev, u16 id, void *data)
{
	struct ids *ids = data;

	(void)pdev;
	ids->ids[ids->count++] = id;
	return ids->count == 4 ? -ENOSPC : 0;
}

static struct ids ids_of(struct rig *rig, unsigned int device)
{
	struct ids ids = { .count = 0 };

	EXPECT_EQ(pci_for_each_dma_alias(to_pci_dev(rig_device(rig, device)), note_id, &ids), 0);
	return ids;
}

RIG_TEST(pci_alias, a_hidden_bridge_that_is_known_has_the_id_of_its_bus,
	 hidden_bridge(rig, 0x1b21, 0x1080))
{
	struct ids ids = ids_of(rig, 2);

	EXPECT_EQ(ids.count, 2);
	EXPECT_EQ(ids.ids[0], 0x0220);
	EXPECT_EQ(ids.ids[1], 0x0200);
}

RIG_TEST(pci_alias, one_that_is_not_known_is_taken_for_conventional,
	 hidden_bridge(rig, 0x1b21, 0x1fff))
{
	struct ids ids = ids_of(rig, 2);

	EXPECT_EQ(ids.count, 2);
	EXPECT_EQ(ids.ids[1], 0x0100);
}

/* The Intel 82801 is known, too, but is a conventional bridge where it is on a root bus. */
static void root_bridge(struct rig *rig)
{
	static const struct topology topology = { "",
						  { { BRIDGE, .source_id = 0x00f0,
						      .kind = PCI_TO_PCI_BRIDGE, .secondary = 1,
						      .vendor = 0x8086, .device = 0x244e },
						    CONVENTIONAL(0x0120, 0) } };

	intel_unit(rig, CAP_BROADWELL, ECAP_BROADWELL);
	rig->config.device_count = rig->device_count = 0;
	add_topology(rig, &topology);
}

RIG_TEST(pci_alias, a_conventional_bridge_has_its_own_id, root_bridge(rig))
{
	struct ids ids = ids_of(rig, 1);

	EXPECT_EQ(ids.count, 2);
	EXPECT_EQ(ids.ids[1], 0x00f0);
	EXPECT_EQ(pcie_requester_id(rig->functions[1]), 0x00f0);
}

/* ---- SMMU ---- */

static void smmu_pair(struct rig *rig)
{
	rig_init_smmu(rig);
	rig->config.device_count = rig->device_count = 0;
	rig_add_bridge(rig,
		       (struct pcie_bridge_config){
			       .source_id = 0x0008, .kind = PCIE_TO_PCI_BRIDGE, .secondary = 1 },
		       0);
	for (u16 id = 0x0100; id <= 0x0108; id += 8) {
		unsigned int device = rig_add_device(rig, id, 0, -1);

		rig->function_config[device].kind = PCIE_CONVENTIONAL;
		rig->function_config[device].pasid = false;
	}
}

RIG_TEST(pci_alias, an_smmu_gives_a_shared_stream_to_the_first_device_alone, smmu_pair(rig))
{
	struct iommu_domain *domain = rig_domain(rig);
	u64 hpa;

	EXPECT_TRUE(rig_logged(rig, "stream 0x100 is another device's already"));
	EXPECT_EQ(group_id(rig, 2), -1);
	EXPECT_EQ(rig_attach(rig, domain, 1), 0);
	EXPECT_EQ(map_buffer(domain, &hpa), 0);
	EXPECT_EQ(rig_translate(rig, 1, BUFFER, ACCESS_READ).address.v, hpa);
	iommu_unmap(domain, BUFFER, SZ_4K);
	rig_detach(rig, domain, 1);
	intel_ram_free(hpa, 0);
	iommu_domain_free(domain);
}

static void smmu_alias(struct rig *rig)
{
	rig_init_smmu(rig);
	rig->function_config[0].vendor_id = 0x1b4b;
	rig->function_config[0].device_id = 0x9123;
	rig->function_config[0].has_alias = true;
	rig->function_config[0].alias = 1;
}

RIG_TEST(pci_alias, an_smmu_has_an_entry_for_each_stream_of_a_device, smmu_alias(rig))
{
	EXPECT_EQ(pcie_requester_id(rig->functions[0]), 0x0101);
	EXPECT_EQ(fault_in_a_domain(rig), 0);
}
